"""What hardcheck raises when it cannot go on.

    HardcheckError
    ├── InputError            the DICOM files cannot be used
    │   ├── TruncatedError    a file ends before its declared lengths do
    │   ├── LimitError        a file asks for more than the stated limits allow
    │   ├── LinkError         plan, structures and dose cannot be shown to belong together
    │   └── PlanChoiceError   more than one plan, and none was chosen
    ├── MetricError           a metric or goal is not written in the metric language
    ├── ProtocolError         a protocol file says something that cannot be accepted
    ├── StoreError            the database of an audit cannot be read or written
    └── UsageError            the command or call cannot be carried out as it was given

Each is one line that says what, where, and what to do. A value that cannot be known is not an
error: it is a `Quantity` without a value and with a reason.
"""

from __future__ import annotations

import traceback


class HardcheckError(Exception):
    """Base of all errors of this package.

    `what` went wrong, `where` (a file name, ``file:line:column``, an option) and what to `do` about it.
    """

    def __init__(self, what: str, *, where: str | None = None, do: str | None = None) -> None:
        self.what = what
        self.where = where
        self.do = do
        text = what if where is None else f"{where}: {what}"
        if do is not None:
            text = f"{text}; {do}"
        super().__init__(one_line(text))


class InputError(HardcheckError):
    """The DICOM files cannot be used."""


class TruncatedError(InputError):
    """A file ends before the lengths that it declares."""


class LimitError(InputError):
    """A file asks for more memory, points or nesting than the stated limits allow."""


class LinkError(InputError):
    """Plan, structure set and dose cannot be shown to belong together."""


class PlanChoiceError(InputError):
    """More than one plan was found and none was chosen."""


class MetricError(HardcheckError, ValueError):
    """A metric or a goal is not written in the metric language."""


class ProtocolError(HardcheckError):
    """A protocol file, or a site's file of aliases, settings or labels, says something that cannot be accepted.

    It speaks of the first problem; `problems` are all that were found in `file`, each with its place.
    """

    problems: tuple[object, ...] = ()
    file: str = ""


class StoreError(HardcheckError):
    """The database of an audit cannot be opened, read or written, or holds something else."""


class UsageError(HardcheckError):
    """The command or the call cannot be carried out as it was given."""


def one_line(text: str) -> str:
    """`text` with every control and line-breaking character made visible, so that it stays one line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def defect_text(error: Exception) -> str:
    """The kind and place of an error that nobody foresaw, without its message: that may be about the patient."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{name}:{frame.lineno}" for frame in frames if (name := _in_package(frame.filename))]
    where = ours[-1] if ours else "an unknown place"
    return (
        f"this is a defect of hardcheck: {type(error).__name__} at {where}; nothing was concluded about the plan; "
        "HARDCHECK_DEBUG=1 shows the traceback, which may hold patient data"
    )


def _in_package(filename: str) -> str | None:
    _, found, inside = filename.replace("\\", "/").rpartition("/hardcheck/")
    return f"hardcheck/{inside}" if found else None
