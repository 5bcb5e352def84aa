"""The data files that come with the package: protocols and report templates.

In a wheel they lie inside the package, under ``_files``; in a checkout or an editable install they are the
folders of the same name beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hardcheck.errors import HardcheckError

_PACKAGE: Final = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """The folder of the shipped data files `name`, such as "protocols" or "templates".

    Raises HardcheckError where the installation does not hold it.
    """
    for folder in (_PACKAGE / "_files" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise HardcheckError(f"the folder of {name} is missing from this installation", do="install hardcheck again")
