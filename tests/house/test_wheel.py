"""What the wheel carries, and what not."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    for tool in ("build", "hatchling"):
        if find_spec(tool) is None:
            pytest.skip(f"{tool} is not installed: the wheel cannot be built here")
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    (wheel,) = out.glob("*.whl")
    with ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.mark.parametrize("folder", ["protocols", "templates"])
def test_data_files_are_inside_the_package(names, folder):
    shipped = [path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*") if path.is_file()]
    assert shipped
    for path in shipped:
        assert f"hardcheck/_files/{folder}/{path.as_posix()}" in names


def test_every_module_is_there(names):
    for path in (ROOT / "hardcheck").rglob("*.py"):
        assert path.relative_to(ROOT).as_posix() in names


def test_nothing_else_is_there(names):
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"hardcheck"}
    assert not [name for name in names if name.endswith((".dcm", ".pyc"))]
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]
