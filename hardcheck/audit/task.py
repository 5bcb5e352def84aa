"""One plan of an archive, evaluated in whatever process: all that it needs goes in, all that came of it comes out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from hardcheck import __version__
from hardcheck.dicom import head_sha256, read_plan
from hardcheck.dvh import Dvh
from hardcheck.errors import InputError, LinkError, UsageError, defect_text, one_line
from hardcheck.evaluation import Evaluation, evaluate
from hardcheck.protocol import Protocol
from hardcheck.report import evaluation_document
from hardcheck.report.anonymity import hider
from hardcheck.store import Bin, Curve, Entry, PlanFacts, entry_of, key_of

OUT_OF_MEMORY: Final = "needs more memory than a process may have"
"""Of a plan that is set aside; what may be done stands in docs/audit.md."""

BEYOND: Final = 1.1
"""How far curves are followed, in parts of the highest dose: the interval of that dose goes beyond it."""


@dataclass(frozen=True, slots=True)
class AuditTerms:
    """How every plan is evaluated, as `hardcheck.evaluation.evaluate` takes it; `levels` in Gy by name."""

    levels: Mapping[str, float] = field(default_factory=dict)
    end_caps: str = "half"
    between_slices: str = "blend"
    vertex_dose: str = "separate"

    def as_settings(self) -> dict[str, Any]:
        """For the key of an evaluation, and to be kept with a run."""
        return {
            "levels": dict(self.levels),
            "end_caps": self.end_caps,
            "between_slices": self.between_slices,
            "vertex_dose": self.vertex_dose,
        }


@dataclass(frozen=True, slots=True)
class Task:
    """The evaluation of one plan. It can be pickled, and knows no store."""

    path: str
    """Of the RTPLAN, as the store counts it. All paths are relative to `root`."""
    uid: str
    root: str
    """The folder of the archive."""
    files: tuple[str, ...]
    """The RT objects."""
    images: tuple[str, ...]
    protocol: Protocol
    regimen: str | None
    terms: AuditTerms
    facts: PlanFacts
    anonymous: bool
    stored: tuple[str, ...] = ()
    """Keys under which evaluations of this plan are stored: one of these is not computed again."""

    def key(self, sha256: Mapping[str, str]) -> str:
        """What its evaluation is known by; `sha256` is of each of its files. KeyError where one is missing."""
        settings = self.terms.as_settings() | {
            "aliases": {s.name: list(s.site_aliases) for s in self.protocol.structures if s.site_aliases},
            "anonymous": self.anonymous,
        }
        return key_of(
            [sha256[path] for path in (*self.files, *self.images)],
            protocol_sha256=self.protocol.sha256,
            regimen=self.regimen,
            settings=settings,
            version=__version__,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task: an `entry`, or the `key` of one that is stored, or a `bin` with its reason."""

    path: str
    entry: Entry | None = None
    key: str = ""
    bin: Bin | None = None
    reason: str = ""
    sha256: Mapping[str, str] = field(default_factory=dict)
    """Of each file that was read, by its path; of an image that of all before its pixels."""
    exhausted: bool = False
    """The process had no memory left, which a fresh one may have."""


def evaluate_task(task: Task) -> Done:
    """Read and evaluate one plan. Whatever goes wrong with it is a Done with a bin and a reason."""
    try:
        return _evaluated(task)
    except MemoryError:
        return Done(task.path, bin=Bin.UNREADABLE, reason=OUT_OF_MEMORY, exhausted=True)
    except LinkError as error:
        return Done(task.path, bin=Bin.UNLINKED, reason=str(error))
    except InputError as error:
        return Done(task.path, bin=Bin.UNREADABLE, reason=str(error))
    except UsageError as error:  # without its advice: another regimen is not to be forced on a plan
        return Done(task.path, bin=Bin.NO_PROTOCOL, reason=one_line(error.what))
    except Exception as error:  # a defect of ours: told, and no reason to leave the others
        return _defect(task, error)


def _defect(task: Task, error: Exception) -> Done:
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return Done(task.path, bin=Bin.UNREADABLE, reason=OUT_OF_MEMORY, exhausted=True)
    return Done(task.path, bin=Bin.UNREADABLE, reason=defect_text(error))


def _evaluated(task: Task) -> Done:
    sha256 = checksums_of(task)
    key = task.key(sha256)
    if key in task.stored:
        return Done(task.path, key=key, sha256=sha256)
    root = Path(task.root)
    plan = read_plan([root / path for path in (*task.files, *task.images)], plan=task.uid)
    if not {source.sha256 for source in plan.sources} <= set(sha256.values()):
        raise InputError("changed while it was read", where=task.path, do="run the audit again")
    terms = task.terms
    evaluation = evaluate(
        plan,
        task.protocol,
        regimen=task.regimen,
        levels=terms.levels or None,
        end_caps=terms.end_caps,
        between_slices=terms.between_slices,
        vertex_dose=terms.vertex_dose,
        threads=1,  # there is a process for each core
    )
    document = evaluation_document(evaluation, anonymous=task.anonymous)
    facts = task.facts
    if task.anonymous and facts.machine is not None:
        # It is free text, and not in the document, out of which the identity is taken.
        facts = replace(facts, machine=hider(plan)(facts.machine))
    entry = entry_of(key, document, facts, curves_of(evaluation))
    return Done(task.path, entry=entry, key=key, sha256=sha256)


def checksums_of(task: Task) -> dict[str, str]:
    """SHA-256 of each file by its path. InputError where one cannot be read."""
    root, found = Path(task.root), {}
    for path in task.files:
        try:
            with (root / path).open("rb") as file:
                found[path] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            said = f"cannot be read ({type(error).__name__})"
            raise InputError(said, where=path, do="look at the file, and run the audit again") from None
    return found | {path: head_sha256(root / path) for path in task.images}


def curves_of(evaluation: Evaluation) -> Iterator[Curve]:
    """The DVH of each ROI that is a structure of the protocol, and the ends of its interval where they are known."""
    for name, match in evaluation.matches.items():
        for roi in match.structures:
            dvh = evaluation.dvhs.get(roi.number)
            if dvh is not None:
                yield from _curves(name, dvh)


def _curves(structure: str, dvh: Dvh) -> Iterator[Curve]:
    doses_gy, _ = dvh.curve()
    if not doses_gy.size:
        return
    step_gy = doses_gy[-1] / max(doses_gy.size - 1, 1)
    beyond = doses_gy[-1] + step_gy * np.arange(1, round((BEYOND - 1) * doses_gy.size) + 1)
    doses_gy = np.concatenate([doses_gy, beyond]) if step_gy > 0 else doses_gy
    found = dvh.volumes(doses_gy)
    if found is None:
        return
    low, value, high = found[1]
    # An interval may widen by what rounding makes go the other way.
    bounds = {
        "value": np.minimum.accumulate(value),
        "low": np.minimum.accumulate(low),
        "high": np.maximum.accumulate(high[::-1])[::-1],
    }
    for bound, volume_cc in bounds.items():
        if np.isfinite(volume_cc).all():
            yield Curve(structure, dvh.structure.number, dvh.structure.name, doses_gy, volume_cc, bound)  # type: ignore[arg-type]
