import hashlib
import json
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hardcheck.errors import StoreError, UsageError
from hardcheck.evaluation import evaluate
from hardcheck.library import load_protocol
from hardcheck.phantom import thigh_plan
from hardcheck.report.document import evaluation_document
from hardcheck.store import Bin, KnownFile, PlanFacts, Store, entry_of, key_of
from hardcheck.store.schema import CURVES, EVALUATIONS, FINDINGS, GOALS, METADATA, RESULTS
from tests.store.sample import PROTOCOL_SHA256, begin, document, entry, fill, goal, key, ramp


def rows(store, table):
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(table.select()).mappings()]


def test_one_plan(store):
    run = begin(store)
    assert store.put(run, "a/plan.dcm", entry(1, "FAIL", [goal(outcome="NOT_MET", value=50.25)], curves=[ramp(40.0)]))
    (evaluation,) = rows(store, EVALUATIONS)
    assert (evaluation["key"], evaluation["verdict"], evaluation["patient_id"]) == (key(1), "FAIL", "P1")
    assert (evaluation["machine"], evaluation["planner"], evaluation["plan_date"]) == ("TrueBeam1", "ab", "2026-11-21")
    assert (evaluation["fractions"], evaluation["prescription_gy"], evaluation["regimen"]) == (22, 66.0, "22fx")
    assert json.loads(evaluation["provenance"])["settings"] == {"end_caps": "half"}
    (stored,) = rows(store, GOALS)
    assert (stored["low"], stored["value"], stored["high"], stored["limit_value"]) == (49.75, 50.25, 50.75, 46.0)
    (finding,) = rows(store, FINDINGS)
    assert (finding["check_id"], finding["severity"], json.loads(finding["structures"])) == ("grid", "WARN", ["Cord"])
    (curve,) = rows(store, CURVES)
    assert (json.loads(curve["dose_gy"]), json.loads(curve["volume_cc"])) == ([0.0, 40.0], [10.0, 0.0])
    (result,) = rows(store, RESULTS)
    assert (result["path"], result["bin"], result["evaluation_id"]) == ("a/plan.dcm", "failed", evaluation["id"])


def test_the_evaluation_of_a_plan(store):
    written = evaluation_document(evaluate(thigh_plan(), load_protocol("hard")))
    run = begin(store)
    store.put(run, "plan.dcm", entry_of(key(1), written, PlanFacts()))
    stored = sorted(rows(store, GOALS), key=lambda row: row["position"])
    assert [(row["goal_id"], row["value"], row["outcome"]) for row in stored] == [
        (each["id"], each["value"], each["outcome"]) for each in written["goals"]
    ]
    assert len(rows(store, FINDINGS)) == len(written["integrity"])
    assert (
        store.account(run).counts[Bin[{"PASS": "PASSED", "FAIL": "FAILED"}.get(written["verdict"], written["verdict"])]]
        == 1
    )


def test_the_same_again_changes_nothing(store):
    run = begin(store)
    assert store.put(run, "p", entry(1, curves=[ramp(40.0)]))
    before = [rows(store, table) for table in (EVALUATIONS, GOALS, FINDINGS, CURVES, RESULTS)]
    assert not store.put(run, "p", entry(1, curves=[ramp(40.0)]))
    assert [rows(store, table) for table in (EVALUATIONS, GOALS, FINDINGS, CURVES, RESULTS)] == before


def test_the_same_numbers_of_another_machine_are_the_same():
    other = document()
    other["provenance"] |= {"versions": {"numpy": "3"}, "evaluation_sha256": "ef" * 32}
    assert entry_of(key(0), other, PlanFacts("TrueBeam1", "ab", "2026-11-21")).content_sha256 == entry(0).content_sha256


@pytest.mark.parametrize(
    "other",
    [
        entry(1, "REVIEW"),
        entry(1, goals=[goal(value=40.000000001)]),
        entry(1, goals=[]),
        entry(1, curves=[ramp(41.0)]),
        entry(1, facts=PlanFacts("TrueBeam2")),
    ],
    ids=["verdict", "value", "goals", "curve", "machine"],
)
def test_other_content_under_the_same_key_is_an_error(store, other):
    run = begin(store)
    store.put(run, "p", entry(1, curves=[ramp(40.0)]))
    before = [rows(store, table) for table in (EVALUATIONS, GOALS, FINDINGS, CURVES, RESULTS)]
    with pytest.raises(StoreError, match="another evaluation is stored under"):
        store.put(run, "q", other)
    assert [rows(store, table) for table in (EVALUATIONS, GOALS, FINDINGS, CURVES, RESULTS)] == before


def test_nothing_of_a_plan_that_cannot_be_stored_whole(store):
    run = begin(store)
    wrong = entry(1, goals=[goal(), goal(outcome="PERHAPS")], curves=[ramp(40.0)])
    with pytest.raises(StoreError, match="the store failed"):
        store.put(run, "p", wrong)
    assert [rows(store, table) for table in (EVALUATIONS, GOALS, FINDINGS, CURVES, RESULTS)] == [[]] * 5


def test_no_patient_is_named_by_an_error(store):
    with pytest.raises(StoreError) as raised:
        store.put(begin(store), "p", entry(1, goals=[goal(outcome="PERHAPS")], patient_id="SECRET"))
    assert "SECRET" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_plan_is_counted_once(store):
    run = begin(store, found=2)
    store.put(run, "p", entry(1))
    with pytest.raises(StoreError, match=r"p: run \d+ has counted this plan as passed"):
        store.set_aside(run, {"q": (Bin.UNLINKED, "no dose"), "p": (Bin.DUPLICATE, "")})
    with pytest.raises(StoreError, match="has counted this plan"):
        store.put(run, "p", entry(2))
    assert store.account(run).counted == 1
    assert list(store.known([key(1), key(2)])) == [key(1)]


def test_what_is_stored_is_not_computed_again(store):
    store.put(begin(store), "p", entry(1, "VARIATION"))
    assert store.known([key(n) for n in range(1200)]) == {key(1): Bin.VARIATION}
    run = begin(store, found=2)
    store.reuse(run, {"moved/p": key(1), "p": key(1)})
    assert store.account(run).counts[Bin.VARIATION] == 2
    with pytest.raises(StoreError, match="no evaluation"):
        store.reuse(run, {"r": key(1), "q": key(2)})
    assert store.finish(run, "2026-11-22").closes


def test_the_keys_of_plans_by_their_path_and_by_their_uid(store):
    one, two = begin(store, found=2), begin(store, archive="/other")
    store.put(one, "a", entry(1))
    store.put(one, "b", entry(2))
    store.put(two, "a", entry(3))
    store.set_aside(begin(store), {"c": (Bin.UNLINKED, "no dose")})
    store.reuse(begin(store), {"b": key(1)})
    of_paths, of_uids = store.keys("/archive")
    assert {path: sorted(keys) for path, keys in of_paths.items()} == {"a": [key(1)], "b": sorted([key(1), key(2)])}
    assert {uid: sorted(keys) for uid, keys in of_uids.items()} == {"1.2.3": sorted(key(n) for n in (1, 2, 3))}
    assert store.keys("/nowhere")[0] == {}


def test_the_account(store):
    run = fill(store)
    account = store.account(run)
    assert account.closes
    assert (account.found, account.counts) == (8, dict.fromkeys(Bin, 1))
    bins = "1 passed + 1 variation + 1 failed + 1 review + 1 unreadable + 1 unlinked + 1 duplicate + 1 no protocol"
    assert str(account) == f"8 found = {bins}"
    assert store.last_run() == run


@pytest.mark.parametrize("found", [0, 2])
def test_a_run_that_does_not_close_is_not_finished(store, found):
    run = begin(store, found=found)
    store.put(run, "p", entry(1))
    assert not store.account(run).closes
    with pytest.raises(StoreError, match=f"does not close: {found} found ≠ 1 passed"):
        store.finish(run, "2026-11-22")
    with pytest.raises(StoreError, match="no run of this store is finished"):
        store.last_run()


def test_a_finished_run_stays_as_it_is(store):
    run = fill(store)
    with pytest.raises(StoreError, match="already finished"):
        store.set_aside(run, {"more": (Bin.UNREADABLE, "cut short")})
    with pytest.raises(StoreError, match="no run 99"):
        store.put(99, "p", entry(9))
    assert store.known([key(9)]) == {}
    with pytest.raises(StoreError, match="there is no run 99"):
        store.account(99)


def test_a_verdict_needs_an_evaluation(store):
    with pytest.raises(ValueError, match="passed has an evaluation"):
        store.set_aside(begin(store), {"p": (Bin.PASSED, "")})


HEADER = {"uid": "1.2.3", "names": ["Zürich", "\0", "\ud83d"]}
PATHS = ("a/b.dcm", "ü/\udcff.dcm", "back\\slash", "\\xff", "\\\\x41", "'; DROP TABLE files; --")


def test_the_index_of_files(store):
    files = {path: KnownFile(2**40, 1763700000123456789, HEADER, "plan") for path in PATHS}
    store.put_files("/archive", files)
    assert store.files("/archive") == files
    assert store.files("/other") == {}
    changed = KnownFile(3, 4)
    store.put_files("/archive", {PATHS[1]: changed})
    store.put_files("/other", {PATHS[1]: changed})
    assert store.files("/archive") == files | {PATHS[1]: changed}
    store.forget_files("/archive", PATHS[1:])
    assert store.files("/archive") == {PATHS[0]: files[PATHS[0]]}
    assert store.files("/other") == {PATHS[1]: changed}


def test_many_files(store):
    files = {f"{n}": KnownFile(n, n) for n in range(1201)}
    store.put_files("/archive", files)
    assert store.files("/archive") == files


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.binary(min_size=1, max_size=12).map(lambda raw: raw.replace(b"\0", b"\\x")), unique=True))
def test_any_path_comes_back(tmp_path_factory, raw):
    paths = [each.decode("utf-8", "surrogateescape") for each in raw]
    with Store(tmp_path_factory.mktemp("store") / "audit.db") as store:
        store.put_files("/archive", {path: KnownFile(1, 1) for path in paths})
        assert set(store.files("/archive")) == set(paths)


@pytest.mark.parametrize("text", ["\0", "\ud83d", "'", "\\", "\u202e", "Zürich 漢字"])
def test_any_text_is_stored(store, text):
    store.put(begin(store), "p", entry(1, goals=[goal(roi_name=text)], patient_id=text))
    assert rows(store, EVALUATIONS)[0]["patient_id"] == {"\0": "\\x00", "\ud83d": "\\ud83d"}.get(text, text)


# The key.

KEY = {"protocol_sha256": PROTOCOL_SHA256, "regimen": "22fx", "settings": {"a": 1, "b": [2]}, "version": "0.1.0"}


def test_the_key_is_of_the_content_in_any_order():
    assert len({key_of(inputs, **KEY) for inputs in permutations(["00", "11", "22"])}) == 1
    assert key_of(["00"], **KEY) == key_of(["00"], **KEY | {"settings": {"b": [2], "a": 1}})


def test_the_key_is_of_all_that_was_asked():
    others = [{"protocol_sha256": "00"}, {"regimen": None}, {"settings": {}}, {"version": "0.2.0"}]
    keys = {key_of(["00"], **KEY | other) for other in ({}, *others)}
    keys |= {key_of(inputs, **KEY) for inputs in (["11"], ["00", "11"], ["00", "00"])}
    assert len(keys) == 8


@pytest.mark.parametrize("inputs", [[], [""], ["00", ""]])
def test_no_key_without_checksums(inputs):
    with pytest.raises(ValueError, match="checksums"):
        key_of(inputs, **KEY)


@pytest.mark.parametrize("wrong", [{"schema": "hardcheck.dvh/1"}, {"verdict": "PERHAPS"}])
def test_another_document_is_refused(wrong):
    with pytest.raises(ValueError, match="no evaluation that the store knows"):
        entry_of(key(1), document() | wrong, PlanFacts())


# Privacy.


def test_an_anonymous_store_holds_no_identity(where):
    with Store(where, anonymous=True) as store:
        run = begin(store, found=2, archive="/DOE^JANE")
        hidden = entry(1, anonymous=True, curves=[replace(ramp(40.0), roi_name="DOE")])
        store.put(run, "DOE^JANE/plan.dcm", hidden)
        store.set_aside(run, {"DOE^JANE/other.dcm": (Bin.UNREADABLE, "DOE^JANE/other.dcm is cut short")})
        store.put_files("/DOE^JANE", {"DOE^JANE/plan.dcm": KnownFile(1, 2, {"patient_id": "DOE^JANE"}, "plan")})
        store.finish(run, "2026-11-22")
        (known,) = store.files("/DOE^JANE").items()
        assert known == (store.path_of("DOE^JANE/plan.dcm"), KnownFile(0, 0, None, "plan"))
        (evaluation,) = rows(store, EVALUATIONS)
        assert {evaluation[name] for name in ("patient_id", "sop_instance_uid", "label", "planner")} == {None}
        assert evaluation["plan_date"] == "2026-11"
        assert rows(store, CURVES)[0]["roi_name"] is None
        everything = str([rows(store, table) for table in METADATA.sorted_tables])
        assert "P1" not in everything
        assert "DOE" not in everything


def test_an_anonymous_store_stays_one(where):
    with Store(where, anonymous=True) as store, pytest.raises(StoreError, match="this store is anonymous"):
        store.put(begin(store), "p", entry(1))
    with Store(where) as store:
        assert store.anonymous
    with pytest.raises(StoreError, match="this store is anonymous, and one that is with patient IDs was asked for"):
        Store(where, anonymous=False)


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://", "sqlite:///:memory:", "postgresql://host:port/db"])
def test_no_store_there(url):
    with pytest.raises(UsageError, match=r"give a path, sqlite:///PATH or postgresql://"):
        Store(url)


def test_a_url_of_sqlite(tmp_path):
    with Store(f"sqlite:///{tmp_path}/audit.db") as store:
        run = fill(store)
    with Store(tmp_path / "audit.db") as store:
        assert store.account(run).closes


def test_entries_are_values():
    with pytest.raises(AttributeError):
        entry(1).key = "other"
    assert replace(entry(1), key="other").content_sha256 == entry(1).content_sha256


def test_a_protocol_is_kept_by_its_sha256_and_once(store):
    # printf 'id: hard\n' | sha256sum
    content = b"id: hard\n"
    sha256 = store.put_protocol(content)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert store.put_protocol(content) == sha256
    assert store.protocol(sha256) == content
    assert store.protocol("00" * 32) is None


def test_what_a_replay_judges_by_is_stored(store):
    run = begin(store)
    whole = {"value": 48.0, "low": None, "high": 49.0}
    said = goal(recipe="Cord - PTV", whole=whole, review="by a person", shortfall={"confined": True})
    store.put(run, "plan", entry(1, "REVIEW", [said], curves=[ramp(40.0)]))
    with store.reading() as connection:
        row = connection.execute(select(GOALS)).one()
        assert (row.recipe, row.whole_value, row.whole_low, row.whole_high) == ("Cord - PTV", 48.0, None, 49.0)
        assert (row.review, row.confined) == ("by a person", 1)
        assert connection.execute(select(CURVES.c.step_gy)).scalar_one() == pytest.approx(0.4)
        assert json.loads(connection.execute(select(EVALUATIONS.c.levels)).scalar_one()) == {"HR": 66.0}
