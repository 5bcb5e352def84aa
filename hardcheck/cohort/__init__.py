"""Statistics over the plans of an audit, from the store alone (docs/audit.md).

It knows no DICOM and no engine, and tests no hypothesis: it shows rates, spreads and what is unlike the rest.
"""

from __future__ import annotations

from hardcheck.cohort.cohort import Cohort, Population, cohort_of
from hardcheck.cohort.control import Limits
from hardcheck.cohort.goal import Division, GoalCohort, Group, Listed, Month, Outlier
from hardcheck.cohort.margin import Seen
from hardcheck.cohort.spread import Bar, Spread

__all__ = [
    "Bar",
    "Cohort",
    "Division",
    "GoalCohort",
    "Group",
    "Limits",
    "Listed",
    "Month",
    "Outlier",
    "Population",
    "Seen",
    "Spread",
    "cohort_of",
]
