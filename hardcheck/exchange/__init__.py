"""Protocols from and for other programs, from text to text. What cannot be taken over is said, and never guessed."""

from hardcheck.exchange.clearplan import from_clearplan
from hardcheck.exchange.draft import Imported
from hardcheck.exchange.eclipse import from_eclipse
from hardcheck.exchange.form import FORMS, MOST_BYTES, form_of, imported
from hardcheck.exchange.goal_table import to_csv
from hardcheck.exchange.proknow import from_proknow

__all__ = [
    "FORMS",
    "MOST_BYTES",
    "Imported",
    "form_of",
    "from_clearplan",
    "from_eclipse",
    "from_proknow",
    "imported",
    "to_csv",
]
