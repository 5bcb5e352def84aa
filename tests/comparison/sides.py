"""Evaluation documents made by hand, so that what changed between two of them is known."""

from __future__ import annotations

from hardcheck.comparison import side_of

SHA = "b" * 64


def goal(name="cord", value=44.0, outcome="MET", *, low=None, high=None, op="<=", limit=46.0, tier="required", **more):
    """A goal of an evaluation: 44 Gy where 46 Gy are allowed, with an interval of 0.5 Gy on either side."""
    if value is not None:
        low, high = value - 0.5 if low is None else low, value + 0.5 if high is None else high
    made = {
        "id": name, "structure": name.title(), "roi_number": 7, "roi_name": name.upper(), "metric": "D0.03cc[Gy]",
        "op": op, "limit": limit, "unit": "Gy", "tier": tier, "value": value, "low": low, "high": high,
        "outcome": outcome, "reason": None, "caveats": [], "source": "Smith 2024",
        "goal": f"D0.03cc[Gy] {op} {limit} Gy", "review": None, "alternatives": [],
    }  # fmt: skip
    return made | more


def missing(name="cord", outcome="NOT_EVALUATED", **more):
    return goal(name, None, outcome, **({"roi_number": None, "roi_name": None, "reason": "not contoured"} | more))


def finding(name="body", severity="WARN", message="odd", structures=()):
    return {"id": name, "severity": severity, "message": message, "structures": list(structures)}


def document(*goals, verdict="PASS", findings=(), **more):
    made = {
        "schema": "hardcheck.evaluation/1", "version": "0.1.0", "verdict": verdict, "anonymous": False,
        "plan": {
            "sop_instance_uid": "1.2.3", "label": "THIGH", "patient_id": "ID-1", "fractions": 22,
            "prescription_gy": 66.0,
        },
        "protocol": {"id": "tiny", "version": "1", "regimen": "22fx", "sha256": SHA, "verification": "transcribed"},
        "levels": {"HR": 66.0},
        "goals": list(goals), "integrity": list(findings),
        "provenance": {
            "inputs": [
                {"sop_instance_uid": "1.2.3", "sha256": "a" * 64, "modality": "RTPLAN"},
                {"sop_instance_uid": "1.2.4", "sha256": "c" * 64, "modality": "RTSTRUCT"},
            ],
            "settings": {"end_caps": "half"}, "versions": {},
        },
        "accepted": [],
    }  # fmt: skip
    return made | more


def side(*goals, intact=True, **more):
    return side_of(document(*goals, **more), intact=intact)
