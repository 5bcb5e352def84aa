"""The bins that the plans of an archive are counted in; each is in exactly one."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Bin(StrEnum):
    """What became of a plan that was found."""

    PASSED = "passed"
    VARIATION = "variation"
    FAILED = "failed"
    REVIEW = "review"
    UNREADABLE = "unreadable"
    UNLINKED = "unlinked"
    DUPLICATE = "duplicate"
    NO_PROTOCOL = "no protocol"


OF_VERDICT: Final = {"PASS": Bin.PASSED, "VARIATION": Bin.VARIATION, "FAIL": Bin.FAILED, "REVIEW": Bin.REVIEW}
"""The bin of each verdict; a plan in another bin has no evaluation."""
