"""Which ROI is which structure of the protocol."""

import pytest

from hardcheck.errors import UsageError
from hardcheck.library import load_protocol
from hardcheck.plan import Structure
from hardcheck.protocol import Match, Protocol, match_structures
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
    assert {(m.structures, m.reason, m.how) for m in matches.values()} == {((), "not contoured", "")}


@pytest.mark.parametrize(
    "name", ["SpinalCord", "spinal cord", "SPINAL_CORD", "Spinal-Cord", "Spinal.Cord", " SpinalCord "]
)
def test_case_and_separators_are_forgiven(hard: Protocol, name: str) -> None:
    match = found(hard, "Cord", name)
    assert [s.name for s in match.structures] == [name]
    assert (match.reason, match.how) == (None, "alias")


def test_the_name_itself(hard: Protocol) -> None:
    assert found(hard, "Cord", "cord").how == "name"


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


def test_map_decides(hard: Protocol) -> None:
    match = found(hard, "Cord", "SpinalCord", "Cord", Cord="Cord")
    assert ([s.number for s in match.structures], match.reason, match.how) == ([2], None, "map")
    assert [s.number for s in found(hard, "Nerves", "NVB_L", "Nerve", Nerves="Nerve").structures] == [2]


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
    ],
)
def test_normal_form(one: str, other: str, same: bool) -> None:
    assert (normal(one) == normal(other)) is same
