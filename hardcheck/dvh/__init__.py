"""What is computed from structures and dose: occupancy, distribution, metrics.

Imports numpy, what a plan is, and scipy where shapes between slices are needed.
"""

from hardcheck.dvh.dvh import Dvh
from hardcheck.dvh.engine import ENGINE, compute_dvh, compute_dvhs, find_structure
from hardcheck.dvh.field import Effect
from hardcheck.dvh.gaps import BRIDGED, Slices, slices_of
from hardcheck.dvh.models import END_CAPS
from hardcheck.dvh.planes import LOST_SLICES
from hardcheck.dvh.size import Size, size_of
from hardcheck.dvh.spot import Spot, spot_of

__all__ = [
    "BRIDGED",
    "END_CAPS",
    "ENGINE",
    "LOST_SLICES",
    "Dvh",
    "Effect",
    "Size",
    "Slices",
    "Spot",
    "compute_dvh",
    "compute_dvhs",
    "find_structure",
    "size_of",
    "slices_of",
    "spot_of",
]
