"""What leaves the program: the report and its machine-readable forms. The only package that imports Jinja2."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hardcheck.errors import UsageError
from hardcheck.report.document import dvh_document, evaluation_document
from hardcheck.report.file import write_whole
from hardcheck.report.junit import junit_xml
from hardcheck.report.table import dvh_rows, evaluation_rows
from hardcheck.settings import SHIPPED, Settings
from hardcheck.spreadsheet import csv_text

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation

__all__ = [
    "FORMS",
    "PICTURED",
    "Look",
    "content",
    "csv_text",
    "dvh_document",
    "dvh_rows",
    "evaluation_document",
    "evaluation_rows",
    "json_text",
    "render",
]

FORMS: Final = ("html", "pdf", "json", "csv", "xml")
"""What `render` writes, by suffix."""

PICTURED: Final = ("html", "pdf")
"""Forms with pictures, for which a plan is worth reading with the pixels of its CT."""


def render(
    evaluation: Evaluation,
    path: str | Path,
    *,
    anonymous: bool = False,
    created: datetime | None = None,
    settings: Settings | None = None,
    template: str | Path | None = None,
) -> None:
    """Write the report of `evaluation` to `path`: by its suffix .html, .pdf, .json, .csv or .xml (JUnit).

    `anonymous` leaves the identity of the patient out (see `hardcheck.report.anonymity`). `created` is the time that
    the report states, now where it is None. Of a page (.html, .pdf), `settings` are the department's choices, as
    `load_settings` reads them, and `template` is a template of its own. The file is there whole or not at all.
    Raises UsageError for another suffix, where the file cannot be written, and for a PDF without the extra
    ``hardcheck[pdf]``.
    """
    path = Path(path)
    form, look = form_of(path), Look.of(settings, template)
    write_whole(path, content(evaluation, form, anonymous=anonymous, created=created, look=look))


@dataclass(frozen=True, slots=True)
class Look:
    """How a page looks: the department's settings, the path of a template of its own, and a list to lead back to."""

    settings: Settings = SHIPPED
    template: Path | None = None
    back: str = ""
    """The name of the file beside the page that lists it; a template of one's own leads nowhere."""

    @classmethod
    def of(cls, settings: Settings | None, template: str | Path | None) -> Look:
        """The shipped settings where there are none."""
        return cls(settings or SHIPPED, None if template is None else Path(template))


def content(
    evaluation: Evaluation,
    form: str,
    *,
    anonymous: bool = False,
    created: datetime | None = None,
    look: Look | None = None,
) -> bytes:
    """The report as bytes; `form` is one of `FORMS`."""
    at = created if created is not None else datetime.now().astimezone()
    match form:
        case "html":
            return _page(evaluation, at, look or Look(), anonymous=anonymous).encode("utf-8")
        case "pdf":
            from hardcheck.pdf import pdf_bytes  # noqa: PLC0415 - WeasyPrint only for those who want a PDF
            from hardcheck.report.page_header import page_header  # noqa: PLC0415 - as above
            from hardcheck.report.paper import paper_style  # noqa: PLC0415 - as above

            look = look or Look()
            html = _page(evaluation, at, look, anonymous=anonymous, on_paper=True)
            wording = look.settings.wording
            edges = page_header(evaluation, created=at, anonymous=anonymous, wording=wording)
            return pdf_bytes(html, style=paper_style(edges, look.settings), created=at)
        case "json":
            return json_text(evaluation_document(evaluation, anonymous=anonymous)).encode("utf-8")
        case "csv":
            return csv_text(evaluation_rows(evaluation, anonymous=anonymous)).encode("utf-8")
        case "xml":
            return junit_xml(evaluation, created=at, anonymous=anonymous)
    raise UsageError(f"{form!r} is no form of report", do=f"use one of {', '.join(FORMS)}")


def _page(evaluation: Evaluation, created: datetime, look: Look, *, anonymous: bool, on_paper: bool = False) -> str:
    from hardcheck.report.own_page import read_template  # noqa: PLC0415 - Jinja2 only for those who want a page
    from hardcheck.report.page import html_page  # noqa: PLC0415 - as above

    template = None if look.template is None else read_template(look.template)
    return html_page(
        evaluation,
        created=created,
        anonymous=anonymous,
        settings=look.settings,
        template=template,
        back=look.back,
        on_paper=on_paper,
    )


def json_text(document: Mapping[str, Any]) -> str:
    """One JSON document, ending in a line feed. ASCII only: text from outside may hold what no encoding takes."""
    return json.dumps(document, allow_nan=False, indent=1) + "\n"


def form_of(path: Path) -> str:
    """The form that the suffix of `path` asks for; UsageError where it is none of `FORMS`."""
    suffix = path.suffix.lower()
    if suffix.removeprefix(".") not in FORMS or not suffix:
        wanted = ", ".join(f".{form}" for form in FORMS)
        raise UsageError(f"the suffix {path.suffix!r} is none that can be written", where=path.name, do=f"use {wanted}")
    return suffix.removeprefix(".")
