"""What docs/store.md shows is what works."""

import re
import subprocess
import sys
from pathlib import Path

from hardcheck.evaluation import evaluate
from hardcheck.library import load_protocol
from hardcheck.phantom import thigh_plan
from hardcheck.report.document import evaluation_document
from hardcheck.store.entry import json_text
from hardcheck.store.schema import METADATA

PAGE = (Path(__file__).parents[2] / "docs" / "store.md").read_text("utf-8")
(BLOCK,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_example_runs(tmp_path):
    document = evaluation_document(evaluate(thigh_plan(), load_protocol("hard")))
    # The plan of this test comes from no file.
    document["provenance"]["inputs"] = [{"sop_instance_uid": "1.2.3", "sha256": "ab" * 32, "modality": "RTPLAN"}]
    (tmp_path / "evaluation.json").write_text(json_text(document), "utf-8")
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", BLOCK], capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120
        )
        assert run.returncode == 0, run.stderr
        assert run.stdout.startswith("2 found = ")
    tables = {"plans.csv", "goals.csv", "findings.csv", "curves.csv", "files.csv"}
    assert {path.name for path in tmp_path.glob("*.csv")} == tables


def test_every_table_is_named():
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", " ".join(row.split("|")[1] for row in rows))) == set(METADATA.tables)
