"""What was prescribed, and of which plans a course is, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hardcheck.metric import decimal_text

if TYPE_CHECKING:
    from hardcheck.plan import Course, Plan


def course_text(course: Course) -> str:
    """What plans a course is of, and whose structures are used."""
    plans = " + ".join(f"{plan.label or name} ({scheme_text(plan)})" for name, plan in course.numbered)
    return f"Course of {len(course.plans)} plans, {plans}, with the structures of plan {course.structures_from + 1}"


def scheme_text(plan: Plan) -> str:
    """Dose and fractions of a plan."""
    if plan.prescription is None:
        return "no prescription"
    return f"{dose_text(plan.prescription_gy)} in {plan.fractions or '?'} fractions"


def dose_text(dose_gy: float | None) -> str:
    """A prescribed dose."""
    return f"{decimal_text(dose_gy)} Gy" if dose_gy is not None and math.isfinite(dose_gy) else "dose not known"
