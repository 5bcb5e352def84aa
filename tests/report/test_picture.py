"""The pictures of the report: which places, what is said of them, and that all text is text."""

from __future__ import annotations

import base64
import io
import math
import re
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hardcheck import Evaluation, course_of, evaluate, load_protocol
from hardcheck.evaluation.result import Outcome
from hardcheck.evaluation.spot import Away, GoalSpot
from hardcheck.phantom import box_plan, thigh_plan
from hardcheck.picture import Picture, Plane, View, picture_of
from hardcheck.plan import DoseGrid, ImageStack
from hardcheck.protocol import Level, Tier
from hardcheck.report.colour import APART, _lab, linear_light, luminance
from hardcheck.report.drawing import SIDE, Contoured, drawing
from hardcheck.report.histogram import histograms
from hardcheck.report.isodose import Isodose, Isodoses, goal_dose_gy, isodoses
from hardcheck.report.label import Label, Room
from hardcheck.report.page import html_page
from hardcheck.report.picture import Pictures, pictures
from hardcheck.report.place import MOST, places
from hardcheck.report.raster import SCALE, raster
from hardcheck.report.row import goal_table
from hardcheck.settings import SECTIONS, Settings
from hardcheck.visible import visible
from tests.report.sample import CLOCK, HOSTILE, evaluation, result
from tests.report.test_page import TAGS, Page

MOST_OF_A_REPORT = 2_000_000
"""Bytes: issue 7."""


@cache
def sound() -> Evaluation:
    return evaluate(box_plan(), load_protocol("hard"))


def box(**changes) -> Evaluation:
    """The evaluation of the box, of a plan that is changed in nothing that a goal needs."""
    return replace(sound(), plan=replace(sound().plan, **changes))


def evaluated(**changes) -> Evaluation:
    return evaluate(replace(box_plan(), **changes), load_protocol("hard"))


def pictured(made: Evaluation, **more) -> Pictures:
    return pictures(made, goal_table(made).rows, histograms(made), **more)


def spot(at_mm=(1.0, 2.0, 3.0), dose_gy=70.0, *, hottest=True) -> GoalSpot:
    return GoalSpot(hottest, at_mm, dose_gy, at_mm[2], Away("Cord", 1.0, inside=True), ())


def with_spots(*spots: GoalSpot) -> Evaluation:
    """The box with one missed goal for each spot."""
    made = box()
    missed = replace(made.results[0], outcome=Outcome.NOT_MET)
    return replace(made, results=tuple(replace(missed, spot=each) for each in spots))


def bytes_of(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/jpeg;base64,")))))


def test_the_target_of_the_highest_level_and_the_maximum_come_first():
    made = pictured(box())
    first, second = made.sheets[:2]
    assert first.place.title == "Centre of PTV_HR"
    np.testing.assert_allclose(first.place.at_mm, (0, 0, -1.5), atol=1.5)  # one of its two middle slices
    (said,) = first.place.captions
    assert "x 0.0, y 0.0" in said.text
    assert "dose there 68.00 Gy" in said.text
    assert "66 Gy" in said.look
    assert "68.00 Gy" in second.place.captions[0].text
    assert second.place.at_mm == box().plan.dose.maximum_at_mm
    assert [d.caption.split(",")[0] for d in first.drawings] == ["Axial", "Coronal", "Sagittal"]


def test_a_missed_goal_is_pictured_at_its_spot_with_what_is_known_of_it():
    made = with_spots(spot())
    (place,) = [sheet.place for sheet in pictured(made).sheets if sheet.place.goals]
    assert place.at_mm == (1.0, 2.0, 3.0)
    (said,) = place.captions
    assert str(made.results[0].goal) in said.subjects[0]
    assert "not met" in said.subjects[0]
    assert "hottest point 70.00 Gy at x 1.0, y 2.0, z 3.0 mm" in said.text


def test_the_same_place_is_pictured_once_with_all_captions():
    made = with_spots(spot(), spot(), spot((1.0, 2.0, 3.2), 71.0))
    (place,) = [sheet.place for sheet in pictured(made).sheets if sheet.place.goals]
    assert place.goals == 3
    assert [len(said.subjects) for said in place.captions] == [2, 1]  # what is said twice stands once


def test_goals_that_decide_come_before_others_and_what_is_left_out_is_counted():
    spots = [spot((float(n), 0.0, 0.0)) for n in range(-12, 12, 2)]
    made = with_spots(*spots)
    chosen, left_out = places(made, goal_table(made).rows, {})
    assert len(chosen) == MOST
    assert sum(place.goals for place in chosen) + left_out == len(spots)
    text = Page(html_page(made, created=CLOCK)).text
    assert f"{pictured(made).left_out} more goals have spots that are not pictured" in text


def test_the_spot_of_a_goal_that_decides_comes_before_those_that_do_not():
    made = with_spots(spot((1.0, 0.0, 0.0)), spot((5.0, 0.0, 0.0)))
    lesser, graver = made.results
    made = replace(made, results=(replace(lesser, goal=replace(lesser.goal, tier=Tier.ADVISORY)), graver))
    chosen, _ = places(made, goal_table(made).rows, {})
    assert [place.at_mm[0] for place in chosen if place.goals] == [5.0, 1.0]


def test_pictures_stay_within_their_bytes_and_the_rest_is_counted():
    made = with_spots(*(spot((float(n), 0.0, 0.0)) for n in (-6, -3, 3)))
    whole = pictured(made)
    sizes = [sum(d.size for d in sheet.drawings) for sheet in whole.sheets]
    coarser = pictured(made, most_bytes=sum(sizes) - 1)
    assert len(coarser.sheets) == len(sizes)  # fewer pixels come before fewer pictures
    assert sum(d.size for sheet in coarser.sheets for d in sheet.drawings) < sum(sizes)
    cut = pictured(made, most_bytes=sum(sizes) // 3)
    assert 0 < len(cut.sheets) < len(sizes)
    assert cut.left_out == sum(sheet.place.goals for sheet in whole.sheets[len(cut.sheets) :]) > 0


def test_the_mark_is_at_the_place():
    plane = Plane(View.CORONAL, 0.0, (-40.0, 60.0), 80.0)
    picture = picture_of(plane, 50, dose=None, image=None, levels_gy=(), outlines={})
    made = drawing("p", picture, (-20.0, 5.0, 0.0), {}, isodoses(evaluation()), ("", "", ""))
    assert made.mark == (SIDE / 4, 3 * SIDE / 4)  # 20 of 80 mm from the left, 60 of 80 mm from above


@pytest.mark.parametrize("at", [(10, 12, 14), (20, 6, 9), (7, 18, 16)])
def test_the_mark_is_on_the_hottest_pixel_of_the_image_itself(at):
    """One hot voxel in a cold dose: in the image as it is on the page, the brightest place is under the mark."""
    axis = np.arange(-33.0, 34.0, 3.0)
    dose_gy = np.zeros((axis.size,) * 3)
    i, j, k = at
    dose_gy[k, j, i] = 70.0
    made = pictured(box(dose=DoseGrid(axis, axis, axis, dose_gy)))
    (sheet,) = [s for s in made.sheets if "Highest dose" in s.place.title]
    for d in sheet.drawings:
        bright = bytes_of(d.image).astype(float).sum(axis=2)
        row, column = (
            (np.flatnonzero(bright >= bright.max() - 20) // bright.shape[1]),
            (np.flatnonzero(bright >= bright.max() - 20) % bright.shape[1]),
        )
        unit = SIDE / bright.shape[0]
        # Blocks of 8 pixels are coded together, and colours at half the resolution.
        assert abs((column.mean() + 0.5) * unit - d.mark[0]) < 3 * unit
        assert abs((row.mean() + 0.5) * unit - d.mark[1]) < 3 * unit


def test_levels_are_in_percent_of_the_prescription_or_in_gy():
    of = isodoses(box())
    assert of.of == "the prescription, 66 Gy"
    percent = [level.text for level in of.levels if level.text.endswith("%")]
    assert percent == ["100 %", "95 %", "80 %", "50 %", "30 %"]  # the maximum is 68 Gy
    assert of.levels[1].beside == "62.70 Gy"
    levels = replace(box(prescription=None), levels={"HR": 60.0, "LR": 50.0})
    assert isodoses(levels).of == "the level HR, 60 Gy"
    unknown = isodoses(replace(levels, levels={}, regimen=replace(levels.regimen, levels=(Level("HR", 60.0, 66.0),))))
    assert (unknown.of, [level.text for level in unknown.levels]) == (
        "",
        ["60 Gy", "50 Gy", "40 Gy", "30 Gy", "20 Gy", "10 Gy"],
    )
    assert isodoses(evaluation()).levels == ()


def test_brighter_is_more_dose_without_any_hue():
    brightness = [luminance(linear_light(colour)) for colour in SCALE]
    assert brightness == sorted(brightness)
    levels = [level for level in isodoses(box()).levels if not level.dash]
    seen = [luminance(linear_light(tuple(bytes.fromhex(level.colour[1:])))) for level in levels]
    assert seen == sorted(seen, reverse=True)
    # Words have a contrast of 4.5 to their ground (WCAG 2): #10151a, of which 0.88 lies over white at the worst.
    ground = luminance(linear_light(tuple(round(0.12 * 255 + 0.88 * c) for c in (0x10, 0x15, 0x1A))))
    assert min(brightness) + 0.05 >= 4.5 * (ground + 0.05)


def test_the_doses_of_levels_have_lines_of_their_own_or_the_name_of_the_one_that_is_there():
    made = replace(box(), levels={"HR": 66.0, "IR": 55.0, "LR": 50.6})
    found = {level.text: level for level in isodoses(made).levels}
    assert found["100 %"].beside == "66.00 Gy, level HR"
    assert found["IR 55 Gy"].dose_gy == 55.0
    assert found["LR 50.6 Gy"].beside == "76.7 %, level LR"  # 50.6 / 66
    assert [level.dose_gy for level in found.values()] == sorted((one.dose_gy for one in found.values()), reverse=True)
    assert "LR 70 Gy" not in {one.text for one in isodoses(replace(made, levels={"LR": 70.0})).levels}  # 68 Gy at most
    # As near as prescriptions are written, it is the same line.
    for gy, alone in ((62.705, False), (62.73, True)):
        texts = [one.text for one in isodoses(replace(made, levels={"X": gy})).levels]
        assert (f"X {gy:.2f} Gy" in texts or f"X {gy:.3g} Gy" in texts) is alone
    long = isodoses(replace(made, levels={"A very long name of a level": 50.6})).levels
    (own,) = [one for one in long if one.dash and one.dose_gy == 50.6]
    assert own.text == "A very… 50.6 Gy"
    assert own.beside == "76.7 %, level A very long name of a level"


def test_a_level_that_the_plan_does_not_state_is_drawn_and_said_to_be_the_regimens():
    made = box(prescription=None)
    made = replace(made, levels={}, regimen=replace(made.regimen, levels=(Level("SRS", 35.0, 35.0),)))
    found = isodoses(made)
    assert found.of == "the level SRS, 35 Gy of the regimen; that it is prescribed, the plan does not say"
    line = next(one for one in found.levels if one.text == "100 %")
    assert (line.dose_gy, line.beside) == (35.0, "35.00 Gy, level SRS, of the regimen: not stated by the plan")
    assert isodoses(replace(made, levels={"SRS": 35.0})).of == "the level SRS, 35 Gy"
    ours = replace(made, protocol=replace(made.protocol, structures=tuple(
        replace(s, level="SRS") if s.role == "target" else s for s in made.protocol.structures
    )))  # fmt: skip
    (said,) = pictured(ours).sheets[0].place.captions
    assert "the 100 % line, its level, 35 Gy of the regimen, that the plan does not state, follows" in said.look


@pytest.mark.parametrize(
    ("text", "level_gy", "dose_gy"),
    [
        ("V3Gy[cc] < 1 cc", None, 3.0),
        ("CV18Gy[cc] > 4 cc", None, 18.0),
        ("D0.03cc[Gy] <= 46 Gy", None, 46.0),
        ("Max[%] <= 107 %", 50.0, 53.5),
        ("DC0.03cc[%] > 95 %", 66.0, 62.7),
        ("V95%[%] > 95 %", 66.0, 62.7),
        ("V95%[%] > 95 %", None, None),
        ("Mean[Gy] < 20 Gy", None, None),
        ("Volume[cc] > 5 cc", None, None),
        ("D0.03cc EQD2(ab=3)[Gy] < 46 Gy", None, None),
    ],
)
def test_the_dose_that_a_goal_is_about(text, level_gy, dose_gy):
    found = goal_dose_gy(result(text, 1.0), level_gy)
    assert found == (None if dose_gy is None else pytest.approx(dose_gy))


def of_goal(text: str, *, hottest=True) -> Evaluation:
    """The box with one missed goal, whose spot is in the middle."""
    made = box()
    missed = replace(made.results[0], goal=result(text, 1.0).goal, limit=float(text.split()[-2]))
    seen = spot((0.0, 0.0, 0.0), hottest=hottest)
    return replace(made, levels={}, results=(replace(missed, outcome=Outcome.NOT_MET, spot=seen),))


def test_a_goal_has_the_line_of_its_dose_in_its_pictures_alone_and_the_caption_names_it():
    made = pictured(of_goal("V3Gy[cc] < 1 cc"))
    (sheet,) = [sheet for sheet in made.sheets if sheet.place.goals]
    (said,) = [caption for caption in sheet.place.captions if caption.anchors]
    assert said.look.startswith("how much of the structure lies inside of the 3 Gy line, the dose of this goal")
    (own,) = sheet.own
    assert (own.line.text, own.line.dose_gy) == ("3 Gy", 3.0)
    assert own.line.dash
    assert own.is_seen is any(curve.name == "3 Gy" for d in sheet.drawings for curve in d.isodoses)
    assert all(not other.own for other in made.sheets if other is not sheet)
    page = Page(html_page(of_goal("V3Gy[cc] < 1 cc"), created=CLOCK)).text
    assert "dose of a goal" in page


def test_the_lines_of_four_goals_in_one_place_are_told_apart():
    doses_gy = (11.0, 17.0, 23.0, 29.0)
    lines = isodoses(box()).with_goals(doses_gy).levels
    own = [line for line in lines if line.dose_gy in doses_gy]
    assert len({(line.colour, line.dash) for line in own}) == 4


def test_the_line_of_a_goal_is_the_one_that_is_there_and_none_where_its_dose_is_not_reached():
    sheets = pictured(of_goal("D0.03cc[Gy] <= 62.7 Gy")).sheets  # 95 % of 66 Gy
    assert not [own for sheet in sheets for own in sheet.own]
    (said,) = [caption for sheet in sheets for caption in sheet.place.captions if caption.anchors]
    assert "inside of the 95 % line, the dose of this goal" in said.look
    beyond = [c for s in pictured(of_goal("Min[Gy] >= 70 Gy", hottest=False)).sheets for c in s.place.captions]
    assert [c.look for c in beyond if c.anchors] == [
        "which isodose is here: the dose of this goal, 70 Gy, is reached nowhere"
    ]


SEEN_AS = {
    "three primaries": np.eye(3),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""What readers without one of three primaries see, in linear light: Machado, Oliveira and Fernandes 2009, table 1."""


def apart(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The least distance in OKLab that any reader sees."""
    both = [np.clip(how @ np.array([linear_light(one), linear_light(other)]).T, 0, 1).T for how in SEEN_AS.values()]
    return min(math.dist(_lab(tuple(a)), _lab(tuple(b))) for a, b in both)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


@pytest.mark.parametrize("highest_gy", [110.0, 99.5, 75.0, 68.0, 64.0, 60.0])
def test_neighbouring_lines_are_told_apart_by_every_reader(highest_gy):
    """APART is what two lines of the plot must be apart. On any page they lie on their own dark edge."""
    grid = box().plan.dose
    dose = DoseGrid(grid.x_mm, grid.y_mm, grid.z_mm, grid.dose_gy * (highest_gy / grid.maximum_gy))
    made = replace(box(dose=dose), levels={"HR": 66.0, "IR": 55.0, "LR": 50.6})
    levels = isodoses(made).with_goals((3.0, 46.0)).levels
    plain = [level for level in levels if not level.dash]
    assert len(plain) >= 3
    assert all(apart(rgb(a.colour), rgb(b.colour)) >= APART for a, b in pairwise(plain))
    others = [level for level in levels if level.dash]
    assert len({(level.colour, level.dash) for level in others}) == len(others) == 4
    for own in (level for level in others if level.text in ("3 Gy", "46 Gy")):
        assert (
            min(apart(rgb(own.colour), rgb(level.colour)) for level in levels if level.text not in ("3 Gy", "46 Gy"))
            >= APART
        )


def test_all_lines_of_gy_without_a_prescription_have_a_colour():
    made = box(prescription=None)
    regimen = replace(made.regimen, levels=())
    for highest_gy in (0.5, 8.0, 68.0, 80.0, 400.0):
        dose = DoseGrid(*made.plan.dose.axes_mm, made.plan.dose.dose_gy * (highest_gy / made.plan.dose.maximum_gy))
        levels = isodoses(replace(made, plan=replace(made.plan, dose=dose), levels={}, regimen=regimen)).levels
        assert levels
        assert all(apart(rgb(a.colour), rgb(b.colour)) >= APART for a, b in pairwise(levels))


def test_words_stay_off_small_targets_and_lead_to_their_lines():
    """Eight rings around a disc of 15 mm on a square of 80 mm, where no word has room on its line."""
    turn = np.linspace(0, 2 * np.pi, 60)
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    disc = circle * 7.5 + 40
    rings = tuple((30.0 - n, (circle * (8.0 + n / 2) + 40,)) for n in range(8))
    plane = Plane(View.AXIAL, 0.0, (-40.0, -40.0), 80.0)
    picture = Picture(plane, None, None, rings, ((1, (disc,)),), ())
    levels = Isodoses(tuple(Isodose(gy, f"{gy:g} Gy", "", "#ffffff") for gy, _ in rings), (), "", 31.0)
    made = drawing("p", picture, (0.0, 0.0, 0.0), {1: Contoured(1, 1, "PTV_1", "#ff0000", "")}, levels, ("", "", ""))
    labels = [curve.label for curve in (*made.isodoses, *made.contours)]
    assert None not in labels
    low, high = (disc.min() * SIDE / 80, disc.max() * SIDE / 80)
    target = Label("", low, low, high - low, high - low)
    assert not [label for label in labels if label.overlaps(target)]
    led = [(curve, curve.label) for curve in made.isodoses if curve.label.leader is not None]
    assert led
    for curve, label in led:
        radius = (8.0 + int(curve.id.removeprefix("p-i")) / 2) * SIDE / 80
        x, y, end_x, end_y = label.leader
        assert math.hypot(x - SIDE / 2, y - SIDE / 2) == pytest.approx(radius, rel=0.01)  # of a circle in 59 pieces
        assert label.x <= end_x <= label.x + label.width + 0.1
        assert label.y <= end_y <= label.y + label.height + 0.1


def test_where_nothing_is_known_nothing_is_painted():
    hounsfield = np.array([[np.nan, -2000.0], [40.0, 3000.0]])
    seen = raster(hounsfield, np.array([[np.nan, 1.0], [5.0, np.nan]]), (4.0, 6.0))
    assert len({tuple(seen[0, 0])} | {tuple(raster(None, np.full((1, 1), np.nan), (4.0, 6.0))[0, 0])}) == 1
    assert tuple(seen[0, 1]) == (0, 0, 0)  # a dose below the wash
    assert len(set(seen[1, 0].tolist())) > 1  # washed
    assert tuple(seen[1, 1]) == (255, 255, 255)


boxes = st.lists(st.tuples(st.floats(0, 320), st.floats(0, 320)), min_size=2, max_size=6)


@given(st.lists(boxes, max_size=12), st.text(min_size=1, max_size=40))
def test_words_cover_no_other_and_stay_on_the_picture(lines, text):
    room = Room(SIDE)
    found = [room.beside(text, [np.array(line)]) for line in lines]
    placed = [label for label in found if label is not None]
    for n, label in enumerate(placed):
        assert label.x >= 0
        assert label.x + label.width <= SIDE + 0.1
        assert not any(label.overlaps(other) for other in placed[n + 1 :])
    assert Label("", 0, 0, 2, 2).overlaps(Label("", 1, 1, 2, 2))
    assert not Label("", 0, 0, 2, 2).overlaps(Label("", 2, 0, 2, 2))


def test_every_line_is_named_and_every_picture_described():
    made = pictured(box())
    first = made.sheets[0].drawings[0]
    assert {curve.name for curve in first.contours} >= {s.name for s in box_plan().structures}
    assert "isodose lines 100 %" in first.title
    assert "PTV_HR" in first.title
    found = Page(html_page(box(), created=CLOCK))
    pictures_shown = [a for tag, a in found.tags if tag == "svg" and a.get("class") == "plane"]
    assert len(pictures_shown) == 3 * len(made.sheets)
    assert all(a["role"] == "img" and a["aria-labelledby"] for a in pictures_shown)
    ids = [a["id"] for _, a in found.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for _, a in found.tags if a.get("href", "").startswith("#")} <= set(ids)


def test_a_page_carries_its_images_in_itself():
    found = Page(html_page(box(), created=CLOCK))
    images = [a for tag, a in found.tags if tag == "image"]
    assert images
    assert all(re.fullmatch(r"data:image/jpeg;base64,[A-Za-z0-9+/]+=*", a["href"]) for a in images)
    others = [a["href"] for tag, a in found.tags if "href" in a and tag != "image"]
    assert all(link.startswith("#") for link in others)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_shown_and_never_acts(text):
    dvhs = {n: replace(dvh, structure=replace(dvh.structure, name=text)) for n, dvh in sound().dvhs.items()}
    made = replace(sound(), dvhs=dvhs)
    found = Page(html_page(made, created=CLOCK))
    assert {tag for tag, _ in found.tags} <= TAGS
    assert not found.odd
    assert not [name for _, a in found.tags for name in a if name.startswith("on") or name in ("style", "src")]
    assert visible(text)[:17] in found.text
    titles = [curve.name for sheet in pictured(made).sheets for d in sheet.drawings for curve in d.contours]
    assert text in titles


@pytest.mark.parametrize(
    "why",
    [{"unread": "Box_Synthetic.dcm: broken"}, {"unread": "xSyntheticx.dcm: broken", "unnamed": "[file]: broken"}],
)
def test_without_identity_the_pictures_have_none(why):
    dvhs = {n: replace(dvh, structure=replace(dvh.structure, name="Box GTV")) for n, dvh in sound().dvhs.items()}
    image = ImageStack(np.arange(-28.5, 29.0, 3.0), **why)
    made = replace(box(image=image), dvhs=dvhs)
    assert "Box GTV" in html_page(made, created=CLOCK)
    hidden = html_page(made, created=CLOCK, anonymous=True)
    assert "Synthetic" not in hidden
    assert "Box GTV" not in hidden
    assert "[removed] GTV" in hidden


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (None, "There is no CT with the plan: dose and contours alone"),
        (ImageStack(np.arange(-28.5, 29, 3)), "The pixels of the CT were not read: dose and contours alone"),
        (ImageStack(np.arange(-28.5, 29, 3), unread="a.dcm: broken"), "could not be read (a.dcm: broken)"),
        (
            ImageStack(np.array([500.0]), np.arange(9.0), np.arange(9.0), np.zeros((1, 9, 9), np.int16)),
            "The CT does not reach these planes: dose and contours alone",
        ),
    ],
)
def test_where_there_is_no_ct_that_is_said(image, said):
    made = box(image=image)
    text = Page(html_page(made, created=CLOCK)).text
    assert said in text
    assert "HU (black)" not in text
    assert all("CT" in d.caption for sheet in pictured(made).sheets for d in sheet.drawings)


def test_with_ct_its_window_is_told_and_the_report_can_be_sent():
    made = evaluate(thigh_plan("fails"), load_protocol("hard"))
    page = html_page(made, created=CLOCK)
    assert len(page.encode()) <= MOST_OF_A_REPORT
    text = Page(page).text
    assert "CT from −160 HU (black) to 240 HU (white)" in text
    assert "alone are shown" not in text


def test_without_a_dose_the_target_is_pictured_without_isodoses():
    made = box(dose=None)
    (sheet,) = pictured(made).sheets
    assert "dose there not known" in sheet.place.captions[0].text
    assert not sheet.drawings[0].isodoses
    assert sheet.drawings[0].contours


def test_without_dose_and_targets_nothing_is_pictured_and_that_is_said():
    assert pictured(evaluation(result())).sheets == ()
    assert "Nothing is pictured" in Page(html_page(evaluation(result()), created=CLOCK)).text


def test_of_a_course_the_sum_is_pictured():
    plan = box_plan()
    other = replace(plan, dose=replace(plan.dose, dose_gy=plan.dose.dose_gy / 2), sop_instance_uid="1.2")
    both = course_of(
        [
            replace(plan, sop_instance_uid="1.1", frame_of_reference_uid="1.9"),
            replace(other, frame_of_reference_uid="1.9"),
        ]
    )
    made = evaluate(both, load_protocol("hard"), regimen="22fx")
    captions = pictured(made).sheets[1].place.captions
    assert "102.00 Gy" in captions[0].text  # 68 Gy and half of it
    assert isodoses(made).of == "the prescription, 132 Gy"


def test_the_same_evaluation_gives_the_same_pictures():
    assert pictured(box()).sheets[0].drawings[0].image == pictured(box()).sheets[0].drawings[0].image


def test_an_axial_plane_lies_on_a_slice_and_says_how_far_the_place_is():
    image = ImageStack(
        np.arange(-30.0, 31.0, 3.0), np.arange(-40.0, 41), np.arange(-40.0, 41), np.zeros((21, 81, 81), np.int16)
    )
    made = replace(with_spots(spot((0.0, 0.0, 4.0))), plan=replace(box_plan(), image=image))
    made = replace(made, results=tuple(replace(r, spot=replace(r.spot, slice_mm=3.0)) for r in made.results))
    (sheet,) = [s for s in pictured(made).sheets if s.place.goals]
    assert sheet.drawings[0].caption == "Axial, z 3.0 mm; the mark is 1.0 mm above this slice"
    assert sheet.drawings[1].caption == "Coronal, y 0.0 mm"


def test_contours_look_as_in_the_plot():
    made = box()
    lines = {line.name: line for line in histograms(made) if not line.part_of}
    legend = {one.name: one for one in pictured(made).structures}
    for name, line in lines.items():
        assert legend[name] == Contoured(line.roi_number, line.key, name, line.colour, line.dash)


def test_a_goal_leads_to_its_picture_and_the_picture_back():
    made = with_spots(spot(), spot(), spot((8.0, 2.0, 3.0)), *(spot((float(n), 0.0, 0.0)) for n in range(-30, 30, 5)))
    seen = pictured(made)
    table = goal_table(made).pictured(seen.of_goals)
    by_anchor = {row.anchor: row for row in table.rows}
    assert len(by_anchor) == len(made.results)
    for number, sheet in enumerate(seen.sheets, 1):
        assert sheet.id == f"place-{number}"
        for subject, anchor in (pair for said in sheet.place.captions for pair in said.asked if pair[1]):
            row = by_anchor[anchor]
            assert row.picture == sheet.id
            assert row.result.spot.at_mm == sheet.place.at_mm
            assert str(row.result.goal) in subject
    assert sum(not row.picture for row in table.rows) == seen.left_out > 0
    found = Page(html_page(made, created=CLOCK))
    start = next(place for place, (_, a) in enumerate(found.tags) if a.get("id") == "pictures")
    back = [a["href"] for tag, a in found.tags[start:] if tag == "a"]
    links = [a["href"] for tag, a in found.tags if tag == "a"]
    ids = {a["id"] for _, a in found.tags if "id" in a}
    for row in table.rows:
        assert back.count(f"#{row.anchor}") == bool(row.picture)
        assert row.anchor in ids
    assert {link for link in links if link.startswith("#place-")} == {f"#{r.picture}" for r in table.rows if r.picture}
    assert {link[1:] for link in links if link.startswith("#")} <= ids


def test_without_the_section_no_goal_leads_to_a_picture():
    settings = Settings(sections=tuple(name for name in SECTIONS if name != "pictures"))
    found = Page(html_page(with_spots(spot()), created=CLOCK, settings=settings))
    assert not [a for _, a in found.tags if a.get("href", "").startswith("#place-")]
