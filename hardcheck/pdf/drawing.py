"""The drawings of a page, written out for an engine that draws each SVG by itself.

WeasyPrint applies no style sheet of the page to the SVG in it, and finds no symbol of another SVG. So what the style
sheet says of each element of a drawing is put on the element (as SVG's presentation attributes), variables and
``currentColor`` are replaced by what they stand for there, and a symbol stands where it is used. What is not written
out would be drawn black and filled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final
from xml.etree.ElementTree import Element

import cssselect2
import tinycss2

SVG: Final = "{http://www.w3.org/2000/svg}"

_SHOWN: Final = frozenset(
    {
        "clip-rule", "color", "display", "dominant-baseline", "fill", "fill-opacity", "fill-rule", "font-family",
        "font-size", "font-style", "font-weight", "letter-spacing", "opacity", "r", "stroke", "stroke-dasharray",
        "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-opacity",
        "stroke-width", "text-anchor", "visibility",
    }
)  # fmt: skip
"""Properties that SVG knows as attributes too."""

_FONTS: Final = "'Liberation Sans', Arial, 'DejaVu Sans', sans-serif"
_VARIABLE: Final = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)")
_MOST_NESTED: Final = 20
_MEDIA: Final = frozenset({"", "all", "print"})

Declared = dict[str, str]


def write_out(html: Any) -> None:
    """Change the drawings in `html`, the wrapped root of a page, in place."""
    root = html.etree_element
    _place_symbols(root)
    _leave_out_unseen(root)
    _walk(html, _matcher(root), {}, "#000", _around_drawings(root))


def _leave_out_unseen(root: Element) -> None:
    """Take away what no paper shows: tooltips in drawings, and the drawing that holds symbols alone."""
    for parent in list(root.iter()):
        for child in list(parent):
            is_tooltip = child.tag == f"{SVG}title" and parent.tag != f"{SVG}svg"
            if is_tooltip or (child.tag == f"{SVG}svg" and {each.tag for each in child} == {f"{SVG}symbol"}):
                _remove(parent, child)


def _remove(parent: Element, child: Element) -> None:
    """`child` without the text behind it, which stays."""
    place = list(parent).index(child)
    if place:
        parent[place - 1].tail = (parent[place - 1].tail or "") + (child.tail or "")
    else:
        parent.text = (parent.text or "") + (child.tail or "")
    parent.remove(child)


def _around_drawings(element: Element) -> set[Element]:
    """All elements of drawings, and those that have a drawing in them."""
    if element.tag == f"{SVG}svg":
        return set(element.iter())
    found = set().union(*map(_around_drawings, element))
    return found | {element} if found else found


def _place_symbols(root: Element) -> None:
    """A copy of its symbol for each ``<use>`` of one."""
    symbols = {f"#{symbol.get('id')}": symbol for symbol in root.iter(f"{SVG}symbol")}
    for parent in [element for element in root.iter() if element.find(f"{SVG}use") is not None]:
        for place, child in enumerate(list(parent)):
            symbol = symbols.get(child.get("href", "")) if child.tag == f"{SVG}use" else None
            if symbol is not None:
                parent[place] = _copy(symbol, child)


def _copy(symbol: Element, use: Element) -> Element:
    """The symbol as a drawing of its own, in the place and of the size of `use`."""
    size = {name: use.get(name, default) for name, default in (("width", "100%"), ("height", "100%"))}
    at = {name: value for name in ("x", "y", "class") if (value := use.get(name)) is not None}
    made = Element(f"{SVG}svg", {"viewBox": symbol.get("viewBox", "0 0 1 1"), **size, **at})
    made.extend(deepcopy(list(symbol)))
    made.tail = use.tail
    return made


def _matcher(root: Element) -> Any:
    """All rules of the page's style sheets that go for print."""
    matcher = cssselect2.Matcher()
    for sheet in root.iter("style"):
        rules = tinycss2.parse_stylesheet(sheet.text or "", skip_comments=True, skip_whitespace=True)
        for prelude, content in _rules(rules):
            declared = list(_declarations(content))
            for selector in cssselect2.compile_selector_list(prelude):
                if declared and selector.pseudo_element is None and not selector.never_matches:
                    matcher.add_selector(selector, declared)
    return matcher


def _rules(rules: Any) -> Iterator[tuple[Any, Any]]:
    for rule in rules:
        if rule.type == "qualified-rule":
            yield rule.prelude, rule.content
        elif rule.type == "at-rule" and rule.lower_at_keyword == "media" and _is_of_paper(rule):
            yield from _rules(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))


def _is_of_paper(rule: Any) -> bool:
    """Whether a rule of media goes for print. Any condition is of a screen, or of colours that its reader prefers."""
    return rule.content is not None and tinycss2.serialize(rule.prelude).strip().lower() in _MEDIA


def _declarations(content: Any) -> Iterator[tuple[str, str, bool]]:
    """Name, value and whether it is important."""
    for found in tinycss2.parse_declaration_list(content, skip_comments=True, skip_whitespace=True):
        if found.type == "declaration":
            name = found.name if found.name.startswith("--") else found.lower_name
            yield name, tinycss2.serialize(found.value).strip(), found.important


def _walk(wrapped: Any, matcher: Any, variables: Mapping[str, str], colour: str, wanted: set[Element]) -> None:
    """`variables` and `colour` are those of the parent; only elements that are `wanted` are looked at."""
    declared = _declared(wrapped, matcher)
    here = {**variables, **{name: value for name, value in declared.items() if name.startswith("--")}}
    said = _resolved(declared.get("color", ""), here)
    colour = colour if said in ("", "inherit", "currentcolor", "currentColor") else said
    children = [child for child in wrapped.iter_children() if child.etree_element in wanted]
    if wrapped.etree_element.tag.startswith(SVG):
        _put(wrapped.etree_element, declared, here, colour)
    for child in children:
        _walk(child, matcher, here, colour, wanted)
    for child in children:
        _outline_first(wrapped.etree_element, child.etree_element)


def _declared(wrapped: Any, matcher: Any) -> Declared:
    """What the style sheets say of one element, by property."""
    # Sorted by specificity and order already, the weakest first.
    matched = [entry for *_, found in matcher.match(wrapped) for entry in found]
    return {name: value for name, value, _ in sorted(matched, key=lambda entry: entry[2])}


def _resolved(value: str, variables: Mapping[str, str]) -> str:
    for _ in range(_MOST_NESTED):
        if "var(" not in value:
            break
        value = _VARIABLE.sub(lambda found: variables.get(found[1], found[2] or "").strip(), value)
    return value


def _put(element: Element, declared: Declared, variables: Mapping[str, str], colour: str) -> None:
    for name, value in declared.items():
        if name in _SHOWN and (shown := _resolved(value, variables)):
            element.set(name, shown)
        elif name == "paint-order":
            element.set(name, value)
    for name in ("fill", "stroke", "color"):
        if element.get(name, "").lower() == "currentcolor":
            element.set(name, colour)
    if element.tag == f"{SVG}svg":
        element.set("font-family", element.get("font-family", _FONTS))


def _outline_first(parent: Element, text: Element) -> None:
    """The outline of `text` as a text of its own below it, where it is to be painted first."""
    if text.tag != f"{SVG}text" or not text.get("paint-order", "").startswith("stroke"):
        return
    if text.get("stroke", "none") == "none":
        return
    below = deepcopy(text)
    below.tail = None
    below.set("aria-hidden", "true")
    below.set("fill", text.get("stroke", "none"))
    text.set("stroke", "none")
    parent.insert(list(parent).index(text), below)
