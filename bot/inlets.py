"""The wiring of what comes in: programs, hubs, feeds and folders; and of what monitoring asks.

What takes a while to import is imported where somebody needs it; what can wait, when the bot answers.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache, partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from bot.feeding import Feeding, again, feeding
from bot.house import House
from bot.intake.processes.workers import Workers
from bot.intake.programs.embargo import keep_released
from bot.metrics import CONTENT_TYPE
from bot.push.giving import Giver
from bot.push.preview import Previews
from bot.settings import PREFIX
from bot.waiting import doing, unless, until
from storage import Change, Store, StoreUnavailable

if TYPE_CHECKING:
    from bot.intake.documents.folders import FolderWatch
    from bot.intake.programs.posting import Posting

FIRST_SECONDS = 2.0  # at most, until what can wait for the bot to answer is begun
FOLDERS_SECONDS = 10.0  # between two looks for the first folder that is to be watched
RETRY_SECONDS = 1.0  # until a database that failed is asked again

log = logging.getLogger(__name__)


@asynccontextmanager
async def inlets(  # noqa: PLR0913  all that it depends on
    house: House,
    giver: Giver,
    introduced: asyncio.Event,
    answering: asyncio.Event,
    ending: asyncio.Event,
    *,
    took_over: bool,
) -> AsyncIterator[Feeding]:
    """Take in what programs and feeds bring, and tell monitoring how we are, whether Telegram answers or not.

    `took_over`: from an instance that may still listen where we are to.
    """
    settings = house.settings
    posting = cache(partial(_posting, house, giver, introduced))
    house.metrics.watch("telegram_answers", "Whether Telegram has told us who we are.", introduced.is_set)
    house.metrics.watch("disk_has_room", "Whether articles are taken in.", house.space.has_room)
    async with AsyncExitStack() as stack:
        feeds = await stack.enter_async_context(
            feeding(settings, house.store, house.clocks.now, has_room=house.space.has_room, count=house.metrics.arrived)
        )
        # It ends as soon as a stop begins: what it fetches would only be fetched again.
        await stack.enter_async_context(doing(unless(ending, again("polling feeds", feeds.poller.run))))
        if settings.metrics_at or settings.intake_key.get_secret_value() or feeds.hubs:
            listened = _listened(house, posting, feeds, introduced, ending, took_over=took_over)
            await stack.enter_async_context(listened)
        release = partial(_keep_released, house, posting, answering)
        await stack.enter_async_context(doing(again("publishing what is held", release)))
        watching = partial(_watch_folders, house, feeds.workers, answering)
        await stack.enter_async_context(doing(again("watching folders", watching)))
        yield feeds


@asynccontextmanager
async def _listened(  # noqa: PLR0913  all that those who ask may ask for
    house: House,
    posting: "Callable[[], Posting]",
    feeds: Feeding,
    introduced: asyncio.Event,
    ending: asyncio.Event,
    *,
    took_over: bool,
) -> AsyncIterator[None]:
    """Answer monitoring, programs and hubs, whoever of them is let in by the settings."""
    # Who listens to nobody need not wait for them.
    from bot.listening import Address, listening  # noqa: PLC0415
    from bot.web import Calls, Health, Numbers, make_app  # noqa: PLC0415

    settings = house.settings
    health = Health(house.store, is_introduced=introduced.is_set).routes()
    routes = [*Calls(feeds.hubs).routes()] if feeds.hubs else []
    if key := settings.intake_key.get_secret_value():
        from bot.intake.programs.bodies import Bodies  # noqa: PLC0415  likewise
        from bot.programs import Programs  # noqa: PLC0415  likewise

        routes += Programs(posting(), Bodies(feeds.workers), key, house.space.has_room, version("newscrier")).routes()
    async with AsyncExitStack() as stack:
        if settings.metrics_at:
            app = make_app([*health, *Numbers(house.metrics.text, CONTENT_TYPE).routes()])
            await stack.enter_async_context(
                listening(app, Address(*settings.metrics_at, f"{PREFIX}METRICS_LISTEN"), ending, must=False)
            )
        if routes:
            app = make_app([*health, *routes], house.metrics.answered)
            # Who was killed or held up may let go of the address only when it wakes.
            await stack.enter_async_context(
                listening(app, Address(*settings.listen_at, f"{PREFIX}LISTEN"), ending, must=not took_over)
            )
        yield


def _posting(house: House, giver: Giver, introduced: asyncio.Event) -> "Posting":
    from bot.intake.programs.posting import Posting  # noqa: PLC0415  it can wait

    return Posting(
        house.store,
        house.clocks.now,
        zone=house.settings.timezone,
        preview=Previews(house.store, giver, is_introduced=introduced.is_set).show,
        count=house.metrics.arrived,
    )


async def _keep_released(house: House, posting: "Callable[[], Posting]", answering: asyncio.Event) -> None:
    await until(answering, FIRST_SECONDS)

    async def release() -> bool:
        return await (await asyncio.to_thread(posting)).release()

    await keep_released(house.store, release, house.clocks.now, has_room=house.space.has_room)


async def _watch_folders(house: House, workers: Workers, answering: asyncio.Event) -> None:
    await until(answering, FIRST_SECONDS)
    await _some_folder(house.store)
    watch = await asyncio.to_thread(_folder_watch, house, workers)
    await watch.run()


async def _some_folder(store: Store) -> None:
    """Wait until there is a folder to be watched. Most have none: what reads files takes 20 MB."""
    while True:
        try:
            if await store.folders.all():
                return
            await store.changed(Change.FOLDERS, FOLDERS_SECONDS)
        except StoreUnavailable as error:
            log.debug("watching folders waits for the database", extra={"error": str(error)})
            await asyncio.sleep(RETRY_SECONDS)


def _folder_watch(house: House, workers: Workers) -> "FolderWatch":
    from bot.intake.documents.folders import FolderWatch  # noqa: PLC0415  it can wait

    return FolderWatch(
        house.store,
        workers,
        house.clocks.now,
        zone=house.settings.timezone,
        has_room=house.space.has_room,
        count=house.metrics.arrived,
    )
