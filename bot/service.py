"""The wiring: settings, store, Telegram and the loops; the order in which they start and stop. The only clock."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder

from bot.commands.desk import Desk
from bot.commands.handlers import add_handlers, set_menu
from bot.commands.ordering import ChatUpdates
from bot.commands.rights import TelegramRights
from bot.errors import OtherInstanceError, TokenRefusedError
from bot.indexer import keep_index
from bot.push.announcer import Announcer
from bot.push.giving import Clocks
from bot.push.sender import Sender
from bot.settings import Settings
from bot.transport.limiter import Limiter
from bot.transport.outgoing import Capabilities
from bot.transport.pacing import Pacing
from bot.transport.polling import Poller
from bot.transport.request import AiohttpRequest
from bot.waiting import unless, until
from storage import Store, open_store, warm

PUSHES_IN_FLIGHT = 8  # at 30 a second; what may be repeated after a kill
LONGEST_PAUSE = 30.0
ANSWER_SECONDS = 5.0  # how long stopping waits for the turn of answers
WARM_AFTER_SECONDS = 5.0  # what waited for the bot to start comes first
CALL_SECONDS = 20.0  # and for calls that were made; each has this limit, but in a chat one may follow another

log = logging.getLogger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]
Beside = Callable[["Me", Store], Coroutine[Any, Any, None]]
"""What runs beside the bot: begun when it answers, cancelled at the latest before the store closes."""


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own account, as Telegram knows it (Bot API, getMe)."""

    username: str
    """Without @."""
    joins_groups: bool
    reads_groups: bool
    """Privacy mode is off: it is sent everything that is said in its groups."""


@dataclass(frozen=True, slots=True)
class Running:
    """What serves while the bot is up."""

    store: Store
    application: App
    limiter: Limiter
    poller: Poller
    announcer: Announcer
    sender: Sender


async def serve(settings: Settings, stopping: asyncio.Event, beside: Beside) -> None:
    """Run the whole bot until `stopping` is set. `beside` is given the bot's own account once it answers.

    Raises CannotRunError, StorageError, and what `beside` raises.
    """
    async with open_store(settings.database) as store:
        clocks = await _clocks(store)
        limiter = Limiter(
            Pacing(settings.messages_per_second), max_pushes_in_flight=PUSHES_IN_FLIGHT, clock=clocks.monotonic
        )
        application = _application(settings, limiter)
        async with _introduced(application, stopping):
            if stopping.is_set():
                return
            running = _running(settings, store, application, limiter, clocks)
            await unless(stopping, _set_menu(application))
            async with (
                _beside(beside(_me(application), store)),
                _beside(keep_index(store, clocks.now)),
                _beside(_warm(stopping)),
            ):
                await _run(running, stopping)


def _me(application: App) -> Me:
    user = application.bot.bot
    return Me(user.username or "", bool(user.can_join_groups), bool(user.can_read_all_group_messages))


async def _clocks(store: Store) -> Clocks:
    offset = await store.offset()
    return Clocks(now=lambda: datetime.now(UTC) + offset, monotonic=asyncio.get_running_loop().time)


def _application(settings: Settings, limiter: Limiter) -> App:
    # Two requests on purpose: fetching updates must not wait behind sends.
    return (
        ApplicationBuilder()
        .token(settings.token.get_secret_value())
        .base_url(f"{settings.api_url}/bot")
        .request(AiohttpRequest())
        .get_updates_request(AiohttpRequest(connections=2))
        .rate_limiter(limiter)
        .concurrent_updates(ChatUpdates())
        .updater(None)
        .job_queue(None)
        .build()
    )


def _running(settings: Settings, store: Store, application: App, limiter: Limiter, clocks: Clocks) -> Running:
    capabilities = Capabilities()
    desk = Desk(store, application.bot.username, TelegramRights(application.bot), zone=settings.timezone)
    add_handlers(application, desk=lambda: desk, clock=clocks.now, capabilities=capabilities)
    return Running(
        store=store,
        application=application,
        limiter=limiter,
        poller=Poller(application.bot, application.update_queue.put, clocks.monotonic),
        announcer=Announcer(store, clocks.now),
        sender=Sender(store, application.bot, capabilities, clocks, at_once=settings.messages_per_second),
    )


@asynccontextmanager
async def _introduced(application: App, stopping: asyncio.Event) -> AsyncIterator[None]:
    """Ask Telegram who we are, until it answers; at the end close the connections."""
    failures = 0
    try:
        while not stopping.is_set():
            try:
                # A server that hangs would hold up a stop.
                await unless(stopping, application.initialize())
                await unless(stopping, application.bot.delete_webhook())
                break
            except InvalidToken:
                # Not chained: the library's message holds the token.
                raise TokenRefusedError("Telegram does not know this token: NEWSCRIER_TOKEN") from None
            except TelegramError as error:
                log.warning("Telegram cannot be reached", extra={"error": str(error)})
                await until(stopping, min(2.0 ** min(failures, 5), LONGEST_PAUSE))
                failures += 1
        yield
    finally:
        await application.bot.shutdown()
        await application.shutdown()


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work, name="beside the bot")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()


async def _warm(stopping: asyncio.Event) -> None:
    """Load what words of queries need, so that the first who asks does not wait half a second for it."""
    await until(stopping, WARM_AFTER_SECONDS)
    if not stopping.is_set():
        await asyncio.to_thread(warm)
        # What the start has made stays. Looking through it again and again would stop everything for some 40 ms.
        gc.freeze()


async def _set_menu(application: App) -> None:
    """Show our commands in Telegram's menu. Who can type needs no menu: a failure is logged, no more."""
    try:
        await set_menu(application.bot)
    except TelegramError as error:
        log.warning("the menu of commands was not set", extra={"error": str(error)})


async def _run(running: Running, stopping: asyncio.Event) -> None:
    """Run the loops until told to stop or one of them ends; then stop in order."""
    await running.application.start()
    polling = asyncio.create_task(running.poller.run(), name="poller")
    pushing = [
        asyncio.create_task(running.announcer.run(), name="announcer"),
        asyncio.create_task(running.sender.run(), name="sender"),
    ]
    told = asyncio.create_task(stopping.wait(), name="told to stop")
    await asyncio.wait([polling, *pushing, told], return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    await _stop(running, polling, pushing)
    for loop in (polling, *pushing):
        _raise_if_failed(loop)


async def _stop(running: Running, polling: asyncio.Task[None], pushing: list[asyncio.Task[None]]) -> None:
    """No new questions; answer those that came; no new pushes; finish and settle what is in flight."""
    log.info("stopping")
    polling.cancel()
    running.announcer.stop()
    running.sender.stop()
    await asyncio.wait([polling])
    answering = asyncio.create_task(running.application.stop(), name="answer what came")
    await asyncio.wait([answering], timeout=ANSWER_SECONDS)
    # Who still waits for a turn is let go. Pushes: their mailboxes stay due. Answers that Telegram holds back are lost.
    await running.limiter.shutdown()
    await asyncio.wait([answering, *pushing], timeout=CALL_SECONDS)
    await asyncio.wait(pushing)
    if not answering.done():
        log.warning("some answers were given up: Telegram does not take them")
        answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)
    await running.poller.confirm()
    log.info("stopped")


def _raise_if_failed(loop: asyncio.Task[None]) -> None:
    if loop.cancelled():
        return
    error = loop.exception()
    if isinstance(error, InvalidToken):
        raise TokenRefusedError("Telegram no longer knows this token: NEWSCRIER_TOKEN") from None
    if isinstance(error, Conflict):
        raise OtherInstanceError("another instance is polling with this token: stop one of them") from None
    if error:
        raise error
