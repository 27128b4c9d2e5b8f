"""The database fails the running bot, or its clock is set: nothing is lost, and it goes on by itself."""

import asyncio
import resource
import sqlite3
from collections import Counter
from contextlib import closing, contextmanager

import pytest
from newsroom import news

from bot.render import words

FAILS, WORKS = "the database fails", "the database works again"
HOUR = 3600


@pytest.fixture
async def crowd(sandbox, newsroom):
    people = await sandbox.add_people(10)
    await newsroom.follow(people)
    return people


@contextmanager
def locked(newsroom):
    """Another program keeps the database to itself."""
    with closing(sqlite3.connect(newsroom.folder / "news.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def full(bot):
    """The disk is full: no file takes anything of the bot's, not even where it was longer before."""
    before = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    yield
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, before)


async def given(sandbox, chats, after=0):
    """How often each chat was written to, once all of them were."""
    await sandbox.wait_for(len(chats), after=after)
    return Counter(record["chat"] for record in await sandbox.messages(kind="sent", after=after))


async def test_on_a_full_disk_all_waits_until_there_is_room(sandbox, newsroom, crowd):
    bot = await newsroom.start()
    with full(bot):
        await newsroom.publish(news("The ferry is back"))
        assert "full" in await bot.said(FAILS)
        asked = await sandbox.ask(crowd[0], "/latest")
        assert "The ferry is back" in asked["text"]
        assert await sandbox.ask(crowd[0], "/subscribe zebra") == await sandbox_said(sandbox, crowd[0])
    after = await sandbox.last()
    assert await given(sandbox, crowd, after) == Counter(crowd)
    await bot.said(WORKS)
    assert await bot.stop(within=15) == 0
    assert bot.output.count(FAILS) == 1
    assert "Traceback" not in bot.output


async def sandbox_said(sandbox, chat):
    """The last message there, which is to be an apology."""
    message = (await sandbox.messages(kind="sent", chat=chat))[-1]["message"]
    assert message["text"] == words.TRY_LATER
    return message


async def test_a_file_that_is_moved_away_and_back(sandbox, newsroom, crowd):
    bot = await newsroom.start()
    place, away = newsroom.folder / "news.db", newsroom.folder / "away.db"
    place.rename(away)
    assert "move it back" in await bot.said(FAILS)
    assert (await sandbox.ask(crowd[0], "/subscribe zebra"))["text"] == words.TRY_LATER
    after = await sandbox.last()
    away.rename(place)
    await newsroom.publish(news("The ferry is back"))  # perhaps before the bot has seen that it is back
    assert await given(sandbox, crowd, after) == Counter(crowd)
    await bot.said(WORKS)
    assert await bot.stop(within=15) == 0
    assert bot.output.count(FAILS) == 1


async def test_a_file_that_was_removed_is_there_again_after_a_stop(sandbox, newsroom, crowd):
    bot = await newsroom.start()
    await sandbox.ask(crowd[0], "/subscribe zebra")
    for file in newsroom.folder.glob("news.db*"):
        file.unlink()
    await bot.said(FAILS)
    assert await bot.stop(within=15) == 0
    assert "written anew" in bot.output
    bot = await newsroom.start()
    assert "zebra" in (await sandbox.ask(crowd[0], "/subscriptions"))["text"]
    after = await sandbox.last()
    await newsroom.publish(news("The ferry is back"))
    assert await given(sandbox, crowd, after) == Counter(crowd)
    assert await bot.stop() == 0
    assert [file.name for file in newsroom.folder.glob("news.db*")] == ["news.db"]


@pytest.mark.parametrize("ahead", [-HOUR, HOUR])
async def test_a_clock_that_is_set_keeps_nobody_waiting(sandbox, newsroom, crowd, ahead):
    bot = await newsroom.start_clocked()
    await sandbox.faults({"kind": "429", "method": "sendMessage", "chat": crowd[0], "retry_after": 2, "times": 1})
    await newsroom.publish(news("The ferry is back"))
    await sandbox.wait_for(len(crowd) - 1)
    newsroom.set_clock(ahead)
    await bot.said("going by the clock as it was set")
    await newsroom.publish(news("A zebra in the harbour"))
    seen = []
    while "zebra" not in "".join(text for chat, text in seen if chat == crowd[0]):
        records = await sandbox.wait_for(len(seen) + 1)
        seen = [(record["chat"], record["message"]["text"]) for record in records]
    assert await bot.stop(within=15) == 0
    for title in ("The ferry is back", "A zebra in the harbour"):
        assert Counter(chat for chat, text in seen if title in text) == Counter(crowd), seen


async def test_a_stop_on_the_worst_of_days_takes_ten_seconds(sandbox, newsroom, crowd):
    ada, bob = await sandbox.add_people(2, 20_001)
    hanging = crowd[:4]
    bot = await newsroom.start()
    await sandbox.faults(
        {"kind": "429", "method": "sendMessage", "chat": ada, "retry_after": 40},
        *({"kind": "hang_after", "method": "sendMessage", "chat": chat} for chat in hanging),
    )
    await sandbox.say(ada, "/help")
    await sandbox.ask(bob, "/help")  # by then ada's waits
    await sandbox.faults({"kind": "hang_before", "method": "getUpdates"})
    await newsroom.publish(news("The ferry is back"))
    await sandbox.wait_for(1 + len(crowd))
    while len(newsroom.outcomes()) < len(crowd) - len(hanging):  # noqa: ASYNC110  it is another process that settles
        await asyncio.sleep(0.05)
    with locked(newsroom):
        assert await bot.stop(within=15) == 0
    for said in ("Telegram has not answered in time", "before all was written down", "may be answered twice"):
        assert said in bot.output
    assert "Traceback" not in bot.output
    await sandbox.clear_faults()
    bot = await newsroom.start()
    sent = Counter([bob, *crowd, *hanging])
    assert Counter(record["chat"] for record in await sandbox.wait_for(sent.total())) == sent
    assert await bot.stop() == 0
