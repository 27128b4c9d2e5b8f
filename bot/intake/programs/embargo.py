"""What is held is published when its time has come."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from storage.errors import StoreUnavailable
from storage.models import Change
from storage.ports import Store

LOOK_SECONDS = 1.0
"""How long it is waited at most before it is looked again: clocks are set, and other processes write."""

log = logging.getLogger(__name__)


async def keep_released(
    store: Store, release: Callable[[], Awaitable[object]], now: Callable[[], datetime], *, has_room: Callable[[], bool]
) -> None:
    """Have what is held released, each when its time has come and the disk has room, for as long as this runs.

    `release` (see `Posting`) is called when there is something. A store that fails is asked again.
    """
    while True:
        try:
            left = await _until_due(store, now) if has_room() else LOOK_SECONDS
            if left:
                await store.changed(Change.EMBARGOES, left)
            else:
                await release()
        except StoreUnavailable as error:
            log.debug("what is held waits for the database", extra={"error": str(error)})
            await asyncio.sleep(LOOK_SECONDS)


async def _until_due(store: Store, now: Callable[[], datetime]) -> float:
    due = await store.embargoes.next()
    left = LOOK_SECONDS if due is None else (due - now()).total_seconds()
    return min(max(left, 0.0), LOOK_SECONDS)
