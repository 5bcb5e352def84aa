"""A real Chromium for the report. One browser for all tests; a page of its own, that is watched, for each.

Skipped, saying so, where Playwright or Chromium is not there; with HARDCHECK_BROWSER=required that is a failure.
"""

from __future__ import annotations

import os
import shutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import hardcheck as hc
from hardcheck.report import render
from tests.report.sample import CLOCK

ROOT = Path(__file__).parents[2]


HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
EXTRA = ("playwright", "axe_playwright_python", "pypdf")


def missing() -> str:
    """What these tests cannot do without, and how to have it; empty where all of it is there."""
    lacking = [name for name in EXTRA if find_spec(name) is None]
    if lacking:
        return f"not installed: {', '.join(lacking)}; pip install -e '.[browser]'"
    return "" if CHROMIUM else "no Chromium: install Debian's package chromium, or name the program in CHROMIUM"


MISSING = missing()
REQUIRED = os.environ.get("HARDCHECK_BROWSER") == "required"


def pytest_collection_modifyitems(items):
    if MISSING and not REQUIRED:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def browser():
    if MISSING:
        pytest.fail(MISSING)
    with import_module("playwright.sync_api").sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM)
        yield started
        started.close()


class Watched:
    """A page, and everything about it that must not happen."""

    def __init__(self, browser, **options) -> None:
        self.context = browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | options))
        self.page = self.context.new_page()
        self.page.set_default_timeout(5000)
        self.odd: list[str] = []
        self.allowed = ""
        self.page.on("console", lambda message: self.odd.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.odd.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)

    def _dialog(self, dialog) -> None:
        self.odd.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request) -> None:
        if request.url != self.allowed and not request.url.startswith("data:"):
            self.odd.append(f"request: {request.url}")

    def open(self, path: Path):
        self.allowed = path.as_uri()
        self.page.goto(self.allowed)
        return self.page


@pytest.fixture
def watched(browser):
    """Opens reports; whatever a page asks for, complains about or says in a dialog fails the test."""
    made: list[Watched] = []

    def opened(path: Path, **options):
        one = Watched(browser, **options)
        made.append(one)
        return one.open(path)

    yield opened
    for one in made:
        one.context.close()
    assert [odd for one in made for odd in one.odd] == []


@pytest.fixture(scope="session")
def evaluation():
    plan = hc.read_plan(ROOT / "sample_data" / "thigh")
    return hc.evaluate(plan, hc.load_protocol("hard"), levels={"LR": 50.6})


@pytest.fixture(scope="session")
def report(evaluation, tmp_path_factory):
    """The report of the sample plan."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    render(evaluation, path, created=CLOCK)
    return path
