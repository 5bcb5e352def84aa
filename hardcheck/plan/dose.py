"""The dose grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hardcheck.plan.geometry import GRID_TOLERANCE_MM, Floats, readonly


@dataclass(frozen=True, slots=True, eq=False)
class DoseGrid:
    """Physical dose of the whole plan at voxel centres, along the patient axes (LPS).

    `dose_gy` (nz, ny, nx); `x_mm` (nx,), `y_mm` (ny,), `z_mm` (nz,) rise strictly and may be uneven.
    Between the centres the dose is trilinear; outside of the outermost centres it is unknown.
    """

    x_mm: Floats
    y_mm: Floats
    z_mm: Floats
    dose_gy: Floats
    quantum_gy: float = 0.0
    """The step in which the file stores dose, DoseGridScaling (3004,000E); for a sum, the steps added."""

    def __post_init__(self) -> None:
        for name in ("x_mm", "y_mm", "z_mm", "dose_gy"):
            array = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            # The grid is the largest array there is, so only what others may write to is copied.
            object.__setattr__(self, name, readonly(array if name == "dose_gy" else array.copy()))
        axes = (self.z_mm, self.y_mm, self.x_mm)
        if self.dose_gy.shape != tuple(a.size for a in axes):
            raise ValueError(f"dose of shape {self.dose_gy.shape} does not fit its axes")
        if any(a.size < 2 or not np.all(np.diff(a) > 0) for a in axes):
            raise ValueError("each axis needs at least two strictly rising positions")
        if not np.all(np.isfinite(self.dose_gy)):
            raise ValueError("the dose is not a finite number everywhere")

    @property
    def axes_mm(self) -> tuple[Floats, Floats, Floats]:
        """Positions of the voxel centres along x, y and z."""
        return self.x_mm, self.y_mm, self.z_mm

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """The largest spacing along x, y and z."""
        return tuple(float(np.max(np.diff(a))) for a in (self.x_mm, self.y_mm, self.z_mm))  # type: ignore[return-value]

    @property
    def maximum_gy(self) -> float:
        """The largest voxel value."""
        return float(np.max(self.dose_gy))

    @property
    def maximum_at_mm(self) -> tuple[float, float, float]:
        """Where (x, y, z) the largest voxel value is; the first such voxel where there are several."""
        k, j, i = np.unravel_index(int(np.argmax(self.dose_gy)), self.dose_gy.shape)
        return float(self.x_mm[i]), float(self.y_mm[j]), float(self.z_mm[k])

    def has_voxels_of(self, other: DoseGrid) -> bool:
        """Whether both have their voxels at the same places."""
        if self.dose_gy.shape != other.dose_gy.shape:
            return False
        pairs = zip(self.axes_mm, other.axes_mm, strict=True)
        return all(bool(np.max(np.abs(a - b)) <= GRID_TOLERANCE_MM) for a, b in pairs)
