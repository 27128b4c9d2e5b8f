"""The wiring of what comes in: programs, hubs, feeds and folders; and of what monitoring asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import version

from bot.feeding import Feeding, again, feeding
from bot.house import House
from bot.intake.embargo import keep_released
from bot.intake.folders import FolderWatch
from bot.intake.posting import Posting
from bot.intake.workers import Workers
from bot.listening import Address, listening
from bot.metrics import CONTENT_TYPE
from bot.push.giving import Giver
from bot.push.preview import Previews
from bot.settings import PREFIX
from bot.waiting import doing, unless
from bot.web import Calls, Health, Numbers, Programs, Route, make_app


@asynccontextmanager
async def inlets(
    house: House, giver: Giver, introduced: asyncio.Event, ending: asyncio.Event, *, took_over: bool
) -> AsyncIterator[Feeding]:
    """Take in what programs and feeds bring, and tell monitoring how we are, whether Telegram answers or not.

    `took_over`: from an instance that may still listen where we are to.
    """
    store, clocks, settings = house.store, house.clocks, house.settings
    posting = Posting(
        store,
        clocks.now,
        zone=settings.timezone,
        preview=Previews(store, giver, is_introduced=introduced.is_set).show,
        count=house.metrics.arrived,
    )
    house.metrics.watch("telegram_answers", "Whether Telegram has told us who we are.", introduced.is_set)
    house.metrics.watch("disk_has_room", "Whether articles are taken in.", house.space.has_room)
    health = Health(store, is_introduced=introduced.is_set).routes()
    async with AsyncExitStack() as stack:
        if settings.metrics_at:
            app = make_app([*health, *Numbers(house.metrics.text, CONTENT_TYPE).routes()])
            await stack.enter_async_context(
                listening(app, Address(*settings.metrics_at, f"{PREFIX}METRICS_LISTEN"), ending, must=False)
            )
        feeds = await stack.enter_async_context(
            feeding(settings, store, clocks.now, has_room=house.space.has_room, count=house.metrics.arrived)
        )
        # It ends as soon as a stop begins: what it fetches would only be fetched again.
        await stack.enter_async_context(doing(unless(ending, again("polling feeds", feeds.poller.run))))
        if routes := [*_routes(house, posting), *(Calls(feeds.hubs).routes() if feeds.hubs else ())]:
            app = make_app([*health, *routes], house.metrics.answered)
            # Who was killed or held up may let go of the address only when it wakes.
            await stack.enter_async_context(
                listening(app, Address(*settings.listen_at, f"{PREFIX}LISTEN"), ending, must=not took_over)
            )
        release = partial(keep_released, store, posting, clocks.now, has_room=house.space.has_room)
        await stack.enter_async_context(doing(again("publishing what is held", release)))
        watching = again("watching folders", lambda: _folder_watch(house, feeds.workers).run())
        await stack.enter_async_context(doing(watching))
        yield feeds


def _routes(house: House, posting: Posting) -> list[Route]:
    """What others may ask of us; nothing: then nobody is listened to."""
    key = house.settings.intake_key.get_secret_value()
    return Programs(posting, key, house.space.has_room, version("newscrier")).routes() if key else []


def _folder_watch(house: House, workers: Workers) -> FolderWatch:
    return FolderWatch(
        house.store,
        workers,
        house.clocks.now,
        zone=house.settings.timezone,
        has_room=house.space.has_room,
        count=house.metrics.arrived,
    )
