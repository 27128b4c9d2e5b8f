"""Time limits of very many short blocks, nearly all of which end in time: one timer looks after all of them.

Each limits as `asyncio.timeout` does, which sets a timer of its own: three times as dear, for every feed that is asked.
"""

import asyncio
from types import TracebackType
from typing import Self


class Clocks:
    """What looks after the clocks that run."""

    def __init__(self) -> None:
        self._running: set[Clock] = set()
        self._timer: asyncio.TimerHandle | None = None

    def limit(self, seconds: float) -> "Clock":
        """A block that ends after so many seconds: then it is cancelled, and raises TimeoutError."""
        return Clock(self, seconds)

    def start(self, clock: "Clock") -> None:
        """Look after the clock until it is stopped, or its time is up."""
        self._running.add(clock)
        if self._timer is None or clock.ends < self._timer.when():
            self._look_at(clock.ends)

    def stop(self, clock: "Clock") -> None:
        """Look after it no more."""
        self._running.discard(clock)

    def _look_at(self, when: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._look)

    def _look(self) -> None:
        """End what has had its time; nothing, when the clock that this was set for was stopped."""
        self._timer, now = None, asyncio.get_running_loop().time()
        for clock in [clock for clock in self._running if clock.ends <= now]:
            self._running.remove(clock)
            clock.end()
        if self._running:
            self._look_at(min(clock.ends for clock in self._running))


class Clock:
    """The time limit of a block in a task. Made by `Clocks.limit`."""

    __slots__ = ("_cancelling", "_clocks", "_is_over", "_left", "_task", "ends")

    def __init__(self, clocks: Clocks, seconds: float) -> None:
        self._clocks = clocks
        self._left = seconds
        self._is_over = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only what a task does can be cancelled")
        self._task = task
        self._cancelling = self._task.cancelling()
        self.go_on()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._clocks.stop(self)
        # Cancelled by somebody else, too, it stays so.
        if self._is_over and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def pause(self) -> None:
        """Stand still."""
        self._clocks.stop(self)
        self._left = self.ends - asyncio.get_running_loop().time()

    def go_on(self) -> None:
        """Run, for the time that is left."""
        self.ends = asyncio.get_running_loop().time() + self._left
        self._clocks.start(self)

    def end(self) -> None:
        """The time is up."""
        self._is_over = True
        self._task.cancel()
