"""The RTDOSE part of a written plan: the grid, and how it is laid out for a patient position (PS3.3 C.8.8.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from hardcheck.plan import DoseGrid
from hardcheck.plan.geometry import Floats

ORIENTATIONS: Final = {
    "HFS": ((0, 1), (1, 1)),
    "HFP": ((0, -1), (1, -1)),
    "HFDL": ((1, -1), (0, 1)),
    "HFDR": ((1, 1), (0, -1)),
    "FFS": ((0, -1), (1, 1)),
    "FFP": ((0, 1), (1, -1)),
    "FFDL": ((1, 1), (0, 1)),
    "FFDR": ((1, -1), (0, -1)),
}
"""How Eclipse lays a dose grid out in each position: patient axis and sign along a row, then along a column."""

ROUND_UP: Final = 1e-7
"""Added before rounding, so that the last bit of a sine decides nothing where a number lies between two steps."""
_SCALINGS: Final = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a grid is laid out in its file; where it lies in the patient stays the same."""

    patient_position: str = "HFS"
    absolute_offsets: bool = False
    reverse_frames: bool = False


def fill_dose(dataset: Dataset, grid: DoseGrid, bits: int, layout: Layout) -> None:
    """Write `grid` into an RTDOSE `dataset` with `bits` (16 or 32) per voxel."""
    (row_axis, row_sign), (column_axis, column_sign) = ORIENTATIONS[layout.patient_position]
    row, column = np.eye(3)[row_axis] * row_sign, np.eye(3)[column_axis] * column_sign
    normal = int(np.cross(row, column)[2])
    frame_sign = -normal if layout.reverse_frames else normal
    axes = (grid.x_mm, grid.y_mm, grid.z_mm)
    along_row, along_column, z_mm = axes[row_axis][::row_sign], axes[column_axis][::column_sign], axes[2][::frame_sign]
    first = {row_axis: along_row[0], column_axis: along_column[0], 2: z_mm[0]}
    scaling = _scaling(grid.maximum_gy, bits)
    frames = grid.dose_gy.transpose(0, 2 - column_axis, 2 - row_axis)[::frame_sign, ::column_sign, ::row_sign]
    stored = np.rint(frames / scaling + ROUND_UP)
    if stored.min() < 0:
        raise ValueError("dose below 0 Gy cannot be written")

    spacing = [even_spacing(along_column), even_spacing(along_row)]
    fill_image_plane(dataset, frames.shape[1:], spacing, (first[0], first[1], first[2]), (*row, *column))
    dataset.SliceThickness = None
    dataset.NumberOfFrames = len(z_mm)
    dataset.FrameIncrementPointer = 0x3004000C
    dataset.GridFrameOffsetVector = [
        decimal_string(z if layout.absolute_offsets else (z - z_mm[0]) * normal) for z in z_mm
    ]
    dataset.DoseUnits, dataset.DoseType, dataset.DoseSummationType = "GY", "PHYSICAL", "PLAN"
    dataset.DoseGridScaling = decimal_string(scaling)
    dataset.TissueHeterogeneityCorrection = "IMAGE"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = bits, bits, bits - 1, 0
    pixels = stored.astype(f"<u{bits // 8}").tobytes()
    dataset.add_new("PixelData", "OW", pixels + b"\0" * (len(pixels) % 2))


def fill_image_plane(
    dataset: Dataset,
    shape: Sequence[int],
    spacing: list[str],
    position: Sequence[float],
    orientation: Sequence[float],
) -> None:
    """Write where the pixels of an image of `shape` (rows, columns) lie; PS3.3 C.7.6.2 and C.7.6.3."""
    dataset.ImagePositionPatient = [decimal_string(v) for v in position]
    dataset.ImageOrientationPatient = [decimal_string(v) for v in orientation]
    dataset.PixelSpacing = spacing
    dataset.Rows, dataset.Columns = shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"


def even_spacing(positions_mm: Floats) -> str:
    """The distance between neighbouring pixels; ValueError where it is not the same everywhere."""
    steps = np.abs(np.diff(positions_mm))
    if np.ptp(steps) > 1e-6:
        raise ValueError("pixels are written evenly spaced in plane only")
    return decimal_string(float(np.mean(steps)))


def decimal_string(value: float) -> str:
    """A DS (at most 16 characters) of ten significant digits."""
    return format(float(value) + 0.0, ".10g")


def _scaling(maximum_gy: float, bits: int) -> float:
    """DoseGridScaling: a short decimal number, the least of its row in which the maximum can be written."""
    if bits == 32:
        return 1e-6 if maximum_gy < 4000 else 1e-3
    if bits != 16:
        raise ValueError(f"bits is 16 or 32, not {bits}")
    least = max(maximum_gy, 1e-6) * (1 + 1e-9) / 65535
    power = int(np.floor(np.log10(least)))
    return next(float(f"{s}e{p}") for p in (power, power + 1) for s in _SCALINGS if float(f"{s}e{p}") >= least)
