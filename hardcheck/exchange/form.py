"""Which form a file has, and its import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Final

from hardcheck.errors import UsageError
from hardcheck.exchange.clearplan import from_clearplan, is_template
from hardcheck.exchange.draft import Imported
from hardcheck.exchange.eclipse import from_eclipse
from hardcheck.exchange.proknow import from_proknow

MOST_BYTES: Final = 5 << 20
"""The largest file that is imported."""

_READERS: Final[dict[str, Callable[..., Imported]]] = {
    "proknow": from_proknow,
    "clearplan": from_clearplan,
    "eclipse": from_eclipse,
}
FORMS: Final = tuple(_READERS)
_SUFFIXES: Final = {".json": "proknow", ".csv": "clearplan", ".xml": "eclipse"}


def imported(
    data: bytes,
    *,
    file: str,
    form: str | None = None,
    fractions: int | None = None,
    prescription_gy: Mapping[str, float] | None = None,
) -> Imported:
    """The protocol in the bytes of a file; `form` is one of `FORMS`, told by name and content where it is None.

    Raises UsageError where it is none of them, too large, no text, or cannot be imported.
    """
    if len(data) > MOST_BYTES:
        raise UsageError(f"is larger than {MOST_BYTES >> 20} MB", where=file, do="name a protocol")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise UsageError("is not UTF-8 text", where=file, do="save it as UTF-8") from None
    reader = _READERS[form_of(file, text) if form is None else form]
    return reader(text, file=PurePath(file).name, fractions=fractions, prescription_gy=prescription_gy)


def form_of(file: str, text: str) -> str:
    """The form of a file, by its suffix or else by how it begins; UsageError where neither says."""
    begin = text.lstrip()[:1]
    if known := _SUFFIXES.get(PurePath(file).suffix.lower()):
        return known
    if begin in ("{", "[", "<"):
        return "eclipse" if begin == "<" else "proknow"
    if is_template(text):
        return "clearplan"
    raise UsageError("its form is not known", where=file, do=f"say it with --as {', '.join(FORMS[:-1])} or {FORMS[-1]}")
