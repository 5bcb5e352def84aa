"""The list of a day's plans as one HTML file with links to the reports beside it. It loads nothing."""

from __future__ import annotations

from typing import Final

from hardcheck import STATEMENT, __version__
from hardcheck.report.rounds import ORDER, REFUSED, Rounds
from hardcheck.report.row import WORDS
from hardcheck.report.template import environment, policy, style_sheet

VERDICT_WORDS: Final = {
    "FAIL": "does not meet the protocol",
    REFUSED: "no report: nothing is known of it",
    "REVIEW": "a person must decide",
    "VARIATION": "recommended goals are not met",
    "PASS": "required and recommended goals that were evaluated are met",
}
"""Beside each verdict, since a wall of colours says little."""


def rounds_page(rounds: Rounds) -> str:
    """The page. The same arguments give the same text."""
    style = style_sheet("report", "report.css") + style_sheet("rounds", "rounds.css")
    return environment("rounds", "report").get_template("rounds.html").render(
        counts=[(verdict, rounds.count(verdict)) for verdict in ORDER],
        outcomes={str(outcome): word for outcome, word in WORDS.items()},
        policy=policy(style),
        refused=REFUSED,
        rounds=rounds,
        statement=STATEMENT,
        style=style,
        verdict_words=VERDICT_WORDS,
        version=__version__,
    )  # fmt: skip
