"""Whatever the bytes are: a plan, or one printable line; never another exception, never a warning."""

from __future__ import annotations

import contextlib
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardcheck.dicom import read_plan, take_inventory
from hardcheck.errors import HardcheckError
from tests.dicom import datasets

FILES = {
    "rp": datasets.encoded(datasets.plan()),
    "rs": datasets.encoded(datasets.structures(), explicit=True),
    "rd": datasets.encoded(datasets.dose()),
    "ct": datasets.encoded(datasets.image(-30.0), meta=False),
}


@st.composite
def spoiled(draw) -> tuple[str, bytes]:
    """One of the files with some bytes changed, taken out or put in."""
    name = draw(st.sampled_from(sorted(FILES)))
    data = bytearray(FILES[name])
    start = 0 if name == "ct" else 128
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(start, len(data) - 1))
        size = draw(st.integers(0, 6))
        data[at : at + size] = draw(st.binary(max_size=6))
        if len(data) <= start + 1:
            break
    return name, bytes(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return datasets.write(tmp_path_factory.mktemp("spoiled"), **FILES)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoiled())
def test_spoiled_files_give_a_plan_or_one_line(folder, caplog, change):
    name, data = change
    datasets.write(folder, **{**FILES, name: data})
    line = datasets.refusal(folder)
    assert line.isprintable()
    assert "JANE" not in line
    take_inventory(folder)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_at_all(tmp_path_factory, data, preamble):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes((b"\0" * 128 + b"DICM" if preamble else b"") + data)
    with contextlib.suppress(HardcheckError):
        read_plan(path)
    with contextlib.suppress(HardcheckError):
        take_inventory(path)
