"""The sender's places: who is claimed, and what it waits for meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.push.giving import Clocks
from bot.push.sender import Sender
from bot.push.tenure import LOOK_SECONDS
from bot.transport.outgoing import Capabilities
from storage import EVERYTHING, Cadence, NewArticle, Place, open_store

BOT = 1
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Telegram:
    """Takes each message when it is let."""

    id = BOT
    username = "news_bot"

    def __init__(self):
        self.asked = asyncio.Queue()
        self._answers = asyncio.Semaphore(0)

    async def do_api_request(self, _endpoint, arguments, **_more):
        self.asked.put_nowait(int(arguments["chat_id"]))
        await self._answers.acquire()
        return {"message_id": 7}

    def answer(self):
        self._answers.release()


class Watched:
    """The store, of which nothing changes by itself; `waits` is how long was waited for that."""

    def __init__(self, store):
        self._store = store
        self.waits = asyncio.Queue()

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def changed(self, _change, seconds):
        self.waits.put_nowait(seconds)
        await asyncio.Event().wait()


@pytest.fixture
async def store(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/news.db") as store:
        yield Watched(store)


async def owe(store, cadences):
    """Let each chat be owed an article since yesterday, at its cadence."""
    for chat, cadence in cadences.items():
        await store.subscriptions.add(Place(BOT, chat), EVERYTHING, now=NOON - DAY, cadence=cadence)
    await store.articles.add([NewArticle("wire", "1", "Peace", NOON - DAY)], arrived=NOON - DAY, push_since=NOON - DAY)
    lease = await store.leases.gain("announcer", now=NOON - DAY, duration=DAY)
    await store.log.announce(lease, now=NOON - DAY, limit=1)
    await store.log.wake(lease, now=NOON - DAY, limit=100)


async def test_digests_that_are_due_and_have_no_place_wait_for_one_and_no_loop_is_busy(store):
    await owe(store, {1: Cadence.DAILY, 2: Cadence.DAILY})
    telegram = Telegram()
    clocks = Clocks(lambda: NOON, asyncio.get_running_loop().time)
    sender = Sender(store, telegram, Capabilities(), clocks, at_once=1)
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run())
        first = await telegram.asked.get()
        assert await store.waits.get() == LOOK_SECONDS
        assert (telegram.asked.empty(), store.waits.empty()) == (True, True)
        telegram.answer()
        # By the room that was made: the wait for a change has not ended.
        assert {first, await telegram.asked.get()} == {1, 2}
        telegram.answer()
        sender.stop()


async def test_pushes_are_claimed_first_and_have_places_that_digests_cannot_take(store):
    await owe(store, {**dict.fromkeys(range(1, 9), Cadence.DAILY), 9: Cadence.INSTANT, 10: Cadence.INSTANT})
    telegram = Telegram()
    sender = Sender(store, telegram, Capabilities(), Clocks(lambda: NOON, lambda: 0.0), at_once=4)
    assert await sender.claim() == 2 + 2
    claimed = [await telegram.asked.get() for _ in range(4)]
    assert (set(claimed[:2]), set(claimed[2:]) <= set(range(1, 9))) == ({9, 10}, True)
    assert await sender.claim() == 0
    for _ in claimed:
        telegram.answer()
    await asyncio.gather(*sender._tasks)
    assert await sender.claim() == 2
    for _ in range(2):
        telegram.answer()
    await asyncio.gather(*sender._tasks)
