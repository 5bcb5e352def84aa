"""The planning system's own DVHs inside an RTDOSE: DVHSequence (3004,0050), PS3.3 C.8.8.4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from hardcheck.dicom.dataset import DataSet
from hardcheck.dicom.tag import Tag, tag_text
from hardcheck.errors import InputError
from hardcheck.plan import Finding, Severity, StoredDvh

MAX_DVHS: Final = 1000
MAX_BYTES: Final = 2**22
"""Of one DVHData: some 100 000 bins, which is 1 kGy in steps of 1 cGy."""


def read_stored_dvhs(datasets: Sequence[DataSet]) -> tuple[tuple[StoredDvh, ...], tuple[Finding, ...]]:
    """The cumulative DVHs in Gy of the RTDOSE that the plan's dose is, and what of them is left out and why.

    No number rests on them, so one that cannot be read is said and left out. Where the dose is a sum of several
    objects, their DVHs are of single beams, and none is taken.
    """
    items = [item for dataset in datasets for item in dataset.items(Tag.DVHSequence)]
    if not items:
        return (), ()
    if len(datasets) > 1:
        return (), (Finding("stored-dvh", Severity.INFO, "the DVHs stored with doses of single beams were left out"),)
    found, left_out = [], []
    for item in items[:MAX_DVHS]:
        try:
            found.append(_stored_dvh(item))
        except InputError as error:
            left_out.append(error.what)
        except ValueError as error:
            left_out.append(f"one {error}")
    if len(items) > MAX_DVHS:
        left_out.append(f"{len(items) - MAX_DVHS} beyond the first {MAX_DVHS}")
    numbers = Counter(dvh.roi_number for dvh in found)
    left_out += [f"ROINumber {number} has {count}" for number, count in numbers.items() if count > 1]
    said = ", ".join(f"{reason} ({count})" for reason, count in Counter(left_out).items())
    findings = (Finding("stored-dvh", Severity.INFO, f"DVHs of the RTDOSE were left out: {said}"),) if said else ()
    return tuple(dvh for dvh in found if numbers[dvh.roi_number] == 1), findings


def _stored_dvh(item: DataSet) -> StoredDvh:
    """One item; InputError or ValueError where it is no DVH in Gy of one ROI.

    DVHData (3004,0058) holds pairs of bin width and volume. A cumulative volume is taken to be at or above the middle
    of its bin: of all readings this alone gives the means and minima that a planning system stored beside its curves.
    """
    number = _roi_number(item)
    kind, units = item.code(Tag.DVHType), item.code(Tag.DoseUnits)
    if units != "GY" or kind not in ("CUMULATIVE", "DIFFERENTIAL"):
        raise item.error(f"{kind[:16] or 'no type'} in {units[:16] or 'no unit'}")
    if len(item.raw(Tag.DVHData)) > MAX_BYTES:
        raise item.error(f"{tag_text(Tag.DVHData)} of more than {MAX_BYTES} bytes")
    pairs = np.array(item.numbers(Tag.DVHData))
    scaling = item.number(Tag.DVHDoseScaling) or 0.0
    if pairs.size < 2 or pairs.size % 2 or not scaling > 0:
        raise item.error(f"{tag_text(Tag.DVHData)} or {tag_text(Tag.DVHDoseScaling)} is no DVH")
    width, volume = pairs.reshape(-1, 2).T
    if np.any(width < 0):
        raise item.error(f"{tag_text(Tag.DVHData)} has a negative bin width")
    upper = np.cumsum(width * scaling)
    if kind == "DIFFERENTIAL":
        # What is in a bin is spread evenly over it: at or above its lower edge is all that follows.
        dose, above = np.append(0.0, upper), np.append(np.cumsum(volume[::-1])[::-1], 0.0)
    else:
        dose = np.concatenate([[0.0], upper - width * scaling / 2, upper[-1:]])
        above = np.concatenate([volume[:1], volume, [0.0]])
    volume_cc = float(above[0]) if item.code(Tag.DVHVolumeUnits) == "CM3" else None
    made = StoredDvh.from_points("", dose, above, roi_number=number, volume_cc=volume_cc)
    return replace(
        made,
        minimum_gy=item.number(Tag.DVHMinimumDose),
        average_gy=item.number(Tag.DVHMeanDose),
        maximum_gy=item.number(Tag.DVHMaximumDose),
    )


def _roi_number(item: DataSet) -> int:
    """The one ROI whose DVH it is."""
    rois = item.items(Tag.DVHReferencedROISequence)
    if len(rois) != 1 or rois[0].code(Tag.DVHROIContributionType) not in ("INCLUDED", ""):
        raise item.error("a DVH that is not of one ROI")
    return rois[0].required_integer(Tag.ReferencedROINumber)
