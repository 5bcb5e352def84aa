"""Documents as `check` writes them, as small as the store takes them, and a server to store them in."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import sqlalchemy

from hardcheck.store import Bin, Curve, PlanFacts, entry_of, key_of

PROTOCOL_SHA256 = "ab" * 32


def goal(name="cord-max", *, outcome="MET", value=40.0, **other):
    return {
        "id": name,
        "structure": "Cord",
        "roi_number": 7,
        "roi_name": "SpinalCord",
        "metric": "D0.03cc[Gy]",
        "op": "<=",
        "limit": 46.0,
        "unit": "Gy",
        "tier": "required",
        "value": value,
        "low": None if value is None else value - 0.5,
        "high": None if value is None else value + 0.5,
        "outcome": outcome,
        "reason": None if value is not None else "not contoured",
        "recipe": None,
        "by_whole": False,
        "whole": None,
        "review": None,
        "shortfall": None,
    } | other


def document(verdict="PASS", goals=None, *, patient_id="P1", anonymous=False, protocol_version="1", sha256="00"):
    identity = {"sop_instance_uid": "1.2.3", "label": "Boost", "patient_id": patient_id}
    return {
        "schema": "hardcheck.evaluation/1",
        "version": "0.1.0",
        "verdict": verdict,
        "anonymous": anonymous,
        "plan": (dict.fromkeys(identity) if anonymous else identity) | {"fractions": 22, "prescription_gy": 66.0},
        "protocol": {"id": "hard", "version": protocol_version, "sha256": PROTOCOL_SHA256, "regimen": "22fx"},
        "levels": {"HR": 66.0},
        "goals": [goal()] if goals is None else goals,
        "integrity": [{"id": "grid", "severity": "WARN", "message": "coarse", "structures": ["Cord"]}],
        "provenance": {
            "inputs": [{"sop_instance_uid": "1.2.3", "sha256": sha256, "modality": "RTPLAN"}],
            "settings": {"end_caps": "half"},
            "versions": {"numpy": "2"},
            "evaluation_sha256": "cd" * 32,
        },
    }


def key(number):
    inputs = [f"{number:064x}"]
    return key_of(inputs, protocol_sha256=PROTOCOL_SHA256, regimen="22fx", settings={}, version="0.1.0")


def entry(number=0, verdict="PASS", goals=None, *, curves=(), facts=None, **more):
    facts = PlanFacts("TrueBeam1", "ab", "2026-11-21") if facts is None else facts
    return entry_of(key(number), document(verdict, goals, **more), facts, curves)


def ramp(top_gy, structure="Cord", volume_cc=10.0, **more):
    """As much volume at each dose up to `top_gy`: V(D) = volume (1 - D / top)."""
    dose_gy = np.linspace(0.0, top_gy, 101)
    return Curve(structure, 7, "SpinalCord", dose_gy, volume_cc * (1 - dose_gy / top_gy), **more)


def begin(store, found=1, archive="/archive"):
    return store.begin(archive, found=found, settings={"protocol": "hard"}, started="2026-11-21T22:00:00")


def fill(store, order=range(8)):
    """A finished run of eight plans, one in each bin, stored in this order."""
    run = begin(store, found=8)
    made = {
        0: entry(0, "PASS", curves=[ramp(40.0)]),
        1: entry(1, "VARIATION", [goal(), goal("cord-mean", outcome="NOT_MET", value=50.0)], curves=[ramp(60.0)]),
        2: entry(2, "FAIL", [goal(outcome="NOT_MET", value=50.0)], curves=[ramp(50.0)]),
        3: entry(3, "REVIEW", [goal(outcome="NOT_EVALUATED", value=None)]),
    }
    for number in order:
        if number in made:
            store.put(run, f"p{number}/plan.dcm", made[number])
        else:
            store.set_aside(run, {f"p{number}/plan.dcm": (list(Bin)[number], "=because(of) this")})
    store.finish(run, "2026-11-22T05:00:00")
    return run


def postgres_programs():
    """The folder of PostgreSQL's server programs, as Debian installs them; None where they are not."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if folders:
        return folders[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def postgres_server():
    """A server of its own on a free port of loopback, in a folder that goes with it; gives the URL without database.

    It refuses to run as root: then it is the user that Debian's package makes.
    """
    programs = postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="hardcheck-postgres-"))
    as_user = {}
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    make = [programs / "initdb", "--pgdata", folder / "data", "--username=hardcheck", "--auth=trust", "--no-sync"]
    subprocess.run(
        [*make, "--encoding=UTF8", "--locale=C"], check=True, cwd=folder, stdout=subprocess.DEVNULL, **as_user
    )
    settings = ("listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off")
    start = [programs / "postgres", "-D", folder / "data", "-p", str(port), *(f"--{each}" for each in settings)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(start, cwd=folder, stdout=log, stderr=log, **as_user)
    try:
        url = f"postgresql://hardcheck@127.0.0.1:{port}/"
        wait_for(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder)


def wait_for(url, server):
    for _ in range(300):
        assert server.poll() is None, "the server ended"
        with suppress(sqlalchemy.exc.OperationalError):
            run_sql(url, "SELECT 1")
            return
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


def run_sql(url, statement, database="postgres"):
    address = f"{url}{database}".replace("postgresql://", "postgresql+psycopg://")
    engine = sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
