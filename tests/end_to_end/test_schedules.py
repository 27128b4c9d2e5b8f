"""When chats are delivered to: quiet hours, mute and digests, as they have chosen."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from newsroom import news
from sandbox import labels

from bot.push.sender import DIGESTS_SHARE, LEASE
from bot.render import words
from storage import Cadence, Change, ChatSettings, NewArticle, Place, Query, Quiet

TITLES = [f"Apricot {number:02}" for number in range(1, 24)]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
async def ada(sandbox):
    return await sandbox.add_person("Ada")


@pytest.fixture
async def bob(sandbox):
    return await sandbox.add_person("Bob")


def minute(moment):
    return moment.hour * 60 + moment.minute


def quiet_now(*, silent=False):
    now = datetime.now(UTC)
    return ChatSettings("UTC", Quiet(minute(now - HOUR), minute(now + 2 * HOUR), silent))


def muted_now():
    return ChatSettings(muted_until=datetime.now(UTC) + HOUR)


async def choose(newsroom, chat, chosen):
    async with newsroom.store() as store:
        await store.chats.change_settings(newsroom.bot, chat, chosen, now=datetime.now(UTC))


async def follow(newsroom, chats, cadence, query="*"):
    async with newsroom.store() as store:
        for chat in chats:
            await store.subscriptions.add(
                Place(newsroom.bot, chat), Query.parse(query), now=datetime.now(UTC), cadence=cadence
            )


async def announced(newsroom, *articles, at):
    """Let the articles have been announced at this moment, before the bot starts."""
    await newsroom.publish(*articles)
    async with newsroom.store() as store:
        lease = await store.leases.gain("announcer", now=at, duration=timedelta(seconds=5))
        await store.log.announce(lease, now=at, limit=len(articles))
        await store.log.wake(lease, now=at, limit=1_000)
        await store.leases.release(lease)


async def put_back(newsroom):
    """Wait until the bot has looked at all that is due, and nothing is; give when something will be."""
    async with newsroom.store() as store, asyncio.timeout(30):
        while (due := await store.mailboxes.next_due(newsroom.bot)) and due < datetime.now(UTC) + LEASE:
            await store.changed(Change.DUE, 0.1)
    return due


@pytest.mark.parametrize("held", [quiet_now, muted_now])
async def test_what_comes_in_quiet_hours_or_under_mute_goes_when_they_end_as_one_message(
    sandbox, newsroom, ada, bob, held
):
    await newsroom.follow([ada, bob])
    await choose(newsroom, ada, held())
    bot = await newsroom.start()
    for number, title in enumerate(("First", "Second"), 1):
        await newsroom.publish(news(title))
        await sandbox.wait_for(number, chat=bob)
    assert await sandbox.messages(chat=ada) == []
    await choose(newsroom, ada, ChatSettings())
    [push] = await sandbox.wait_for(chat=ada)
    assert words.new_headlines(2) in push["message"]["text"]
    assert not push["silent"]
    assert await bot.stop() == 0
    assert newsroom.outcomes() == [(bob, "sent", ""), (bob, "sent", ""), (ada, "sent", "")]


async def test_in_silent_quiet_hours_a_push_makes_no_sound(sandbox, newsroom, ada, bob):
    await newsroom.follow([ada, bob])
    await choose(newsroom, ada, quiet_now(silent=True))
    await newsroom.start()
    await newsroom.publish(news("The ferry is back"))
    for chat, silent in ((ada, True), (bob, False)):
        [push] = await sandbox.wait_for(chat=chat)
        assert push["silent"] == silent


async def test_a_digest_whose_time_has_passed_goes_at_once_as_one_message(sandbox, newsroom, ada):
    await follow(newsroom, [ada], Cadence.DAILY)
    begun = datetime.now(UTC)
    articles = [news(title, topics=["sport" if index % 3 else "world-news"]) for index, title in enumerate(TITLES)]
    await announced(newsroom, *articles, at=begun - 2 * DAY)
    bot = await newsroom.start()
    [digest] = await sandbox.wait_for(chat=ada)
    heading, first_group, *_ = digest["message"]["text"].split("\n\n")
    dates = {words.day_of_year(moment) for moment in (begun, datetime.now(UTC))}
    assert heading in {f"☀️ {words.DAILY_DIGEST} · {date}" for date in dates}
    assert first_group == "▪️ Sport"
    assert labels(digest["message"]) == [words.open_more(3)]
    after = await sandbox.last()
    await sandbox.press_button(ada, digest["message"], words.open_more(3))
    [more] = await sandbox.wait_for(chat=ada, after=after)
    assert [title for title in TITLES if title in more["message"]["text"]] == TITLES[20:]
    assert await bot.stop() == 0
    assert newsroom.outcomes() == [(ada, "sent", "")]


async def test_a_digest_is_edited_as_a_digest(sandbox, newsroom, ada):
    await follow(newsroom, [ada], Cadence.WEEKLY)
    await announced(newsroom, *(news(title, id=title) for title in TITLES[:2]), at=datetime.now(UTC) - 8 * DAY)
    await newsroom.start()
    [digest] = await sandbox.wait_for(chat=ada)
    assert words.WEEKLY_DIGEST in digest["message"]["text"]
    await newsroom.publish(news("Peach", id=TITLES[0]), push="none")
    [edited] = await sandbox.wait_for(kind="edited", chat=ada)
    assert edited["message"]["text"] == digest["message"]["text"].replace(TITLES[0], "Peach")


async def test_a_digest_waits_for_its_time_also_after_its_time_has_been_changed(sandbox, newsroom, ada, bob):
    await follow(newsroom, [ada], Cadence.DAILY)
    await newsroom.follow([bob])
    later = datetime.now(UTC) + 2 * HOUR
    await choose(newsroom, ada, ChatSettings("UTC", digest_minute=minute(later)))
    await newsroom.start()
    await newsroom.publish(news("First"))
    await sandbox.wait_for(chat=bob)
    await choose(newsroom, ada, ChatSettings("UTC", digest_minute=minute(later + HOUR)))
    await newsroom.publish(news("Second"))
    await sandbox.wait_for(2, chat=bob)
    assert await sandbox.messages(chat=ada) == []
    assert await put_back(newsroom) == (later + HOUR).replace(second=0, microsecond=0)


async def test_a_push_does_not_wait_behind_digests(sandbox, newsroom, ada):
    crowd = await sandbox.add_people(200)
    await newsroom.follow([ada])
    await choose(newsroom, ada, muted_now())
    await follow(newsroom, crowd, Cadence.HOURLY)
    await announced(newsroom, news("The ferry is back"), at=datetime.now(UTC) - DAY)
    await newsroom.start()
    await sandbox.wait_for(40)
    await choose(newsroom, ada, ChatSettings())
    asked = await sandbox.last()
    await sandbox.wait_for(chat=ada)
    records = await sandbox.messages(after=asked, kind="sent")
    digests_before = [record["chat"] for record in records].index(ada)
    # Those that had a place, twice: the bot looks when a part of them has gone.
    assert digests_before <= 2 * 30 * DIGESTS_SHARE
    assert len(await sandbox.wait_for(201)) == 201


async def test_urgent_news_comes_ahead_of_digests_and_quiet_hours_where_that_was_agreed(sandbox, newsroom, ada, bob):
    cat = await sandbox.add_person("Cat")
    await follow(newsroom, [ada, cat], Cadence.DAILY)
    await newsroom.follow([bob])
    later = minute(datetime.now(UTC) + 2 * HOUR)
    await choose(newsroom, cat, ChatSettings("UTC", digest_minute=later))
    await choose(newsroom, bob, quiet_now())
    bot = await newsroom.start()
    for chat in (ada, bob):
        await sandbox.say(chat, "/urgent on")
    await sandbox.wait_for(2)
    asked = await sandbox.last()
    await choose(newsroom, ada, ChatSettings("UTC", digest_minute=later, urgent=True))
    async with newsroom.store() as store:
        await store.articles.add(
            [
                NewArticle("wire", title, title, datetime.now(UTC), urgent=title == "Flood")
                for title in ("Bread", "Flood", "Rain")
            ],
            arrived=datetime.now(UTC),
        )
    for chat in (ada, bob):
        [push] = await sandbox.wait_for(chat=chat, after=asked)
        assert push["message"]["text"].startswith(f"{words.URGENT}Flood\n")
        assert not push["silent"]
    await put_back(newsroom)
    assert len(await sandbox.messages(after=asked, kind="sent")) == 2
    # The rest comes in its time, without it.
    before = await sandbox.last()
    await choose(newsroom, bob, ChatSettings(urgent=True))
    [rest] = await sandbox.wait_for(chat=bob, after=before)
    assert [title in rest["message"]["text"] for title in ("Bread", "Flood", "Rain")] == [True, False, True]
    assert await bot.stop() == 0
