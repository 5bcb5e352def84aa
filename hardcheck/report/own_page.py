"""The report by a template of the department's own: docs/templates.md.

The template runs in the sandbox. What it makes is a page like ours: nothing may be loaded or run, only style sheets
that stand in the template as they are, or are ours, are taken, and verdict and statement are there to be read.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from jinja2 import Template
from jinja2.exceptions import SecurityError, TemplateNotFound, TemplateSyntaxError, UndefinedError

from hardcheck import STATEMENT, __version__
from hardcheck.errors import UsageError
from hardcheck.report.sandbox import Sandbox
from hardcheck.report.template import policy
from hardcheck.spelling import did_you_mean

if TYPE_CHECKING:
    from hardcheck.wording import Wording

MOST_BYTES: Final = 1 << 20
MOST_CHARACTERS: Final = 8 << 20
"""Of a page. The shipped one has a tenth of it, with thirty structures and pictures a quarter."""

_TAGS: Final = frozenset(
    {
        "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "blockquote", "body", "br", "button",
        "caption", "circle", "clippath", "cite", "code", "col", "colgroup", "dd", "defs", "del", "desc", "details",
        "dfn", "div", "dl", "dt", "ellipse", "em", "fieldset", "figcaption", "figure", "footer", "g", "h1", "h2",
        "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "i", "image", "img", "input", "ins", "kbd",
        "label", "legend", "li", "line", "lineargradient", "main", "mark", "meta", "meter", "nav", "ol", "optgroup",
        "option", "output", "p", "path", "pattern", "polygon", "polyline", "pre", "progress", "q", "rect", "s",
        "samp", "section", "select", "small", "span", "stop", "strong", "style", "sub", "summary", "sup", "svg",
        "symbol", "table", "tbody", "td", "text", "tfoot", "th", "thead", "time", "title", "tr", "tspan", "u", "ul",
        "use", "var", "wbr",
    }
)  # fmt: skip
_VOID: Final = frozenset({"br", "col", "hr", "img", "input", "meta", "wbr"})
_LOADING: Final = frozenset(
    {"action", "background", "data", "formaction", "ping", "poster", "srcdoc", "srcset", "style", "xlink:href"}
)
_PICTURE: Final = re.compile(r"data:image/(?:png|jpeg|webp);base64,[A-Za-z0-9+/=\s]*")
_OWN_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_SPACE: Final = r"[ \t\n\f\r]*"
_HTML: Final = r"<html(?:[ \t\n\f\r]+[a-z-]+=(?:\"[^\"<>]*\"|[a-z0-9-]+))*[ \t\n\f\r]*>"
_LINK: Final = re.compile(r'(<a\b[^<>]*?)( href="#([^"<>]*)")([^<>]*>)')
_START: Final = re.compile(rf"{_SPACE}(?:(<!doctype html>){_SPACE})?(?:{_HTML}{_SPACE})?<head>", re.IGNORECASE)
"""With anything else before it, a browser begins the body there, and a policy in a later <head> says nothing."""
_UNSEEN: Final = frozenset(
    {"style", "script", "title", "svg", "option", "optgroup", "select", "meter", "progress", "del", "s"}
)
"""What is in these is not shown, is struck out, or is placed where nobody may see it."""
_IN_HEADING: Final = frozenset({"span", "bdi"})
_WHOLE_TITLE: Final = re.compile(r"<title(?:[ \t\n\f\r][^<>]*)?>[^<]*</title>", re.IGNORECASE)
_PAINT: Final = re.compile(r"fill|stroke|filter|mask|clip-path|cursor|marker.*")
"""Attributes of SVG that may hold a `url()`, as a style sheet."""
_MISUSED: Final[tuple[tuple[type[Exception], str], ...]] = (
    (KeyError, "there is no word or key of that name"),
    (ZeroDivisionError, "a number is divided by zero"),
    (TypeError, "a value is not of the kind that is needed here: a text, a number, a list, or a macro with its values"),
)
"""What a template did, by the error that it made."""
_OUT_OF_REACH: Final = "it reaches for what is not there, or not for a template"
_CSS_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\f\r])?|(.))", re.DOTALL)
_CSS_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_CSS_LOADS: Final = re.compile(r"url\((?!\s*[\"']?(?:data:|#))|(?:image-set|image|src)\(|@import", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnTemplate:
    """A template file as it was read; `place` is how errors name it."""

    place: str
    text: str


def read_template(path: Path) -> OwnTemplate:
    """The template at `path`. UsageError where it cannot be read, or is no UTF-8 text."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, ValueError) as error:
        why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else "it cannot be opened"
        raise UsageError(f"the template cannot be read: {why}", where=str(path), do="name an .html file") from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"the template is larger than {MOST_BYTES} bytes", where=str(path), do="shorten it")
    return OwnTemplate(str(path), text)


def own_page(template: OwnTemplate, given: Mapping[str, object], wording: Wording, verdict: str) -> str:
    """The page that `template` makes of what is `given`; UsageError, with file and line, where it is none of ours."""
    text = _rendered(template, given, wording)
    if len(text) > MOST_CHARACTERS:
        raise _wrong(template, 1, f"the page has more than {MOST_CHARACTERS} characters", "show less")
    ours = [str(given[name]) for name in ("style", "page_edges") if name in given]
    page = _Page(template, ours, str(given.get("script", "")))
    page.feed(text)
    page.close()
    page.must_say(verdict, wording)
    end = page.head_end(text)
    content = policy(*dict.fromkeys(page.styles), script=page.script)
    start = f'<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{content}">'
    start += f'\n<meta name="generator" content="hardcheck {__version__}">'
    return text[: end - len("<head>")] + start + _without_loose_links(text[end:], page.ids)


def _without_loose_links(text: str, ids: set[str]) -> str:
    """The shipped sections link to each other: where the other is not on the page, its name is text."""
    return _LINK.sub(lambda found: found[0] if found[3] in ids else f"{found[1]}{found[4]}", text)


def _rendered(template: OwnTemplate, given: Mapping[str, object], wording: Wording) -> str:
    sandbox = Sandbox(wording)
    try:
        code = sandbox.compile(template.text, name=template.place, filename=template.place)
        made = Template.from_code(sandbox, code, sandbox.make_globals(None))
        return made.render(given)
    except TemplateSyntaxError as error:
        where = error.lineno if error.name in (None, template.place) else 1
        raise _wrong(template, where, error.message or "not a template", "see docs/templates.md") from None
    except Exception as error:  # whatever a template does wrong is said in one line
        raise _wrong(template, _line(error, template), _why(error, template), _do(error, given)) from None


def _why(error: Exception, template: OwnTemplate) -> str:
    """What went wrong, without any value: they may be the patient's."""
    if isinstance(error, TemplateNotFound):
        return "it includes a file that is not among the shipped sections"
    if isinstance(error, SecurityError):
        message = error.message or ""
    elif isinstance(error, UndefinedError):
        message = error.message or "a name that is not there"
    else:
        return next((said for kind, said in _MISUSED if isinstance(error, kind)), "a value cannot be used so")
    quoted = re.findall(r"'([^']*)'", message)
    if missing := re.fullmatch(r"'[\w.]+ object' has no attribute '(\w+)'", message):
        name = missing[1]
        return f"there is no field {name!r} here" if name in template.text else _OUT_OF_REACH
    known = all(name in template.text or name.endswith(" object") for name in quoted)
    return message if known else _OUT_OF_REACH


def _do(error: Exception, given: Mapping[str, object]) -> str:
    """The nearest of the names that a template knows, where one is asked that is not there."""
    found = re.fullmatch(r"'(\w+)' is undefined", error.message or "") if isinstance(error, UndefinedError) else None
    near = "" if found is None else did_you_mean(found[1], given)
    return f"{near}, see docs/templates.md" if near else "see docs/templates.md"


def _line(error: Exception, template: OwnTemplate) -> int:
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno for f in reversed(frames) if f.filename == template.place and f.lineno), 1)


def _loads(css: str) -> bool:
    """Whether a style could load something. A browser reads escapes and comments; so is it read here, each way."""
    return any(_CSS_LOADS.search(_CSS_ESCAPE.sub(_unescaped, text)) for text in (css, _CSS_COMMENT.sub("", css)))


def _unescaped(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[2]
    number = int(found[1], 16)
    return chr(number) if number <= 0x10FFFF else ""


def _wrong(template: OwnTemplate, line: int, what: str, do: str) -> UsageError:
    return UsageError(what, where=f"{template.place}:{line}", do=do)


@dataclass
class _Element:
    tag: str
    unseen: bool


class _Page(HTMLParser):
    """Reads what a template made, and refuses what no report may hold."""

    def __init__(self, template: OwnTemplate, ours: list[str], script: str) -> None:
        super().__init__(convert_charrefs=True)
        self.template = template
        self.ours, self.constant = ours, script
        self.own = [found for found in _OWN_STYLE.findall(template.text) if not re.search(r"\{[{%#]", found)]
        self.styles: list[str] = []
        self.script = ""
        self.open: list[_Element] = []
        self.seen: list[str] = []
        self.first_heading: list[str] | None = None
        self.in_heading = False
        self.raw = ""
        self.data_script = False
        self.heads = 0
        self.ids: set[str] = set()

    def _refuse(self, what: str, do: str, pattern: str = "") -> NoReturn:
        """At the line of the template in which `pattern` stands first, 1 where it came from elsewhere."""
        found = re.search(pattern, self.template.text, re.IGNORECASE) if pattern else None
        line = 1 if found is None else self.template.text.count("\n", 0, found.start()) + 1
        raise _wrong(self.template, line, what, do)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        if tag == "script":
            self.data_script = given == {"type": "application/json", "id": given.get("id")}
            if not self.data_script and given:
                self._refuse("a script cannot be used", "leave it away: nothing runs in a report", "<script")
        elif tag not in _TAGS:
            self._refuse(f"<{tag}> cannot be used", "leave it away", f"<{re.escape(tag)}\\b")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if tag == "meta" and "http-equiv" in given:
            self._refuse("meta http-equiv cannot be used", "leave it away: the policy is put in", "http-equiv")
        if tag in ("style", "script"):
            self.raw = ""
        self.heads += tag == "head"
        if self.in_heading and tag not in _IN_HEADING:
            self._refuse("the first <h1> does not say the verdict alone", f"write it without <{tag}>", "<h1")
        if tag == "h1" and self.first_heading is None:
            self.first_heading, self.in_heading = [], True
        if tag not in _VOID:
            self.open.append(_Element(tag, _is_unseen(tag, given)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name in _LOADING:
            self._refuse(f"the attribute {name} cannot be used", "leave it away", rf"\s{re.escape(name)}\s*=")
        if name == "href" and not (value.startswith("#") or (tag == "image" and _PICTURE.fullmatch(value))):
            self._refuse("a link leads out of the page", "link to a place in it, as in #goals", "href")
        if name == "src" and not _PICTURE.fullmatch(value):
            self._refuse("a picture is not in the page itself", "use the logo of the settings file", "src")
        if _PAINT.fullmatch(name) and _loads(value):
            self._refuse(f"the attribute {name} leads out of the page", "write it without url()", re.escape(name))

    def handle_endtag(self, tag: str) -> None:
        if tag not in [element.tag for element in self.open]:
            return
        if tag == "style":
            self._style()
        elif tag == "script" and not self.data_script:
            if self.raw != self.constant or not self.raw:
                self._refuse("a script cannot be used", "leave it away: nothing of yours runs in a report", "<script")
            self.script = self.raw
        elif tag == "h1":
            self.in_heading = False
        while self.open and self.open.pop().tag != tag:
            pass

    def _style(self) -> None:
        if self.raw not in self.ours and self.raw not in self.own:
            self._refuse("a style sheet holds a value", "write it without {{ and {%, or as {{ style }} alone", "<style")
        if self.raw not in self.ours and _loads(self.raw):
            self._refuse("a style sheet loads something", "write it without @import and url(), but of data:", "<style")
        self.styles.append(self.raw)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1].tag in ("style", "script"):
            self.raw += data
        if not any(element.unseen for element in self.open):
            self.seen.append(data)
            if self.in_heading and self.first_heading is not None:
                self.first_heading.append(data)

    def must_say(self, verdict: str, wording: Wording) -> None:
        """The verdict, and nothing else, in the first heading, and the statement: both to be seen."""
        heading = " ".join("".join(self.first_heading or []).split())
        key = f"verdict.{verdict}"
        if heading not in (verdict, wording.say(key), f"{verdict} {wording.own(key)}"):
            self._refuse("the first <h1> does not say the verdict alone", 'include "sections/verdict.html"', "<h1")
        if " ".join(STATEMENT.split()) not in " ".join("".join(self.seen).split()):
            self._refuse("the statement is not on the page", "write {{ statement }}")

    def head_end(self, text: str) -> int:
        """Where the start tag of the head ends in `text`, which a browser must read as we do."""
        if self.heads != 1:
            self._refuse(f"there are {self.heads} places with <head>", "write <head> once, without attributes")
        start = _START.match(text)
        if start is None:
            self._refuse("<head> is not the first", "write nothing before it but <!doctype html> and <html>", "<head")
        if "<!" in text[start.end(1) if start[1] else 0 :]:
            self._refuse("a comment cannot be used", "write it as {# ... #}", "<!(?!doctype)")
        if re.search(r"<\?|</[^a-z]", text, re.IGNORECASE):
            self._refuse("this is no tag of a page", "leave it away", r"<\?|</[^a-z]")
        if len(re.findall("<title", text, re.IGNORECASE)) != len(_WHOLE_TITLE.findall(text)):
            self._refuse("a title holds more than text", "write <title>, text alone, and </title>", "<title")
        return start.end()


def _is_unseen(tag: str, given: Mapping[str, str | None]) -> bool:
    """Whether what is in an element is not shown, whatever the style sheet says."""
    closed = tag == "details" and "open" not in given
    hidden = "hidden" in given or "popover" in given or "hidden" in (given.get("class") or "").split()
    return closed or hidden or tag in _UNSEEN
