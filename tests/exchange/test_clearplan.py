"""ClearPlan templates. The expectations are typed from the sample and from how ClearPlan judges a value."""

import pytest

from hardcheck.errors import UsageError
from hardcheck.exchange import from_clearplan
from tests.exchange.samples import CLEARPLAN

HR = {"HR": 66.0}
HEAD = "Structure ID,Structure Code,Aliases,Type,DVH Objective,Evaluator,Variation,Priority\n"


def made(*rows, head=HEAD, **options):
    return from_clearplan(head + "\n".join(rows), **{"fractions": 22, "prescription_gy": HR, **options})


def test_the_sample(goals):
    assert goals(from_clearplan(CLEARPLAN, fractions=22, prescription_gy=HR)) == [
        ("PTV_HR", "D95%[%] >= 95 %", "recommended"),
        ("PTV_HR", "D95%[%] >= 93 %", "required"),
        ("PTV_HR", "V100%[%] >= 95 %", "required"),
        ("SpinalCord", "D0.03cc[Gy] <= 45 Gy", "recommended"),
        ("SpinalCord", "Max[Gy] < 50 Gy", "required"),
        ("Lungs", "V20Gy[%] < 30 %", "recommended"),
        ("Lungs", "V20Gy[%] < 33.5 %", "required"),
        ("Lungs", "CV20Gy[cc] >= 1000 cc", "required"),
        ("Liver", "Mean[Gy] <= 28 Gy", "required"),
    ]


def test_what_stands_beside_the_numbers(read):
    protocol = read(from_clearplan(CLEARPLAN, fractions=22, prescription_gy=HR))
    cord = protocol.structure("SpinalCord")
    assert (cord.role, cord.aliases, cord.level) == ("organ", ("Cord", "Myelon"), "")
    assert (protocol.structure("PTV_HR").role, protocol.structure("PTV_HR").level) == ("target", "HR")
    by_text = {(g.structure, str(g)): g for g in protocol.goals}
    goal = by_text["SpinalCord", "D0.03cc[Gy] <= 45 Gy"]
    assert (goal.source, goal.note, goal.uncertain_tier) == ("Paper 1, as template.csv says", "Priority 1.", False)
    assert by_text["Liver", "Mean[Gy] <= 28 Gy"].uncertain_tier
    assert by_text["Lungs", "CV20Gy[cc] >= 1000 cc"].uncertain_tier


def test_what_the_sample_holds_beyond_that_is_said():
    assert [line.split(": ")[0] for line in from_clearplan(CLEARPLAN, fractions=2, prescription_gy=HR).left_out] == [
        "Lungs CV20Gy[cc], the variation '1500'", "Liver Mean[Gy], the variation '26'", "line 9, BODY GI50%[%] <=6",
        "line 10, BODY Max[%] =107", "line 11, Heart D1,000cc[Gy] <20", "line 12", "structure codes",
        "SpinalCord D0.03cc[Gy] <= 50 Gy (required)", "structures without goals",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        "TemplateId,TemplateCodes,TemplateAliases,TemplateTypes,DVHObjective,Goal,Variation,Priority,Source,Notes\n",
        "Structure IDs,Structure Codes,IDAliases,CodeAliases,DVH Objective,Evaluation Point,Variation,Priority\n",
        "Structure ID,Structure Code,Aliases,Patient Structure,DVH Objective,Evaluator,Variation,Priority,Met\n",
        "\ufeffStructure ID,Structure Code,Aliases,,DVH Objective,Evaluator,Variation,Priority\r\n",
    ],
)
def test_all_headings_that_are_in_use(goals, head):
    assert goals(made("Cord,,Myelon,,D0.035cc[Gy],<=45,>=50,1", head=head)) == [
        ("Cord", "D0.035cc[Gy] <= 45 Gy", "required")
    ]
    assert goals(made("Cord,,Myelon,,D0.035cc[Gy],<=45,<=50,1", head=head)) == [
        ("Cord", "D0.035cc[Gy] <= 45 Gy", "recommended"),
        ("Cord", "D0.035cc[Gy] <= 50 Gy", "required"),
    ]


def test_semicolons_and_decimal_commas(goals):
    rows = ("Lunge;;;;V20Gy[%];≤ 30,5;;1", "Herz;;;;D0,03cm³[Gy];<20;;1")
    assert goals(made(*rows, head=HEAD.replace(",", ";"))) == [
        ("Lunge", "V20Gy[%] <= 30.5 %", "required"),
        ("Herz", "D0.03cc[Gy] < 20 Gy", "required"),
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("A,,,,CN95%[],>0.8,,1", "is not a known quantity"),
        ("A,,,,CI_Paddick[],>0.8,,1", "what CI_Paddick is to the source is not known"),
        ("A,,,,V20Gy[%]*2,<30,,1", "is not a metric"),
        ("A,,,,V20Gy,<30,,1", "is not a metric"),
        ("A,,,,V20[%],<30,,1", "without a unit"),
        ("A,,,,,<30,,1", "is not a metric"),
        ("A", "is not a metric"),
        ("A,,,,V20Gy[%],30,,1", "'30' has no comparison"),
        ("A,,,,V20Gy[%],,,1", "no evaluator stands there"),
        ("A,,,,V20Gy[%],=30,,1", "asks for one value alone"),
        ("A,,,,V20Gy[%],<NaN,,1", "is not a comparison with a number"),
        ("A,,,,V20Gy[%],<1e3,,1", "is not a comparison with a number"),
        ("A,,,,V20Gy[%],<1.2.3,,1", "is not a comparison with a number"),
        ('A,,,,V20Gy[cc],"<1,500",,1', "parts decimals or thousands"),
        ("A,,,,V20Gy[%],<30 cc,,1", "is not a comparison with a number"),
        ("A,,,,V20Gy[%],>100,,1", "met by every plan, or by none"),
        ("B,,,,V20Gy[%],<30,,1", "stands more than once"),
    ],
)
def test_what_is_not_clear_is_listed_and_not_guessed(goals, row, why):
    imported = made("B,,,,V20Gy[%],<30,,1", row)
    assert goals(imported) == [("B", "V20Gy[%] < 30 %", "required")]
    assert why in imported.left_out[0]


def test_a_recommended_goal_that_a_required_one_covers_is_left_out(goals):
    imported = made("A,,,,Mean[Gy],<20,25,1", "A,,,,Mean[Gy],<10,,1")
    assert goals(imported) == [("A", "Mean[Gy] < 10 Gy", "required")]
    assert imported.left_out == (
        "A Mean[Gy] < 20 Gy (recommended): looser than the required Mean[Gy] < 10 Gy",
        "A Mean[Gy] < 25 Gy (required): met by whatever meets Mean[Gy] < 10 Gy",
    )


def test_a_comparison_that_points_the_wrong_way_is_left_out(goals):
    imported = made("A,,,,Mean[Gy],<20,,1", "Cord,,,,Max[Gy],>45,,1", "PTV,,,PTV,V95%[%],<95,,1")
    assert goals(imported) == [("A", "Mean[Gy] < 20 Gy", "required")]
    assert [line.split(": ")[1].split("' ")[1] for line in imported.left_out[:2]] == [
        "asks for dose in an organ, and one that receives too much would meet it",
        "asks for a lack of dose in a target, and one that is underdosed would meet it",
    ]


def test_centigray_that_are_called_gray_are_left_out(goals):
    imported = made("A,,,,Mean[Gy],<20,,1", "Cord,,,,Max[Gy],<4500,,1")
    assert goals(imported) == [("A", "Mean[Gy] < 20 Gy", "required")]
    assert "more than any course" in imported.left_out[0]


def test_percentages_are_of_the_level_of_the_structure(read):
    rows = ("PTV HR,,,PTV,D95%[%],>95,,1", "PTV_LR,,,PTV,D95%[%],>95,,1", "BODY,,,,Max[%],<110,,1")
    imported = made(*rows, prescription_gy={"PTV_HR": 66.0, "PTV_LR": 44.0})
    protocol = read(imported)
    assert [(s.name, s.level) for s in protocol.structures] == [("PTV_HR", "PTV_HR"), ("PTV_LR", "PTV_LR")]
    assert "BODY Max[%] < 110 % (required): in percent of a dose" in imported.left_out[0]


def test_names_become_names_that_are_allowed_and_match_nothing_else(read):
    names = ["Lung L", "_Cord", "PTV~", "3mm Ring", "Rückenmark", "Äußere", "PTV[1]", "肺", "N" * 70]
    imported = made(*(f"{name},,,,Mean[Gy],<20,,1" for name in names))
    assert {s.name: s.aliases for s in read(imported).structures} == {
        "Lung_L": (),
        "x5FCord": ("_Cord",),
        "PTVx7E": ("PTV~",),
        "x33mm_Ring": ("3mm Ring",),
        "Ruckenmark": ("Rückenmark",),
        "xC4uxDFere": ("Äußere",),
        "PTVx5B1x5D": (),
        "x80BA": ("肺",),
        "Structure_1": (),
    }
    assert len(imported.left_out) == 2
    assert all("choose one with --map" in line for line in imported.left_out)


def test_no_two_structures_have_one_name(read):
    rows = ("Lung,,Heart|A|A ,,Mean[Gy],<20,,1", "Heart,,A|Lung~,,Mean[Gy],<20,,1", "heart,,,,Max[Gy],<40,,1")
    imported = made(*rows)
    assert {s.name: s.aliases for s in read(imported).structures} == {"Lung": ("A",), "Heart": ("Lung~",)}
    assert imported.left_out == (
        "Lung: the name 'Heart': it is one of Heart", "Heart: the name 'A': it is one of Lung",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the first line has no heading 'structureid'"),
        ("a,b\n1,2\n", "the first line has no heading 'structureid'"),
        (HEAD.replace("Evaluator", "x"), "the first line has no heading 'evaluator'"),
        (HEAD, "holds no goal that can be taken over"),
        (HEAD + 'A,,,,"' + "x" * 200_000, "is not CSV"),
        (HEAD + "".join(f"S{n},,,,Mean[Gy],<20,,1\n" for n in range(501)), "more than 500 structures"),
    ],
)
def test_what_cannot_be_imported_at_all(text, message):
    with pytest.raises(UsageError) as caught:
        from_clearplan(text, fractions=22, prescription_gy=HR)
    assert message in str(caught.value)


def test_no_more_goals_of_a_structure_than_a_protocol_holds(goals):
    imported = made(*(f"A,,,,V{n}Gy[cc],<{200 - n},,1" for n in range(1, 103)))
    assert len(goals(imported)) == 100
    assert len(imported.left_out) == 2
