"""A store of as many plans as wanted: rows as an audit stores them, drawn from a fixed seed."""

import random

import numpy as np
from sqlalchemy import insert

from hardcheck.store import Bin, Curve, PlanFacts, Store, entry_of
from hardcheck.store.schema import CURVES, EVALUATIONS, GOALS, RESULTS
from tests.store.sample import begin, document, goal, key

GOALS_OF_A_PLAN = [
    ("cord-max", "Cord", "D0.03cc[Gy]", "<=", 46.0, "Gy", "required", 40.0, 2.5),
    ("ptv-cover", "PTV", "D95%[Gy]", ">=", 62.7, "Gy", "required", 64.2, 0.7),
    ("lung-v20", "Lungs", "V20Gy[%]", "<", 30.0, "%", "recommended", 24.0, 3.5),
    ("heart-mean", "Heart", "Mean[Gy]", "<=", 20.0, "Gy", "recommended", 11.0, 3.0),
    ("gut-cc", "Bowel", "V45Gy[cc]", "<=", 195.0, "cc", "advisory", 120.0, 40.0),
]


def goals_of(draw, shift=0.0, many=1):
    """Goals of one plan; `shift` worsens the cord's dose in Gy; repeated under other ids for `many` structures."""
    made = []
    for repeat in range(many):
        for name, structure, metric, op, limit, unit, tier, middle, wide in GOALS_OF_A_PLAN:
            ending = f"-{repeat}" if repeat else ""
            names = {"structure": f"{structure}{ending}", "metric": metric, "op": op, "limit": limit, "unit": unit}
            value = draw.gauss(middle, wide) + (shift if name == "cord-max" else 0.0)
            if draw.random() < 0.01:
                made.append(goal(f"{name}{ending}", outcome="NOT_EVALUATED", value=None, tier=tier, **names))
                continue
            low, high = value - 0.01 * abs(value), value + 0.01 * abs(value)
            met = [{"<=": v <= limit, "<": v < limit, ">=": v >= limit}[op] for v in (low, high)]
            outcome = "MET" if all(met) else "MARGINAL" if any(met) else "NOT_MET"
            made.append(goal(f"{name}{ending}", outcome=outcome, value=value, tier=tier, low=low, high=high, **names))
    return made


def verdict_of(goals):
    required = {each["outcome"] for each in goals if each["tier"] == "required"}
    if "NOT_MET" in required:
        return "FAIL"
    if required & {"MARGINAL", "NOT_EVALUATED"}:
        return "REVIEW"
    return "VARIATION" if any(g["outcome"] == "NOT_MET" and g["tier"] == "recommended" for g in goals) else "PASS"


def plan(number, *, anonymous=False, many=1):
    """The entry of one plan: 36 months, 4 machines of which T4 has warmer cords, 7 planners, two versions."""
    draw = random.Random(number)  # noqa: S311 - the same plans each time
    machine, month = draw.choice(("T1", "T2", "T3", "T4")), draw.randrange(36)
    goals = goals_of(draw, shift=2.0 if machine == "T4" else 0.0, many=many)
    date = f"{2024 + month // 12}-{month % 12 + 1:02d}-{draw.randrange(1, 28):02d}"
    said = document(verdict_of(goals), goals, anonymous=anonymous, protocol_version="1" if month < 20 else "2")
    if not anonymous:
        said["plan"] |= {
            "sop_instance_uid": f"1.2.840.99.{number}",
            "label": f"Plan {number}",
            "patient_id": f"P{number}",
        }
    facts = PlanFacts(machine, draw.choice("abcdefg"), date)
    tops = {"Cord": 44 + draw.gauss(0, 2), "PTV": 70 + draw.gauss(0, 1), "Lungs": 60 + draw.gauss(0, 3)}
    curves = [curve(name, top) for name, top in tops.items()]
    return entry_of(key(number), said, facts, curves)


def curve(structure, top_gy):
    dose_gy = np.linspace(0, top_gy, 40)
    power = {"Cord": 1.5, "PTV": 20.0, "Lungs": 0.4}.get(structure, 1.0)
    return Curve(structure, 7, structure, dose_gy, 100 * (1 - (dose_gy / top_gy) ** power))


def fill(store: Store, plans, *, others=8, anonymous=False, many=1):
    """A finished run of `plans` evaluated ones and `others` that are set aside."""
    run = begin(store, found=plans + others)
    rest = (Bin.UNREADABLE, Bin.UNLINKED, Bin.DUPLICATE, Bin.NO_PROTOCOL)
    for number in range(plans):
        store.put(run, f"wing/{number:05d}/plan.dcm", plan(number, anonymous=anonymous, many=many))
    store.set_aside(run, {f"rest/{n}.dcm": (rest[n % 4], "cut short") for n in range(others)})
    store.finish(run, "2026-11-22T05:00:00")
    return run


def fill_fast(store: Store, plans, *, many=1):
    """The rows of `fill` in few statements, for as many plans as a department has."""
    run = begin(store, found=plans)
    with store._database.writing() as connection:
        for first in range(0, plans, 500):
            _insert(connection, run, range(first, min(first + 500, plans)), many)
    store.finish(run, "2026-11-22T05:00:00")
    return run


def _insert(connection, run, numbers, many):
    entries = [(number + 1, plan(number, many=many)) for number in numbers]
    rows = [dict(e.evaluation) | {"id": n, "key": e.key, "content_sha256": e.content_sha256} for n, e in entries]
    connection.execute(insert(EVALUATIONS), rows)
    for table, name in ((GOALS, "goals"), (CURVES, "curves")):
        parts = [
            dict(row) | {"evaluation_id": n, "position": at}
            for n, e in entries
            for at, row in enumerate(getattr(e, name))
        ]
        for at in range(0, len(parts), 500):
            connection.execute(insert(table), parts[at : at + 500])
    results = [
        {"run_id": run, "path": f"wing/{n:05d}/plan.dcm", "bin": str(e.bin), "reason": None, "evaluation_id": n}
        for n, e in entries
    ]
    connection.execute(insert(RESULTS), results)
