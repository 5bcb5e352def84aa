"""The HTML report: self-contained, everything from outside is text, everything is there."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from hardcheck import STATEMENT
from hardcheck.evaluation.result import Outcome, Verdict
from hardcheck.files import data_folder
from hardcheck.plan import Finding, Severity
from hardcheck.protocol import Tier
from hardcheck.report.colour import linear_light, luminance
from hardcheck.report.page import NOT_POSSIBLE, html_page
from hardcheck.report.template import environment as environment_of
from hardcheck.settings import Settings
from hardcheck.visible import visible
from hardcheck.wording import Wording
from tests.report.sample import CLOCK, HOSTILE, PLAN_UID, evaluation, everything, missing, result

TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "footer", "div", "span", "p",
    "a", "b", "strong", "small", "bdi", "ul", "li", "dl", "dt", "dd", "h1", "h2", "h3", "time", "figure", "figcaption",
    "table", "caption", "colgroup", "col", "thead", "tbody", "tr", "th", "td",
    "svg", "symbol", "use", "g", "path", "circle", "rect", "text", "clippath", "image",
    "script", "fieldset", "legend", "label", "input", "select", "button", "output",
}  # fmt: skip
VOID = {"meta", "col", "img", "input"}


class Page(HTMLParser):
    """Tags, attributes and text of a page; every element closed where it must be."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.odd: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in <{tag}>"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["style"], ["script"]):
            self.texts.append(data)

    def handle_comment(self, data):
        self.odd.append(data)

    def handle_pi(self, data):
        self.odd.append(data)

    def unknown_decl(self, data):
        self.odd.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def is_inside(tag: str, attributes: dict[str, str | None]) -> bool:
    """Whether it is an image that the page carries in itself."""
    return tag == "image" and str(attributes["href"]).startswith("data:image/jpeg;base64,")


def page(made=None, **more) -> Page:
    return Page(html_page(made or everything(), created=CLOCK, **more))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_is_shown_and_never_acts(text):
    plain, hostile = page(), page(everything(text))
    assert {tag for tag, _ in hostile.tags} <= TAGS
    assert not hostile.odd
    # Not one element more or less, and no attribute with another name, than with harmless text.
    assert [(tag, sorted(a)) for tag, a in hostile.tags] == [(tag, sorted(a)) for tag, a in plain.tags]
    assert " ".join(visible(text).split()) in hostile.text
    assert not [
        name for _, attributes in hostile.tags for name in attributes if name.startswith("on") or name == "style"
    ]


def test_control_and_direction_characters_are_written_out():
    raw = html_page(everything("a\u202eb\x00c\x1b"), created=CLOCK)
    assert "a\\u202eb\\x00c\\x1b" in raw
    assert not set("\u202e\x00\x1b") & set(raw)


def test_nothing_is_loaded():
    found = page()
    names = {name for _, attributes in found.tags for name in attributes}
    assert not names & {"src", "srcset", "action", "data", "poster", "background", "ping", "style"}
    links = [a["href"] for tag, a in found.tags if "href" in a and not is_inside(tag, a)]
    assert links
    assert all(link.startswith("#") for link in links)
    css = (data_folder("templates") / "report" / "report.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|expression\(|http", css)


def test_every_link_has_its_target_and_every_id_is_one():
    found = page()
    ids = [a["id"] for _, a in found.tags if "id" in a]
    assert len(ids) == len(set(ids))
    wanted = {a["href"][1:] for tag, a in found.tags if "href" in a and not is_inside(tag, a)}
    wanted |= {a["aria-labelledby"] for _, a in found.tags if "aria-labelledby" in a}
    assert wanted <= set(ids)


def test_the_policy_allows_two_style_sheets_and_one_script_and_nothing_else():
    raw = html_page(everything(), created=CLOCK)
    policy = next(a["content"] for tag, a in Page(raw).tags if a.get("http-equiv") == "Content-Security-Policy")
    styles = re.findall(r"<style>(.*?)</style>", raw, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", raw, re.DOTALL)
    assert len(styles) == 2
    assert policy == (
        f"default-src 'none'; script-src {digest(script)}; style-src {' '.join(map(digest, styles))}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_script_is_a_constant_that_asks_for_nothing_and_writes_no_markup():
    (script,) = re.findall(r"<script>(.*?)</script>", html_page(everything("x"), created=CLOCK), re.DOTALL)
    assert script == (data_folder("templates") / "report" / "report.js").read_text(encoding="utf-8")
    markup = ("innerHTML", "outerHTML", "insertAdjacent", "write(", "eval", "Function(", "setTimeout")
    outside = (
        "fetch",
        "XMLHttp",
        "import",
        "http",
        "WebSocket",
        "sendBeacon",
        "Storage",
        "cookie",
        "location",
        "open(",
    )
    for way in markup + outside:
        assert way not in script, way


@pytest.mark.parametrize("text", HOSTILE)
def test_what_the_script_reads_is_numbers_alone(text):
    plain, hostile = (
        re.search(r'<script type="application/json" id="plot-data">(.*?)</script>', page, re.DOTALL)[1]
        for page in (html_page(everything(said), created=CLOCK) for said in ("", text))
    )
    assert plain == hostile
    assert json.loads(plain)["lines"]["1"]["percent"][1][0] == 100.0


def test_the_same_evaluation_and_clock_give_the_same_bytes():
    assert html_page(everything(), created=CLOCK) == html_page(everything(), created=CLOCK)
    assert "2025-03-01 12:30 UTC" in page().text


def test_all_that_must_be_told_is_there():
    text = page().text
    for wanted in (
        STATEMENT, *NOT_POSSIBLE, PLAN_UID, "a" * 64, "b" * 64, "DOE, JANE", "ID-4711", "1950-01-02", "THIGH",
        "fixed by the regimen", "not known the plan prescribes no dose for it", "end_caps half", "numpy", "pydicom",
        "ROI 7 SpinalCord", "Volume(Liver) - 700 cc", "limit here 800.00 cc", "no upper bound known", "tier uncertain",
        "the source contradicts itself: said", "not in the source", "printed as said", "maximum of the dose 45.50 Gy",
        "a person must confirm that none of these is in range", "Smith 2024, Table 1", "check-stop", "check-info",
    ):  # fmt: skip
        assert wanted in text, wanted


def test_every_goal_is_there_with_its_outcome():
    made = everything()
    text = page(made).text
    for r in made.results:
        assert f"{r.goal.metric} {r.goal.op} {r.goal.limit}" in text
    for word in ("not met", "marginal", "not evaluated", "does not apply"):
        assert word in text


def test_what_to_do_about_what_is_not_contoured_is_said_once_for_targets_and_once_for_organs():
    made = evaluation(
        missing(structure="PTV_HR"),
        missing(structure="Colon"),
        missing("Mean[Gy] < 9 Gy", structure="Colon"),
        result("Mean[Gy] < 9 Gy", None, Outcome.NOT_EVALUATED, structure="Heart", roi=None, reason="two ROIs match"),
        missing(structure="Lungs"),
        verdict=Verdict.REVIEW,
    )
    text = page(made).text
    way = "If it is in the plan under another name: --map NAME=ROI ."
    confirm = "a person must confirm that none of these is in range."
    assert f"Not contoured PTV_HR . {way} Colon , Lungs . An organ that is not contoured" in text
    assert f"{confirm} {way} If an organ is not in range: --absent NAME ." in text
    assert (text.count("--map"), text.count("--absent")) == (2, 1)


def test_a_target_that_is_not_contoured_can_not_be_declared_absent():
    text = page(evaluation(missing(structure="PTV_HR"), verdict=Verdict.REVIEW)).text
    assert "--map NAME=ROI" in text
    assert "--absent" not in text


def test_where_all_is_contoured_there_is_nothing_to_do():
    text = page(evaluation(result())).text
    assert "--map" not in text
    assert "Not contoured" not in text


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("value", [45.95, 46.05])
def test_a_marginal_goal_is_no_miss(tier, value):
    """Neither its margin nor its place on the scale looks like one, on whichever side the value is."""
    said = "the limit lies inside the interval of the value"
    close = result(value=value, outcome=Outcome.MARGINAL, low=45.9, high=46.1, tier=tier, reason=said)
    found = page(evaluation(close, verdict=Verdict.REVIEW))
    assert "0.05 Gy limit inside the interval" in found.text
    assert ", margin" not in found.text
    (scale,) = [a["class"] for tag, a in found.tags if tag == "svg" and (a.get("class") or "").startswith("scale")]
    assert scale == "scale neutral"


@pytest.mark.parametrize(
    ("outcome", "tier", "ring"),
    [
        (Outcome.NOT_MET, Tier.REQUIRED, ["ring missed"]),
        (Outcome.NOT_MET, Tier.RECOMMENDED, ["ring missed"]),
        (Outcome.NOT_MET, Tier.ADVISORY, []),
        (Outcome.MARGINAL, Tier.REQUIRED, ["ring open"]),
        (Outcome.NOT_EVALUATED, Tier.REQUIRED, ["ring open"]),
        (Outcome.MARGINAL, Tier.RECOMMENDED, []),
        (Outcome.MET, Tier.REQUIRED, []),
    ],
)
def test_the_plot_rings_what_the_verdict_rests_on(outcome, tier, ring):
    aim = result("D50%[Gy] <= 20 Gy", 20.0, outcome, tier=tier)
    found = page(evaluation(aim, verdict=Verdict.REVIEW))
    key = ["ring missed", "ring open"]
    # Two layouts of the plot, and the key under it.
    assert [a["class"] for a in _marks(found)] == [*ring, *ring, *key]


def _marks(found: Page) -> list[dict[str, str | None]]:
    return [a for tag, a in found.tags if tag == "circle" and (a.get("class") or "").startswith("ring")]


@pytest.mark.parametrize("how", ["given by the user; the plan's dose references prescribe 50.6 Gy to it"])
def test_a_level_stands_with_how_it_is_known(how):
    made = evaluation(result(), levels={"HR": 66.0, "LR": 44.0}, level_origins={"HR": "fixed", "LR": how})
    assert f"LR 44 Gy {how}" in page(made).text


def test_headings_do_not_skip_and_tables_are_labelled():
    found = page()
    assert next(a["lang"] for tag, a in found.tags if tag == "html") == "en"
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    kinds = [tag for tag, _ in found.tags]
    assert kinds.count("caption") == kinds.count("table")
    assert all("scope" in a for tag, a in found.tags if tag == "th")


@pytest.mark.parametrize(
    ("results", "verdict", "sentence"),
    [
        ([result(), result(tier=Tier.RECOMMENDED)], "PASS", "1 required goal is met and 1 recommended goal is met."),
        (
            [result(), result(outcome=Outcome.NOT_MET, value=50.0, tier=Tier.RECOMMENDED)],
            "VARIATION",
            "1 recommended goal is not met.",
        ),
        ([result(outcome=Outcome.NOT_MET, value=50.0)] * 2, "FAIL", "2 required goals are not met."),
        ([result(), missing(structure="Colon")], "REVIEW", "1 required goal is not evaluated."),
        ([missing()], "REVIEW", "1 required goal is not evaluated."),
        ([missing(tier=Tier.RECOMMENDED)], "REVIEW", "No goal of the protocol could be evaluated."),
        ([], "REVIEW", "The protocol has no goal for this regimen, so there is nothing to judge."),
        (
            [result(outcome=Outcome.NOT_MET, value=50.0, uncertain_tier=True)],
            "REVIEW",
            "1 goal of uncertain tier is not met.",
        ),
        ([result(outcome=Outcome.MARGINAL)], "REVIEW", "1 required goal is marginal."),
        (
            [result(tier=Tier.ADVISORY), missing(structure="Colon", tier=Tier.ADVISORY)],
            "PASS",
            "no recommended goal for this plan; 1 advisory goal is evaluated, and those decide nothing.",
        ),
        (
            [
                result(tier=Tier.ADVISORY, outcome=Outcome.NOT_MET, value=50.0),
                result(tier=Tier.ADVISORY),
                missing(tier=Tier.RECOMMENDED),
                result("Mean[Gy] < 9 Gy", None, Outcome.NOT_APPLICABLE, roi=None, reason="none"),
            ],
            "PASS",
            "goal is met (1 recommended not evaluated, 1 required does not apply); 2 advisory goals are evaluated, and",
        ),
    ],
)
def test_the_verdict_says_in_one_sentence_what_decided_it(results, verdict, sentence):
    found = page(evaluation(*results, verdict=Verdict(verdict)))
    assert sentence in found.text
    assert f"Verdict: {verdict}" in found.text


def test_a_pass_that_nothing_decided_does_not_look_like_a_good_one():
    def classes(*results):
        found = page(evaluation(*results, verdict=Verdict.PASS))
        return [a["class"].split() for tag, a in found.tags if tag == "section" and "verdict" in a.get("class", "")]

    assert classes(result(tier=Tier.ADVISORY)) == [["verdict", "PASS", "idle"]]
    assert classes(result(tier=Tier.RECOMMENDED, outcome=Outcome.NOT_APPLICABLE)) == [["verdict", "PASS", "idle"]]
    assert classes(result()) == [["verdict", "PASS"]]
    assert classes(result(tier=Tier.ADVISORY), result(tier=Tier.RECOMMENDED)) == [["verdict", "PASS"]]


def test_an_integrity_check_that_decides_is_named():
    text = page().text  # a FAIL with findings of every severity
    assert "1 integrity check says FAIL." in text
    assert "Besides: 1 integrity check says STOP, 1 recommended goal is not met" in text


def test_a_check_that_stopped_goals_is_told_in_full_once():
    said = "the user gives LR = 44 Gy"
    stopped = result("Mean[Gy] < 9 Gy", None, Outcome.NOT_EVALUATED, reason=f"levels: {said}")
    made = evaluation(stopped, verdict=Verdict.REVIEW, findings=[Finding("levels", Severity.STOP, said)])
    text = page(made).text
    assert f"STOP levels {said} not evaluated 1 required goal levels : Cord" in text


def test_a_report_without_identity_has_none():
    made = evaluation(
        result(roi=(7, "Doe PTV"), caveats=("RTDOSE 1.2.3.4.5.6 of ID-4711",), reason="JANE said"),
        settings={"path": "/data/DOE_JANE/THIGH"},
    )
    for document in (html_page(shown, created=CLOCK, anonymous=True) for shown in (made, everything())):
        for secret in ("DOE", "JANE", "4711", "1950", "THIGH", "1.2.826", "1.2.3.4", "a{64}"):
            assert not re.search(rf"(?<![a-z]){secret}(?![a-z])", document, re.IGNORECASE), secret
        assert "without identity" in document
        assert "name, id, birth date, plan label, UIDs and checksums of the files" in document


def test_templates_refuse_what_is_not_there():
    environment = environment_of("report")
    with pytest.raises(UndefinedError):
        environment.from_string("{{ missing }}").render()
    with pytest.raises(UndefinedError):
        environment.from_string("{{ here.missing }}").render(here={})
    with pytest.raises(TypeError):
        environment.from_string("{{ here }}").render(here=None)


def test_no_template_marks_data_as_safe():
    for path in (data_folder("templates") / "report").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup", text), path.name
        assert "style=" not in text, path.name


def test_a_page_without_goals_findings_or_histograms_still_says_so():
    made = evaluation(verdict=Verdict.REVIEW, dvhs={})
    text = page(made).text
    assert "The protocol has no goal for this regimen." in text
    assert "No histogram could be computed." in text
    assert "The checks that were made found nothing to say." in text


def _tokens(css: str) -> dict[str, tuple[int, int, int]]:
    found = re.findall(r"--([a-z-]+): #([0-9a-f]{6})", css)
    return {name: tuple(int(digits[i : i + 2], 16) for i in (0, 2, 4)) for name, digits in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_a_contrast_of_at_least_4_5(scheme):
    """WCAG 2.2, 1.4.3 (AA), for every colour of text on every ground that it is used on."""
    css = (data_folder("templates") / "report" / "report.css").read_text(encoding="utf-8")
    first, second = css.split("prefers-color-scheme: dark", 1)
    colours = _tokens(first if scheme == "light" else second.split("\n}", 1)[0])
    tones = ("good", "fail", "review", "variation")
    pairs = [
        (ink, ground)
        for ink in ("ink", "soft")
        for ground in ("page", "surface", "sunken", *(f"{t}-tint" for t in tones))
    ]
    pairs += (
        [(tone, f"{tone}-tint") for tone in tones]
        + [(tone, "surface") for tone in (*tones, "link", "none")]
        + [("link", "page")]
    )
    for ink, ground in pairs:
        high, low = sorted(
            (luminance(linear_light(colours[ink])), luminance(linear_light(colours[ground]))), reverse=True
        )
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_a_known_schedule_stands_beside_the_prescription():
    page = html_page(evaluation(result()), created=CLOCK)
    assert "22 x 3 Gy: HARD; EQD2 77.0 Gy (alpha/beta 4 Gy, tumour)" in page


@pytest.mark.parametrize(("text", "value"), [("D0.03cc[Gy] <= 46 Gy", 1.0), ("D0.03cc[Gy] <= 46 Gy", 400.0)])
def test_the_dot_at_the_end_of_a_scale_is_whole_on_screen_and_paper(text, value):
    """On paper it has a radius of 6 (report.css)."""
    found = Page(html_page(evaluation(result(text, value)), created=CLOCK))
    (box,) = [a["viewbox"] for tag, a in found.tags if tag == "svg" and a.get("class", "").startswith("scale")]
    left, _, width, _ = map(float, box.split())
    (centre,) = [float(a["cx"]) for tag, a in found.tags if a.get("class") == "dot"]
    assert abs(centre - 100) > 95
    assert left <= centre - 6 < centre + 6 <= left + width


def test_a_section_has_the_layout_of_longer_words_by_itself():
    settings = Settings(wording=Wording("de", {"outcome.MET": "erfüllt"}))
    for given, number in ((settings, 3), (Settings(), 0)):
        page = html_page(everything(), created=CLOCK, settings=given)
        body = page[page.index("<body") :]
        assert len(re.findall(r'<section[^>]* class="(?:[^"]* )?coded"', body)) == number
