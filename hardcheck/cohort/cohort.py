"""All that the cohort report says of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hardcheck.store import Account, Store


@dataclass(frozen=True, slots=True)
class Cohort:
    """One run of the store `store`, which is named as a person types it."""

    store: str
    anonymous: bool
    account: Account


def cohort_of(store: Store, run: int) -> Cohort:
    """What the store knows of `run`. StoreError where there is no such run."""
    return Cohort(store.name, store.anonymous, store.account(run))
