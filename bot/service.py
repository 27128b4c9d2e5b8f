"""The wiring: settings, store, Telegram and the loops; the order in which they start and stop. The only clock."""

import asyncio
import logging
import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder

from bot.clock import Clock, machine_time
from bot.commands.desk import Desk
from bot.commands.handlers import add_handlers, set_menu
from bot.commands.ordering import ChatUpdates
from bot.commands.rights import TelegramRights
from bot.commands.telling import Teller
from bot.errors import OtherInstanceError, TokenRefusedError
from bot.feeding import Feeding
from bot.house import Beside, House, Me
from bot.indexer import keep_index
from bot.inlets import inlets
from bot.intake.feeds.health import keep_told
from bot.intake.feeds.idling import keep_resting
from bot.intake.space import Space
from bot.loading import loaded
from bot.metrics import Metrics
from bot.pruner import keep_pruned
from bot.push.announcer import Announcer
from bot.push.editor import Editor
from bot.push.giving import Clocks, Giver
from bot.push.mending import Mender
from bot.push.photos import Photos
from bot.push.purse import Purse
from bot.push.sender import Sender
from bot.reader_feeds import ReadersFeeds
from bot.settings import FREE_PER_SECOND, Settings
from bot.tenure import Instance, instance
from bot.transport.limiter import Limiter
from bot.transport.pacing import Pacing
from bot.transport.paying import Paying
from bot.transport.polling import Poller
from bot.transport.request import AiohttpRequest
from bot.waiting import doing, unless, until
from storage import Store, StoreUnavailable, look_at, open_store, warm

PUSHES_IN_FLIGHT = 8  # at least; what may be repeated after a kill ...
SECONDS_IN_FLIGHT = 0.1  # ... and, at a high rate, so many as go while an answer is waited for
OTHER_CONNECTIONS = 56  # for answers
LONGEST_PAUSE = 30.0
RETRY_SECONDS = 0.5  # until a database that failed is asked again
WARM_AFTER_SECONDS = 5.0  # what waited for the bot to start comes first
# What a stop waits for, one after the other. With giving leases back and closing it takes 10 s at most.
ANSWER_SECONDS = 2.5  # the turn of answers
CALL_SECONDS = 3.0  # calls that were made
SETTLE_SECONDS = 1.6  # writing down what came of them, and confirming what was answered

log = logging.getLogger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Running:
    """What serves while the bot is up."""

    store: Store
    application: App
    request: AiohttpRequest
    limiter: Limiter
    poller: Poller
    clock: Clock
    push: "Callable[[], Pushing]"


class Pushing:
    """The loops that push, and edit what was pushed, begun."""

    def __init__(self, announcer: Announcer, sender: Sender, editor: Editor) -> None:
        self._announcer = announcer
        self._sender = sender
        self._editor = editor
        self.loops = [
            asyncio.create_task(announcer.run(), name="announcer"),
            asyncio.create_task(sender.run(), name="sender"),
            asyncio.create_task(editor.run(), name="editor"),
        ]

    def stop(self) -> None:
        """Let the loops end when what is under way has ended."""
        self._announcer.stop()
        self._sender.stop()
        self._editor.stop()

    async def ended(self) -> None:
        """Wait until they have, however."""
        await asyncio.wait(self.loops)

    @property
    def has_failed(self) -> bool:
        """Whether a loop has ended with an error."""
        return any(loop.done() and (loop.cancelled() or loop.exception()) for loop in self.loops)

    @property
    def under_way(self) -> int:
        """How many deliveries are not settled."""
        return self._sender.under_way


async def serve(
    settings: Settings, stopping: asyncio.Event, beside: Beside, wall: Callable[[], datetime] = machine_time
) -> None:
    """Run the whole bot until `stopping` is set. `beside` is given the bot's own account once it answers.

    While another instance runs the same bot on the same database, this one stands by; whenever it takes over, `beside`
    is begun. `wall` is the machine's clock.

    Raises CannotRunError, StorageError, and what `beside` raises.
    """
    bot = int(settings.token.get_secret_value().partition(":")[0])
    async with open_store(settings.database) as store:
        clock = Clock(await store.offset(), wall)
        clocks = Clocks(clock.now, asyncio.get_running_loop().time, ZoneInfo(settings.timezone))
        space = Space((await look_at(settings.database)).folder, clocks.monotonic)
        house = House(settings, store, clock, clocks, beside, space, Metrics())
        async with doing(clock.keep()):
            while not stopping.is_set():
                async with instance(store, bot, clocks.now, clocks.monotonic, stopping) as held:
                    if held:
                        await _serve_while_held(house, held, stopping)


async def _serve_while_held(house: House, held: Instance, stopping: asyncio.Event) -> None:
    """Run the bot until told to stop, or until another instance does."""
    async with _either(stopping, held.lost) as ending:
        try:
            await _serve(house, held, ending)
        except OtherInstanceError:
            # Who slept for long may hear of the other from Telegram first.
            if await held.is_still_ours():
                raise
    if held.lost.is_set() and not stopping.is_set():
        log.warning("another instance has taken over from this one, which was held up for too long")


@asynccontextmanager
async def _either(one: asyncio.Event, other: asyncio.Event) -> AsyncIterator[asyncio.Event]:
    """An event that is set with the first of the two."""
    either = asyncio.Event()

    async def watch(event: asyncio.Event) -> None:
        await event.wait()
        either.set()

    async with doing(watch(one)), doing(watch(other)):
        yield either


async def _serve(house: House, held: Instance, ending: asyncio.Event) -> None:
    in_flight = pushes_in_flight(house.settings.messages_per_second)
    paying = Paying() if house.settings.paid_broadcast else None
    limiter = Limiter(
        Pacing(house.settings.messages_per_second, paying=paying),
        max_pushes_in_flight=in_flight,
        clock=house.clocks.monotonic,
        chance=random.random,
    )
    request = AiohttpRequest(connections=in_flight + OTHER_CONNECTIONS, gate=lambda: held.is_sure)
    application = _application(house.settings, limiter, request, held)
    introduced, answering = asyncio.Event(), asyncio.Event()
    async with (
        inlets(house, _giver(house, application), introduced, answering, ending, took_over=held.took_over) as feeds,
        _introduced(application, ending),
    ):
        if ending.is_set():
            return
        introduced.set()
        _answer(house, application, feeds, ending)
        running = _running(house, held, application, request, limiter)
        await unless(ending, _set_menu(application))
        answering.set()
        async with (
            doing(house.beside(_me(application), house.store)),
            doing(_keep_purse(house, application, paying)),
            doing(keep_index(house.store, house.clocks.now)),
            doing(keep_pruned(house.store, house.clocks.now, timedelta(days=house.settings.keep_days))),
            doing(keep_told(house.store, _teller(house, application).tell, house.clocks.now)),
            doing(keep_resting(house.store, house.clocks.now)),
            doing(_warm(ending)),
        ):
            await _run(running, ending, held.lost)


def pushes_in_flight(per_second: int) -> int:
    """How many pushes are on their way at once, at most."""
    return max(PUSHES_IN_FLIGHT, math.ceil(per_second * SECONDS_IN_FLIGHT))


def _me(application: App) -> Me:
    user = application.bot.bot
    return Me(user.username or "", bool(user.can_join_groups), bool(user.can_read_all_group_messages))


def _application(settings: Settings, limiter: Limiter, request: AiohttpRequest, held: Instance) -> App:
    # Two requests on purpose: fetching updates must not wait behind sends.
    return (
        ApplicationBuilder()
        .token(settings.token.get_secret_value())
        .base_url(f"{settings.api_url}/bot")
        .request(request)
        .get_updates_request(AiohttpRequest(connections=2, gate=lambda: held.is_sure))
        .rate_limiter(limiter)
        .concurrent_updates(ChatUpdates())
        .updater(None)
        .job_queue(None)
        .build()
    )


def _answer(house: House, application: App, feeds: Feeding, ending: asyncio.Event) -> None:
    """Let the application answer people."""
    settings = house.settings
    desk = Desk(
        house.store,
        application.bot.username,
        TelegramRights(application.bot),
        ReadersFeeds(house.store, feeds.introducer, settings.timezone, house.space.has_room, ending),
        zone=settings.timezone,
        admins=settings.admin_ids,
        reader_feeds=settings.reader_feeds,
        pays=settings.paid_broadcast,
        unsettled=house.unsettled,
    )
    add_handlers(application, desk=lambda: desk, clock=house.clocks.now, capabilities=house.capabilities)


def _teller(house: House, application: App) -> Teller:
    return Teller(house.store, application.bot, house.capabilities, house.settings.admin_ids, house.clocks.now)


def _giver(house: House, application: App) -> Giver:
    photos = Photos(house.clocks.monotonic)
    return Giver(application.bot, house.capabilities, house.clocks, photos, house.unsettled)


def _running(house: House, held: Instance, application: App, request: AiohttpRequest, limiter: Limiter) -> Running:
    store, clocks = house.store, house.clocks
    giver = _giver(house, application)
    mender = Mender(application.bot, house.capabilities, clocks, deletes=house.settings.withdrawn == "delete")

    def push() -> Pushing:
        sender = Sender(store, giver, at_once=lambda: limiter.per_second)
        house.metrics.watch("deliveries_under_way", "Deliveries begun and not settled.", lambda: sender.under_way)
        # Edits cannot be paid for.
        editor = Editor(store, mender, clocks, at_once=min(house.settings.messages_per_second, FREE_PER_SECOND))
        return Pushing(Announcer(store, clocks.now), sender, editor)

    return Running(
        store=store,
        application=application,
        request=request,
        limiter=limiter,
        poller=Poller(application.bot, application.update_queue.put, clocks.monotonic, took_over=held.took_over),
        clock=house.clock,
        push=push,
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


async def _keep_purse(house: House, application: App, paying: Paying | None) -> None:
    """Let what is beyond the free messages be paid for, if the operator wants it."""
    stars_a_day = house.settings.paid_stars_per_day
    if paying and stars_a_day:
        await Purse(house.store, application.bot.id, paying, house.clocks.now, stars_a_day).run()


async def _warm(stopping: asyncio.Event) -> None:
    """Load what words of queries need, so that the first who asks does not wait half a second for it."""
    await until(stopping, WARM_AFTER_SECONDS)
    if not stopping.is_set():
        await asyncio.to_thread(warm)
        # What the start has made stays. Looking through it again and again would stop everything for some 40 ms.
        loaded()


async def _set_menu(application: App) -> None:
    """Show our commands in Telegram's menu. Who can type needs no menu: a failure is logged, no more."""
    try:
        await set_menu(application.bot)
    except TelegramError as error:
        log.warning("the menu of commands was not set", extra={"error": str(error)})


async def _run(running: Running, ending: asyncio.Event, lost: asyncio.Event) -> None:
    """Run the loops until told to end or one of them does; then stop in order."""
    await running.application.start()
    polling = asyncio.create_task(running.poller.run(), name="poller")
    pushing = running.push()
    while True:
        await _first([polling, *pushing.loops], ending, running.clock.was_set)
        if ending.is_set() or polling.done() or pushing.has_failed or not running.clock.was_set.is_set():
            break
        # What was leased by the old time is settled by the old time.
        pushing.stop()
        await unless(ending, pushing.ended())
        if ending.is_set() or pushing.has_failed:
            break
        await _adopt_clock(running, ending)
        pushing = running.push()
    await _stop(running, polling, pushing, lost)
    for loop in (polling, *pushing.loops):
        _raise_if_failed(loop)


async def _first(tasks: list[asyncio.Task[None]], *events: asyncio.Event) -> None:
    """Wait until a task has ended or an event is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait([*tasks, *waiting], return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()


async def _adopt_clock(running: Running, ending: asyncio.Event) -> None:
    """Go by the machine's clock as it was set, and let nothing wait for times of the old one."""
    by, store = running.clock.adopt(), running.store
    waiting: list[Callable[..., Awaitable[None]]] = []
    if by < timedelta(0):
        waiting = [partial(store.mailboxes.set_back, running.application.bot.id), store.feeds.set_back]
    while waiting and not ending.is_set():
        try:
            await waiting[0](by=-by, now=running.clock.now())
            del waiting[0]
        except StoreUnavailable:
            await until(ending, RETRY_SECONDS)
    log.info("going by the clock as it was set", extra={"by": str(by)})


async def _stop(running: Running, polling: asyncio.Task[None], pushing: Pushing, lost: asyncio.Event) -> None:
    """No new questions; answer those that came; no new pushes; finish and settle what is in flight."""
    log.info("stopping")
    polling.cancel()
    pushing.stop()
    await asyncio.wait([polling])
    answering = asyncio.create_task(_answer_what_came(running, lost), name="answer what came")
    if not lost.is_set():
        await asyncio.wait([answering], timeout=ANSWER_SECONDS)
    # Who still waits for a turn is let go. Pushes and edits stay due. Answers that Telegram holds back are lost.
    await running.limiter.shutdown()
    await _end([answering, *pushing.loops], running, pushing)
    log.info("stopped")


async def _answer_what_came(running: Running, lost: asyncio.Event) -> None:
    await running.application.stop()
    if not lost.is_set():  # who took over confirms what it has fetched itself
        await running.poller.confirm()


async def _end(work: list[asyncio.Task[None]], running: Running, pushing: Pushing) -> None:
    """Wait for the work as long as a stop may take; what is left then is said."""
    _, left = await asyncio.wait(work, timeout=CALL_SECONDS)
    if left and (calls := running.request.hang_up()):
        log.warning("Telegram has not answered in time: pushes will be sent again", extra={"calls": calls})
    if left:
        _, left = await asyncio.wait(left, timeout=SETTLE_SECONDS)
    if left:
        log.warning("stopped before all was written down", extra={"deliveries": pushing.under_way})
    for task in left:
        task.cancel()
    await asyncio.wait(work)


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
