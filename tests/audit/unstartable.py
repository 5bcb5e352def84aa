"""A module that no process of a pool can load."""

from multiprocessing import current_process

if current_process().name != "MainProcess":
    raise ImportError("nobody can")


def work(item):
    return item
