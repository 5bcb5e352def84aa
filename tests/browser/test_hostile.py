"""Whatever a file holds is shown as text: no element more, nothing that acts, on the screen and on paper."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hardcheck.report import render
from hardcheck.visible import visible
from tests.browser.conftest import Watched
from tests.browser.hostile import VARIANTS
from tests.report.sample import CLOCK, everything

ELEMENTS = "[...document.querySelectorAll('*')].map(e => [e.tagName, ...e.getAttributeNames().sort()].join(' '))"


def hostile(text: str):
    """`text` wherever a file puts text: patient, plan, ROIs, findings, and all texts of the protocol."""
    made = everything(text)
    protocol = made.protocol
    renamed = {name: f"{name} {text}" for name in dict.fromkeys(goal.structure for goal in protocol.goals)}
    results = tuple(
        replace(r, goal=replace(r.goal, structure=renamed[r.goal.structure], source=text, printed=text))
        for r in made.results
    )
    structures = tuple(replace(s, name=renamed[s.name]) for s in protocol.structures)
    return replace(
        made,
        results=results,
        protocol=replace(
            protocol,
            id=text,
            version=text,
            title=text,
            source=text,
            structures=structures,
            goals=tuple(r.goal for r in results),
        ),
        regimen=replace(made.regimen, id=text, caveat=text),
    )


PLACES = {
    "patient name": ".identity .facts:nth-child(1)",
    "patient ID": ".identity .facts:nth-child(1) dl > div:nth-child(2) dd bdi",
    "plan label": ".identity .facts:nth-child(2) dl > div:nth-child(1) dd bdi",
    "regimen": ".identity .facts:nth-child(3) dl > div:nth-child(2) dd bdi",
    "ROI in the goals": "table.goals .roi bdi",
    "ROI in the plot's key": "table.dvh tbody th bdi",
    "structure of the protocol": "table.goals .structure .name",
    "line to be read off": "#plot-line option",
    "source of a goal": "#source-1 dd",
}


HANDLED = """text => {
  const search = document.querySelector('#goal-structure');
  const byName = document.querySelector('table.goals th[data-sort=name] button');
  const look = words => { search.value = words; search.dispatchEvent(new Event('input')); };
  look(text);
  byName.click();
  const slider = document.querySelector('#plot-dose');
  slider.focus();
  const read = document.querySelector('#plot-reader output').textContent;
  look('');
  byName.click();
  byName.click();
  return read;
}"""
"""What the script does with text: it looks for it, sorts by it, and reads it out; this gives what it read."""


def spaced(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")

    def one(text: str, name: str):
        path = folder / f"{name}.html"
        render(hostile(text), path, created=CLOCK)
        return path

    return one


@pytest.fixture(scope="module")
def elements(browser, made):
    """The elements of a page of harmless text."""
    page = browser.new_page()
    page.goto(made("harmless", "harmless").as_uri())
    page.evaluate(HANDLED, "harmless")
    found = page.evaluate(ELEMENTS)
    page.close()
    return found


def test_there_are_eighty_variants():
    assert len(set(VARIANTS)) == len(VARIANTS) >= 80


@pytest.fixture(scope="module")
def one_page(browser):
    """One page for all variants: it must be as sound after the last as after the first."""
    watched = Watched(browser)
    yield watched
    watched.context.close()


@pytest.mark.parametrize("number", range(len(VARIANTS)))
def test_text_stays_text(number, made, elements, one_page):
    text = VARIANTS[number]
    page = one_page.open(made(text, str(number)))
    shown = spaced(visible(text))
    found = page.evaluate(
        "all => Object.fromEntries(Object.entries(all).map(([k, v]) => [k, document.querySelector(v).textContent]))",
        PLACES,
    )
    for place, said in found.items():
        assert shown in spaced(said), place
    assert shown in spaced(page.evaluate(HANDLED, visible(text)))
    assert page.evaluate(ELEMENTS) == elements
    # The style sheet of the printed edges: one rule for the page, whatever the name is.
    assert page.evaluate("[document.styleSheets.length, document.styleSheets[1].cssRules.length]") == [2, 1]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert one_page.odd == []
