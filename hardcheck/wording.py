"""The fixed words of the report, by group and id, in English and as a department says them.

What a check, a protocol or the engine says (messages, reasons, notes) is no fixed word and stays as it is. Outcomes,
tiers, severities and verdicts have a code (`NOT_MET`, `required`), which stands beside every word that is not the
shipped one: no choice of words can make "not met" look like "met". It imports nothing, so that both the part that reads
a settings file and the report may know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

CODED: Final = ("verdict", "outcome", "severity", "tier")
"""Groups of words that have a code."""

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "verdict": {"PASS": "PASS", "VARIATION": "VARIATION", "REVIEW": "REVIEW", "FAIL": "FAIL"},
    "outcome": {
        "MET": "met",
        "NOT_MET": "not met",
        "MARGINAL": "marginal",
        "NOT_EVALUATED": "not evaluated",
        "NOT_APPLICABLE": "does not apply",
    },
    "severity": {
        "STOP": "the numbers mean nothing",
        "FAIL": "the plan is wrong",
        "WARN": "to be looked at",
        "INFO": "for information",
    },
    "tier": {"required": "required", "recommended": "recommended", "advisory": "advisory"},
    "section": {
        "goals": "Goals",
        "integrity": "Integrity",
        "dvh": "Dose and volume",
        "pictures": "Pictures",
        "opinion": "Second opinion",
        "provenance": "Provenance",
    },
    "heading": {
        "report": "plan evaluation",
        "decided": "What decided it",
        "integrity": "Integrity of the plan",
        "cannot": "What no check of DICOM RT files can tell",
        "uncontoured": "Not contoured",
        "unevaluated": "Organs without a result",
        "remarks": "Remarks",
        "sources": "Sources of the goals",
        "targets": "Targets",
        "organs": "Organs",
        "reported": "Reported without a limit",
        "findings": "Findings",
        "lines": "Lines of the plot",
        "files": "Files that the numbers rest on",
    },
    "column": {
        "structure": "Structure",
        "outcome": "Outcome",
        "metric": "Metric and limit",
        "value": "Value",
        "interval": "Interval",
        "margin": "Margin",
        "tier": "Tier",
        "ref": "Ref.",
        "goals": "Goals",
        "measure": "Metric",
        "value_interval": "Value and interval",
        "severity": "Severity",
        "check": "Check",
        "found": "What was found",
        "structures": "Structures",
        "line": "Line",
        "roi": "ROI",
        "volume_cc": "Volume (cc)",
        "interval_cc": "Interval (cc)",
        "min_gy": "Min (Gy)",
        "mean_gy": "Mean (Gy)",
        "max_gy": "Max (Gy)",
        "in_grid": "In dose grid (%)",
        "modality": "Modality",
    },
    "count": {
        "goal": "goal",
        "goals": "goals",
        "organ": "organ",
        "organs": "organs",
        "structure": "structure",
        "structures": "structures",
    },
    "cannot": {
        "indication": "why this patient is treated, and whether this treatment is indicated",
        "earlier": "earlier radiation and other treatment",
        "consent": "consent",
        "marks": "marks on the skin and the set-up at the machine",
        "imaging": "imaging at treatment",
        "units": "monitor units computed by an independent system",
        "measurement": "measurement of the delivery",
        "devices": "pacemakers and other implanted devices",
        "anatomy": "whether a contour is drawn around the right anatomy",
    },
    "axis": {"misses": "misses", "meets": "meets"},
    "fact": {
        "patient": "Patient",
        "plan": "Plan",
        "protocol": "Protocol",
        "levels": "Prescription levels",
        "identity": "Identity",
        "name": "Name",
        "id": "ID",
        "born": "Born",
        "label": "Label",
        "prescribed": "Prescribed",
        "fractions": "Fractions",
        "schedule": "Schedule",
        "approval": "Approval",
        "regimen": "Regimen",
        "verification": "Verification",
        "file": "File",
        "mind": "Mind",
        "together": "Together",
        "not_stated": "not stated",
        "left_out": "left out",
    },
    "sentence": {
        "verdict": "Verdict:",
        "besides": "Besides:",
        "goal": "1 {tier} goal is {outcome}",
        "goals": "{number} {tier} goals are {outcome}",
        "uncertain_goal": "1 goal of uncertain tier is {outcome}",
        "uncertain_goals": "{number} goals of uncertain tier are {outcome}",
        "judged_goal": "1 required goal is met in a way that a person has to judge",
        "judged_goals": "{number} required goals are met in a way that a person has to judge",
        "check": "1 integrity check says {severity}",
        "checks_stop": "{number} integrity checks stop the plan",
        "checks_fail": "{number} integrity checks fail the plan",
        "and": "and",
        "no_goal": "The protocol has no goal for this regimen, so there is nothing to judge.",
        "nothing_evaluated": "No goal of the protocol could be evaluated.",
        "changed": "the protocol lets pass what would fail the plan",
        "nothing_asked": "The protocol has no required and no recommended goal for this plan",
        "nothing_met": "No required and no recommended goal is met",
        "advisory_goal": "1 advisory goal is evaluated, and those decide nothing",
        "advisory_goals": "{number} advisory goals are evaluated, and those decide nothing",
        "pass": "No goal that was evaluated is missed.",
        "variation": "Recommended goals are left unmet; no required one is.",
        "review": "A person must decide what could not be decided here.",
        "fail": "The plan does not meet the protocol.",
        "undecided_goal": "1 required goal",
        "undecided_goals": "{number} required goals",
        "without_identity": "without identity",
        "statement": "",
    },
}
"""English, by group and id. An empty text is one that is there only where a department writes it."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a report: those of `texts` by ``group.id``, and the English ones for the rest.

    `language` is what a page says of itself in `lang`, as in BCP 47.
    """

    language: str = "en"
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_own(self) -> bool:
        """Whether any word is not the shipped one."""
        return bool(self.texts)

    def say(self, key: str, **slots: object) -> str:
        """The text of ``group.id``, with its slots filled; a word that has a code, with the code where it is not ours.

        KeyError for a key that is not there.
        """
        group, _, id_ = key.partition(".")
        shipped = WORDS[group][id_]
        text = self.texts.get(key, shipped)
        for name, value in slots.items():
            text = text.replace(f"{{{name}}}", str(value))
        return f"{text} [{id_}]" if group in CODED and text != shipped else text

    def own(self, key: str) -> str:
        """The department's word without its code, empty where it is the shipped one. The code stands beside it."""
        group, _, id_ = key.partition(".")
        text = self.texts.get(key, "")
        return "" if text == WORDS[group][id_] else text


ENGLISH: Final = Wording()
