"""Two evaluations held against one another: what got better, what got worse, and what cannot be told."""

from hardcheck.comparison.change import Change, GoalChange
from hardcheck.comparison.compare import Comparison, Result, compare
from hardcheck.comparison.findings import FindingChange, Movement
from hardcheck.comparison.question import Difference
from hardcheck.comparison.shift import Shift, ValueChange
from hardcheck.comparison.side import Held, Side, side_of
from hardcheck.comparison.value import Kind, Value

__all__ = [
    "Change",
    "Comparison",
    "Difference",
    "FindingChange",
    "GoalChange",
    "Held",
    "Kind",
    "Movement",
    "Result",
    "Shift",
    "Side",
    "Value",
    "ValueChange",
    "compare",
    "side_of",
]
