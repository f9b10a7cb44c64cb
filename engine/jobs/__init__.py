"""What the engine does by itself: job handlers, the runner that fires timers and carries out jobs."""
