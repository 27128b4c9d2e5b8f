"""Doing a job that only one may do at a time, for as long as its lease can be kept."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from bot.waiting import until
from storage import Lease, Store, StoreUnavailable

DURATION = timedelta(seconds=5)
RENEW_SECONDS = 1.5
LOOK_SECONDS = 1.0  # how long a loop waits at most before it looks again
STANDBY_SECONDS = 0.5  # how often an instance that stands by looks
DEAD_SECONDS = 3.0  # a lease that ended, and was not renewed for so long, is nobody's
ASK_SECONDS = 1.0  # twice that and a renewal's pause are less than the lease's duration
RELEASE_SECONDS = 0.5  # then it ends by itself

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
                log.debug("could not renew a lease", extra={"lease": self.lease.name, "error": str(error)})
                await asyncio.sleep(min(RENEW_SECONDS, max(left, 0)))
        return None


class Instance(Tenure):
    """The lease for all that one bot does. It is lost only when another has it.

    A database that gives no answer gives none to the other, either: then the people are still answered. But who slept
    for longer than the lease lasts, asks first.
    """

    def __init__(
        self,
        store: Store,
        lease: Lease,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        *,
        took_over: bool,
    ) -> None:
        """`took_over`: from an instance that has not given its lease back."""
        super().__init__(store, lease, now)
        self._monotonic = monotonic
        self._asked = monotonic()
        self.took_over = took_over

    @property
    def is_sure(self) -> bool:
        """Whether nobody else can have it by now."""
        return not self.lost.is_set() and self._monotonic() - self._asked < DURATION.total_seconds()

    async def is_still_ours(self) -> bool:
        """Ask now."""
        if await self._renewed() is None:
            self.lost.set()
        return not self.lost.is_set()

    async def _renewed(self) -> Lease | None:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                lease = await self._store.leases.renew(self.lease, now=self._now(), duration=DURATION)
        except (StoreUnavailable, TimeoutError):
            lease = await self._seen()
        self._asked = self._monotonic()
        return lease

    async def _seen(self) -> Lease | None:
        """What can be read where nothing can be written."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                held = await self._store.leases.held(self.lease.name)
        except (StoreUnavailable, TimeoutError):
            return self.lease
        return self.lease if held and held.token == self.lease.token else None


T = TypeVar("T", bound=Tenure)


@asynccontextmanager
async def tenure(
    store: Store, name: str, now: Callable[[], datetime], stopping: asyncio.Event
) -> AsyncIterator[Tenure | None]:
    """Wait until the job is ours, keep it within the block, and give it back. None: it was stopped before."""
    lease = await _gained(store, name, now, stopping)
    if lease is None:
        yield None
        return
    async with _kept(store, Tenure(store, lease, now)) as held:
        yield held


@asynccontextmanager
async def instance(
    store: Store, bot: int, now: Callable[[], datetime], monotonic: Callable[[], float], stopping: asyncio.Event
) -> AsyncIterator[Instance | None]:
    """Stand by while another instance runs the bot; within the block it is ours. None: it was stopped before.

    Raises StoreUnavailable if the database cannot be used at the beginning.
    """
    standby = Standby(store, instance_name(bot), now, monotonic)
    lease = await standby.wait(stopping)
    if lease is None:
        yield None
        return
    async with _kept(store, Instance(store, lease, now, monotonic, took_over=standby.saw_another)) as held:
        yield held


def instance_name(bot: int) -> str:
    """The name of the lease that the instance of a bot has."""
    return f"instance:{bot}"


class Standby:
    """Waits for an instance's lease.

    Its end alone does not tell that its holder is dead: the machine's clock may have been set, and either of the two
    may not know it yet. A holder that lives renews it, whatever its clock shows.
    """

    def __init__(self, store: Store, name: str, now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._store = store
        self._name = name
        self._now = now
        self._monotonic = monotonic
        self._seen: Lease | None = None
        self._since = 0.0
        self.saw_another = False
        self._said = False

    async def wait(self, stopping: asyncio.Event) -> Lease | None:
        """The lease once it is ours; None: it was stopped before."""
        lease = await self.look()
        while lease is None and not await until(stopping, STANDBY_SECONDS):
            try:
                lease = await self.look()
            except StoreUnavailable as error:
                log.debug("could not look for a lease", extra={"lease": self._name, "error": str(error)})
        if lease and self._said:
            log.info("taking over: the other instance has ended")
        return lease

    async def look(self) -> Lease | None:
        """The lease, if it can be had now. Raises StoreUnavailable."""
        held = await self._store.leases.held(self._name)
        if held is None or (held == self._seen and self._is_dead(held)):
            return await self._store.leases.gain(self._name, now=self._now(), duration=DURATION)
        self._note(held)
        return None

    def _is_dead(self, held: Lease) -> bool:
        runs = self._now() < held.until <= self._now() + 2 * DURATION
        return not runs and self._monotonic() - self._since >= DEAD_SECONDS

    def _note(self, held: Lease) -> None:
        self.saw_another = True
        if held == self._seen:
            return
        if self._seen and not self._said:
            log.info("standing by: another instance runs this bot")
            self._said = True
        self._seen, self._since = held, self._monotonic()


@asynccontextmanager
async def _kept(store: Store, held: T) -> AsyncIterator[T]:
    """Keep the lease within the block, and give it back."""
    name = held.lease.name
    keeper = asyncio.create_task(held.keep(), name=f"keep {name}")
    try:
        yield held
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                await store.leases.release(held.lease)
        except (StoreUnavailable, TimeoutError) as error:
            log.debug("could not give a lease back; it ends by itself", extra={"lease": name, "error": str(error)})


async def _gained(store: Store, name: str, now: Callable[[], datetime], stopping: asyncio.Event) -> Lease | None:
    while not stopping.is_set():
        try:
            lease = await store.leases.gain(name, now=now(), duration=DURATION)
        except StoreUnavailable as error:
            log.debug("could not gain a lease", extra={"lease": name, "error": str(error)})
            lease = None
        if lease:
            return lease
        await until(stopping, LOOK_SECONDS)
    return None
