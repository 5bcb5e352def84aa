"""What docs/sign-off.md shows is what works, one line after the other."""

import json
import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from hardcheck.cli.commands import hardcheck as command

ROOT = Path(__file__).parents[2]
(BLOCK,) = re.findall(
    r"^```bash\n(.*?)^```$", (ROOT / "docs" / "sign-off.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)


def test_the_commands_of_the_page(tmp_path, monkeypatch):
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    for line in BLOCK.splitlines():
        name, *arguments = shlex.split(line)
        assert name == "hardcheck"
        result = CliRunner().invoke(command, arguments)
        assert result.exit_code == (3 if arguments[0] == "check" else 0), result.output
    (entry,) = json.loads((tmp_path / "evaluation.json").read_text("utf-8"))["accepted"]
    assert entry["reason"] in (tmp_path / "report.html").read_text("utf-8")
