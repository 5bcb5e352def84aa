"""What a protocol asks of vertices and of uneven dose, held against the lattice and the stereotactic phantom."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from hardcheck.errors import UsageError
from hardcheck.evaluation import Outcome, Verdict, evaluate
from hardcheck.library import load_protocol
from hardcheck.phantom import lattice_plan, sbrt_plan
from hardcheck.phantom.stereotactic import MISSED_MM, PRESCRIPTION_GY, PTV_MM, isodose_mm
from hardcheck.plan import Finding, FractionGroup, Prescription, Severity
from hardcheck.protocol import Vertices

LATTICE = lattice_plan()
SFRT = load_protocol("sfrt_trial")
FENG = load_protocol("feng_cyberknife")


@cache
def of_lattice(vertex_dose):
    return evaluate(LATTICE, SFRT, vertex_dose=vertex_dose)


def only(evaluation):
    (found,) = evaluation.lattices
    return found


def asked(evaluation):
    return {a.name: a for a in only(evaluation).asked}


DOSE = "median dose of the vertices per vertex fraction"


def test_vertices_on_top_of_the_dose_of_the_day():
    """81 Gy less 45 Gy are 36 Gy: 12 Gy in 3 fractions, 9 Gy in 4."""
    found = asked(of_lattice("added"))
    assert found[f"{DOSE}, if in 3 fractions"].quantity.value == pytest.approx(12, abs=0.01)
    assert found[f"{DOSE}, if in 4 fractions"].quantity.value == pytest.approx(9, abs=0.01)
    assert {a.outcome for a in found.values()} == {Outcome.MET}


def test_vertices_instead_of_the_dose_of_the_day():
    """81 Gy less 12 fractions of 3 Gy are 45 Gy: 15 Gy in 3 fractions, at the limit; less 11 are 48 Gy: 12 Gy in 4."""
    found = asked(of_lattice("instead"))
    three, four = (found[f"{DOSE}, if in {n} fractions"] for n in (3, 4))
    assert three.quantity.value == pytest.approx(15, abs=0.01)
    assert three.outcome is Outcome.MARGINAL
    assert four.quantity.value == pytest.approx(12, abs=0.01)
    assert four.outcome is Outcome.MET


def test_by_default_the_vertices_are_in_a_plan_of_their_own():
    found = asked(of_lattice("separate"))[DOSE]
    assert found.outcome is Outcome.NOT_EVALUATED
    assert "--vertex-dose" in found.reason
    assert of_lattice("separate").settings["vertex_dose"] == "separate"


def test_the_plan_of_the_vertices_itself():
    """36 Gy of vertices in 3 fractions, and nothing else: 12 Gy each."""
    dose = replace(LATTICE.dose, dose_gy=np.maximum(LATTICE.dose.dose_gy - 45.0, 0.0))
    plan = replace(LATTICE, dose=dose, prescription=Prescription((), (FractionGroup(1, 3, (), 36.0),)))
    found = asked(evaluate(plan, SFRT))[f"{DOSE}, if in 3 fractions"]
    assert found.quantity.value == pytest.approx(12, abs=0.01)
    assert found.outcome is Outcome.MET


@pytest.mark.parametrize(
    ("vertices", "name", "outcome"),
    [
        (Vertices(("Vertices",), (8.0, 11.0), (3, 3)), f"{DOSE}, if in 3 fractions", Outcome.NOT_MET),
        (Vertices(("Vertices",), (12.5, 15.0), (3, 3)), f"{DOSE}, if in 3 fractions", Outcome.NOT_MET),
        (Vertices(("Vertices",), (12.0, 15.0), (3, 3)), f"{DOSE}, if in 3 fractions", Outcome.MARGINAL),
        (Vertices(("Vertices",), None, None, 140.0), "greatest diameter of the tumour", Outcome.NOT_MET),
        (Vertices(("Vertices",), None, None, 120.0), "greatest diameter of the tumour", Outcome.MET),
        (Vertices(("Vertices",), (8.0, 15.0)), DOSE, Outcome.NOT_EVALUATED),
    ],
)
def test_what_is_asked_is_held_against_the_interval(vertices, name, outcome):
    gtv, *others = SFRT.structures
    protocol = replace(SFRT, structures=(replace(gtv, vertices=vertices), *others))
    found = evaluate(LATTICE, protocol, vertex_dose="added")
    assert asked(found)[name].outcome is outcome
    assert found.verdict is Verdict.REVIEW


def test_the_peak_to_valley_ratio_is_reported():
    found = of_lattice("separate")
    (ratio,) = (r.quantity for r in found.reported if str(r.metric) == "PVDR[]")
    assert ratio == only(found).lattice.pvdr
    assert ratio.value > 1.6


def test_without_vertices_or_a_protocol_that_names_them_there_is_none():
    bare = replace(LATTICE, structures=tuple(s for s in LATTICE.structures if s.name != "Vertices"))
    found = evaluate(bare, SFRT)
    (ratio,) = (r.quantity for r in found.reported if str(r.metric) == "PVDR[]")
    assert ratio.reason == only(found).reason == "Vertices: not contoured"
    assert [a.outcome for a in only(found).asked] == [Outcome.MET, Outcome.NOT_EVALUATED]
    gtv, *others = SFRT.structures
    silent = replace(SFRT, structures=(replace(gtv, vertices=None), *others))
    found = evaluate(LATTICE, silent)
    (ratio,) = (r.quantity for r in found.reported if str(r.metric) == "PVDR[]")
    assert "names no vertices" in ratio.reason
    assert found.lattices == ()


def test_a_plan_that_means_nothing_has_no_lattice():
    stopped = replace(LATTICE, findings=(Finding("dose-physical-gy", Severity.STOP, "not in Gy"),))
    found = evaluate(stopped, SFRT)
    assert only(found).lattice is None
    assert only(found).reason.startswith("dose-physical-gy")
    (ratio,) = (r.quantity for r in found.reported if str(r.metric) == "PVDR[]")
    assert ratio.value is None


def test_a_tumour_that_is_not_contoured():
    bare = replace(LATTICE, structures=tuple(s for s in LATTICE.structures if s.name != "GTV"))
    found = only(evaluate(bare, SFRT))
    assert (found.roi_number, found.lattice, found.reason) == (None, None, "not contoured")


def test_a_way_of_giving_the_dose_that_is_not_known():
    with pytest.raises(UsageError, match="vertex dose"):
        evaluate(LATTICE, SFRT, vertex_dose="both")


# --- uneven dose


def plausible(plan, protocol):
    return [f for f in evaluate(plan, protocol).findings if f.id == "delivered-dose-plausible" and f.severity == "FAIL"]


def test_uneven_dose_is_plausible_where_the_protocol_says_that_it_is_meant():
    plan = sbrt_plan()
    assert plausible(plan, FENG) == []
    even = replace(FENG, structures=tuple(replace(s, uneven=False) for s in FENG.structures))
    assert "median dose" in plausible(plan, even)[0].message
    assert [f for f in of_lattice("separate").findings if f.severity != "INFO"] == []


@pytest.mark.parametrize("factor", [100.0, 0.2, 2.1])
def test_and_another_dose_is_still_not_plausible(factor):
    """cGy for Gy, the dose of one of five fractions, and more than twice the dose."""
    plan = sbrt_plan()
    wrong = replace(plan, dose=replace(plan.dose, dose_gy=factor * plan.dose.dose_gy))
    assert plausible(wrong, FENG)


# --- the stereotactic phantom


def test_indices_of_the_stereotactic_plan():
    """Isodoses are spheres: PIV of isodose_mm(35 Gy), TIV the lens that it shares with the target."""
    found = evaluate(sbrt_plan(), FENG)
    assert found.verdict is Verdict.PASS
    values = {str(r.goal.metric): r.quantity for r in found.results}
    values |= {str(r.metric): r.quantity for r in found.reported}
    big, d = isodose_mm(PRESCRIPTION_GY), MISSED_MM
    lens = (big + PTV_MM - d) ** 2 * (d**2 + 2 * d * (big + PTV_MM) - 3 * (big - PTV_MM) ** 2) / (12 * d)
    tiv, piv, tv = lens * 3 / 4, big**3, PTV_MM**3
    exact = {
        "V100%[%]": 100 * tiv / tv,
        "CI_CK[]": piv / tiv,
        "nCI[]": piv * tv / tiv**2,
        "CI_RTOG[]": piv / tv,
        "CI_Paddick[]": tiv**2 / (tv * piv),
    }
    for metric, value in exact.items():
        assert values[metric].low <= value <= values[metric].high, (metric, value, values[metric])
        assert values[metric].value == pytest.approx(value, rel=0.03), metric
