"""The cohort report in a browser: everybody can use it, at every width, in light and in dark."""

from importlib import import_module

import pytest

from hardcheck.cohort import cohort_of
from hardcheck.report.cohort_page import cohort_page
from hardcheck.store import Store
from tests.cohort.sample import fill

EVERY_LIST = "document.querySelectorAll('details').forEach(each => { each.open = true })"


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort")
    path = folder / "cohort.html"
    with Store(folder / "audit.db") as store:
        path.write_text(cohort_page(cohort_of(store, fill(store, 40))), "utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1440, 3840])
def test_nothing_sticks_out_and_nothing_complains(cohort, watched, width, scheme):
    page = watched(cohort, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for _ in range(2):
        assert page.evaluate("document.documentElement.scrollWidth") == width
        wide = page.evaluate("""() => [...document.querySelectorAll('main *')]
          .filter(e => !e.closest('.hidden, thead, .scroll') && e.getBoundingClientRect().right > innerWidth + 1)
          .map(e => e.outerHTML.slice(0, 80))""")
        assert wide == []
        page.evaluate(EVERY_LIST)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_accessibility_checker_finds_nothing_serious(cohort, watched, width, scheme):
    axe = import_module("axe_playwright_python.sync_playwright")
    page = watched(cohort, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page.evaluate(EVERY_LIST)
    found = axe.Axe().run(page).response
    assert len(found["passes"]) > 20
    said = [(v["id"], v["impact"], [n["html"][:90] for n in v["nodes"]][:3]) for v in found["violations"]]
    assert [each for each in said if each[1] in ("serious", "critical")] == []


def test_a_number_opens_its_plans_with_the_keyboard_and_they_lead_on(cohort, watched):
    page = watched(cohort, java_script_enabled=False)
    number = page.locator("#g1 .outcomes .o-MET summary")
    number.focus()
    page.keyboard.press("Enter")
    first = page.locator("#g1 .outcomes .o-MET li a").first
    assert first.is_visible()
    first.press("Enter")
    assert page.url.endswith(first.get_attribute("href"))
    assert page.locator(first.get_attribute("href")).is_visible()
