"""Small protocols and box-shaped plans for the tests of the evaluation.

Contours lie on the odd millimetres of z, so that a box whose ends are even has, with half a slice at each end, exactly
the volume of the box; without end caps it is 2 mm shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from hardcheck.evaluation import Evaluation, GoalResult, evaluate
from hardcheck.phantom import Box, axis_mm, sample, uniform
from hardcheck.plan import DoseGrid, DoseReference, FractionGroup, Plan, Prescription, Structure
from hardcheck.protocol import Goal, Level, Protocol, ProtocolStructure, Regimen, Tier, parse_goal

HR = Level("HR", 66.0, 66.0)
IR = Level("IR", 55.0, 55.0)
LR = Level("LR", 44.0, 50.6)
REGIMEN = Regimen("22fx", 22, (HR, IR, LR))
GTV = ProtocolStructure("GTV", "target", ("GTVp",), "HR")
PTV = ProtocolStructure("PTV", "target", (), "LR")
ORGAN = ProtocolStructure("Organ", "organ", ("Organ_Alias",))


def goal(text: str, structure: str = "Organ", tier: str = "required", *, uncertain: bool = False) -> Goal:
    metric, op, limit = parse_goal(text)
    return Goal(
        f"{structure} {text} {tier}", structure, metric, op, limit, Tier(tier), "test", uncertain_tier=uncertain
    )


def protocol(
    *goals: Goal,
    structures: Sequence[ProtocolStructure] = (GTV, PTV, ORGAN),
    regimens: Sequence[Regimen] = (REGIMEN,),
) -> Protocol:
    return Protocol("small", "1", "Small", "test", "draft", tuple(regimens), tuple(structures), tuple(goals))


def box(
    number: int,
    name: str,
    size: tuple[float, float, float] = (20, 20, 20),
    centre: tuple[float, float, float] = (0, 0, 0),
    kind: str = "ORGAN",
) -> Structure:
    low, high = centre[2] - size[2] / 2, centre[2] + size[2] / 2
    contours = Box(size, centre).contours(np.arange(low + 1, high, 2))
    return Structure.from_contours(number, name, contours, interpreted_type=kind)


def course(fractions: int | None = 22, hr_gy: float | None = 66.0, more: Iterable[DoseReference] = ()) -> Prescription:
    first = DoseReference(1, "VOLUME", "TARGET", "GTV", prescription_gy=hr_gy)
    return Prescription((first, *more), (FractionGroup(1, fractions),))


def reference(
    dose_gy: float | None, description: str = "", roi: int | None = None, kind: str = "TARGET"
) -> DoseReference:
    return DoseReference(9, "VOLUME", kind, description, roi, dose_gy)


def dose(field: Callable[..., object] | float = 66.0, *, quantum_gy: float = 0.0, half_mm: float = 30.0) -> DoseGrid:
    axis = axis_mm(-half_mm, half_mm, 3)
    made = sample(uniform(field) if isinstance(field, float) else field, axis, axis, axis)
    return replace(made, quantum_gy=quantum_gy)


def plan(
    *structures: Structure, grid: DoseGrid | None = None, prescription: Prescription | None = None, **more: object
) -> Plan:
    """A plan of 66 Gy in 22 fractions in a uniform 66 Gy, unless said otherwise."""
    return Plan(structures, grid or dose(), prescription=prescription or course(), **more)


def held(text: str, checked: Plan, *, wanted: ProtocolStructure = ORGAN, **options: object) -> GoalResult:
    """The one result of one required goal on the organ."""
    small = protocol(goal(text, wanted.name), structures=(GTV, PTV, wanted))
    (result,) = evaluate(checked, small, **options).results
    return result


def findings(evaluation: Evaluation, check: str) -> list[tuple[str, str]]:
    """Severity and message of what the check `check` found."""
    return [(str(f.severity), f.message) for f in evaluation.findings if f.id == check]
