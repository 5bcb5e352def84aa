"""What docs/audit.md says is what the command and the package have."""

from pathlib import Path

import click
import pytest

from hardcheck.archive import Bin as FileBin
from hardcheck.cli.commands import audit
from hardcheck.store import Bin

PAGE = (Path(__file__).parents[2] / "docs" / "audit.md").read_text("utf-8")
OPTIONS = [option for option in audit.params if isinstance(option, click.Option) and not option.hidden]


@pytest.mark.parametrize("option", [option.opts[0] for option in OPTIONS])
def test_every_option_is_there(option):
    assert f"`{option}" in PAGE


@pytest.mark.parametrize("name", ["memory", "time_limit"])
def test_defaults_are_those_of_the_command(name):
    (option,) = (option for option in OPTIONS if option.name == name)
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{option.opts[0]}"))
    assert f", {option.default} |" in row


def test_every_bin_is_there():
    cells = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("|")]
    for each in (*Bin, *FileBin):
        assert any(str(each) in cell for cell in cells), each
