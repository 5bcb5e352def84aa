"""Plans in an archive: which files there are, which of them are one plan, which protocol a plan is of.

What is found out is counted so that nothing is lost: each file is in exactly one bin.
"""

from hardcheck.archive.change import Changes, changes
from hardcheck.archive.choice import Candidate, ProtocolChoice, choose_protocol
from hardcheck.archive.link import Bin, IndexedFile, Linked, LinkedPlan, Place, link, uncompared
from hardcheck.archive.walk import Obstacle, Stamp, Walked, walk

__all__ = [
    "Bin",
    "Candidate",
    "Changes",
    "IndexedFile",
    "Linked",
    "LinkedPlan",
    "Obstacle",
    "Place",
    "ProtocolChoice",
    "Stamp",
    "Walked",
    "changes",
    "choose_protocol",
    "link",
    "uncompared",
    "walk",
]
