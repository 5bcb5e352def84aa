"""What is done with an evaluation that was written as JSON: accepted in parts by people, and verified later."""

from hardcheck.signoff.acceptance import Person, accept, carried
from hardcheck.signoff.stored import read_evaluation, write_evaluation
from hardcheck.signoff.verification import Line, evaluation_lines, input_lines, require_checksums, self_line

__all__ = [
    "Line",
    "Person",
    "accept",
    "carried",
    "evaluation_lines",
    "input_lines",
    "read_evaluation",
    "require_checksums",
    "self_line",
    "write_evaluation",
]
