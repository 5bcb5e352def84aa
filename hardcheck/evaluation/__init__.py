"""A plan held against a protocol: integrity, goals, verdict."""

from hardcheck.evaluation.acceptance import Acceptance
from hardcheck.evaluation.evaluate import evaluate
from hardcheck.evaluation.example import outcome_of
from hardcheck.evaluation.levels import LevelChoice
from hardcheck.evaluation.matching import match_plan, said_of_absent
from hardcheck.evaluation.result import Evaluation, GoalResult, LatticeResult, Outcome, Reported, Verdict
from hardcheck.evaluation.verdict import asks_for_review, fails, varies
from hardcheck.evaluation.vertices import VERTEX_DOSE

__all__ = [
    "VERTEX_DOSE",
    "Acceptance",
    "Evaluation",
    "GoalResult",
    "LatticeResult",
    "LevelChoice",
    "Outcome",
    "Reported",
    "Verdict",
    "asks_for_review",
    "evaluate",
    "fails",
    "match_plan",
    "outcome_of",
    "said_of_absent",
    "varies",
]
