"""The page as a whole: nothing leaves it, everybody can use it, at every width, in light and in dark."""

from __future__ import annotations

from importlib import import_module

import pytest

from hardcheck.report import render
from tests.report.sample import CLOCK, evaluation, everything

WIDTHS = (390, 768, 1440, 3840)


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    """A report with each outcome, tier, severity and section once."""
    path = tmp_path_factory.mktemp("every") / "every.html"
    render(everything(), path, created=CLOCK)
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_and_nothing_complains(report, every, watched, width, scheme):
    for path in (report, every):
        page = watched(path, viewport={"width": width, "height": 900}, color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        wide = page.evaluate("""() => [...document.querySelectorAll('main *')]
          .filter(e => !e.closest('.hidden, thead, [hidden]') && e.getBoundingClientRect().right > innerWidth + 1)
          .map(e => e.outerHTML.slice(0, 80))""")
        assert wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_accessibility_checker_finds_nothing_serious(report, every, watched, width, scheme):
    axe = import_module("axe_playwright_python.sync_playwright")
    for path in (report, every):
        page = watched(path, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
        page.get_by_role("columnheader", name="Outcome").first.get_by_role("button").click()
        found = axe.Axe().run(page).response
        assert len(found["passes"]) > 20
        said = [(v["id"], v["impact"], [n["html"][:90] for n in v["nodes"]][:3]) for v in found["violations"]]
        assert [each for each in said if each[1] in ("serious", "critical")] == []


def test_the_tab_key_goes_through_the_page_in_the_order_of_reading(report, watched):
    page = watched(report)
    order = []
    for _ in range(400):
        page.keyboard.press("Tab")
        place = page.evaluate("""() => {
          const e = document.activeElement;
          if (e === document.body) return null;
          const box = e.getBoundingClientRect(), style = getComputedStyle(e);
          const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
          const seen = outlined && box.width > 0 && box.height > 0;
          const all = [...document.querySelectorAll('*')];
          return [all.indexOf(e), seen, e.outerHTML.slice(0, 80)];
        }""")
        if place is None:
            break
        order.append(place)
    else:
        pytest.fail("the Tab key never leaves the page")
    assert [each for each in order if not each[1]] == []
    numbers = [each[0] for each in order]
    assert numbers == sorted(numbers)
    assert "skip" in order[0][2]
    controls = page.locator(
        "a[href]:not([tabindex='-1']):visible, button:visible, input:visible, select:visible"
    ).count()
    # Of a group of radio buttons the Tab key meets one, as everywhere.
    assert len(order) == controls - 2


def test_the_skip_link_shows_itself_and_leads_to_the_verdict(report, watched):
    page = watched(report)
    page.keyboard.press("Tab")
    page.wait_for_function("document.querySelector('.skip').getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#verdict"
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('.verdict').compareDocumentPosition(document.activeElement) & 4") == 4


def test_landmarks_and_headings(report, watched):
    page = watched(report)
    for role in ("banner", "navigation", "main", "contentinfo", "search"):
        assert page.get_by_role(role).count() == 1, role
    for table in page.get_by_role("table").all():
        assert table.locator("caption").count() == 1


def test_what_has_the_focus_is_not_under_the_bar_of_the_filter(report, watched):
    page = watched(report)
    links = page.locator("table.goals .refs a")
    for index in range(0, links.count(), 7):
        links.nth(index).focus()
        page.wait_for_timeout(20)
        bar, box = page.locator("#goal-tools").bounding_box(), links.nth(index).bounding_box()
        assert box["y"] >= bar["y"] + bar["height"] or box["y"] + box["height"] <= bar["y"]


def test_a_page_without_lines_and_goals_still_works(watched, tmp_path):
    render(evaluation(dvhs={}), tmp_path / "empty.html", created=CLOCK)
    page = watched(tmp_path / "empty.html")
    assert page.locator("#goal-tools, #plot-tools, svg.plot").count() == 0
    assert page.get_by_text("The protocol has no goal for this regimen.").count() == 1
