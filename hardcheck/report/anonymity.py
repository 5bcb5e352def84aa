"""A report without identity.

What is left out: name, id and birth date of the patient, the label of the plan, descriptions and names of machines in
its prescription, every UID, names of files in findings, and the checksums of the files, since who has the files could
join them again. ROI names, messages and settings stay, with every word of the identity and everything that looks like
a UID taken out of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hardcheck.plan import Patient, SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hardcheck.evaluation import Acceptance
    from hardcheck.evaluation.opinion import SecondOpinion
    from hardcheck.evaluation.result import Evaluation, GoalResult, LatticeResult, Reported
    from hardcheck.evaluation.shortfall import Shortfall
    from hardcheck.evaluation.spot import GoalSpot
    from hardcheck.lattice import Vertex
    from hardcheck.plan import Course, Finding, ImageStack, Plan, Prescription, Structure
    from hardcheck.protocol import Match
    from hardcheck.quantity import Quantity

REMOVED: Final = "[removed]"

_UID: Final = r"(?<![0-9.])(?:[0-9]+(?:\.[0-9]+){4,}|2\.25(?:\.[0-9]+)+)(?![0-9])"
"""2.25 is the root of UIDs that are one number (ITU-T X.667), so that three parts are enough there."""
_UMLAUTS: Final = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("æ", "ae"), ("å", "aa"))
_LETTERS: Final = 4
"""A word with "ae" read as "a" hides nothing shorter than this: "Doe" is no "do"."""
_NUMBER: Final = re.compile("[0-9]{1,2}")
"""An id as short as this says nothing about who it is, and every "12 slices" would lose its number."""


def anonymised(evaluation: Evaluation) -> Evaluation:
    """`evaluation` with nothing in it that says who the patient is. Histograms keep their ROI names: see `hider`."""
    hide = hider(evaluation.plan, evaluation.findings)
    return replace(
        evaluation,
        plan=_plan(evaluation.plan, hide),
        results=tuple(_result(r, hide) for r in evaluation.results),
        reported=tuple(_reported(r, hide) for r in evaluation.reported),
        lattices=tuple(_lattice(r, hide) for r in evaluation.lattices),
        findings=tuple(_finding(f, hide) for f in evaluation.findings),
        accepted=tuple(_acceptance(a, hide) for a in evaluation.accepted),
        second_opinions=tuple(_opinion(o, hide) for o in evaluation.second_opinions),
        level_origins={name: hide(how) for name, how in evaluation.level_origins.items()},
        matches={name: _match(match, hide) for name, match in evaluation.matches.items()},
        settings={
            hide(str(key)): REMOVED if key == "tps" else _setting(value, hide)
            for key, value in evaluation.settings.items()
        },
    )


def hider(plan: Plan, findings: Iterable[Finding] = ()) -> Callable[[str], str]:
    """A function that takes identity and UIDs of `plan` out of a text.

    Reasons and caveats repeat what was found: where that names files, they get the message without names, of the
    `findings` as of those of `plan`. Upper and lower case, accents and how they are encoded (NFC, NFD) make no other
    word, nor do "ae", "oe" and "ue" for umlauts.
    """
    plans = (plan, *(plan.course.plans if plan.course is not None else ()))
    texts = [text for one in plans for text in _identity(one)]
    telling = {text.strip() for text in texts if len(text.strip()) > 1 and not _NUMBER.fullmatch(text.strip())}
    words = sorted({way for text in telling for way in _spelt(text)}, key=lambda word: (-len(word), word))
    # A letter or digit on either side makes it another word; an underscore, as in a folder's name, does not.
    literal = [rf"(?<![^\W_]){re.escape(word)}(?![^\W_])" for word in words]
    pattern = re.compile("|".join([*literal, _UID]))
    told = (*findings, *(finding for one in plans for finding in one.findings))
    unnamed = sorted({(f.message, f.unnamed) for f in told if f.unnamed}, key=lambda said: (-len(said[0]), said))
    return lambda text: _without(_without_files(text, unnamed), pattern)


def _without_files(text: str, unnamed: Iterable[tuple[str, str]]) -> str:
    """`text` with the messages of findings in it, the longest first, in their words without names of files."""
    for message, without in unnamed:
        text = text.replace(message, without)
    return text


def _spelt(text: str) -> Iterator[str]:
    """The folded text, and with its umlauts written as two letters, or the other way round."""
    two = unicodedata.normalize("NFC", text).casefold()
    one = _folded(two)
    for umlaut, letters in _UMLAUTS:
        two = two.replace(umlaut, letters)
        one = one.replace(letters, _folded(umlaut))
    ways = (text, two, one if len(one) >= _LETTERS else "")
    yield from (way for way in map(_folded, ways) if len(way) > 1)


def _folded(text: str) -> str:
    """Without case, accents and characters that nobody sees."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(one for one in parts if unicodedata.category(one) not in ("Mn", "Cf"))


def _without(text: str, pattern: re.Pattern[str]) -> str:
    """`text` with `REMOVED` for what `pattern` finds in it folded; all else stays as it is written."""
    letters = [_folded(letter) for letter in text]
    places = [index for index, letter in enumerate(letters) for _ in letter]
    parts, done = [], 0
    for found in pattern.finditer("".join(letters)):
        begin, end = places[found.start()], places[found.end() - 1] + 1
        while end < len(text) and not letters[end]:  # an accent of the last letter
            end += 1
        parts += [text[done:begin], REMOVED]
        done = end
    return "".join((*parts, text[done:]))


def _identity(plan: Plan) -> tuple[str, ...]:
    patient = plan.patient
    words = re.split(r"[\W_]+", f"{unicodedata.normalize('NFC', patient.name)} {_folded(patient.name)}")
    return patient.id, patient.birth_date, plan.label, patient.name, *words


def _plan(plan: Plan, hide: Callable[[str], str]) -> Plan:
    return replace(
        plan,
        structures=_structures(plan.structures, hide),
        sop_instance_uid=None,
        label="",
        prescription=None if plan.prescription is None else _prescription(plan.prescription),
        patient=Patient(),
        frame_of_reference_uid="",
        sources=tuple(SourceFile("", source.modality, "") for source in plan.sources),
        findings=tuple(_finding(f, hide) for f in plan.findings),
        records=(),
        image=None if plan.image is None else _image(plan.image, hide),
        course=None if plan.course is None else _course(plan.course, hide),
    )


def _image(image: ImageStack, hide: Callable[[str], str]) -> ImageStack:
    return replace(image, unread=hide(image.unnamed or image.unread), unnamed="")


def _prescription(prescription: Prescription) -> Prescription:
    """Without the free text in it, descriptions and names of machines, that no number rests on."""
    groups = tuple(replace(g, beams=tuple(replace(b, machine="") for b in g.beams)) for g in prescription.groups)
    return replace(
        prescription, references=tuple(replace(r, description="") for r in prescription.references), groups=groups
    )


def _course(course: Course, hide: Callable[[str], str]) -> Course:
    return replace(course, plans=tuple(_plan(plan, hide) for plan in course.plans))


def _structures(structures: Iterable[Structure], hide: Callable[[str], str]) -> tuple[Structure, ...]:
    return tuple(replace(s, name=hide(s.name)) for s in structures)


def _match(match: Match[Structure], hide: Callable[[str], str]) -> Match[Structure]:
    return replace(
        match,
        structures=_structures(match.structures, hide),
        reason=None if match.reason is None else hide(match.reason),
        ways=tuple(replace(way, by=hide(way.by)) for way in match.ways),
        near=tuple(hide(name) for name in match.near),
        marks=_structures(match.marks, hide),
    )


def _result(result: GoalResult, hide: Callable[[str], str]) -> GoalResult:
    return replace(
        result,
        quantity=_quantity(result.quantity, hide),
        roi_name=None if result.roi_name is None else hide(result.roi_name),
        reason=None if result.reason is None else hide(result.reason),
        caveats=tuple(hide(c) for c in result.caveats),
        extreme=None if result.extreme is None else _quantity(result.extreme, hide),
        derived_volume=None if result.derived_volume is None else _quantity(result.derived_volume, hide),
        whole=None if result.whole is None else _quantity(result.whole, hide),
        review=None if result.review is None else hide(result.review),
        shortfall=None if result.shortfall is None else _shortfall(result.shortfall, hide),
        alternatives=tuple(_result(way, hide) for way in result.alternatives),
        spot=None if result.spot is None else _spot(result.spot, hide),
    )


def _spot(spot: GoalSpot, hide: Callable[[str], str]) -> GoalSpot:
    edge = None if spot.edge is None else replace(spot.edge, name=hide(spot.edge.name))
    return replace(spot, edge=edge, targets=tuple(replace(target, name=hide(target.name)) for target in spot.targets))


def _acceptance(accepted: Acceptance, hide: Callable[[str], str]) -> Acceptance:
    """Without the checksum of the evaluation that it was made in, which has the identity in it."""
    return replace(
        accepted,
        message=None if accepted.message is None else hide(accepted.message),
        structures=tuple(hide(name) for name in accepted.structures),
        by=hide(accepted.by),
        role=hide(accepted.role),
        reason=hide(accepted.reason),
        evaluation_sha256="",
    )


def _reported(reported: Reported, hide: Callable[[str], str]) -> Reported:
    name = None if reported.roi_name is None else hide(reported.roi_name)
    return replace(reported, quantity=_quantity(reported.quantity, hide), roi_name=name)


def _opinion(opinion: SecondOpinion, hide: Callable[[str], str]) -> SecondOpinion:
    found = opinion.comparison
    structures = tuple(
        replace(
            each,
            structure=replace(each.structure, name=hide(each.structure.name)),
            notes=tuple(hide(note) for note in each.notes),
            reason=None if each.reason is None else hide(each.reason),
        )
        for each in found.structures
    )
    comparison = replace(
        found,
        # An export is named as its user likes, and often by who the patient is.
        export=replace(found.export, curves=(), patient_id="", file="", sha256=""),
        structures=structures,
        unmatched=tuple(hide(name) for name in found.unmatched),
        missing=tuple(hide(name) for name in found.missing),
    )
    goals = tuple(
        replace(goal, result=_result(goal.result, hide), theirs=_quantity(goal.theirs, hide)) for goal in opinion.goals
    )
    return replace(opinion, comparison=comparison, goals=goals)


def _lattice(result: LatticeResult, hide: Callable[[str], str]) -> LatticeResult:
    found = result.lattice
    lattice = None
    if found is not None:
        lattice = replace(
            found,
            tumour=replace(found.tumour, name=hide(found.tumour.name)),
            doses={metric: _quantity(quantity, hide) for metric, quantity in found.doses.items()},
            vertices=tuple(_vertex(vertex, hide) for vertex in found.vertices),
            reason=None if found.reason is None else hide(found.reason),
            d10_d90=_quantity(found.d10_d90, hide),
            diameter=_quantity(found.diameter, hide),
            volume=_quantity(found.volume, hide),
            peak=_quantity(found.peak, hide),
            valley=_quantity(found.valley, hide),
        )
    return replace(
        result,
        roi_name=None if result.roi_name is None else hide(result.roi_name),
        lattice=lattice,
        asked=tuple(
            replace(a, quantity=_quantity(a.quantity, hide), reason=None if a.reason is None else hide(a.reason))
            for a in result.asked
        ),
        reason=None if result.reason is None else hide(result.reason),
    )


def _vertex(vertex: Vertex, hide: Callable[[str], str]) -> Vertex:
    return replace(
        vertex,
        structure=replace(vertex.structure, name=hide(vertex.structure.name)),
        to_organs={hide(name): _quantity(quantity, hide) for name, quantity in vertex.to_organs.items()},
        volume=_quantity(vertex.volume, hide),
        median=_quantity(vertex.median, hide),
        to_surface=_quantity(vertex.to_surface, hide),
        spacing=_quantity(vertex.spacing, hide),
    )


def _shortfall(shortfall: Shortfall, hide: Callable[[str], str]) -> Shortfall:
    inside, outside = (_quantity(cc, hide) for cc in (shortfall.inside, shortfall.outside))
    return replace(shortfall, inside=inside, outside=outside, organs=tuple(hide(name) for name in shortfall.organs))


def _quantity(quantity: Quantity, hide: Callable[[str], str]) -> Quantity:
    reason = None if quantity.reason is None else hide(quantity.reason)
    return replace(quantity, reason=reason, caveats=tuple(hide(c) for c in quantity.caveats))


def _finding(finding: Finding, hide: Callable[[str], str]) -> Finding:
    message = hide(finding.unnamed or finding.message)
    return replace(finding, message=message, unnamed="", structures=tuple(hide(s) for s in finding.structures))


def _setting(value: object, hide: Callable[[str], str]) -> object:
    if isinstance(value, Mapping):
        return {hide(str(key)): _setting(item, hide) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_setting(item, hide) for item in value]
    return value if value is None or isinstance(value, (bool, int, float)) else hide(str(value))
