"""Waiting that can be told to end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

log = logging.getLogger(__name__)


async def until(event: asyncio.Event, seconds: float) -> bool:
    """Wait for the event, `seconds` at most. Whether it is set."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


class UnderWay:
    """Which task is at work on something, by its number: whoever asks for that too early may wait."""

    def __init__(self) -> None:
        self._tasks: WeakValueDictionary[int, asyncio.Task[Any]] = WeakValueDictionary()

    def begin(self, number: int) -> None:
        """The task that runs now is at work on it, until its end."""
        if task := asyncio.current_task():
            self._tasks[number] = task

    async def ended(self, number: int, seconds: float) -> None:
        """Wait until nobody is at work on it, `seconds` at most."""
        if task := self._tasks.get(number):
            await asyncio.wait([task], timeout=seconds)


async def unless(event: asyncio.Event, waiting: Coroutine[Any, Any, object]) -> None:
    """Wait for what is waited for; when the event comes first, break it off. Raises what it raises."""
    task = asyncio.create_task(waiting)
    told = asyncio.create_task(event.wait())
    try:
        await asyncio.wait([task, told], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
    finally:
        told.cancel()
        task.cancel()
        await asyncio.gather(task, told, return_exceptions=True)


@asynccontextmanager
async def until_ended(tasks: Collection[asyncio.Task[None]]) -> AsyncIterator[None]:
    """Wait at the end for what was begun within the block; who is cancelled cancels that, too, and need not wait."""
    try:
        yield
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        raise
    finally:
        await asyncio.gather(*tasks, return_exceptions=True)


def _say_if_failed(task: asyncio.Task[None]) -> None:
    """Say at once what is raised only when the bot ends."""
    if not task.cancelled() and (error := task.exception()):
        log.error("a job beside the bot has failed; it begins again when the bot is started again", exc_info=error)


@asynccontextmanager
async def doing(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do the work beside the block, and break it off at the block's end. Raises then what the work has raised."""
    task = asyncio.create_task(work, name="beside the bot")
    task.add_done_callback(_say_if_failed)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()
