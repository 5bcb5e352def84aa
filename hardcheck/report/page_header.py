"""The lines at the edge of each printed page: which patient, which plan, which page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from hardcheck.report.identity import named
from hardcheck.visible import visible
from hardcheck.wording import ENGLISH, Wording

if TYPE_CHECKING:
    from hardcheck.comparison import Comparison
    from hardcheck.evaluation.result import Evaluation

LONGEST: Final = 60
"""Of a text at the edge of a page; the page itself has all of it."""


def page_header(evaluation: Evaluation, *, created: datetime, anonymous: bool, wording: Wording = ENGLISH) -> Markup:
    """A style sheet of its own with the texts of the margin boxes.

    With `anonymous` neither patient nor plan is among them.
    """
    protocol = evaluation.protocol
    what = " ".join(part for part in (protocol.id, protocol.version, evaluation.regimen.id) if part)
    boxes = {
        "top-left": wording.say("sentence.without_identity") if anonymous else _patient(evaluation),
        "top-center": "" if anonymous else _plan(evaluation),
        "bottom-left": f"{evaluation.verdict}, {short(what)}, {created:%Y-%m-%d %H:%M}",
    }
    return edges(boxes)


def pair_header(comparison: Comparison, result: str, *, created: datetime) -> Markup:
    """The same of a comparison, whose sides may be of two patients; `result` says in words what came of it.

    An evaluation that was read holds no name of the patient, so that the ID alone tells who it is.
    """
    sides = (comparison.a, comparison.b)
    patients = ["without identity" if side.anonymous else side.patient_id or "patient ID not given" for side in sides]
    plans = ["" if side.anonymous else str(side.plan.get("label") or "plan without label") for side in sides]
    protocols = [f"{side.protocol.get('id') or '?'} {side.protocol.get('version') or ''}".strip() for side in sides]
    return edges(
        {
            "top-left": _pair(patients, "Patient ID " if not all(side.anonymous for side in sides) else ""),
            "top-center": _pair(plans, "") if any(plans) else "",
            "bottom-left": f"{result}, {_pair(protocols, '')}, {created:%Y-%m-%d %H:%M}",
        }
    )


def _pair(texts: list[str], before: str) -> str:
    """Both, or the one that they are."""
    if texts[0] == texts[1]:
        return before + short(texts[0])
    return before + " · ".join(
        f"{letter}: {short(text, LONGEST // 2)}" for letter, text in zip("AB", texts, strict=True)
    )


def edges(boxes: Mapping[str, str]) -> Markup:
    """A style sheet with the texts of those margin boxes, by place; an empty one is left out."""
    rules = "".join(f"@{place} {{ content: {css_string(text)}; }} " for place, text in boxes.items() if text)
    return Markup(f"@page {{ {rules}}}")  # noqa: S704 - every text is a CSS string of plain characters and escapes


def css_string(text: str) -> str:
    r"""`text` as a string in CSS: whatever is no ASCII letter, digit or space is an escape such as ``\3c ``."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c == " ") else f"\\{ord(c):x} " for c in visible(text))
    return f'"{plain}"'


def _patient(evaluation: Evaluation) -> str:
    patient = evaluation.plan.patient
    return " · ".join(short(part) for part in (named(patient), patient.id) if part) or "patient not given"


def _plan(evaluation: Evaluation) -> str:
    course = evaluation.plan.course
    labels = [evaluation.plan.label] if course is None else [plan.label for plan in course.plans]
    return short(" + ".join(label for label in labels if label)) or "plan without label"


def short(text: str, longest: int = LONGEST) -> str:
    """`text` as it stands at the edge of a page: no more than `longest` characters."""
    text = visible(text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
