"""DVHs that planning systems have computed, for the benchmarks: read as hardcheck reads them for its users."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hardcheck.dicom import read_plan
from hardcheck.plan import Plan, StoredDvh
from hardcheck.planning_system import Export, pair, read_export, stored_in

ECLIPSE = "eclipse_prostate_phantom"
BREAST = "dicompyler_breast"


def planning_systems(data: Path) -> Iterable[tuple[str, Plan, Export]]:
    """Each real plan with what its planning system says of it."""
    plan = read_plan(data / ECLIPSE)
    yield "Eclipse", plan, read_export(data / ECLIPSE / "EclipseProstate_DvhTable_Eclipse.csv")
    plan = read_plan(data / BREAST)
    stored = stored_in(plan)
    if stored is None:
        raise SystemExit(f"{BREAST} holds no DVHs")
    yield "breast", plan, stored


def by_number(plan: Plan, export: Export) -> dict[int, StoredDvh]:
    """The curves by the ROINumber of the structure that they are of."""
    return {structure.number: curve for structure, curve in pair(plan, export).matched}
