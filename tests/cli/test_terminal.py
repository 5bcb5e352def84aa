"""What reaches a terminal is what the text says, and nothing else."""

import re
from dataclasses import replace

import pytest

from hardcheck.dicom.writer import write_plan
from hardcheck.phantom import box_plan

ESCAPE = "\N{ESCAPE}"
HOSTILE = [
    "[red]GTV[/red]",
    "<img src=x onerror=alert(1)>",
    "a\N{RIGHT-TO-LEFT OVERRIDE}b",
    "[link=http://x]y[/link]",
    ":smile:",
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    plan = box_plan()
    extra = tuple(replace(plan.structures[1], number=100 + n, name=name) for n, name in enumerate(HOSTILE))
    write_plan(replace(plan, structures=(*plan.structures, *extra), label="[blink]X"), folder)
    return folder


@pytest.mark.parametrize("arguments", [["dvh"], ["inspect"], ["check", "-p", "hard"]])
def test_names_are_shown_as_their_characters(run, hostile, arguments):
    text = run(arguments[0], hostile, *arguments[1:], COLUMNS="400").stdout
    assert ESCAPE not in text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
    if arguments[0] != "check":
        for name in HOSTILE:
            assert name.replace("\N{RIGHT-TO-LEFT OVERRIDE}", r"\u202e") in text
    if arguments[0] != "dvh":
        assert "[blink]X" in text


def test_no_colour_where_it_is_no_terminal(run, box):
    assert ESCAPE not in run("check", box, "-p", "hard").output


def test_no_colour_when_it_is_not_wanted(run, box):
    coloured = run("check", box, "-p", "hard", FORCE_COLOR="1").stdout
    assert ESCAPE in coloured
    plain = run("check", box, "-p", "hard", FORCE_COLOR="1", NO_COLOR="1").stdout
    assert not re.search(rf"{ESCAPE}\[[0-9;]*3[0-9]", plain)


@pytest.mark.parametrize("width", [60, 100])
def test_the_width_is_kept(run, box, width):
    for arguments in (["check", box, "-p", "hard"], ["dvh", box], ["inspect", box]):
        lines = run(*arguments, COLUMNS=str(width)).stdout.splitlines()
        assert max(map(len, lines)) <= width


def test_every_word_of_a_narrow_table_is_there(run, box):
    assert "required" in run("check", box, "-p", "hard", COLUMNS="80").stdout
