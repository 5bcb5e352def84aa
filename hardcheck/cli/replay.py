"""``hardcheck replay``: which plans of a store would come out otherwise by another version of their protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hardcheck import STATEMENT
from hardcheck.cli.figure import counted
from hardcheck.cli.output import Output, json_bytes
from hardcheck.cli.report import open_store, run_of
from hardcheck.cli.screen import say, screen, table, text, word
from hardcheck.cli.status import Status
from hardcheck.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from hardcheck.replay import PlanReplay, Replay
    from hardcheck.store import Store

MOST: Final = 20
"""Plans that are listed on the screen; a file lists them all."""


def replay_protocol(where: str, protocol: str, run: int | None, outputs: Sequence[Output]) -> Status:
    """Replay, write, show. Status 0 where no verdict would be another, 1 where one would, 3 where one is not told."""
    from hardcheck.library import load_protocol
    from hardcheck.replay import kept_protocol, replay

    new = load_protocol(protocol)
    with open_store(where) as store:
        number = run_of(store, run)
        found = replay(store, number, new, lambda sha256: kept_protocol(store, sha256))
        if not found.plans:
            raise _nothing(store, number, new.id)
    contents = [(output, _content(found, output.form)) for output in outputs]
    for output, made in contents:
        output.write(made)
    console = screen(to_stderr=any(output.path is None for output in outputs))
    _show(console, found, outputs)
    if found.changed:
        return Status.FAIL
    return Status.REVIEW if found.untold else Status.DONE


def _nothing(store: Store, run: int, protocol_id: str) -> UsageError:
    from hardcheck.store import protocols_of

    known = ", ".join(protocols_of(store, run)) or "none"
    said = f"no plan of run {run} was held against a protocol with the id {protocol_id!r}"
    return UsageError(said, where=store.name, do=f"its protocols are: {known}")


def _content(found: Replay, form: str) -> bytes:
    from hardcheck.report import csv_text
    from hardcheck.report.replay import replay_document, replay_rows

    return json_bytes(replay_document(found)) if form == "json" else csv_text(replay_rows(found)).encode()


def _show(console: Console, found: Replay, outputs: Sequence[Output]) -> None:
    from hardcheck.report.replay import goal_moves

    changed, untold = len(found.changed), len(found.untold)
    versions = ", ".join(sorted({plan.protocol_version for plan in found.plans}))
    console.print(
        text(
            f"{counted(len(found.plans), 'plan')} of run {found.run}, {found.protocol.id} from version {versions} "
            f"to {found.protocol.version}: {changed} would change, {untold} cannot be told, "
            f"{len(found.plans) - changed - untold} stay"
        ),
        soft_wrap=True,
    )
    if changed:
        verdicts = table("From", "To", "Plans", right=("Plans",))
        for (before, after), count in sorted(found.moves.items()):
            if before is not after:
                verdicts.add_row(word(before), word(after), text(count))
        console.print(verdicts)
    moves = goal_moves(found)
    if moves:
        goals = table("Goal", "From", "To", "Plans", right=("Plans",))
        for (id_, was, became), count in sorted(moves.items()):
            goals.add_row(text(id_), word(was), word(became), text(count))
        console.print(goals)
    _show_plans(console, [*found.changed, *found.untold])
    for output in outputs:
        if output.path is not None:
            console.print(text(f"Written: {output.path}"), soft_wrap=True)
    console.print(text(STATEMENT))


def _show_plans(console: Console, plans: Sequence[PlanReplay]) -> None:
    for plan in plans[:MOST]:
        console.print(text(f"{plan.path}: ") + word(plan.before) + text(" to ") + word(plan.after or "not told"))
        say(console, _by(plan))
    if len(plans) > MOST:
        console.print(text(f"and {len(plans) - MOST} more: -o FILE.csv lists them all"))


def _by(plan: PlanReplay) -> str:
    """By which goals a plan comes out otherwise, or why that cannot be told."""
    if plan.reason is not None:
        return f"{plan.reason}: evaluate it again"
    if plan.after is None:
        return "; ".join(f"{told.goal.id}: {told.reason}" for told in plan.untold) + ": evaluate it again"
    said = [f"{c.told.goal.id} {c.before or 'new'} to {c.told.outcome}" for c in plan.changes]
    return "; ".join([*said, *(f"{id_} is no more" for id_ in plan.gone)])
