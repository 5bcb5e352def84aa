"""What a protocol changes about the checks: their severity, with a reason that the report shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from hardcheck.plan import Finding, Severity
from hardcheck.protocol import CheckChange


def changed(findings: Iterable[Finding], changes: Sequence[CheckChange]) -> tuple[Finding, ...]:
    """`findings` as the protocol wants them. A STOP stays a STOP, whatever a protocol says.

    A check that is switched off leaves one INFO behind, with the reason and what it would have found.
    """
    by_id = {change.id: change for change in changes}
    kept: list[Finding] = []
    left_out: dict[str, Counter[Severity]] = {change.id: Counter() for change in changes if change.is_off}
    for finding in findings:
        change = by_id.get(finding.id)
        if change is None or finding.severity is Severity.STOP:
            kept.append(finding)
        elif change.is_off:
            left_out[finding.id][finding.severity] += 1
        elif change.severity == finding.severity:
            kept.append(finding)
        else:
            said = finding.within(after=f" ({finding.severity} of itself; the protocol: {change.reason})")
            kept.append(replace(said, severity=Severity(change.severity), own=finding.severity))
    for check, counts in left_out.items():
        found = ", ".join(f"{count} {severity}" for severity, count in counts.items()) or "nothing"
        text = f"switched off by the protocol, which left out {found}: {by_id[check].reason}"
        gravest = next((severity for severity in Severity if counts[severity]), None)
        kept.append(Finding(check, Severity.INFO, text, own=gravest))
    return tuple(kept)
