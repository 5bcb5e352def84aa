"""Whether PDFs can be made here. Tests that need them are skipped where they cannot, saying why.

Where the environment variable HARDCHECK_MUST_RUN says "pdf", as in `.ci/run`, they fail instead.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import pytest

from hardcheck.errors import UsageError
from hardcheck.pdf import need_engine

MUST_RUN = "pdf" in os.environ.get("HARDCHECK_MUST_RUN", "").split()


def library(name: str) -> Any:
    """The library of that name, which comes with the extra `pdf` or `test`."""
    return import_module(name) if MUST_RUN else pytest.importorskip(name)


def _missing() -> str:
    """Why no PDF can be made; empty where one can."""
    try:
        need_engine()
    except UsageError as error:
        return str(error)
    return ""


REASON = _missing()
needs_pdf = pytest.mark.skipif(bool(REASON) and not MUST_RUN, reason=REASON or "the engine is there")
