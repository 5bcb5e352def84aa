"""DICOM RT in: the only part of the package that knows the file format.

Reading is strict where a number depends on it and lenient where none does; what a file does not prove is a
finding of the plan, never a guess.
"""

from hardcheck.dicom.header import HEADER_FORMAT, Header, content_of, head_sha256, read_header
from hardcheck.dicom.inventory import NOT_DICOM, ZIP_INSIDE, Entry, Inventory, take_inventory
from hardcheck.dicom.reader import read_plan

__all__ = [
    "HEADER_FORMAT",
    "NOT_DICOM",
    "ZIP_INSIDE",
    "Entry",
    "Header",
    "Inventory",
    "content_of",
    "head_sha256",
    "read_header",
    "read_plan",
    "take_inventory",
]
