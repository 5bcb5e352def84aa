"""Organs outside of targets, along targets, or on their slices: evaluated as contoured only where that is the same."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hardcheck.evaluation import GoalResult, Outcome, evaluate
from hardcheck.metric import Kind, Metric
from hardcheck.phantom import linear
from hardcheck.plan import DoseGrid, ImageStack, Plan, Structure
from hardcheck.protocol import Extent, ProtocolStructure
from hardcheck.quantity import Quantity
from tests.evaluation import cases
from tests.evaluation.cases import GTV, ORGAN, PTV, box, dose, goal, held, protocol

OUTSIDE = replace(ORGAN, subtract=("PTV",))
ALONG = replace(ORGAN, extent=Extent("PTV"))
NEAR = replace(ORGAN, extent=Extent("PTV", 10.0))
BESIDE = replace(ORGAN, applies_on_slices_of="PTV")

TARGET = box(2, "PTV")  # -10 to 10 mm
IN_FRONT = box(1, "Organ", centre=(0, -30, 0))
OVERLAPPING = box(1, "Organ", centre=(0, -15, 0))

WIDE = dose(66.0, half_mm=60)


def plan(*structures: Structure, grid: DoseGrid = WIDE, image: ImageStack | None = None) -> Plan:
    return cases.plan(*structures, grid=grid, image=image)


EVALUATED = (Outcome.MET, Outcome.NOT_MET, Outcome.MARGINAL)
MET_BY_EACH_PART = ["D0.03cc[Gy] <= 70 Gy", "D2cc[Gy] < 70 Gy", "Max[Gy] <= 70 Gy", "V20Gy[cc] < 9 cc"]
NOT_MET_BY_THE_WHOLE = ["D0.03cc[Gy] <= 60 Gy", "Max[Gy] <= 60 Gy", "V20Gy[cc] < 6 cc", "V20Gy[%] < 50 %"]
NOT_TOLD_BY_THE_WHOLE = [
    "V70Gy[%] < 50 %",
    "V20Gy[%] > 50 %",
    "V20Gy[cc] > 1 cc",
    "D2%[Gy] <= 70 Gy",
    "DC0.03cc[Gy] >= 20 Gy",
    "DC0.03cc[Gy] <= 70 Gy",
    "Min[Gy] >= 20 Gy",
    "Mean[Gy] < 70 Gy",
    "Median[Gy] < 70 Gy",
    "CV20Gy[cc] < 9 cc",
    "CV70Gy[cc] > 1 cc",
    "V70Gy[cc] < Volume(Organ) - 1 cc",
    "Volume[cc] < 9 cc",
]
"""Met by the whole organ in 66 Gy, which says nothing of a part of it: its shares and means may be any others."""


class TestOutsideOfATarget:
    @pytest.mark.parametrize("text", [*MET_BY_EACH_PART, *NOT_TOLD_BY_THE_WHOLE])
    def test_apart_it_is_the_whole_organ(self, text):
        assert held(text, plan(IN_FRONT, TARGET), wanted=OUTSIDE).outcome is Outcome.MET

    @pytest.mark.parametrize("text", NOT_MET_BY_THE_WHOLE)
    def test_apart_a_limit_that_is_not_met_is_not_met(self, text):
        assert held(text, plan(IN_FRONT, TARGET), wanted=OUTSIDE).outcome in (Outcome.NOT_MET, Outcome.MARGINAL)

    @pytest.mark.parametrize("text", MET_BY_EACH_PART)
    def test_overlapping_what_the_whole_meets_each_part_meets(self, text):
        result = held(text, plan(OVERLAPPING, TARGET), wanted=OUTSIDE)
        assert result.outcome is Outcome.MET
        assert any("whole contour" in c for c in result.caveats)

    @pytest.mark.parametrize("text", [*NOT_MET_BY_THE_WHOLE, *NOT_TOLD_BY_THE_WHOLE])
    def test_overlapping_nothing_else_is_told_and_the_whole_value_is_shown(self, text):
        result = held(text, plan(OVERLAPPING, TARGET), wanted=OUTSIDE)
        assert result.outcome is Outcome.NOT_EVALUATED
        assert "outside of PTV" in result.reason
        assert result.quantity.value is None
        assert any("of the whole contour is" in c for c in result.caveats)

    def test_overlapping_a_marginal_whole_is_not_evaluated(self):
        checked = plan(OVERLAPPING, TARGET, grid=dose(66.0, quantum_gy=0.1))
        assert held("Max[Gy] <= 66 Gy", checked, wanted=OUTSIDE).outcome is Outcome.NOT_EVALUATED

    @pytest.mark.parametrize(
        "targets",
        [
            (),
            (TARGET, replace(TARGET, number=3)),
            (Structure.from_contours(2, "PTV", []),),
            (Structure.from_contours(2, "PTV", [[[90, 90, 0]]], geometric_type="POINT"),),
            (replace(box(2, "PTV", centre=(90, 0, 0)), geometric_types=("OPEN_PLANAR",) * 10),),
        ],
        ids=["none", "two", "empty", "a point", "open"],
    )
    def test_a_target_that_is_not_known_may_be_anywhere(self, targets):
        assert held("V20Gy[%] < 50 %", plan(IN_FRONT, *targets), wanted=OUTSIDE).outcome is Outcome.NOT_EVALUATED
        assert held("Max[Gy] <= 70 Gy", plan(IN_FRONT, *targets), wanted=OUTSIDE).outcome is Outcome.MET

    def test_every_target_counts(self):
        both = replace(ORGAN, subtract=("PTV", "GTV"))
        gtv = box(3, "GTV", (10, 10, 10), (0, -30, 0))
        result = held("Mean[Gy] < 70 Gy", plan(IN_FRONT, TARGET, gtv), wanted=both)
        assert result.outcome is Outcome.NOT_EVALUATED
        assert "GTV" in result.reason
        assert "PTV" not in result.reason

    @pytest.mark.parametrize(
        "organ",
        [
            box(1, "Organ", (6, 6, 20), (0, 0, 20)),
            box(1, "Organ", (6, 6, 20), (0, 0, -20)),
            # Planes at 14, 24, 26 and 28 mm: half of the first gap reaches down to 9 mm.
            Structure.from_contours(
                1, "Organ", [[[-3, -3, z], [3, -3, z], [3, 3, z], [-3, 3, z]] for z in (14, 24, 26, 28)]
            ),
        ],
        ids=["above", "below", "uneven"],
    )
    def test_contours_that_stop_short_of_one_another_may_touch(self, organ):
        assert held("Mean[Gy] < 70 Gy", plan(organ, TARGET), wanted=OUTSIDE).outcome is Outcome.NOT_EVALUATED

    def test_one_contour_is_as_thick_as_the_slices_of_the_image(self):
        """Its contour is at 12 mm on slices of 6 mm, so it reaches down to 9 mm; the target reaches up to 10 mm."""
        image = ImageStack(np.arange(-30, 31, 6.0))
        checked = plan(box(1, "Organ", (6, 6, 2), (0, 0, 12)), TARGET, image=image)
        assert held("Max[Gy] <= 70 Gy", checked, wanted=OUTSIDE).outcome is Outcome.MET
        assert held("Mean[Gy] < 70 Gy", checked, wanted=OUTSIDE).outcome is Outcome.NOT_EVALUATED

    @pytest.mark.parametrize("offset", [(24, 0, 0), (0, -24, 0), (0, 0, 26)])
    def test_apart_along_one_axis_is_apart(self, offset):
        far = box(1, "Organ", centre=offset)
        assert held("Mean[Gy] < 70 Gy", plan(far, TARGET), wanted=OUTSIDE).outcome in EVALUATED


class TestAlongATarget:
    @pytest.mark.parametrize(
        ("length", "wanted", "told"),
        [
            (20, ALONG, True),
            (24, ALONG, True),  # one slice further at either end
            (28, ALONG, False),
            (10, ALONG, True),
            (40, NEAR, True),
            (44, NEAR, True),
            (48, NEAR, False),
        ],
    )
    def test_an_organ_that_reaches_further_is_not_told(self, length, wanted, told):
        organ = box(1, "Organ", (20, 20, length), (0, -30, 0))
        for text in ("Mean[Gy] < 70 Gy", "V20Gy[%] < 50 %"):
            assert (held(text, plan(organ, TARGET), wanted=wanted).outcome in EVALUATED) == told
        assert held("Max[Gy] <= 70 Gy", plan(organ, TARGET), wanted=wanted).outcome is Outcome.MET

    def test_one_end_is_enough(self):
        organ = box(1, "Organ", centre=(0, -30, 8))
        result = held("V20Gy[%] < 50 %", plan(organ, TARGET), wanted=ALONG)
        assert result.outcome is Outcome.NOT_EVALUATED
        assert "reaches further" in result.reason

    def test_without_the_target_nothing_is_told(self):
        assert held("V20Gy[%] < 50 %", plan(IN_FRONT), wanted=ALONG).outcome is Outcome.NOT_EVALUATED


class TestOnTheSlicesOfATarget:
    def test_on_them_the_whole_organ_counts(self):
        organ = box(1, "Organ", (20, 20, 40), (0, 0, 18))
        assert held("V20Gy[%] < 50 %", plan(organ, TARGET), wanted=BESIDE).outcome is Outcome.NOT_MET

    @pytest.mark.parametrize("structures", [(box(1, "Organ", centre=(0, 0, 40)), TARGET), (IN_FRONT,)])
    def test_off_them_it_is_not_decided(self, structures):
        result = held("V20Gy[%] < 50 %", plan(*structures), wanted=BESIDE)
        assert result.outcome is Outcome.NOT_EVALUATED
        assert "applies on the slices of PTV" in result.reason
        assert held("Max[Gy] <= 70 Gy", plan(*structures), wanted=BESIDE).outcome is Outcome.MET

    def test_a_target_of_one_slice(self):
        single = box(2, "PTV", (20, 20, 2), (0, 0, 1))
        assert held("Mean[Gy] < 70 Gy", plan(box(1, "Organ"), single), wanted=BESIDE).outcome is Outcome.MET


@dataclass(frozen=True)
class Voxels:
    """The organ outside of the target in cells of 1 mm, and the lowest and highest dose of each cell."""

    low_gy: np.ndarray
    mean_gy: np.ndarray
    high_gy: np.ndarray

    @classmethod
    def of(cls, organ, target, at_origin_gy, slope):
        axes = [np.arange(c - s / 2, c + s / 2) + 0.5 for s, c in organ]
        cells = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
        inside = np.all([np.abs(cells[:, i] - c) < s / 2 for i, (s, c) in enumerate(target)], axis=0)
        dose_gy = at_origin_gy + cells[~inside] @ np.array(slope)
        half = sum(abs(g) for g in slope) / 2 + 1e-5
        return cls(dose_gy - half, dose_gy, dose_gy + half)

    @property
    def count(self) -> int:
        return self.mean_gy.size

    def bounds(self, metric: Metric) -> tuple[float, float]:
        """The least and greatest that `metric` can be; what is open is the dose inside of a cell, and nothing else."""
        in_cells = 30  # 0.03 cc
        if metric.kind is Kind.MEAN:
            return float(self.mean_gy.mean()) - 1e-9, float(self.mean_gy.mean()) + 1e-9
        if metric.kind is Kind.MAXIMUM:
            return float(self.low_gy.max()), float(self.high_gy.max())
        if metric.kind is Kind.DOSE_AT_COLD_VOLUME:
            return float(np.sort(self.low_gy)[in_cells - 1]), float(np.sort(self.high_gy)[in_cells - 1])
        if metric.kind is Kind.DOSE_AT_VOLUME:
            return float(np.sort(self.low_gy)[-in_cells]), float(np.sort(self.high_gy)[-in_cells])
        low, high = (np.count_nonzero(edge >= metric.at) / 1000 for edge in (self.low_gy, self.high_gy))
        if metric.kind is Kind.CRITICAL_VOLUME:
            low, high = self.count / 1000 - high, self.count / 1000 - low
        share = 100 / (self.count / 1000) if metric.unit == "%" else 1
        return low * share, high * share

    def answer(self, result: GoalResult) -> bool | None:
        """Whether the organ outside of the target meets the goal, None where the cells are too coarse to tell."""
        low, high = self.bounds(result.goal.metric)
        limit = result.goal.limit.value
        if result.goal.limit.volume_of:
            limit += self.count / 1000
        return Quantity((low + high) / 2, low, high, "").holds(result.goal.op.against(limit))


half_size = st.integers(2, 6).map(lambda n: 2 * n)
place = st.integers(-5, 5).map(lambda n: 2 * n)
boxes = st.tuples(st.tuples(half_size, place), st.tuples(half_size, place), st.tuples(half_size, place))
slope = st.tuples(*[st.integers(-20, 20).map(lambda n: n / 10)] * 3)
gray, share, volume = st.integers(1, 80), st.integers(1, 99), st.integers(1, 17).map(lambda n: n / 10)
goals = st.one_of(
    gray.map("D0.03cc[Gy] <= {} Gy".format),
    gray.map("Max[Gy] < {} Gy".format),
    gray.map("DC0.03cc[Gy] >= {} Gy".format),
    gray.map("DC0.03cc[Gy] <= {} Gy".format),
    gray.map("Mean[Gy] < {} Gy".format),
    st.tuples(gray, share).map(lambda v: "V{}Gy[%] < {} %".format(*v)),
    st.tuples(gray, volume).map(lambda v: "V{}Gy[cc] < {} cc".format(*v)),
    st.tuples(gray, volume).map(lambda v: "V{}Gy[cc] > {} cc".format(*v)),
    st.tuples(gray, volume).map(lambda v: "CV{}Gy[cc] > {} cc".format(*v)),
    st.tuples(gray, volume).map(lambda v: "V{}Gy[cc] < Volume(Organ) - {} cc".format(*v)),
)


def made(number: int, name: str, shape) -> Structure:
    return box(number, name, tuple(s for s, _ in shape), tuple(c for _, c in shape))


@settings(max_examples=60, deadline=None)
@example(
    # The hottest corner, of 38 Gy, lies between an edge along x and one along y, apart from the target.
    organ=((10, 0), (6, 2), (10, -10)),
    target=((4, 0), (4, -2), (12, 10)),
    at_origin_gy=29,
    slopes=(0.6, 1.2, 0.0),
    texts=["Max[Gy] < 36 Gy"],
)
@given(boxes, boxes, st.integers(10, 60), slope, st.lists(goals, min_size=8, max_size=12, unique=True))
def test_what_is_said_of_the_organ_outside_of_the_target_is_true(organ, target, at_origin_gy, slopes, texts):
    """Two boxes at random in a dose that rises evenly, held against a count of cells of 1 mm."""
    checked: Plan = plan(made(1, "Organ", organ), made(2, "PTV", target), grid=dose(linear(at_origin_gy, slopes)))
    wanted: tuple[ProtocolStructure, ...] = (GTV, PTV, OUTSIDE)
    voxels = Voxels.of(organ, target, at_origin_gy, slopes)
    for result in evaluate(checked, protocol(*map(goal, texts), structures=wanted)).results:
        if result.outcome not in (Outcome.MET, Outcome.NOT_MET):
            continue
        # Of an organ that lies in the target nothing is left that could miss a limit.
        if voxels.count < 30:
            assert result.outcome is Outcome.MET
            continue
        assert voxels.answer(result) is not (result.outcome is Outcome.NOT_MET), str(result.goal)
