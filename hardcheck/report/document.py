"""The JSON documents that scripts rely on: ``hardcheck.evaluation/1`` and ``hardcheck.dvh/1``.

Numbers are unrounded; what is unknown or infinite is null, never NaN.
"""

from __future__ import annotations

import math
import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from hardcheck import STATEMENT, __version__
from hardcheck.lattice import PVDR_DEFINITION
from hardcheck.protocol import How
from hardcheck.report.anonymity import anonymised
from hardcheck.report.identity import schedule_of
from hardcheck.report.seal import seal, with_accepted

if TYPE_CHECKING:
    from hardcheck.dvh import Dvh
    from hardcheck.evaluation import Acceptance
    from hardcheck.evaluation.opinion import SecondOpinion
    from hardcheck.evaluation.result import Evaluation, GoalResult, LatticeResult, Reported
    from hardcheck.evaluation.scale import Bounded, GoalScale, PlanScale
    from hardcheck.evaluation.spot import Away, GoalSpot
    from hardcheck.lattice import Vertex
    from hardcheck.metric import Metric
    from hardcheck.plan import Finding, Plan, Structure
    from hardcheck.planning_system import Comparison, Difference
    from hardcheck.protocol import Match, Protocol, ProtocolStructure
    from hardcheck.quantity import Quantity

Answer = Callable[["Dvh", "Metric"], "Quantity"]

EVALUATION_SCHEMA = "hardcheck.evaluation/1"
DVH_SCHEMA = "hardcheck.dvh/1"


def evaluation_document(evaluation: Evaluation, *, anonymous: bool = False) -> dict[str, Any]:
    """The evaluation as plain dicts, lists, strings and numbers, ready for ``json.dumps(..., allow_nan=False)``.

    With `anonymous` there is no identity, no UID and no checksum of a file in it (see `anonymity`).
    """
    shown = anonymised(evaluation) if anonymous else evaluation
    document: dict[str, Any] = {
        "schema": EVALUATION_SCHEMA,
        "version": __version__,
        "verdict": str(shown.verdict),
        "anonymous": anonymous,
        "plan": _plan(shown.plan),
        "course": _course(shown.plan),
        "protocol": {
            "id": shown.protocol.id,
            "version": shown.protocol.version,
            "title": shown.protocol.title,
            "regimen": shown.regimen.id,
            "sha256": shown.protocol.sha256,
            "verification": shown.protocol.verification,
            "not_as_shipped": bool(shown.protocol.shipped_sha256),
        },
        "levels": {name: finite(dose_gy) for name, dose_gy in shown.levels.items()},
        "level_origins": dict(shown.level_origins),
        "goals": [_goal(result, shown) for result in shown.results],
        "reported": [_reported(reported, shown) for reported in shown.reported],
        "structures": structures_document(shown.protocol, shown.matches),
        "lattice": [_lattice(found) for found in shown.lattices],
        "integrity": [_finding(finding) for finding in shown.findings],
        "dose_scale": None if shown.dose_scale is None else _plan_scale(shown.dose_scale),
        "second_opinion": [_opinion(opinion) for opinion in shown.second_opinions],
        "provenance": _provenance(shown),
        "statement": STATEMENT,
    }
    document["provenance"]["evaluation_sha256"] = seal(document)
    return with_accepted(document, [acceptance_entry(accepted) for accepted in shown.accepted])


def acceptance_entry(accepted: Acceptance) -> dict[str, Any]:
    """An entry of `accepted`: of a goal, by id and ROINumber, or of what a check said."""
    return {
        "id": accepted.id,
        "kind": "goal" if accepted.message is None else "check",
        "roi_number": accepted.roi_number,
        "message": accepted.message,
        "structures": list(accepted.structures),
        "by": accepted.by,
        "role": accepted.role,
        "time": accepted.time,
        "reason": accepted.reason,
        "evaluation_sha256": accepted.evaluation_sha256,
    }


def dvh_document(
    plan: Plan, dvhs: Sequence[Dvh], metrics: Sequence[Metric], *, curve: bool, answer: Answer | None = None
) -> dict[str, Any]:
    """Volumes, doses and `metrics` of `dvhs`, with the curves where `curve`; `answer` gives the value of a metric."""
    return {
        "schema": DVH_SCHEMA,
        "version": __version__,
        "plan": _plan(plan),
        "course": _course(plan),
        "structures": [_histogram(dvh, metrics, answer, with_curve=curve) for dvh in dvhs],
        "caveats": [f"{f.severity}: {f.message}" for f in plan.findings],
        "statement": STATEMENT,
    }


def finite(value: float | None) -> float | None:
    """`value`, None where it is not a finite number."""
    return float(value) if value is not None and math.isfinite(value) else None


def versions() -> dict[str, str]:
    """The versions of what the numbers were computed with, by name."""
    return {
        "hardcheck": __version__,
        "python": platform.python_version(),
        **{n: _version(n) for n in ("numpy", "pydicom")},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "sop_instance_uid": plan.sop_instance_uid,
        "label": plan.label or None,
        "patient_id": plan.patient.id or None,
        "fractions": plan.fractions,
        "prescription_gy": finite(plan.prescription_gy),
        "schedule": _schedule(plan),
    }


def _schedule(plan: Plan) -> dict[str, Any] | None:
    schedule = schedule_of(plan)
    if schedule is None:
        return None
    return {
        "name": schedule.name,
        "fractions": schedule.fractions,
        "dose_per_fraction_gy": schedule.dose_per_fraction_gy,
        "eqd2_gy": schedule.eqd2_gy,
        "alpha_beta_gy": schedule.alpha_beta_gy,
        "alpha_beta_of": schedule.alpha_beta_of,
        "source": schedule.source,
    }


def _course(plan: Plan) -> list[dict[str, Any]]:
    """The plans of a course, and whose structures are used; none for a plan that is given alone."""
    if plan.course is None:
        return []
    used = plan.course.plans[plan.course.structures_from]
    return [
        {
            "sop_instance_uid": one.sop_instance_uid,
            "label": one.label or None,
            "fractions": one.fractions,
            "prescription_gy": finite(one.prescription_gy),
            "structures": one is used,
        }
        for one in plan.course.plans
    ]


def structures_document(protocol: Protocol, matches: Mapping[str, Match[Structure]]) -> list[dict[str, Any]]:
    """Which ROIs each structure of the protocol is and how they were found, how it was made, or why there is none."""
    return [_structure(s, matches[s.name]) for s in protocol.structures if s.name in matches]


def _structure(wanted: ProtocolStructure, match: Match[Structure]) -> dict[str, Any]:
    found = list(zip(match.structures, match.ways, strict=True))
    return {
        "name": wanted.name,
        "role": wanted.role,
        "rois": [
            {"roi_number": roi.number, "roi_name": roi.name, "matched_by": str(way)}
            for roi, way in found
            if way.how is not How.EXPRESSION
        ],
        "made": next((way.by for _, way in found if way.how is How.EXPRESSION), None),
        "reason": match.reason,
        "near": list(match.near),
        "marks": [{"roi_number": roi.number, "roi_name": roi.name} for roi in match.marks],
    }


def _goal(result: GoalResult, evaluation: Evaluation) -> dict[str, Any]:
    goal = result.goal
    return {
        "id": goal.id,
        "structure": goal.structure,
        "roi_number": result.roi_number,
        "roi_name": result.roi_name,
        "metric": str(goal.metric),
        "op": str(goal.op),
        "limit": finite(result.limit),
        "unit": goal.limit.unit,
        "tier": str(goal.tier),
        **_bounds(result.quantity),
        "outcome": str(result.outcome),
        "reason": result.reason,
        "caveats": list(result.caveats),
        "source": goal.source,
        "goal": str(goal),
        "uncertain_tier": goal.uncertain_tier,
        "source_conflict": goal.source_conflict or None,
        "not_in_source": goal.not_in_source,
        "extreme": None if result.extreme is None else _bounds(result.extreme),
        "recipe": result.recipe,
        "derived_volume_cc": None if result.derived_volume is None else _bounds(result.derived_volume),
        "whole": None if result.whole is None else _bounds(result.whole),
        "by_whole": result.by_whole,
        "review": result.review,
        "shortfall": _shortfall(result),
        "alternatives": [_alternative(way) for way in result.alternatives],
        "matched_by": evaluation.matched_by(goal.structure, result.roi_number),
        "spot": None if result.spot is None else _spot(result.spot),
        "dose_scale": None if result.dose_scale is None else _goal_scale(result.dose_scale),
        "findings": list(result.findings),
    }


def _spot(spot: GoalSpot) -> dict[str, Any]:
    """Of the hottest or the coldest point, patient LPS."""
    return {
        "extreme": "hottest" if spot.hottest else "coldest",
        "at_mm": list(spot.at_mm),
        "dose_gy": spot.dose_gy,
        "effect": spot.effect or None,
        "slice_z_mm": spot.slice_mm,
        "surface": None if spot.edge is None else _away(spot.edge),
        "targets": [{"roi_name": target.name, **_away(target)} for target in spot.targets],
    }


def _away(away: Away) -> dict[str, Any]:
    return {"distance_mm": finite(away.mm), "inside": away.inside}


def _goal_scale(scale: GoalScale) -> dict[str, Any]:
    """The factor on the whole dose; `bound` says on which side of it the goal is met."""
    bound = "at_most" if scale.at_most else "at_least"
    return {**_bounds(scale.factor), "bound": bound, "reason": scale.factor.reason}


def _plan_scale(scale: PlanScale) -> dict[str, Any]:
    def named(goal: Bounded | None) -> dict[str, Any] | None:
        return None if goal is None else {"id": goal.id, "roi_number": goal.roi_number, "goal": goal.name}

    return {
        "possible": scale.is_possible,
        "low": None if scale.low is None else _bounds(scale.low),
        "high": None if scale.high is None else _bounds(scale.high),
        "low_goal": named(scale.goals[0]),
        "high_goal": named(scale.goals[1]),
        "excluding": [
            {
                "lower": named(pair.lower),
                "upper": named(pair.upper),
                "from": finite(pair.from_factor),
                "to": finite(pair.to_factor),
                "certain": pair.certain,
            }
            for pair in scale.excluding
        ],
        "never": [named(goal) for goal in scale.never],
        "goals_evaluated": scale.evaluated,
        "goals_not_evaluated": scale.not_evaluated,
    }


def _reported(reported: Reported, evaluation: Evaluation) -> dict[str, Any]:
    return {
        "structure": reported.structure,
        "roi_number": reported.roi_number,
        "roi_name": reported.roi_name,
        "matched_by": evaluation.matched_by(reported.structure, reported.roi_number),
        "metric": str(reported.metric),
        "recipe": reported.recipe,
        **_metric(reported.quantity),
    }


def _lattice(result: LatticeResult) -> dict[str, Any]:
    """The vertices in one target; lengths in mm, centres in patient LPS."""
    found: dict[str, Any] = {
        "structure": result.structure,
        "roi_number": result.roi_number,
        "roi_name": result.roi_name,
        "vertex_dose": result.vertex_dose,
        "reason": result.reason,
        "asked": [
            {"name": a.name, "wanted": a.wanted, "outcome": str(a.outcome), **_metric(a.quantity)} for a in result.asked
        ],
    }
    lattice = result.lattice
    if lattice is None:
        return found
    return found | {
        "volume_cc": _bounds(lattice.volume),
        "diameter_mm": _bounds(lattice.diameter),
        "doses": {str(metric): _metric(quantity) for metric, quantity in lattice.doses.items()},
        "d10_d90": _metric(lattice.d10_d90),
        "peak_gy": _metric(lattice.peak),
        "valley_gy": _metric(lattice.valley),
        "pvdr": {**_metric(lattice.pvdr), "definition": PVDR_DEFINITION},
        "vertices": [_vertex(vertex) for vertex in lattice.vertices],
    }


def _vertex(vertex: Vertex) -> dict[str, Any]:
    return {
        "name": vertex.structure.name,
        "centre_mm": [finite(along) for along in vertex.centre_mm],
        "volume_cc": _bounds(vertex.volume),
        "diameter_mm": _bounds(vertex.diameter),
        "d50_gy": _metric(vertex.median),
        "spacing_mm": finite(vertex.spacing.value),
        "to_surface_mm": _bounds(vertex.to_surface),
        "to_organs_mm": {name: _metric(quantity) for name, quantity in vertex.to_organs.items()},
    }


def _shortfall(result: GoalResult) -> dict[str, Any] | None:
    found = result.shortfall
    if found is None:
        return None
    return {
        "inside_cc": _bounds(found.inside),
        "outside_cc": _bounds(found.outside),
        "organs": list(found.organs),
        "confined": found.is_confined,
    }


def _alternative(way: GoalResult) -> dict[str, Any]:
    return {
        "goal": str(way.claim),
        "structure": way.goal.structure,
        "limit": finite(way.limit),
        **_bounds(way.quantity),
        "outcome": str(way.outcome),
        "reason": way.reason,
        "recipe": way.recipe,
        "whole": None if way.whole is None else _bounds(way.whole),
        "review": way.review,
    }


def _bounds(quantity: Quantity) -> dict[str, float | None]:
    return {"value": finite(quantity.value), "low": finite(quantity.low), "high": finite(quantity.high)}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": str(finding.severity),
        "message": finding.message,
        "structures": list(finding.structures),
        "own_severity": None if finding.own is None else str(finding.own),
    }


def _opinion(opinion: SecondOpinion) -> dict[str, Any]:
    found = opinion.comparison
    return {
        "system": found.export.system,
        "file": found.export.file or None,
        "sha256": found.export.sha256 or None,
        **comparison_document(found),
        "goals": [
            {
                "id": goal.result.goal.id,
                "roi_number": goal.result.roi_number,
                "roi_name": goal.result.roi_name,
                "value": finite(goal.theirs.value),
                "outcome": str(goal.outcome),
                "ours": str(goal.result.outcome),
                "changes": goal.is_other,
            }
            for goal in opinion.goals
        ],
        "goals_not_judged": opinion.unjudged,
    }


def comparison_document(found: Comparison) -> dict[str, Any]:
    """The curves of a planning system beside ours; `percent` is of `reference_gy`, for a volume of our volume."""
    return {
        "reference_gy": finite(found.reference_gy),
        "structures": [
            {
                "roi_number": each.structure.number,
                "roi_name": each.structure.name,
                "in_grid_fraction": finite(each.in_grid_fraction),
                "metrics": {str(d.metric): _difference(d) for d in each.differences},
                "gap_percent": finite(each.gap_percent),
                "gap_gy": finite(each.gap_gy),
                "notes": list(each.notes),
                "reason": each.reason,
            }
            for each in found.structures
        ],
        "unmatched": list(found.unmatched),
        "missing": list(found.missing),
        "notes": list(found.notes),
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        **_bounds(difference.ours),
        "theirs": finite(difference.theirs.value),
        "unit": difference.metric.unit,
        "percent": finite(difference.percent),
        "other_end_caps": finite(difference.other_caps),
        "explanations": list(difference.explanations),
    }


def _provenance(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "inputs": [
            {"sop_instance_uid": s.sop_instance_uid or None, "sha256": s.sha256 or None, "modality": s.modality}
            for s in evaluation.plan.sources
        ],
        "settings": _plain(evaluation.settings),
        "engine": str(evaluation.settings.get("engine", "hardcheck")),
        "versions": versions(),
    }


def _plain(value: object) -> Any:
    """A setting as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    return finite(value) if isinstance(value, float) else str(value)


def _histogram(dvh: Dvh, metrics: Sequence[Metric], answer: Answer | None, *, with_curve: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "roi_number": dvh.structure.number,
        "roi_name": dvh.structure.name,
        "volume_cc": _bounds(dvh.volume),
        "mean_gy": finite(dvh.mean_gy),
        "min_gy": finite(dvh.minimum_gy),
        "max_gy": finite(dvh.maximum_gy),
        "in_grid_fraction": finite(dvh.in_grid_fraction),
        "reason": dvh.reason,
        "caveats": list(dvh.caveats),
        "metrics": {
            str(metric): _metric(answer(dvh, metric) if answer is not None else dvh.metric(metric))
            for metric in metrics
        },
    }
    if with_curve:
        dose_gy, volume_cc = dvh.curve()
        document["curve"] = {"dose_gy": [finite(d) for d in dose_gy], "volume_cc": [finite(v) for v in volume_cc]}
    return document


def _metric(quantity: Quantity) -> dict[str, Any]:
    return {**_bounds(quantity), "unit": quantity.unit, "reason": quantity.reason, "caveats": list(quantity.caveats)}
