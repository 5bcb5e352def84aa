"""One goal held against one ROI: what applies, what of the organ counts, and what a person has to judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hardcheck.dvh import Dvh
from hardcheck.evaluation.alternatives import any_of
from hardcheck.evaluation.conversion import for_course
from hardcheck.evaluation.held import Held, Measure, hold, part_meets_what_whole_meets, value_of
from hardcheck.evaluation.integrity import LEVELS_CHECK, Subject
from hardcheck.evaluation.making import Maker
from hardcheck.evaluation.result import GoalResult, LatticeResult, Outcome, Reported
from hardcheck.evaluation.scale import Bounded, GoalScale, PlanScale, plan_scale, scale_of, widest
from hardcheck.evaluation.scope import Scope
from hardcheck.evaluation.shortfall import Compute, organs_of, shortfall_of
from hardcheck.evaluation.vertices import lattice_result
from hardcheck.indices import Indices
from hardcheck.metric import DOSE_KINDS, Kind, Metric
from hardcheck.plan import Finding, Severity, Structure
from hardcheck.protocol import Claim, Goal, ProtocolStructure, Tier
from hardcheck.quantity import Quantity


def without_value(goal: Goal, outcome: Outcome, reason: str, caveats: tuple[str, ...] = ()) -> GoalResult:
    """The result of a goal that has a reason instead of a value."""
    limit = None if goal.limit.volume_of is not None else goal.limit.value
    return GoalResult(goal, outcome, Quantity.unknown(goal.metric.unit, reason), limit, reason=reason, caveats=caveats)


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """What goals are judged with: `scopes` by structure of the protocol and ROI, `dvhs` by number of the structure."""

    subject: Subject
    findings: tuple[Finding, ...]
    scopes: Mapping[tuple[str, int], Scope]
    dvhs: Mapping[int, Dvh]
    maker: Maker
    compute: Compute
    indices: Indices
    vertex_dose: str = "separate"
    lattices: dict[tuple[str, int], LatticeResult] = field(default_factory=dict)
    """Those that were asked for, by structure of the protocol and ROI."""

    def judge(self, goal: Goal, roi: Structure) -> GoalResult:
        """`goal` with its condition and its alternatives, held against `roi`."""
        fitting = for_course(goal, self.subject.protocol.fractionation, self.subject.plan)
        if isinstance(fitting, str):
            return without_value(goal, Outcome.NOT_EVALUATED, fitting)
        goal, said = fitting
        result = self._simple(goal, roi)
        if goal.alternatives:
            others = [self._claimed(goal, claim, roi) for claim in goal.alternatives]
            result = any_of(goal, [result, *others])
        if goal.only_if is not None:
            result = self._conditional(goal.only_if, goal, roi, result)
        return replace(result, caveats=(*said, *result.caveats))

    def report(self, wanted: ProtocolStructure, metric: Metric, roi: Structure) -> Reported:
        """The value of `metric` in what goals of `wanted` in `roi` are about."""
        scope = self.scopes[wanted.name, roi.number]
        stop = self._stop(roi, scope)
        reason = f"{stop.id}: {stop.message}" if stop else scope.problem if scope.applies else scope.applies_reason
        if scope.part is None or reason:
            quantity = Quantity.unknown(metric.unit, reason or roi.unusable or "not known")
        else:
            level = self.subject.levels.get(wanted.level)
            quantity = value_of(metric, self.dvhs[scope.part.number], level, self._measure(wanted, roi))
        return Reported(wanted.name, metric, quantity, roi.number, roi.name, scope.recipe)

    def with_scale(self, result: GoalResult) -> GoalResult:
        """`result` with what its goal allows of the whole dose, where it is not met or marginal."""
        missed = result.outcome in (Outcome.NOT_MET, Outcome.MARGINAL)
        return replace(result, dose_scale=widest(self._scales(result))) if missed else result

    def plan_scale(self, results: Sequence[GoalResult]) -> PlanScale | None:
        """What the required goals among `results` allow of the whole dose."""
        # A goal that does not apply as the dose is may come to apply at another scale of it.
        open_ones = (Outcome.NOT_APPLICABLE, Outcome.NOT_EVALUATED)
        required = [
            r
            for r in results
            if r.goal.tier is Tier.REQUIRED and (r.outcome is not Outcome.NOT_APPLICABLE or r.goal.only_if is not None)
        ]
        known = [r for r in required if r.outcome not in open_ones]
        bounded = [Bounded(r.goal.id, r.roi_number, f"{r.goal.structure} {r.goal}", self._scales(r)) for r in known]
        return plan_scale(bounded, len(required) - len(known))

    def _scales(self, result: GoalResult) -> tuple[GoalScale, ...]:
        """What each way to meet a goal allows, of those that have a value."""
        found = []
        for way in (result, *result.alternatives):
            if way.structure_number is not None and way.quantity.value is not None:
                level = self.subject.protocol.structure(way.goal.structure).level
                dvh = self.dvhs[way.structure_number]
                found.append(scale_of(way.goal, dvh, self.subject.levels.get(level), self._volume))
        return tuple(scale for scale in found if scale is not None)

    def _conditional(self, condition: Claim, goal: Goal, roi: Structure, result: GoalResult) -> GoalResult:
        """`result` where the goal applies only if `condition` holds."""
        asked = self._claimed(goal, condition, roi)
        if asked.outcome is Outcome.MET:
            return result
        said = f"only if {condition}: {asked.told}"
        if asked.outcome is Outcome.NOT_MET and not self._only_by_subtraction(condition, goal, asked):
            return without_value(goal, Outcome.NOT_APPLICABLE, said, result.caveats)
        if result.outcome in (Outcome.MET, Outcome.NOT_APPLICABLE):
            return replace(result, caveats=(*result.caveats, f"whether it applies is not certain ({said})"))
        outcome = Outcome.MARGINAL if asked.outcome is Outcome.MARGINAL else Outcome.NOT_EVALUATED
        if result.outcome is Outcome.NOT_EVALUATED:
            return result
        return replace(result, outcome=outcome, reason=f"it is not certain whether it applies, {said}", review=None)

    def _only_by_subtraction(self, condition: Claim, goal: Goal, asked: GoalResult) -> bool:
        """Whether `condition` on a serial organ fails to hold only outside of what is subtracted from it."""
        if asked.whole is None or not self.subject.protocol.structure(condition.structure or goal.structure).serial:
            return False
        return asked.limit is None or asked.whole.holds(condition.op.against(asked.limit)) is not False

    def _claimed(self, goal: Goal, claim: Claim, roi: Structure) -> GoalResult:
        """`claim` as if it were a goal of its own, of the goal's structure in `roi` or of another one."""
        name = claim.structure or goal.structure
        asked = replace(
            goal, structure=name, metric=claim.metric, op=claim.op, limit=claim.limit, alternatives=(), only_if=None
        )
        if name == goal.structure:
            return self._simple(asked, roi)
        match = self.subject.matches[name]
        if len(match.structures) != 1:
            reason = match.reason or f"{name} stands for {len(match.structures)} ROIs"
            return without_value(asked, Outcome.NOT_EVALUATED, f"{name}: {reason}")
        return self._simple(asked, match.structures[0])

    def _simple(self, goal: Goal, roi: Structure) -> GoalResult:
        """`goal` without its condition and its alternatives."""
        wanted = self.subject.protocol.structure(goal.structure)
        scope = self.scopes[goal.structure, roi.number]
        if stop := self._stop(roi, scope):
            return without_value(goal, Outcome.NOT_EVALUATED, f"{stop.id}: {stop.message}")
        if scope.applies is False:
            return without_value(goal, Outcome.NOT_APPLICABLE, scope.applies_reason or "")
        whole = self._held(goal, wanted, roi, roi)
        reason = scope.problem if scope.applies else scope.applies_reason
        if scope.part is None or scope.unsubtracted is None or reason:
            return _by_the_whole(goal, scope, whole, reason)
        if scope.part.unusable and not roi.unusable:
            shown = _whole_text(goal, whole.quantity)
            result = without_value(goal, Outcome.NOT_EVALUATED, scope.part.unusable, (*scope.caveats, *shown))
            return replace(result, recipe=scope.recipe, whole=_known(whole.quantity))
        result = self._of_the_part(goal, wanted, scope, scope.part, whole)
        if scope.unsubtracted is scope.part or result.outcome is Outcome.NOT_EVALUATED:
            return result
        return _beside_the_whole(result, wanted, self._held(goal, wanted, scope.unsubtracted, roi))

    def _of_the_part(
        self, goal: Goal, wanted: ProtocolStructure, scope: Scope, part: Structure, whole: Held
    ) -> GoalResult:
        """`goal` held against `part`, what it is about of the organ."""
        held = self._held(goal, wanted, part, scope.roi)
        if held.met is None and part is not scope.roi and whole.met and part_meets_what_whole_meets(goal):
            if held.quantity.value is None:
                return _by_the_whole(goal, scope, whole, held.quantity.reason)
            held = replace(held, met=True)
        if held.quantity.value is None:
            return _by_the_whole(goal, scope, whole, held.quantity.reason)
        dvh = self.dvhs[part.number]
        result = GoalResult(
            goal,
            held.outcome,
            held.quantity,
            held.limit,
            reason="the limit lies inside the interval of the value" if held.met is None else None,
            caveats=(*scope.caveats, *held.quantity.caveats),
            extreme=_extreme(goal, dvh),
            recipe=scope.recipe,
            derived_volume=dvh.volume if scope.recipe is not None or part.number in self.maker.made_of else None,
            structure_number=part.number,
        )
        return self._with_shortfall(result, wanted, part)

    def _with_shortfall(self, result: GoalResult, wanted: ProtocolStructure, target: Structure) -> GoalResult:
        """`result` of a target that may lack coverage where it overlaps organs."""
        if not wanted.relaxed_in_organs or result.outcome not in (Outcome.NOT_MET, Outcome.MARGINAL):
            return result
        choice = self.subject.levels.get(wanted.level)
        level_gy = choice.dose_gy if choice is not None else None
        organs = organs_of(self.subject.protocol, self.subject.matches, self.maker)
        found = shortfall_of(result.goal, target, level_gy, organs, self.maker, self.compute)
        if found is None:
            return result
        review = None
        if found.is_confined and result.outcome is Outcome.NOT_MET:
            review = f"the shortfall is confined to where {wanted.name} overlaps {' and '.join(found.organs)}"
        return replace(result, shortfall=found, review=review, caveats=(*result.caveats, str(found)))

    def lattice(self, wanted: ProtocolStructure, roi: Structure) -> LatticeResult:
        """The vertices in `roi`, one of the structure `wanted`."""
        key = wanted.name, roi.number
        if key not in self.lattices:
            stop = self._stop(roi, self.scopes[key]) if key in self.scopes else None
            self.lattices[key] = lattice_result(
                wanted,
                roi,
                self.subject,
                self.maker,
                vertex_dose=self.vertex_dose,
                end_caps=self.indices.end_caps,
                stop=f"{stop.id}: {stop.message}" if stop is not None else None,
            )
        return self.lattices[key]

    def _measure(self, wanted: ProtocolStructure, roi: Structure) -> Measure:
        """How metrics of `wanted` are measured: the peak-to-valley ratio by its vertices."""

        def measure(metric: Metric, dvh: Dvh, level_gy: float | None) -> Quantity:
            if metric.kind is not Kind.PVDR:
                return self.indices.metric(metric, dvh, level_gy)
            if wanted.vertices is None:
                return Quantity.unknown("", f"the protocol names no vertices of {wanted.name}")
            found = self.lattice(wanted, roi)
            return found.lattice.pvdr if found.lattice is not None else Quantity.unknown("", found.reason or "")

        return measure

    def _held(self, goal: Goal, wanted: ProtocolStructure, structure: Structure, roi: Structure) -> Held:
        choice = self.subject.levels.get(wanted.level)
        return hold(goal, self.dvhs[structure.number], choice, self._volume, self._measure(wanted, roi))

    def _volume(self, name: str) -> Quantity:
        """The volume of what the goals of another structure are about."""
        match = self.subject.matches[name]
        if len(match.structures) != 1:
            return Quantity.unknown("cc", match.reason or f"it stands for {len(match.structures)} ROIs")
        roi = match.structures[0]
        scope = self.scopes[name, roi.number]
        if stop := self._stop(roi, scope):
            return Quantity.unknown("cc", f"{stop.id}: {stop.message}")
        if scope.part is None:
            return Quantity.unknown("cc", scope.problem or roi.unusable or "not known")
        return self.dvhs[scope.part.number].volume

    def touched(self, result: GoalResult, findings: Sequence[Finding]) -> GoalResult:
        """`result` with the ids of the `findings` graver than INFO that name an ROI which it rests on."""
        for roi in self.subject.matches[result.goal.structure].structures:
            if result.roi_number == (None if self.maker.is_made(roi) else roi.number):
                rois = (roi, *self.maker.rois(roi), *self.scopes[result.goal.structure, roi.number].rois)
                names = {r.name for r in rois}
                grave = (f for f in findings if f.severity is not Severity.INFO)
                touching = dict.fromkeys(f.id for f in grave if not names.isdisjoint(f.structures))
                return replace(result, findings=tuple(touching))
        return result

    def _stop(self, roi: Structure, scope: Scope) -> Finding | None:
        """The first finding that leaves goals on `roi` without meaning, or what its part is made of."""
        own = {r.name for r in (roi, *self.maker.rois(roi))}
        others = {r.name for r in scope.rois}
        for finding in (f for f in self.findings if f.severity is Severity.STOP):
            touched = set(finding.structures)
            # The dose of a target's level leaves its contours as they are.
            if not touched or touched & own or (touched & others and finding.id != LEVELS_CHECK):
                return finding
        return None


def _by_the_whole(goal: Goal, scope: Scope, whole: Held, reason: str | None) -> GoalResult:
    """The result where the part is not known: what the whole contour meets, each part of it may be known to meet."""
    if whole.quantity.value is None:
        return without_value(goal, Outcome.NOT_EVALUATED, whole.quantity.reason or reason or "not known", scope.caveats)
    if not (whole.met and part_meets_what_whole_meets(goal)):
        caveats = (*scope.caveats, *_whole_text(goal, whole.quantity))
        return replace(
            without_value(goal, Outcome.NOT_EVALUATED, reason or "not known", caveats),
            recipe=scope.recipe,
            whole=whole.quantity,
        )
    said = "the value is of the whole contour; a limit that it meets, each part of it meets"
    caveats = (*scope.caveats, *whole.quantity.caveats, said, *((reason,) if reason else ()))
    number = scope.roi.number
    return GoalResult(
        goal, Outcome.MET, whole.quantity, whole.limit, caveats=caveats, structure_number=number, by_whole=True
    )


def _beside_the_whole(result: GoalResult, wanted: ProtocolStructure, whole: Held) -> GoalResult:
    """`result` with the value that was not subtracted from, and what a serial organ makes of the two."""
    result = replace(result, whole=_known(whole.quantity))
    if not wanted.serial or result.outcome is not Outcome.MET or whole.met:
        return result
    outside = " and ".join(wanted.subtract)
    said = f"{wanted.name} is serial, and {result.claim} is met only outside of {outside}"
    if result.goal.tier is Tier.REQUIRED:
        return replace(result, review=said)
    return replace(result, caveats=(*result.caveats, said))


def _known(quantity: Quantity) -> Quantity | None:
    return quantity if quantity.value is not None else None


def _whole_text(goal: Goal, quantity: Quantity) -> tuple[str, ...]:
    """The value of the whole contour, for a reader who has to judge an organ that was not evaluated."""
    if quantity.value is None:
        return ()
    interval = f"({quantity.low:.2f} to {quantity.high:.2f})"
    return (f"{goal.metric} of the whole contour is {quantity.value:.2f} {interval} {quantity.unit}",)


def _extreme(goal: Goal, dvh: Dvh) -> Quantity | None:
    """The extreme of the field beside a D0.03cc or its kind, of the same dose as that."""
    if goal.metric.kind not in DOSE_KINDS or goal.metric.at_unit != "cc":
        return None
    kind = Kind.MAXIMUM if goal.metric.kind is Kind.DOSE_AT_VOLUME else Kind.MINIMUM
    return dvh.metric(Metric(kind, "Gy", effect=goal.metric.effect, alpha_beta_gy=goal.metric.alpha_beta_gy))
