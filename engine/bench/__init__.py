"""Speed as ratios within one run: durable commands beside raw SpiffWorkflow steps, short loops beside long."""
