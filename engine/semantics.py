"""The number that stands for the engine's rules.

It covers SpiffWorkflow, feelin, V8, tzdata and everything of ours between a command and its events.  A change of
behaviour gets a new number and holds for instances started after it; a build re-executes the numbers it lists.
"""

CURRENT = 1
RUNNABLE = frozenset({1})
