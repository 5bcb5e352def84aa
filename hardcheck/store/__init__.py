"""The store of an archive's audit: SQLite in a file, or PostgreSQL by URL (docs/store.md).

It takes the documents that `check` writes and curves, one plan in one transaction, and gives the account, what the
cohort report asks for, and exports. It knows no DICOM and no engine.
"""

from __future__ import annotations

from hardcheck.errors import UsageError

try:
    import sqlalchemy as _sqlalchemy
except ModuleNotFoundError:
    raise UsageError("the store needs SQLAlchemy", do="pip install 'hardcheck[audit]'") from None

from hardcheck.store.account import Account
from hardcheck.store.bin import OF_VERDICT, Bin
from hardcheck.store.cohort import (
    GoalValue,
    PassRate,
    PopulationDvh,
    StoredCheck,
    StoredPlan,
    StoredRun,
    curved_structures,
    goal_values,
    pass_rates,
    population_dvh,
    stored_checks,
    stored_plans,
    stored_run,
)
from hardcheck.store.entry import Curve, Entry, PlanFacts, entry_of, key_of
from hardcheck.store.export import export_csv, export_parquet
from hardcheck.store.indexed import Unevaluated, unevaluated_plans
from hardcheck.store.intact import legible
from hardcheck.store.known_file import KnownFile
from hardcheck.store.proportion import Proportion, wilson
from hardcheck.store.store import Store
from hardcheck.store.stored_evaluation import (
    StoredCurve,
    StoredEvaluation,
    StoredFinding,
    StoredGoal,
    StoredRecord,
    find_plans,
    protocols_of,
    stored_evaluations,
    versions_of,
)
from hardcheck.store.thinning import ThinCurve, thinned

__all__ = [
    "OF_VERDICT",
    "Account",
    "Bin",
    "Curve",
    "Entry",
    "GoalValue",
    "KnownFile",
    "PassRate",
    "PlanFacts",
    "PopulationDvh",
    "Proportion",
    "Store",
    "StoredCheck",
    "StoredCurve",
    "StoredEvaluation",
    "StoredFinding",
    "StoredGoal",
    "StoredPlan",
    "StoredRecord",
    "StoredRun",
    "ThinCurve",
    "Unevaluated",
    "curved_structures",
    "entry_of",
    "export_csv",
    "export_parquet",
    "find_plans",
    "goal_values",
    "key_of",
    "legible",
    "pass_rates",
    "population_dvh",
    "protocols_of",
    "stored_checks",
    "stored_evaluations",
    "stored_plans",
    "stored_run",
    "thinned",
    "unevaluated_plans",
    "versions_of",
    "wilson",
]

del _sqlalchemy
