"""``hardcheck inspect``: what was found, complete or not, and what could be made of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardcheck import STATEMENT, __version__
from hardcheck.cli.figure import counted, figure
from hardcheck.cli.mapping import MappingQuestion, show_mapping
from hardcheck.cli.option import Paths
from hardcheck.cli.output import Output, json_bytes
from hardcheck.cli.screen import heading, say, screen, stacked, table, text, word
from hardcheck.cli.status import Status
from hardcheck.errors import HardcheckError, InputError

if TYPE_CHECKING:
    from rich.console import Console

    from hardcheck.dicom import Inventory
    from hardcheck.dvh import Size
    from hardcheck.plan import DoseGrid, Plan, Structure

SCHEMA = "hardcheck.inventory/1"
ONE_OF_MANY = 3
"""Images are listed one by one up to this many, and counted from there on."""


def show_inventory(
    path: Paths,
    *,
    question: MappingQuestion,
    outputs: Sequence[Output],
    plan_name: str | None = None,
    assume_linked: bool = False,
) -> Status:
    """Print, or write as JSON, what `path` holds; DONE whether or not a plan can be read from it.

    `question` is which of its ROIs are which structures of a protocol. InputError where `path` is a file that is no
    DICOM file.
    """
    from hardcheck.dicom import read_plan, take_inventory

    inventory = take_inventory(path)
    if isinstance(path, Path) and path.is_file():
        _refuse_foreign(inventory, path)
    plan, problem = None, None
    try:
        plan = read_plan(path, plan=plan_name, assume_linked=assume_linked)
    except HardcheckError as error:
        problem = str(error)
    mapping, saving = question.answer(plan)
    document = inventory_document(inventory, plan, problem, mapping)
    made = json_bytes(document)
    console = screen(to_stderr=any(output.path is None for output in outputs))
    with console.capture() as shown:
        show_document(console, document)
    said = None if saving is None or plan is None else saving.said(plan)
    for output in outputs:
        output.write(made)
    if saving is not None:
        saving.write()
    if all(output.path is not None for output in outputs):
        console.file.write(shown.get())
    if said is not None:
        console.print(text(said), soft_wrap=True)
    return Status.DONE


def _refuse_foreign(inventory: Inventory, path: Path) -> None:
    for entry in inventory.entries:
        # An entry of a zip is named below the zip.
        if entry.name == path.name and not entry.modality and entry.problem and not entry.refused:
            raise InputError(entry.problem, where=str(path), do="name a DICOM file, or the folder of an exported plan")


def inventory_document(
    inventory: Inventory, plan: Plan | None, problem: str | None, mapping: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The inventory as JSON takes it. `plan` is null where none can be read, and `problem` says why."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "files": [
            {
                "name": entry.name,
                "modality": entry.modality or None,
                "sop_class_uid": entry.sop_class_uid or None,
                "sop_instance_uid": entry.sop_instance_uid or None,
                "size_bytes": entry.size_bytes,
                "sha256": entry.sha256,
                "frames_of_reference": list(entry.frames_of_reference),
                "refers_to": list(entry.refers_to),
                "problem": entry.problem,
                "refused": entry.refused,
            }
            for entry in inventory.entries
        ],
        "plan": None if plan is None else _plan(plan),
        "problem": problem,
        "protocol": mapping,
        "statement": STATEMENT,
    }


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "sop_instance_uid": plan.sop_instance_uid,
        "label": plan.label or None,
        "patient_id": plan.patient.id or None,
        "approval": plan.approval or None,
        "frame_of_reference_uid": plan.frame_of_reference_uid or None,
        "prescription": _prescription(plan),
        "image": None if plan.image is None else {"slices": len(plan.image.z_mm), "spacing_mm": plan.image.spacing_mm},
        "dose": None if plan.dose is None else _dose(plan.dose),
        "structures": _structures(plan),
        "findings": [
            {"id": f.id, "severity": str(f.severity), "message": f.message, "structures": list(f.structures)}
            for f in plan.findings
        ],
    }


def _prescription(plan: Plan) -> dict[str, Any] | None:
    prescribed = plan.prescription
    if prescribed is None:
        return None
    return {
        "dose_gy": prescribed.dose_gy,
        "fractions": prescribed.fractions,
        "groups": [
            {"number": g.number, "fractions": g.fractions, "beams": len(g.beams), "prescription_gy": g.prescription_gy}
            for g in prescribed.groups
        ],
        "references": [
            {
                "number": r.number,
                "kind": r.kind,
                "description": r.description or None,
                "roi_number": r.roi_number,
                "prescription_gy": r.prescription_gy,
                "organ_maximum_gy": r.organ_maximum_gy,
            }
            for r in prescribed.references
        ],
    }


def _dose(dose: DoseGrid) -> dict[str, Any]:
    return {
        "voxels": [dose.x_mm.size, dose.y_mm.size, dose.z_mm.size],
        "spacing_mm": list(dose.spacing_mm),
        "first_mm": [float(axis[0]) for axis in (dose.x_mm, dose.y_mm, dose.z_mm)],
        "last_mm": [float(axis[-1]) for axis in (dose.x_mm, dose.y_mm, dose.z_mm)],
        "maximum_gy": dose.maximum_gy,
        "maximum_at_mm": list(dose.maximum_at_mm),
        "step_gy": dose.quantum_gy,
    }


def _structures(plan: Plan) -> list[dict[str, Any]]:
    from hardcheck.dvh import size_of, slices_of

    slices = slices_of(plan, plan.structures)
    return [_structure(s, size_of(s, where)) for s, where in zip(plan.structures, slices, strict=True)]


def _structure(structure: Structure, size: Size) -> dict[str, Any]:
    """One structure; the two volumes are those of the two end-cap conventions."""
    from hardcheck.dvh import END_CAPS

    return {
        "roi_number": structure.number,
        "roi_name": structure.name,
        "interpreted_type": structure.interpreted_type or None,
        "contours": len(structure.geometric_types),
        "points": len(structure.points_mm),
        "planes": size.planes,
        "z_mm": None if size.z_mm is None else list(size.z_mm),
        "volume_cc": {caps: size.volume_cc.get(caps) for caps in END_CAPS},
        "reason": size.reason,
        "caveats": list(size.caveats),
    }


def show_document(console: Console, document: dict[str, Any]) -> None:
    """The same for a person."""
    _show_files(console, document["files"])
    plan = document["plan"]
    if plan is None:
        heading(console, "No plan can be read from this")
        say(console, f"{document['problem']}")
    else:
        _show_plan(console, plan)
        _show_structures(console, plan["structures"])
        for finding in plan["findings"]:
            of = f" [{', '.join(finding['structures'])}]" if finding["structures"] else ""
            console.print(word(finding["severity"]) + text(f" {finding['id']}: {finding['message']}{of}"))
    if document["protocol"] is not None:
        show_mapping(console, document["protocol"])
        console.print()
    console.print(text(STATEMENT))


def _show_files(console: Console, files: list[dict[str, Any]]) -> None:
    images = [f for f in files if f["modality"] == "CT" and f["problem"] is None]
    listed = files if len(images) <= ONE_OF_MANY else [f for f in files if f not in images]
    rows = table("File", "What", "SOP Instance UID", "Refers to", "Problem")
    for file in listed:
        refused = "refused: " if file["refused"] else "skipped: "
        problem = refused + file["problem"] if file["problem"] else ""
        cells = (
            file["name"],
            file["modality"] or "?",
            file["sop_instance_uid"] or "",
            problem,
        )
        what, refers_to = [text(cell) for cell in cells], [text(uid) for uid in file["refers_to"]]
        rows.add_row(*what[:-1], stacked(refers_to), what[-1])
    if listed:
        console.print(rows)
    if len(listed) < len(files):
        console.print(text(f"and {counted(len(images), 'CT image')}"))
    if not files:
        console.print(text("There is no file."))


def _show_plan(console: Console, plan: dict[str, Any]) -> None:
    heading(console, f"Plan {plan['label'] or 'without label'} of patient ID {plan['patient_id'] or 'not given'}")
    prescribed, dose, image = plan["prescription"], plan["dose"], plan["image"]
    if prescribed is None:
        say(console, "no prescription was found")
    else:
        say(console, f"{figure(prescribed['dose_gy'])} Gy in {prescribed['fractions'] or '?'} fractions")
        for reference in prescribed["references"]:
            what = f"{reference['kind']} {reference['description'] or ''}, ROI {reference['roi_number'] or '?'}"
            gy = reference["prescription_gy"] if reference["kind"] == "TARGET" else reference["organ_maximum_gy"]
            say(console, f"dose reference {reference['number']}: {what}: {figure(gy)} Gy")
    if dose is None:
        say(console, "no dose that could be trusted")
    else:
        size = " x ".join(str(n) for n in dose["voxels"])
        spacing = " x ".join(figure(mm) for mm in dose["spacing_mm"])
        say(console, f"dose grid {size} of {spacing} mm (x, y, z), maximum {figure(dose['maximum_gy'])} Gy")
    if image is not None:
        apart = f", at most {figure(image['spacing_mm'])} mm apart" if image["slices"] > 1 else ""
        say(console, f"{counted(image['slices'], 'image slice')}{apart}")


def _show_structures(console: Console, structures: list[dict[str, Any]]) -> None:
    columns = ("Contours", "Planes", "Volume cc", "No caps cc")
    rows = table("ROI", "Name", "Type", *columns, "Remarks", right=("ROI", *columns))
    for found in structures:
        volumes = [figure(found["volume_cc"][caps]) for caps in ("half", "none")]
        remarks = "; ".join([found["reason"]] if found["reason"] else found["caveats"])
        planes = "?" if found["planes"] is None else str(found["planes"])
        cells = (
            found["roi_number"],
            found["roi_name"],
            found["interpreted_type"] or "",
            found["contours"],
            planes,
            *volumes,
        )
        rows.add_row(*(text(cell) for cell in (*cells, remarks)))
    console.print()
    console.print(rows)
