"""What the planning system itself says of its DVHs: text exports read, and any of its curves held against ours.

One module for each text format; the DVHs inside an RTDOSE are read by `hardcheck.dicom`.
"""

from hardcheck.planning_system.comparison import Comparison, Difference, StructureComparison, compare
from hardcheck.planning_system.export import RTDOSE, Export, read_export, stored_in
from hardcheck.planning_system.histogram import histogram
from hardcheck.planning_system.match import Pairs, pair

__all__ = [
    "RTDOSE",
    "Comparison",
    "Difference",
    "Export",
    "Pairs",
    "StructureComparison",
    "compare",
    "histogram",
    "pair",
    "read_export",
    "stored_in",
]
