"""How pages are made: every text from outside goes through `visible` and autoescape.

Nothing is loaded, and no script runs but one that is a constant of the package.
"""

from __future__ import annotations

import base64
import hashlib

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hardcheck.files import data_folder
from hardcheck.visible import visible
from hardcheck.wording import ENGLISH, Wording


def environment(*folders: str) -> Environment:
    """Jinja2 for the templates in those folders of the shipped ones, the first that has one of that name.

    They speak English, see `speak`.
    """
    made = Environment(
        loader=FileSystemLoader([data_folder("templates") / folder for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible_only,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    speak(made, ENGLISH)
    made.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    return made


def speak(environment: Environment, wording: Wording) -> None:
    """Have the templates say the fixed words of the report as `wording` does."""
    environment.globals.update(say=wording.say, own_word=wording.own)


def visible_only(value: object) -> object:
    """What every expression in a template goes through. Markup is what templates made themselves, already gated."""
    if value is None:
        raise TypeError("a template writes None")
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def style_sheet(folder: str, name: str) -> Markup:
    """A style sheet or a script: a constant of the package, with no data in it."""
    return Markup((data_folder("templates") / folder / name).read_text(encoding="utf-8"))  # noqa: S704


def policy(*styles: str, script: str = "") -> str:
    """Content-Security-Policy: nothing may be loaded, and only these style sheets and this script are taken."""
    allowed = f" script-src {_digest(script)};" if script else ""
    taken = " ".join(map(_digest, styles)) or "'none'"
    return f"default-src 'none';{allowed} style-src {taken}; img-src data:; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
