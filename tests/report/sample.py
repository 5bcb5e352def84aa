"""Evaluations built by hand, so that a report test says exactly what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from hardcheck.evaluation import Acceptance
from hardcheck.evaluation.result import Asked, Evaluation, GoalResult, LatticeResult, Outcome, Verdict
from hardcheck.evaluation.scale import Bounded, GoalScale, plan_scale
from hardcheck.evaluation.spot import Away, GoalSpot
from hardcheck.lattice import Lattice, Vertex
from hardcheck.metric import Metric
from hardcheck.plan import (
    DoseReference,
    Finding,
    FractionGroup,
    Patient,
    Plan,
    Prescription,
    Severity,
    SourceFile,
    Structure,
)
from hardcheck.protocol import Goal, Level, Protocol, ProtocolStructure, Regimen, Tier, parse_goal
from hardcheck.quantity import Quantity

CLOCK = datetime(2025, 3, 1, 12, 30, tzinfo=UTC)
PLAN_UID = "1.2.826.0.1.3680043.8.498.1"

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</style><script>alert(1)</script>",
    "\"><svg onload=alert(1)> '",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "a\u202eb\u2066c\u200f",
    "nul\x00 bell\x07 esc\x1b[31m",
    "line\nbreak\r\ttab",
    "]]> <!-- & &amp; &#x3c;",
    "=HYPERLINK(1)",
    "\ud800lone \ufffe",
    "javascript:alert(1)",
    "מוח الرئة 脊髄",
)


TEN_CC = Quantity(10.0, 9.5, 10.5, "cc")


@dataclass(frozen=True)
class StandInDvh:
    """A histogram whose numbers are given, with the interface of `hardcheck.dvh.Dvh`."""

    structure: Structure
    volume: Quantity = TEN_CC
    mean_gy: float | None = 20.0
    minimum_gy: float | None = 1.0
    maximum_gy: float | None = 40.0
    in_grid_fraction: float | None = 1.0
    caveats: tuple[str, ...] = ()
    reason: str | None = None

    def metric(self, metric: Metric | str, level_gy: float | None = None) -> Quantity:
        unit = Metric.parse(str(metric)).unit
        if self.reason is not None:
            return Quantity.unknown(unit, self.reason)
        return Quantity(30.0, 29.0, np.inf, unit) if level_gy is None else Quantity(level_gy, level_gy, level_gy, unit)

    def curve(self):
        if self.reason is not None:
            return np.empty(0), np.empty(0)
        return np.array([0.0, 20.0, 40.0]), np.array([10.0, 5.0, 0.0])

    def volumes(self, doses_gy):
        """The curve, a tenth of itself less and more."""
        if self.reason is not None:
            return None
        value = np.interp(doses_gy, [0.0, 40.0], [100.0, 0.0])
        percent = np.stack([0.9 * value, value, np.minimum(1.1 * value, 100.0)])
        return percent, np.stack([0.09 * value, 0.1 * value, 0.11 * value])


def goal(text: str = "D0.03cc[Gy] <= 46 Gy", structure: str = "Cord", tier: Tier = Tier.REQUIRED, **more) -> Goal:
    metric, op, limit = parse_goal(text)
    more = {"id": f"{structure}-{metric}-{tier}".lower(), "source": "Smith 2024, Table 1"} | more
    return Goal(structure=structure, metric=metric, op=op, limit=limit, tier=tier, **more)


def result(
    text: str = "D0.03cc[Gy] <= 46 Gy", value: float | None = 44.91, outcome: Outcome = Outcome.MET, *,
    low: float | None = None, high: float | None = None, limit: float | None = None,
    roi: tuple[int, str] | None = (7, "SpinalCord"), reason: str | None = None,
    caveats: Sequence[str] = (), extreme: Quantity | None = None, **more,
) -> GoalResult:  # fmt: skip
    aim = goal(text, **more)
    quantity = Quantity.unknown(aim.metric.unit, reason or "not contoured")
    if value is not None:
        quantity = Quantity(value, value if low is None else low, value if high is None else high, aim.metric.unit)
    return GoalResult(
        aim,
        outcome,
        quantity,
        aim.limit.value if limit is None else limit,
        roi_number=None if roi is None else roi[0],
        roi_name=None if roi is None else roi[1],
        reason=reason,
        caveats=tuple(caveats),
        extreme=extreme,
    )


def missing(text: str = "D0.03cc[Gy] <= 46 Gy", **more) -> GoalResult:
    return result(text, None, Outcome.NOT_EVALUATED, roi=None, reason="not contoured", **more)


def structure(
    number: int = 7, name: str = "SpinalCord", color: tuple[int, int, int] | None = (255, 255, 0)
) -> Structure:
    square = [[0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0]]
    return Structure.from_contours(number, name, [square], color=color)


def evaluation(
    *results: GoalResult, verdict: Verdict = Verdict.PASS, findings: Sequence[Finding] = (), text: str = "", **more
) -> Evaluation:
    """`text` stands wherever DICOM files put text of their own."""
    cord = structure(name=text or "SpinalCord")
    plan = Plan(
        (cord,),
        None,
        sop_instance_uid=PLAN_UID,
        label=text or "THIGH",
        patient=Patient(text or "ID-4711", text or "DOE^JANE", text or "19500102"),
        prescription=Prescription(
            (DoseReference(1, "VOLUME", "TARGET", "HR", prescription_gy=66.0),), (FractionGroup(1, 22),)
        ),
        frame_of_reference_uid="1.2.826.0.1.3680043.8.498.2",
        approval=text or "APPROVED",
        sources=(SourceFile(PLAN_UID, "RTPLAN", "a" * 64),),
        findings=tuple(findings),
    )
    names = dict.fromkeys(r.goal.structure for r in results)
    protocol = Protocol(
        id="tiny",
        version="1",
        title="A tiny protocol",
        source="Smith 2024",
        verification="transcribed",
        regimens=(),
        structures=tuple(ProtocolStructure(n, "target" if n.startswith("PTV") else "organ", level="HR") for n in names),
        goals=tuple(r.goal for r in results),
        sha256="b" * 64,
    )
    made = Evaluation(
        plan=plan,
        protocol=protocol,
        regimen=Regimen("22fx", 22, (Level("HR", 66.0, 66.0), Level("LR", 44.0, 50.6))),
        levels={"HR": 66.0},
        level_origins={"HR": "fixed by the regimen", "LR": text or "the plan prescribes no dose for it"},
        results=results,
        findings=tuple(findings),
        verdict=verdict,
        settings={"end_caps": "half", "mapping": {"Cord": text or "SpinalCord"}, "odd": float("nan")},
        dvhs={7: StandInDvh(cord, caveats=(text or "one slice is bridged",))},
    )
    return replace(made, **more)


def spot(name: str = "PTV_HR") -> GoalSpot:
    """A hot spot that is 1.5 mm from the edge and 12.3 mm from the target of that name."""
    return GoalSpot(True, (-1.25, 0.0, 30.04), 51.0, 30.0, Away("SpinalCord", 1.5, True), (Away(name, 12.3, False),))


def vertices(text: str = "") -> LatticeResult:
    """A tumour with two vertices of which one has no organ near; `text` where files put text of their own."""
    said = text or "said"
    gy, mm = Quantity(60.0, 59.0, 61.0, "Gy", None, (said,)), Quantity(12.0, 11.0, 13.0, "mm")
    first = Vertex(
        structure(-1, said), (1.0, -2.0, 3.5), TEN_CC, gy, mm, mm,
        {said: mm, f"{said} 2": Quantity.unknown("mm", said)},
    )  # fmt: skip
    other = replace(first, to_organs={said: Quantity.unknown("mm", said), f"{said} 2": Quantity.unknown("mm", said)})
    doses = {Metric.parse("D10%[Gy]"): gy, Metric.parse("D90%[Gy]"): Quantity.unknown("Gy", said)}
    ratio = Quantity.unknown("", said)
    lattice = Lattice(structure(7, said), doses, ratio, mm, TEN_CC, (first, other), gy, gy)
    asked = (
        Asked("diameter", mm, "at least 50 mm", Outcome.NOT_MET),
        Asked("dose", Quantity.unknown("Gy", said), "8 to 15 Gy", Outcome.NOT_EVALUATED, said),
    )
    return LatticeResult("GTV", 7, said, "added: on top", lattice, asked)


def everything(text: str = "") -> Evaluation:
    """Each outcome, tier, severity and doubt once; `text` in every place that a file or a person fills."""
    roi = (7, text or "SpinalCord")
    said = text or "said"
    v42 = result("V42Gy[cc] < 5 cc", 6.0, Outcome.NOT_MET, tier=Tier.RECOMMENDED, roi=roi)
    v42 = replace(v42, spot=spot(said), dose_scale=GoalScale(Quantity(0.95, 0.94, 0.96, ""), at_most=True))
    checksum, time = "c" * 64, "2025-03-02T08:00:00+01:00"
    accepted = (
        Acceptance(v42.goal.id, 7, None, (), said, said, time, said, checksum),
        Acceptance("check-warn", None, f"WARN: {said}", (roi[1],), said, said, time, said, checksum),
    )
    return evaluation(
        result("V100%[%] > 95 %", 96.0, structure="PTV_HR", roi=roi, extreme=None),
        result(roi=roi, caveats=(said,), extreme=Quantity(45.5, 45.0, 46.0, "Gy")),
        v42,
        result(
            "V40Gy[%] < 40 %",
            41.0,
            Outcome.NOT_MET,
            structure="Rectum",
            roi=roi,
            uncertain_tier=True,
            source_conflict=said,
        ),
        result(
            "Mean[Gy] < 20 Gy", 19.9, Outcome.MARGINAL, low=19.0, high=20.1, structure="Heart", roi=roi, reason=said
        ),
        result(
            "V30Gy[cc] < Volume(Liver) - 700 cc",
            100.0,
            limit=800.0,
            high=np.inf,
            structure="Liver",
            roi=roi,
            printed=said,
        ),
        missing(structure="Colon"),
        missing("D0.03cc[Gy] <= 50 Gy", structure="Colon", tier=Tier.RECOMMENDED, not_in_source=True),
        result("Mean[Gy] < 32 Gy", None, Outcome.NOT_APPLICABLE, structure="Lungs", roi=None, reason=said),
        verdict=Verdict.FAIL,
        findings=[Finding(f"check-{s.lower()}", s, f"{s}: {said}", (roi[1],)) for s in Severity],
        lattices=(vertices(text), LatticeResult("GTV", None, None, "separate: elsewhere", reason=said)),
        text=text,
        accepted=accepted,
        dose_scale=plan_scale([Bounded("v42", 7, "Cord V42Gy[cc] < 5 cc", (v42.dose_scale,))], 1),
    )
