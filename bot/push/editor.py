"""The editor: brings messages of the last 48 hours up to date whose articles were corrected or withdrawn.

An edit is repeated, never forgotten: it is due until Telegram has taken it, or will never take it.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from telegram.error import InvalidToken

from bot.push.giving import Clocks
from bot.push.mending import Done, Ending, Later, Mender, OutOfReach, Revoked
from bot.schedule import zone_of
from bot.tenure import LOOK_SECONDS, Tenure, tenure
from bot.transport.verdicts import backoff
from bot.waiting import unless, until, until_ended
from storage import Cadence, Change, Edit, OwedArticle, Store, StoreUnavailable

LEASE = timedelta(seconds=30)
MESSAGES_A_CHUNK = 500
PAUSE_SECONDS = 0.002  # between chunks: other writers' turn
RETRY_SECONDS = 0.5  # until a database that failed is asked again

log = logging.getLogger(__name__)


class Editor:
    """Edit the bot's messages that show what is no longer so, one editor for each bot at a time."""

    def __init__(self, store: Store, mender: Mender, clocks: Clocks, *, at_once: int) -> None:
        """`at_once`: how many chats' messages are claimed at most."""
        self._store = store
        self._mender = mender
        self._clocks = clocks
        self._at_once = at_once
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()  # an edit has ended
        self._is_revoked = False  # the token
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Let `run` end when what is claimed has been edited or let go."""
        self._stopping.set()

    async def run(self) -> None:
        """Edit until stopped. Raises InvalidToken when Telegram no longer knows the bot."""
        while not self._stopping.is_set():
            async with tenure(self._store, f"editor:{self._mender.bot.id}", self._clocks.now, self._stopping) as held:
                if held:
                    await self._serve(held)
        if self._is_revoked:
            raise InvalidToken

    async def _serve(self, held: Tenure) -> None:
        freed = False
        async with until_ended(self._tasks):
            while not (self._stopping.is_set() or held.lost.is_set()):
                try:
                    if not freed:
                        # Whoever held this lease before is dead.
                        await self._store.deliveries.free(self._mender.bot.id)
                        freed = True
                    more = await self._store.deliveries.find_touched(now=self._clocks.now(), limit=MESSAGES_A_CHUNK)
                    claimed = await self._claim()
                except StoreUnavailable as error:
                    log.debug("editing waits for the database", extra={"error": str(error)})
                    await until(self._stopping, LOOK_SECONDS)
                    continue
                if more:
                    await asyncio.sleep(PAUSE_SECONDS)
                elif not claimed:
                    await self._wait()

    async def _claim(self) -> int:
        """Claim messages while there is room, and begin to edit them. Returns how many."""
        limit = self._at_once - len(self._tasks)
        if limit <= 0:
            return 0
        self._room.clear()
        edits = await self._store.deliveries.claim(
            self._mender.bot.id, now=self._clocks.now(), lease=LEASE, limit=limit
        )
        if edits:
            for edit, showing in zip(edits, await self._store.deliveries.now_showing(edits), strict=True):
                task = asyncio.create_task(self._serve_one(edit, showing), name=f"edit for delivery {edit.delivery}")
                self._tasks.add(task)
                task.add_done_callback(self._done)
        return len(edits)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.set()

    async def _wait(self) -> None:
        """Until an edit has ended, whose chat may have another, or an article is touched; not long."""
        try:
            await unless(self._stopping, self._look())
        except StoreUnavailable:
            await until(self._stopping, LOOK_SECONDS)

    async def _look(self) -> None:
        if self._tasks:
            await until(self._room, LOOK_SECONDS)
        else:
            await self._store.changed(Change.TOUCHED, LOOK_SECONDS)

    async def _serve_one(self, edit: Edit, showing: Sequence[OwedArticle]) -> None:
        try:
            ending = await self._mender.mend(edit, showing, await self._zone_of(edit))
        except Exception:
            # A fault of ours with these articles: said loudly, and tried again later rather than lost.
            log.exception("could not edit", extra={"chat": edit.place.chat, "delivery": edit.delivery})
            ending = Later(self._clocks.now() + backoff(edit.failures))
        if isinstance(ending, Revoked):
            self._is_revoked = True
            self.stop()
        try:
            await self._settle(edit, ending)
        except Exception:
            log.exception("not settled: it will be edited again", extra={"chat": edit.place.chat})

    async def _zone_of(self, edit: Edit) -> ZoneInfo:
        """Whose clocks a digest was dated by; of others that makes no difference."""
        if edit.cadence is Cadence.INSTANT:
            return self._clocks.zone
        settings = await self._store.chats.settings(edit.place.bot, edit.place.chat)
        return zone_of(settings, self._clocks.zone)

    async def _settle(self, edit: Edit, ending: Ending) -> None:
        """Write down how it ended; a database that fails is asked again while the lease lasts."""
        while True:
            try:
                return await self._write(edit, ending)
            except StoreUnavailable:
                if self._clocks.now() >= edit.until:
                    raise
                await asyncio.sleep(RETRY_SECONDS)

    async def _write(self, edit: Edit, ending: Ending) -> None:
        deliveries, now = self._store.deliveries, self._clocks.now()
        match ending:
            case Done(fate=fate):
                await deliveries.settle(edit, fate=fate, now=now)
            case Later(at=at, failed=failed):
                await deliveries.put_off(edit, until=at, failed=failed)
            case OutOfReach():
                await deliveries.drop(edit.place.bot, edit.place.chat)
            case Revoked():
                await deliveries.put_off(edit, until=now, failed=False)
