"""DVHs that planning systems have computed: Eclipse's table, and the DVH sequence inside an RTDOSE."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pydicom

from hardcheck.plan.geometry import Floats

ECLIPSE_ROUNDING_CC: Final = 0.05
"""Eclipse's table gives volumes with one decimal."""


@dataclass(frozen=True, eq=False)
class StoredDvh:
    """A cumulative DVH: `dose_gy` (n,) rises, `share` (n,) of `volume_cc` at or above it falls from 1."""

    volume_cc: float
    dose_gy: Floats
    share: Floats
    rounding_cc: float = 0.0
    """Half of the step in which the volume is given."""

    def dose_at(self, percent: float) -> float:
        """The dose that `percent` of the volume receives at least, linear between points."""
        falling = np.minimum.accumulate(self.share)
        return float(np.interp(-percent / 100, -falling, self.dose_gy))

    @property
    def mean_gy(self) -> float:
        """The mean dose: the area under the curve."""
        return float(np.sum((self.share[1:] + self.share[:-1]) / 2 * np.diff(self.dose_gy)))


def eclipse_table(path: Path) -> dict[str, StoredDvh]:
    """The columns of an Eclipse table by structure, names without spaces and in lower case.

    Pairs of columns: dose in Gy, volume in percent; the heading of the second holds the volume in cc.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        head, *rows = list(csv.reader(file))
    found = {}
    for column in range(0, len(head) - 1, 2):
        volume = re.search(r"% of ([0-9.]+) cc", head[column + 1])
        if volume is None:
            continue
        name = plain(head[column].split("_Dvh")[0])
        cells = [(r[column], r[column + 1]) for r in rows if len(r) > column + 1 and r[column + 1]]
        dose, percent = np.array(cells, dtype=float).T
        found[name] = StoredDvh(float(volume[1]), dose, percent / 100, ECLIPSE_ROUNDING_CC)
    return found


def plain(name: str) -> str:
    """`name` as it is compared: Eclipse's table has lost the spaces."""
    return name.replace(" ", "").lower()


def dvh_sequence(path: Path) -> dict[int, StoredDvh]:
    """The DVH Sequence (3004,0050) of an RTDOSE by ROINumber; cumulative, in Gy and cc.

    DVHData (3004,0058) holds pairs of bin width and volume. A volume is taken to be at or above the middle of its bin:
    of all readings this alone gives the breast plan's stored means (to 0.2 mGy) and minima. Those are left alone here,
    since they are percent of the prescription, whatever DoseUnits says.
    """
    found = {}
    for item in pydicom.dcmread(path, stop_before_pixels=True).DVHSequence:
        if item.DVHType != "CUMULATIVE" or item.DoseUnits != "GY" or item.DVHVolumeUnits != "CM3":
            raise ValueError(f"a stored DVH of {item.DVHType}, {item.DoseUnits}, {item.DVHVolumeUnits}")
        width, volume = np.array(item.DVHData, dtype=float).reshape(-1, 2).T
        upper = np.cumsum(width * float(item.DVHDoseScaling))
        dose = np.concatenate([[0.0], upper - width * float(item.DVHDoseScaling) / 2, upper[-1:]])
        whole = float(volume[0])
        share = np.concatenate([[1.0], volume / whole, [0.0]])
        found[int(item.DVHReferencedROISequence[0].ReferencedROINumber)] = StoredDvh(whole, dose, share)
    return found
