"""Doing a job that only one may do at a time, for as long as its lease can be kept."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from storage import Lease, Store, StoreUnavailable

DURATION = timedelta(seconds=5)
RENEW_SECONDS = 1.5
LOOK_SECONDS = 1.0  # how long a loop waits at most before it looks again

log = logging.getLogger(__name__)


class Tenure:
    """A lease that is kept alive. `lost` is set when somebody else may have it."""

    def __init__(self, store: Store, lease: Lease, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self.lease = lease
        self.lost = asyncio.Event()

    async def keep(self) -> None:
        """Renew the lease until it is lost. It counts as lost, too, when it ends before an answer comes."""
        try:
            while lease := await self._renewed():
                self.lease = lease
                await asyncio.sleep(RENEW_SECONDS)
        finally:
            self.lost.set()

    async def _renewed(self) -> Lease | None:
        while (left := (self.lease.until - self._now()).total_seconds()) > 0:
            try:
                async with asyncio.timeout(left):
                    return await self._store.leases.renew(self.lease, now=self._now(), duration=DURATION)
            except (StoreUnavailable, TimeoutError) as error:
                log.warning("could not renew a lease", extra={"lease": self.lease.name, "error": str(error)})
                await asyncio.sleep(min(RENEW_SECONDS, max(left, 0)))
        return None


@asynccontextmanager
async def tenure(
    store: Store, name: str, now: Callable[[], datetime], stopping: asyncio.Event
) -> AsyncIterator[Tenure | None]:
    """Wait until the job is ours, keep it within the block, and give it back. None: it was stopped before."""
    lease = await _gained(store, name, now, stopping)
    if lease is None:
        yield None
        return
    held = Tenure(store, lease, now)
    keeper = asyncio.create_task(held.keep(), name=f"keep {name}")
    try:
        yield held
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        try:
            await store.leases.release(held.lease)
        except StoreUnavailable as error:
            log.warning("could not give a lease back; it ends by itself", extra={"lease": name, "error": str(error)})


async def _gained(store: Store, name: str, now: Callable[[], datetime], stopping: asyncio.Event) -> Lease | None:
    while not stopping.is_set():
        try:
            lease = await store.leases.gain(name, now=now(), duration=DURATION)
        except StoreUnavailable as error:
            log.warning("could not gain a lease", extra={"lease": name, "error": str(error)})
            lease = None
        if lease:
            return lease
        await until(stopping, LOOK_SECONDS)
    return None


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


async def until(event: asyncio.Event, seconds: float) -> bool:
    """Wait for the event, `seconds` at most. Whether it is set."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
