"""How pages are made: every text from outside goes through `visible` and autoescape, and nothing is loaded or run."""

from __future__ import annotations

import base64
import hashlib

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hardcheck.files import data_folder
from hardcheck.visible import visible


def environment(*folders: str) -> Environment:
    """Jinja2 for the templates in those folders of the shipped ones, the first that has one of that name."""
    return Environment(
        loader=FileSystemLoader([data_folder("templates") / folder for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible_only,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _visible_only(value: object) -> object:
    """What every expression in a template goes through. Markup is what templates made themselves, already gated."""
    if value is None:
        raise TypeError("a template writes None")
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def style_sheet(folder: str, name: str) -> Markup:
    """A style sheet: a constant of the package, with no data in it."""
    return Markup((data_folder("templates") / folder / name).read_text(encoding="utf-8"))  # noqa: S704


def policy(style: str) -> str:
    """Content-Security-Policy: nothing may be loaded or run, and only this one style sheet is applied."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
