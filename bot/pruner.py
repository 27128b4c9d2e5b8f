"""The pruner: clears away, in the background, what is older than an operator wants to keep."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.tenure import LOOK_SECONDS, Tenure, tenure
from storage import Store, StoreUnavailable

ROWS_A_STEP = 250
PAUSE_SECONDS = 0.02  # between steps: other writers' turn
LOOK_AGAIN_SECONDS = 3600.0

log = logging.getLogger(__name__)


async def keep_pruned(store: Store, now: Callable[[], datetime], kept: timedelta) -> None:
    """Clear away what is older than `kept`, now and once an hour, one process at a time. Until cancelled."""
    never = asyncio.Event()
    while True:
        async with tenure(store, "pruner", now, never) as held:
            if held:
                await _prune(store, held, now() - kept)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _prune(store: Store, held: Tenure, before: datetime) -> None:
    steps = 0
    while not held.lost.is_set():
        try:
            more = await store.deliveries.prune(held.lease, before=before, limit=ROWS_A_STEP)
        except StoreUnavailable as error:
            log.debug("clearing away waits for the database", extra={"error": str(error)})
            await asyncio.sleep(LOOK_SECONDS)
            continue
        if not more:
            break
        steps += 1
        await asyncio.sleep(PAUSE_SECONDS)
    if steps:
        log.info("cleared away what was old", extra={"before": before.isoformat(), "steps": steps})
