"""Which protocol a plan is of, by its header alone: one that fits, or the reasons why none is chosen."""

from __future__ import annotations

import pytest

from hardcheck.archive import choose_protocol
from hardcheck.dicom import Header, read_header
from hardcheck.dicom.writer import write_plan
from hardcheck.library import available, load_protocol
from hardcheck.phantom import box_plan, thigh_plan
from tests.archive.files import prescription

SHIPPED = [load_protocol(entry.id) for entry in available()]
HARD = load_protocol("hard")
HARD_ROIS = ("GTV", "PTV_HR", "CTV_IR", "PTV_LR")


def choice(rois, fractions, protocols=SHIPPED, **levels_gy):
    header = Header("RTPLAN", uid="p", prescription=prescription(fractions, **levels_gy))
    return choose_protocol(header, tuple(enumerate(rois, 1)), protocols)


@pytest.mark.parametrize(
    ("fractions", "levels", "regimen"),
    [
        (22, {"HR": 66, "IR": 55, "LR": 50.6}, "22fx"),
        (22, {"HR": 66}, "22fx"),
        (20, {"HR": 60, "IR": 50, "LR": 44}, "20fx"),
        (28, {"HR": 70}, "28fx"),
    ],
)
def test_fractions_and_doses_choose_protocol_and_regimen(fractions, levels, regimen):
    chosen = choice(HARD_ROIS, fractions, [HARD], **levels).chosen
    assert (chosen.protocol.id, chosen.regimen.id) == ("hard", regimen)


@pytest.mark.parametrize(
    ("rois", "fractions", "levels", "why"),
    [
        (HARD_ROIS, 23, {"HR": 66}, "23 fractions"),
        (HARD_ROIS, None, {"HR": 66}, "no single number of fractions"),
        (HARD_ROIS, 22, {}, "no prescribed dose"),
        (HARD_ROIS, 22, {"HR": 44}, "level HR of regimen 22fx is 66 Gy, and the plan prescribes 44 Gy"),
        (
            HARD_ROIS,
            22,
            {"HR": 66, "IR": 50},
            "level IR of regimen 22fx is 55 Gy, and the plan prescribes 50 Gy for it",
        ),
        (HARD_ROIS, 22, {"HR": 66, "LR": 40}, "level LR of regimen 22fx is 44 to 50.6 Gy"),
        (("GTV", "PTV_HR", "PTV_LR"), 22, {"HR": 66}, "no target of level IR is contoured (CTV_IR)"),
        (("Lung_L",), 22, {"HR": 66}, "no target of level HR is contoured (GTV, PTV_HR)"),
    ],
)
def test_what_does_not_fit_is_said(rois, fractions, levels, why):
    found = choice(rois, fractions, [HARD], **levels)
    assert found.chosen is None
    assert why in found.reason
    assert found.reason.startswith("no protocol fits: hard: ")


def test_of_several_that_fit_none_is_chosen():
    found = choice(HARD_ROIS, 20, HR=60)
    assert [str(each) for each in found.fitting] == ["hard:20fx", "miyakojima:20fx", "sfrt_trial:conventional"]
    assert found.chosen is None
    found = choice(("PTV", "Femur"), 25, Rx=50)
    assert [str(each) for each in found.fitting] == ["femur_fracture:any", "preoperative:25x2"]
    assert found.chosen is None
    assert found.reason == "2 protocols fit: femur_fracture:any, preoperative:25x2"


def test_a_guard_keeps_a_protocol_from_another_schedule_even_if_it_could_convert():
    femur = load_protocol("femur_fracture")
    assert choice(("Femur",), 25, [femur], Rx=50).chosen is not None
    assert "for schedules of 1.8 to 2.2 Gy per fraction" in choice(("Femur",), 10, [femur], Rx=40).reason
    assert "none of its structures is contoured" in choice(("PTV",), 25, [femur], Rx=50).reason


def test_names_that_match_twice_are_of_the_protocol_all_the_same():
    assert choice((*HARD_ROIS, "PTV_High"), 22, HR=66).chosen is not None


def test_the_order_of_protocols_and_structures_changes_nothing():
    one = choice(HARD_ROIS, 22, HR=66)
    assert choice(HARD_ROIS[::-1], 22, SHIPPED[::-1], HR=66) == one
    assert [each.protocol.id for each in one.candidates] == sorted(protocol.id for protocol in SHIPPED)


def test_without_protocols_there_is_none():
    assert choice(HARD_ROIS, 22, [], HR=66).reason == "there is no protocol"


@pytest.mark.parametrize("plan", [box_plan, thigh_plan])
def test_files_of_a_plan_choose_as_its_numbers_do(tmp_path, plan):
    write_plan(plan(), tmp_path)
    rois = read_header(tmp_path / "RS.dcm").rois
    chosen = choose_protocol(read_header(tmp_path / "RP.dcm"), rois, SHIPPED).chosen
    assert (chosen.protocol.id, chosen.regimen.id) == ("hard", "22fx")
