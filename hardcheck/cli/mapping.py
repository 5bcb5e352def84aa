"""Which ROI is which structure of a protocol, and why, before anything is computed: ``hardcheck inspect -p``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hardcheck.cli.aliases import AliasFiles, Saving
from hardcheck.cli.screen import heading, say, stacked, table, text
from hardcheck.cli.terms import protocol_and_regimen
from hardcheck.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from hardcheck.plan import Plan


@dataclass(frozen=True, slots=True)
class MappingQuestion:
    """What was asked: the protocol, None where none was named, and what a person says about its structures."""

    protocol: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    absent: Sequence[str] = ()
    alias_files: AliasFiles = field(default_factory=AliasFiles)

    def answer(self, plan: Plan | None) -> tuple[dict[str, Any] | None, Saving | None]:
        """The mapping as JSON takes it, and the alias file that is to be written; None for what nobody asked for.

        `plan` is None where none can be read. UsageError where the question does not fit the protocol or the plan.
        """
        if self.protocol is None:
            if self.mapping or self.absent:
                where = "--map" if self.mapping else "--absent"
                raise UsageError("no protocol was named", where=where, do="name the protocol with -p")
            return None, None
        from hardcheck.evaluation import match_plan, said_of_absent
        from hardcheck.library import load_protocol, read_aliases
        from hardcheck.report.document import structures_document

        name, regimen = protocol_and_regimen(self.protocol)
        aliases = self.alias_files.read_from
        loaded = load_protocol(name, aliases=aliases)
        known = [each.id for each in loaded.regimens]
        if regimen is not None and regimen not in known:
            do = f"choose one of: {', '.join(known)}"
            raise UsageError(f"protocol {loaded.id!r} has no regimen {regimen!r}", do=do)
        strangers = [] if aliases is None else read_aliases(aliases).strangers(loaded)
        document = {"id": loaded.id, "version": loaded.version, "sha256": loaded.sha256, "strangers": strangers}
        if plan is None:
            if self.alias_files.save_to is not None:
                do = "name the folder of an exported plan"
                raise UsageError("no plan can be read, so nothing is saved", where="--save-aliases", do=do)
            return {**document, "structures": None, "unused": None}, None
        matches = match_plan(plan, loaded, mapping=self.mapping, absent=self.absent)
        structures = structures_document(loaded, matches)
        for entry in structures:
            if entry["name"] in self.absent:
                entry["reason"] = said_of_absent(entry["name"], loaded, matches)[1]
        used = {roi.number for match in matches.values() for roi in match.structures}
        unused = [{"roi_number": s.number, "roi_name": s.name} for s in plan.structures if s.number not in used]
        return {**document, "structures": structures, "unused": unused}, self.alias_files.saving(
            plan, name, self.mapping
        )


def show_mapping(console: Console, document: dict[str, Any]) -> None:
    """The same for a person."""
    heading(console, f"Structures of protocol {document['id']} version {document['version']}")
    if document["structures"] is None:
        say(console, "no plan can be read, so none of them is matched")
        return
    rows = table("Structure", "ROI", "How, or why not")
    for entry in document["structures"]:
        rois = [text(f"{roi['roi_number']} {roi['roi_name']}") for roi in entry["rois"]]
        ways = [text(roi["matched_by"]) for roi in entry["rois"]]
        if entry["made"] is not None:
            ways.append(text(f"made: {entry['made']}"))
        if entry["reason"] is not None:
            ways.append(text(entry["reason"] + _hint(entry["near"])))
        ways += [text(f"left out: ROI {roi['roi_number']} {roi['roi_name']} marks a point") for roi in entry["marks"]]
        rows.add_row(text(entry["name"]), stacked(rois), stacked(ways))
    console.print(rows)
    _show_rest(console, document)


def _hint(near: Sequence[str]) -> str:
    return f"; near in name: {' or '.join(map(repr, near))}" if near else ""


def _show_rest(console: Console, document: dict[str, Any]) -> None:
    unused = [f"{roi['roi_number']} {roi['roi_name']}" for roi in document["unused"]]
    if unused:
        heading(console, "ROIs that no structure of the protocol is")
        say(console, ", ".join(unused))
    if document["strangers"]:
        heading(console, "Structures of the alias file that the protocol does not have")
        say(console, ", ".join(document["strangers"]))
