"""The interval of the curve as it is drawn, and what the script reads off."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from hardcheck.dvh import Dvh
from hardcheck.dvh.distribution import Distribution
from hardcheck.dvh.slack import Slack
from hardcheck.report.axis import step
from hardcheck.report.band import READINGS, band_of
from hardcheck.report.histogram import histograms
from hardcheck.report.plot import NARROW, WIDE, plot
from hardcheck.report.reading import plot_data
from tests.report.sample import evaluation, result, structure


def falling(*, slack_gy: float = 0.0, outside_cc: float = 0.0, volume: float = 0.0) -> Dvh:
    """10 cc whose dose falls evenly from 40 Gy to 0 Gy."""
    made = Distribution(np.array([0.0, 40.0]), np.array([10.0, 0.0]), 20.0, 0.0, 40.0, outside_cc)
    return Dvh(structure(), "test", (made,), Slack(dose_gy=slack_gy, volume=volume))


def test_a_dose_that_may_be_off_moves_the_curve_sideways():
    found = band_of(falling(slack_gy=2.0), 40.0)
    for reading in found.readings:
        at = reading.dose_gy
        wanted = [min(max(100 * (1 - (at + off) / 40), 0.0), 100.0) for off in (2.0, 0.0, -2.0)]
        assert reading.percent == pytest.approx(wanted, abs=1e-4)
        assert reading.cc == pytest.approx([share / 10 for share in wanted], abs=1e-5)
    assert found.readings[-1].cc == (0, 0, 0)
    assert found.readings[-2].cc[2] > 0


def test_a_volume_without_dose_may_have_any():
    """Of 10 cc with a dose and 10 cc without, half of the known at 20 Gy is a quarter to three quarters of all."""
    reading = next(r for r in band_of(falling(outside_cc=10.0), 40.0).readings if r.dose_gy == 20.0)
    assert reading.percent == pytest.approx((25.0, 50.0, 75.0), abs=1e-4)
    assert reading.cc == pytest.approx((5.0, 5.0, 15.0), abs=1e-5)


def test_the_roundness_of_contours_is_in_cc_and_not_in_percent():
    reading = next(r for r in band_of(falling(volume=0.1), 40.0).readings if r.dose_gy == 20.0)
    assert reading.percent == pytest.approx((50.0, 50.0, 50.0), abs=1e-4)
    assert reading.cc == pytest.approx((4.5, 5.0, 5.5), abs=1e-5)


@pytest.mark.parametrize("made", [falling(), falling(slack_gy=1.5), falling(slack_gy=0.3, outside_cc=2.0, volume=0.05)])
def test_readings_are_the_metrics(made):
    for reading in band_of(made, 40.0).points[::7]:
        for unit, found in (("%", reading.percent), ("cc", reading.cc)):
            wanted = made.metric(f"V{reading.dose_gy:.9f}Gy[{unit}]")
            assert found == pytest.approx((wanted.low, wanted.value, wanted.high), abs=1e-9)


def test_where_nothing_is_known_there_is_no_band():
    assert band_of(Dvh(structure(), "test", reason="not contoured"), 40.0).readings == ()


@pytest.mark.parametrize("highest", [0.003, 1.0, 12.0, 70.0, 149.0, 1000.0])
def test_the_readings_are_at_doses_that_a_reader_would_write(highest):
    apart = step(highest, READINGS)
    assert highest / apart <= READINGS
    assert f"{apart:.0e}"[0] in "125"
    assert float(f"{apart:.0e}") == pytest.approx(apart)


def test_the_band_is_drawn_around_the_line_in_every_layout():
    lines = histograms(evaluation(result()))
    for layout in (WIDE, NARROW):
        (drawn,) = plot(lines, [], layout).lines
        assert drawn.band.startswith("M")
        assert drawn.band.endswith("Z")
        assert drawn.band_cc != drawn.band


def test_a_bound_that_is_not_known_is_null_and_not_drawn():
    (line,) = histograms(evaluation(result()))
    first = replace(line.band.readings[0], cc=(9.0, 10.0, math.inf))
    points = (first, *line.band.points[1:])
    band = replace(line.band, readings=(first, *line.band.readings[1:]), points=points)
    open_line = replace(line, band=band)
    drawn = plot([open_line], [], WIDE)
    assert (drawn.lines[0].band_cc, drawn.lines[0].band != "") == ("", True)
    data = plot_data([open_line], [drawn], 66.0)
    assert data["lines"]["1"]["cc"][2][0] is None
    assert data["reference"] == 66.0


def test_a_volume_without_dose_goes_on_to_the_end_of_the_axis():
    """Half of it may have any dose: the area does not end where the doses that are known end."""
    (line,) = histograms(evaluation(result()))
    open_line = replace(line, band=band_of(falling(outside_cc=10.0), 40.0))
    for curve, reaches in ((open_line, True), (line, False)):
        drawn = plot([curve], [], WIDE)
        places = re.findall(r"([\d.]+) ([\d.]+)", drawn.lines[0].band)
        assert (max(float(x) for x, _ in places) == drawn.right) is reaches


def test_without_a_prescription_there_is_no_percent():
    assert plot_data([], [], None)["reference"] is None
    assert plot_data([], [], 0.0)["reference"] is None
