"""The announcer: gives unannounced articles their positions in the log, and wakes who follows them."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from bot.tenure import LOOK_SECONDS, Tenure, tenure
from bot.waiting import unless, until
from storage import Change, Store, StoreUnavailable

ARTICLES_A_ROUND = 20
MAILBOXES_A_CHUNK = 5_000  # one transaction of about 5 ms
QUERIES_A_CHUNK = 100
PAUSE_SECONDS = 0.002  # between chunks: other writers' turn

log = logging.getLogger(__name__)


class Announcer:
    """Announce what has arrived, one announcer at a time."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._stopping = asyncio.Event()
        self._asleep = True  # somebody may follow what was announced and not be woken yet

    def stop(self) -> None:
        """Let `run` end after the round under way."""
        self._stopping.set()

    async def run(self) -> None:
        """Announce until stopped. What the store refuses is tried again."""
        while not self._stopping.is_set():
            async with tenure(self._store, "announcer", self._now, self._stopping) as held:
                if held:
                    await self._serve(held)

    async def _serve(self, held: Tenure) -> None:
        # Whoever announced before may have died before waking.
        self._asleep = True
        while not (self._stopping.is_set() or held.lost.is_set()):
            try:
                more = await self.round(held)
            except StoreUnavailable as error:
                log.debug("announcing waits for the database", extra={"error": str(error)})
                await until(self._stopping, LOOK_SECONDS)
                continue
            if not more:
                await self._wait()

    async def round(self, held: Tenure) -> bool:
        """Announce one batch and wake its followers, and those whom a failed round has left. Whether more waits."""
        if self._asleep:
            await self._wake_all(held)
        await self._refile_all(held)
        announced = await self._store.log.announce(held.lease, now=self._now(), limit=ARTICLES_A_ROUND)
        if announced is None:
            return False
        if announced.positions:
            log.info("announced", extra={"positions": list(announced.positions), "matches": announced.matches})
            self._asleep = True
            await self._wake_all(held)
        return announced.waiting

    async def _refile_all(self, held: Tenure) -> None:
        while await self._store.log.refile(held.lease, limit=QUERIES_A_CHUNK):  # noqa: ASYNC110  a gap
            await asyncio.sleep(PAUSE_SECONDS)

    async def _wake_all(self, held: Tenure) -> None:
        while await self._store.log.wake(held.lease, now=self._now(), limit=MAILBOXES_A_CHUNK):  # noqa: ASYNC110  a gap
            await asyncio.sleep(PAUSE_SECONDS)
        self._asleep = False

    async def _wait(self) -> None:
        try:
            await unless(self._stopping, self._store.changed(Change.ARTICLES, LOOK_SECONDS))
        except StoreUnavailable:
            await until(self._stopping, LOOK_SECONDS)
