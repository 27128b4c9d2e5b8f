"""The wiring of feeds: what fetches, reads and polls them."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.intake.feeds.introducing import Introducer
from bot.intake.feeds.poller import FeedPoller
from bot.intake.feeds.taking import Count, Taker
from bot.intake.feeds.timing import Pace
from bot.intake.feeds.websub import Hubs
from bot.intake.fetching.fetch import Fetcher, user_agent
from bot.intake.processes.workers import Workers
from bot.settings import Settings
from storage import Store

BEGIN_AGAIN_SECONDS = 30.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Feeding:
    """What there is for feeds, as long as it is open."""

    fetcher: Fetcher
    workers: Workers
    introducer: Introducer
    poller: FeedPoller
    hubs: Hubs | None
    """None: the world does not reach our server."""


@asynccontextmanager
async def feeding(
    settings: Settings,
    store: Store,
    now: Callable[[], datetime],
    has_room: Callable[[], bool] = lambda: True,
    *,
    count: Count = lambda _way, _became: None,
) -> AsyncIterator[Feeding]:
    """Open what fetches and reads; nothing is connected to, and no process started, before there is something to do."""
    fetcher = Fetcher(settings.fetchable, user_agent(settings.contact), now)
    workers = Workers()
    taker = Taker(store, fetcher, workers, now, count=count)
    pace = Pace(timedelta(seconds=settings.poll_min), timedelta(seconds=settings.poll_max))
    public_url = settings.public_url
    hubs = Hubs(store, fetcher, taker, now, public_url=public_url, has_room=has_room) if public_url else None
    try:
        yield Feeding(
            fetcher,
            workers,
            Introducer(store, fetcher, workers, taker, now, pace=pace, chance=random.random),
            FeedPoller(store, fetcher, taker, now, pace, chance=random.random, has_room=has_room, hubs=hubs),
            hubs,
        )
    finally:
        await workers.close()
        await fetcher.close()


async def again(
    name: str, work: Callable[[], Coroutine[Any, Any, None]], *, after: float = BEGIN_AGAIN_SECONDS
) -> None:
    """Do the work; whenever it fails, say so and begin again. It ends when it ends by itself, or is cancelled."""
    while True:
        try:
            return await work()
        except Exception:
            # Pushes and answers must go on, whatever is wrong with what is taken in.
            log.exception("%s has failed; it begins again in %.0f s", name, after)
        await asyncio.sleep(after)
