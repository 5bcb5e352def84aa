"""The list of plans and the comparison: usable by keyboard, by a screen reader, at every width; and the way back."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest

from hardcheck.comparison import compare, side_of
from hardcheck.evaluation.result import Verdict
from hardcheck.report import Look, content
from hardcheck.report.changes_page import changes_page
from hardcheck.report.document import evaluation_document
from hardcheck.report.overlay import overlaid
from hardcheck.report.rounds import Rounds, judged, refused
from hardcheck.report.rounds_page import rounds_page
from tests.browser.test_paper import bare, pages_of
from tests.report.sample import CLOCK, everything
from tests.report.test_changes import two

WIDTHS = (390, 1440)
ORDER = """() => {
  const e = document.activeElement;
  if (e === document.body) return null;
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return [e.getAttribute('href'), outlined && box.width > 0 && box.height > 0];
}"""


@pytest.fixture(scope="module")
def rounds(tmp_path_factory):
    """A list with each verdict and a refused plan, and the report of the first, which leads back to it."""
    folder = tmp_path_factory.mktemp("rounds")
    rows = [refused("a file is cut short", number=9, place="tuesday", anonymous=False)]
    for number, verdict in enumerate(Verdict, 1):
        files = (("html", f"{number:02d}.html"), ("json", f"{number:02d}.json"))
        made = replace(everything(), verdict=verdict)
        rows.append(judged(made, number=number, place="monday", files=files, anonymous=False))
    index = rounds_page(Rounds.of(rows, places=2, anonymous=False, created=CLOCK))
    (folder / "index.html").write_text(index, "utf-8")
    (folder / "01.html").write_bytes(content(everything(), "html", created=CLOCK, look=Look(back="index.html")))
    return folder / "index.html"


@pytest.fixture(scope="module")
def changes(tmp_path_factory):
    a, b = two()
    made = compare(*(side_of(evaluation_document(each), intact=True) for each in (a, b)))
    page = changes_page(made, overlaid(a, b), names=("a", "b"), without_curves=(False, False), created=CLOCK)
    path = tmp_path_factory.mktemp("changes") / "changes.html"
    path.write_text(page, "utf-8")
    return path


@pytest.fixture(params=["rounds", "changes"])
def path(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_accessibility_checker_finds_nothing_serious(path, watched, width, scheme):
    axe = import_module("axe_playwright_python.sync_playwright")
    page = watched(path, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    found = axe.Axe().run(page).response
    assert len(found["passes"]) > 15
    said = [(v["id"], v["impact"], [n["html"][:90] for n in v["nodes"]][:3]) for v in found["violations"]]
    assert [each for each in said if each[1] in ("serious", "critical")] == []


@pytest.mark.parametrize("width", [390, 768, 1440, 3840])
def test_nothing_sticks_out(path, watched, width):
    page = watched(path, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_tab_key_reaches_every_link_in_the_order_of_reading_and_shows_it(path, watched, width):
    page = watched(path, viewport={"width": width, "height": 900})
    wanted = page.evaluate("[...document.querySelectorAll('a[href]')].map(e => e.getAttribute('href'))")
    found = []
    for _ in range(len(wanted) + 1):
        page.keyboard.press("Tab")
        found.append(page.evaluate(ORDER))
    assert found.pop() is None  # after the last the page is left
    assert [href for href, _ in found] == wanted
    assert all(seen for _, seen in found)


def test_the_comparison_leads_past_its_head_at_once(changes, watched):
    page = watched(changes)
    page.keyboard.press("Tab")
    page.wait_for_function("document.querySelector('.skip').getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#verdict"


def test_the_links_of_the_list_say_of_which_plan_they_are(rounds, watched):
    page = watched(rounds)
    names = [link.text_content() for link in page.get_by_role("cell").get_by_role("link").all()]
    assert len(names) == len(set(names)) == 8
    assert "Report of plan 1" in names


@pytest.mark.parametrize("width", WIDTHS)
def test_the_way_back_is_seen_and_leads_to_the_list(rounds, watched, width):
    page = watched(rounds.parent / "01.html", viewport={"width": width, "height": 900})
    link = page.get_by_role("link", name="List of plans")
    box = link.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= 900
    assert link.evaluate("e => e.href") == rounds.as_uri()


def test_the_way_back_is_not_on_paper(rounds, watched):
    page = watched(rounds.parent / "01.html")
    assert not [text for text in pages_of(page.pdf(format="A4")) if bare("List of plans") in text]
    page.emulate_media(media="print")
    assert not page.get_by_text("List of plans").is_visible()


@pytest.mark.parametrize("size", [("A4", 710), ("Letter", 733)])
def test_nothing_is_wider_than_the_paper(path, watched, size):
    page = watched(path, viewport={"width": size[1], "height": 1000})
    page.emulate_media(media="print")
    cut = page.evaluate("""() => [...document.querySelectorAll('main td, main th')]
      .filter(e => !e.closest('.hidden') && e.getClientRects().length)
      .filter(e => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1)
      .map(e => e.outerHTML.slice(0, 90))""")
    assert cut == []
