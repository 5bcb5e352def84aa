"""Statistics over the plans of an audit, from the store alone (docs/audit.md).

It knows no DICOM and no engine, and tests no hypothesis: it shows rates, spreads and what is unlike the rest.
"""

from __future__ import annotations

from hardcheck.cohort.cohort import Cohort, cohort_of

__all__ = ["Cohort", "cohort_of"]
