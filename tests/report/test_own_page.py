"""A template of the department's own: what it can show, and all that it cannot do."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from jinja2.exceptions import SecurityError, UndefinedError

from hardcheck import STATEMENT
from hardcheck.errors import UsageError
from hardcheck.evaluation.result import Outcome, Verdict
from hardcheck.plan import Beam, DoseReference, FractionGroup, Prescription
from hardcheck.report import render
from hardcheck.report.own_page import OwnTemplate, read_template
from hardcheck.report.page import SECTIONS, html_page
from hardcheck.report.sandbox import Sandbox
from hardcheck.settings import Settings
from hardcheck.visible import visible
from hardcheck.wording import ENGLISH, Wording
from tests.report.sample import CLOCK, HOSTILE, evaluation, everything, result
from tests.report.test_page import TAGS, Page

DOCS = Path(__file__).parents[2] / "docs" / "templates.md"
PAGE = """<!doctype html>
<html><head><title>x</title></head>
<body><h1>{{ head.verdict | string }}</h1>
%s
<p>{{ statement }}</p></body></html>
"""
LINE = 4
"""Of what is put into it."""


def made(text, evaluated=None, **more):
    template = OwnTemplate("own.html", text)
    return html_page(evaluated or everything(), created=CLOCK, template=template, **more)


def shown(inside, evaluated=None, **more):
    return Page(made(PAGE.replace("%s", inside), evaluated, **more)).text


def refused(text, evaluated=None):
    with pytest.raises(UsageError) as caught:
        made(text, evaluated)
    said = str(caught.value)
    assert "\n" not in said
    assert re.match(r"own\.html:\d+: ", said), said
    return said


@cache
def elements_of(text):
    """The elements and attributes that a template makes of harmless text."""
    return [(tag, sorted(a)) for tag, a in Page(made(text)).tags]


def example():
    return re.search(r"```html\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)[1]


class TestTheExampleOfTheDocumentation:
    def test_it_shows_each_goal(self):
        text = Page(made(example())).text
        for r in everything().results:
            assert f"{r.goal.metric} {r.goal.op} {r.goal.limit}" in text
        assert "Provenance" in text
        assert "44.91 Gy 44.91 to 44.91 met" in text

    def test_the_names_that_are_promised_are_there(self):
        table = DOCS.read_text("utf-8").partition("## What it knows")[2]
        names = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE)))) - {"name"}
        assert len(names) > 15
        for name in names:
            assert shown(f"{{% if {name} is defined %}}yes{{% endif %}}").count("yes") == 1, name

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_text(self, text):
        hostile = Page(made(example(), everything(text)))
        assert {tag for tag, _ in hostile.tags} <= TAGS
        assert [(tag, sorted(a)) for tag, a in hostile.tags] == elements_of(example())
        assert " ".join(visible(text).split()) in hostile.text

    def test_it_can_be_written_and_read_from_a_file(self, tmp_path):
        (tmp_path / "own.html").write_text(example(), "utf-8")
        render(everything(), tmp_path / "a.html", template=tmp_path / "own.html", created=CLOCK)
        assert (tmp_path / "a.html").read_text("utf-8") == made(example())

    def test_the_department_and_its_words(self):
        assert "Ours, 2025-03-01 12:30 UTC" in Page(made(example(), settings=Settings(department="Ours"))).text

    def test_without_identity(self):
        text = made(example(), anonymous=True)
        for secret in ("DOE", "JANE", "4711", "1950", "THIGH", "1.2.826"):
            assert secret not in text

    def test_without_identity_no_free_text_of_the_prescription_is_there(self):
        case = everything()
        beams = (Beam(1, machine="Linac of Mrs Miller"),)
        told = Prescription(
            (DoseReference(1, "VOLUME", "TARGET", "the aunt of Miller", prescription_gy=66.0),),
            (FractionGroup(1, 22, beams),),
        )
        case = replace(case, plan=replace(case.plan, prescription=told))
        inside = (
            "{% for r in plan.prescription.references %}{{ r.description }} {{ r.prescription_gy }}{% endfor %}"
            "{% for g in plan.prescription.groups %}{% for b in g.beams %}{{ b.machine }}{% endfor %}{% endfor %}"
        )
        assert shown(inside, case).count("Miller") == 2
        hidden = shown(inside, case, anonymous=True)
        assert "Miller" not in hidden
        assert "66.0" in hidden


def test_all_shipped_sections_can_be_included():
    inside = (
        '{% include "_symbols.html" %}{% for name in sections %}{% include "sections/" ~ name ~ ".html" %}{% endfor %}'
    )
    template = PAGE.replace("%s", inside)
    ours, own = Page(html_page(everything(), created=CLOCK)).text, Page(made(template)).text
    for name in SECTIONS:
        if name != "opinion":
            section = ours[ours.index("Goals Values") : ours.index("hardcheck is a research")]
    assert " ".join(section.split()) in own


class TestThePolicy:
    def policy(self, text):
        (meta,) = [a for tag, a in Page(text).tags if a.get("http-equiv")]
        return meta["content"]

    def test_it_is_put_in_first_and_allows_the_styles_as_they_are(self):
        style = ".a { color: #123456; }"
        raw = made(
            PAGE.replace("</head>", f"<style>{style}</style><style>{{{{ style }}}}</style></head>").replace("%s", "")
        )
        assert re.search(r'<head>\s*<meta charset="utf-8">\s*<meta http-equiv="Content-Security-Policy"', raw)
        found = re.findall(r"<style>(.*?)</style>", raw, re.DOTALL)
        assert found[0] == style
        assert len(found) == 2
        digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in found]
        wanted = " ".join(f"'sha256-{digest}'" for digest in digests)
        assert self.policy(raw).startswith("default-src 'none'; ")
        assert f"style-src {wanted};" in self.policy(raw)
        assert "script" not in self.policy(raw)

    def test_without_a_style_none_is_allowed(self):
        assert "style-src 'none'" in self.policy(made(PAGE.replace("%s", "")))


MUST = {
    "<html><head></head><body><p>{{ statement }}</p>": "the first <h1> does not say the verdict alone",
    "<html><head></head><body><h1>PASS</h1><p>{{ statement }}</p>": "the first <h1> does not say the verdict alone",
    "<html><head></head><body><h1>PASS or FAIL</h1><p>{{ statement }}</p>": "the first <h1> does not say",
    "<html><head></head><body><h1>FAILURE</h1><p>{{ statement }}</p>": "the first <h1> does not say",
    "<html><head></head><body><h1>PASS</h1><h1>FAIL</h1><p>{{ statement }}</p>": "the first <h1> does not say",
    "<html><head></head><body><h1 hidden>FAIL</h1><p>{{ statement }}</p>": "the first <h1> does not say",
    '<html><head></head><body><h1 class="a hidden">FAIL</h1><p>{{ statement }}</p>': "the first <h1> does not say",
    "<html><head></head><body><div hidden><h1>FAIL</h1></div><p>{{ statement }}</p>": "the first <h1> does not say",
    "<html><head></head><body><h1>FAIL</h1><p>{{ statement }}</p><!-- x -->": "a comment cannot be used",
    "<html><head></head><body><h1><!-- FAIL --></h1><p>{{ statement }}</p>": "the first <h1> does not say",
    "<html><head><title><h1>FAIL</h1></title></head><body><p>{{ statement }}</p>": "the first <h1> does not say",
    "<html><head></head><body><h1>FAIL</h1>": "the statement is not on the page; write {{ statement }}",
    "<html><head></head><body><h1>FAIL</h1><!-- {{ statement }} -->": "the statement is not on the page",
    "<html><head></head><body><h1>FAIL</h1><p hidden>{{ statement }}</p>": "the statement is not on the page",
    "<html><head><title>{{ statement }}</title></head><body><h1>FAIL</h1>": "the statement is not on the page",
    "<html><body><h1>FAIL</h1><p>{{ statement }}</p>": "there are 0 places with <head>",
    "<html><head></head><head></head><body><h1>FAIL</h1><p>{{ statement }}</p>": "there are 2 places with <head>",
    "<!-- <head> --><html><title>t</title><body><h1>FAIL</h1><p>{{ statement }}</p>": "there are 0 places with <head>",
    "<!-- x --><html><head></head><body><h1>FAIL</h1><p>{{ statement }}</p>": "<head> is not the first",
    "<html><body><head></head><h1>FAIL</h1><p>{{ statement }}</p>": "<head> is not the first",
    "x<html><head></head><h1>FAIL</h1><p>{{ statement }}</p>": "<head> is not the first",
    "</br><html><head></head><h1>FAIL</h1><p>{{ statement }}</p>": "<head> is not the first",
    "<!doctype html><!doctype html><head></head><h1>FAIL</h1><p>{{ statement }}</p>": "<head> is not the first",
    "<html><head id=x></head><h1>FAIL</h1><p>{{ statement }}</p>": "<head> is not the first",
    "<html><head></head><h1>FAIL</h1><p>{{ statement }}</p><!--><p>x</p><!-- -->": "a comment cannot be used",
    "<html><head></head><h1>FAIL</h1><p>{{ statement }}</p><?x?>": "this is no tag of a page",
    "<html><head></head><h1>FAIL</h1><p>{{ statement }}</p></ x>": "this is no tag of a page",
    "<html><head><title><b>x</b></title></head><h1>FAIL</h1><p>{{ statement }}</p>": "a title holds more than text",
    "": "the first <h1> does not say the verdict alone",
}


UNSEEN = [
    "<del>%s</del>", "<s>%s</s>", "<meter>%s</meter>", "<progress>%s</progress>", "<svg><text>%s</text></svg>",
    "<svg><defs><text>%s</text></defs></svg>", "<svg><pattern><text>%s</text></pattern></svg>",
    "<svg><symbol><text>%s</text></symbol></svg>", "<svg><clipPath><text>%s</text></clipPath></svg>",
    "<svg><linearGradient>%s</linearGradient></svg>", "<details><summary>note</summary>%s</details>",
    '<svg><text font-size="0">%s</text></svg>', '<svg display="none"><text>%s</text></svg>',
    "<div hidden>%s</div>", '<div hidden="until-found">%s</div>', "<div popover>%s</div>",
    "<select><option>%s</option></select>",
]  # fmt: skip


@pytest.mark.parametrize("around", UNSEEN)
def test_what_is_not_shown_does_not_count(around):
    hidden = PAGE.replace("{{ statement }}", around % "{{ statement }}").replace("%s", "")
    assert "the statement is not on the page" in refused(hidden)
    heading = "<h1>{{ head.verdict | string }}</h1>"
    assert "does not say the verdict alone" in refused(PAGE.replace(heading, around % heading, 1).replace("%s", ""))


def test_open_details_are_shown():
    assert (
        STATEMENT
        in Page(
            made(PAGE.replace("<p>{{ statement }}</p>", "<details open>{{ statement }}</details>").replace("%s", ""))
        ).text
    )


@pytest.mark.parametrize(
    "said",
    ["P<b>ASS</b>", "<small>FAIL is not, it is a:</small> P<b>ASS</b>", "<del>FAIL</del> Passed", "no FAIL", "FAIL not",
     "FAIL: all is well", "FA<span>IL</span>ED", '<bdo dir="rtl">FAIL</bdo>', "FAIL<br>", "FAIL<h2>x</h2>"],
)  # fmt: skip
def test_the_first_heading_is_the_verdict_alone(said):
    assert "does not say the verdict alone" in refused(PAGE.replace("{{ head.verdict | string }}", said))


@pytest.mark.parametrize("said", ["<span>FAIL</span>", "<bdi>FAIL</bdi>", '{{ say("verdict.FAIL") }}'])
def test_the_first_heading_may_be_the_word_of_the_settings(said):
    wording = Wording("de", {"verdict.FAIL": "nicht bestanden"})
    made(PAGE.replace("{{ head.verdict | string }}", said).replace("%s", ""), settings=Settings(wording=wording))


LOADING = [
    "url(http://127.0.0.1/x)", "URL( 'http://127.0.0.1/x')", r"\75rl(//x)", r"\000075 rl(//x)", r"u\72 l(//x)",
    "u/**/rl(//x)", r"\u\r\l(//x)", "image-set('x.png' 1x)", "-webkit-image-set('x' 1x)", "src('x')", "url()",
    "'/*' url(//x) '*/'",
]  # fmt: skip


@pytest.mark.parametrize("value", LOADING)
def test_a_style_sheet_loads_nothing(value):
    style = f"<style>p {{ background: {value}; }}</style>"
    assert "a style sheet loads something" in refused(PAGE.replace("%s", style))


@pytest.mark.parametrize("rule", ["@import 'x';", r"@\69mport 'x';", "@im/**/port 'x';", "@IMPORT url(data:,x);"])
def test_a_style_sheet_imports_nothing(rule):
    assert "a style sheet loads something" in refused(PAGE.replace("%s", f"<style>{rule}</style>"))


def test_a_style_sheet_may_hold_a_picture():
    style = "<style>p { background: url(data:image/png;base64,AAAA); fill: url(#a); }</style>"
    assert style in made(PAGE.replace("%s", style))


@pytest.mark.parametrize("name", ["fill", "filter", "mask", "clip-path", "marker-end", "cursor"])
def test_an_attribute_of_a_drawing_loads_nothing(name):
    assert f"the attribute {name} leads out" in refused(PAGE.replace("%s", f'<svg><g {name}="url(//x)"></g></svg>'))


@pytest.mark.parametrize("text", MUST)
def test_what_must_be_there(text):
    assert MUST[text] in refused(text)


@pytest.mark.parametrize("verdict", Verdict)
def test_the_verdict_of_the_page_is_that_of_the_evaluation(verdict):
    for said in Verdict:
        text = PAGE.replace("{{ head.verdict | string }}", said).replace("%s", "")
        case = evaluation(result(), verdict=verdict)
        if said is verdict:
            assert STATEMENT in Page(made(text, case)).text
        else:
            assert "does not say the verdict" in refused(text, case)


NOT_IN_A_PAGE = [
    "<script>alert(1)</script>", "<SCRIPT>alert(1)</SCRIPT>", '<script src="x.js"></script>',
    '<script type="application/json" src="x"></script>', '<script type="module">1</script>', "<script></script>",
    '<img src="https://example.org/a.png">', '<img src="file:///etc/passwd">', '<img src="a.png">',
    '<img src="data:text/html;base64,AAAA">', '<img src="data:image/svg+xml;base64,AAAA">', '<img src="//x">',
    '<img src="data:image/png;base64,AAAA" onerror="alert(1)">', '<p onclick="x">', "<p oNmOuSeOver=x>",
    '<p style="color: red">', '<a href="https://example.org">x</a>', '<a href="javascript:alert(1)">x</a>',
    '<a href=" #x">x</a>', '<a href="">x</a>', '<svg><use href="https://example.org/#a"/></svg>',
    '<svg><use xlink:href="https://example.org/#a"/></svg>', '<svg><image href="https://example.org/a.png"/></svg>',
    "<svg><animate attributeName=href to=x /></svg>", "<svg><foreignObject></foreignObject></svg>",
    '<iframe src="x"></iframe>', '<iframe srcdoc="x"></iframe>', '<object data="x"></object>', '<embed src="x">',
    '<link rel="stylesheet" href="a.css">', '<base href="https://example.org">', "<form></form>",
    '<form action="https://example.org"></form>', '<button formaction="x">y</button>', "<template><p>x</template>",
    "<noscript>x</noscript>", "<textarea>x</textarea>", "<plaintext>", "<xmp>", "<math></math>", "<video></video>",
    '<audio src="x"></audio>', '<meta http-equiv="refresh" content="0">', "<marquee>x</marquee>", '<a ping="x">y</a>',
    '<meta http-equiv="Content-Security-Policy" content="default-src *">', '<body background="x">',
    '<img srcset="x 2x">', "<frameset></frameset>", "<applet></applet>", "<dialog open>x</dialog>", "<slot></slot>",
    "<style>{{ protocol.id }}</style>", "<style>p { color: {{ head.verdict | string }}; }</style>",
    "<style media=print>p { color: red; }</style>", "<{{ 'script' }}>alert(1)</{{ 'script' }}>",
    "<p {{ 'onclick' }}=x>", "<style>{% if true %}p{% endif %}</style>", "<custom-element></custom-element>",
]  # fmt: skip


@pytest.mark.parametrize("inside", NOT_IN_A_PAGE)
def test_what_loads_or_runs_or_leads_away_is_refused(inside):
    said = refused(PAGE.replace("%s", inside))
    assert said.startswith(f"own.html:{LINE}: ") or "{{" in inside, said


ELSEWHERE = {"{% raw %}", "{{ '", "{{ }}", "{% macro x() %}", "{% set x.y = 1 %}", "{% extends 'evaluation.html' %}"}
"""Faults that Jinja2 finds at another line: where the template ends, or the line before."""

ATTACKS = [
    "{{ ''.__class__ }}", "{{ ''.__class__.__mro__ }}", "{{ ''['__class__'] }}", "{{ '' | attr('__class__') }}",
    "{{ plan.__class__ }}", "{{ plan['__class__'] }}", "{{ plan.__init__.__globals__ }}", "{{ say.__func__ }}",
    "{{ say.__globals__ }}", "{{ say.__self__ }}", "{{ self }}{{ self.__init__ }}",
    "{{ self._TemplateReference__context }}", "{{ range.__globals__ }}", "{{ cycler.__init__ }}",
    "{{ joiner.__init__.__globals__.os }}", "{{ dict.__base__ }}", "{{ namespace.__mro__ }}", "{{ lipsum() }}",
    "{{ lipsum.__globals__ }}", "{{ config }}", "{{ request }}", "{{ open('x') }}", "{{ ''.format }}",
    "{{ '{0.__class__}'.format(plan) }}", "{{ '{0.__class__}'.format_map({}) }}", "{{ 'a'.join }}",
    "{{ 'a'.ljust(9) }}", "{{ 'a'.zfill(9) }}", "{{ 'a'.encode() }}", "{{ 'a'.translate({}) }}",
    "{{ 'a'.expandtabs(9) }}", "{{ [].append(1) }}", "{{ {}.update(a=1) }}", "{{ columns.__add__ }}",
    "{{ [1].sort() }}", "{{ {}.pop(1) }}", "{{ plan.dose.values.tofile('x') }}", "{{ plan.dose.values.dump('x') }}",
    "{{ plan.dose.values.T }}", "{{ head.verdict.__class__ }}", "{{ head.verdict.name.__class__ }}",
    "{{ table.rows[0].result.goal.metric.parse('x') }}", "{{ table.rows[0].__slots__ }}", "{{ plan.structure(1) }}",
    "{{ created.strftime('%999999999d') }}", "{{ created.__reduce__() }}", "{{ 1.0.hex() }}", "{{ 1.__class__ }}",
    "{{ true.__class__ }}", "{{ none.__class__ }}", "{{ (1).to_bytes(9, 'big') }}",
    "{{ plan | map(attribute='__class__') | list }}", "{{ [plan] | map('attr', '__class__') | list }}",
    "{{ [plan] | sum('__class__') }}", "{{ [plan] | selectattr('__class__') | list }}",
    "{{ [plan] | join(attribute='__class__') }}", "{% set x.y = 1 %}", "{% for k in plan.__dict__ %}{% endfor %}",
    "{{ undefined_name }}", "{{ plan.not_there }}", "{{ {}['x'] }}", "{{ 1 / 0 }}",
    "{{ 'x' | int('y') + {} }}", "{{ 1 + 'x' }}", "{{ statement | safe }}", "{{ plan.label | safe }}",
    "{% autoescape false %}{{ plan.label }}{% endautoescape %}", "{% autoescape true %}{% endautoescape %}",
    "{{ plan.label | urlize }}", "{{ {'onclick': 'x'} | xmlattr }}", "{{ plan.label | forceescape }}",
    "{{ plan.label | pprint }}", "{{ [1] | random }}", "{{ 'a' | center(99) }}", "{{ 'a' | indent(99) }}",
    "{{ 'a' | wordwrap(1) }}", "{{ Markup('<b>') }}", "{% filter safe %}<b>{% endfilter %}",
    "{% include '/etc/passwd' %}", "{% include '../protocol/protocol.html' %}", "{% include 'own.html' %}",
    "{% import '../../hardcheck/__init__.py' as x %}", "{% extends 'evaluation.html' %}", "{% include plan %}",
    "{% include ['a', 'b'] %}", "{% raw %}", "{% for %}", "{{ }}", "{{ a b }}", "{% endfor %}", "{% macro x() %}",
    "{{ '", "{% do 1 %}", "{% break %}", "{% trans %}x{% endtrans %}", "{% debug %}", "{{ '%s' % plan }}",
    "{{ 'a' * 9 }}",
]  # fmt: skip


@pytest.mark.parametrize("inside", ATTACKS)
def test_a_template_reaches_nothing_but_what_it_is_given(inside):
    said = refused(PAGE.replace("%s", inside))
    assert said.startswith(f"own.html:{LINE}: ") or inside in ELSEWHERE, said
    for secret in ("DOE", "JANE", "4711", "object at 0x"):
        assert secret not in said


SILENT = [
    "{% set x = plan.__dict__ %}",
    "{{ [plan.label] | map(attribute='__class__') | list }}",
    "{{ [plan.label] | sort(attribute='__class__') }}",
    "{{ [plan.label] | groupby('__class__') }}",
]


@pytest.mark.parametrize("inside", SILENT)
def test_what_is_not_used_tells_nothing(inside):
    text = shown(f"{inside}")
    assert "class" not in text
    assert "mappingproxy" not in text


ENDLESS = [
    "{% for a in range(100000000) %}{% endfor %}", "{% for a in range(999999999999) %}{% endfor %}",
    "{{ range(1001) | list }}", "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
    "{% for a in range(900) %}{% for b in range(900) %}{% set d = a %}{% endfor %}{% endfor %}",
    "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(1) }}",
    "{% macro m(n) %}{% if n %}{% set a = m(n - 1) %}{% set a = m(n - 1) %}{% endif %}{% endmacro %}{{ m(40) }}",
    "{% for a in [[1]] recursive %}{{ loop([a]) }}{% endfor %}",
    "{% set ns = namespace(x='ab') %}{% for a in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "{% set ns = namespace(x='ab') %}{% for a in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "{% set ns = namespace(x=[1]) %}{% for a in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "{% set ns = namespace(x=2) %}{% for a in range(99) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
    (
        "{% set ns = namespace(x='ab') %}{% for a in range(99) %}{% set ns.x %}{{ ns.x }}{{ ns.x }}"
        "{% endset %}{% endfor %}"
    ),
    "{% set ns = namespace(x='ab') %}{% for a in range(99) %}{% set ns.x = [ns.x, ns.x] | join %}{% endfor %}",
    "{% set ns = namespace(x='ab') %}{% for a in range(99) %}{% set ns.x = ns.x | replace('b', ns.x) %}{% endfor %}",
    (
        "{% set ns = namespace(x='ab') %}{% for a in range(99) %}"
        "{% set ns.x = '%s%s' | format(ns.x, ns.x) %}{% endfor %}"
    ),
    (
        "{% set ns = namespace(x=[1]) %}{% for a in range(99) %}"
        "{% set ns.x = [ns.x, ns.x] | sum(start=[]) %}{% endfor %}"
    ),
    (
        "{% set ns = namespace(x=[1]) %}{% for a in range(18) %}{% set ns.x = ns.x + ns.x %}{% endfor %}"
        "{% for a in range(400) %}{% for b in range(400) %}{% if 2 in ns.x %}{% endif %}{% endfor %}{% endfor %}"
    ),
    (
        "{% set ns = namespace(x=[1]) %}{% for a in range(18) %}{% set ns.x = ns.x + ns.x %}{% endfor %}"
        "{% for a in range(400) %}{% for b in range(400) %}{% set c = ns.x | max %}{% endfor %}{% endfor %}"
    ),
    (
        "{% set ns = namespace(x=[1]) %}{% for a in range(18) %}{% set ns.x = ns.x + ns.x %}{% endfor %}"
        "{% for a in range(400) %}{% for b in range(400) %}{% set c = ns.x.count(2) %}{% endfor %}{% endfor %}"
    ),
    "{{ 9 ** 9 ** 9 }}", "{{ 'a' * 999999999 }}", "{{ '{:>999999999}'.format(1) }}",
    "{{ '{:>9}' | format(1) | length * 9 ** 9 }}", "{{ [1] * 999999999 }}", "{{ '%999999999d' % 1 }}",
    "{{ '%999999999d' | format(1) }}", "{{ '%.999999999f' | format(1) }}", "{{ '%*d' | format(999999999, 1) }}",
    "{{ 'a' | replace('', 'b') }}", "{% set x = statement * 9 %}",
    "{% for a in range(1000) %}{% for b in range(150) %}{{ statement }}{% endfor %}{% endfor %}",
    (
        "{% set ns = namespace(x=[]) %}{% for a in range(1000) %}{% for b in range(99) %}"
        "{% set ns.x = ns.x + [statement.upper()] %}{% endfor %}{% endfor %}"
    ),
]  # fmt: skip


@pytest.mark.parametrize("inside", ENDLESS)
def test_what_never_ends_or_grows_without_end_is_stopped(inside):
    refused(PAGE.replace("%s", inside))


def test_a_page_has_a_greatest_size():
    letters = "<p>" + "x" * 900_000
    assert "the page has more than" in refused(
        PAGE.replace("%s", "{% for a in range(10) %}" + letters + "{% endfor %}")
    )


HARMLESS = {
    "{{ 'a' ~ 1 ~ '<' }}": "a1<",
    "{{ ['<b>', 'c'] | join('&') }}": "<b>&c",
    "{{ '%.2f %d' | format(1.005, 3) }}": "1.00 3",
    "{{ 2.345 | round(1) }} {{ 2 | round }}": "2.3 2.0",
    "{{ 'abc'[1:] }} {{ 'abc' | truncate(2, true, '', 0) }}": "bc ab",
    "{{ 'abc' | replace('b', '<') }}": "a<c",
    "{% set ns = namespace(n=0) %}{% for a in range(3) %}{% set ns.n = ns.n + a %}{% endfor %}{{ ns.n }}": "3",
    "{% for a in 'xy' %}{{ loop.index }}{{ a }}{{ loop.cycle('-', '+') }}{% endfor %}": "1x-2y+",
    "{% macro m(a) %}<b>{{ a }}</b>{% endmacro %}{{ m('<i>') }}": "<i>",
    "{% import '_goals.html' as goals %}{{ goals.outcome(table.rows[0]) }}": "met",
    "{% set x %}{{ '<' }}{% endset %}{{ x }}": "<",
    "{{ 'ABC'.lower() }} {{ {'a': 1}.items() | list | length }}": "abc 1",
    "{{ head.verdict.value }} {{ head.verdict == 'FAIL' }}": "FAIL True",
    "{{ table.rows | map(attribute='result.goal.structure') | unique | first }}": "PTV_HR",
    "{{ findings | selectattr('severity', 'equalto', 'STOP') | list | length }}": "1",
    "{{ '&lt;' }}": "&lt;",
    "{{ 7 // 2 }} {{ 7 % 4 }} {{ 3 * 2.5 }} {{ 7 - 9 }} {{ -7 }}": "3 3 7.5 -2 -7",
}


@pytest.mark.parametrize("inside", HARMLESS)
def test_what_a_report_needs_works(inside):
    assert f" {HARMLESS[inside]} " in shown(inside)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "inside",
    [
        "<p>{{ plan.label }}</p>", '<p title="{{ plan.label }}">x</p>', "<p title='{{ plan.label }}'>x</p>",
        "{{ plan.label ~ '' }}", "{{ ['', plan.label] | join('') }}", "{{ plan.label | replace('a', 'b') }}",
        "{% set x %}{{ plan.label }}{% endset %}{{ x }}", "{% set x = plan.label | escape %}{{ x ~ '' }}",
        "{{ ('%s' | escape) | format(plan.label) }}",
        "{{ (plan.label | escape).upper() }}", "{{ (plan.label | e)[1:] }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ plan.label }}{% endcall %}",
        "{% filter upper %}{{ plan.label }}{% endfilter %}", "{{ plan.label | tojson }}",
    ],
)  # fmt: skip
def test_no_text_from_outside_makes_an_element_or_an_attribute(text, inside):
    hostile = Page(made(PAGE.replace("%s", inside), everything(text)))
    assert [(tag, sorted(a)) for tag, a in hostile.tags] == elements_of(PAGE.replace("%s", inside))


@pytest.mark.parametrize("text", ["x onclick=alert(1)", "x style=color:red"])
def test_an_attribute_without_quotes_lets_nothing_through(text):
    refused(PAGE.replace("%s", "<p title={{ plan.label }}>x</p>"), everything(text))


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x" * ((1 << 20) + 1)])
def test_a_file_that_is_no_template(tmp_path, data):
    (tmp_path / "own.html").write_bytes(data)
    with pytest.raises(UsageError, match=r"own\.html: the template (cannot be read: it is not UTF-8|is larger)"):
        read_template(tmp_path / "own.html")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match=r"none\.html: the template cannot be read: it cannot be opened"):
        read_template(tmp_path / "none.html")


def test_errors_name_the_line():
    assert refused("<html>\n<head>\n{{ nothing }}").startswith(
        "own.html:3: 'nothing' is undefined; see docs/templates.md"
    )
    assert refused("<html>\n\n{% for x in %}").startswith("own.html:3: ")
    assert refused("\n{{ 'x' | safe }}").startswith("own.html:2: the filter 'safe' is not there: everything is escaped")


class Held:
    """An object that is none of ours."""

    field = 1

    def method(self):
        return self.field


OTHERS = {
    "array": np.zeros(2),
    "path": Path("/etc"),
    "object": Held(),
    "class": Held,
    "function": everything,
    "method": Held().method,
    "generator": (x for x in ()),
    "module": json,
    "bytes": b"x",
    "frozenset": frozenset(),
}


@pytest.mark.parametrize("name", OTHERS)
def test_of_an_object_that_is_not_ours_nothing_can_be_reached(name):
    value = OTHERS[name]
    attributes = [attribute for attribute in dir(value) if attribute not in ("items", "keys", "values")]
    assert attributes
    sandbox = Sandbox(ENGLISH)
    for attribute in attributes:
        for found in (sandbox.getattr(value, attribute), sandbox.getitem(value, attribute)):
            with pytest.raises(SecurityError):
                str(found)


@pytest.mark.parametrize("call", ["x.tofile('own')", "x.dump('own')", "x.resize(9)", "x.fill(1)", "x.__array__()"])
def test_an_array_writes_nothing_and_stays_as_it_is(tmp_path, monkeypatch, call):
    monkeypatch.chdir(tmp_path)
    array = np.zeros(2)
    with pytest.raises(SecurityError):
        Sandbox(ENGLISH).from_string(f"{{{{ {call} }}}}").render(x=array)
    assert not list(tmp_path.iterdir())
    assert array.tolist() == [0, 0]


def test_a_class_is_not_called():
    with pytest.raises(SecurityError):
        Sandbox(ENGLISH).from_string("{{ x() }}").render(x=Path)


def test_of_our_objects_fields_are_reached_and_methods_are_not():
    def run(text):
        return Sandbox(ENGLISH).from_string(text).render(plan=everything().plan, wording=ENGLISH)

    assert run("{{ plan.label }} {{ plan['label'] }} {{ wording.is_own }}") == "THIGH THIGH False"
    for text in ("{{ wording.say('outcome.MET') }}", "{{ plan.structure_named('x') }}"):
        with pytest.raises((SecurityError, UndefinedError)):
            run(text)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{{ head.nothing }}", "there is no field 'nothing' here"),
        ("{{ 1 + 'a' }}", "a value is not of the kind that is needed here"),
        ("{{ say('x.y') }}", "there is no word or key of that name"),
    ],
)
def test_an_error_names_no_class_of_the_program(written, said):
    template = OwnTemplate("own.html", f"<html><head></head><body>\n{written}</body></html>")
    with pytest.raises(UsageError) as caught:
        html_page(everything(), created=CLOCK, template=template)
    assert str(caught.value).startswith(f"own.html:2: {said}")
    assert not re.search(r"hardcheck\.|Error", str(caught.value))


def test_an_unknown_name_is_answered_with_the_nearest():
    assert "did you mean 'protocol'?" in refused(PAGE.replace("%s", "{{ protocoll.id }}"))


def test_a_link_of_a_shipped_section_leads_to_what_is_on_the_page_or_is_text():
    missed = evaluation(result(value=50.0, outcome=Outcome.NOT_MET), verdict=Verdict.FAIL)
    alone = PAGE.replace("<h1>{{ head.verdict | string }}</h1>", '{% include "sections/verdict.html" %}')
    whole = alone.replace("%s", '{% include "sections/integrity.html" %}{% include "sections/goals.html" %}')
    for text, led in ((alone.replace("%s", ""), False), (whole, True)):
        tags = Page(made(text, missed)).tags
        ids = {a["id"] for _, a in tags if "id" in a}
        links = [a["href"] for tag, a in tags if tag == "a" and "href" in a]
        assert bool([link for link in links if link.startswith("#goal-")]) is led
        assert {link[1:] for link in links if not link.startswith("#place-")} <= ids
