"""The indexer: after a change of the rules for terms, makes the index anew in the background."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from bot.tenure import LOOK_SECONDS, Tenure, tenure
from storage import Store, StoreUnavailable

ARTICLES_A_STEP = 20
PAUSE_SECONDS = 0.02  # between steps: about as long as one takes, so that half of the time is left to all others

log = logging.getLogger(__name__)


async def keep_index(store: Store, now: Callable[[], datetime]) -> None:
    """Bring the index to this version's rules, one process at a time. Ends when it is there."""
    never = asyncio.Event()
    done = False
    while not done:
        async with tenure(store, "indexer", now, never) as held:
            done = held is not None and await _finished(store, held)


async def _finished(store: Store, held: Tenure) -> bool:
    """Go on with the index. Whether it is finished; if not, the lease was lost."""
    steps = 0
    while not held.lost.is_set():
        try:
            more = await store.articles.reindex(limit=ARTICLES_A_STEP)
        except StoreUnavailable as error:
            log.debug("the index waits for the database", extra={"error": str(error)})
            await asyncio.sleep(LOOK_SECONDS)
            continue
        if not more:
            if steps:
                log.info("the index is made anew", extra={"steps": steps})
            return True
        if steps == 0:
            log.info("the rules for terms have changed: the index is made anew, the old one serves until then")
        steps += 1
        await asyncio.sleep(PAUSE_SECONDS)
    return False
