"""What a protocol is: goals, structures, regimens. Reading the files is in `hardcheck.library`."""

from hardcheck.protocol.difference import Difference, differences
from hardcheck.protocol.example import Example
from hardcheck.protocol.fractionation import Fractionation
from hardcheck.protocol.goal import Claim, Goal, Limit, Op, Tier, parse_claim, parse_goal
from hardcheck.protocol.implication import excludes, implies
from hardcheck.protocol.names import How, Match, Way, match_structures
from hardcheck.protocol.protocol import (
    CheckChange,
    Extent,
    Level,
    Margin,
    Protocol,
    ProtocolStructure,
    Regimen,
    Vertices,
)

__all__ = [
    "CheckChange",
    "Claim",
    "Difference",
    "Example",
    "Extent",
    "Fractionation",
    "Goal",
    "How",
    "Level",
    "Limit",
    "Margin",
    "Match",
    "Op",
    "Protocol",
    "ProtocolStructure",
    "Regimen",
    "Tier",
    "Vertices",
    "Way",
    "differences",
    "excludes",
    "implies",
    "match_structures",
    "parse_claim",
    "parse_goal",
]
