"""An independent referee for the engine: random BPMN models and a token game written from the standard."""
