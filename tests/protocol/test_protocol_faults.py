"""Every fault of a protocol file is told with its line, its column and what to write instead."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardcheck.errors import ProtocolError
from hardcheck.library import Problem, lint, load_protocol

GOOD = """\
id: mine
version: "1"
title: Mine
source: A paper
verification: draft
regimens:
  - {id: a, fractions: 22, levels: {HR: 66 Gy, LR: 44 to 50.6 Gy}}
  - {id: b, fractions: 20, levels: {HR: 60 Gy}}
structures:
  - name: PTV
    role: target
    level: HR
    goals:
      - {id: ptv-v95, goal: "V95%[%] > 95 %", tier: required}
  - name: Cord
    role: organ
    aliases: [SpinalCord]
    subtract: [PTV]
    extent: {of: PTV, margin: 3 cm}
    serial: true
    goals:
      - id: cord-max-recommended
        goal: D0.03cc[Gy] <= 40 Gy
        tier: recommended
      - id: cord-max-required
        goal: D0.03cc[Gy] <= 46 Gy
        tier: required
"""
TIER = "        tier: recommended"
REQUIRED = "      - id: cord-max-required"
MAXIMUM = "goal: D0.03cc[Gy] <= 46 Gy"
COVERAGE = '"V95%[%] > 95 %"'
NO_SOURCE = GOOD.replace("source: A paper\n", "")

# what is replaced, by what, the place and the words of the one problem that follows
FAULTS = {
    # YAML
    "duplicate key": ("title: Mine\n", "title: Mine\ntitle: Yours\n", "4:1", "'title' stands twice, first in line 3"),
    "duplicate key inside": ("serial: true", "serial: true\n    serial: false", "21:5", "twice, first in line 20"),
    "python tag": ("title: Mine", "title: !!python/object/apply:os.system [id]", "3:8", "apply:os.system"),
    "own tag": ("title: Mine", "title: !Mine x", "3:8", "the tag !Mine"),
    "standard tag": ("title: Mine", "title: !!str Mine", "3:8", "the tag tag:yaml.org,2002:str"),
    "anchor": ("title: Mine", "title: &here Mine", "3:8", "the anchor &here"),
    "merge key": ("extent: {of", "extent: {<<: {}, of", "19:14", "a merge key"),
    "second document": ("structures:", "---\nid: other\nstructures:", "9:1", "a second document"),
    "key without a value": ("title: Mine", "title:", "3:1", "'title' has no value"),
    "empty entry": ("aliases: [SpinalCord]", "aliases:\n      -\n      - SpinalCord", "18:8", "an empty entry"),
    "list as a key": ("title: Mine", "? [a, b]\n: Mine", "3:3", "a key is one word"),
    "unclosed quote": ("tier: required}\n", 'tier: "required}\n', "14:53", "the quote that opens here is never closed"),
    "unclosed single quote": ("tier: required}\n", "tier: 'required}\n", "14:53", "opens here is never closed"),
    "quote closed by the next": (
        "title: Mine\n", 'title: "Mine\nverification: "draft"\n', "3:8", "opens here is closed only in line 4",
    ),
    "text after a quote": ("title: Mine", "title: 'My' title", "3:13", "put the whole value in one pair of quotes"),
    "unclosed bracket": ("aliases: [SpinalCord]", "aliases: [SpinalCord", "17:14", "the [ that opens here is not"),
    "unclosed brace": ("margin: 3 cm}", "margin: 3 cm", "19:13", "write } behind the last of its values"),
    "missing comma": ("{of: PTV, margin", "{of: PTV margin", "19:28", "a comma or } is missing before this"),
    "tab for indentation": ("    level: HR", "\tlevel: HR", "12:1", "a tab stands here; write spaces"),
    "tab after spaces": ("    level: HR", "  \tlevel: HR", "12:3", "a tab stands here; write spaces"),
    "wrong indentation": ("    level: HR", "   level: HR", "12:4", "begins in a column of its own"),
    "second colon": ("title: Mine", "title: HARD: mine", "3:12", "a second colon stands in this line; put the whole"),
    "no space after a colon": ("title: Mine", "title:Mine", "3:1", "this line has no colon with a space after it"),
    "line without a colon": ("title: Mine", "title", "3:1", "write key: value"),
    "percent first": ("title: Mine", "title: %5", "3:8", "a value cannot begin with '%'; put it in quotes"),
    "comparison first": ("title: Mine", "title: >= 5 cc", "3:8", "a value cannot begin with '>'; put it in quotes"),
    "backslash": ("title: Mine", 'title: "Mi\\qne"', "3:11", "put the value in single quotes"),
    "no-break space": ("fractions: 22", "fractions:\u00a022", "7:23", "the character U+00A0 is invisible"),
    "control character": ("title: Mine", "title: Mi\x07ne", "3:10", "the character U+0007 is invisible"),
    # keys and shapes
    "unknown key": ("title: Mine", "titel: Mine", "3:1", "unknown key 'titel'; did you mean 'title'?"),
    "unknown key of a goal": ("        tier: recommended", "        teir: recommended", "24:9", "did you mean 'tier'?"),
    "unknown key of an extent": ("margin: 3 cm", "margins: 3 cm", "19:23", "did you mean 'margin'?"),
    "unknown key of a regimen": ("fractions: 20", "fraction: 20", "8:13", "did you mean 'fractions'?"),
    "unknown key of a structure": ("    serial: true", "    parallel: true", "20:5", "unknown key 'parallel'"),
    "missing key": ('version: "1"\n', "", "1:1", "'version' is missing here"),
    "missing tier": ("        tier: recommended\n", "", "22:9", "'tier' is missing here"),
    "list for text": ("title: Mine", "title: [Mine]", "3:8", "one text is wanted here"),
    "text for a list": ("subtract: [PTV]", "subtract: PTV", "18:15", "a list is wanted here"),
    "text for a mapping": ("extent: {of: PTV, margin: 3 cm}", "extent: PTV", "19:13", "a mapping is wanted here"),
    "null is text": ("title: Mine", "title: null", "3:8", "'null' is no text"),
    "empty text": ("title: Mine", 'title: ""', "3:8", "the text is empty"),
    # scalars are what is written
    "octal": ("fractions: 22", "fractions: 022", "7:24", "'022' is not a whole number"),
    "sexagesimal": ("fractions: 22", "fractions: 12:30", "7:24", "'12:30' is not a whole number"),
    "exponent": ("fractions: 22", "fractions: 1e1", "7:24", "'1e1' is not a whole number"),
    "underscore": ("fractions: 22", "fractions: 2_2", "7:24", "'2_2' is not a whole number"),
    "no fractions": ("fractions: 22", "fractions: 0", "7:24", "'0' is not a whole number"),
    "other digits": ("fractions: 22", "fractions: ٢٢", "7:24", "is not a whole number"),
    "norway": ("serial: true", "serial: NO", "20:13", "'NO' is not true or false"),
    "yes": ("serial: true", "serial: yes", "20:13", "'yes' is not true or false"),
    "capital": ("serial: true", "serial: True", "20:13", "'True' is not true or false"),
    # values
    "goal without a unit": ("<= 40 Gy", "<= 40", "23:15", "without a unit; write D0.03cc[Gy] <= 40 Gy"),
    "goal with a range": ("<= 40 Gy", "<= 40-46 Gy", "23:15", "gives a range; write two goals"),
    "goal in a wrong unit": ("<= 40 Gy", "<= 40 cc", "23:15", "not one in cc; give the limit in Gy"),
    "unknown metric": ("goal: D0.03cc[Gy] <= 40 Gy", "goal: Dmax[Gy] <= 40 Gy", "23:15", "'Dmax'"),
    "metric without a result unit": ("goal: D0.03cc[Gy] <= 40", "goal: D0.03cc <= 40", "23:15", "is not a metric"),
    "level without a unit": ("{HR: 60 Gy}", "{HR: 60}", "8:41", "'60' has no unit; write 60 Gy"),
    "level as a dashed range": ("44 to 50.6 Gy", "44-50.6 Gy", "7:52", "write 66 Gy, or 44 to 50.6 Gy"),
    "level that falls": ("44 to 50.6 Gy", "50.6 to 44 Gy", "7:52", "write the lower dose first"),
    "margin without a unit": ("margin: 3 cm", "margin: 3", "19:31", "'3' has no unit; write 3 mm"),
    "unknown tier": ("tier: recommended", "tier: optional", "24:15", "'optional' is not known here; write 'required'"),
    "unknown role": ("role: organ", "role: oar", "16:11", "'oar' is not known here"),
    "unknown verification": ("verification: draft", "verification: checked", "5:15", "'transcribed'"),
    "bad id": ("id: mine", "id: My protocol", "1:5", "is not an id"),
    "bad structure name": ("name: Cord", "name: Cord (left)", "15:11", "is not a structure name"),
    "pattern in an alias": ("[SpinalCord]", "[Spinal*]", "17:15", "aliases are names, not patterns"),
    "regular expression in an alias": ("[SpinalCord]", "['(a+)+$']", "17:15", "aliases are names, not patterns"),
    "alias without a letter": ("[SpinalCord]", "['__']", "17:15", "no letter or digit"),
    "alias too long": ("[SpinalCord]", f"[{'a' * 65}]", "17:15", "longer than 64 characters"),
    "text too long": ("title: Mine", f"title: {'a' * 2001}", "3:8", "longer than 2000 characters"),
    "no levels": ("{HR: 60 Gy}", "{}", "8:36", "at least one is wanted here"),
    # consistency
    "required stricter": ("<= 46 Gy", "<= 39 Gy", "26:15", "is stricter than the recommended"),
    "required as strict but exclusive": ("<= 46 Gy", "< 40 Gy", "26:15", "is stricter than the recommended"),
    "subtracts itself": ("subtract: [PTV]", "subtract: [PTV, Cord]", "18:21", "Cord is defined by itself"),
    "extent of itself": ("{of: PTV, margin", "{of: Cord, margin", "19:18", "Cord is defined by itself"),
    "applies by itself": ("    serial: true", "    applies_on_slices_of: Cord", "20:27", "Cord is defined by itself"),
    "inside itself": ("    serial: true", "    inside: [Cord]", "20:14", "Cord is defined by itself"),
    "unknown structure": ("subtract: [PTV]", "subtract: [PTW]", "18:16", "'PTW'; did you mean 'PTV'?"),
    "unknown check": (
        "structures:\n",
        "checks:\n  - {id: beams-alik, severity: off, reason: why}\nstructures:\n",
        "10:10",
        "there is no check 'beams-alik'; did you mean 'beams-alike'?",
    ),
    "check without a reason": (
        "structures:\n",
        "checks:\n  - {id: beams-alike, severity: off}\nstructures:\n",
        "10:5",
        "'reason' is missing here",
    ),
    "check with an empty reason": (
        "structures:\n",
        "checks:\n  - {id: beams-alike, severity: off, reason: ' '}\nstructures:\n",
        "10:46",
        "the text is empty",
    ),
    "unknown severity of a check": (
        "structures:\n",
        "checks:\n  - {id: beams-alike, severity: STOP, reason: why}\nstructures:\n",
        "10:33",
        "'STOP' is not known here; write 'INFO', 'WARN', 'FAIL' or 'off'",
    ),
    "STOP switched off": (
        "structures:\n",
        "checks:\n  - {id: roi-numbers-unique, severity: off, reason: why}\nstructures:\n",
        "10:40",
        "a STOP is never lowered or switched off",
    ),
    "STOP raised": (
        "structures:\n",
        "checks:\n  - {id: roi-numbers-unique, severity: FAIL, reason: why}\nstructures:\n",
        "10:40",
        "a STOP is never lowered or switched off",
    ),
    "check that can be a STOP lowered": (
        "structures:\n",
        "checks:\n  - {id: dose-grid-spacing, severity: INFO, reason: why}\nstructures:\n",
        "10:39",
        "can be a STOP, and a STOP is never lowered or switched off",
    ),
    "edited copy that hides itself": (
        "structures:\n",
        "checks:\n  - {id: protocol-not-as-shipped, severity: off, reason: why}\nstructures:\n",
        "10:45",
        "protocol-not-as-shipped is about this file, which cannot silence it; give the file an id of its own",
    ),
    "check twice": (
        "structures:\n",
        "checks:\n  - {id: bolus, severity: off, reason: a}\n  - {id: bolus, severity: FAIL, reason: a}\nstructures:\n",
        "11:10",
        "the check 'bolus' stands twice",
    ),
    "margin of an unknown structure": (
        "extent: {of: PTV, margin: 3 cm}",
        "margin_from: {of: GTV, least: 3 mm, most: 5 mm}",
        "19:23",
        "there is no structure 'GTV'",
    ),
    "margin the wrong way round": (
        "extent: {of: PTV, margin: 3 cm}",
        "margin_from: {of: PTV, least: 5 mm, most: 3 mm}",
        "19:35",
        "the least margin '5 mm' is above the most '3 mm'",
    ),
    "unknown structure of an extent": ("{of: PTV, margin", "{of: PVT, margin", "19:18", "there is no structure 'PVT'"),
    "unknown structure of a volume": (
        "goal: D0.03cc[Gy] <= 40 Gy", "goal: V18Gy[cc] < Volume(Lung) - 9 cc", "23:15", "there is no structure 'Lung'",
    ),
    "unknown level": ("level: HR", "level: XR", "12:12", "there is no level 'XR'"),
    "level missing from a regimen": ("level: HR", "level: LR", "12:12", "the level 'LR' is missing from b"),
    "percent of no level": (
        "goal: D0.03cc[Gy] <= 40 Gy", 'goal: "D0.03cc[%] <= 40 %"', "23:15", "and Cord has none",
    ),
    "unknown regimen": ("tier: recommended", "tier: recommended\n        regimens: [c]", "25:20", "no regimen 'c'"),
    "duplicate goal id": ("id: cord-max-required", "id: cord-max-recommended", "25:13", "stands twice"),
    "duplicate regimen id": ("{id: b,", "{id: a,", "8:10", "the regimen id 'a' stands twice"),
    "duplicate structure": ("name: Cord", "name: ptv", "15:11", "'ptv' is already a name of PTV"),
    "alias of another structure": ("[SpinalCord]", "[SpinalCord, p_t_v]", "17:27", "'p_t_v' is already a name of PTV"),
    "goal that every plan meets": ("<= 40 Gy", ">= 0 Gy", "23:15", "met by every plan, or by none"),
    "goal that no plan misses": ("> 95 %", "< 150 %", "14:29", "met by every plan, or by none"),
    "any number of fractions, of several": (
        "{id: b, fractions: 20, levels", "{id: b, levels", "8:5", "regimen b does not say how many fractions",
    ),
    "as prescribed beside another level": (
        "{HR: 66 Gy, LR", "{HR: as prescribed, LR", "7:41", "which one the plan means is not known",
    ),
    "reported metric": ("    serial: true", "    report: [Dmax]", "20:14", "'Dmax' is not a metric"),
    "reported twice": ("    serial: true", '    report: ["Max[Gy]", "Max[cGy]"]', "20:25", "Max[Gy] stands twice"),
    "reported in percent of no level": ("    serial: true", '    report: ["Max[%]"]', "20:14", "and Cord has none"),
    "no regimens": (TIER, f"{TIER}\n        regimens: []", "25:19", "at least one is wanted here"),
    # comparisons that point the wrong way
    "organ that must be hit": (
        MAXIMUM, "goal: D0.03cc[Gy] >= 46 Gy", "26:15", "write D0.03cc[Gy] <= 46 Gy",
    ),
    "volume of an organ that must be hit": (
        MAXIMUM, 'goal: "V40Gy[%] > 50 %"', "26:15", "one that receives too much would meet it",
    ),
    "mean of an organ that must be high": ("D0.03cc[Gy] <= 40", "Mean[Gy] > 40", "23:15", "write Mean[Gy] <"),
    "organ that must not be spared": (
        MAXIMUM, "goal: CV18Gy[cc] < 1500 cc", "26:15", "write CV18Gy[cc] > 1500 cc",
    ),
    "relative volume the wrong way": (
        MAXIMUM, "goal: V18Gy[cc] > Volume(Cord) - 9 cc", "26:15", "asks for dose in an organ",
    ),
    "target that must not be covered": ("> 95 %", "< 95 %", "14:29", "write V95%[%] > 95 %, or tier: advisory"),
    "target that must not be covered, in Gy": (
        COVERAGE, '"V60Gy[%] < 95 %"', "14:29", "one that is underdosed would meet it",
    ),
    "near-minimum of a target that must be low": (COVERAGE, '"DC0.03cc[%] < 95 %"', "14:29", "DC0.03cc[%] > 95"),
    "D95 of a target that must be low": (COVERAGE, '"D95%[%] < 98 %"', "14:29", "asks for a lack of dose"),
    "cold volume of a target that must be large": (COVERAGE, '"CV95%[%] > 5 %"', "14:29", "CV95%[%] < 5 %"),
    "wrong way of several": (
        MAXIMUM, "any_of: ['Mean[Gy] < 20 Gy', 'Max[Gy] > 46 Gy']", "26:38", "write Max[Gy] < 46 Gy",
    ),
    "printed the other way": (
        "tier: required}", "tier: required, printed: V95 < 95 %}", "14:72", "'V95%[%] > 95 %' points the other way",
    ),
    "printed the other way, of a dose": (
        TIER, f"{TIER}\n        printed: max ≥ 40 Gy", "25:18", "points the other",
    ),
    # cGy
    "dose of a goal in cGy": ("<= 46 Gy", "<= 4600 Gy", "26:15", "any course of radiotherapy; write 4600 cGy"),
    "dose of a volume in cGy": (
        "goal: D0.03cc[Gy] <= 40 Gy", "goal: V4000Gy[cc] < 5 cc", "23:15", "4000 Gy is more than any course",
    ),
    "level in cGy": ("{HR: 60 Gy}", "{HR: 6000 Gy}", "8:41", "more than any course of radiotherapy; write 6000 cGy"),
    "reported volume in cGy": ("    serial: true", '    report: ["V2000Gy[cc]"]', "20:14", "more than any course"),
    # goals that never say anything
    "implied by another metric": (
        REQUIRED,
        f"      - {{id: cord-v50, goal: 'V50Gy[cc] < 5 cc', tier: required}}\n{REQUIRED}",
        "25:9", "cord-v50 is met by whatever meets cord-max-required, in line 26",
    ),
    "implied by itself in other words": (
        "  - name: Cord",
        "      - {id: cold, goal: 'CV95%[%] < 5 %', tier: required}\n  - name: Cord",
        "15:9", "cold is met by whatever meets ptv-v95, in line 14",
    ),
    "implied in one regimen": (
        REQUIRED,
        f"      - {{id: b-only, goal: 'D1cc[Gy] <= 46 Gy', tier: required, regimens: [b]}}\n{REQUIRED}",
        "25:9", "b-only is met by whatever meets cord-max-required",
    ),
    "condition that is the goal": (
        TIER, f"{TIER}\n        only_if: Max[Gy] < 40 Gy", "25:18", "meets the goal",
    ),
    "condition that excludes the goal": (
        TIER, f"{TIER}\n        only_if: D0.03cc[Gy] > 40 Gy", "25:18",
        "nothing that meets 'D0.03cc[Gy] > 40 Gy' can meet the goal",
    ),
    "more than its own volume": (
        "goal: D0.03cc[Gy] <= 40 Gy", "goal: V18Gy[cc] < Volume(Cord) + 9 cc", "23:15", "met by every plan, or by none",
    ),
    "schedule of no regimen": (
        TIER, f"{TIER}\n        fractionation: {{fractions: 25 to 30}}", "25:24",
        "no regimen that cord-max-recommended is for",
    ),
    "dose per fraction of no regimen": (
        TIER, f"{TIER}\n        fractionation: {{dose_per_fraction: 2 Gy}}",
        "25:24", "no plan is held against it",
    ),
    "schedule of another regimen than its own": (
        TIER,
        f"{TIER}\n        regimens: [b]\n        fractionation: {{fractions: 22}}", "26:24", "no regimen",
    ),
    "regimen that the file is not for": (
        "regimens:", "fractionation: {fractions: 22}\nregimens:", "9:5",
        "no plan of regimen b has the fractionation that the file is for, in line 6",
    ),
    "vertices of an organ": ("    serial: true", "    vertices: {structures: [PTV]}", "20:15", "Cord is no target"),
    "uneven dose of an organ": ("    serial: true", "    uneven: true", "20:13", "Cord is no target"),
    "vertices that are nowhere": (
        "level: HR\n", "level: HR\n    vertices: {structures: [Vx]}\n", "13:29", "there is no structure 'Vx'",
    ),
    "vertices that are the target": (
        "level: HR\n", "level: HR\n    vertices: {structures: [PTV]}\n", "13:29", "PTV is defined by itself",
    ),
    "vertices named twice": (
        "level: HR\n", "level: HR\n    vertices: {structures: [Cord, Cord]}\n", "13:35", "Cord stands twice",
    ),
    "dose of vertices without fractions": (
        "level: HR\n", "level: HR\n    vertices: {structures: [Cord], dose_per_fraction: 8 to 15 Gy}\n", "13:15",
        "write fractions:",
    ),
    "unknown key of vertices": (
        "level: HR\n", "level: HR\n    vertices: {structures: [Cord], diameter: 5 cm}\n", "13:36", "diameter",
    ),
    "diameter without a unit": (
        "level: HR\n", "level: HR\n    vertices: {structures: [Cord], least_diameter: 5}\n", "13:52", "has no unit",
    ),
    "no vertices": ("level: HR\n", "level: HR\n    vertices: {structures: []}\n", "13:28", "at least one"),
    "index of no level": (
        'goal: D0.03cc[Gy] <= 40 Gy', 'goal: "CI_CK[] <= 2"', "23:15", "and Cord has none",
    ),
    "not in the source and from nowhere": (
        "        tier: recommended", "        tier: recommended\n        not_in_source: true", "22:9", "write source:",
    ),
}  # fmt: skip


def problems(tmp_path: Path, text: str | bytes) -> list[Problem]:
    path = tmp_path / "mine.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return lint(path)


def test_the_file_that_the_faults_are_made_from_is_clean(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []


@pytest.mark.parametrize("name", FAULTS)
def test_fault(tmp_path: Path, name: str) -> None:
    old, new, place, words = FAULTS[name]
    assert GOOD.count(old) >= 1
    found = problems(tmp_path, GOOD.replace(old, new, 1))
    assert found, "nothing was found"
    if "not YAML" in str(found[0]):
        assert "check the indentation" not in str(found[0]), "the parser's own words"
    # A renamed key is missing too, and that is told after it; everything else is one problem.
    assert not (name.startswith("unknown key") and "is missing here" in found[0].message)
    told = [p for p in found if not (name.startswith("unknown key") and "is missing here" in p.message)]
    assert len(told) == 1, [str(p) for p in found]
    line, column = place.split(":")
    assert (told[0].line, told[0].column) == (int(line), int(column)), str(told[0])
    assert words in str(told[0])
    assert told[0].instead
    assert str(told[0]).startswith(f"{tmp_path / 'mine.yaml'}:{place}: ")
    assert str(told[0]).isprintable()
    with pytest.raises(ProtocolError) as caught:
        load_protocol(tmp_path / "mine.yaml")
    assert str(caught.value) == str(found[0])


def test_goal_without_a_source(tmp_path: Path) -> None:
    found = problems(tmp_path, NO_SOURCE)
    assert [(p.line, p.column) for p in found] == [(13, 9), (21, 9), (24, 9)]
    assert {p.message for p in found} == {
        "ptv-v95 has no source",
        "cord-max-recommended has no source",
        "cord-max-required has no source",
    }


def test_a_source_is_inherited(tmp_path: Path) -> None:
    text = NO_SOURCE.replace("tier: required}", "tier: required, source: Its own}")
    text = text.replace("    serial: true\n", "    serial: true\n    source: Of the cord\n")
    assert problems(tmp_path, text) == []
    assert [g.source for g in load_protocol(tmp_path / "mine.yaml").goals] == ["Its own", "Of the cord", "Of the cord"]


def test_alias_of_yaml_is_refused_where_it_is_used(tmp_path: Path) -> None:
    text = GOOD.replace("subtract: [PTV]", "subtract: &s [PTV]").replace("aliases: [SpinalCord]", "inside: *s")
    found = problems(tmp_path, text)
    assert [(p.line, p.column) for p in found] == [(17, 13)]
    assert "the alias *s" in found[0].message


def test_structures_that_define_one_another(tmp_path: Path) -> None:
    text = GOOD.replace("    level: HR\n", "    level: HR\n    subtract: [Cord]\n")
    found = problems(tmp_path, text)
    assert [(p.line, p.message) for p in found] == [
        (13, "PTV is defined by itself, through Cord"),
        (19, "Cord is defined by itself, through PTV"),
        (20, "Cord is defined by itself, through PTV"),
    ]


def test_lower_limits_have_the_other_order(tmp_path: Path) -> None:
    lax = '      - {id: ptv-v95-recommended, goal: "V95%[%] > 98 %", tier: recommended}\n'
    strict = '      - {id: ptv-v95-recommended, goal: "V95%[%] > 90 %", tier: recommended}\n'
    marker = "  - name: Cord"
    assert problems(tmp_path, GOOD.replace(marker, lax + marker)) == []
    found = problems(tmp_path, GOOD.replace(marker, strict + marker))
    assert [(p.line, p.column) for p in found] == [(14, 29)]


def test_tiers_of_different_regimens_are_not_compared(tmp_path: Path) -> None:
    text = GOOD.replace("<= 46 Gy", "<= 39 Gy").replace("tier: recommended", "tier: recommended\n        regimens: [a]")
    assert len(problems(tmp_path, text)) == 1
    text = text.replace("        tier: required\n", "        tier: required\n        regimens: [b]\n")
    assert problems(tmp_path, text) == []


HOT = "      - {id: hot, goal: '%s', tier: required}\n  - name: Cord"
RIGHT = {
    "range of an advisory goal": ("  - name: Cord", (HOT % "V95%[%] < 99 %").replace("required", "advisory")),
    "hot spot of a target": ("  - name: Cord", HOT % "V107%[%] < 5 %"),
    "near-maximum of a target": ("  - name: Cord", HOT % "D0.03cc[%] <= 100 %"),
    "hottest volume of a target below its level": ("  - name: Cord", HOT % "D2%[Gy] <= 50 Gy"),
    "dose above the level of a target, in Gy": ("  - name: Cord", HOT % "V61Gy[%] < 5 %"),
    "spared volume that is printed": (
        MAXIMUM, "goal: V18Gy[cc] < Volume(Cord) - 9 cc\n        printed: spared > 9 cc below 18 Gy",
    ),
    "condition the other way": (
        TIER, f"{TIER}\n        only_if: Max[Gy] > 60 Gy of PTV",
    ),
    "stricter one of uncertain tier": (
        REQUIRED,
        f"      - {{id: doubt, goal: 'D0.03cc[Gy] <= 45 Gy', tier: required, uncertain_tier: true}}\n{REQUIRED}",
    ),
    "stricter one in one regimen": (
        REQUIRED,
        f"      - {{id: a-only, goal: 'D0.03cc[Gy] <= 45 Gy', tier: required, regimens: [a]}}\n{REQUIRED}",
    ),
    "stricter one under a condition": (
        REQUIRED,
        f"      - {{id: if, goal: 'Max[Gy] <= 45 Gy', tier: required, only_if: 'Volume[cc] > 9 cc'}}\n{REQUIRED}",
    ),
    "radiobiological dose of any size": (MAXIMUM, "goal: D0.03cc BED(ab=3)[Gy] <= 600 Gy"),
    "schedule of one regimen": (
        TIER, f"{TIER}\n        fractionation: {{dose_per_fraction: 3 Gy, fractions: 20}}",
    ),
}  # fmt: skip
"""What looks like a fault and is none."""


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_no_fault(tmp_path: Path, name: str) -> None:
    old, new = RIGHT[name]
    assert old in GOOD
    assert [str(p) for p in problems(tmp_path, GOOD.replace(old, new, 1))] == []


def test_each_of_two_that_are_the_same_is_told_once(tmp_path: Path) -> None:
    again = '      - {id: ptv-again, goal: "V95%[%] > 95 %", tier: required}\n'
    (found,) = problems(tmp_path, GOOD.replace("  - name: Cord", again + "  - name: Cord"))
    assert str(found).endswith(
        "15:9: ptv-again is met by whatever meets ptv-v95, in line 14; leave one of them away, or correct it"
    )


def test_a_regimen_for_any_number_of_fractions_is_bounded_by_the_file(tmp_path: Path) -> None:
    text = GOOD.replace("fractions: 22, levels: {HR: 66 Gy, LR: 44 to 50.6 Gy}", "levels: {HR: as prescribed}")
    text = text.replace("  - {id: b, fractions: 20, levels: {HR: 60 Gy}}\n", "")
    text = text.replace("regimens:", "fractionation: {fractions: 5 to 10}\nregimens:")
    assert problems(tmp_path, text) == []
    narrow = "        tier: recommended\n        fractionation: {fractions: %s}"
    for fractions, count in (("10 to 12", 0), ("11 to 12", 1)):
        assert len(problems(tmp_path, text.replace("        tier: recommended", narrow % fractions))) == count


def test_text_is_read_as_it_is_written(tmp_path: Path) -> None:
    text = GOOD.replace('version: "1"', "version: 010").replace("title: Mine", "title: NO").replace("A paper", "12:30")
    text = text.replace("[SpinalCord]", "[1e3, 0x1F, yes, 2024-01-01]")
    assert problems(tmp_path, text) == []
    protocol = load_protocol(tmp_path / "mine.yaml")
    assert (protocol.version, protocol.title, protocol.source) == ("010", "NO", "12:30")
    assert protocol.structure("Cord").aliases == ("1e3", "0x1F", "yes", "2024-01-01")


def test_good_values_arrive(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []
    protocol = load_protocol(tmp_path / "mine.yaml")
    cord = protocol.structure("Cord")
    assert cord.extent is not None
    assert (cord.extent.of, cord.extent.margin_mm, cord.serial, cord.each) == ("PTV", 30.0, True, False)
    assert [(v.low_gy, v.high_gy) for v in protocol.regimens[0].levels] == [(66.0, 66.0), (44.0, 50.6)]


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b"", "1:1", "the file is empty"),
        (b"# nothing but a comment\n", "1:1", "the file is empty"),
        (b"- a\n- b\n", "1:1", "a protocol is a mapping"),
        (b"just text", "1:1", "a protocol is a mapping"),
        (b"id: mine\ntitle: caf\xe9\n", "2:11", "not UTF-8"),
        ("id: mine\n".encode("utf-16"), "1:1", "not UTF-8"),
        (b"id: mine\n\x00", "2:1", "U+0000"),
        (b"%PDF-1.7\n\xff", "2:1", "not UTF-8"),
        (b"id: " + b"[" * 100_000, "1:17", "nested deeper than 12 levels"),
        (b"#" * ((1 << 20) + 1), "1:1", "larger than 1048576 bytes"),
    ],
)
def test_files_that_are_no_protocols(tmp_path: Path, data: bytes, place: str, words: str) -> None:
    found = problems(tmp_path, data)
    assert len(found) == 1
    assert found[0].place == f"{tmp_path / 'mine.yaml'}:{place}"
    assert words in found[0].message


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    assert problems(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()) == []
    broken = GOOD.replace("<= 40 Gy", "<= 40").replace("\n", "\r\n").encode()
    assert [(p.line, p.column) for p in problems(tmp_path, b"\xef\xbb\xbf" + broken)] == [(23, 15)]


def test_all_problems_are_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        GOOD.replace("<= 40 Gy", "<= 40").replace("serial: true", "serial: NO").replace("fractions: 22", "fractions: x")
    )
    assert [p.line for p in problems(tmp_path, text)] == [7, 20, 23]


def test_a_misspelt_key_is_told_before_the_key_that_is_missing(tmp_path: Path) -> None:
    text = GOOD.replace("structures:", "structure:").replace("fractions: 22", "fractions: x")
    found = problems(tmp_path, text)
    assert [(p.line, p.message) for p in found] == [
        (7, "'x' is not a whole number from 1 to 100"),
        (9, "unknown key 'structure'"),
        (1, "'structures' is missing here"),
    ]
    assert found[1].instead == "did you mean 'structures'?"
    only = problems(tmp_path, GOOD.replace("structures:", "structure:"))
    with pytest.raises(ProtocolError, match="unknown key 'structure'"):
        load_protocol(tmp_path / "mine.yaml")
    assert only[0].place.endswith(":9:1")


def test_another_kind_of_target_is_no_hint(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace("subtract: [PTV]", "subtract: [CTV]"))
    assert found.message == "there is no structure 'CTV'"
    assert found.instead == "known are PTV, Cord"


def test_aliases_cannot_make_matching_slow(tmp_path: Path) -> None:
    many = ", ".join(f"a{i}" for i in range(20_000))
    assert problems(tmp_path, GOOD.replace("[SpinalCord]", f"[{many}]")) == []


@settings(deadline=None, max_examples=300)
@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 30),
    st.binary(max_size=6) | st.text("-:[]{}&*!|>%@`'\"#?, \n\t<", max_size=4),
)
def test_damaged_files_are_read_or_refused_with_a_place(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int, new: bytes | str
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.yaml"
    piece = new if isinstance(new, bytes) else new.encode()
    path.write_bytes(GOOD.encode()[:start] + piece + GOOD.encode()[start + length :])
    found = lint(path)
    assert all(str(p).isprintable() and p.line >= 1 and p.column >= 1 for p in found)
    if found:
        with pytest.raises(ProtocolError):
            load_protocol(path)
    else:
        assert {g.id for g in load_protocol(path).goals}


def test_checks_with_another_severity_and_keys_of_contouring(tmp_path):
    text = GOOD.replace(
        "structures:\n",
        "checks:\n"
        "  - {id: beams-alike, severity: off, reason: electrons are mixed in}\n"
        "  - {id: dose-grid-spacing, severity: FAIL, reason: small targets}\n"
        "structures:\n",
    )
    text = text.replace(
        "    level: HR\n", "    level: HR\n    margin_from: {of: Cord, least: 3 mm, most: 1 cm}\n    from_skin: 3 mm\n"
    )
    text = text.replace("    serial: true\n", "    serial: true\n    whole: true\n    strip: 2 cm\n")
    file = tmp_path / "mine.yaml"
    file.write_text(text, "utf-8")
    protocol = load_protocol(str(file))
    assert [(c.id, c.severity, c.is_off) for c in protocol.checks] == [
        ("beams-alike", "off", True),
        ("dose-grid-spacing", "FAIL", False),
    ]
    assert protocol.checks[0].reason == "electrons are mixed in"
    ptv, cord = protocol.structures
    assert ptv.margin_from is not None
    assert (ptv.margin_from.of, ptv.margin_from.least_mm, ptv.margin_from.most_mm) == ("Cord", 3.0, 10.0)
    assert (ptv.from_skin_mm, cord.whole, cord.strip_mm) == (3.0, True, 20.0)
