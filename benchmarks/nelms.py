"""The files of Nelms et al. (Med Phys 2015, doi 10.1118/1.4923175), with the exact values of their spreadsheet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.reference import METRICS
from hardcheck.plan import Plan

FOLDER: Final = "nelms_analytic"
STEP_GY: Final = 0.005
"""The spreadsheet gives doses in steps of half a cGy."""
_SHAPES: Final = {"rtcylinder": "rotated-cylinder", "rtcone": "rotated-cone"}
_DOSES: Final = {"Z(AP)": "AntPost", "Y(SI)": "SupInf"}


@dataclass(frozen=True)
class FileCase:
    """One structure set and one dose of the files, with the row of the spreadsheet that belongs to them."""

    structures: Path
    dose: Path
    shape: str
    slice_mm: float
    field: str
    values: tuple[tuple[str, float], ...]
    group: str = "files"

    @property
    def grid_mm(self) -> float:
        """The spacing of the dose grid, the same as that of the slices in these files."""
        return self.slice_mm

    @property
    def name(self) -> str:
        """A name that no other case has."""
        return f"{self.group}/{self.structures.stem}/{self.field}"

    def exact(self) -> dict[str, float]:
        """The exact values, in cc and Gy."""
        return dict(self.values)

    def plan(self) -> Plan:
        """The plan with its one structure; the files do not name one another, so their link is assumed."""
        from hardcheck.dicom import read_plan  # noqa: PLC0415 - generated cases do without pydicom

        return read_plan([self.structures, self.dose], assume_linked=True)


def data_folder() -> Path | None:
    """The folder of real data that HARDCHECK_DATA names, None where it names none."""
    named = os.environ.get("HARDCHECK_DATA")
    return Path(named) if named else None


def file_cases(data: Path) -> Iterator[FileCase]:
    """The rows of the spreadsheet whose files are in the folder `data`."""
    from openpyxl import load_workbook  # type: ignore[import-untyped]  # noqa: PLC0415 - a development dependency, needed here alone

    folder = data / FOLDER
    book = load_workbook(folder / "analytical_data.xlsx", read_only=True, data_only=True)
    with closing(book):
        rows = list(book["Analytical"].iter_rows(min_row=2, values_only=True))
    for row in rows:
        name, spacing, _, grid, direction, volume, *doses = row
        structures = folder / "STRUCTURES" / f"{name}.dcm"
        if direction not in _DOSES or not structures.exists():
            continue
        dose = folder / "DOSE" / f"Linear_{_DOSES[direction]}_{grid}mm_Aligned.dcm"
        slice_mm = float(str(spacing).removesuffix("mm"))
        if dose.exists() and slice_mm == float(str(grid)):
            gy = [float(cgy) / 100 for cgy in doses[: len(METRICS) - 1]]
            values = tuple(zip(METRICS, (float(volume), *gy), strict=True))
            shape = name.split("_")[0].lower()
            field = f"linear-{direction[2:4]}"
            yield FileCase(structures, dose, _SHAPES.get(shape, shape), slice_mm, field, values)
