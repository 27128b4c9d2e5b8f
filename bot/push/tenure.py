"""Doing a job that only one may do at a time, for as long as its lease can be kept."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.waiting import until
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
