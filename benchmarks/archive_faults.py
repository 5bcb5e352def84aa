"""What goes wrong in an archive: each edits the written files of one plan, and says what has to come of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pydicom
from pydicom.dataset import Dataset

from hardcheck.dicom.writer import hashed_uid

NO_PLAN: Final = ""
"""What comes of a plan of whose RTPLAN nothing is left."""


@dataclass
class Written:
    """The files of one plan in a folder, and what is expected: `outcome` of the plan, `bins` of the files by name.

    A file that is not in `bins` is in the bin "plan" of a plan that is evaluated, else in "unlinked".
    """

    folder: Path
    outcome: str
    bins: dict[str, str] = field(default_factory=dict)

    @property
    def evaluated(self) -> bool:
        """Whether the plan is complete; in capitals are verdicts."""
        return self.outcome.isupper() or self.outcome == "no protocol"

    def bin_of(self, name: str) -> str:
        """The bin in which a file is expected."""
        return self.bins.get(name, "plan" if self.evaluated else "unlinked")


def _cut(name: str) -> Callable[[Written], None]:
    """The file ends half way: for structures and dose within contours and pixels, for a plan within its beams."""

    def cut(written: Written) -> None:
        path = written.folder / name
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        written.outcome, written.bins[name] = "unreadable", "unreadable"

    return cut


def _gone(name: str, outcome: str) -> Callable[[Written], None]:
    def gone(written: Written) -> None:
        (written.folder / name).unlink()
        written.outcome = outcome

    return gone


def _pointer(written: Written) -> None:
    """In the place of the RTPLAN stands the pointer of a version-control program."""
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12\n"
    (written.folder / "RP.dcm").write_text(text, encoding="ascii", newline="\n")
    written.outcome, written.bins["RP.dcm"] = NO_PLAN, "unreadable"


def _copied(written: Written) -> None:
    """All files are there twice. Which of both counts is a matter of their paths, so the copies say so."""
    for path in sorted(written.folder.iterdir()):
        shutil.copyfile(path, path.with_name(f"copy of {path.name}"))
        written.bins[f"copy of {path.name}"] = "duplicate"


def _two_contents(written: Written) -> None:
    """The dose was edited and kept its UID, and both are there."""
    shutil.copyfile(written.folder / "RD.dcm", written.folder / "RD2.dcm")
    with _edited(written.folder / "RD2.dcm") as dataset:
        dataset.DoseGridScaling = str(float(dataset.DoseGridScaling) / 2)
    written.outcome = "conflict"
    written.bins |= {"RD.dcm": "conflict", "RD2.dcm": "conflict"}


def _relative(written: Written) -> None:
    with _edited(written.folder / "RD.dcm") as dataset:
        dataset.DoseUnits = "RELATIVE"
    written.outcome = "REVIEW"


def _other_patient(written: Written) -> None:
    with _edited(written.folder / "RD.dcm") as dataset:
        dataset.PatientID = "SOMEBODY-ELSE"
    written.outcome = "REVIEW"


def _renamed(new_name: str, old_name: str, outcome: str) -> Callable[[Written], None]:
    def renamed(written: Written) -> None:
        with _edited(written.folder / "RS.dcm") as dataset:
            (roi,) = (roi for roi in dataset.StructureSetROISequence if old_name == roi.ROIName)
            roi.ROIName = new_name
        written.outcome = outcome

    return renamed


def _fractions(written: Written) -> None:
    """A schedule that the protocol does not know."""
    with _edited(written.folder / "RP.dcm") as dataset:
        dataset.FractionGroupSequence[0].NumberOfFractionsPlanned = 7
    written.outcome = "no protocol"


def _two_doses(written: Written) -> None:
    """A second dose of the whole plan, of other values: which is right is never guessed."""
    shutil.copyfile(written.folder / "RD.dcm", written.folder / "RD2.dcm")
    with _edited(written.folder / "RD2.dcm") as dataset:
        dataset.DoseGridScaling = str(float(dataset.DoseGridScaling) / 2)
        dataset.SOPInstanceUID = hashed_uid("second dose", dataset.SOPInstanceUID)
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    written.outcome = "REFUSED"


def _foreign(written: Written) -> None:
    """A text beside the plan, which keeps its verdict."""
    (written.folder / "notes.dcm").write_text("not a DICOM file\n", encoding="ascii", newline="\n")
    written.bins["notes.dcm"] = "foreign"


FAULTS: Final[dict[str, Callable[[Written], None]]] = {
    "structures cut short": _cut("RS.dcm"),
    "dose cut short": _cut("RD.dcm"),
    "plan cut short": _cut("RP.dcm"),
    "no dose": _gone("RD.dcm", "unlinked"),
    "no structures": _gone("RS.dcm", "unlinked"),
    "no plan": _gone("RP.dcm", NO_PLAN),
    "a pointer for a plan": _pointer,
    "copied": _copied,
    "one UID, two contents": _two_contents,
    "relative dose": _relative,
    "dose of another patient": _other_patient,
    # The ring is called as an alias of the cord, so that two ROIs may be it.
    "ambiguous names": _renamed("Cord", "Ring", "REVIEW"),
    "organ not contoured": _renamed("zzz", "SpinalCord", "REVIEW"),
    "no target": _renamed("zzz", "PTV", "no protocol"),
    "another fractionation": _fractions,
    "two doses": _two_doses,
    "a text beside it": _foreign,
}
"""By name. The outcome REFUSED is of a complete plan whose reading is refused."""


@contextmanager
def _edited(path: Path) -> Iterator[Dataset]:
    dataset = pydicom.dcmread(path)
    yield dataset
    dataset.save_as(path)
