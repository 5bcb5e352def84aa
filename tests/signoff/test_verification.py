"""What of a stored evaluation is held against the one that is computed again: all that is computed."""

from __future__ import annotations

import copy
import json

import pytest

from hardcheck.report import evaluation_document
from hardcheck.signoff import evaluation_lines
from tests.report.sample import PLAN_UID, everything

OPINION = {
    "system": "Eclipse",
    "file": "dvh.txt",
    "sha256": "d" * 64,
    "structures": [{"roi_number": 7, "metrics": {"Max[Gy]": {"value": 44.0, "theirs": 44.5}}, "notes": ["said"]}],
    "goals": [{"id": "v42", "roi_number": 7, "outcome": "MET", "changes": True}],
}
"""Parts that the sample does not have, as far as it takes to look into them."""

EXEMPT = {
    "version",
    "protocol.sha256",
    "provenance.evaluation_sha256",
    "provenance.versions.python",
    "provenance.versions.numpy",
    "provenance.versions.pydicom",
    "accepted",
    "accepted_sha256",
}
"""What has a line of its own elsewhere, is another machine's, or is what people wrote."""


@pytest.fixture(scope="module")
def written():
    document = evaluation_document(everything())
    found = json.loads(json.dumps(document)) | {
        "second_opinion": [OPINION],
        "course": [{"sop_instance_uid": "1.2", "fractions": 11}, {"sop_instance_uid": "1.3", "fractions": 11}],
        "structures": [{"name": "Cord", "rois": [{"roi_number": 7, "roi_name": "SpinalCord"}], "reason": None}],
        "reported": [{"structure": "Cord", "roi_number": 7, "metric": "Max[Gy]", "value": 44.0}],
    }
    assert all(found[part] for part in ("goals", "integrity", "lattice", "dose_scale"))
    return found


def told(stored, computed):
    return [line.text for line in evaluation_lines(stored, computed) if not line.same]


def forged(document, change):
    made = copy.deepcopy(document)
    change(made)
    return made


def test_the_same_is_the_same(written):
    assert told(written, written) == []
    assert len(list(evaluation_lines(written, written))) >= 3


# ---- Each with what a person is told


def _goal_twice(d):
    d["goals"].insert(0, d["goals"][2] | {"outcome": "MET", "value": 1.0})


def _goal_bare(d):
    for name in ("value", "limit", "low", "high", "reason"):
        del d["goals"][2][name]


def _finding_bare(d):
    del d["integrity"][0]["severity"]


def _finding_added(d):
    d["integrity"].append({"id": "couch", "severity": "INFO", "message": "all is well", "structures": ["PTV"]})


V42 = "goal cord-v42gy[cc]-recommended of ROI 7"
AGAIN = "computed again is not what is written"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (_goal_twice, f"{V42}: written 2 times, and there once when computed again"),
        (_goal_bare, f"{V42}: limit, value, low, high, reason computed, and not written"),
        (lambda d: d["goals"].pop(2), f"{V42}: there when computed again, and not written"),
        (lambda d: d["goals"][2].update(outcome="MET"), f"{V42}: outcome {AGAIN}"),
        (lambda d: d["goals"][2]["spot"]["at_mm"].pop(), f"{V42}: spot.at_mm {AGAIN}"),
        (lambda d: d["goals"][2].update(note="fine"), f"{V42}: note written, and not computed"),
        (lambda d: d["protocol"].update(regimen="28fx"), f"protocol: regimen {AGAIN}"),
        (lambda d: d["protocol"].update(version="99"), f"protocol: version {AGAIN}"),
        (lambda d: d["protocol"].update(verification="verified"), f"protocol: verification {AGAIN}"),
        (lambda d: d["protocol"].update(not_as_shipped=True), f"protocol: not_as_shipped {AGAIN}"),
        (lambda d: d["lattice"][0]["pvdr"].update(value=9.0), f"vertices GTV of ROI 7: pvdr.value {AGAIN}"),
        (lambda d: d.pop("lattice"), "lattice: computed, and not written"),
        (lambda d: d.update(second_opinion=[]), f"second_opinion: {AGAIN}"),
        (
            lambda d: d["second_opinion"][0]["structures"][0]["metrics"]["Max[Gy]"].update(theirs=44.0),
            f"second_opinion: 1.structures.1.metrics.Max[Gy].theirs {AGAIN}",
        ),
        (lambda d: d.pop("structures"), "structures: computed, and not written"),
        (lambda d: d["structures"][0].update(rois=[]), f"structure Cord: rois {AGAIN}"),
        (lambda d: d.pop("level_origins"), "level_origins: computed, and not written"),
        (lambda d: d["level_origins"].update(LR="chosen"), f"level_origins: LR {AGAIN}"),
        (lambda d: d.pop("statement"), "statement: computed, and not written"),
        (lambda d: d.update(statement="approved"), f"statement: {AGAIN}"),
        (lambda d: d.update(summary="PASS"), "summary: written, and not computed"),
        (_finding_bare, "finding check-stop of SpinalCord: severity computed, and not written"),
        (_finding_added, "finding couch of PTV: written, and not there when computed again"),
        (
            lambda d: d["integrity"].pop(0),
            "finding check-stop of SpinalCord: there when computed again, and not written",
        ),
        (lambda d: d["provenance"].update(engine="other"), f"provenance: engine {AGAIN}"),
        (lambda d: d["provenance"].pop("versions"), "provenance: versions computed, and not written"),
        (lambda d: d["provenance"]["versions"].pop("numpy"), "provenance: versions.numpy computed, and not written"),
        (lambda d: d["provenance"]["inputs"][0].update(modality="CT"), f"input {PLAN_UID}: modality {AGAIN}"),
        (lambda d: d["course"][0].update(fractions=20), f"course: 1.fractions {AGAIN}"),
        (lambda d: d["reported"].clear(), "reported Cord Max[Gy] of ROI 7: there when computed again, and not written"),
        (lambda d: d.update(verdict="PASS"), f"verdict: {AGAIN}"),
        (lambda d: d.pop("verdict"), "verdict: computed, and not written"),
    ],
)  # fmt: skip
def test_what_was_changed_is_told_in_one_line(written, change, line):
    assert told(forged(written, change), written) == [line]


def test_many_places_of_one_thing_are_counted(written):
    (line,) = told(forged(written, lambda d: d["dose_scale"].clear()), written)
    count = len(written["dose_scale"])
    assert line.startswith("dose_scale: possible, ")
    assert line.endswith(f" and {count - 5} more computed, and not written")


# ---- Every place of the document


def places(value, place=()):
    yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*place, key))


def at(document, place):
    for key in place:
        document = document[key]
    return document


def is_held(place):
    return not any(".".join(map(str, place[:n])) in EXEMPT for n in range(1, len(place) + 1))


OTHER = "another"


def changes_at(place):
    """Each way in which a place of the document can be another."""
    *above, last = place

    def take_out(d):
        del at(d, above)[last]

    def change(d):
        at(d, above)[last] = OTHER

    def add(d):
        inner = at(d, place)
        if isinstance(inner, list):
            inner.append(copy.deepcopy(inner[0]) if inner else OTHER)
        elif isinstance(inner, dict):
            inner["x"] = 1
        else:
            change(d)

    return take_out, change, add


def test_no_place_can_be_changed_taken_out_or_added_to_unseen(written):
    held = [place for place in places(written) if place and is_held(place)]
    assert len(held) > 500
    for place in held:
        for change in changes_at(place):
            assert told(forged(written, change), written), (change.__name__, place)


@pytest.mark.parametrize("place", sorted(EXEMPT - {"version"}))
def test_what_is_not_held_against_anything_has_to_be_there(written, place):
    take_out, *_ = changes_at(tuple(place.split(".")))
    assert f"{place.partition('.')[0]}: " in " ".join(told(forged(written, take_out), written))


@pytest.mark.parametrize("place", sorted(EXEMPT))
def test_what_is_not_held_against_anything_is_this_alone(written, place):
    *above, last = place.split(".")
    changed = forged(written, lambda d: at(d, above).update({last: [] if last == "accepted" else OTHER}))
    assert told(changed, written) == []


def test_other_files_in_the_folder_are_not_of_the_evaluation(written):
    skipped = {"id": "files-skipped", "severity": "WARN", "message": "1 file was skipped", "structures": []}
    more = forged(written, lambda d: d["integrity"].append(skipped))
    assert told(more, written) == told(written, more) == []


def test_the_order_of_goals_and_findings_says_nothing(written):
    def turn(d):
        for part in ("goals", "integrity", "structures", "lattice", "reported"):
            d[part].reverse()

    assert told(forged(written, turn), written) == []


def test_what_stands_twice_in_both_is_the_same(written):
    def twice(d):
        d["goals"].append(d["goals"][0] | {"value": 97.0})

    both = forged(written, twice)
    assert told(both, both) == []
    assert told(forged(both, lambda d: d["goals"].reverse()), both) == []
    (line,) = told(forged(both, lambda d: d["goals"][-1].update(value=98.0)), both)
    assert line.endswith(f"of ROI 7: value {AGAIN}")


def test_numbers_may_differ_by_rounding_alone(written):
    value = written["goals"][1]["value"]
    for factor, count in ((1 + 1e-12, 0), (1 + 1e-6, 1)):
        other = forged(written, lambda d, f=factor: d["goals"][1].update(value=value * f))
        assert len(told(other, written)) == count


def test_a_later_version_may_write_more_and_never_less(written):
    old = forged(written, lambda d: d.update(version="0.0.1"))
    more = forged(written, lambda d: (d.update(new=1), d["goals"][0].update(new=1)))
    assert told(old, more) == []
    assert told(forged(more, lambda d: d.update(version="0.0.1")), written) != []


@pytest.mark.parametrize("odd", [None, 7, "x", [7], {"a": 1}, [{}], [{"roi_number": [1], "structures": {"a": 1}}]])
@pytest.mark.parametrize("part", ["goals", "reported", "structures", "lattice", "integrity", "provenance", "course"])
def test_any_shape_is_told(written, part, odd):
    assert told(forged(written, lambda d: d.update({part: odd})), written)
