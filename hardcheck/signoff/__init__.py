"""What is done with an evaluation that was written as JSON: accepted in parts by people, and verified later."""

from hardcheck.report.seal import with_accepted
from hardcheck.signoff.acceptance import Person, accept, carried
from hardcheck.signoff.stored import read_evaluation, write_evaluation
from hardcheck.signoff.verification import (
    FoundFile,
    Line,
    evaluation_lines,
    exports_of,
    input_lines,
    require_checksums,
    self_lines,
)

__all__ = [
    "FoundFile",
    "Line",
    "Person",
    "accept",
    "carried",
    "evaluation_lines",
    "exports_of",
    "input_lines",
    "read_evaluation",
    "require_checksums",
    "self_lines",
    "with_accepted",
    "write_evaluation",
]
