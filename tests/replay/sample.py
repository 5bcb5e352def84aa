"""Evaluations in a store, and the same plans evaluated afresh."""

from dataclasses import replace

from hardcheck.audit.task import curves_of
from hardcheck.protocol import Goal, Tier, parse_goal
from hardcheck.replay import replay
from hardcheck.report.document import evaluation_document
from hardcheck.store import PlanFacts, entry_of, key_of


def store_evaluations(store, evaluations, *, curves=True):
    """A finished run of `evaluations`, each under its number as path."""
    run = store.begin("/archive", found=len(evaluations), settings={}, started="2026-11-21T22:00:00")
    for number, evaluation in enumerate(evaluations):
        document = evaluation_document(evaluation, anonymous=store.anonymous)
        key = key_of([f"{number:064x}"], protocol_sha256="ab", regimen=None, settings={}, version="1")
        entry = entry_of(key, document, PlanFacts(), curves_of(evaluation) if curves else ())
        store.put(run, f"{number:03}", entry)
    store.finish(run, "2026-11-22T05:00:00")
    return run


def replayed(store, run, old, new):
    return replay(store, run, new, {old.sha256: old}.get)


def with_goals(protocol, change):
    """`protocol` as a new version of it, each goal as `change` makes it, None to leave it away."""
    goals = tuple(made for goal in protocol.goals if (made := change(goal)) is not None)
    return replace(protocol, version="2", sha256="cd" * 32, goals=goals)


def goal(id_, structure, text, tier=Tier.REQUIRED, **more):
    metric, op, limit = parse_goal(text)
    return Goal(id_, structure, metric, op, limit, tier, source="made up", **more)


def limited(goal, value):
    """`goal` with another limit."""
    return replace(goal, limit=replace(goal.limit, value=value))


def assert_as_fresh(found, stored, fresh):
    """What `found` tells is what the evaluation `fresh` says; gives how many goals are told, and how many are not."""
    before = {(r.goal.id, r.roi_number): r for r in stored.results}
    changes = {(c.told.goal.id, c.told.roi_number): c for c in found.changes}
    untold = {told.goal.id for told in found.untold}
    assert changes.keys() <= {(r.goal.id, r.roi_number) for r in fresh.results}
    for result in fresh.results:
        key = result.goal.id, result.roi_number
        if key in changes:
            told = changes[key].told
            assert told.outcome is result.outcome, (told, result.told)
            assert (told.review is None) is (result.review is None), (told, result.review)
        elif result.goal.id not in untold:
            assert before[key].outcome is result.outcome, result
    if found.after is not None:
        assert found.after is fresh.verdict
    open_ones = sum(result.goal.id in untold for result in fresh.results)
    return len(fresh.results) - open_ones, open_ones
