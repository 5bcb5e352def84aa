"""Each check of the plan: a sound plan of which it says nothing, and plans with one fault each that it finds."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from hardcheck.catalogue import BY_ID, CHECKS
from hardcheck.course import course_of
from hardcheck.evaluation import Outcome, Verdict, evaluate
from hardcheck.phantom import linear
from hardcheck.plan import (
    Beam,
    DoseGrid,
    FractionGroup,
    ImageStack,
    Patient,
    Plan,
    Prescription,
    Record,
    SourceFile,
    Structure,
)
from hardcheck.protocol import CheckChange, Extent, Margin, Protocol, ProtocolStructure, Regimen, Vertices
from tests.evaluation.cases import GTV, HR, LR, ORGAN, box, course, dose, findings, goal, plan, protocol, reference

BODY = ProtocolStructure("Body", "external")
PTV = ProtocolStructure("PTV", "target", (), "HR", inside=("Outer",))
OUTER = ProtocolStructure("Outer", "target", (), "LR")
RULES = protocol(goal("Max[Gy] <= 70 Gy"), goal("V95%[%] >= 95 %", "GTV"), structures=(GTV, PTV, OUTER, ORGAN, BODY))

BEAMS = (
    Beam(
        1,
        1.6,
        200.0,
        radiation="PHOTON",
        energies_mv=(6.0,),
        machine="A",
        technique="DYNAMIC",
        isocentres_mm=((0, 0, 0),),
    ),
    Beam(
        2,
        1.4,
        180.0,
        radiation="PHOTON",
        energies_mv=(6.0,),
        machine="A",
        technique="DYNAMIC",
        isocentres_mm=((0, 0, 0),),
    ),
    Beam(3, delivery="SETUP", radiation="PHOTON", energies_mv=(15.0,), machine="A", technique="STATIC"),
)
MADE = (
    Record("RTPLAN", approval="APPROVED", intent="CURATIVE", made="20240102120000"),
    Record("RTSTRUCT", approval="APPROVED", made="20240101120000"),
    Record(
        "RTDOSE",
        made="20240102115500",
        system="TPS",
        heterogeneity=("IMAGE",),
        comment="Monte Carlo",
        structure_sets=("1.2",),
    ),
)


def treated(*beams: Beam, fractions: int = 22, hr_gy: float | None = 66.0, more=()) -> Prescription:
    return Prescription(course(hr_gy=hr_gy, more=more).references, (FractionGroup(1, fractions, beams or BEAMS),))


def records(**changes: dict) -> tuple[Record, ...]:
    return tuple(replace(r, **changes.get(r.kind.lower(), {})) for r in MADE)


def off_grid(spacing_mm: float) -> DoseGrid:
    axis = np.arange(-45, 45.01, spacing_mm)
    return DoseGrid(axis, axis, axis, np.full((axis.size,) * 3, 66.0))


PARTS = {
    "Body": box(1, "Body", (80, 80, 60), kind="EXTERNAL"),
    "GTV": box(2, "GTV", kind="GTV"),
    "Organ": box(3, "Organ", (14, 14, 14), (0, -24, 0)),
    "PTV": box(4, "PTV", (28, 28, 28), kind="PTV"),
    "Outer": box(5, "Outer", (34, 34, 34), kind="PTV"),
}
LEVELS = (reference(50.6, roi=5),)
SOUND = plan(
    *PARTS.values(),
    prescription=treated(more=LEVELS),
    records=MADE,
    sources=(SourceFile("1.1", "RTPLAN", ""), SourceFile("1.2", "RTSTRUCT", ""), SourceFile("1.3", "RTDOSE", "")),
    image=ImageStack(np.arange(-29.0, 30, 2)),
    grid=off_grid(2.0),
)


def having(**changed: Structure | None) -> Plan:
    """The sound plan with some structures changed, added or (None) taken away."""
    return replace(SOUND, structures=tuple(s for s in {**PARTS, **changed}.values() if s is not None))


def without(structure: Structure, *dropped: int) -> Structure:
    """`structure` without some of its contours."""
    kept = [c for i, c in enumerate(structure.contours()) if i not in dropped]
    return Structure.from_contours(structure.number, structure.name, kept, interpreted_type=structure.interpreted_type)


def joined(one: Structure, *others: Structure) -> Structure:
    contours = [c for s in (one, *others) for c in s.contours()]
    return Structure.from_contours(one.number, one.name, contours, interpreted_type=one.interpreted_type)


def beams(*changed: Beam) -> Plan:
    return replace(SOUND, prescription=treated(*changed, more=LEVELS))


def ruled(**changes: object) -> Protocol:
    """The rules with keys of some structures changed, by the structure's name."""
    return replace(RULES, structures=tuple(replace(s, **changes.get(s.name, {})) for s in RULES.structures))


@dataclass(frozen=True)
class Fault:
    check: str
    severity: str
    plan: Plan
    touches: tuple[str, ...] = ()
    rules: Protocol = RULES
    says: str = ""


ANY_NUMBER = replace(RULES, regimens=(Regimen("any", None, (HR, LR)),), goals=RULES.goals[1:])
STRIP = box(6, "Strip", (20, 8, 40), (0, 35, 0))
STRIPPED = replace(RULES, structures=(*RULES.structures, ProtocolStructure("Strip", "organ", strip_mm=20.0)))
MARGIN = {"PTV": {"margin_from": Margin("GTV", 3, 5)}}

FAULTS = {
    "plan not approved": Fault("approved", "WARN", replace(SOUND, records=records(rtplan={"approval": "UNAPPROVED"}))),
    "structures of no approval": Fault("approved", "WARN", replace(SOUND, records=records(rtstruct={"approval": ""}))),
    "plan for the machine": Fault(
        "plan-intent", "WARN", replace(SOUND, records=records(rtplan={"intent": "MACHINE_QA"}))
    ),
    "structures changed since": Fault(
        "newer-than-dose",
        "WARN",
        replace(SOUND, records=records(rtstruct={"made": "20240102121000"})),
        says="15 minutes",
    ),
    "plan changed since": Fault(
        "newer-than-dose", "WARN", replace(SOUND, records=records(rtplan={"made": "20240103120000"})), says="1 day"
    ),
    "dose of other structures": Fault(
        "newer-than-dose", "WARN", replace(SOUND, records=records(rtdose={"structure_sets": ("9.9",)}))
    ),
    "algorithm not said": Fault(
        "dose-algorithm", "WARN", replace(SOUND, records=records(rtdose={"comment": "second try"}))
    ),
    "all is water": Fault(
        "dose-algorithm", "WARN", replace(SOUND, records=records(rtdose={"heterogeneity": ("WATER",)}))
    ),
    "level without a dose": Fault("levels-in-plan", "WARN", replace(SOUND, prescription=treated()), ("Outer",)),
    "limit of the plan": Fault(
        "limits-in-plan",
        "WARN",
        replace(
            SOUND,
            prescription=treated(
                more=(*LEVELS, replace(reference(None, "Organ", kind="ORGAN_AT_RISK"), organ_maximum_gy=60.0))
            ),
        ),
        ("Organ",),
        says="60",
    ),
    "limit of a volume": Fault(
        "limits-in-plan",
        "WARN",
        replace(
            SOUND,
            prescription=treated(
                more=(
                    *LEVELS,
                    replace(reference(None, roi=3, kind="ORGAN_AT_RISK"), organ_limit_gy=40.0, overdose_percent=30.0),
                )
            ),
        ),
        ("Organ",),
        replace(RULES, goals=(*RULES.goals, goal("V40Gy[%] < 50 %"))),
    ),
    "beams in cGy": Fault(
        "beam-doses-plausible", "FAIL", beams(replace(BEAMS[0], dose_gy=160.0), replace(BEAMS[1], dose_gy=140.0))
    ),
    "beams of one fraction for all": Fault(
        "beam-doses-plausible", "FAIL", beams(replace(BEAMS[0], dose_gy=35.2), replace(BEAMS[1], dose_gy=30.8))
    ),
    "hottest beside the target": Fault(
        "dose-maximum-in-target", "WARN", replace(SOUND, dose=dose(linear(66, (0.2, 0, 0)), half_mm=45.0)), says="x 45"
    ),
    "coarse for large fractions": Fault(
        "dose-grid-spacing",
        "WARN",
        replace(SOUND, dose=off_grid(2.5), prescription=treated(fractions=12, more=LEVELS)),
        rules=ANY_NUMBER,
        says="5.5 Gy per fraction",
    ),
    "coarse for a small organ": Fault("dose-grid-spacing", "WARN", replace(SOUND, dose=off_grid(2.5)), ("Organ",)),
    "two energies": Fault("beams-alike", "WARN", beams(BEAMS[0], replace(BEAMS[1], energies_mv=(10.0,))), says="6, 10"),
    "two machines": Fault("beams-alike", "WARN", beams(BEAMS[0], replace(BEAMS[1], machine="B"))),
    "electrons too": Fault("beams-alike", "WARN", beams(BEAMS[0], replace(BEAMS[1], radiation="ELECTRON"))),
    "two techniques": Fault("beams-alike", "WARN", beams(BEAMS[0], replace(BEAMS[1], technique="STATIC"))),
    "two isocentres": Fault(
        "one-isocentre", "WARN", beams(BEAMS[0], replace(BEAMS[1], isocentres_mm=((0, 3, 4),))), says="5.0 mm"
    ),
    "no monitor units": Fault("monitor-units", "WARN", beams(BEAMS[0], replace(BEAMS[1], meterset=None))),
    "setup beam with monitor units": Fault("monitor-units", "WARN", beams(*BEAMS[:2], replace(BEAMS[2], meterset=5.0))),
    "bolus of a beam": Fault("bolus", "WARN", beams(BEAMS[0], replace(BEAMS[1], boli=1))),
    "bolus of no beam": Fault("bolus", "WARN", having(Bolus=box(7, "Gel", (20, 5, 20), (0, 43, 0), "BOLUS")), ("Gel",)),
    "couch": Fault("couch", "INFO", having(Couch=box(7, "Table", (80, 5, 60), (0, 45, 0), "SUPPORT")), ("Table",)),
    "override": Fault(
        "density-overrides",
        "INFO",
        having(Metal=replace(box(7, "Metal", (6, 6, 6), (0, 20, 0)), overrides=(("REL_ELEC_DENSITY", 3.7),))),
        ("Metal",),
        says="3.7",
    ),
    "a name twice": Fault(
        "roi-names-unique",
        "FAIL",
        having(Again=box(7, "gtv ")),
        ("GTV", "gtv "),
        replace(RULES, structures=(replace(GTV, each=True), *RULES.structures[1:])),
    ),
    "a name twice, once of a mark": Fault(
        "roi-names-unique",
        "FAIL",
        having(
            Again=Structure.from_contours(77, "GTV", [[[0, 0, 0]]], geometric_type="POINT", interpreted_type="MARKER")
        ),
        ("GTV",),
        says="ROI 77 marks a point",
    ),
    "a name twice that no goal uses": Fault(
        "roi-names-unique", "WARN", having(A=box(7, "Ring"), B=box(8, "Ring")), ("Ring",)
    ),
    "organ empty": Fault("structure-empty", "FAIL", having(Organ=without(PARTS["Organ"], *range(7))), ("Organ",)),
    "organ of points": Fault(
        "structure-empty",
        "FAIL",
        having(
            Organ=Structure.from_contours(3, "Organ", [np.array([[0.0, 0, z], [5, 0, z], [9, 0, z]]) for z in (1, 3)])
        ),
        ("Organ",),
    ),
    "spare one empty": Fault(
        "structure-empty", "WARN", having(Spare=Structure.from_contours(7, "Spare", [])), ("Spare",)
    ),
    "slice missing": Fault("structure-slices", "FAIL", having(Organ=without(PARTS["Organ"], 3)), ("Organ",)),
    "slices lost": Fault("structure-slices", "FAIL", having(GTV=without(PARTS["GTV"], 3, 4, 5)), ("GTV",)),
    "slice of a spare one missing": Fault(
        "structure-slices", "WARN", having(Spare=without(box(7, "Spare", (10, 10, 20)), 4)), ("Spare",)
    ),
    "stray island": Fault(
        "structure-islands", "FAIL", having(GTV=joined(PARTS["GTV"], box(2, "GTV", (2, 2, 4), (30, 30, 0)))), ("GTV",)
    ),
    "stray island of a spare one": Fault(
        "structure-islands",
        "WARN",
        having(Spare=joined(box(7, "Spare"), box(7, "Spare", (2, 2, 4), (30, 30, 0)))),
        ("Spare",),
    ),
    "smaller than a voxel": Fault(
        "structure-slivers", "FAIL", having(Organ=box(3, "Organ", (1, 1, 4), (0, -24, 0))), ("Organ",)
    ),
    "spare one smaller than a voxel": Fault(
        "structure-slivers", "WARN", having(Spare=box(7, "Dot", (1, 1, 4))), ("Dot",)
    ),
    "no body": Fault("external-contour", "WARN", having(Body=None)),
    "two bodies": Fault(
        "external-contour", "WARN", having(More=box(7, "Body2", (70, 70, 60), kind="EXTERNAL")), ("Body", "Body2")
    ),
    "organ in the air": Fault(
        "external-contour", "FAIL", having(Organ=box(3, "Organ", (14, 14, 14), (0, -37, 0))), ("Organ",), says="4.0 mm"
    ),
    "organ beyond the end of the body": Fault(
        "external-contour", "FAIL", having(Organ=box(3, "Organ", (14, 14, 14), (0, -24, 40))), ("Organ",)
    ),
    "spare one in the air": Fault(
        "external-contour", "WARN", having(Spare=box(7, "Spare", centre=(0, 70, 0))), ("Spare",)
    ),
    "target in the air": Fault(
        "target-in-body", "WARN", having(Outer=box(5, "Outer", (34, 90, 34), kind="PTV")), ("Outer",), says="5.0 mm"
    ),
    "liver in the lung": Fault(
        "organs-apart",
        "WARN",
        having(A=box(7, "Liver"), B=box(8, "Lt Lung", centre=(10, 0, 0))),
        ("Liver", "Lt Lung"),
        says="2.9 cc",  # 8 x 18 x 20 mm3
    ),
    "both lungs in one place": Fault(
        "organs-apart", "WARN", having(A=box(7, "Lung_L"), B=box(8, "Lung_R", centre=(-10, 0, 0))), ("Lung_L", "Lung_R")
    ),
    "out of its holder": Fault(
        "contour-inside",
        "WARN",
        having(Outer=box(5, "Outer", (24, 34, 34), kind="PTV")),
        ("PTV", "Outer"),
        says="2.0 mm",
    ),
    "margin too wide": Fault(
        "contour-margin", "WARN", having(PTV=box(4, "PTV", (36, 36, 28), kind="PTV")), ("PTV", "GTV"), ruled(**MARGIN)
    ),
    "margin too narrow": Fault(
        "contour-margin", "WARN", having(PTV=box(4, "PTV", (22, 22, 28), kind="PTV")), ("PTV", "GTV"), ruled(**MARGIN)
    ),
    "margin too narrow along z": Fault(
        "contour-margin", "WARN", having(PTV=box(4, "PTV", (28, 28, 20), kind="PTV")), ("PTV", "GTV"), ruled(**MARGIN)
    ),
    "ends short of the target": Fault(
        "contour-extent", "WARN", SOUND, ("Organ",), ruled(Organ={"extent": Extent("GTV", 10.0)}), says="13 mm short"
    ),
    "cut by the image": Fault(
        "contour-cut-off",
        "WARN",
        having(Organ=box(3, "Organ", (14, 14, 30), (0, -24, 15))),
        ("Organ",),
        ruled(Organ={"whole": True}),
    ),
    "narrow strip": Fault(
        "contour-strip",
        "WARN",
        having(Strip=box(6, "Strip", (14, 8, 40), (0, 35, 0))),
        ("Strip",),
        STRIPPED,
        says="14.0 mm",
    ),
    "strip in two": Fault(
        "contour-strip",
        "WARN",
        having(Strip=joined(STRIP, box(6, "Strip", (20, 8, 12), (0, -35, 0)))),
        ("Strip",),
        STRIPPED,
        says="2 pieces",
    ),
    "near the skin": Fault(
        "contour-skin-distance",
        "WARN",
        having(PTV=box(4, "PTV", (28, 77, 28), kind="PTV")),
        ("PTV",),
        ruled(PTV={"from_skin_mm": 3.0, "inside": ()}),
        says="1.5 mm from the skin",
    ),
}

ELSEWHERE = {
    # tests/dicom
    *("files-skipped", "duplicates", "doses-ignored", "plan-present", "one-patient", "objects-linked"),
    *("one-frame-of-reference", "dose-physical-gy", "orientation"),
    # test_integrity.py, test_laterality.py, test_making.py
    *("prescription-matches-regimen", "levels-match-plan", "regimen-caveat", "delivered-dose-plausible"),
    *("dose-not-negative", "dose-grid-covers-structure", "roi-numbers-unique", "structure-contours"),
    *("laterality", "contour-as-defined"),
    # tests/course, test_stored_dvh.py, tests/cli/test_not_as_shipped.py
    *("course-structures", "course-same-dose", "course-sum", "stored-dvh", "protocol-not-as-shipped"),
}


def said(checked, rules, check):
    return [f for f in evaluate(checked, rules).findings if f.id == check]


def test_every_check_has_a_fault():
    assert {fault.check for fault in FAULTS.values()} | ELSEWHERE == {check.id for check in CHECKS}


def test_of_the_sound_plan_nothing_is_said_but_what_is_for_information():
    found = evaluate(SOUND, RULES).findings
    assert [(f.id, str(f.severity)) for f in found] == [("couch", "INFO"), ("dose-algorithm", "INFO")]
    assert evaluate(SOUND, RULES).verdict is Verdict.PASS


@pytest.mark.parametrize("rules", [RULES, *{id(f.rules): f.rules for f in FAULTS.values()}.values()])
def test_nor_under_other_rules(rules):
    if any(s.name == "Organ" and s.extent is not None for s in rules.structures):
        rules = replace(rules, structures=tuple(replace(s, extent=None) for s in rules.structures))
    found = evaluate(having(Strip=STRIP), rules).findings
    assert {f.id for f in found} <= {"couch", "dose-algorithm"}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_fault_is_found(fault):
    found = [f for f in said(fault.plan, fault.rules, fault.check) if f.severity == fault.severity]
    assert len(found) == 1
    assert found[0].structures == fault.touches
    assert fault.says in found[0].message
    assert str(found[0].severity) in BY_ID[fault.check].severities


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_and_nothing_graver_than_it(fault):
    """One fault is not told as several: what fails the plan is the fault itself, or that a goal has no value."""
    wanted = {fault.check} | {"contour-inside", "dose-grid-covers-structure", "structure-slivers"}
    graver = [f for f in evaluate(fault.plan, fault.rules).findings if f.severity in ("STOP", "FAIL")]
    if fault.check not in ("beam-doses-plausible", "dose-maximum-in-target"):
        assert {f.id for f in graver} <= wanted


class TestWhatIsNoFault:
    @pytest.mark.parametrize("comment", ["AAA_15.6", "Calculated with Acuros XB", "collapsed cone v5", "eMC", "XVMC"])
    def test_algorithms_are_known_by_name(self, comment):
        (found,) = said(replace(SOUND, records=records(rtdose={"comment": comment})), RULES, "dose-algorithm")
        assert found.severity == "INFO"
        assert comment not in found.message or comment == "AAA"

    @pytest.mark.parametrize("made", ["20240102120400", "", "2024", "20249999999999", "19010101000000"])
    def test_one_export_takes_some_minutes_and_bad_dates_say_nothing(self, made):
        assert said(replace(SOUND, records=records(rtstruct={"made": made})), RULES, "newer-than-dose") == []

    def test_a_plan_that_was_made_in_python_has_no_files_to_speak_of(self):
        assert evaluate(replace(SOUND, records=()), RULES).findings == ()

    def test_islands_of_an_organ_that_comes_in_pieces(self):
        organ = joined(PARTS["Organ"], box(3, "Organ", (8, 8, 8), (30, -24, 0)))
        assert said(having(Organ=organ), RULES, "structure-islands") == []

    @pytest.mark.parametrize(
        "names", [("Lungs", "Lung_L"), ("Lung_L", "Lung L"), ("Eye_L", "Lens_L"), ("Bowel", "Liver")]
    )
    def test_a_whole_and_its_parts_may_overlap(self, names):
        a, b = (box(n, name) for n, name in enumerate(names, 7))
        assert said(having(A=a, B=b), RULES, "organs-apart") == []

    def test_between_vertices_of_one_roi_no_slices_are_missing(self):
        spheres = joined(*(box(6, "Spheres", (8, 8, 6), (0, 0, z)) for z in (-9, 9)))
        checked, rules = having(Spheres=spheres), RULES.structures
        with_spheres = replace(RULES, structures=(*rules, ProtocolStructure("Spheres", "target")))
        assert [f.severity for f in said(checked, with_spheres, "structure-slices")] == ["WARN"]
        meant = replace(with_spheres.structures[0], vertices=Vertices(("Spheres",)))
        rules = replace(with_spheres, structures=(meant, *with_spheres.structures[1:]))
        assert said(checked, rules, "structure-slices") == []

    def test_what_is_held_back_from_the_skin_is_left_alone(self):
        """The target stops 5 mm below the skin at y = 40, and what it was grown from goes on."""
        inner = box(2, "GTV", (20, 40, 20), (0, 18, 0), "GTV")
        outer = box(4, "PTV", (28, 47.5, 28), (0, 11.25, 0), "PTV")
        checked = having(GTV=inner, PTV=outer, Organ=None, Outer=None)
        rules = ruled(GTV={"inside": ("PTV",)}, PTV={**MARGIN["PTV"], "from_skin_mm": 3.0, "inside": ()})
        assert said(checked, rules, "contour-inside") == []
        assert said(checked, rules, "contour-skin-distance") == []

    def test_several_fraction_groups_have_no_one_sum_of_beam_doses(self):
        two = replace(treated(), groups=(FractionGroup(1, 11, BEAMS), FractionGroup(2, 11, BEAMS)))
        assert said(replace(SOUND, prescription=two), RULES, "beam-doses-plausible") == []


class TestGoalsThatAreTouched:
    def test_a_finding_stands_at_the_goals_of_its_structures(self):
        results = evaluate(having(Organ=without(PARTS["Organ"], 3)), RULES).results
        assert {r.goal.structure: r.findings for r in results} == {"Organ": ("structure-slices",), "GTV": ()}

    def test_and_at_those_that_rest_on_them(self):
        rules = ruled(Organ={"subtract": ("PTV",)}, PTV={"from_skin_mm": 30.0, "inside": ()})
        results = evaluate(SOUND, rules).results
        assert {r.goal.structure: r.findings for r in results} == {"Organ": ("contour-skin-distance",), "GTV": ()}

    def test_information_does_not(self):
        organ = replace(PARTS["Organ"], overrides=(("REL_MASS_DENSITY", 1.0),))
        assert all(r.findings == () for r in evaluate(having(Organ=organ), RULES).results)


class TestChanges:
    """What a protocol changes about the checks."""

    @staticmethod
    def changed(checked, check, severity):
        rules = replace(RULES, checks=(CheckChange(check, severity, "for a reason"),))
        evaluation = evaluate(checked, rules)
        return evaluation, findings(evaluation, check)

    def test_raised_it_fails_the_plan(self):
        evaluation, found = self.changed(FAULTS["two energies"].plan, "beams-alike", "FAIL")
        assert evaluation.verdict is Verdict.FAIL
        assert found == [
            ("FAIL", "the beams differ in energy (6, 10 MV or MeV) (WARN of itself; the protocol: for a reason)")
        ]

    def test_lowered_it_no_longer_does(self):
        faulty = FAULTS["slice missing"].plan
        assert evaluate(faulty, RULES).verdict is Verdict.FAIL
        evaluation, found = self.changed(faulty, "structure-slices", "INFO")
        assert evaluation.verdict is Verdict.PASS
        assert found[0][0] == "INFO"
        assert "FAIL of itself" in found[0][1]

    def test_switched_off_it_says_so_and_how_much_it_left_out(self):
        _, found = self.changed(FAULTS["slice missing"].plan, "structure-slices", "off")
        assert found == [("INFO", "switched off by the protocol, which left out 1 FAIL: for a reason")]
        _, found = self.changed(SOUND, "structure-slices", "off")
        assert found == [("INFO", "switched off by the protocol, which left out nothing: for a reason")]

    @pytest.mark.parametrize("severity", ["INFO", "WARN", "FAIL", "off"])
    def test_a_stop_stays_a_stop(self, severity):
        """Even where a protocol was made in Python, and nobody linted it."""
        twice = having(Again=replace(box(3, "Organ"), name="Other"))
        evaluation, found = self.changed(twice, "roi-numbers-unique", severity)
        assert ("STOP", "ROINumber 3 stands for 2 ROIs") in found
        assert evaluation.results[0].outcome is Outcome.NOT_EVALUATED

    def test_one_of_the_same_severity_stays_as_it_is(self):
        _, found = self.changed(FAULTS["two energies"].plan, "beams-alike", "WARN")
        assert found == [("WARN", "the beams differ in energy (6, 10 MV or MeV)")]


def part(number: int, fractions: int, **changed: object) -> Plan:
    """A plan of a course with the structures of the sound one and its 3 Gy a fraction."""
    grid = replace(off_grid(2.0), dose_gy=np.full((46,) * 3, 3.0 * fractions))
    prescribed = treated(fractions=fractions, hr_gy=3.0 * fractions)
    sources = (SourceFile(f"1.{number}", "RTPLAN", ""), SourceFile("1.2", "RTSTRUCT", ""))
    sources += (SourceFile(f"2.{number}", "RTDOSE", f"dose {number}"),)
    made = replace(SOUND, sop_instance_uid=f"1.{number}", dose=grid, prescription=prescribed, sources=sources)
    return replace(made, patient=Patient("ID-1"), frame_of_reference_uid="1.9", **changed)


class TestCourse:
    """Beams and files are those of each plan, and what is found about one begins with its number."""

    @staticmethod
    def found(first: Plan, second: Plan) -> list[tuple[str, str, str]]:
        evaluation = evaluate(course_of([first, second]), RULES, regimen=RULES.regimens[0].id, levels={"LR": 50.6})
        return [(f.id, str(f.severity), f.message) for f in evaluation.findings if f.severity != "INFO"]

    def test_of_sound_plans_nothing_is_said(self):
        assert self.found(part(4, 10), part(5, 12)) == []

    def test_the_algorithm_is_that_of_each_dose_and_the_couch_that_of_the_structures(self):
        plans = [part(4, 10), part(5, 12)]
        evaluation = evaluate(course_of(plans), RULES, regimen=RULES.regimens[0].id, levels={"LR": 50.6})
        told = [f.message.split(":")[0] for f in evaluation.findings if f.id == "dose-algorithm"]
        assert told == ["plan 1", "plan 2"]
        assert findings(evaluation, "couch") == [("INFO", "no structure is of the couch")]

    def test_files(self):
        changed = part(5, 12, records=records(rtplan={"approval": "UNAPPROVED", "made": "20240103120000"}))
        assert self.found(part(4, 10), changed) == [
            ("approved", "WARN", "plan 2: the plan is UNAPPROVED"),
            ("newer-than-dose", "WARN", "plan 2: the plan is newer than the dose by 1 day"),
        ]

    def test_plans_of_different_days_are_no_fault(self):
        later = records(**{kind: {"made": "20240302120000"} for kind in ("rtplan", "rtdose")})
        assert self.found(part(4, 10), part(5, 12, records=later)) == []

    def test_beams(self):
        first = part(4, 10)
        mixed = treated(BEAMS[0], replace(BEAMS[1], energies_mv=(10.0,)), fractions=10, hr_gy=30.0)
        assert self.found(replace(first, prescription=mixed), part(5, 12)) == [
            ("beams-alike", "WARN", "plan 1: the beams differ in energy (6, 10 MV or MeV)")
        ]

    def test_beam_doses_of_one_plan_that_the_sum_would_hide(self):
        first = part(4, 10)
        wrong = treated(*(replace(b, dose_gy=100 * b.dose_gy) for b in BEAMS[:2]), fractions=10, hr_gy=30.0)
        ((check, severity, message),) = self.found(replace(first, prescription=wrong), part(5, 12))
        assert (check, severity) == ("beam-doses-plausible", "FAIL")
        assert message == "plan 1: the beam doses of 10 fractions add up to 3000 Gy; 15 to 45 Gy is plausible"

    def test_a_grid_that_is_too_coarse_for_the_small_structures(self):
        coarse = replace(off_grid(2.5), dose_gy=np.full((37,) * 3, 36.0))
        found = self.found(part(4, 10), replace(part(5, 12), dose=coarse))
        assert [(check, severity) for check, severity, _ in found] == [("dose-grid-spacing", "WARN")]
        assert found[0][2].startswith("voxels of the dose grid of plan 2 are up to 2.5 mm apart, and goals are about")


def test_levels_of_the_cases():
    """What the table above counts on."""
    assert HR.dose_gy == 66
    assert LR.low_gy <= 50.6 <= LR.high_gy
    assert ORGAN.name == "Organ"
