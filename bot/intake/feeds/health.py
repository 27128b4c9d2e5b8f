"""Whoever added a feed learns when it has not worked for a day, when it works again, and when it has ended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from storage import Feed, Store, StoreUnavailable

LOOK_SECONDS = 60.0
TOLD_AFTER = timedelta(days=1)
FEEDS_AT_ONCE = 1_000  # when a large host is down, one message to each of its readers says so

Tell = Callable[[Sequence[Feed]], Awaitable[Sequence[Feed]]]
"""Tells who added the feeds how they are. Returns those that were told of; it is asked to tell of the others again."""

log = logging.getLogger(__name__)


async def keep_told(store: Store, tell: Tell, now: Callable[[], datetime], seconds: float = LOOK_SECONDS) -> None:
    """Look each minute for what is to be told. Until cancelled."""
    while True:
        try:
            await tell_all(store, tell, now())
        except StoreUnavailable as error:
            log.debug("telling how feeds are waits for the database", extra={"error": str(error)})
        await asyncio.sleep(seconds)


async def tell_all(store: Store, tell: Tell, now: datetime) -> None:
    """Tell what is to be told. Raises StoreUnavailable.

    Noted after it was told: after a kill between the two it is told once more.
    """
    for feed in await tell(await store.feeds.to_tell(before=now - TOLD_AFTER, limit=FEEDS_AT_ONCE)):
        await store.feeds.note_told(feed.source.name, told=bool(feed.failures or feed.ended), ended=feed.ended)
