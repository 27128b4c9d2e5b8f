"""What readers have added is polled as long as somebody follows it."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from storage import Store, StoreUnavailable

LOOK_SECONDS = 600.0
GRACE = timedelta(hours=1)
"""Who adds a feed is about to follow it."""

log = logging.getLogger(__name__)


async def keep_resting(store: Store, now: Callable[[], datetime], seconds: float = LOOK_SECONDS) -> None:
    """Look each ten minutes for feeds that nobody follows any more. Until cancelled."""
    while True:
        try:
            await let_rest(store, now())
        except StoreUnavailable as error:
            log.debug("letting feeds rest waits for the database", extra={"error": str(error)})
        await asyncio.sleep(seconds)


async def let_rest(store: Store, now: datetime) -> None:
    """Poll no more what nobody follows. Raises StoreUnavailable."""
    for name in await store.feeds.rest(now=now, added_before=now - GRACE):
        log.info("a feed that a reader added is polled no more: nobody follows it", extra={"source": name})
