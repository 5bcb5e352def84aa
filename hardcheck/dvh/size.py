"""How large a structure is, without its dose."""

from __future__ import annotations

from dataclasses import dataclass, field

from hardcheck.dvh.gaps import Slices
from hardcheck.dvh.models import END_CAPS, models
from hardcheck.dvh.planes import plane_stack
from hardcheck.dvh.profile import Profile
from hardcheck.dvh.sampling import part_volumes
from hardcheck.plan import Structure


@dataclass(frozen=True, slots=True)
class Size:
    """Planes, range in z and volume of a structure; None where `reason` says why there is no volume."""

    planes: int | None = None
    z_mm: tuple[float, float] | None = None
    volume_cc: dict[str, float] = field(default_factory=dict)
    """By end-cap convention."""
    caveats: tuple[str, ...] = ()
    reason: str | None = None


def size_of(structure: Structure, slices: Slices | None = None) -> Size:
    """The size of `structure`; `slices` are where it could have contours."""
    stack = plane_stack(structure, slices)
    if isinstance(stack, str):
        return Size(reason=stack)
    parts = part_volumes(Profile.of(stack))
    z = float(stack.z_mm[0]), float(stack.z_mm[-1])
    volumes = {caps: models(caps, stack)[0].volume_cc(parts) for caps in END_CAPS}
    return Size(int(stack.z_mm.size), z, volumes, stack.caveats)
