"""plastimatch as a peer: the files that it wants, its commands, and how its curve is read.

It is a program of its own, written in C++, and optional: where it is not on the PATH, the tables say so.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from hardcheck.plan import ImageStack, Plan
from hardcheck.plan.geometry import Floats

PROGRAM: Final = "plastimatch"
NOT_INSTALLED: Final = "not installed"
BIN_GY: Final = 0.01
BINS: Final = 10_000
"""Up to 100 Gy; what is above would be counted in the last bin."""
PIXEL_MM: Final = 500 / 512
"""As on a CT of 512 pixels over 500 mm, of which the image is the part around the structures."""
MARGIN_MM: Final = 4.0
MARGIN_SLICES: Final = 3
DECIMALS: Final = 4
"""Of the contours: the small solids have corners 0.05 mm apart."""
SHARES: Final = {"D99": 0.99, "D95": 0.95, "D5": 0.05, "D1": 0.01}
_D_CC: Final = 0.03


def installed() -> bool:
    """Whether the program is on the PATH."""
    return shutil.which(PROGRAM) is not None


def version() -> str:
    """The program with its version, or that it is not there."""
    if not installed():
        return f"{PROGRAM} {NOT_INSTALLED}"
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, check=True, text=True).stdout
    return f"{PROGRAM} {said.split()[-1]}"


def commands(folder: Path) -> list[list[str]]:
    """From the DICOM files in `folder`/DICOM to `folder`/dvh.csv: onto the voxels of the CT, then the histograms."""
    structures, names, dose = (str(folder / name) for name in ("structures.mha", "structures.txt", "dose.mha"))
    outputs = ["--output-ss-img", structures, "--output-ss-list", names, "--output-dose-img", dose]
    inputs = ["--input-ss-img", structures, "--input-ss-list", names, "--input-dose", dose]
    bins = ["--cumulative", "--normalization", "vox", "--bin-width", str(BIN_GY), "--num-bins", str(BINS)]
    return [
        # Without it the hole of a ring is filled.
        [PROGRAM, "convert", "--input", str(folder / "DICOM"), "--xor-contours", *outputs],
        [PROGRAM, "dvh", *inputs, *bins, "--output-csv", str(folder / "dvh.csv")],
    ]


def write_files(plan: Plan, folder: Path) -> float:
    """Write `plan` with a CT into `folder`/DICOM; the volume of a voxel of the CT in cc."""
    from hardcheck.dicom.writer import write_plan  # noqa: PLC0415 - a study of hardcheck alone does without pydicom

    image = planning_image(plan)
    write_plan(replace(plan, image=image), folder / "DICOM", decimals=DECIMALS, image_encoding="native")
    return PIXEL_MM**2 * (image.spacing_mm or 0.0) / 1000


def planning_image(plan: Plan) -> ImageStack:
    """A CT of 0 HU around the structures, its slices those of the plan or of the contours and a few beyond."""
    points = np.concatenate([s.points_mm for s in plan.structures])
    pixels = []
    for across in points.T[:2]:
        first, last = np.floor((across.min() - MARGIN_MM) / PIXEL_MM), np.ceil((across.max() + MARGIN_MM) / PIXEL_MM)
        pixels.append(PIXEL_MM * (np.arange(first, last) + 0.5))
    x_mm, y_mm = pixels
    z_mm = _slices(points[:, 2]) if plan.image is None else plan.image.z_mm
    return ImageStack(z_mm, x_mm, y_mm, np.zeros((z_mm.size, y_mm.size, x_mm.size), np.int16))


def _slices(contour_z_mm: Floats) -> Floats:
    planes = np.unique(contour_z_mm)
    if planes.size < 2:
        raise ValueError("one plane does not tell how far slices lie apart")
    beyond = np.diff(planes).min() * np.arange(1, MARGIN_SLICES + 1)
    return np.concatenate([planes[0] - beyond[::-1], planes, planes[-1] + beyond])


@dataclass(frozen=True)
class Curve:
    """A cumulative histogram: `volume_cc` (n,) receives at least `dose_gy` (n,)."""

    dose_gy: Floats
    volume_cc: Floats

    def values(self) -> dict[str, float]:
        """The metrics of the accuracy benchmark, by linear interpolation; none where the curve holds no volume."""
        volume = float(self.volume_cc[0]) if self.volume_cc.size else 0.0
        if not volume > 0:
            return {}
        last_full, last_any = (np.flatnonzero(held)[-1] for held in (self.volume_cc >= volume, self.volume_cc > 0))
        steps = np.diff(self.dose_gy) * (self.volume_cc[1:] + self.volume_cc[:-1]) / 2
        found = {
            "Volume": volume,
            "Dmin": float(self.dose_gy[last_full]),
            "Dmax": float(self.dose_gy[last_any]),
            "Dmean": float(steps.sum() / volume),
        }
        hottest = {name: share * volume for name, share in SHARES.items()} | {"D0.03cc": _D_CC}
        return found | {name: self._hottest(amount) for name, amount in hottest.items() if amount <= volume}

    def _hottest(self, amount_cc: float) -> float:
        """The dose that the hottest `amount_cc` receive at least."""
        at = int(np.flatnonzero(self.volume_cc >= amount_cc)[-1])
        if at + 1 == self.dose_gy.size:
            return float(self.dose_gy[at])
        # The curve falls here from the amount or more to less.
        volumes, doses = self.volume_cc[at : at + 2], self.dose_gy[at : at + 2]
        return float(np.interp(amount_cc, volumes[::-1], doses[::-1]))


def read_csv(path: Path, voxel_cc: float) -> list[Curve]:
    """The curves of the file that `plastimatch dvh` wrote, one for each structure, in their order."""
    with path.open(newline="", encoding="utf-8") as file:
        _, *rows = list(csv.reader(file))
    columns = np.array([[float(cell) for cell in row] for row in rows]).T
    return [Curve(columns[0], voxels * voxel_cc) for voxels in columns[1:]]


def run(plan: Plan, folder: Path) -> list[Curve]:
    """The curves of `plan`, by its files in `folder`."""
    voxel_cc = write_files(plan, folder)
    for command in commands(folder):
        subprocess.run(command, check=True, capture_output=True)
    return read_csv(folder / "dvh.csv", voxel_cc)
