"""A data set: the elements of one object or of one sequence item, with strict access to their values.

Values stay bytes until they are asked for, which is what makes a structure set of half a million points
quick to read. A value that is not what its element must hold is an InputError that names the file and the
element; it is never replaced by something likely.
"""

from __future__ import annotations

import math
import mmap
import re
import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

from hardcheck.dicom.tag import Tag, tag_text
from hardcheck.errors import InputError

Buffer = bytes | mmap.mmap

NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PADDING = b" \0"
_SHOWN = 20
"""Characters of a bad value that a message repeats."""


@dataclass(slots=True)
class Element:
    """Where a value stands, ``data[start:stop]``; a sequence that was walked has `items`."""

    start: int
    stop: int
    items: list[DataSet] | None = None
    encapsulated: bool = False
    """The value is a sequence of fragments, as compressed pixel data are."""


@dataclass(slots=True, eq=False)
class DataSet:
    """Elements by tag, over the bytes of the file (or of what a deflated file holds)."""

    data: Buffer
    where: str
    """The file's name, for messages."""
    little_endian: bool = True
    charset: bytes = b""
    """SpecificCharacterSet (0008,0005) of the object; an item's own comes first."""
    elements: dict[int, Element] = field(default_factory=dict)

    def __contains__(self, tag: int) -> bool:
        return tag in self.elements

    def raw(self, tag: int) -> bytes:
        """The bytes of the value, empty where the element is not there."""
        element = self.elements.get(tag)
        return b"" if element is None else bytes(self.data[element.start : element.stop])

    def items(self, tag: int) -> Sequence[DataSet]:
        """The items of a sequence, none where it is not there."""
        element = self.elements.get(tag)
        return () if element is None or element.items is None else element.items

    def code(self, tag: int) -> str:
        """A value of plain ASCII, such as a UID or a code string, without padding."""
        return self.raw(tag).strip(_PADDING).decode("ascii", "backslashreplace")

    def text(self, tag: int) -> str:
        """A text in the object's character set, as it stands but for trailing padding. Untrusted."""
        raw = self.raw(tag).rstrip(_PADDING)
        if raw.isascii() and b"\x1b" not in raw:
            return raw.decode("ascii")
        return _decoded(raw, self.raw(Tag.SpecificCharacterSet) or self.charset)

    def number(self, tag: int) -> float | None:
        """A decimal or integer string, None where it is empty or not there."""
        raw = self.raw(tag).strip(_PADDING)
        return self._number(tag, raw) if raw else None

    def numbers(self, tag: int) -> tuple[float, ...]:
        """The values of a decimal string of several."""
        raw = self.raw(tag).strip(_PADDING)
        return tuple(self._number(tag, part.strip(_PADDING)) for part in raw.split(b"\\")) if raw else ()

    def _number(self, tag: int, raw: bytes) -> float:
        value = float(raw) if NUMBER.fullmatch(raw) else math.nan
        if not math.isfinite(value):
            raise self.error(f"{tag_text(tag)} is {raw[:_SHOWN].decode('ascii', 'backslashreplace')!r}, not a number")
        return value

    def integer(self, tag: int) -> int | None:
        """An integer string, None where it is empty or not there. Some systems write 5 as 5.0."""
        value = self.number(tag)
        if value is not None and value != int(value):
            raise self.error(f"{tag_text(tag)} is {value}, not a whole number")
        return None if value is None else int(value)

    def required_integer(self, tag: int) -> int:
        """An integer string that must be there."""
        value = self.integer(tag)
        if value is None:
            raise self.error(f"{tag_text(tag)} is missing")
        return value

    def unsigned(self, tag: int) -> int | None:
        """A binary number of 16 or 32 bits, None where it is empty or not there."""
        raw = self.raw(tag)
        if not raw:
            return None
        if len(raw) not in (2, 4):
            raise self.error(f"{tag_text(tag)} holds {len(raw)} bytes where 2 are expected")
        (value,) = struct.unpack(("<" if self.little_endian else ">") + ("H" if len(raw) == 2 else "I"), raw)
        return int(value)

    def references(self, tag: int) -> tuple[str, ...]:
        """The ReferencedSOPInstanceUID (0008,1155) of each item of a sequence."""
        uids = (item.code(Tag.ReferencedSOPInstanceUID) for item in self.items(tag))
        return tuple(uid for uid in uids if uid)

    def error(self, what: str, do: str = "export the object again") -> InputError:
        """An InputError about this data set's file."""
        return InputError(what, where=self.where, do=do)


def _decoded(raw: bytes, charset: bytes) -> str:
    """`raw` in a DICOM character set.

    What cannot be decoded becomes a replacement character: a name is only shown and compared, and such a name
    fits no protocol.
    """
    from pydicom import charset as dicom_charset  # noqa: PLC0415 - slow to import, and most names are ASCII

    declared = (part.strip().decode("ascii", "replace") for part in charset.split(b"\\"))
    # Only names that the library knows are handed to it, since it writes the others into the log.
    known = [dicom_charset.python_encoding[name] for name in declared if name in dicom_charset.python_encoding]
    if b"\x1b" not in raw or len(known) < 2:
        return raw.decode(known[0] if known else "latin-1", "replace")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(dicom_charset.decode_bytes(raw, known, set()))
