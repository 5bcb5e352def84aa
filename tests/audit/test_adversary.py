"""What may go wrong around a run: nothing is lost, counted twice, or told to have passed."""

import os
import re
import shutil
import zlib

import pydicom
import pytest

from benchmarks import archive as generator
from hardcheck.archive import walk
from hardcheck.audit import evaluate_task
from hardcheck.audit.pool import Pool
from hardcheck.errors import StoreError
from hardcheck.store import Bin, Store
from tests.audit.archives import Here, rows, run


@pytest.fixture
def root(tmp_path):
    """An archive of three sound plans."""
    generator.generate(tmp_path / "archive", 3, seed=3, faulty=0)
    return tmp_path / "archive"


def of_kind(root, kind):
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return [path for path in paths if pydicom.dcmread(path, stop_before_pixels=True).Modality == kind]


def tripled(path):
    dataset = pydicom.dcmread(path)
    dataset.DoseGridScaling = str(float(dataset.DoseGridScaling) * 3)
    dataset.save_as(path)


class Meddling(Here):
    """Workers before whose work somebody edits a file of each plan."""

    def run(self, tasks):
        for task in tasks:
            for path in task.files:
                whole = task.root + "/" + path
                if pydicom.dcmread(whole, stop_before_pixels=True).Modality == "RTDOSE":
                    tripled(whole)
            yield evaluate_task(task)


def test_a_file_that_is_replaced_after_its_header_was_read(root, tmp_path):
    kept, where = tmp_path / "kept", tmp_path / "audit.db"
    shutil.copytree(root, kept)
    wanted = run(kept, tmp_path / "other.db")
    meddled = run(root, where, Meddling())
    assert meddled.account.counts[Bin.UNREADABLE] == meddled.account.found == 3
    reasons = [row.reason for row in rows(where, meddled.run).values()]
    assert all(reason.endswith("changed while the audit ran; run it again") for reason in reasons)
    shutil.copytree(kept, root, dirs_exist_ok=True)  # with its times: as if nothing had been
    assert run(root, where).account.counts == wanted.account.counts


def test_copies_are_copies_with_little_memory(root, tmp_path):
    for path in of_kind(root, "RTPLAN"):
        shutil.copy(path, path.with_name("z" + path.name))
    audited = run(root, tmp_path / "audit.db", pool=Pool(1, 512 * 2**20))
    assert audited.account.counts[Bin.DUPLICATE] == 3
    assert audited.account.counts[Bin.UNLINKED] == 0


def test_a_header_that_is_a_bomb(root, tmp_path, capfd):
    path = root / "bomb"
    dataset = pydicom.dcmread(of_kind(root, "RTPLAN")[0])
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    dataset.save_as(path)
    whole = path.read_bytes()
    at = 128 + 4 + 12 + pydicom.filereader.read_file_meta_info(path).FileMetaInformationGroupLength
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    length = 2**30
    parts = [zlib.decompress(whole[at:], -15), b"\xfc\xff\xfc\xffOB\0\0" + length.to_bytes(4, "little")]
    packed = [deflater.compress(part) for part in (*parts, *[bytes(2**24)] * (length // 2**24))]
    path.write_bytes(whole[:at] + b"".join(packed) + deflater.flush())
    audited = run(root, tmp_path / "audit.db", pool=Pool(1, 512 * 2**20))
    assert audited.account.found == 4
    reason = rows(tmp_path / "audit.db", audited.run)["bomb"].reason
    assert reason == "its header needs more memory than a process may have: it may have been a plan"
    assert "Traceback" not in capfd.readouterr().err


def test_names_that_nobody_would_give(root, tmp_path):
    (plan,) = of_kind(root, "RTPLAN")[:1]
    (root / "=cmd|' calc'!A0").mkdir()
    shutil.copy(plan, root / "=cmd|' calc'!A0" / "line\nbreak")
    os.mkfifo(root / "pipe")
    (root / "loop").symlink_to(root)
    (root / "self").symlink_to("self")
    deep = root.joinpath(*["d" * 200] * 11)
    deep.mkdir(parents=True)
    shutil.copy(plan, deep / "plan")
    shutil.copy(plan, os.fsencode(root) + b"/\xff.dcm")
    audited = run(root, tmp_path / "audit.db")
    assert audited.account.counts[Bin.DUPLICATE] == 1
    assert audited.account.found == 4
    told = " ".join(f"{each.path}: {each.reason}." for each in audited.obstacles)
    assert len(audited.obstacles) == 5
    for said in (
        "pipe: neither a file",
        "loop: a link to a folder",
        "self: cannot be",
        "udcff.dcm: its name is no text",
    ):
        assert said in told
    assert re.search(r"d{200}: its path is longer than 2000 bytes; shorten it", told)


def test_a_path_as_long_as_may_be_is_stored(postgres, tmp_path):
    generator.generate(tmp_path / "short", 1, seed=3, faulty=0)
    folder = "/".join([os.urandom(100).hex() for _ in range(9)])
    (tmp_path / "archive" / folder).parent.mkdir(parents=True)
    shutil.move(tmp_path / "short", tmp_path / "archive" / folder)
    assert max(len(stamp.path) for stamp in walk(tmp_path / "archive").files) > 1800
    assert run(tmp_path / "archive", postgres).account.closes


@pytest.mark.parametrize("another", [False, True])
def test_a_store_that_is_taken_away(root, tmp_path, another):
    where = tmp_path / "audit.db"

    class Taking(Here):
        def run(self, tasks):
            where.unlink()
            if another:
                Store(where).close()
            yield from super().run(tasks)

    # Where there is another one, SQLite may find out before the end.
    said = "the store failed|was taken away" if another else "taken away or replaced while it was used; leave it where"
    with pytest.raises(StoreError, match=said):
        run(root, where, Taking())


def test_header_texts_that_a_database_does_not_take(root, postgres):
    for path, put in zip(of_kind(root, "RTPLAN"), (b"\0", b"\xff", b"\n"), strict=True):
        data = path.read_bytes()
        (label,) = re.findall(rb"PLAN_\d{6}", data)
        path.write_bytes(data.replace(label, label[:5] + put + label[6:]))
    audited = run(root, postgres)
    assert audited.account.closes
    assert audited.account.found == 3
    assert sum(row.key is not None for row in rows(postgres, audited.run).values()) == 3
