"""What several ask for at the same time is done once."""

import asyncio
from collections.abc import Callable, Coroutine
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

    async def once(self, key: object, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do the work, or wait for what does it already under this key. Its result, or its error, goes to all who wait.

        Who is cancelled takes nothing from the others; with the last of them the work is cancelled. What has ended is
        not remembered.
        """
        flight = self._under_way.get(key)
        if flight is None:
            flight = self._under_way[key] = _Flight(asyncio.create_task(work()))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.task.done() or not flight.waiting:
                self._landed(key, flight)

    def _landed(self, key: object, flight: _Flight[T]) -> None:
        flight.task.cancel()  # does nothing when it is done
        if self._under_way.get(key) is flight:
            del self._under_way[key]
