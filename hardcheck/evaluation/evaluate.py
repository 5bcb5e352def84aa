"""A plan held against a protocol."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from hardcheck.dvh import compute_dvhs
from hardcheck.errors import UsageError
from hardcheck.evaluation.integrity import Subject, as_wanted_afterwards, run_checks
from hardcheck.evaluation.judgement import Judge, without_value
from hardcheck.evaluation.levels import Matches, choose_levels, choose_regimen
from hardcheck.evaluation.making import Maker
from hardcheck.evaluation.matching import confirmed_absent, match_plan, said_of_absent
from hardcheck.evaluation.opinion import SecondOpinion, second_opinion
from hardcheck.evaluation.result import Evaluation, GoalResult, LatticeResult, Outcome, Reported
from hardcheck.evaluation.scope import Scope, scope_of
from hardcheck.evaluation.spot import Locator
from hardcheck.evaluation.stored_dvh import check_stored
from hardcheck.evaluation.verdict import decide
from hardcheck.evaluation.vertices import VERTEX_DOSE
from hardcheck.indices import TARGET_TYPES, Indices, body_of
from hardcheck.plan import Plan
from hardcheck.planning_system import Export, compare, pair, stored_in
from hardcheck.protocol import Goal, Protocol, ProtocolStructure
from hardcheck.protocol.names import NOT_CONTOURED
from hardcheck.quantity import Quantity


def evaluate(  # noqa: PLR0913 - what a person may decide, each by its name
    plan: Plan,
    protocol: Protocol,
    *,
    regimen: str | None = None,
    levels: Mapping[str, float] | None = None,
    mapping: Mapping[str, str] | None = None,
    absent: Collection[str] = (),
    end_caps: str = "half",
    between_slices: str = "blend",
    exports: Sequence[Export] = (),
    vertex_dose: str = "separate",
    threads: int | None = None,
) -> Evaluation:
    """Holds `plan` against `protocol`.

    `regimen` names one; without it the plan's number of fractions chooses. `levels` gives prescription levels in Gy
    by name, `mapping` structures or goals of the protocol to ROIs, `absent` organs of the protocol that a person
    has confirmed not to be in range, `vertex_dose` how the dose of vertices is given (`VERTEX_DOSE`). `exports` are
    DVHs of the planning system, to be held against ours beside those that the RTDOSE holds. `threads` are those of
    `compute_dvhs`. UsageError where any of these does not fit the protocol or the plan.
    """
    if vertex_dose not in VERTEX_DOSE:
        raise UsageError(f"vertex dose {vertex_dose!r} is not known", do=f"choose one of: {', '.join(VERTEX_DOSE)}")
    chosen = choose_regimen(protocol, plan, regimen)
    maker = Maker.of(plan)
    matches = match_plan(plan, protocol, mapping=mapping, absent=absent, maker=maker)
    confirmed = confirmed_absent(absent, protocol)
    choices = choose_levels(protocol, chosen, plan, matches, levels or {})
    goals = [g for g in protocol.goals if not g.regimens or chosen.id in g.regimens]
    reporting = [s for s in protocol.structures if s.report]
    spread = [s for s in protocol.structures if s.vertices is not None]
    asked = dict.fromkeys(
        (*(name for goal in goals for name in _named(goal)), *(s.name for s in (*reporting, *spread)))
    )
    scopes = _scopes(asked, protocol, matches, maker)
    used = {roi.number: roi for match in matches.values() for roi in match.structures}
    parts = {s.number: s for scope in scopes.values() for s in scope.structures if s.number not in used}
    compute = partial(compute_dvhs, plan, end_caps=end_caps, between_slices=between_slices, threads=threads)
    dvhs = {d.structure.number: d for d in compute([*used.values(), *parts.values()])}
    of_rois = {number: dvhs[number] for number in used}
    subject = Subject(plan, protocol, chosen, choices, matches, of_rois, maker)
    findings = run_checks(subject)
    indices = _indices(plan, protocol, matches, end_caps)
    judge = Judge(subject, findings, scopes, dvhs, maker, compute, indices, vertex_dose)
    judged = tuple(r for g in goals for r in _results(g, judge, confirmed))
    locator = Locator.of(plan, protocol, matches, end_caps)
    results = tuple(judge.with_scale(result) for result in locator.locate(judged, dvhs))
    opinions = _opinions(subject, results, exports, end_caps)
    stored = (f for opinion in opinions for f in check_stored(opinion, plan, used.keys()))
    findings = (*findings, *as_wanted_afterwards(stored, subject))
    results = tuple(judge.touched(result, findings) for result in results)
    return Evaluation(
        plan=plan,
        protocol=protocol,
        regimen=chosen,
        levels={name: choice.dose_gy for name, choice in choices.items() if choice.dose_gy is not None},
        level_origins={name: choice.how for name, choice in choices.items()},
        results=results,
        findings=findings,
        verdict=decide(results, findings),
        settings={
            "end_caps": end_caps,
            "between_slices": between_slices,
            "mapping": dict(mapping or {}),
            "aliases": {s.name: s.site_aliases for s in protocol.structures if s.site_aliases},
            "absent": sorted(absent),
            "regimen": chosen.id,
            "levels": dict(levels or {}),
        }
        | ({"tps": [export.file for export in exports]} if exports else {})
        | ({"vertex_dose": vertex_dose} if spread else {}),
        dvhs=of_rois,
        parts={number: dvhs[number] for number in parts},
        reported=tuple(r for wanted in reporting for r in _reported(wanted, judge)),
        matches=matches,
        dose_scale=judge.plan_scale(results),
        second_opinions=opinions,
        lattices=tuple(found for wanted in spread for found in _lattices(wanted, judge)),
    )


def _indices(plan: Plan, protocol: Protocol, matches: Matches, end_caps: str) -> Indices:
    """What indices are about: the body, and all that isodose volumes may belong to."""
    of_role = {
        role: [r for s in protocol.structures if s.role == role for r in matches[s.name].structures]
        for role in ("target", "external")
    }
    external = list(dict.fromkeys(of_role["external"]))
    targets = (*of_role["target"], *(s for s in plan.structures if s.interpreted_type in TARGET_TYPES))
    return Indices(plan, body_of(plan, external), tuple(dict.fromkeys(targets)), end_caps)


def _opinions(
    subject: Subject, results: Sequence[GoalResult], exports: Sequence[Export], end_caps: str
) -> tuple[SecondOpinion, ...]:
    """The second opinion of the DVHs inside the RTDOSE, and of each export."""
    for export in exports:
        if not pair(subject.plan, export).matched:
            names = ", ".join(repr(s.name) for s in subject.plan.structures) or "none"
            raise UsageError(
                "no DVH of it has the name of a structure of the plan",
                where=f"--tps {export.file}",
                do=f"export the plan that is checked; its structures are: {names}",
            )
    stored = stored_in(subject.plan)
    several = (*((stored,) if stored is not None else ()), *exports)
    reference_gy = _reference_gy(subject)
    compared = (compare(subject.plan, e, subject.dvhs, end_caps=end_caps, reference_gy=reference_gy) for e in several)
    return tuple(second_opinion(c, results, subject.protocol, subject.levels) for c in compared if c is not None)


def _reference_gy(subject: Subject) -> float | None:
    """What differences of dose are in percent of: the prescription of plan or regimen, the lower one of the two."""
    prescription, highest = subject.plan.prescription, subject.highest
    doses = [prescription.dose_gy if prescription is not None else None]
    if highest is not None and not highest.is_as_prescribed:
        doses.append(highest.low_gy)
    return min((d for d in doses if d is not None and d > 0), default=None)


def _scopes(names: Iterable[str], protocol: Protocol, matches: Matches, maker: Maker) -> dict[tuple[str, int], Scope]:
    """What goals of the structures `names` are about, in each ROI of theirs."""
    return {
        (name, roi.number): scope_of(protocol.structure(name), roi, protocol, matches, maker)
        for name in names
        for roi in matches[name].structures
    }


def _named(goal: Goal) -> Iterator[str]:
    """The structures that a goal names."""
    yield goal.structure
    for claim in (*goal.claims, *((goal.only_if,) if goal.only_if is not None else ())):
        yield from (name for name in (claim.structure, claim.limit.volume_of) if name)


def _results(goal: Goal, judge: Judge, absent: Collection[str]) -> Iterator[GoalResult]:
    """The results of one goal: one, or one for each ROI where each is evaluated as its own."""
    match = judge.subject.matches[goal.structure]
    caveats = (*match.caveats, *_caveats(goal, judge.subject))
    if goal.structure in absent:
        is_absent, said = said_of_absent(goal.structure, judge.subject.protocol, judge.subject.matches)
        outcome = Outcome.NOT_APPLICABLE if is_absent else Outcome.NOT_EVALUATED
        yield without_value(goal, outcome, said, caveats)
    elif not match.structures:
        yield without_value(goal, Outcome.NOT_EVALUATED, match.reason or NOT_CONTOURED, caveats)
    else:
        for roi in match.structures:
            result = judge.judge(goal, roi)
            result = replace(result, caveats=(*caveats, *result.caveats))
            yield result if judge.maker.is_made(roi) else replace(result, roi_number=roi.number, roi_name=roi.name)


def _reported(wanted: ProtocolStructure, judge: Judge) -> Iterator[Reported]:
    """What is reported of one structure, in each of its ROIs."""
    match = judge.subject.matches[wanted.name]
    for metric in wanted.report:
        for roi in match.structures:
            found = judge.report(wanted, metric, roi)
            found = replace(found, quantity=replace(found.quantity, caveats=(*match.caveats, *found.quantity.caveats)))
            yield replace(found, roi_number=None, roi_name=None) if judge.maker.is_made(roi) else found
        if not match.structures:
            yield Reported(wanted.name, metric, Quantity.unknown(metric.unit, match.reason or NOT_CONTOURED))


def _lattices(wanted: ProtocolStructure, judge: Judge) -> Iterator[LatticeResult]:
    """The vertices in each ROI of one structure."""
    match = judge.subject.matches[wanted.name]
    for roi in match.structures:
        yield judge.lattice(wanted, roi)
    if not match.structures:
        declared = f"{judge.vertex_dose}: {VERTEX_DOSE[judge.vertex_dose]}"
        yield LatticeResult(wanted.name, None, None, declared, reason=match.reason or NOT_CONTOURED)


def _caveats(goal: Goal, subject: Subject) -> tuple[str, ...]:
    """What the source leaves in doubt about the goal."""
    said = []
    if goal.uncertain_tier:
        said.append("the source leaves the tier in doubt: not meeting it asks for review")
    if goal.source_conflict:
        said.append(f"the source contradicts itself: {goal.source_conflict}")
    if goal.not_in_source:
        said.append("not in the source")
    if subject.regimen.caveat:
        said.append(subject.regimen.caveat)
    return tuple(said)
