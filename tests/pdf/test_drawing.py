"""Drawings written out: what the style sheet says stands on the elements themselves."""

from __future__ import annotations

import pytest

from tests.pdf.engine import library

cssselect2 = library("cssselect2")
tinyhtml5 = library("tinyhtml5")
drawing = library("hardcheck.pdf.drawing")
SVG = drawing.SVG

SYMBOLS = '<svg><symbol id="S" viewBox="0 0 16 16"><path class="cut" fill="currentColor" d="M0 0h9"/></symbol></svg>'


def drawn(style: str, body: str):
    """The elements of the page by tag, written out, without the definitions of symbols."""
    page = f"<!doctype html><style>{style}</style>{body}"
    root = tinyhtml5.parse(page, namespace_html_elements=False)
    drawing.write_out(cssselect2.ElementWrapper.from_html_root(root))
    definitions = {id(e) for symbol in root.iter(f"{SVG}symbol") for e in symbol.iter()}
    found = [e for e in root.iter() if str(e.tag).startswith(SVG) and id(e) not in definitions]
    return [(e.tag.removeprefix(SVG), e) for e in found]


def the(tag: str, style: str, body: str):
    (element,) = [e for t, e in drawn(style, body) if t == tag]
    return element


LINE = '<svg><path class="a b" id="p" d="M0 0h9"/></svg>'


@pytest.mark.parametrize(
    ("style", "stroke"),
    [
        ("path { stroke: #111111 }", "#111111"),
        ("path { stroke: #111111 } .a { stroke: #222222 }", "#222222"),
        (".a { stroke: #222222 } path { stroke: #111111 }", "#222222"),  # the more specific one, wherever it stands
        ("#p { stroke: #333333 } .a { stroke: #222222 }", "#333333"),
        ("path { stroke: #111111 !important } .a { stroke: #222222 }", "#111111"),
        ("path { stroke: #111111 } @media print { path { stroke: #222222 } }", "#222222"),
        ("path { stroke: #111111 } @media screen { path { stroke: #222222 } }", "#111111"),
        ("path { stroke: #111111 } @media (prefers-color-scheme: dark) { path { stroke: #222222 } }", "#111111"),
        (":root { --x: #444444 } path { stroke: var(--x) }", "#444444"),
        (":root { --x: #444444 } svg { --x: #555555 } path { stroke: var(--x) }", "#555555"),
        (":root { --x: var(--y); --y: #666666 } path { stroke: var(--x) }", "#666666"),
        ("path { stroke: var(--none, #777777) }", "#777777"),
        ("svg { color: #888888 } path { stroke: currentColor }", "#888888"),
        ("body { color: #999999 } path { stroke: currentColor }", "#999999"),
        (":root { --x: var(--x) } path { fill: none; stroke: var(--x) }", None),  # a circle ends
    ],
)  # fmt: skip
def test_the_cascade_is_that_of_a_browser(style, stroke):
    found = the("path", style, LINE).get("stroke")
    assert found == stroke or (stroke is None and "#" not in (found or ""))


def test_a_symbol_stands_where_it_is_used_in_the_colour_of_that_place():
    body = f'{SYMBOLS}<p class="r"><svg class="icon"><use href="#S"/></svg></p><p><svg><use href="#S"/></svg></p>'
    elements = drawn(".r { color: #aa0000 } p { color: #00aa00 } .icon .cut { stroke: #0000aa }", body)
    red, green = [e for tag, e in elements if tag == "path"]
    assert (red.get("fill"), green.get("fill")) == ("#aa0000", "#00aa00")
    assert (red.get("stroke"), green.get("stroke")) == ("#0000aa", None)
    assert [e.get("viewBox") for tag, e in elements if e.get("viewBox")] == ["0 0 16 16"] * 2
    assert not [tag for tag, _ in elements if tag == "use"]


def test_a_use_of_what_is_not_there_stays():
    assert the("use", "", '<svg><use href="https://example.org/#S"/></svg>').get("href") == "https://example.org/#S"


def test_an_outline_that_is_painted_first_lies_below_the_text():
    style = "text { paint-order: stroke; stroke: #ffffff; fill: #000000 }"
    below, text = [e for tag, e in drawn(style, "<svg><text>7</text></svg>") if tag == "text"]
    assert (below.get("stroke"), below.get("fill"), below.text) == ("#ffffff", "#ffffff", "7")
    assert (text.get("stroke"), text.get("fill"), text.text) == ("none", "#000000", "7")


def test_what_is_no_drawing_is_left_alone():
    root = tinyhtml5.parse("<style>p { color: red; fill: red }</style><p>x", namespace_html_elements=False)
    drawing.write_out(cssselect2.ElementWrapper.from_html_root(root))
    assert root.find("body/p").attrib == {}


def test_tooltips_and_the_drawing_of_symbols_are_left_out_and_no_text_is():
    page = f"<!doctype html><p>a{SYMBOLS}b<svg><title>said</title><g><title>tip</title><path/></g></svg>c"
    root = tinyhtml5.parse(page, namespace_html_elements=False)
    drawing.write_out(cssselect2.ElementWrapper.from_html_root(root))
    assert [title.text for title in root.iter(f"{SVG}title")] == ["said"]
    assert not list(root.iter(f"{SVG}symbol"))
    assert "".join(root.find("body/p").itertext()) == "absaidc"
