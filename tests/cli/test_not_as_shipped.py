"""An edited copy of a shipped protocol does not pass for the published one."""

import hashlib

import pytest

from hardcheck.files import data_folder
from hardcheck.library import load_protocol
from hardcheck.library.shelf import protocol_path

HARD = data_folder("protocols") / "sarcoma" / "hard.yaml"


@pytest.fixture
def copy(tmp_path):
    """Makes a copy of HARD with one text replaced."""

    def make(old="", new=""):
        path = tmp_path / "mine.yaml"
        path.write_bytes(HARD.read_bytes().replace(old.encode(), new.encode(), 1))
        return path

    return make


def test_which_files_are_as_shipped(copy):
    assert load_protocol("hard").shipped_sha256 == ""
    assert load_protocol(copy()).shipped_sha256 == ""
    edited = load_protocol(copy("46 Gy", "45 Gy"))
    assert edited.shipped_sha256 == hashlib.sha256(HARD.read_bytes()).hexdigest() != edited.sha256
    assert load_protocol(copy("id: hard", "id: ours")).shipped_sha256 == ""
    assert protocol_path("hard") == HARD


def test_an_edited_copy_is_told_everywhere(run, box, copy, one_document, tmp_path):
    path, page = copy("<= 46 Gy", "<= 45 Gy"), tmp_path / "report.html"
    result = run("check", box, "-p", path, "-o", page, "--json", tmp_path / "out.json")
    assert "(transcribed, not as shipped)" in " ".join(result.stdout.split())
    assert "WARN protocol-not-as-shipped: " in result.stdout
    document = one_document((tmp_path / "out.json").read_text("utf-8"))
    assert document["protocol"]["not_as_shipped"] is True
    (finding,) = [f for f in document["integrity"] if f["id"] == "protocol-not-as-shipped"]
    assert finding["severity"] == "WARN"
    head = page.read_text("utf-8").split('id="decided"')[0]
    assert "<bdi>not as shipped</bdi>" in head
    assert load_protocol(path).sha256 in head


def test_the_shipped_one_says_nothing(run, box, copy, one_document):
    for name in ("hard", copy()):
        result = run("check", box, "-p", name, "--json", "-")
        document = one_document(result.stdout)
        assert document["protocol"]["not_as_shipped"] is False
        assert "not-as-shipped" not in result.stdout
        assert "not as shipped" not in result.stderr
