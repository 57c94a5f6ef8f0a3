"""Threads in the network namespace of another process, so that tests can reach the servers there."""

import ctypes
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CLONE_NEWNET = 0x40000000


def threads_in_namespace(pid: int, count: int) -> ThreadPoolExecutor:
    """Return a pool of `count` threads that run in the network namespace of the process `pid`."""
    return ThreadPoolExecutor(count, initializer=_enter_namespace, initargs=(pid,))


def _enter_namespace(pid: int) -> None:
    """Move only the calling thread into the network namespace of the process `pid`.

    Raises OSError if the kernel refuses.
    """
    with Path(f"/proc/{pid}/ns/net").open() as namespace_file:
        if ctypes.CDLL(None, use_errno=True).setns(namespace_file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
