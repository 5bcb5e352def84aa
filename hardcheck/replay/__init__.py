"""A change of a protocol replayed from stored evaluations and curves: which plans would come out otherwise.

What is not known from the store is said to be untold: evaluate the plan again. Nothing is met without knowing.
"""

from hardcheck.replay.judging import Told
from hardcheck.replay.kept import kept_protocol
from hardcheck.replay.replay import GoalChange, PlanReplay, Replay, replay

__all__ = ["GoalChange", "PlanReplay", "Replay", "Told", "kept_protocol", "replay"]
