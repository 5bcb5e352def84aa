"""Which ROI is which structure of the protocol."""

from dataclasses import replace

import pytest

from hardcheck.errors import UsageError
from hardcheck.library import available, load_protocol
from hardcheck.plan import Structure
from hardcheck.protocol import How, Match, Protocol, Way, match_structures
from hardcheck.protocol.names import normal


@pytest.fixture(scope="module")
def hard() -> Protocol:
    return load_protocol("hard")


def roi(number: int, name: str) -> Structure:
    square = [[0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0]]
    return Structure.from_contours(number, name, [square])


def found(protocol: Protocol, wanted: str, *names: str, **mapping: str) -> Match[Structure]:
    rois = [roi(i, name) for i, name in enumerate(names, 1)]
    return match_structures(protocol, rois, mapping)[wanted]


def test_every_structure_of_the_protocol_has_a_match_in_order(hard: Protocol) -> None:
    matches = match_structures(hard, [], {})
    assert list(matches) == [s.name for s in hard.structures]
    assert {(m.structures, m.reason, m.ways) for m in matches.values()} == {((), "not contoured", ())}


@pytest.mark.parametrize(
    "name", ["SpinalCord", "spinal cord", "SPINAL_CORD", "Spinal-Cord", "Spinal.Cord", " SpinalCord "]
)
def test_case_and_separators_are_forgiven(hard: Protocol, name: str) -> None:
    match = found(hard, "Cord", name)
    assert [s.name for s in match.structures] == [name]
    assert (match.reason, match.ways) == (None, (Way(How.ALIAS, "SpinalCord"),))


def test_the_name_itself(hard: Protocol) -> None:
    assert found(hard, "Cord", "cord").ways == (Way(How.NAME),)


@pytest.mark.parametrize(
    "name",
    [
        "SpinalCord_PRV", "SpinalCord_PRV05", "SpinalCord05", "SpinalCord+5mm", "PRV SpinalCord", "zSpinalCord",
        "z_SpinalCord",
        "_SpinalCord", "-SpinalCord", "SpinalCord~", "SpinalCord!", "SpinalCord_opt", "optSpinalCord",
        "SpinalCord ring",
        "SpinalCord2", "Spinal", "SpinalCanal", "SpinalCord^Ex", "xSpinalCord", "SpinalCord-PTV", "SpinaICord",
        "Cord(old)",
    ],
)  # fmt: skip
def test_prv_ring_optimisation_and_other_structures_never_match(hard: Protocol, name: str) -> None:
    assert found(hard, "Cord", name).reason == "not contoured"
    # Nor do they disturb the structure itself.
    match = found(hard, "Cord", name, "SpinalCord")
    assert [s.number for s in match.structures] == [2]


@pytest.mark.parametrize(
    "name", ["PTV_HR_ring", "zPTV_HR", "PTV_HR_opt", "PTV_HR!", "PTV_HR-3mm", "PTV_HR2", "PTV", "PTV_IR"]
)
def test_planning_copies_of_a_target_never_match(hard: Protocol, name: str) -> None:
    assert all(m.structures == () for m in match_structures(hard, [roi(1, name)], {}).values())


def test_two_rois_are_never_decided_in_silence(hard: Protocol) -> None:
    match = found(hard, "Cord", "SpinalCord", "Cord", "Liver")
    assert match.structures == ()
    assert match.reason == "two ROIs match: 'SpinalCord' (#1) and 'Cord' (#2); choose with --map Cord=#1"


def test_an_empty_roi_still_counts(hard: Protocol) -> None:
    rois = [roi(1, "SpinalCord"), Structure.from_contours(2, "Cord", [])]
    assert match_structures(hard, rois, {})["Cord"].structures == ()


def test_two_rois_of_one_name(hard: Protocol) -> None:
    match = found(hard, "Bone", "Femur_L", "Femur_L")
    assert match.structures == ()
    assert match.reason is not None
    assert "'Femur_L' (#1) and 'Femur_L' (#2)" in match.reason


def test_each_roi_of_a_class_is_its_own(hard: Protocol) -> None:
    match = found(hard, "Bone", "Femur_L", "Liver", "Femur_R")
    assert [s.number for s in match.structures] == [1, 3]
    assert match.reason is None
    assert match.ways == (Way(How.ALIAS, "Femur_L"), Way(How.ALIAS, "Femur_R"))
    assert (match.way(3), match.way(2), match.way(None)) == (Way(How.ALIAS, "Femur_R"), None, None)


def test_map_decides(hard: Protocol) -> None:
    match = found(hard, "Cord", "SpinalCord", "Cord", Cord="Cord")
    assert ([s.number for s in match.structures], match.reason, match.ways) == ([2], None, (Way(How.MAP),))


def test_map_adds_to_what_is_looked_at_one_by_one(hard: Protocol) -> None:
    """What is chosen for one femur takes no other one out; of namesakes it still chooses one."""
    match = found(hard, "Bone", "Femur_L", "Tibia shaft", "Femur_R", Bone="Tibia shaft")
    assert [s.number for s in match.structures] == [2, 1, 3]
    assert match.ways == (Way(How.MAP), Way(How.ALIAS, "Femur_L"), Way(How.ALIAS, "Femur_R"))
    assert [s.number for s in found(hard, "Bone", "Femur_L", "Femur_R", Bone="Femur_R").structures] == [2, 1]
    assert [s.number for s in found(hard, "Bone", "Femur_L", "Femur_L", Bone="#2").structures] == [2]


def test_map_takes_any_roi(hard: Protocol) -> None:
    match = found(hard, "Cord", "Myelon 2019", Cord="Myelon 2019")
    assert [s.number for s in match.structures] == [1]


def test_map_by_the_id_of_a_goal(hard: Protocol) -> None:
    rois = [roi(7, "A"), roi(8, "B")]
    match = match_structures(hard, rois, {"cord-max-required": "B"})["Cord"]
    assert [s.number for s in match.structures] == [8]


@pytest.mark.parametrize("text", ["#7", "7"])
def test_map_by_number(hard: Protocol, text: str) -> None:
    rois = [roi(7, "SpinalCord"), roi(8, "Cord")]
    assert [s.number for s in match_structures(hard, rois, {"Cord": text})["Cord"].structures] == [7]


def test_a_name_that_looks_like_a_number_is_a_name(hard: Protocol) -> None:
    rois = [roi(7, "A"), roi(8, "7")]
    assert [s.number for s in match_structures(hard, rois, {"Cord": "7"})["Cord"].structures] == [8]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"Chord": "A"}, "no structure or goal 'Chord'; did you mean 'Cord'"),
        ({"cord": "A"}, "no structure or goal 'cord'; did you mean 'Cord'"),
        ({"Cord": "Spinalcrd"}, "no ROI 'Spinalcrd'; did you mean 'SpinalCord'"),
        ({"Cord": "#9"}, "no ROI '#9'"),
        ({"Cord": "Twin"}, "2 ROIs are named 'Twin'; give the number: Cord=#3 or Cord=#4"),
        ({"Cord": "A", "cord-max-required": "SpinalCord"}, "Cord is given two ROIs"),
    ],
)
def test_map_that_cannot_be_followed(hard: Protocol, mapping: dict[str, str], words: str) -> None:
    rois = [roi(1, "A"), roi(2, "SpinalCord"), roi(3, "Twin"), roi(4, "Twin")]
    with pytest.raises(UsageError) as caught:
        match_structures(hard, rois, mapping)
    assert words in str(caught.value)


def test_text_from_dicom_stays_one_line_and_out_of_the_suggested_command(hard: Protocol) -> None:
    match = found(hard, "Cord", "Spinal\u00a0Cord", "Cord", "Cord\x1b[31m\n$(reboot)")
    assert [s.number for s in match.structures] == [2]
    rois = [roi(1, "Twin\n$(reboot)"), roi(2, "Twin\n$(reboot)")]
    with pytest.raises(UsageError) as caught:
        match_structures(hard, rois, {"Cord": "Twin\n$(reboot)"})
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("give the number: Cord=#1 or Cord=#2")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Lung_0.5cm", "Lung_05cm", False),
        ("Lt.Femur", "Lt Femur", True),
        ("_Cord", "Cord", False),
        ("e\u0301", "\u00e9", True),
        ("Straße", "STRASSE", True),
        ("PTV1", "PTV", False),
        ("Ring_.5cm", "Ring_5cm", False),
        ("Ring_.5cm", "Ring.5cm", True),
        ("PTV_1_1", "PTV_11", False),
        ("PTV_1_1", "PTV 1-1", True),
        ("PTV_1_1", "PTV 1 _1", True),
        ("Femur L.", "Femur_L", True),
        ("CTV-IR", "CTV_IR", True),
    ],
)
def test_normal_form(one: str, other: str, same: bool) -> None:
    assert (normal(one) == normal(other)) is same


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (Way(How.NAME), "by its name"),
        (Way(How.ALIAS, "SpinalCord"), "by the alias SpinalCord"),
        (Way(How.SITE_ALIAS, "Medulla"), "by the site's alias Medulla"),
        (Way(How.MAP), "chosen with --map"),
        (Way(How.EXPRESSION, "Lung_L | Lung_R"), "made: Lung_L | Lung_R"),
    ],
)
def test_a_way_in_words(way: Way, said: str) -> None:
    assert str(way) == said


def with_site(protocol: Protocol, name: str, *aliases: str) -> Protocol:
    structures = (replace(s, site_aliases=aliases) if s.name == name else s for s in protocol.structures)
    return replace(protocol, structures=tuple(structures))


class TestSiteAliases:
    def test_they_are_compared_as_those_of_the_protocol_are(self, hard: Protocol) -> None:
        match = found(with_site(hard, "Cord", "Medulla spinalis"), "Cord", "MEDULLA_SPINALIS")
        assert match.ways == (Way(How.SITE_ALIAS, "Medulla spinalis"),)

    def test_a_name_that_the_protocol_has_too_is_the_same_match(self, hard: Protocol) -> None:
        match = found(with_site(hard, "Cord", "spinal cord"), "Cord", "SpinalCord")
        assert match.ways == (Way(How.ALIAS, "SpinalCord"),)

    def test_two_rois_are_as_ambiguous_as_ever(self, hard: Protocol) -> None:
        match = found(with_site(hard, "Cord", "Medulla"), "Cord", "SpinalCord", "Medulla")
        assert match.structures == ()
        assert match.reason == "two ROIs match: 'SpinalCord' (#1) and 'Medulla' (#2); choose with --map Cord=#1"

    @pytest.mark.parametrize("name", ["Cord_PRV", "z_Cord", "_Cord", "Cord~", "Cord!", "Cord ring", "Cord+5"])
    def test_a_planning_structure_matches_where_one_names_it(self, hard: Protocol, name: str) -> None:
        assert found(hard, "Cord", name).structures == ()
        assert found(with_site(hard, "Cord", name), "Cord", name).ways == (Way(How.SITE_ALIAS, name),)


# A structure of HARD, a stem and whether its sides are structures of their own.
SIDED = [("Bone", "Femur"), ("Lung_{}", "Lung"), ("Kidney_{}", "Kidney")]


class TestLaterality:
    @pytest.mark.parametrize(("structure", "stem"), SIDED)
    @pytest.mark.parametrize("side", ["L", "R"])
    @pytest.mark.parametrize(
        "form", ["{stem}_{side}", "{side}_{stem}", "{word} {stem}", "{stem}-{word}", "{stem}{side}", "{word}{stem}"]
    )
    def test_each_side_is_its_own(self, hard: Protocol, structure: str, stem: str, side: str, form: str) -> None:
        word = {"L": "Left", "R": "Right"}[side]
        name = form.format(stem=stem, side=side, word=word)
        for spelled in (name, name.lower(), name.upper()):
            matches = match_structures(hard, [roi(1, spelled)], {})
            assert [n for n, m in matches.items() if m.structures] == [structure.format(side)], spelled

    @pytest.mark.parametrize("name", ["Lung", "Lung_LR", "Lung_M", "Lung_L1", "Lung_L_PRV", "z_Lung_L", "Lung_L~"])
    def test_what_is_no_side_is_none(self, hard: Protocol, name: str) -> None:
        assert not any(m.structures for m in match_structures(hard, [roi(1, name)], {}).values())

    def test_no_shipped_protocol_takes_one_side_for_the_other(self) -> None:
        """Of a structure that has a side, every name has the same one; others are classes, evaluated one by one."""
        sides = {"l": "left", "left": "left", "lt": "left", "r": "right", "right": "right", "rt": "right"}
        checked = 0
        for entry in available():
            for structure in load_protocol(entry.id).structures:
                said = {sides[w] for n in structure.names for w in n.casefold().split("_") if w in sides}
                checked += len(said)
                assert len(said) < 2 or structure.each, structure.name
        assert checked > 4


class TestNear:
    """Where nothing matches, names that are spelled alike are a hint for a person."""

    def test_they_are_named_and_not_taken(self, hard: Protocol) -> None:
        match = found(hard, "Cord", "Spinal Cord 1", "Liver")
        assert (match.structures, match.reason, match.near) == ((), "not contoured", ("Spinal Cord 1",))

    def test_the_nearest_comes_first_and_three_are_enough(self, hard: Protocol) -> None:
        match = found(hard, "Heart", "Heart_old2", "Hearts", "Hearth_1", "Heart_old34")
        assert match.near[0] == "Hearts"
        assert len(match.near) == 3

    def test_none_that_is_another_structure_or_was_chosen(self, hard: Protocol) -> None:
        assert found(hard, "CTV_LR", "CTV_IR", "PTV_LR").near == ()
        assert found(hard, "Cord", "Spinal Cord 1", Nerves="Spinal Cord 1").near == ()

    def test_none_where_something_matches(self, hard: Protocol) -> None:
        assert found(hard, "Cord", "SpinalCord", "SpinalCord1").near == ()
        assert found(hard, "Cord", "SpinalCord", "Cord", "SpinalCord1").near == ()

    @pytest.mark.parametrize("name", ["SpinalCord_PRV05", "zSpinalCord", "_SpinalCord", "SpinalCord~", "SpinalCord!"])
    def test_no_planning_structure(self, hard: Protocol, name: str) -> None:
        assert found(hard, "Cord", name).near == ()

    def test_not_the_other_side(self, hard: Protocol) -> None:
        assert found(hard, "Lung_R", "LungL1", "LungR1").near == ("LungR1",)


def mark(number: int, name: str, kind: str = "ISOCENTER", points: int = 1, geometric: str = "POINT") -> Structure:
    contours = [[[0, 0, i] for i in range(points)]]
    return Structure.from_contours(number, name, contours, geometric_type=geometric, interpreted_type=kind)


@pytest.mark.parametrize("kind", ["ISOCENTER", "MARKER", "REGISTRATION", "CONTROL"])
def test_a_mark_beside_a_volume_of_that_name_is_left_out_and_told(hard: Protocol, kind: str) -> None:
    match = match_structures(hard, [mark(1, "spinal_cord", kind), roi(2, "SpinalCord")])["Cord"]
    assert [s.number for s in match.structures] == [2]
    assert [s.number for s in match.marks] == [1]
    assert match.caveats == ("ROI 1 'spinal_cord' has the name too and was left out: it marks a point",)


def test_a_mark_beside_a_volume_of_another_alias_is_not_left_out(hard: Protocol) -> None:
    # It may be all that is left of the structure, and the volume another one.
    match = match_structures(hard, [mark(1, "Cord"), roi(2, "SpinalCord")])["Cord"]
    assert match.structures == match.marks == ()
    assert "two ROIs match" in (match.reason or "")


def test_a_target_of_several_that_is_there_as_a_mark_alone_stays_a_target(hard: Protocol) -> None:
    lesions = replace(hard, structures=tuple(replace(s, each=s.name == "Cord") for s in hard.structures))
    match = match_structures(lesions, [roi(2, "Cord"), mark(4, "SpinalCord")])["Cord"]
    assert [(s.number, s.unusable is None) for s in match.structures] == [(2, True), (4, False)]
    assert match.marks == ()


@pytest.mark.parametrize(
    "other",
    [
        mark(1, "Cord", ""),  # of no type
        mark(1, "Cord", "PTV"),  # a target drawn as a point
        mark(1, "Cord", "ORGAN"),
        mark(1, "Cord", points=2),  # several points in one contour
        mark(1, "Cord", points=3, geometric="OPEN_PLANAR"),
        mark(1, "Cord", points=3, geometric="CLOSED_PLANAR"),
        Structure.from_contours(1, "Cord", [], interpreted_type="ISOCENTER"),  # nothing says that it is a point
    ],
)
def test_whatever_is_not_for_certain_a_mark_stays_ambiguous(hard: Protocol, other: Structure) -> None:
    match = match_structures(hard, [other, roi(2, "cord")])["Cord"]
    assert match.structures == match.marks == ()
    assert "two ROIs match" in (match.reason or "")


def test_a_mark_alone_is_the_match_and_never_not_contoured(hard: Protocol) -> None:
    alone = match_structures(hard, [mark(1, "Cord")])["Cord"]
    assert [s.number for s in alone.structures] == [1]
    assert alone.structures[0].unusable
    empty = Structure.from_contours(2, "SpinalCord", [])
    assert "two ROIs match" in (match_structures(hard, [mark(1, "SpinalCord"), empty])["Cord"].reason or "")


def test_a_mark_that_a_person_chose_is_taken(hard: Protocol) -> None:
    match = match_structures(hard, [mark(1, "Cord"), roi(2, "cord")], {"Cord": "#1"})["Cord"]
    assert [s.number for s in match.structures] == [1]
    assert match.marks == ()


def test_of_each_target_a_mark_is_left_out() -> None:
    protocol = load_protocol("hard")
    lesions = replace(protocol, structures=tuple(replace(s, each=s.name == "Cord") for s in protocol.structures))
    found = [roi(2, "Cord"), roi(3, "SpinalCord"), mark(4, "Spinal_Cord")]
    match = match_structures(lesions, found)["Cord"]
    assert [s.number for s in match.structures] == [2, 3]
    assert [s.number for s in match.marks] == [4]
    kept = match_structures(lesions, found, {"Cord": "#2"})["Cord"]
    assert [s.number for s in kept.marks] == [4]
