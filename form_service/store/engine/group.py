"""Group commit: threads that want to write at the same time share one transaction and one wait for the disk."""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from form_service.store.errors import StoreUnavailable

T = TypeVar("T")
LARGEST_BATCH = 64


class _Job:
    __slots__ = ("answer", "leads", "signal", "work")

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self.work = work
        self.answer: Any = None
        self.leads = False
        self.signal = threading.Lock()
        self.signal.acquire()


class Group:
    """The first thread to come leads: it runs what waits as one batch, then hands the lead to the next that waits.

    A caller that is alone pays for no hand-over to another thread.
    """

    def __init__(self, run_batch: Callable[[list[Callable[[Any], Any]]], list[Any]]) -> None:
        """`run_batch` answers each work with its result or with the exception to raise in its caller."""
        self._run_batch = run_batch
        self._mutex = threading.Lock()
        self._waiting: list[_Job] = []
        self._led = False
        self._crowded = False

    def run(self, work: Callable[[Any], T]) -> T:
        """Run `work` as part of a batch; returns its result or raises its exception."""
        job = _Job(work)
        with self._mutex:
            self._waiting.append(job)
            job.leads = not self._led
            self._led = True
        if not job.leads:
            job.signal.acquire()
        if job.leads:
            self._lead()
        if isinstance(job.answer, BaseException):
            raise job.answer
        answer: T = job.answer
        return answer

    def _lead(self) -> None:
        if self._crowded:
            # Those whose commit has just ended come again: let them, or this one waits for the disk alone.
            time.sleep(0)
        with self._mutex:
            batch, self._waiting = (
                self._waiting[:LARGEST_BATCH],
                self._waiting[LARGEST_BATCH:],
            )
            self._crowded = len(batch) > 1
        try:
            answers = self._run_batch([job.work for job in batch])
        except BaseException as error:  # a batch without an answer would hang its callers
            answers = [error] * len(batch)
        with self._mutex:
            if any(_is_locked(answer) for answer in answers):
                # Those who came meanwhile would each wait as long again, one batch after the other.
                batch, answers = batch + self._waiting, answers + [answers[0]] * len(self._waiting)
                self._waiting = []
        for job, answer in zip(batch, answers, strict=True):
            job.answer = answer
        with self._mutex:
            successor = self._waiting[0] if self._waiting else None
            self._led = successor is not None
        if successor is not None:
            successor.leads = True
            successor.signal.release()
        for job in batch[1:]:
            job.signal.release()


def _is_locked(answer: Any) -> bool:
    """Whether the whole batch waited in vain for the lock of another process."""
    return isinstance(answer, StoreUnavailable) and answer.kind == "locked"
