"""The style sheet of a PDF: the size of its pages, and the lines at their edges."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hardcheck.report.page_header import page_header
from hardcheck.report.template import style_sheet

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation
    from hardcheck.settings import Settings


def paper_style(evaluation: Evaluation, settings: Settings, *, created: datetime, anonymous: bool) -> str:
    """What the PDF of `evaluation` has beside the style sheets of its page, which may be a department's own."""
    edges = page_header(evaluation, created=created, anonymous=anonymous, wording=settings.wording)
    return f"{style_sheet('report', 'paper.css')}\n{edges}\n@page {{ size: {settings.paper}; }}"
