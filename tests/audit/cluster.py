"""A Dask scheduler and workers of its own on loopback, in processes that can be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

from tests.audit import command

CODE = "import sys; from distributed.cli.dask_{0} import main; main(sys.argv[1:])"


class Cluster:
    """A scheduler in `folder`, whose `address` a client is given, and the logs of all its processes."""

    def __init__(self, folder):
        self.folder = folder
        self.started = []
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(folder / "scheduler.json")
        )
        self.address = self._until(self._address)

    def _address(self):
        with suppress(FileNotFoundError, json.JSONDecodeError):
            return json.loads((self.folder / "scheduler.json").read_text("utf-8"))["address"]

    def _until(self, found):
        end = time.monotonic() + 60
        while not (answer := found()):
            assert time.monotonic() < end, self.log()
            assert all(process.poll() is None for process in self.started), self.log()
            time.sleep(0.05)
        return answer

    def _start(self, kind, *arguments, path=command.ROOT, before=()):
        # Nobody but this machine, and nothing of this user's own settings.
        environment = os.environ | {"PYTHONPATH": str(path), "DASK_CONFIG": str(self.folder / "config")}
        with (self.folder / f"{len(self.started)}-{kind}.log").open("wb") as log:
            process = subprocess.Popen(
                [*before, sys.executable, "-c", CODE.format(kind), "--no-dashboard", *arguments],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def start_worker(self, **options):
        """Begin a worker of one thread; its nanny starts it anew when it dies. It is there when this returns."""
        before = self._workers()
        own = ["--host", "127.0.0.1", "--nworkers", "1", "--nthreads", "1", "--local-directory", str(self.folder)]
        nanny = self._start("worker", self.address, *own, **options)
        self._until(lambda: self._workers() > before)
        return nanny

    def _workers(self):
        return self.log().count("Register worker")

    def processes(self):
        """The processes that work, not their nannies."""
        return [pid for nanny in self.started[1:] for pid in command.living(nanny.pid) if _works(pid)]

    def log(self):
        """What all of them logged."""
        return "\n".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log")))

    def end(self):
        """Kill them all."""
        for process in reversed(self.started):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=60)


def _works(pid):
    with suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
        return b"spawn_main" in file.read()
    return False


@contextmanager
def cluster(folder, workers=2):
    """A cluster with so many workers."""
    folder.mkdir()
    made = Cluster(folder)
    try:
        for _ in range(workers):
            made.start_worker()
        yield made
    finally:
        made.end()
