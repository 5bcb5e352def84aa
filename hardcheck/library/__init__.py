"""Protocol files: found, read, checked. The only part that knows YAML and pydantic."""

from hardcheck.library.alias_file import NamesToSave, names_to_save, read_aliases
from hardcheck.library.problem import Problem
from hardcheck.library.protocol_file import lint
from hardcheck.library.schema import protocol_schema
from hardcheck.library.settings_file import load_settings
from hardcheck.library.shelf import (
    ShelfEntry,
    available,
    load_protocol,
    protocol_bytes,
    protocol_path,
    shipped_bytes,
    stored_protocol,
)
from hardcheck.library.table import GoalRow, RegimenRow, protocol_table, regimen_table

__all__ = [
    "GoalRow",
    "NamesToSave",
    "Problem",
    "RegimenRow",
    "ShelfEntry",
    "available",
    "lint",
    "load_protocol",
    "load_settings",
    "names_to_save",
    "protocol_bytes",
    "protocol_path",
    "protocol_schema",
    "protocol_table",
    "read_aliases",
    "regimen_table",
    "shipped_bytes",
    "stored_protocol",
]
