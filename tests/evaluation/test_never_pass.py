"""The worst thing is a PASS without knowing: each fault on a plan that passes takes the PASS away.

The plan is the phantom's box, and the protocol is HARD without the structures that the box does not have. Each fault is
one that makes the true outcome FAIL, or one that cannot be evaluated.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardcheck.errors import UsageError
from hardcheck.evaluation import Verdict, evaluate
from hardcheck.library import load_protocol
from hardcheck.phantom import Box, box_plan
from hardcheck.plan import DoseGrid, Finding, FractionGroup, Plan, Prescription, Severity, Structure
from hardcheck.protocol.names import normal

GOOD = box_plan()
NAMES = ("GTV", "PTV_HR", "CTV_IR", "PTV_LR", "Bone", "Cord")
HARD = load_protocol("hard")
PROTOCOL = replace(
    HARD,
    structures=tuple(s for s in HARD.structures if s.name in NAMES),
    goals=tuple(g for g in HARD.goals if g.structure in NAMES),
)
ROIS = ("GTV", "PTV_HR", "CTV_IR", "PTV_LR", "Femur_L", "SpinalCord")

Fault = Callable[[Plan], Plan]


def verdict(plan: Plan, **options: object) -> Verdict | None:
    """The verdict, None where the plan or the call is refused."""
    try:
        return evaluate(plan, PROTOCOL, **options).verdict
    except UsageError:
        return None


def structures(name: str, change: Callable[[Structure], tuple[Structure, ...]]) -> Fault:
    """Replaces the structure of that name by what `change` makes of it."""
    return lambda plan: replace(
        plan, structures=tuple(n for s in plan.structures for n in (change(s) if s.name == name else (s,)))
    )


def redrawn(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Fault:
    return structures(name, lambda s: (replace(s, points_mm=change(s.points_mm)),))


def kept(name: str, keep: Callable[[int], bool]) -> Fault:
    def change(s: Structure) -> tuple[Structure, ...]:
        contours = [c for i, c in enumerate(s.contours()) if keep(i)]
        return (Structure.from_contours(s.number, s.name, contours, interpreted_type=s.interpreted_type),)

    return structures(name, change)


def removed(name: str) -> Fault:
    return structures(name, lambda _: ())


def emptied(name: str) -> Fault:
    return kept(name, lambda _: False)


def renamed(name: str, new: str) -> Fault:
    return structures(name, lambda s: (replace(s, name=new),))


def twice(name: str) -> Fault:
    return structures(name, lambda s: (s, replace(s, number=100 + s.number)))


def graded(change: Callable[[np.ndarray], np.ndarray], **more: float) -> Fault:
    def fault(plan: Plan) -> Plan:
        grid = plan.dose
        return replace(plan, dose=DoseGrid(grid.x_mm, grid.y_mm, grid.z_mm, change(grid.dose_gy.copy()), **more))

    return fault


def shifted(x: float, y: float, z: float) -> Fault:
    def fault(plan: Plan) -> Plan:
        grid = plan.dose
        return replace(plan, dose=DoseGrid(grid.x_mm + x, grid.y_mm + y, grid.z_mm + z, grid.dose_gy))

    return fault


def cut(axis: int) -> Fault:
    """Half of the dose grid along an axis of the array (z, y, x)."""

    def fault(plan: Plan) -> Plan:
        grid = plan.dose
        axes = [grid.z_mm, grid.y_mm, grid.x_mm]
        half = axes[axis].size // 2
        axes[axis] = axes[axis][:half]
        z, y, x = axes
        return replace(plan, dose=DoseGrid(x, y, z, np.take(grid.dose_gy, np.arange(half), axis=axis)))

    return fault


def hot(name: str, dose_gy: float) -> Fault:
    """The box around the structure in `dose_gy`."""

    def fault(plan: Plan) -> Plan:
        grid, (structure,) = plan.dose, plan.named(name)
        low, high = structure.points_mm.min(axis=0) - 3, structure.points_mm.max(axis=0) + 3
        inside = [(a >= lo) & (a <= hi) for a, lo, hi in zip((grid.x_mm, grid.y_mm, grid.z_mm), low, high, strict=True)]
        values = grid.dose_gy.copy()
        values[np.ix_(inside[2], inside[1], inside[0])] = dose_gy
        return replace(plan, dose=DoseGrid(grid.x_mm, grid.y_mm, grid.z_mm, values))

    return fault


def both(*faults: Fault) -> Fault:
    def fault(plan: Plan) -> Plan:
        for one in faults:
            plan = one(plan)
        return plan

    return fault


def with_island(name: str, box: Box) -> Fault:
    """The structure with a box beside it, on its own slices."""

    def change(s: Structure) -> tuple[Structure, ...]:
        contours = [*s.contours(), *box.contours(np.unique(s.points_mm[:, 2]))]
        return (Structure.from_contours(s.number, s.name, contours, interpreted_type=s.interpreted_type),)

    return structures(name, change)


def prescribed(change: Callable[[Prescription], Prescription | None]) -> Fault:
    return lambda plan: replace(plan, prescription=change(plan.prescription))


def level(name: str, dose_gy: float | None) -> Fault:
    """The dose reference to that target prescribes `dose_gy`."""
    return prescribed(
        lambda p: replace(
            p,
            references=tuple(replace(r, prescription_gy=dose_gy) if r.description == name else r for r in p.references),
        )
    )


def fractions(*counts: int | None) -> Fault:
    return prescribed(lambda p: replace(p, groups=tuple(FractionGroup(i, n) for i, n in enumerate(counts, 1))))


def finding(severity: Severity, *names: str) -> Fault:
    return lambda plan: replace(plan, findings=(Finding("made-up", severity, "made up", names),))


def renumbered(name: str, other: str) -> Fault:
    """Both structures have the number of the first."""
    return lambda plan: structures(other, lambda s: (replace(s, number=plan.named(name)[0].number),))(plan)


def exchanged(name: str, other: str) -> Fault:
    """Each structure has the contours of the other, as when ROIs are joined by their place in the list."""

    def fault(plan: Plan) -> Plan:
        (one,), (two,) = plan.named(name), plan.named(other)
        swap = {
            one.number: replace(two, number=one.number, name=name),
            two.number: replace(one, number=two.number, name=other),
        }
        return replace(plan, structures=tuple(swap.get(s.number, s) for s in plan.structures))

    return fault


def _one_voxel(values: np.ndarray, dose_gy: float) -> np.ndarray:
    values[values.shape[0] // 2, values.shape[1] // 2, values.shape[2] // 2] = dose_gy
    return values


FAULTS: dict[str, Fault] = {
    **{f"{name} removed": removed(name) for name in ROIS},
    **{f"{name} emptied": emptied(name) for name in ROIS},
    **{f"{name} twice": twice(name) for name in ROIS},
    **{f"{name} called z{name}": renamed(name, f"z{name}") for name in ROIS},
    **{f"{name} called {name}_PRV": renamed(name, f"{name}_PRV") for name in ROIS},
    **{f"{name} called {name}_opt": renamed(name, f"{name}_opt") for name in ROIS},
    "all structures removed": lambda plan: replace(plan, structures=()),
    "target of one slice": kept("GTV", lambda i: i == 1),
    "target of points": structures("GTV", lambda s: (replace(s, geometric_types=("POINT",) * len(s.geometric_types)),)),
    "organ left open": structures(
        "SpinalCord", lambda s: (replace(s, geometric_types=("OPEN_PLANAR",) * len(s.geometric_types)),)
    ),
    "organ flat": redrawn("SpinalCord", lambda p: p * [1, 0, 1]),
    "organ slanted": redrawn("SpinalCord", lambda p: p + p[:, 1:2] * [0, 0, 1]),
    "organ outside of the grid": redrawn("SpinalCord", lambda p: p - [0, 0, 500]),
    "organ partly outside of the grid": redrawn("SpinalCord", lambda p: p - [7, 0, 0]),
    "target outside of the grid": redrawn("PTV_LR", lambda p: p - [0, 0, -500]),
    "target shifted": redrawn("PTV_HR", lambda p: p - [-6, 0, 0]),
    "organ in the target": redrawn("SpinalCord", lambda p: p - [-20, 0, 0]),
    # Cord and bone receive more than their limits; a target that is drawn over them subtracts the dose away.
    "target drawn over a hot cord": both(hot("SpinalCord", 51.0), with_island("PTV_LR", Box((8, 12, 42), (-27, 0, 0)))),
    "target drawn over half of a hot cord": both(
        hot("SpinalCord", 51.0), with_island("PTV_LR", Box((8, 6, 42), (-27, -4, 0)))
    ),
    "target drawn over a hot bone": both(hot("Femur_L", 51.0), with_island("PTV_LR", Box((9, 22, 42), (26.5, 0, 0)))),
    "bone in the target": redrawn("Femur_L", lambda p: p - [20, 0, 0]),
    "bone on the other side": redrawn("Femur_L", lambda p: p * [-1, 1, 1]),
    "bone named after the other side": renamed("Femur_L", "Femur_R"),
    "two ROIs of one number": renumbered("GTV", "PTV_LR"),
    "an organ with the number of another": renumbered("Femur_L", "SpinalCord"),
    "targets exchanged": exchanged("GTV", "PTV_LR"),
    "target and organ exchanged": exchanged("GTV", "SpinalCord"),
    "no dose": lambda plan: replace(plan, dose=None),
    "dose of 0": graded(lambda d: 0 * d),
    "dose halved": graded(lambda d: d / 2),
    "cGy for Gy": graded(lambda d: 100 * d),
    "dose of one fraction": graded(lambda d: d / 22),
    "dose of one beam of two": graded(lambda d: 0.55 * d),
    "dose of all but one fraction": graded(lambda d: d * 21 / 22),
    "dose of a tenth more": graded(lambda d: 1.1 * d),
    "dose negative in one voxel": graded(lambda d: _one_voxel(d, -1.0)),
    "dose stored in steps of 20 Gy": graded(lambda d: d, quantum_gy=20.0),
    "dose the same everywhere": graded(lambda d: 0 * d + 66),
    "dose upside down": graded(lambda d: 72 - d),
    "dose shifted along x": shifted(9, 0, 0),
    "dose shifted along y": shifted(0, 9, 0),
    "dose shifted along z": shifted(0, 0, 9),
    "dose grid cut along x": cut(2),
    "dose grid cut along y": cut(1),
    "dose grid cut along z": cut(0),
    "cord in 50 Gy": hot("SpinalCord", 50.0),
    "bone in 47 Gy": hot("Femur_L", 47.0),
    "no prescription": prescribed(lambda _: None),
    "prescription of 60 Gy": level("PTV_HR", 60.0),
    "prescription in cGy": level("PTV_HR", 6600.0),
    "prescription no number": level("PTV_HR", np.nan),
    "intermediate level of 50 Gy": level("CTV_IR", 50.0),
    "low level outside of its range": level("PTV_LR", 40.0),
    "low level not prescribed": level("PTV_LR", None),
    "low level no number": level("PTV_LR", np.nan),
    "low level prescribed twice": prescribed(
        lambda p: replace(p, references=(*p.references, replace(p.references[-1], number=9, prescription_gy=46.0)))
    ),
    "20 fractions": fractions(20),
    "11 fractions": fractions(11),
    "fractions not known": fractions(None),
    "no fraction group": fractions(),
    "two fraction groups": fractions(11, 11),
    "STOP": finding(Severity.STOP),
    "STOP of an organ": finding(Severity.STOP, "SpinalCord"),
    "STOP of what no goal uses": finding(Severity.STOP, "External"),
    "FAIL": finding(Severity.FAIL),
}


def test_without_a_fault_it_passes():
    evaluation = evaluate(GOOD, PROTOCOL)
    assert evaluation.verdict is Verdict.PASS
    # Structures of less than 5 cc on a grid of 3 mm, and a cord that ends with the body.
    told = {(f.id, f.severity.value) for f in evaluation.findings}
    assert told == {("dose-grid-spacing", "WARN"), ("contour-extent", "WARN")}
    assert {r.outcome.value for r in evaluation.results} == {"MET"}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_passes(fault):
    assert verdict(FAULTS[fault](GOOD)) not in (Verdict.PASS, Verdict.VARIATION)


UNTOLD = ["fractions not known", "no fraction group", "two fraction groups", "no prescription", "20 fractions"]


@pytest.mark.parametrize("fault", [*UNTOLD, "low level not prescribed", "low level outside of its range"])
def test_naming_the_regimen_does_not_make_it_pass(fault):
    assert verdict(FAULTS[fault](GOOD), regimen="22fx") not in (Verdict.PASS, Verdict.VARIATION)


@pytest.mark.parametrize("fault", ["dose of one fraction", "cGy for Gy", "no prescription", "GTV removed", "no dose"])
def test_giving_the_level_does_not_make_it_pass(fault):
    assert verdict(FAULTS[fault](GOOD), regimen="22fx", levels={"LR": 44.0}) not in (Verdict.PASS, Verdict.VARIATION)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_dose_that_is_no_number_somewhere_is_no_dose(value):
    with pytest.raises(ValueError, match="not a finite number"):
        graded(lambda d: _one_voxel(d, value))(GOOD)


@pytest.mark.parametrize("organ", ["Bone", "Cord"])
@pytest.mark.parametrize("fault", ["{} emptied", "{} twice"])
def test_declaring_what_is_there_absent_does_not_make_it_pass(organ, fault):
    roi = {"Bone": "Femur_L", "Cord": "SpinalCord"}[organ]
    assert verdict(FAULTS[fault.format(roi)](GOOD), absent=[organ]) not in (Verdict.PASS, Verdict.VARIATION)


@settings(max_examples=12, deadline=None)
@given(st.permutations(range(len(GOOD.structures))))
def test_the_order_of_the_structures_is_of_no_account(order):
    evaluation = evaluate(replace(GOOD, structures=tuple(GOOD.structures[i] for i in order)), PROTOCOL)
    assert evaluation.verdict is Verdict.PASS
    values = {r.goal.id: (r.outcome, r.quantity) for r in evaluation.results}
    assert values == {r.goal.id: (r.outcome, r.quantity) for r in evaluate(GOOD, PROTOCOL).results}


def other_name(name: str) -> str:
    """Another name by which the protocol knows the structure of the ROI `name`."""
    home = next(s for s in PROTOCOL.structures if normal(name) in map(normal, s.names))
    return next(n for n in home.names if normal(n) != normal(name))


def as_mark(structure: Structure) -> Structure:
    """A single point of that name, where the structure is."""
    contours = [structure.points_mm[:1]]
    return Structure.from_contours(
        structure.number, structure.name, contours, geometric_type="POINT", interpreted_type="ISOCENTER"
    )


@pytest.mark.parametrize("name", ROIS)
class TestMarks:
    """What marks a place is told from a volume by its points alone, and never stands back for another alias."""

    def test_left_as_a_mark_alone(self, name: str) -> None:
        there = structures(name, lambda s: (as_mark(s),))
        assert verdict(there(GOOD)) is not Verdict.PASS

    def test_left_as_a_mark_beside_a_volume_of_another_alias(self, name: str) -> None:
        there = structures(name, lambda s: (as_mark(s), replace(s, number=90, name=other_name(name))))
        assert verdict(there(GOOD)) is not Verdict.PASS

    def test_one_of_several_is_left_as_a_mark(self, name: str) -> None:
        each = tuple(replace(s, each=True) for s in PROTOCOL.structures)
        plan = structures(name, lambda s: (as_mark(s), replace(s, number=90, name=other_name(name))))(GOOD)
        assert evaluate(plan, replace(PROTOCOL, structures=each)).verdict is not Verdict.PASS

    def test_a_volume_of_such_a_type_is_no_mark(self, name: str) -> None:
        namesakes = structures(name, lambda s: (replace(s, interpreted_type="ISOCENTER"), replace(s, number=90)))
        assert verdict(namesakes(GOOD)) is not Verdict.PASS

    def test_one_point_of_a_volume_too_many_is_no_mark(self, name: str) -> None:
        def change(s: Structure) -> tuple[Structure, ...]:
            pair = Structure.from_contours(
                90, name, [s.points_mm[:2]], geometric_type="POINT", interpreted_type="ISOCENTER"
            )
            return s, pair

        assert verdict(structures(name, change)(GOOD)) is not Verdict.PASS
