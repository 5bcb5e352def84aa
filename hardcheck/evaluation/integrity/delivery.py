"""The beams: what gives the dose, as far as the plan says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from hardcheck.evaluation.integrity.subject import Subject
from hardcheck.plan import Beam, Finding, Plan, Severity

BEAM_SUM_PERCENT: Final = (50.0, 150.0)
"""Where the beam doses of a course add up to, in percent of the prescription: the points that they are of lie
anywhere in or beside the target (300A,0084), so that only another unit or another number of fractions is told."""

SAME_PLACE_MM: Final = 1.0
"""Isocentres nearer than this are one: that is how well one is set up."""


def alike(subject: Subject) -> Iterable[Finding]:
    """The beams that treat are of one radiation, energy, machine and technique. AAPM MPPG 11.a."""
    beams = _treating(subject.plan)
    differing = []
    if len({b.radiation for b in beams} - {""}) > 1:
        differing.append(f"radiation ({_listed({b.radiation for b in beams})})")
    if len(energies := {e for b in beams for e in b.energies_mv}) > 1:
        differing.append(f"energy ({', '.join(f'{e:g}' for e in sorted(energies))} MV or MeV)")
    if len(machines := {b.machine for b in beams} - {""}) > 1:
        differing.append(f"machine ({len(machines)} of them)")
    if len({b.technique for b in beams} - {""}) > 1:
        differing.append(f"technique ({_listed({b.technique for b in beams})})")
    if differing:
        yield Finding("beams-alike", Severity.WARN, f"the beams differ in {' and '.join(differing)}")


def isocentre(subject: Subject) -> Iterable[Finding]:
    """The beams that treat have one isocentre. (300A,012C)."""
    places = np.array([place for beam in _treating(subject.plan) for place in beam.isocentres_mm]).reshape(-1, 3)
    distinct: list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = []
    for place in places:
        if all(np.linalg.norm(place - other) > SAME_PLACE_MM for other in distinct):
            distinct.append(place)
    if len(distinct) > 1:
        apart = max(float(np.linalg.norm(a - b)) for a in distinct for b in distinct)
        text = f"the beams have {len(distinct)} isocentres, up to {apart:.1f} mm apart"
        yield Finding("one-isocentre", Severity.WARN, text)


def monitor_units(subject: Subject) -> Iterable[Finding]:
    """Each beam that treats has monitor units, and no setup beam has any. (300A,0086), (300A,00CE)."""
    groups = subject.plan.prescription.groups if subject.plan.prescription is not None else ()
    beams = [beam for group in groups for beam in group.beams]
    if not subject.plan.recorded("RTPLAN") and all(beam.meterset is None for beam in beams):
        return
    if without := [b for b in beams if b.treats and not b.meterset]:
        yield Finding("monitor-units", Severity.WARN, f"{_numbers(without)} to treat, without monitor units")
    if setup := [b for b in beams if not b.treats and (b.meterset or b.dose_gy)]:
        yield Finding("monitor-units", Severity.WARN, f"{_numbers(setup)} for setup, with monitor units or a dose")


def beam_doses(subject: Subject) -> Iterable[Finding]:
    """The beam doses add up to the prescription, or near it. (300A,0084), (300A,0078)."""
    prescribed = subject.plan.prescription
    if prescribed is None or not prescribed.dose_gy or not prescribed.fractions:
        return
    beams = [b for b in prescribed.groups[0].beams if b.treats and b.meterset != 0]
    doses = [b.dose_gy for b in beams if b.dose_gy]
    if not doses or len(doses) < len([b for b in beams if b.meterset is not None]):
        return
    total = sum(doses) * prescribed.fractions
    low, high = (prescribed.dose_gy * percent / 100 for percent in BEAM_SUM_PERCENT)
    if not low <= total <= high:
        text = (
            f"the beam doses of {prescribed.fractions} fractions add up to {total:.4g} Gy; {low:.4g} to {high:.4g} Gy "
            "is plausible"
        )
        yield Finding("beam-doses-plausible", Severity.FAIL, text)


def bolus(subject: Subject) -> Iterable[Finding]:
    """Whether there is a bolus that has to be there at treatment. (300A,00ED), (3006,00A4)."""
    beams = [b for b in _treating(subject.plan) if b.boli > 0]
    drawn = tuple(s.name for s in subject.plan.structures if s.interpreted_type == "BOLUS")
    if beams and not drawn:
        yield Finding("bolus", Severity.WARN, f"{_numbers(beams)} with a bolus, and none is contoured")
    elif drawn and not beams:
        yield Finding("bolus", Severity.WARN, "a bolus is contoured, and no beam says that it uses one", drawn)
    elif drawn:
        yield Finding("bolus", Severity.WARN, f"{_numbers(beams)} with the bolus that is contoured", drawn)


def couch(subject: Subject) -> Iterable[Finding]:
    """Whether the dose could take the couch into account. (3006,00A4)."""
    if not subject.plan.recorded("RTSTRUCT"):
        return
    names = tuple(s.name for s in subject.plan.structures if s.interpreted_type == "SUPPORT")
    said = "the couch or another support is among the structures" if names else "no structure is of the couch"
    yield Finding("couch", Severity.INFO, said, names)


def overrides(subject: Subject) -> Iterable[Finding]:
    """Structures whose physical properties are set by hand. (3006,00B0)."""
    for structure in subject.plan.structures:
        if structure.overrides:
            said = " and ".join(f"{name} = {value:g}" for name, value in structure.overrides)
            yield Finding("density-overrides", Severity.INFO, f"{structure.name}: {said}", (structure.name,))


def _treating(plan: Plan) -> list[Beam]:
    """The beams of all fraction groups that give dose."""
    groups = plan.prescription.groups if plan.prescription is not None else ()
    return [beam for group in groups for beam in group.beams if beam.treats]


def _numbers(beams: Sequence[Beam]) -> str:
    """Such as ``beams 1 and 2 are``."""
    numbers = " and ".join(str(beam.number) for beam in beams)
    return f"beam {numbers} is" if len(beams) == 1 else f"beams {numbers} are"


def _listed(codes: set[str]) -> str:
    return ", ".join(sorted(codes - {""}))
