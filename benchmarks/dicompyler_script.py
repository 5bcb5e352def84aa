"""What a user of dicompyler-core writes to have the DVHs of a folder as JSON: the other side of benchmark S2.

``python -m benchmarks.dicompyler_script FOLDER``: finds the RTSTRUCT and the RTDOSE, reads each once, and prints
volume, mean, minimum and maximum of every ROI. Default settings. Of hardcheck it takes only what makes dicompyler-core
run with pydicom 3.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pydicom

from hardcheck.second_opinion.dicompyler import get_dvh


def main() -> None:
    """Read, compute, print."""
    found = {}
    for path in sorted(Path(sys.argv[1]).iterdir()):
        modality = pydicom.dcmread(path, specific_tags=["Modality"], stop_before_pixels=True).Modality
        if modality in ("RTSTRUCT", "RTDOSE"):
            found[modality] = pydicom.dcmread(path)
    structures = []
    for roi in found["RTSTRUCT"].StructureSetROISequence:
        dvh = get_dvh(found["RTSTRUCT"], found["RTDOSE"], roi.ROINumber)
        values = {"volume_cc": dvh.volume, "mean_gy": dvh.mean, "min_gy": dvh.min, "max_gy": dvh.max}
        structures.append({"roi_name": str(roi.ROIName)} | {name: float(value) for name, value in values.items()})
    print(json.dumps({"structures": structures}))


if __name__ == "__main__":
    main()
