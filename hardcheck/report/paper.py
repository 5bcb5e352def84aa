"""The style sheet of a PDF: the size of its pages, and the lines at their edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hardcheck.report.template import style_sheet

if TYPE_CHECKING:
    from hardcheck.settings import Settings


def paper_style(edges: str, settings: Settings) -> str:
    """What a PDF has beside the style sheets of its page, which may be a department's own; `edges` of `page_header`."""
    return f"{style_sheet('report', 'paper.css')}\n{edges}\n@page {{ size: {settings.paper}; }}"
