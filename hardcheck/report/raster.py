"""CT and colour wash of a picture as an image that a page carries in itself."""

from __future__ import annotations

import base64
import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hardcheck.plan.geometry import Floats

WINDOW_HU: Final = (-160, 240)
"""What is black and what is white: the usual window for soft tissue, level 40 and width 400."""

SCALE: Final = (
    (167, 135, 246), (48, 184, 173), (164, 189, 35), (239, 162, 227), (155, 222, 90), (251, 187, 255), (150, 252, 182),
    (229, 252, 54),
)  # fmt: skip
"""Of the lines from the lowest. Each is brighter than the one before, and neighbours are far apart, for readers who see
two primaries only as well."""

_HIGHEST: Final = (255, 255, 248)
"""Of the highest dose."""

_PAPER: Final = 24.0
"""Grey, 0 to 255, where there is no image."""

_WASH: Final = 0.32
"""Share of the wash in what is seen."""

_QUALITY: Final = 85
"""Of JPEG: what browsers and PDF show without another coding of it."""


Steps = tuple[float, ...]
"""The doses in Gy of the lines, rising, and the highest dose: at most one more than there are colours."""


def raster(hounsfield: Floats | None, dose_gy: Floats | None, steps_gy: Steps) -> NDArray[np.uint8]:
    """Red, green and blue (n, n, 3): the image in grey, and over it a wash from the first to the last of `steps_gy`.

    Where image or dose are None or NaN, there is nothing of them.
    """
    shape = next((a.shape for a in (hounsfield, dose_gy) if a is not None), (1, 1))
    grey = np.full(shape, _PAPER)
    if hounsfield is not None:
        black, white = WINDOW_HU
        known = ~np.isnan(hounsfield)
        grey[known] = 255 * np.clip((hounsfield[known] - black) / (white - black), 0.0, 1.0)
    seen = np.repeat(grey[..., None], 3, axis=2)
    if dose_gy is not None and len(steps_gy) > 1:
        washed = dose_gy >= steps_gy[0]  # false where it is NaN
        seen[washed] += _WASH * (_colours(dose_gy[washed], steps_gy) - seen[washed])
    return np.asarray(np.rint(seen), dtype=np.uint8)


def data_uri(seen: NDArray[np.uint8]) -> str:
    """The image as a data URI."""
    buffer = io.BytesIO()
    Image.fromarray(seen).save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def colour_of(dose_gy: float, steps_gy: Steps) -> str:
    """The colour of a dose as ``#rrggbb``."""
    red, green, blue = _colours(np.array([dose_gy]), steps_gy)[0]
    return f"#{round(red):02x}{round(green):02x}{round(blue):02x}"


def _colours(dose_gy: Floats, steps_gy: Steps) -> Floats:
    """Colours (n, 3), 0 to 255."""
    stops = np.array((*SCALE[: len(steps_gy) - 1], _HIGHEST), dtype=np.float64)
    return np.column_stack([np.interp(dose_gy, steps_gy, stops[:, c]) for c in range(3)])
