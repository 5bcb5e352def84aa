"""hardcheck: a radiotherapy plan held against a protocol, with an interval on every number.

`__all__` is the API; everything else is private and may change. Names are loaded when first used, so that
importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

STATEMENT = (
    "hardcheck is a research and quality-assurance tool. It is not a medical device and no substitute for the "
    "judgement of a qualified medical physicist."
)

if TYPE_CHECKING:
    from hardcheck.course import course_of
    from hardcheck.dicom import read_plan
    from hardcheck.dvh import Dvh, compute_dvh
    from hardcheck.errors import (
        HardcheckError,
        InputError,
        LimitError,
        LinkError,
        MetricError,
        PlanChoiceError,
        ProtocolError,
        StoreError,
        TruncatedError,
        UsageError,
    )
    from hardcheck.evaluation import Evaluation, GoalResult, Outcome, Verdict, evaluate
    from hardcheck.library import load_protocol, load_settings
    from hardcheck.metric import Metric
    from hardcheck.plan import Plan, Structure
    from hardcheck.protocol import Protocol
    from hardcheck.quantity import Quantity
    from hardcheck.report import render

__all__ = [
    "STATEMENT",
    "Dvh",
    "Evaluation",
    "GoalResult",
    "HardcheckError",
    "InputError",
    "LimitError",
    "LinkError",
    "Metric",
    "MetricError",
    "Outcome",
    "Plan",
    "PlanChoiceError",
    "Protocol",
    "ProtocolError",
    "Quantity",
    "StoreError",
    "Structure",
    "TruncatedError",
    "UsageError",
    "Verdict",
    "__version__",
    "compute_dvh",
    "course_of",
    "evaluate",
    "load_protocol",
    "load_settings",
    "read_plan",
    "render",
]

_HOMES = {
    "course": ("course_of",),
    "dicom": ("read_plan",),
    "dvh": ("Dvh", "compute_dvh"),
    "errors": tuple(name for name in __all__ if name.endswith("Error")),
    "evaluation": ("Evaluation", "GoalResult", "Outcome", "Verdict", "evaluate"),
    "library": ("load_protocol", "load_settings"),
    "metric": ("Metric",),
    "plan": ("Plan", "Structure"),
    "protocol": ("Protocol",),
    "quantity": ("Quantity",),
    "report": ("render",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'hardcheck' has no attribute {name!r}")
    return getattr(import_module(f"hardcheck.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
