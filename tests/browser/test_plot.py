"""The plot: lines on and off, what is read off, zoom, units."""

from __future__ import annotations

import re

import pytest


@pytest.fixture
def page(report, watched):
    opened = watched(report)
    opened.locator("svg.plot.wide").scroll_into_view_if_needed()
    return opened


def line(page, key: int):
    return page.locator(f"svg.wide .lines path[data-key='{key}']")


def axis(page) -> list[float]:
    """The numbers of the dose axis."""
    texts = page.locator("svg.wide .numbers text:not(.axisname)[text-anchor=middle]").all_text_contents()
    return [float(text) for text in texts]


def key_of(page, name: str) -> int:
    row = page.locator("table.dvh tr", has=page.locator("bdi", has_text=re.compile(f"^{name}$"))).first
    return int(row.locator(".keynumber").inner_text())


def hover(page, gy: float, percent: float) -> None:
    """Moves the pointer to a place of the whole plot in % and Gy."""
    box = page.locator("svg.wide").bounding_box()
    scale = box["width"] / 1200
    end = max(axis(page))
    x, y = 56 + (1200 - 56 - 16) * gy / end, 560 - 52 - (560 - 52 - 30) * percent / 100
    page.mouse.move(box["x"] + x * scale, box["y"] + y * scale)


def reading(page) -> str:
    return page.locator("#plot-reader output").inner_text()


def test_a_line_goes_off_and_on_with_its_marks_its_number_and_its_band(page):
    key = key_of(page, "GTV")
    box = page.get_by_role("checkbox", name="draw GTV")
    parts = page.locator(f"svg.wide :is(.lines path, .bands path, .mark, .tag)[data-key='{key}']")
    assert parts.count() > 3
    assert parts.evaluate_all("all => all.every(one => getComputedStyle(one).visibility === 'visible')")
    box.focus()
    page.keyboard.press("Space")
    assert parts.evaluate_all("all => all.every(one => getComputedStyle(one).visibility === 'hidden')")
    assert " of 16 lines" in page.locator("#plot-tools .status").inner_text()
    page.keyboard.press("Space")
    assert parts.evaluate_all("all => all.every(one => getComputedStyle(one).visibility === 'visible')")


def test_what_is_read_off_goes_with_its_line(page):
    page.get_by_label("Dose", exact=True).focus()
    page.keyboard.press("ArrowRight")
    seen = "[...document.querySelectorAll('svg.wide .cursor > *')].map(e => getComputedStyle(e).visibility)"
    assert page.evaluate(seen) == ["visible", "visible"]
    assert "GTV, at 0.5 Gy" in reading(page)
    page.get_by_role("button", name="no line").press("Enter")
    assert page.evaluate(seen) == ["hidden", "hidden"]
    assert "GTV" not in reading(page)


def test_all_and_no_line(page):
    lines = page.locator("svg.wide .lines path")
    page.get_by_role("button", name="no line").click()
    assert lines.evaluate_all("all => all.every(one => getComputedStyle(one).visibility === 'hidden')")
    assert page.locator(".dvh .toggle input:checked").count() == 0
    page.get_by_role("button", name="all lines").click()
    assert lines.evaluate_all("all => all.every(one => getComputedStyle(one).visibility === 'visible')")


@pytest.mark.parametrize(("gy", "percent", "name"), [(40, 41, "Femur_L"), (61, 34, "PTV_LR"), (20, 24, "External")])
def test_hover_reads_off_what_the_metric_gives(page, evaluation, gy, percent, name):
    hover(page, gy, percent)
    (dvh,) = [d for d in evaluation.dvhs.values() if d.structure.name == name]
    said = reading(page)
    found = re.match(r"\d+ (.+), at ([\d.]+) Gy \(([\d.]+) %\): (.+)", said)
    assert found[1] == name
    at = float(found[2])
    assert abs(at - gy) <= 0.5
    assert float(found[3]) == pytest.approx(100 * at / 66, abs=0.05)
    share, cc = (dvh.metric(f"V{at:g}Gy[{unit}]") for unit in ("%", "cc"))
    assert found[4] == (
        f"{share.value:.2f} % ({share.low:.2f} to {share.high:.2f}); {cc.value:.2f} cc ({cc.low:.2f} to {cc.high:.2f})"
    )


def test_the_line_and_the_slider_read_off_the_same_by_keyboard(page):
    page.get_by_label("Line", exact=True).select_option(label=f"{key_of(page, 'PTV_HR')} PTV_HR")
    slider = page.get_by_label("Dose", exact=True)
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert "PTV_HR, at 1.5 Gy" in reading(page)
    assert slider.get_attribute("aria-valuetext") == reading(page)
    page.keyboard.press("End")
    assert "0.00 %" in reading(page)


def test_zoom_by_buttons_and_back(page):
    whole, path = axis(page), line(page, 1).get_attribute("d")
    page.get_by_role("button", name="zoom in").click()
    near = axis(page)
    assert max(near) - min(near) < 0.6 * (max(whole) - min(whole))
    assert line(page, 1).get_attribute("d") != path
    page.get_by_role("button", name="whole plot").click()
    assert axis(page) == whole
    page.get_by_role("button", name="zoom in").click()
    page.get_by_role("button", name="zoom out").click()
    assert axis(page) == whole


def test_zoom_by_dragging_a_frame(page):
    whole = axis(page)
    hover(page, 50, 90)
    page.mouse.down()
    # The axis is not drawn anew before the button is let go.
    hover(page, 70, 10)
    page.mouse.up()
    near = axis(page)
    assert 49.5 <= min(near) < max(near) <= 70.5
    page.locator("svg.wide").dblclick()
    assert axis(page) == whole


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_drag_that_begins_above_the_frame_zooms_and_selects_no_text(page, scheme):
    page.emulate_media(color_scheme=scheme)
    hover(page, 50, 104)
    page.mouse.down()
    hover(page, 70, 10)
    page.mouse.up()
    near = axis(page)
    assert 49.5 <= min(near) < max(near) <= 70.5
    assert page.evaluate("getSelection().toString()") == ""


def test_a_drag_from_below_the_frame_selects_no_text(page):
    hover(page, 10, -6)
    page.mouse.down()
    hover(page, 40, 50)
    page.mouse.up()
    assert page.evaluate("getSelection().toString()") == ""


def test_the_wheel_zooms_with_control_and_scrolls_without(page):
    whole = axis(page)
    hover(page, 60, 50)
    page.mouse.wheel(0, 10)
    assert axis(page) == whole
    page.locator("svg.wide").scroll_into_view_if_needed()
    hover(page, 60, 50)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    assert axis(page) != whole
    assert min(axis(page)) <= 60 <= max(axis(page))


def test_units(page):
    whole = axis(page)
    page.get_by_label("% of 66 Gy").check()
    assert page.locator("svg.wide .axisname.dose").text_content() == "Dose (% of 66 Gy)"
    percents = axis(page)
    assert max(percents) <= 100 * max(whole) / 66 < max(percents) + (percents[1] - percents[0])
    page.get_by_label("Gy", exact=True).check()
    assert axis(page) == whole
    path = line(page, 1).get_attribute("d")
    page.get_by_label("cc", exact=True).check()
    assert page.locator("svg.wide .axisname.volume").text_content() == "Volume (cc)"
    highest = page.locator("svg.wide .numbers text[text-anchor=end]:not(.axisname)").all_text_contents()
    assert max(float(text) for text in highest) > 4773  # cc of the body
    assert line(page, 1).get_attribute("d") != path
    # Without the large ones the axis is that of those that are drawn.
    page.get_by_role("checkbox", name="draw External").uncheck()
    highest = page.locator("svg.wide .numbers text[text-anchor=end]:not(.axisname)").all_text_contents()
    assert 588 < max(float(text) for text in highest) < 1000
    page.get_by_role("checkbox", name="draw External").check()
    page.get_by_label("%", exact=True).check()
    assert line(page, 1).get_attribute("d") == path


def test_intervals_and_goals_can_be_left_out(page):
    for name, what in (("intervals", ".bands path"), ("goals", ".marks .mark")):
        parts = page.locator(f"svg.wide {what}")
        assert parts.count() > 10
        page.get_by_label(name, exact=True).uncheck()
        assert parts.evaluate_all("all => all.every(one => getComputedStyle(one).visibility === 'hidden')")


def test_a_line_lies_in_its_band(page):
    """In the pixels that are drawn: at each point of a line the area of its interval is there."""
    outside = page.evaluate("""() => [...document.querySelectorAll('svg.wide .bands path')].flatMap(band => {
      const line = document.querySelector(`svg.wide .lines path[data-key='${band.dataset.key}']`);
      const svg = line.ownerSVGElement, far = [];
      for (let at = 0; at <= line.getTotalLength(); at += 4) {
        const point = line.getPointAtLength(at);
        const near = [[0, 0], [0.4, 0], [-0.4, 0], [0, 0.4], [0, -0.4]].some(([dx, dy]) => {
          const p = svg.createSVGPoint(); p.x = point.x + dx; p.y = point.y + dy;
          return band.isPointInFill(p) || band.isPointInStroke(p);
        });
        if (!near) far.push([band.dataset.key, point.x, point.y]);
      }
      return far;
    })""")
    assert outside == []
