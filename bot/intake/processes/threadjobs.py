"""Threads let the workers of an event loop read what they find."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Any, ParamSpec, Self, TypeVar

from bot.intake.processes.workers import Workers

P = ParamSpec("P")
T = TypeVar("T")


class StoppedError(Exception):
    """Nothing is begun any longer."""


class ThreadJobs:
    """Jobs that threads begin, and wait for. Made in the loop of the workers.

    That loop must not wait for such a thread without stopping this first.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._loop = asyncio.get_running_loop()
        self._lock = Lock()
        self._running: set[Future[Any]] = set()
        self._stopped = False

    def begin(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run the job in the workers, as `Workers.run` does. Raises StoppedError."""
        with self._lock:
            if self._stopped:
                raise StoppedError
            future = asyncio.run_coroutine_threadsafe(self._workers.run(job, *args, **kwargs), self._loop)
            self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def stop(self) -> None:
        """Break off all jobs. Who waits for one gets CancelledError (of concurrent.futures)."""
        with self._lock:
            self._stopped = True
        for future in tuple(self._running):
            future.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
