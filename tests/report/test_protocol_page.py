"""The page that a protocol is signed on: all of it is there, and nothing in it acts."""

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from hardcheck.files import data_folder
from hardcheck.library import available, load_protocol
from hardcheck.metric import Metric
from hardcheck.protocol import CheckChange, Level, Margin, Protocol, ProtocolStructure, Regimen, Tier
from hardcheck.report.protocol_page import SIGNERS, VERIFICATION, protocol_page
from hardcheck.visible import visible
from tests.report.sample import CLOCK, HOSTILE, goal
from tests.report.test_page import TAGS, Page

SHIPPED = [entry.id for entry in available()]


def page(protocol: Protocol) -> Page:
    return Page(protocol_page(protocol, created=CLOCK))


def protocol(text: str = "said") -> Protocol:
    """`text` stands wherever a file puts text of its own."""
    return Protocol(
        "mine", text, text, text, "draft",
        (Regimen("22fx", 22, (Level("HR", 66.0, 66.0),), text, text, text),),
        (
            ProtocolStructure("Cord", "organ", (text,), definition=text, note=text, report=(Metric.parse("Max[Gy]"),)),
            ProtocolStructure("PTV", "target", (text,), "HR", definition=text, report=(Metric.parse("D98%[%]"),)),
        ),
        (goal(source=text, source_conflict=text, printed=text, note=text, not_in_source=True, uncertain_tier=True),),
        notes=(text,),
        checks=(CheckChange("bolus", "off", text),),
        shipped_sha256="b" * 64,
    )  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
def test_all_of_a_shipped_protocol_is_there(name: str) -> None:
    shipped = load_protocol(name)
    text = page(shipped).text
    wanted = [shipped.title, shipped.source, shipped.sha256, shipped.version, VERIFICATION[shipped.verification]]
    wanted += [each for g in shipped.goals for each in (str(g), g.source, g.source_conflict, g.printed, g.note)]
    wanted += [f"{level.name} {level.text}" for r in shipped.regimens for level in r.levels]
    wanted += [each for r in shipped.regimens for each in (r.id, r.when, r.caveat, r.source)]
    wanted += [each for s in shipped.structures for each in (s.name, *s.aliases, s.definition, s.note)]
    wanted += [str(metric) for s in shipped.structures for metric in s.report]
    wanted += [*shipped.notes, *SIGNERS, "Name", "Role", "Date", "Signature"]
    assert [each for each in wanted if each not in text] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_there_is_one_box_for_each_number(name: str) -> None:
    shipped = load_protocol(name)
    boxes = [a for tag, a in page(shipped).tags if tag == "span" and a.get("class") == "box"]
    assert len(boxes) == len(shipped.goals) + len(shipped.regimens)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_a_file_is_shown_and_never_acts(text: str) -> None:
    plain, hostile = page(protocol()), page(protocol(text))
    assert {tag for tag, _ in hostile.tags} <= TAGS
    assert not hostile.odd
    assert [(tag, sorted(a)) for tag, a in hostile.tags] == [(tag, sorted(a)) for tag, a in plain.tags]
    assert " ".join(visible(text).split()) in hostile.text


def test_nothing_is_loaded_and_nothing_runs() -> None:
    raw = protocol_page(load_protocol("hard"), created=CLOCK)
    found = Page(raw)
    assert not {name for _, a in found.tags for name in a} & {"src", "srcset", "action", "data", "style", "onclick"}
    ids = {a["id"] for _, a in found.tags if "id" in a}
    links = {a["href"] for _, a in found.tags if "href" in a}
    assert links <= {f"#{each}" for each in ids}
    policy = next(a["content"] for _, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
    style = re.search(r"<style>(.*)</style>", raw, re.DOTALL)
    assert style is not None
    assert base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode() in policy
    assert policy.startswith("default-src 'none'; ")
    css = (data_folder("templates") / "protocol" / "protocol.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|expression\(|http", css)


def test_the_same_protocol_and_clock_give_the_same_text() -> None:
    assert protocol_page(protocol(), created=CLOCK) == protocol_page(protocol(), created=CLOCK)
    assert "2025-03-01 12:30 UTC" in page(protocol()).text


def test_an_edited_copy_says_so() -> None:
    said = "this file has the id of a protocol that hardcheck ships, and is another file"
    assert said in page(protocol()).text
    assert said not in page(replace(protocol(), shipped_sha256="")).text


def test_what_stands_in_doubt_is_listed() -> None:
    text = page(load_protocol("hard")).text
    # by hand from the file: six conflicts, five uncertain tiers, four numbers that are not in the source
    assert "What the source leaves in doubt 15" in text
    assert "What the source leaves in doubt" not in page(load_protocol("femur_fracture")).text


def test_how_structures_are_contoured_and_which_checks_it_changes() -> None:
    organ = ProtocolStructure(
        "Strip", "organ", margin_from=Margin("PTV", 3, 5), from_skin_mm=3, whole=True, strip_mm=20
    )
    text = page(replace(protocol(), structures=(organ, *protocol().structures))).text
    for said in (
        "grown by 3 to 5 mm from PTV",
        "stays 3 mm from the skin",
        "may not end where the CT does",
        "a strip along the skin in one piece, 20 mm wide",
        "bolus switched off: said",
    ):
        assert said in text
    assert "Checks of the plan that it changes" not in page(replace(protocol(), checks=())).text


def test_tiers_and_remarks() -> None:
    doubtful = replace(protocol(), goals=(goal(uncertain_tier=True, regimens=("22fx",)), goal(tier=Tier.ADVISORY)))
    text = page(doubtful).text
    assert "required? in 22fx only; tier uncertain" in text
    assert "advisory" in text
