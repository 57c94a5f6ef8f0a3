"""Threads that live in the network of another process, so that what listens there can be reached."""

import ctypes
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CLONE_NEWNET = 0x40000000


def people_in(pid: int, number: int) -> ThreadPoolExecutor:
    """Return threads in the network of process `pid`."""
    return ThreadPoolExecutor(number, initializer=_enter, initargs=(pid,))


def _enter(pid: int) -> None:
    """Move the calling thread into the network; setns moves no other."""
    with Path(f"/proc/{pid}/ns/net").open() as network:
        if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
