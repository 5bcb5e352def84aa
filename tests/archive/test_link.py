"""From files to plans: by UIDs, whatever the folders; and each file in exactly one bin."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardcheck.archive import Bin, IndexedFile, link, uncompared
from hardcheck.dicom import Header
from tests.archive.files import FRAME, ct, indexed, rtdose, rtplan, rtstruct

CUT = "cut short or damaged: here"


def bins(linked):
    return {place.path: place.bin for place in linked.places}


def test_a_plan_across_folders():
    files = [*indexed(rtplan(), folder="a"), *indexed(rtstruct(), folder="b/c"), *indexed(rtdose(), folder="z")]
    linked = link(files)
    (plan,) = linked.plans
    assert plan.is_complete
    assert plan.files == ("a/000", "b/c/000", "z/000")
    assert plan.rois == ((1, "PTV"),)
    assert linked.account[Bin.PLAN] == 3


def test_doses_of_beams_are_of_one_plan_and_those_of_other_plans_apart():
    beams = [rtdose(n, "p1", "BEAM") for n in (1, 2, 3)]
    linked = link(indexed(rtplan(1), rtplan(2, ("s1",)), rtstruct(1), *beams, rtdose(9, "p2")))
    one, two = linked.plans
    assert one.doses == ("f/003", "f/004", "f/005")
    assert two.doses == ("f/006",)
    assert one.structures == two.structures == "f/002"
    assert set(bins(linked).values()) == {Bin.PLAN}


@pytest.mark.parametrize(
    ("headers", "why", "where"),
    [
        ([rtplan(), rtstruct()], "no RTDOSE in the archive refers to", [Bin.UNLINKED] * 2),
        ([rtplan(), rtdose()], "its RTSTRUCT s1 is not in the archive", [Bin.UNLINKED] * 2),
        ([rtplan(sets=()), rtstruct(), rtdose()], "refers to no RTSTRUCT", [Bin.UNLINKED] * 3),
        ([rtplan(sets=("s1", "s2")), rtstruct(1), rtstruct(2), rtdose()], "2 RTSTRUCTs", [Bin.UNLINKED] * 4),
        ([rtplan(), rtstruct(), rtdose(plans=())], "no RTDOSE in the archive refers to", [Bin.UNLINKED] * 3),
        # A UID of another kind of object is no structure set.
        ([rtplan(sets=("d1",)), rtdose()], "its RTSTRUCT d1 is not in the archive", [Bin.UNLINKED] * 2),
    ],
)
def test_a_plan_that_is_not_complete_has_a_reason(headers, why, where):
    linked = link(indexed(*headers))
    (plan,) = linked.plans
    assert plan.bin is Bin.UNLINKED
    assert why in plan.reason
    assert list(bins(linked).values()) == where
    assert all(place.reason for place in linked.places)


def test_structures_and_doses_of_no_plan():
    linked = link(indexed(rtstruct(1), rtdose(1), rtdose(2, plans=())))
    assert linked.plans == ()
    assert [place.reason for place in linked.places] == [
        "no complete plan refers to it",
        "its RTPLAN p1 is not in the archive",
        "the RTDOSE does not say which plan it is of",
    ]
    assert linked.account[Bin.UNLINKED] == 3


@pytest.mark.parametrize("broken", [rtstruct(problem=CUT), rtdose(problem=CUT), rtplan(problem=CUT)])
def test_a_plan_with_a_damaged_file_is_unreadable(broken):
    sound = [header for header in (rtplan(), rtstruct(), rtdose()) if header.kind != broken.kind]
    linked = link(indexed(broken, *sound))
    (plan,) = linked.plans
    assert plan.bin is Bin.UNREADABLE
    assert CUT in plan.reason
    assert list(bins(linked).values()) == [Bin.UNREADABLE, Bin.UNLINKED, Bin.UNLINKED]


@pytest.mark.parametrize("made", [rtplan, rtstruct, rtdose])
@pytest.mark.parametrize("at", [0, 3])
def test_a_damaged_copy_is_not_shown_to_be_a_copy(made, at):
    headers = [rtplan(), rtstruct(), rtdose()]
    headers.insert(at, made(problem=CUT))
    linked = link(indexed(*headers))
    (plan,) = linked.plans
    assert plan.bin is Bin.CONFLICT
    assert f"f/{at:03d}" in plan.reason
    assert bins(linked)[f"f/{at:03d}"] is Bin.UNREADABLE
    assert linked.account == dict.fromkeys(Bin, 0) | {Bin.UNREADABLE: 1, Bin.CONFLICT: 1, Bin.UNLINKED: 2}


def test_a_damaged_copy_may_be_of_another_plan():
    """Of one dose with two UIDs of plans, one of them damaged: neither plan has it."""
    doses = [rtdose(1, "p1"), rtdose(1, "p2", problem=CUT), rtdose(2, "p2")]
    linked = link(indexed(rtplan(1), rtplan(2, ("s1",)), rtstruct(), *doses))
    assert [plan.bin for plan in linked.plans] == [Bin.CONFLICT] * 2
    assert all("f/004" in plan.reason for plan in linked.plans)


def test_damaged_files_of_one_rtplan_are_one_plan():
    linked = link(indexed(rtplan(problem=CUT), rtplan(problem=CUT), rtstruct(), rtdose()))
    assert [(plan.plan, plan.bin) for plan in linked.plans] == [("f/000", Bin.UNREADABLE)]


@pytest.mark.parametrize(
    ("study", "wanted", "lost"),
    [("1", Bin.UNREADABLE, ()), ("2", Bin.PLAN, ("f/003",)), ("", Bin.PLAN, ("f/003",))],
)
def test_a_damaged_dose_that_does_not_tell_its_plan_is_lost_for_its_study(study, wanted, lost):
    broken = rtdose(2, plans=(), study_uid=study, problem=CUT)
    linked = link(indexed(rtplan(study_uid="1"), rtstruct(), rtdose(), broken))
    (plan,) = linked.plans
    assert plan.bin is wanted
    assert linked.lost == lost
    if not plan.is_complete:
        assert plan.reason == f"a dose of the same study is damaged: f/003: {CUT}"


def test_a_damaged_dose_of_which_a_copy_tells_the_plan_is_lost_for_that_alone():
    broken = rtdose(2, plans=(), study_uid="1", problem=CUT)
    plans = [rtplan(1, study_uid="1"), rtplan(2, ("s1",), study_uid="1")]
    linked = link(indexed(*plans, rtstruct(), rtdose(1), rtdose(2), broken))
    assert [plan.bin for plan in linked.plans] == [Bin.PLAN, Bin.CONFLICT]
    assert linked.lost == ()


def test_a_damaged_dose_with_the_uid_of_an_image_is_lost_all_the_same():
    broken = replace(rtdose(2, plans=(), study_uid="1", problem=CUT), uid="c1")
    linked = link(indexed(rtplan(study_uid="1"), rtstruct(), rtdose(), ct(1, "far", "far"), broken))
    assert linked.plans[0].bin is Bin.UNREADABLE


def drawn(*images, **values):
    """A plan whose structures were drawn on series 1, with `images`."""
    return indexed(rtplan(study_uid="1"), rtstruct(image_series=("1",), **values), rtdose(), *images)


@pytest.mark.parametrize(
    ("series", "frame", "wanted"),
    [("1", FRAME, Bin.CONFLICT), ("2", FRAME, Bin.CONFLICT), ("1", "", Bin.CONFLICT), ("2", "other", Bin.PLAN)],
)
def test_images_in_conflict_are_of_the_plan_in_their_frame_or_series(series, frame, wanted):
    other = IndexedFile("z", ct(5, series, frame), "another")
    linked = link([*drawn(ct(1), ct(5, series, frame)), other])
    (plan,) = linked.plans
    assert plan.bin is wanted
    assert linked.account[Bin.CONFLICT] == 2
    if wanted is Bin.CONFLICT:
        assert plan.reason == "its CT has one UID and different contents: f/004, z"


@pytest.mark.parametrize(
    ("broken", "wanted", "lost"),
    [
        (ct(5, "1", FRAME), Bin.UNREADABLE, ()),
        (ct(5, "", FRAME), Bin.UNREADABLE, ()),
        (ct(5, "1", ""), Bin.UNREADABLE, ()),
        (ct(5, "2", "other"), Bin.PLAN, ()),
        (replace(ct(5, "", ""), study_uid="1"), Bin.UNREADABLE, ()),
        (replace(ct(5, "2", ""), study_uid="1"), Bin.UNREADABLE, ()),
        (replace(ct(5, "2", "other"), study_uid="1"), Bin.PLAN, ()),
        (replace(ct(5, "", ""), study_uid="2"), Bin.PLAN, ()),
        (ct(5, "", ""), Bin.PLAN, ("f/004",)),
        # Of the only image in the frame, which is so in conflict.
        (ct(1, "", ""), Bin.CONFLICT, ()),
    ],
)
def test_a_damaged_image_is_of_the_plan_in_its_frame_series_or_study(broken, wanted, lost):
    linked = link(drawn(ct(1), replace(broken, problem=CUT)))
    (plan,) = linked.plans
    assert plan.bin is wanted
    assert linked.lost == lost
    assert bins(linked)["f/004"] is Bin.UNREADABLE
    assert plan.is_complete or f"f/004: {CUT}" in plan.reason


def test_a_damaged_image_of_the_series_of_the_images_in_the_frame():
    """The structures do not say what they were drawn on."""
    linked = link(indexed(rtplan(), rtstruct(), rtdose(), ct(1), replace(ct(2, frame=""), problem=CUT)))
    assert linked.plans[0].bin is Bin.UNREADABLE


def test_a_damaged_dose_beside_a_sound_one_is_not_left_out():
    linked = link(indexed(rtplan(), rtstruct(), rtdose(1), rtdose(2, "p1", problem=CUT)))
    assert linked.plans[0].bin is Bin.UNREADABLE
    assert linked.account[Bin.PLAN] == 0


def test_damaged_plans_without_a_uid_are_each_one():
    linked = link(indexed(*[Header("RTPLAN", problem=CUT)] * 2))
    assert [plan.bin for plan in linked.plans] == [Bin.UNREADABLE] * 2


def test_the_same_object_elsewhere_counts_once():
    files = [*indexed(rtplan(), rtstruct(), rtdose(), folder="b"), *indexed(rtplan(), rtstruct(), rtdose(), folder="a")]
    linked = link(files)
    (plan,) = linked.plans
    assert plan.files == ("a/000", "a/001", "a/002")
    assert linked.account[Bin.DUPLICATE] == linked.account[Bin.PLAN] == 3
    assert linked.places[3].reason == "the same object as a/000"


@pytest.mark.parametrize("made", [rtplan, rtstruct, rtdose])
@pytest.mark.parametrize("content", ["another", ""])
def test_one_uid_with_two_contents_is_told_and_never_chosen(made, content):
    other = IndexedFile("z", made(), content)
    linked = link([*indexed(rtplan(), rtstruct(), rtdose()), other])
    (plan,) = linked.plans
    assert plan.bin is Bin.CONFLICT
    assert "z" in plan.reason
    assert linked.account[Bin.CONFLICT] == 2
    assert linked.account[Bin.UNLINKED] == 2


def test_contents_that_are_not_known_are_no_duplicates():
    files = [replace(file, content="") for file in indexed(rtplan(), rtplan())]
    assert link(files).account[Bin.CONFLICT] == 2


def test_only_what_shares_a_uid_is_to_be_compared():
    files = [replace(file, content="") for file in indexed(rtplan(), rtstruct(), rtplan(), rtstruct(problem=CUT), ct())]
    assert [file.path for file in uncompared(reversed(files))] == ["f/000", "f/002"]
    files[0] = replace(files[0], content="known")
    assert [file.path for file in uncompared(files)] == ["f/002"]


def test_an_image_of_another_patient_in_the_frame_is_handed_over_whatever_its_series():
    images = [ct(1, "1"), ct(2, "2"), replace(ct(3, "2"), patient_id="SOMEBODY-ELSE")]
    (plan,) = link(indexed(*images, rtplan(), rtdose(), rtstruct(image_series=("1",)))).plans
    assert plan.images == ("f/000", "f/002")


def test_images_of_the_series_that_was_drawn_on_or_of_the_frame():
    images = [ct(1, "1"), ct(2, "2"), ct(3, "2"), ct(4, "2", frame="other")]
    plan = [rtplan(), rtdose()]
    drawn = link(indexed(*images, *plan, rtstruct(image_series=("2",))))
    assert drawn.plans[0].images == ("f/001", "f/002")
    assert drawn.account[Bin.IMAGE] == 4
    assert link(indexed(*images, *plan, rtstruct())).plans[0].images == ("f/000", "f/001", "f/002")
    assert link(indexed(*images, *plan, rtstruct(image_series=("x",)))).plans[0].images == ("f/000", "f/001", "f/002")


def test_other_files_have_their_bins():
    linked = link(
        indexed(Header(problem="not DICOM"), Header(problem="empty file"), Header("REG", uid="r"), Header("X"))
    )
    assert list(bins(linked).values()) == [Bin.FOREIGN, Bin.UNREADABLE, Bin.OTHER, Bin.OTHER]


def test_a_path_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        link(indexed(rtplan()) * 2)


HEADERS = st.one_of(
    st.builds(
        rtplan,
        st.integers(1, 3),
        st.sampled_from([None, (), ("s1",), ("s2", "s3")]),
        study_uid=st.sampled_from(["", "1", "2"]),
    ),
    st.builds(rtstruct, st.integers(1, 3)),
    st.builds(rtdose, st.integers(1, 4), st.sampled_from(["p1", "p2", "p3"]), st.sampled_from(["PLAN", "BEAM"])),
    st.builds(ct, st.integers(1, 3)),
    st.builds(rtplan, st.integers(1, 3), problem=st.just(CUT)),
    st.builds(rtdose, st.integers(1, 4), st.sampled_from(["p1", "p2"]), problem=st.just(CUT)),
    st.builds(rtdose, st.integers(1, 4), plans=st.just(()), study_uid=st.sampled_from(["", "1"]), problem=st.just(CUT)),
    st.builds(replace, st.builds(ct, st.integers(1, 3), frame=st.sampled_from(["", "9"])), problem=st.just(CUT)),
    st.sampled_from([Header(problem="not DICOM"), Header(problem=CUT), Header("REG", uid="p1"), Header("PR")]),
)


@st.composite
def archives(draw):
    headers = draw(st.lists(HEADERS, max_size=14))
    names = draw(st.permutations([f"{folder}/{n}" for folder in "ab" for n in range(7)]))
    # What is said of an object is its content, and sometimes the content alone differs.
    return [
        IndexedFile(name, header, f"{header} {draw(st.sampled_from([0, 0, 0, 1]))}")
        for name, header in zip(names, headers, strict=False)
    ]


@given(archives(), st.randoms(use_true_random=False))
def test_every_file_is_in_one_bin_and_the_order_of_files_changes_nothing(files, random):
    linked = link(files)
    assert sorted(place.path for place in linked.places) == sorted(file.path for file in files)
    assert sum(linked.account.values()) == len(files)
    shuffled = list(files)
    random.shuffle(shuffled)
    assert link(shuffled) == linked


@given(archives())
def test_every_rtplan_is_one_plan_and_complete_only_with_sound_objects_of_its_own(files):
    linked = link(files)
    by_path = {file.path: file for file in files}
    of_uid = {file.header.uid for file in files if file.header.kind == "RTPLAN"}
    assert Counter(plan.uid for plan in linked.plans) == Counter(dict.fromkeys(of_uid, 1))
    where = bins(linked)
    in_plans = set()
    for plan in linked.plans:
        assert bool(plan.reason) != plan.is_complete
        if not plan.is_complete:
            assert where[plan.plan] is not Bin.PLAN
            continue
        in_plans |= set(plan.files)
        assert plan.doses
        assert by_path[plan.structures].header.uid in by_path[plan.plan].header.structure_sets
        own = {f.header.uid for f in files if f.header.kind == "RTDOSE" and plan.uid in f.header.plans}
        assert {by_path[dose].header.uid for dose in plan.doses} == own
        of_plan = {by_path[path].header.uid for path in plan.files}
        assert of_plan.isdisjoint(f.header.uid for f in files if f.header.problem)
    assert in_plans == {path for path, each in where.items() if each is Bin.PLAN}


@given(archives(), st.data())
def test_copies_and_folders_change_neither_plans_nor_their_objects(files, data):
    def said(linked, files):
        uids = {file.path: file.header.uid for file in files}
        return sorted(
            (p.uid, p.bin, [uids[path] for path in p.files if path and p.is_complete][:2], len(p.doses))
            for p in linked.plans
        )

    whole = [file for file in files if file.header.uid or file.header.problem is None]
    copied = data.draw(st.lists(st.sampled_from(whole), unique=True)) if whole else []
    copies = [replace(file, path=f"copy/{file.path}") for file in copied]
    moved = [replace(file, path=f"elsewhere/{n}") for n, file in enumerate(reversed(whole))]
    linked = link(whole)
    assert said(link([*whole, *copies]), [*whole, *copies]) == said(linked, whole)
    assert said(link(moved), moved) == said(linked, whole)
    again = link([*whole, *copies]).account
    assert again[Bin.PLAN] == linked.account[Bin.PLAN]


@given(archives(), st.data())
def test_a_file_that_is_deleted_makes_no_plan_complete_that_was_unlinked(files, data):
    """Only what is in conflict or damaged can become sound by deletion, never what is missing."""
    linked = link(files)
    if not files:
        return
    gone = data.draw(st.sampled_from(files))
    unlinked = {plan.uid for plan in linked.plans if plan.bin is Bin.UNLINKED and "RTSTRUCTs" not in plan.reason}
    left = link([file for file in files if file is not gone])
    assert unlinked.isdisjoint(plan.uid for plan in left.plans if plan.is_complete)
