"""The plot: curves where the numbers are, goals where their limits are."""

from __future__ import annotations

import itertools
import math
import re

import pytest

from hardcheck.report.colour import ALIKE, DARKEST, LIGHTEST, _lab, line_styles, linear_light, luminance
from hardcheck.report.histogram import Histogram, histograms
from hardcheck.report.mark import Mark, mark_of
from hardcheck.report.plot import NARROW, WIDE, GoalMark, _thinned, plot
from tests.report.sample import evaluation, result


def curve(points, key=1) -> Histogram:
    return Histogram(key, key, "A", "#123456", "", tuple(points), 10.0, "", "", "", "", "", "", "", ())


def points_of(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)]


def test_a_box_of_uniform_dose_is_a_step():
    drawn = plot([curve([(0.0, 100.0), (50.0, 100.0), (50.0, 0.0)])], [], WIDE)
    x50 = next(t.at for t in drawn.x_ticks if t.label == "50")
    top, bottom = (next(t.at for t in drawn.y_ticks if t.label == label) for label in ("100", "0"))
    left = drawn.x_ticks[0].at
    assert points_of(drawn.lines[0].path) == [(left, top), (x50, top), (x50, bottom)]


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_a_thinned_line_stays_on_its_curve(layout):
    exact = [(i / 10, 100 / (1 + math.exp((i / 10 - 40) / 3))) for i in range(801)]
    drawn = plot([curve(exact)], [], layout)
    kept = points_of(drawn.lines[0].path)
    assert len(kept) < 200
    x0, x80 = drawn.x_ticks[0].at, next(t.at for t in drawn.x_ticks if t.label == "80")
    y100, y0 = drawn.y_ticks[-1].at, drawn.y_ticks[0].at
    for dose, percent in exact:
        x, y = x0 + (x80 - x0) * dose / 80, y0 + (y100 - y0) * percent / 100
        assert min(_distance((x, y), a, b) for a, b in itertools.pairwise(kept)) < 0.2


@pytest.mark.parametrize(
    "points",
    [
        [(0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (3.0, 3.0)],  # as far to the right as up
        [(0.0, 0.0), (1.0, 1.0), (1.5, 0.0), (3.0, 3.0)],
        [(0.0, 0.0), (0.5, -0.5), (3.0, 3.0)],
        [(0.0, 0.0), (0.5, -1.0), (3.0, 3.0)],
    ],
)
def test_where_a_bound_goes_the_other_way_nothing_is_left_out(points):
    assert _thinned(points) == points
    assert _thinned([points[0], *points, points[-1]]) == points


def _distance(p, a, b):
    length = math.dist(a, b) ** 2
    share = (
        0 if length == 0 else max(0, min(1, ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / length))
    )
    return math.dist(p, (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))


@pytest.mark.parametrize("highest", [1e-6, 0.04, 0.7, 3.0, 45.0, 70.0, 71.3, 250.0, 9999.0])
def test_the_axis_holds_everything(highest):
    drawn = plot(
        [curve([(0.0, 100.0), (highest, 0.0)])],
        [GoalMark(Mark(highest, 0, "left"), 1, "#000000", "required", "", "")],
        WIDE,
    )
    assert 1 < len(drawn.x_ticks) <= WIDE.x_ticks + 2
    assert float(drawn.x_ticks[-1].label) >= highest * 0.99
    assert drawn.marks[0].x <= drawn.right


def test_numbers_at_the_lines_do_not_cover_one_another():
    same = [curve([(0.0, 100.0), (10.0, 100.0), (70.0, 0.0)], key) for key in range(1, 9)]
    tags = plot(same, [], WIDE).tags
    apart = [math.dist((a.x, a.y), (b.x, b.y)) for a in tags for b in tags if a.key < b.key]
    assert min(apart) > 2 * WIDE.tag


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("V40Gy[%] < 50 %", Mark(40, 50, "down")),
        ("V42Gy[cc] < 5 cc", Mark(42, 50, "down")),
        ("V100%[%] > 95 %", Mark(66, 95, "up")),
        ("CV18Gy[cc] > 4 cc", Mark(18, 60, "down")),
        ("D0.03cc[Gy] <= 46 Gy", Mark(46, 0.3, "left")),
        ("D95%[%] > 95 %", Mark(62.7, 95, "right")),
        ("DC0.03cc[%] > 95 %", Mark(62.7, 99.7, "right")),
        ("Max[Gy] <= 50 Gy", Mark(50, 0, "left")),
        ("Min[Gy] >= 30 Gy", Mark(30, 100, "right")),
        ("Median[Gy] < 30 Gy", Mark(30, 50, "left")),
        ("Mean[Gy] < 20 Gy", None),
        ("Volume[cc] > 5 cc", None),
        ("HI_ICRU[] < 1.1", None),
        ("D0.03cc EQD2(ab=3)[Gy] < 46 Gy", None),
    ],
)
def test_where_a_goal_lies(text, expected):
    found = mark_of(result(text, 1.0), volume_cc=10.0, level_gy=66.0)
    if expected is None:
        assert found is None
    else:
        assert (found.good, found.dose_gy, found.percent) == (
            expected.good,
            pytest.approx(expected.dose_gy),
            pytest.approx(expected.percent),
        )


def test_a_goal_has_no_place_where_level_or_volume_are_unknown():
    assert mark_of(result("V100%[%] > 95 %", 96.0), volume_cc=10.0, level_gy=None) is None
    assert mark_of(result("V42Gy[cc] < 5 cc", 1.0), volume_cc=None, level_gy=66.0) is None
    assert mark_of(result("V42Gy[cc] < 50 cc", 1.0), volume_cc=10.0, level_gy=66.0) is None


def test_lines_can_be_seen_on_white_and_on_dark():
    extremes = [(255, 255, 255), (0, 0, 0), (255, 255, 0), (0, 0, 255), (0, 255, 0), None] * 3
    for style in line_styles(extremes):
        rgb = tuple(int(style.colour[i : i + 2], 16) for i in (1, 3, 5))
        assert DARKEST - 0.01 <= luminance(linear_light(rgb)) <= LIGHTEST + 0.01


def test_lines_of_one_colour_get_other_colours_or_dashes():
    styles = line_styles([(255, 0, 0)] * 5 + [None] * 5)
    assert len(set(styles)) == 10
    labs = [_lab(linear_light(tuple(int(s.colour[i : i + 2], 16) for i in (1, 3, 5)))) for s in styles]
    close = [(i, j) for i in range(10) for j in range(i) if math.dist(labs[i], labs[j]) < ALIKE - 0.01]
    assert all(styles[i].dash != styles[j].dash for i, j in close)


def test_the_colour_of_a_structure_is_kept_where_it_can_be_seen():
    assert line_styles([(200, 60, 60)])[0].colour == "#c83c3c"


def test_histograms_are_shares_of_the_volume_and_say_what_is_unknown():
    found = histograms(evaluation(result()))[0]
    assert found.points == ((0.0, 100.0), (20.0, 50.0), (40.0, 0.0))
    assert (found.volume, found.volume_interval, found.mean, found.in_grid) == (
        "10.00",
        "9.50 to 10.50",
        "20.00",
        "100",
    )
