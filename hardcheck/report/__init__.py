"""What leaves the program: the report and its machine-readable forms. The only package that imports Jinja2."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hardcheck.errors import UsageError
from hardcheck.report.document import dvh_document, evaluation_document
from hardcheck.report.file import write_whole
from hardcheck.report.junit import junit_xml
from hardcheck.report.table import dvh_rows, evaluation_rows
from hardcheck.spreadsheet import csv_text

if TYPE_CHECKING:
    from hardcheck.evaluation.result import Evaluation

__all__ = [
    "FORMS",
    "PICTURED",
    "content",
    "csv_text",
    "dvh_document",
    "dvh_rows",
    "evaluation_document",
    "evaluation_rows",
    "json_text",
    "render",
]

FORMS: Final = ("html", "json", "csv", "xml")
"""What `render` writes, by suffix."""

PICTURED: Final = ("html", "pdf")
"""Forms with pictures, for which a plan is worth reading with the pixels of its CT."""


def render(
    evaluation: Evaluation, path: str | Path, *, anonymous: bool = False, created: datetime | None = None
) -> None:
    """Write the report of `evaluation` to `path`: by its suffix .html, .json, .csv or .xml (JUnit).

    `anonymous` leaves the identity of the patient out (see `hardcheck.report.anonymity`). `created` is the time that
    the report states, now where it is None. The file is there whole or not at all.
    Raises UsageError for another suffix, and where the file cannot be written.
    """
    path = Path(path)
    write_whole(path, content(evaluation, form_of(path), anonymous=anonymous, created=created))


def content(evaluation: Evaluation, form: str, *, anonymous: bool = False, created: datetime | None = None) -> bytes:
    """The report as bytes; `form` is one of `FORMS`."""
    at = created if created is not None else datetime.now().astimezone()
    match form:
        case "html":
            from hardcheck.report.page import html_page  # noqa: PLC0415 - Jinja2 only for those who want a page

            return html_page(evaluation, created=at, anonymous=anonymous).encode("utf-8")
        case "json":
            return json_text(evaluation_document(evaluation, anonymous=anonymous)).encode("utf-8")
        case "csv":
            return csv_text(evaluation_rows(evaluation, anonymous=anonymous)).encode("utf-8")
        case "xml":
            return junit_xml(evaluation, created=at, anonymous=anonymous)
    raise UsageError(f"{form!r} is no form of report", do=f"use one of {', '.join(FORMS)}")


def json_text(document: Mapping[str, Any]) -> str:
    """One JSON document, ending in a line feed. ASCII only: text from outside may hold what no encoding takes."""
    return json.dumps(document, allow_nan=False, indent=1) + "\n"


def form_of(path: Path) -> str:
    """The form that the suffix of `path` asks for; UsageError where it is none of `FORMS`."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        raise UsageError("this version writes no PDF", where=path.name, do="write .html and print it from a browser")
    if suffix.removeprefix(".") not in FORMS or not suffix:
        wanted = ", ".join(f".{form}" for form in FORMS)
        raise UsageError(f"the suffix {path.suffix!r} is none that can be written", where=path.name, do=f"use {wanted}")
    return suffix.removeprefix(".")
