"""What a protocol is: goals, structures, regimens. Reading the files is in `hardcheck.library`."""

from hardcheck.protocol.goal import Goal, Limit, Op, Tier, parse_goal
from hardcheck.protocol.names import Match, match_structures
from hardcheck.protocol.protocol import Extent, Level, Protocol, ProtocolStructure, Regimen

__all__ = [
    "Extent",
    "Goal",
    "Level",
    "Limit",
    "Match",
    "Op",
    "Protocol",
    "ProtocolStructure",
    "Regimen",
    "Tier",
    "match_structures",
    "parse_goal",
]
