"""How each ROI was found stands beside it in the report, the JSON and on the terminal, and near names as a hint."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hardcheck.cli.screen import screen
from hardcheck.cli.summary import show_evaluation
from hardcheck.evaluation import Evaluation, evaluate
from hardcheck.metric import Metric
from hardcheck.plan import Patient
from hardcheck.protocol import ProtocolStructure
from hardcheck.report.anonymity import anonymised
from hardcheck.report.document import evaluation_document
from hardcheck.report.page import html_page
from hardcheck.report.uncontoured import uncontoured
from tests.evaluation.cases import GTV, PTV, box, goal, plan, protocol

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
CORD = ProtocolStructure("Cord", "organ", ("SpinalCord",), site_aliases=("Medulla",))
NERVES = ProtocolStructure("Nerves", "organ", ("NVB",), site_aliases=("Nervus",), each=True)
BOTH = ProtocolStructure("Lungs", "organ", expression="Lung_L | Lung_R")
SIDES = (ProtocolStructure("Lung_L", "organ", ("L_Lung",)), ProtocolStructure("Lung_R", "organ"))
STRUCTURES = (GTV, PTV, CORD, NERVES, BOTH, *SIDES)
NAMES = ("GTV", "PTV", "Cord", "Nerves", "Lungs")
ROIS = (
    box(1, "gtv"),
    box(2, "PTV 66"),
    box(3, "MEDULLA"),
    box(4, "NVB"),
    box(5, "Nervus"),
    box(6, "L Lung", centre=(-20, 0, 0)),
    box(7, "Lung_R", centre=(20, 0, 0)),
)


def evaluated(*rois, wanted=STRUCTURES, **more) -> Evaluation:
    goals = [goal("Max[Gy] <= 99 Gy", name) for name in NAMES]
    return evaluate(plan(*rois), protocol(*goals, structures=wanted), **more)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluated(*ROIS, mapping={"PTV": "PTV 66"})


FOUND = {
    "gtv": "by its name",
    "PTV 66": "chosen with --map",
    "MEDULLA": "by the site's alias Medulla",
    "NVB": "by the alias NVB",
    "Nervus": "by the site's alias Nervus",
    None: "made: Lung_L | Lung_R",
}


def on_the_terminal(shown: Evaluation) -> str:
    console = screen()
    with console.capture() as caught:
        show_evaluation(console, shown, written=())
    return " ".join(caught.get().split())


class TestEachWay:
    def test_in_the_json(self, evaluation):
        document = evaluation_document(evaluation)
        assert {g["roi_name"]: g["matched_by"] for g in document["goals"]} == FOUND

    def test_of_structures_without_goals_too(self, evaluation):
        found = {entry["name"]: entry for entry in evaluation_document(evaluation)["structures"]}
        assert list(found) == [s.name for s in STRUCTURES]
        assert found["Lung_L"]["rois"] == [
            {"roi_number": 6, "roi_name": "L Lung", "matched_by": "by the alias L_Lung"},
        ]
        assert (found["Lungs"]["rois"], found["Lungs"]["made"]) == ([], "Lung_L | Lung_R")

    def test_in_the_report(self, evaluation):
        page = html_page(evaluation, created=CREATED)
        assert '<bdi>MEDULLA</bdi> <span class="by">by the site&#39;s alias Medulla</span>' in page
        assert '<bdi>gtv</bdi> <span class="by">by its name</span>' in page
        assert "no ROI matched, made: Lung_L | Lung_R" in page
        assert "ROI 6 L Lung, by the alias L_Lung" in page

    def test_on_the_terminal_without_those_by_their_name(self, evaluation):
        text = on_the_terminal(evaluation)
        said = (
            "Found by another name, or made PTV: PTV 66, chosen with --map Cord: MEDULLA, by the site's alias Medulla "
            "Nerves: NVB, by the alias NVB Nerves: Nervus, by the site's alias Nervus Lungs: made: Lung_L | Lung_R "
            "Lung_L: L Lung, by the alias L_Lung"
        )
        assert said in text
        assert "by its name" not in text

    def test_nothing_is_said_where_nothing_matched(self):
        assert {g["matched_by"] for g in evaluation_document(evaluated(box(9, "Other")))["goals"]} == {None}

    def test_the_names_of_the_site_are_kept_with_the_settings(self, evaluation):
        settings = evaluation_document(evaluation)["provenance"]["settings"]
        assert settings["aliases"] == {"Cord": ["Medulla"], "Nerves": ["Nervus"]}


def test_a_reported_value_says_it_too():
    wanted = replace(CORD, report=(Metric.parse("Max[Gy]"),))
    shown = evaluated(*ROIS, wanted=(GTV, PTV, wanted, NERVES, BOTH, *SIDES), mapping={"PTV": "PTV 66"})
    (reported,) = evaluation_document(shown)["reported"]
    assert reported["matched_by"] == "by the site's alias Medulla"


NEAR = (box(1, "GTV"), box(2, "PTV_6"), box(3, "Medula"), box(4, "Cord_PRV"))


@pytest.fixture(scope="module")
def shown() -> Evaluation:
    return evaluated(*NEAR)


class TestNear:
    """`PTV_6` and `Medula` are near; which is meant is for a person to say."""

    def test_targets_and_organs_are_two_groups(self, shown):
        targets, organs = uncontoured(shown)
        assert (targets.names, targets.organs, targets.near) == (("PTV",), False, (("PTV", ("PTV_6",)),))
        assert (organs.names, organs.organs, organs.near) == (
            ("Cord", "Nerves", "Lungs"),
            True,
            (("Cord", ("Medula",)),),
        )

    def test_on_the_terminal(self, shown):
        text = on_the_terminal(shown)
        way = "not contoured. If it is in the plan under another name: --map NAME=ROI."
        assert f"1 goal of PTV: {way} Near in name: 'PTV_6' for PTV. " in text
        assert f"2 goals of Cord, Nerves: {way} If an organ is not in range: --absent NAME. " in text
        assert "--absent NAME. Near in name: 'Medula' for Cord. " in text
        assert (text.count("--map"), text.count("--absent")) == (2, 1)

    def test_in_the_report(self, shown):
        page = html_page(shown, created=CREATED)
        assert "Near in name: &#39;Medula&#39; for Cord." in page
        assert "Near in name: &#39;PTV_6&#39; for PTV." in page
        assert "Cord_PRV" not in page

    def test_they_change_nothing(self, shown):
        without = evaluated(NEAR[0])
        assert [(r.outcome, r.reason) for r in shown.results] == [(r.outcome, r.reason) for r in without.results]


def test_a_report_without_identity_hides_the_patient_in_names_and_aliases():
    """Whatever a planner or a site put the name into."""
    wanted = (GTV, PTV, replace(CORD, site_aliases=("Cord Ott",)), NERVES, BOTH, *SIDES)
    rois = (box(1, "GTV"), box(2, "PTV_Ott"), box(3, "Cord Ott"))
    goals = [goal("Max[Gy] <= 99 Gy", name) for name in NAMES]
    named = plan(*rois, patient=Patient("ID-12345", "Ott^Anna", "19500102"))
    shown = evaluate(named, protocol(*goals, structures=wanted))
    assert shown.matches["PTV"].near == ("PTV_Ott",)
    for text in (
        html_page(shown, created=CREATED, anonymous=True),
        str(evaluation_document(shown, anonymous=True)),
        on_the_terminal(anonymised(shown)),
    ):
        assert "Ott" not in text
        assert "by the site" in text
