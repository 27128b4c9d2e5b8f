"""Waiting that can be told to end."""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine
from contextlib import asynccontextmanager
from typing import Any


async def until(event: asyncio.Event, seconds: float) -> bool:
    """Wait for the event, `seconds` at most. Whether it is set."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


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
