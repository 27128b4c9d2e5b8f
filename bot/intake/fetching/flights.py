"""What several ask for at the same time is done once."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    waiting: int = 0


class Flights(Generic[T]):
    """Work under way, by key."""

    def __init__(self) -> None:
        self._under_way: dict[object, _Flight[T]] = {}
        self._held: Counter[object] = Counter()

    @contextmanager
    def held(self, key: object) -> Iterator[None]:
        """Within the block, what has ended under this key is remembered: who was about to ask gets it, too."""
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]
                self._leave(key)

    async def once(self, key: object, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do the work, or wait for what does it already under this key. Its result, or its error, goes to all who wait.

        Who is cancelled takes nothing from the others; with the last of them the work is cancelled. What has ended is
        not remembered, unless it is `held`.
        """
        flight = self._under_way.get(key)
        if flight is None:
            flight = self._under_way[key] = _Flight(asyncio.create_task(work()))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if self._under_way.get(key) is flight:
                self._leave(key)
            elif not flight.waiting:
                flight.task.cancel()

    def _leave(self, key: object) -> None:
        """Forget what nobody waits for any longer, and what has ended."""
        flight = self._under_way.get(key)
        if flight and not self._held[key] and (flight.task.done() or not flight.waiting):
            flight.task.cancel()  # does nothing when it is done
            del self._under_way[key]
