"""Moves process instances: the dispatcher (the transaction), admission, and execution behind its port."""
