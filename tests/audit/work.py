"""What processes of a pool are given to do, some of which end them."""

import os
import signal
import time

import numpy as np


def work(item):
    match item:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(3600)
        case ("once", mark):
            if not os.path.exists(mark):  # noqa: PTH110 - as little as possible
                open(mark, "w").close()  # noqa: PTH123
                os._exit(3)
        case "pid":
            return os.getpid()
        case "big":
            try:
                return np.ones(2**27).nbytes
            except MemoryError:
                return "no memory"
        case "threads":
            return os.environ["OMP_NUM_THREADS"], os.environ["OPENBLAS_NUM_THREADS"]
        case "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
    return item


if __name__ == "__main__":
    # A pool whose parent can be killed: it says which process works, and that one waits.
    from hardcheck.audit.pool import Pool

    for _, answer in Pool(1).map(work, ["pid", "hang"]):
        print(answer, flush=True)  # noqa: T201
