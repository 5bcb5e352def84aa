"""What a person may accept of an evaluation, and what goes on into a later one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hardcheck.errors import UsageError
from hardcheck.evaluation import Outcome
from hardcheck.plan import Finding, Severity
from hardcheck.report import evaluation_document
from hardcheck.signoff import Person, accept, carried, with_accepted
from tests.report.sample import evaluation, everything, missing, result

NOW = datetime(2025, 3, 1, 12, 30, 5, tzinfo=UTC)
WHO = Person("A. Physicist", "medical physicist", "Boost overlaps the cord; discussed.")
MISSED = result("V42Gy[cc] < 5 cc", 6.0, Outcome.NOT_MET, id="v42")


def checksum(document):
    """SHA-256 of the evaluation without what people accepted and without itself, worked out here."""
    rest = json.loads(json.dumps(document))
    rest.pop("accepted", None)
    rest.pop("accepted_sha256", None)
    rest["provenance"].pop("evaluation_sha256", None)
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def document(*results, **more):
    return evaluation_document(evaluation(*(results or (MISSED,)), **more))


def with_entries(made, *entries):
    return with_accepted(made, [*made["accepted"], *entries])


def test_an_entry_says_who_when_why_and_of_what():
    made = document()
    (entry,) = accept(made, "v42", WHO, NOW)
    assert entry == {
        "id": "v42",
        "kind": "goal",
        "roi_number": 7,
        "message": None,
        "structures": [],
        "by": "A. Physicist",
        "role": "medical physicist",
        "time": "2025-03-01T12:30:05+00:00",
        "reason": "Boost overlaps the cord; discussed.",
        "evaluation_sha256": checksum(made),
    }
    assert made["provenance"]["evaluation_sha256"] == checksum(made)


def test_acceptances_do_not_change_the_checksum():
    made = document()
    assert checksum(with_entries(made, *accept(made, "v42", WHO, NOW))) == checksum(made)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (result(id="v42"), "is met"),
        (result("Mean[Gy] < 32 Gy", None, Outcome.NOT_APPLICABLE, id="v42", reason="no"), "does not apply"),
        (missing(id="another"), "no goal and no finding"),
    ],
)
def test_what_cannot_be_accepted(made, said):
    with pytest.raises(UsageError, match=said):
        accept(document(made), "v42", WHO, NOW)


@pytest.mark.parametrize("outcome", [Outcome.NOT_MET, Outcome.MARGINAL, Outcome.NOT_EVALUATED])
def test_what_is_missed_or_open_can_be(outcome):
    assert accept(document(replace(MISSED, outcome=outcome)), "v42", WHO, NOW)


def test_what_is_met_in_a_way_that_a_person_has_to_judge_can_be():
    assert accept(document(replace(MISSED, outcome=Outcome.MET, review="only outside of PTV_HR")), "v42", WHO, NOW)


@pytest.mark.parametrize("field", ["by", "role", "reason"])
@pytest.mark.parametrize("text", ["", "  \n", "-.", "x" * 2001])
def test_name_role_and_reason_say_something(field, text):
    with pytest.raises(UsageError, match=f"--{field}"):
        replace(WHO, **{field: text})


def test_of_several_rois_one_is_named():
    made = document(MISSED, replace(MISSED, roi_number=8, roi_name="Other"))
    with pytest.raises(UsageError, match=r"2 ROIs.*--roi: 7, 8"):
        accept(made, "v42", WHO, NOW)
    (entry,) = accept(made, "v42", WHO, NOW, roi=8)
    assert entry["roi_number"] == 8
    with pytest.raises(UsageError, match="not held against ROI 9"):
        accept(made, "v42", WHO, NOW, roi=9)


def test_a_finding_is_accepted_with_what_it_says():
    found = Finding("laterality", Severity.FAIL, "named left, lies right", ("SpinalCord",))
    (entry,) = accept(document(MISSED, findings=[found]), "laterality", WHO, NOW)
    assert (entry["kind"], entry["message"], entry["structures"]) == ("check", found.message, ["SpinalCord"])


def test_of_several_findings_of_a_check_one_roi_is_named():
    two = [Finding("gap", Severity.WARN, f"of {name}", (name,)) for name in ("SpinalCord", "Heart")]
    made = document(MISSED, findings=two)
    with pytest.raises(UsageError, match=r"found 2 things.*--roi: 7"):
        accept(made, "gap", WHO, NOW)
    (entry,) = accept(made, "gap", WHO, NOW, roi=7)
    assert entry["structures"] == ["SpinalCord"]


@pytest.mark.parametrize("path", [("verdict",), ("goals", 0, "value"), ("protocol", "sha256"), ("levels", "HR")])
def test_a_changed_evaluation_is_refused(path):
    made = document()
    place = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = 4.9 if isinstance(place[path[-1]], float) else "REVIEW"
    with pytest.raises(UsageError, match="changed after it was written"):
        accept(made, "v42", WHO, NOW)


def test_the_same_goal_keeps_its_acceptance():
    made = document()
    entries = accept(made, "v42", WHO, NOW)
    kept, left = carried(with_entries(made, *entries), document())
    assert left == []
    assert [(a.id, a.by, a.evaluation_sha256) for a in kept] == [("v42", WHO.by, checksum(made))]
    assert kept[0].is_of(MISSED)
    # And once more from there.
    later = evaluation_document(evaluation(MISSED, accepted=kept))
    assert carried(later, document())[0] == kept


def renewed(**changes):
    return replace(MISSED, **changes)


@pytest.mark.parametrize(
    "later",
    [
        document(renewed(quantity=replace(MISSED.quantity, value=6.000001, high=6.000001))),
        document(renewed(limit=4.0)),
        document(renewed(outcome=Outcome.MARGINAL)),
        document(renewed(roi_number=8)),
        document(missing()),
        document(plan=replace(evaluation().plan, sources=())),
        document() | {"provenance": {"inputs": [{"sop_instance_uid": "1.2.3", "sha256": "f" * 64}]}},
        evaluation_document(evaluation(MISSED), anonymous=True),
    ],
    ids=["value", "limit", "outcome", "roi", "gone", "no files", "other files", "no checksums"],
)
def test_anything_else_leaves_it_behind(later):
    made = document()
    kept, left = carried(with_entries(made, *accept(made, "v42", WHO, NOW)), later)
    assert kept == ()
    assert len(left) == 1
    assert left[0].startswith("v42: ")


def test_a_finding_that_says_something_else_leaves_it_behind():
    found = Finding("gap", Severity.WARN, "2 slices", ("SpinalCord",))
    made = document(MISSED, findings=[found])
    stored = with_entries(made, *accept(made, "gap", WHO, NOW))
    assert carried(stored, made)[0][0].is_about(found)
    for other in (replace(found, message="3 slices"), replace(found, severity=Severity.FAIL)):
        assert carried(stored, document(MISSED, findings=[other]))[0] == ()


def test_an_entry_that_nobody_wrote_like_this_is_refused():
    with pytest.raises(UsageError, match="not as it is written"):
        carried(with_entries(document(), {"id": "v42", "by": 7}), document())


def test_the_checksum_is_of_everything_else():
    made = evaluation_document(everything())
    assert made["provenance"]["evaluation_sha256"] == checksum(made)
    for name in set(made) - {"accepted", "accepted_sha256", "provenance"}:
        assert checksum(made | {name: "changed"}) != checksum(made)
