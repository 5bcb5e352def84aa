"""The raw element stream of a DICOM file, walked by its declared lengths before anything in it is believed.

Readers made for damaged files return what they could find: a structure set that was cut short comes back
without an error and with fewer contours. Here every length must end where its parent ends, every delimiter
must be where it belongs, no element may come twice and no byte may be left over (PS3.5 section 7, and 10 for
the transfer syntaxes). The walk is also the read: no second parser can see the file differently.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

from hardcheck.dicom.dataset import Buffer, DataSet, Element
from hardcheck.dicom.tag import SEQUENCES, Tag, tag_text
from hardcheck.errors import LimitError

MAX_DEPTH: Final = 16
"""Sequences within sequences; RT objects need five."""
MAX_ELEMENTS: Final = 2_000_000
"""Elements of one file; the largest plans and structure sets have some hundred thousand."""
MAX_INFLATED_BYTES: Final = 2**30
"""What one deflated file may hold: four times a dose grid of 400 x 400 x 400 voxels of 32 bits."""

_PREAMBLE: Final = 132
_ELEMENT_BYTES: Final = 12
"""The most that comes before a value."""
_UNDEFINED: Final = 0xFFFFFFFF
_ITEM: Final = 0xFFFEE000
_ITEM_END: Final = 0xFFFEE00D
_SEQUENCE_END: Final = 0xFFFEE0DD
_LONG_VRS: Final = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_SHORT_VRS: Final = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
_NESTING_VRS: Final = frozenset({b"SQ", b"UN", b""})

IMPLICIT_UID: Final = "1.2.840.10008.1.2"
DEFLATED_UID: Final = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN_UID: Final = "1.2.840.10008.1.2.2"


@dataclass(frozen=True, slots=True)
class _Encoding:
    explicit: bool
    order: str

    def tag_at(self, data: Buffer, at: int) -> int:
        group, element = struct.unpack_from(self.order + "HH", data, at)
        return int(group << 16 | element)


_IMPLICIT: Final = _Encoding(explicit=False, order="<")
_EXPLICIT: Final = _Encoding(explicit=True, order="<")
_BIG: Final = _Encoding(explicit=True, order=">")


@dataclass(slots=True)
class Stream:
    """What a walk found. With a `problem` the data set holds only what came before it."""

    dataset: DataSet
    meta: DataSet
    transfer_syntax: str
    """Empty where the file has no file meta information."""
    start: int
    """The first byte of the data set in ``dataset.data``."""
    problem: str | None = None


class _BrokenError(Exception):
    """The stream is not what its lengths declare; the text says where."""


class _TooFewError(Exception):
    """The bytes that are here end before the elements that are wanted."""


@dataclass(frozen=True, slots=True)
class _Walk:
    """How far to walk a file of `size` bytes: to one of `stops`, into the sequences `entered`."""

    size: int
    stops: AbstractSet[int] = frozenset()
    entered: AbstractSet[int] = SEQUENCES


def is_dicom(data: Buffer) -> bool:
    """Whether `data` begins as a DICOM file does, with a preamble or straight away with its elements."""
    return bytes(data[128:_PREAMBLE]) == b"DICM" or _guess(data, 0, len(data)) is not None


def read_stream(data: Buffer, where: str) -> Stream:
    """Walk a file for which `is_dicom` is true; LimitError where it nests or holds more than is allowed."""
    return _read(data, where, _Walk(len(data)))


def read_head(
    data: bytes, size: int, where: str, *, stops: AbstractSet[int], passed: AbstractSet[int]
) -> Stream | None:
    """Walk a file of `size` bytes, of which `data` are the first, up to one of the elements `stops`.

    Of that element the data set tells that it is there, and holds no value; that its length ends within the file is
    made sure. Sequences in `passed` have no items where their length is declared. None where `data` are too few; of a
    deflated file all have to be there.
    """
    try:
        return _read(data, where, _Walk(size, stops, SEQUENCES - passed))
    except (_TooFewError, struct.error):  # of struct: the next element begins behind what is here
        return None


def _read(data: Buffer, where: str, walk: _Walk) -> Stream:
    at = _PREAMBLE if bytes(data[128:_PREAMBLE]) == b"DICM" else 0
    meta = DataSet(data, where)
    stream = Stream(DataSet(data, where), meta, "", at)
    walker = _Walker(data, where, walk)
    try:
        at = walker.meta(meta, at)
        stream.transfer_syntax = meta.code(Tag.TransferSyntaxUID)
        if len(data) < walk.size and (stream.transfer_syntax == DEFLATED_UID or len(data) < at + _ELEMENT_BYTES):
            raise _TooFewError
        if stream.transfer_syntax == DEFLATED_UID:
            data, at = _inflated(data, at, where), 0
            walk = replace(walk, size=len(data))
            walker = _Walker(data, where, walk)
        declared = _encoding(stream.transfer_syntax)
        encoding = _guess(data, at, len(data)) or declared
        if declared is _BIG or encoding is None:
            encoding = declared or _IMPLICIT
        stream.start = at
        stream.dataset = DataSet(data, where, encoding.order == "<")
        if walker.elements(stream.dataset, at, walk.size, encoding, 0) > len(data):
            raise _TooFewError
    except _BrokenError as broken:
        stream.problem = str(broken)
    return stream


def _encoding(transfer_syntax: str) -> _Encoding | None:
    if transfer_syntax == BIG_ENDIAN_UID:
        return _BIG
    if transfer_syntax == IMPLICIT_UID:
        return _IMPLICIT
    # Every other transfer syntax, compressed pixel data among them, is explicit little endian (PS3.5 A.4).
    return _EXPLICIT if transfer_syntax else None


def _guess(data: Buffer, at: int, end: int) -> _Encoding | None:
    """The encoding that the first element shows; some systems write another than they declare."""
    if end - at < 8:
        return None
    vr = bytes(data[at + 4 : at + 6])
    if vr in _LONG_VRS or vr in _SHORT_VRS:
        for encoding in (_EXPLICIT, _BIG):
            if encoding.tag_at(data, at) >> 16 in (0x0002, 0x0008):
                return encoding
        return None
    tag, length = _IMPLICIT.tag_at(data, at), struct.unpack_from("<I", data, at + 4)[0]
    # A data set begins with group 8 elements, all of them short.
    return _IMPLICIT if tag >> 16 == 0x0008 and tag & 0xFFFF < 0x0100 and length < 0x1000 else None


def _inflated(data: Buffer, at: int, where: str) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = inflater.decompress(bytes(data[at:]), MAX_INFLATED_BYTES)
    except zlib.error:
        raise _BrokenError("the deflated data set is damaged") from None
    if inflater.unconsumed_tail:
        raise LimitError(f"holds more than {MAX_INFLATED_BYTES} bytes when inflated", where=where)
    if not inflater.eof:
        raise _BrokenError("the deflated data set ends too early")
    if len(inflater.unused_data) > 1:  # one byte may pad the file to an even length
        raise _BrokenError(f"{len(inflater.unused_data)} bytes follow the deflated data set")
    return plain


class _Walker:
    """Walks one buffer; counts elements over the whole of it."""

    def __init__(self, data: Buffer, where: str, walk: _Walk) -> None:
        self.data = data
        self.where = where
        self.walk = walk
        self.count = 0

    def meta(self, dataset: DataSet, at: int) -> int:
        """The file meta information (group 2, explicit little endian); returns where the data set begins."""
        end = self.walk.size
        while end - at >= 8 and _EXPLICIT.tag_at(self.data, at) >> 16 == 0x0002:
            tag, _, length, start = self._header(at, end, _EXPLICIT)
            at = self._stop(tag, start, length, end)
            if tag in dataset.elements:
                raise _BrokenError(f"{tag_text(tag)} is there twice")
            dataset.elements[tag] = Element(start, at)
        return at

    def elements(self, dataset: DataSet, at: int, end: int, encoding: _Encoding, depth: int) -> int:
        """Fill `dataset` from `at` to exactly `end`, or to where the walk stops; returns where that is."""
        while at < end:
            tag, vr, length, start = self._header(at, end, encoding)
            if tag >> 16 == 0xFFFE:
                raise _BrokenError(f"a delimiter {tag_text(tag)} stands at byte {at} where none belongs")
            if depth == 0 and tag in self.walk.stops:
                if length != _UNDEFINED:
                    self._stop(tag, start, length, end)
                dataset.elements[tag] = Element(start, start)
                return at
            at = self._value(dataset, (tag, vr, length, start), end, encoding, depth)
        return at

    def _delimited(self, dataset: DataSet, at: int, end: int, encoding: _Encoding, depth: int) -> int:
        """Fill `dataset` from `at` to its item delimiter; returns where that ends."""
        while at < end:
            tag, vr, length, start = self._header(at, end, encoding)
            if tag == _ITEM_END:
                return self._end(tag, start, length)
            at = self._value(dataset, (tag, vr, length, start), end, encoding, depth)
        raise _BrokenError(f"an item is not delimited before byte {end}")

    def _value(
        self, dataset: DataSet, header: tuple[int, bytes, int, int], end: int, encoding: _Encoding, depth: int
    ) -> int:
        tag, vr, length, start = header
        self.count += 1
        if self.count > MAX_ELEMENTS:
            raise LimitError(f"holds more than {MAX_ELEMENTS} elements", where=self.where)
        if tag in dataset.elements:
            raise _BrokenError(f"{tag_text(tag)} is there twice")
        if length == _UNDEFINED and tag == Tag.PixelData:
            stop, after = self._fragments(start, end, encoding)
            dataset.elements[tag] = Element(start, stop, None, encapsulated=True)
            return after
        element = dataset.elements[tag] = Element(start, start)
        if length == _UNDEFINED:
            if vr not in _NESTING_VRS:
                raise _BrokenError(f"{tag_text(tag)} is of undefined length and no sequence")
            after = self._sequence(element, dataset, (start, end), encoding if vr != b"UN" else _IMPLICIT, depth + 1)
            element.stop = after
            return after
        element.stop = self._stop(tag, start, length, end)
        if length and tag in self.walk.entered:
            if vr not in _NESTING_VRS:
                raise _BrokenError(f"{tag_text(tag)} is no sequence")
            inner = encoding if vr != b"UN" else _IMPLICIT
            self._sequence(element, dataset, (start, element.stop), inner, depth + 1, delimited=False)
        elif tag in self.walk.entered:
            element.items = []
        return element.stop

    def _sequence(
        self,
        element: Element,
        parent: DataSet,
        span: tuple[int, int],
        encoding: _Encoding,
        depth: int,
        *,
        delimited: bool = True,
    ) -> int:
        """The items of a sequence, to its delimiter or to exactly the end of `span`; returns where it ends."""
        if depth > MAX_DEPTH:
            raise LimitError(f"nests sequences more than {MAX_DEPTH} deep", where=self.where)
        at, end = span
        charset = parent.raw(Tag.SpecificCharacterSet) or parent.charset
        items = element.items = []
        while at < end:
            tag, _, length, start = self._header(at, end, encoding)
            if tag == _SEQUENCE_END and delimited:
                return self._end(tag, start, length)
            if tag != _ITEM:
                raise _BrokenError(f"{tag_text(tag)} stands at byte {at} where an item is expected")
            item = DataSet(self.data, self.where, encoding.order == "<", charset)
            if length == _UNDEFINED:
                at = self._delimited(item, start, end, encoding, depth)
            else:
                at = self.elements(item, start, self._stop(tag, start, length, end), encoding, depth)
            items.append(item)
        if delimited:
            raise _BrokenError(f"a sequence is not delimited before byte {end}")
        return at

    def _fragments(self, at: int, end: int, encoding: _Encoding) -> tuple[int, int]:
        """Encapsulated pixel data (PS3.5 A.4): where the last fragment and where the delimiter ends."""
        while at < end:
            tag, _, length, start = self._header(at, end, encoding)
            if tag == _SEQUENCE_END:
                return at, self._end(tag, start, length)
            if tag != _ITEM:
                raise _BrokenError(f"{tag_text(tag)} stands at byte {at} where a fragment is expected")
            at = self._stop(tag, start, length, end)
        raise _BrokenError("the pixel data are not delimited")

    def _header(self, at: int, end: int, encoding: _Encoding) -> tuple[int, bytes, int, int]:
        """Tag, VR (empty where there is none), declared length and where the value begins."""
        if end - at < 8:
            raise _BrokenError(f"{end - at} bytes at byte {at} are no element")
        if not encoding.explicit:
            group, element, length = struct.unpack_from("<HHI", self.data, at)
            return group << 16 | element, b"", length, at + 8
        group, element, vr, short = struct.unpack_from(encoding.order + "HH2sH", self.data, at)
        tag = group << 16 | element
        if group == 0xFFFE:
            return tag, b"", struct.unpack_from(encoding.order + "I", self.data, at + 4)[0], at + 8
        if vr in _SHORT_VRS:
            return tag, vr, short, at + 8
        if vr not in _LONG_VRS:
            raise _BrokenError(f"{tag_text(tag)} at byte {at} has no value representation")
        if end - at < 12:
            raise _BrokenError(f"{end - at} bytes at byte {at} are no element")
        return tag, vr, struct.unpack_from(encoding.order + "I", self.data, at + 8)[0], at + 12

    @staticmethod
    def _end(tag: int, start: int, length: int) -> int:
        """Where a delimiter ends; it has no value."""
        if length != 0:
            raise _BrokenError(f"the delimiter {tag_text(tag)} at byte {start} declares {length} bytes")
        return start

    @staticmethod
    def _stop(tag: int, start: int, length: int, end: int) -> int:
        if length > end - start:
            raise _BrokenError(f"{tag_text(tag)} declares {length} bytes at byte {start} and {end - start} are left")
        return start + length
