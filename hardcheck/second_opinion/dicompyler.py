"""dicompyler-core 0.5.6, made to work with pydicom 3.

The one place that knows about their disagreement: ``dicompylercore.dicomparser`` imports ``read_file`` from
``pydicom.dicomio``, which pydicom 3 calls ``dcmread`` alone. The old name is there while dicompylercore is imported and
gone afterwards, so that nothing else comes to rely on it. Warnings about other names that pydicom deprecates are not
ours to act on, and dicompyler-core's own log lines (one per contour outside of the dose grid) are said once, as a
caveat.
"""

from __future__ import annotations

import logging
import warnings
from importlib.metadata import version
from typing import Any, Final

import pydicom
from pydicom import dicomio

VERSION: Final = version("dicompyler-core")

_REMOVED: Final = "read_file"

# matplotlib, of which dicompyler-core uses one function, would tell on import where it keeps its cache.
logging.getLogger("matplotlib").setLevel(logging.ERROR)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    _lent = not hasattr(dicomio, _REMOVED)
    if _lent:
        setattr(dicomio, _REMOVED, pydicom.dcmread)
    try:
        # dvhcalc imports dicomparser when it is first called; by then the name is gone.
        from dicompylercore import dicomparser, dvhcalc  # noqa: F401
    finally:
        if _lent:
            delattr(dicomio, _REMOVED)

logging.getLogger("dicompylercore").setLevel(logging.ERROR)


def get_dvh(structure_set: Any, dose: Any, number: int) -> Any:
    """``dicompylercore.dvhcalc.get_dvh`` with its default settings and without its warnings.

    `structure_set` and `dose` are file names or pydicom datasets; the answer is a ``dicompylercore.dvh.DVH``,
    cumulative. Raises whatever dicompyler-core raises.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dvhcalc.get_dvh(structure_set, dose, number)
