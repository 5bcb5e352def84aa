"""The cohort report: the plans of an audit as one HTML file that loads nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hardcheck.cohort import Cohort


def cohort_page(cohort: Cohort) -> str:
    """The page. Equal content of the store gives equal text."""
    return str(cohort.account)
