"""From structures and a dose grid to DVHs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np

from hardcheck.dvh import kernels
from hardcheck.dvh.between import with_shapes_between
from hardcheck.dvh.distribution import DOSE_EPSILON_GY, Distribution, from_edges
from hardcheck.dvh.dvh import Dvh, unknown
from hardcheck.dvh.extremes import Extremes, find_extremes
from hardcheck.dvh.field import Effect, Field, box_of, field_around
from hardcheck.dvh.gaps import Slices, slices_of
from hardcheck.dvh.kernels import Histogram, Kernels, mixed
from hardcheck.dvh.models import END_CAPS, models
from hardcheck.dvh.planes import PlaneStack, plane_stack
from hardcheck.dvh.profile import Profile
from hardcheck.dvh.refinement import refine
from hardcheck.dvh.sampling import (
    BETWEEN,
    CHANNELS,
    OUTER,
    Model,
    Scan,
    make_lines,
    make_rows,
    make_shares,
    on_both_rows,
    part_volumes,
)
from hardcheck.dvh.slack import Slack
from hardcheck.errors import UsageError
from hardcheck.plan import Plan, Structure
from hardcheck.plan.geometry import Floats

ENGINE: Final = "hardcheck"

BINS: Final = 4096
"""Edges at which the distribution is exact; over 80 Gy they are 20 mGy apart, and between them it is linear."""

MOST_THREADS: Final = 4
"""More would wait for one another: half of the work holds the interpreter's lock."""

JUMP_SHARE: Final = 1e-4
"""A single dose that holds this share of the volume is kept as a jump of the curve."""

BETWEEN_SLICES: Final = ("blend", "shape")
"""Between slices lie both outlines, each the less the further it is; or a shape that turns from one into the other."""


def compute_dvh(plan: Plan, structure: str | int, *, end_caps: str = "half", between_slices: str = "blend") -> Dvh:
    """The DVH of the structure with that ROIName or ROINumber.

    UsageError where there is no such structure, or several of one name. What cannot be computed is a Dvh with a reason.
    """
    found = find_structure(plan, structure)
    return compute_dvhs(plan, [found], end_caps=end_caps, between_slices=between_slices)[0]


def find_structure(plan: Plan, structure: str | int) -> Structure:
    """The one structure of that ROIName or ROINumber; UsageError where there is none or more than one."""
    found = [s for s in plan.structures if structure in (s.name, s.number)]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = ", ".join(str(s.number) for s in found)
        raise UsageError(f"{len(found)} structures are named {structure!r}", do=f"choose by ROINumber: {numbers}")
    names = ", ".join(repr(s.name) for s in plan.structures) or "none"
    raise UsageError(f"there is no structure {structure!r}", do=f"choose one of: {names}")


def compute_dvhs(
    plan: Plan,
    structures: Iterable[Structure],
    *,
    end_caps: str = "half",
    between_slices: str = "blend",
    kernels: Kernels = kernels,
    threads: int | None = None,
) -> list[Dvh]:
    """The DVHs of `structures` in the plan's dose, in their order.

    `end_caps` and `between_slices` are the conventions that values are of; the intervals cover both of each. `kernels`
    is the module that does the numerical work: `hardcheck.dvh.kernels`, or `hardcheck.dvh.compiled` where numba is
    installed. `threads` work on structures at the same time, as many as there are processors where it is None.
    """
    if end_caps not in END_CAPS:
        raise UsageError(f"end caps {end_caps!r} are not known", do=f"choose {' or '.join(END_CAPS)}")
    if between_slices not in BETWEEN_SLICES:
        do = f"choose {' or '.join(BETWEEN_SLICES)}"
        raise UsageError(f"{between_slices!r} between slices is not known", do=do)
    if plan.dose is None:
        return unknown(structures, ENGINE, "there is no dose that could be trusted")
    several = list(structures)
    slices = slices_of(plan, several)
    with ThreadPoolExecutor(max_workers=threads or min(os.cpu_count() or 1, MOST_THREADS)) as pool:
        # The largest first, so that no thread is left alone with it at the end.
        begun = {
            i: pool.submit(
                _dvh,
                several[i],
                plan,
                slices[i],
                (end_caps, between_slices),
                kernels,
            )
            for i in sorted(range(len(several)), key=lambda i: -len(several[i].points_mm))
        }
        fractions = plan.prescription.fractions if plan.prescription is not None else None
        return [replace(begun[i].result(), fractions=fractions) for i in range(len(several))]


def _dvh(
    structure: Structure, plan: Plan, slices: Slices | None, conventions: tuple[str, str], kernels: Kernels
) -> Dvh:
    """The DVH in the physical dose; of a course with the way to those in what its plans effect together."""
    found = _structure_dvh(structure, plan, slices, conventions, kernels)
    course = plan.course
    if course is None:
        return found

    @cache
    def converted(name: str, alpha_beta_gy: float) -> Dvh:
        effect = Effect(name, alpha_beta_gy)
        if reason := effect.refused(course):
            return Dvh(structure, ENGINE, reason=reason)
        return _structure_dvh(structure, plan, slices, conventions, kernels, effect)

    return replace(found, converted=converted)


def _structure_dvh(
    structure: Structure,
    plan: Plan,
    slices: Slices | None,
    conventions: tuple[str, str],
    kernels: Kernels,
    effect: Effect | None = None,
) -> Dvh:
    """The DVH of one structure by the `conventions` for end caps and between slices."""
    stack = plane_stack(structure, slices, kernels)
    if isinstance(stack, str):
        return Dvh(structure, ENGINE, reason=stack)
    if plan.dose is None:
        return Dvh(structure, ENGINE, reason="there is no dose that could be trusted")
    end_caps, between_slices = conventions
    field = field_around(plan, plan.dose, *box_of(stack), effect)
    blend = _stack_dvh(structure, stack, field, end_caps, kernels)
    shapes = with_shapes_between(stack, kernels) if blend.reason is None else None
    if shapes is None:
        return blend
    shape = _stack_dvh(structure, shapes, field, end_caps, kernels)
    return shape.spanning(blend) if between_slices == "shape" else blend.spanning(shape)


def _stack_dvh(structure: Structure, stack: PlaneStack, field: Field, end_caps: str, kernels: Kernels) -> Dvh:
    profile = Profile.of(stack)
    volumes = part_volumes(profile)
    # A convention under which nothing is left of a structure says nothing about its dose.
    wanted = tuple(m for m in models(end_caps, stack) if m.volume_cc(volumes) > 0)
    extremes = find_extremes(profile, field.grid, kernels)
    lines = make_lines(stack)
    scan = Scan.of(stack, lines, refine(stack, lines, extremes.lines, field.grid))
    histogram = _histogram(profile, volumes, scan, field, kernels)
    if not np.any(histogram.inside):
        return Dvh(structure, ENGINE, reason="wholly outside of the dose grid")
    mixes = np.stack([model.mix for model in wanted])
    distributions = tuple(
        _distribution(histogram, curve, flat, model, model.volume_cc(volumes), extremes)
        for curve, flat, model in zip(histogram.at_edges(mixes), mixed(mixes, histogram.flat), wanted, strict=True)
    )
    caveats = (*stack.caveats, *field.caveats)
    outside = distributions[0].outside_cc / distributions[0].total_cc
    if outside > 0:
        caveats = (
            *caveats,
            f"{100 * outside:.3g} % of the volume lies outside of the dose grid, where dose is unknown",
        )
    slack = Slack.of(histogram, field.grid.quantum_gy, scan, stack, volumes, distributions[0])
    return Dvh(structure, ENGINE, distributions, slack, extremes.widest, 2 if stack.z_mm.size > 1 else 1, caveats)


def _histogram(profile: Profile, volumes: Floats, scan: Scan, field: Field, kernels: Kernels) -> Histogram:
    """The dose histogram of the parts of a structure."""
    dose = field.grid
    low, high = float(dose.dose_gy.min()), float(dose.dose_gy.max())
    into = Histogram.empty(low, max((high - low) / BINS, DOSE_EPSILON_GY), BINS, CHANNELS)
    rows, chords = make_rows(profile.stack, scan), on_both_rows(scan.chords(kernels))
    shares = make_shares(profile, volumes, rows, chords)
    kernels.deposit(dose.axes_mm, dose.dose_gy, field.bend_gy, rows.at, chords, shares, into)
    return into


def _distribution(
    histogram: Histogram, at_edges: Floats, flat: Floats, model: Model, total_cc: float, extremes: Extremes
) -> Distribution:
    """The distribution under `model`, its volume `total_cc` exactly; `at_edges` and `flat` are the histogram's."""
    mix = model.mix
    inside, outside = float(np.sum(mix * histogram.inside)), float(np.sum(mix * histogram.outside))
    scale = total_cc / (inside + outside)
    if any(part in OUTER for part in model.parts):
        low, high = extremes.widest
    else:
        low, high = extremes.without_caps if model.parts[-1] in BETWEEN else extremes.with_caps
    jump = (flat > JUMP_SHARE * inside) & (histogram.flat_high_gy - histogram.flat_low_gy < DOSE_EPSILON_GY)
    boxes = np.where(jump, 0.0, flat)
    if np.any(boxes):
        at_edges = at_edges + np.cumsum(boxes[::-1])[::-1][: histogram.bins + 1]
    mean = float(np.sum(mix * histogram.moment)) / inside if inside > 0 else low
    return from_edges(
        histogram.origin_gy,
        histogram.step_gy,
        at_edges * scale,
        (histogram.flat_low_gy[jump], flat[jump] * scale),
        inside_cc=total_cc - outside * scale,
        outside_cc=outside * scale,
        mean_gy=min(max(mean, low), high),
        extremes_gy=(low, high),
    )
