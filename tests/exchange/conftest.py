"""What was imported, as hardcheck reads it."""

from __future__ import annotations

import pytest

from hardcheck.library import lint, load_protocol
from tests.exchange.samples import ALL


@pytest.fixture
def read(tmp_path):
    """The protocol that an import wrote, which has no problem."""

    def load(made):
        path = tmp_path / "imported.yaml"
        path.write_text(made.protocol, "utf-8")
        assert [str(problem) for problem in lint(path)] == []
        return load_protocol(path)

    return load


@pytest.fixture
def goals(read):
    """Structure, goal and tier of everything that an import took over."""
    return lambda made: [(g.structure, str(g), g.tier.value) for g in read(made).goals]


@pytest.fixture
def sample_file(tmp_path):
    """Writes the sample of a form, and gives its path."""

    def write(form, name=None):
        path = tmp_path / (name or ALL[form][0])
        path.write_text(ALL[form][1], "utf-8")
        return path

    return write
