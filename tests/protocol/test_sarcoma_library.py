"""The shipped sarcoma protocols beside HARD, against tables typed by hand from the clinical content."""

import re

import pytest

from hardcheck.files import data_folder
from hardcheck.library import load_protocol, protocol_table
from hardcheck.protocol import Fractionation, Protocol, parse_goal

SARCOMA = sorted(path.stem for path in (data_folder("protocols") / "sarcoma").glob("*.yaml"))

GOALS = {
    # Casey et al. 2021: recommended, about 2 Gy per fraction
    "femur_fracture": {
        ("Femur", "Mean[Gy]", "<", 37.0, "recommended"),
        ("Femur", "V40Gy[%]", "<", 64.0, "recommended"),
        ("Femur", "Max[Gy]", "<", 59.0, "recommended"),
    },
    # Feng et al. 2020: plausibility bounds
    "feng_cyberknife": {
        ("PTV", "CI_CK[]", ">=", 1.00, "advisory"),
        ("PTV", "CI_CK[]", "<=", 2.77, "advisory"),
        ("PTV", "nCI[]", ">=", 1.13, "advisory"),
        ("PTV", "nCI[]", "<=", 2.93, "advisory"),
        ("PTV", "HI_max[]", ">=", 1.10, "advisory"),
        ("PTV", "HI_max[]", "<=", 2.00, "advisory"),
        ("PTV", "V100%[%]", ">=", 47.81, "advisory"),
        ("PTV", "V100%[%]", "<=", 99.75, "advisory"),
        ("PTV", "Volume[cc]", ">=", 2.02, "advisory"),
        ("PTV", "Volume[cc]", "<=", 1878.09, "advisory"),
    },
    "miyakojima": set(),
    "preoperative": set(),
    "sfrt_trial": set(),
}

REGIMENS = {
    "femur_fracture": {(None, "as prescribed")},
    "feng_cyberknife": {(None, "as prescribed")},
    "miyakojima": {(10, "40 Gy"), (4, "52 Gy"), (20, "60 Gy")},
    # fractions times dose, as section 2 lists them
    "preoperative": {
        (25, "50 Gy"), (15, "42.75 Gy"), (10, "30 Gy"), (10, "32.5 Gy"), (10, "35 Gy"), (5, "17.5 Gy"), (8, "28 Gy"),
        (5, "25 Gy"), (5, "30 Gy"), (5, "35 Gy"), (5, "40 Gy"), (14, "42 Gy"), (18, "36 Gy"),
    },
    "sfrt_trial": {(None, "as prescribed")},
}  # fmt: skip

SCHEDULES = {
    "femur_fracture": Fractionation(None, (1.8, 2.2)),
    "feng_cyberknife": Fractionation((1, 10), None),
    "miyakojima": None,
    "preoperative": None,
    "sfrt_trial": Fractionation((15, 20), (3.0, 3.0)),
}

REPORTED = {
    "femur_fracture": {},
    "feng_cyberknife": {"PTV": {"Max[%]", "CI_Paddick[]", "CI_RTOG[]"}},
    "miyakojima": {
        "PTV": {"D95%[%]", "V100%[%]", "Volume[cc]"},
        "GTV": {"D99%[%]", "Volume[cc]"},
        "Heart": {"V30Gy EQD2(ab=3)[%]", "V32.45Gy[%]", "Volume[cc]"},
    },
    # ICRU Report 83
    "preoperative": {
        "GTV": {"D98%[%]", "D50%[%]", "D2%[%]", "Volume[cc]"},
        "CTV": {"D98%[%]", "D50%[%]", "D2%[%]", "Volume[cc]"},
        "PTV": {"D98%[%]", "D50%[%]", "D2%[%]", "V95%[%]", "Volume[cc]"},
    },
    "sfrt_trial": {
        "GTV": {"D5%[Gy]", "D10%[Gy]", "D50%[Gy]", "D90%[Gy]", "D95%[Gy]", "Mean[Gy]", "PVDR[]", "Volume[cc]"},
    },
}

SAID = {
    "femur_fracture": ["Ann Surg Oncol 28(5):2700"],
    "feng_cyberknife": ["20 to 75 Gy", "1 to 10 fractions", "50 to 88 %", "58 lesions"],
    "miyakojima": [
        "97.7 % (82.3 to 99.4 %)", "100.1 % (83.6 to 103.0 %)", "92.1 % (73.8 to 97.9 %)", "98.6 % (85.4 to 102.5 %)",
        "56.0 and 93.3 Gy", "119.6 and 277.3 Gy", "6 % of 1030 cc", "67 lesions",
    ],
    "preoperative": [
        "EQD2 50.0 Gy", "EQD2 48.0 Gy", "EQD2 34.3 Gy", "EQD2 38.4 Gy", "EQD2 42.6 Gy", "EQD2 21.3 Gy", "EQD2 34.1 Gy",
        "EQD2 35.9 Gy", "EQD2 47.4 Gy", "EQD2 60.4 Gy", "EQD2 74.8 Gy", "EQD2 48.1 Gy", "85.87 Gy", "DOREMY", "4.9 Gy",
        "10.1016/j.semradonc.2023.12.004",
    ],
    "sfrt_trial": ["15 to 20 fractions of 3.0 Gy", "8 to 15 Gy for 3 or 4 fractions", "at least 5 cm", "106 patients"],
}  # fmt: skip
"""Numbers that are words and no goals."""


def test_all_are_in_the_tables() -> None:
    assert set(SARCOMA) - {"hard"} == set(GOALS) == set(REGIMENS) == set(SCHEDULES) == set(REPORTED) == set(SAID)


@pytest.fixture(params=sorted(GOALS))
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return load_protocol(request.param)


def test_goals(protocol: Protocol) -> None:
    found = {(g.structure, str(g.metric), str(g.op), g.limit.value, str(g.tier)) for g in protocol.goals}
    assert found == GOALS[protocol.id]
    assert len(protocol.goals) == len(found)


def test_regimens(protocol: Protocol) -> None:
    found = [(r.fractions, level.text) for r in protocol.regimens for level in r.levels]
    assert set(found) == REGIMENS[protocol.id]
    assert len(found) == len(REGIMENS[protocol.id]) == len({r.id for r in protocol.regimens})
    assert protocol.fractionation == SCHEDULES[protocol.id]


def test_preoperative_regimens_are_named_by_what_they_are() -> None:
    for regimen in load_protocol("preoperative").regimens:
        fractions, dose_gy = regimen.id.split("x")
        assert int(fractions) == regimen.fractions
        assert [level.dose_gy for level in regimen.levels] == [pytest.approx(int(fractions) * float(dose_gy))]


def test_what_is_reported(protocol: Protocol) -> None:
    assert {s.name: {str(m) for m in s.report} for s in protocol.structures if s.report} == REPORTED[protocol.id]


def test_numbers_in_words(protocol: Protocol) -> None:
    words = [
        protocol.source,
        *protocol.notes,
        *(s.note for s in protocol.structures),
        *(r.when for r in protocol.regimens),
    ]
    text = " ".join(words)
    assert [number for number in SAID[protocol.id] if number not in text] == []


def test_every_goal_has_its_source_and_reads_back(protocol: Protocol) -> None:
    for goal, row in zip(protocol.goals, protocol_table(protocol), strict=True):
        assert goal.source
        assert (goal.metric, goal.op, goal.limit) == parse_goal(row.goal)
    assert re.search(r"[0-9]", protocol.source)
    assert protocol.verification == "transcribed"
