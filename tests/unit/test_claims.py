"""What the sender claims: pushes first, and a tenth of its places for digests, however many pushes are due."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.push.giving import Clocks
from bot.push.sender import Sender
from bot.transport.outgoing import Capabilities
from storage import EVERYTHING, Cadence, NewArticle, Place, open_store

BOT = 7
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PUSHES, DIGESTS = range(1, 101), range(101, 201)


class Bot:
    """Takes messages, and answers when it is told to."""

    id = BOT
    username = "news_bot"

    def __init__(self):
        self.chats = []
        self.answers = asyncio.Event()

    async def do_api_request(self, _endpoint, called, **_how):
        self.chats.append(int(called["chat_id"]))
        await self.answers.wait()
        return {"message_id": len(self.chats)}


@pytest.fixture
async def store(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/news.db") as store:
        yield store


async def owed(store, *crowds):
    """Let all of them be owed an article: (chats, cadence) each."""
    await asyncio.gather(
        *(
            store.subscriptions.add(Place(BOT, chat), EVERYTHING, now=NOON, cadence=cadence)
            for chats, cadence in crowds
            for chat in chats
        )
    )
    news = NewArticle("herald", "1", "Peace", NOON)
    await store.articles.add([news], arrived=NOON, push_since=NOON)
    lease = await store.leases.gain("announcer", now=NOON, duration=timedelta(hours=1))
    await store.log.announce(lease, now=NOON, limit=9)
    while await store.log.wake(lease, now=NOON, limit=1000):
        pass


@pytest.mark.parametrize(
    ("crowds", "claims"),
    [
        ([(PUSHES, Cadence.INSTANT), (DIGESTS, Cadence.DAILY)], [(18, 2), (18, 2)]),
        ([(PUSHES[:5], Cadence.INSTANT), (DIGESTS, Cadence.DAILY)], [(5, 2), (0, 13)]),
        ([(PUSHES, Cadence.INSTANT)], [(20, 0), (20, 0)]),
        ([(DIGESTS, Cadence.DAILY)], [(0, 2), (0, 18)]),
    ],
)
async def test_a_tenth_of_the_places_is_for_digests(store, crowds, claims):
    await owed(store, *crowds)
    bot = Bot()
    sender = Sender(store, bot, Capabilities(), Clocks(lambda: NOON, lambda: 1000.0), at_once=lambda: 20)
    for pushes, digests in claims:
        bot.chats.clear()
        assert await sender.claim() == pushes + digests
        await asyncio.sleep(0)  # each begins
        assert (len([chat for chat in bot.chats if chat in PUSHES]), len(bot.chats)) == (pushes, pushes + digests)
        if sender.under_way == 20:
            await answered(sender, bot)
    await answered(sender, bot)


async def answered(sender, bot):
    """Let all that is under way end."""
    bot.answers.set()
    await asyncio.gather(*sender._tasks)
    bot.answers.clear()
