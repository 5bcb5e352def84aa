"""The checksums that an evaluation carries of itself and of what people accepted, so that a later change is found.

It is no signature: whoever can write the file can write another checksum into it. `hardcheck verify` computes the
evaluation again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

_ADDED: Final = ("accepted", "accepted_sha256")
"""What people's acceptances change of a document."""


def seal(document: Mapping[str, Any]) -> str:
    """SHA-256 of an evaluation document, in canonical JSON, without what people accepted and without itself.

    Canonical: keys sorted, no white space, ASCII, numbers as Python writes them. ValueError for NaN and infinity.
    """
    rest = {key: value for key, value in document.items() if key not in _ADDED}
    provenance = dict(rest.get("provenance", {}))
    provenance.pop("evaluation_sha256", None)
    return _sha256(rest | {"provenance": provenance})


def with_accepted(document: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`document` with these entries of `accepted`, all of them, and their checksum."""
    accepted = [dict(entry) for entry in entries]
    return {**document, "accepted": accepted, "accepted_sha256": _sha256(accepted)}


def is_intact(document: Mapping[str, Any]) -> bool:
    """Whether a document that carries its checksum is as it was written."""
    return bool(document["provenance"].get("evaluation_sha256") == seal(document))


def is_acceptance_intact(document: Mapping[str, Any]) -> bool:
    """Whether the entries of `accepted` are as they were written: none changed, added or taken away by other hands."""
    accepted, known = document.get("accepted", []), document.get("accepted_sha256")
    return not accepted if known is None else bool(known == _sha256(accepted))


def _sha256(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
