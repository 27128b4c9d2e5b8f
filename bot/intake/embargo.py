"""What is held is published when its time has come."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from bot.intake.posting import Posting
from storage.errors import StoreUnavailable
from storage.models import Change
from storage.ports import Store

LOOK_SECONDS = 1.0
"""How long it is waited at most before it is looked again: clocks are set, and other processes write."""

log = logging.getLogger(__name__)


async def keep_released(
    store: Store, posting: Posting, now: Callable[[], datetime], *, has_room: Callable[[], bool]
) -> None:
    """Release what is held, each when its time has come and the disk has room, for as long as this runs.

    A store that fails is asked again.
    """
    while True:
        try:
            while has_room() and await posting.release():
                pass
            await store.changed(Change.EMBARGOES, await _until_due(store, now) if has_room() else LOOK_SECONDS)
        except StoreUnavailable as error:
            log.debug("what is held waits for the database", extra={"error": str(error)})
            await asyncio.sleep(LOOK_SECONDS)


async def _until_due(store: Store, now: Callable[[], datetime]) -> float:
    due = await store.embargoes.next()
    left = LOOK_SECONDS if due is None else (due - now()).total_seconds()
    return min(max(left, 0.0), LOOK_SECONDS)
