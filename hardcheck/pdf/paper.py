"""From a page to paper: layout by WeasyPrint, which is given the page and may fetch nothing."""

from __future__ import annotations

import gc
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from typing import Any, Final

from hardcheck.errors import UsageError

_NO_BOXES: Final = "svg > * { display: none; }"
"""A drawing is drawn by itself, without the style sheets of the page; no boxes are needed of what is in it."""


def need_engine() -> None:
    """UsageError that says what to install, where a PDF cannot be made here."""
    if find_spec("weasyprint") is None:
        raise UsageError("no PDF can be made here: WeasyPrint is not installed", do="pip install 'hardcheck[pdf]'")
    try:
        import weasyprint  # noqa: F401, PLC0415 - it loads Pango, which may not be there
    except OSError:
        said = "no PDF can be made here: WeasyPrint does not find the library Pango"
        raise UsageError(
            said, do="install it, on Debian with: apt-get install libpangoft2-1.0-0 libharfbuzz-subset0"
        ) from None


def pdf_bytes(html: str, *, style: str, created: datetime) -> bytes:
    """`html` as PDF; `style` is a style sheet beside the page's own. The same arguments give the same bytes.

    Raises UsageError where the engine is not there.
    """
    need_engine()
    with _uncollected():
        return _laid_out(html, style, created)


def _laid_out(html: str, style: str, created: datetime) -> bytes:
    import weasyprint  # noqa: PLC0415 - half a second, for those alone who want a PDF

    from hardcheck.pdf.drawing import write_out  # noqa: PLC0415 - libraries of the same extra

    # It tells every property that it does not know, such as those of the screen.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    page = weasyprint.HTML(string=html, url_fetcher=_fetcher(), media_type="print")
    head = page.etree_element.find("head")
    _add_style(head, style)
    head.append(type(head)("meta", {"name": "dcterms.created", "content": created.isoformat(timespec="seconds")}))
    write_out(page.wrapper_element)
    _add_style(head, _NO_BOXES)
    # No clock and no chance in it.
    identifier = hashlib.sha256(html.encode("utf-8", "replace")).hexdigest()[:32].encode("ascii")
    made: bytes = page.write_pdf(pdf_identifier=identifier, pdf_tags=True, presentational_hints=True)
    return made


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection.

    The engine makes a million objects and keeps them until it is done: looking through them again and again is a
    fifth of its time, and frees nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _add_style(head: Any, style: str) -> None:
    made = type(head)("style")
    made.text = style
    head.append(made)


def _fetcher() -> Any:
    """What fetches for WeasyPrint: data that the page itself holds, and nothing from files or the network."""
    import weasyprint  # noqa: PLC0415 - as above

    return weasyprint.urls.URLFetcher(allowed_protocols=("data",), allow_redirects=False)
