"""Who may import whom. Adding an entry to a table here is a decision: docs/decisions/0001-layout-and-imports.md."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "hardcheck"

THIRD_PARTY = {
    "plan": {"numpy"},
    "course": {"numpy"},
    "dvh": {"numpy", "numba", "scipy"},
    "evaluation": {"numpy"},
    "phantom": {"numpy"},
    "dicom": {"numpy", "pydicom"},
    "library": {"yaml", "pydantic", "pydantic_core"},
    "picture": {"numpy", "contourpy", "shapely"},
    "report": {"jinja2", "markupsafe", "numpy", "PIL"},
    "pdf": {"cssselect2", "tinycss2", "weasyprint"},
    "algebra": {"numpy", "shapely"},
    "indices": {"numpy", "scipy"},
    "lattice": {"numpy"},
    "second_opinion": {"numpy", "dicompylercore", "pydicom"},
    "planning_system": {"numpy"},
    "store": {"numpy", "pyarrow", "sqlalchemy"},
    "audit": {"distributed", "numpy"},
    "replay": {"numpy"},
    "cohort": {"numpy"},
    "cli": {"click", "rich"},
}
"""The libraries that each part may import; a part that is not here imports the standard library alone."""

OWN = {
    "metric": {"errors"},
    "files": {"errors"},
    "radiobiology": {"plan"},
    "protocol": {"errors", "metric", "spelling"},
    "course": {"errors", "plan"},
    "dvh": {"course", "errors", "metric", "plan", "quantity", "radiobiology"},
    "algebra": {"plan", "protocol", "quantity"},
    "lattice": {"algebra", "dvh", "metric", "plan", "protocol", "quantity"},
    "indices": {"algebra", "dvh", "metric", "plan", "protocol", "quantity"},
    "planning_system": {"dvh", "errors", "metric", "plan", "protocol", "quantity"},
    "evaluation": {
        "algebra",
        "dvh",
        "errors",
        "indices",
        "lattice",
        "metric",
        "plan",
        "planning_system",
        "protocol",
        "quantity",
    },
    "comparison": {"errors", "evaluation", "plan", "protocol"},
    "phantom": {"plan"},
    "picture": {"plan"},
    "dicom": {"errors", "plan"},
    "settings": {"wording"},
    "library": {"catalogue", "errors", "files", "metric", "protocol", "settings", "spelling", "wording"},
    "archive": {"dicom", "errors", "evaluation", "plan", "protocol"},
    "audit": {"hardcheck", "archive", "dicom", "dvh", "errors", "evaluation", "protocol", "report", "store"},
    "spreadsheet": {"visible"},
    "pdf": {"errors"},
    "report": {
        "hardcheck",
        "cohort",
        "comparison",
        "dvh",
        "errors",
        "evaluation",
        "files",
        "lattice",
        "metric",
        "pdf",
        "picture",
        "plan",
        "planning_system",
        "protocol",
        "quantity",
        "replay",
        "radiobiology",
        "settings",
        "spelling",
        "spreadsheet",
        "store",
        "visible",
        "wording",
    },
    "exchange": {"errors", "metric", "protocol", "spreadsheet"},
    "second_opinion": {"dvh", "errors", "plan"},
    "store": {"errors", "spreadsheet"},
    "cohort": {"store"},
    "replay": {"errors", "evaluation", "library", "metric", "plan", "protocol", "quantity", "store"},
    "signoff": {"errors", "evaluation", "report", "spelling"},
    "cli": {
        "hardcheck",
        "archive",
        "audit",
        "catalogue",
        "cohort",
        "comparison",
        "course",
        "dicom",
        "dvh",
        "errors",
        "evaluation",
        "exchange",
        "indices",
        "library",
        "metric",
        "pdf",
        "phantom",
        "plan",
        "planning_system",
        "protocol",
        "quantity",
        "replay",
        "report",
        "second_opinion",
        "signoff",
        "spelling",
        "store",
    },
    "__main__": {"cli"},
}
"""The parts of hardcheck that each part may import, besides itself. "hardcheck" is the version and the statement."""

HEAVY = (
    "numpy",
    "numba",
    "scipy",
    "pydicom",
    "pydantic",
    "yaml",
    "jinja2",
    "rich",
    "dicompylercore",
    "matplotlib",
    "shapely",
    "weasyprint",
    "contourpy",
    "PIL",
    "sqlalchemy",
    "psycopg",
    "pyarrow",
    "distributed",
)


@dataclass(frozen=True)
class Import:
    """One import of one file. `typing_only` ones never run, `late` ones run when a function is called."""

    file: str
    importer: str
    imported: str
    typing_only: bool
    late: bool


def module_of(path: Path) -> str:
    parts = ("hardcheck", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[Import]:
    yield from walk(ast.parse(path.read_text("utf-8")), path, typing_only=False, late=False)


def walk(node: ast.AST, path: Path, *, typing_only: bool, late: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            names = [alias.name for alias in child.names]
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{path}: relative import"
            names = [target(child.module, alias.name) for alias in child.names]
        else:
            guarded = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from walk(child, path, typing_only=typing_only or guarded, late=late or function)
            continue
        for name in names:
            yield Import(path.relative_to(PACKAGE).as_posix(), module_of(path), name, typing_only, late)


def target(module: str, name: str) -> str:
    """``from a import b`` imports the module a.b where there is one, else a."""
    inside = PACKAGE.joinpath(*f"{module}.{name}".split(".")[1:])
    is_module = module.startswith("hardcheck") and (inside.with_suffix(".py").exists() or inside.is_dir())
    return f"{module}.{name}" if is_module else module


def part_of(module: str) -> str:
    pieces = module.split(".")
    return pieces[1] if len(pieces) > 1 else "hardcheck"


FILES = sorted(PACKAGE.rglob("*.py"))
IMPORTS = [found for path in FILES for found in imports_of(path)]


def test_the_imports_are_found():
    assert any(i.imported == "pydicom" for i in IMPORTS)
    assert any(i.imported == "hardcheck.plan.dose" for i in IMPORTS)
    assert any(i.late for i in IMPORTS)
    assert any(i.typing_only for i in IMPORTS)


def test_third_party_libraries_stay_in_their_home():
    strangers = [
        f"{i.file} imports {i.imported}"
        for i in IMPORTS
        if (top := i.imported.split(".")[0]) not in sys.stdlib_module_names | {"hardcheck"}
        and top not in THIRD_PARTY.get(part_of(i.importer), set())
    ]
    assert strangers == []


def test_parts_import_only_what_they_may_know():
    strangers = [
        f"{i.file} imports {i.imported}"
        for i in IMPORTS
        # The package itself only names where its API lives.
        if i.imported.split(".")[0] == "hardcheck" and i.importer != "hardcheck"
        if (part := part_of(i.imported)) != (own := part_of(i.importer)) and part not in OWN.get(own, set())
    ]
    assert strangers == []


def test_the_tables_allow_nothing_that_is_not_used():
    used = {(part_of(i.importer), i.imported.split(".")[0]) for i in IMPORTS}
    used |= {(part_of(i.importer), part_of(i.imported)) for i in IMPORTS if i.imported.split(".")[0] == "hardcheck"}
    allowed = {(part, name) for table in (THIRD_PARTY, OWN) for part, names in table.items() for name in names}
    assert allowed - used == set()


@pytest.mark.parametrize("level", ["modules", "parts"])
def test_no_import_cycle(level):
    name = part_of if level == "parts" else str
    graph = {}
    for found in IMPORTS:
        if found.typing_only or found.imported.split(".")[0] != "hardcheck" or found.importer == "hardcheck":
            continue
        importer, imported = name(found.importer), name(found.imported)
        if importer != imported:
            graph.setdefault(importer, set()).add(imported)
    TopologicalSorter(graph).prepare()  # CycleError names the cycle


@pytest.mark.parametrize(
    "code",
    [
        "import hardcheck, hardcheck.cli",
        "import sys, hardcheck.cli; sys.argv = ['hardcheck', '--help']; hardcheck.cli.main()",
        "import sys, hardcheck.cli; sys.argv = ['hardcheck', 'check', '--help']; hardcheck.cli.main()",
        "import sys, hardcheck.cli; sys.argv = ['hardcheck', '--version']; hardcheck.cli.main()",
    ],
)
def test_nothing_heavy_is_imported_before_a_command_runs(code):
    report = (
        f"import atexit, sys; atexit.register(lambda: print('heavy:', sorted(sys.modules.keys() & {set(HEAVY)!r})))"
    )
    run = subprocess.run(
        [sys.executable, "-c", f"{report}\n{code}"], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "heavy: []"
