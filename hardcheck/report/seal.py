"""The checksum that an evaluation carries of itself, so that a later change of it is found.

It is no signature: whoever can write the file can write another checksum into it. `hardcheck verify` computes the
evaluation again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def seal(document: Mapping[str, Any]) -> str:
    """SHA-256 of an evaluation document, in canonical JSON, without what people accepted and without itself.

    Canonical: keys sorted, no white space, ASCII, numbers as Python writes them. ValueError for NaN and infinity.
    """
    rest = {key: value for key, value in document.items() if key != "accepted"}
    provenance = dict(rest.get("provenance", {}))
    provenance.pop("evaluation_sha256", None)
    text = json.dumps(
        rest | {"provenance": provenance}, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()
