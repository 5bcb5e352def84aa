"""Clinical protocols of Eclipse. The expectations are typed from the sample."""

import pytest

from hardcheck.errors import UsageError
from hardcheck.exchange import from_eclipse
from tests.exchange.samples import ECLIPSE

MEASURE = (
    '<MeasureItem ID="Body"><Type>{}</Type><Modifier>{}</Modifier><Value>{}</Value><TypeSpecifier>{}</TypeSpecifier>'
)
MEASURE += "<ReportDQPValueInAbsoluteUnits>{}</ReportDQPValueInAbsoluteUnits></MeasureItem>"
OBJECTIVE = '<Item ID="Body"><Modifier>{}</Modifier><Parameter>{}</Parameter><TotalDose>{}</TotalDose></Item>'
TEMPLATE = "<PlanTemplate><DosePerFraction>{}</DosePerFraction><FractionCount>{}</FractionCount></PlanTemplate>"


OF_66 = TEMPLATE.format(3, 22)
AT_80 = OF_66.replace("<Dose", "<PrescribedPercentage>80</PrescribedPercentage><Dose", 1)


def phase(*items, name="P", template=OF_66, more=""):
    return f'<Phase ID="{name}">{more}{template}<Prescription>{"".join(items)}</Prescription></Phase>'


def protocol(*phases):
    return f"<Protocol><Phases>{''.join(phases)}</Phases></Protocol>"


def test_the_sample(goals):
    assert goals(from_eclipse(ECLIPSE)) == [
        ("PTV_HR", "V66Gy[%] >= 95 %", "required"),
        ("Outline", "D0.03cc[%] < 110 %", "required"),
        ("Femur", "Mean[Gy] < 37 Gy", "required"),
        ("Femur", "V40Gy[%] < 50 %", "recommended"),
        ("Femur", "V40Gy[%] < 64 %", "required"),
    ]


def test_what_the_protocol_says_of_itself(read):
    made = read(from_eclipse(ECLIPSE, file="t.xml"))
    assert (made.title, made.source) == (
        "Thigh 66 (imported)", "imported from t.xml, of which nobody has checked the numbers",
    )  # fmt: skip
    (regimen,) = made.regimens
    assert (regimen.id, regimen.fractions, regimen.level("Prescription").dose_gy) == ("22fx", 22, 66.0)
    assert {s.name: (s.role, s.level, s.aliases) for s in made.structures} == {
        "PTV_HR": ("target", "Prescription", ("PTV66", "PTV High")),
        "Outline": ("external", "Prescription", ()),
        "Femur": ("organ", "", ()),
    }


def test_what_the_sample_holds_beyond_that_is_said():
    lines = from_eclipse(ECLIPSE).left_out
    assert [line.split(" (")[0] for line in lines] == [
        "Item 3", "Item 4", "MeasureItem 7", "MeasureItem 8", "MeasureItem 9", "MeasureItem 10",
    ]  # fmt: skip
    assert sum("contradict each other" in line for line in lines) == 3


@pytest.mark.parametrize(
    ("item", "goal"),
    [
        (MEASURE.format(2, 0, 90, 95, "false"), "V95%[%] > 90 %"),
        (MEASURE.format(3, 1, 50.5, 40, "false"), "V40Gy[%] < 50.5 %"),
        (MEASURE.format(4, 1, 60, 2, "true"), "D2%[Gy] < 60 Gy"),
        (MEASURE.format(4, 0, 95, 98, "false"), "D98%[%] > 95 %"),
        (MEASURE.format(5, 1, 60, "0.03", "true"), "D0.03cc[Gy] < 60 Gy"),
        (MEASURE.format(8, 1, 37, 0, "true"), "Mean[Gy] < 37 Gy"),
        (MEASURE.format(8, 1, 50, 0, "false"), "Mean[%] < 50 %"),
        (OBJECTIVE.format(0, 95, 66), "V66Gy[%] >= 95 %"),
        (OBJECTIVE.format(1, "1e1", "40.50"), "V40.5Gy[%] <= 10 %"),
        (OBJECTIVE.format(7, 0, 66), "Mean[Gy] > 66 Gy"),
        (OBJECTIVE.format(8, 0, 37), "Mean[Gy] < 37 Gy"),
        (OBJECTIVE.format(9, 0, 60), "Min[Gy] > 60 Gy"),
        (OBJECTIVE.format(10, 0, 70), "Max[Gy] < 70 Gy"),
    ],
)
def test_each_type_is_its_metric(goals, item, goal):
    assert goals(from_eclipse(protocol(phase(item)))) == [("Body", goal, "required")]


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (MEASURE.format(0, 1, 1, 95, "false"), "Type '0' is no metric"),
        (MEASURE.format(3, 2, 50, 40, "false"), "Modifier '2' makes no comparison"),
        (MEASURE.format(3, 3, 50, 40, "false"), "contradict each other about Modifier 3"),
        (MEASURE.format(6, 1, 50, 0, "true"), "contradict each other about Type 6"),
        (MEASURE.format(3, 1, 50, 40, "true"), "contradict each other about absolute volumes"),
        (MEASURE.format(3, 1, 50, 40, ""), "whether its value is in percent is not said"),
        (MEASURE.format(3, 1, "NaN", 40, "false"), "its Value is not a number"),
        (MEASURE.format(3, 1, 50, "INF", "false"), "its TypeSpecifier is not a number"),
        (MEASURE.format(3, 1, -50, 40, "false"), "is not a number from 0"),
        (MEASURE.format(4, 1, 60, 120, "true"), "not more than 100 %"),
        (MEASURE.format(3, 1, 50, 40, "false").replace("Body", " "), "it names no structure"),
        (OBJECTIVE.format(2, 0, 37), "Modifier '2' makes no comparison"),
        (OBJECTIVE.format(8, 0, ""), "it has no TotalDose"),
        (OBJECTIVE.format(0, "", 66), "its Parameter is not a number"),
    ],
)
def test_what_is_not_clear_is_listed_and_not_guessed(goals, item, why):
    imported = from_eclipse(protocol(phase(OBJECTIVE.format(7, 0, 66), item)))
    assert goals(imported) == [("Body", "Mean[Gy] > 66 Gy", "required")]
    assert len(imported.left_out) == 1
    assert why in imported.left_out[0]


def test_each_phase_is_a_regimen(read):
    item = OBJECTIVE.format(8, 0, 37)
    boost = phase(item, name="Boost 1", template=TEMPLATE.format(2, 8))
    made = read(from_eclipse(protocol(phase(item, name="Main"), boost)))
    assert [(r.id, r.fractions, r.level("Prescription").dose_gy) for r in made.regimens] == [
        ("main", 22, 66.0), ("boost-1", 8, 16.0),
    ]  # fmt: skip
    assert [(str(g), g.regimens) for g in made.goals] == [
        ("Mean[Gy] < 37 Gy", ("main",)), ("Mean[Gy] < 37 Gy", ("boost-1",)),
    ]  # fmt: skip


def test_options_say_what_the_file_does_not(read):
    bare = protocol(phase(MEASURE.format(2, 0, 90, 95, "false"), template=""))
    (regimen,) = read(from_eclipse(bare, fractions=5, prescription_gy={"HR": 30.0})).regimens
    assert (regimen.fractions, regimen.level("HR").dose_gy) == (5, 30.0)


def test_goals_may_stand_without_a_protocol_around_them(goals):
    text = f"<DoseObjectives><Prescription>{OBJECTIVE.format(8, 0, 37)}</Prescription></DoseObjectives>"
    assert goals(from_eclipse(text, fractions=5, prescription_gy={"HR": 30.0})) == [
        ("Body", "Mean[Gy] < 37 Gy", "required")
    ]


ONE = OBJECTIVE.format(8, 0, 37)
FIVE = "<FractionCount>5</FractionCount>"


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "protocol.xml:1:1: is not XML from here on"),
        ("<Protocol>", {}, "protocol.xml:1:11: is not XML from here on"),
        ("<Protocol>\ud800</Protocol>", {}, "is not XML"),
        ("<html/>", {}, "is no clinical protocol of Eclipse, but 'html'"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><Protocol/>', {}, "holds a DOCTYPE or an ENTITY"),
        ("<!doctype x><Protocol/>", {}, "holds a DOCTYPE or an ENTITY"),
        (protocol(phase(ONE, template="")), {}, "does not say the number of fractions"),
        (protocol(phase(ONE, template="", more=FIVE)), {}, "does not say the prescribed dose"),
        (protocol(phase(ONE, template=AT_80)), {}, "does not say the prescribed dose"),
        (protocol(phase(ONE, more=FIVE)), {}, "the phase 'P' says 5 and 22 fractions"),
        (protocol(phase(ONE)), {"fractions": 5}, "the file says 22 fractions; leave the option away"),
        (protocol(phase(ONE)), {"prescription_gy": {"Prescription": 60.0}}, "the file prescribes 66 Gy"),
        (protocol(phase(ONE), phase(ONE)), {"fractions": 5}, "the file has 2 phases, each with its own"),
        (protocol(phase(ONE), phase(ONE, template="")), {}, "the phase 'P' does not say its fractions or its dose"),
        (protocol(phase(ONE, template=TEMPLATE.format(1, 150))), {}, "150 is not a number of fractions"),
        (protocol(phase()), {}, "holds no goal that can be taken over"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_at_all(text, options, message):
    with pytest.raises(UsageError) as caught:
        from_eclipse(text, **options)
    assert message in str(caught.value)
