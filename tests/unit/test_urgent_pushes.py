"""Urgent news goes ahead of digests and quiet hours, and nothing with it: sender and schedule, on a real store."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from givers import giver
from telegram.error import BadRequest, TimedOut

from bot.push.giving import MOST_ASIDE, Clocks
from bot.push.sender import Sender
from bot.render import words
from bot.schedule import opening, urgent_opening
from bot.transport.limiter import TooLate
from storage import EVERYTHING, Cadence, ChatSettings, NewArticle, Place, Quiet, open_store

BOT = 1
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MORNING = NOON + 20 * HOUR
QUIET = Quiet(11 * 60, 14 * 60)
AGREED = ChatSettings(urgent=True)


class Telegram:
    """Takes each message, but first answers as it is told. `said` is (chat, text, whether silent)."""

    id = BOT
    username = "news_bot"

    def __init__(self):
        self.answers = []
        self.said = []

    async def do_api_request(self, _endpoint, arguments, **_more):
        if answer := self.answers.pop(0) if self.answers else None:
            raise answer
        silent = "disable_notification" in arguments
        self.said.append((int(arguments["chat_id"]), arguments["text"], silent))
        return {"message_id": len(self.said)}


class Room:
    """A store and its sender, at a time that the test sets."""

    def __init__(self, store):
        self.store = store
        self.now = NOON
        self.telegram = Telegram()
        clocks = Clocks(lambda: self.now, lambda: 0.0)
        self.sender = Sender(store, giver(self.telegram, clocks), at_once=lambda: 30)

    async def chat(self, chat, cadence, settings):
        await self.store.subscriptions.add(Place(BOT, chat), EVERYTHING, now=self.now, cadence=cadence)
        await self.store.chats.change_settings(BOT, chat, settings, now=self.now)

    async def publish(self, *titles):
        """Titles with a "!" are urgent."""
        await self.store.articles.add(
            [NewArticle("wire", title, title, self.now, urgent="!" in title) for title in titles],
            arrived=self.now,
            push_since=self.now,
        )
        lease = await self.store.leases.gain("announcer", now=self.now, duration=SECOND)
        await self.store.log.announce(lease, now=self.now, limit=100)
        await self.store.log.wake(lease, now=self.now, limit=100)
        await self.store.leases.release(lease)

    async def deliver(self, until=None):
        """Deliver all that is due, and what becomes due until then. Returns what was said meanwhile."""
        known = len(self.telegram.said)
        until = until or self.now
        for _ in range(50):
            due = await self.store.mailboxes.next_due(BOT)
            if due is None or due > until:
                self.now = max(self.now, until)
                return self.telegram.said[known:]
            self.now = max(self.now, due)
            await self.sender.claim()
            await asyncio.gather(*self.sender._tasks)
        raise AssertionError("the mailboxes do not come to rest")


@pytest.fixture
async def room(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/news.db") as store:
        yield Room(store)


def titles(said):
    """(chat, the titles that a message shows) of each message, in the order in which they were published."""
    known = ("Bread", "Soup!", "Flood!", "Rain")
    return [(chat, [title for title in known if title in text]) for chat, text, _ in said]


@pytest.mark.parametrize("cadence", [Cadence.HOURLY, Cadence.DAILY, Cadence.WEEKLY])
async def test_what_is_urgent_goes_at_once_and_the_rest_in_its_digest(room, cadence):
    await room.chat(1, cadence, AGREED)
    await room.chat(2, cadence, ChatSettings())
    await room.publish("Bread")
    assert await room.deliver() == []
    await room.publish("Flood!", "Rain")
    [(chat, text, silent)] = await room.deliver()
    assert (chat, silent, "Bread" in text, "Rain" in text) == (1, False, False, False)
    assert text.startswith("<b>❗ Urgent: Flood!</b>")
    digests = await room.deliver(NOON + 8 * DAY)
    assert sorted(titles(digests)) == [(1, ["Bread", "Rain"]), (2, ["Bread", "Flood!", "Rain"])]
    expected = opening(cadence, ChatSettings(), since=NOON, served=None, now=NOON, zone=ZoneInfo("UTC"))
    [subscription] = await room.store.subscriptions.all(Place(BOT, 1))
    assert subscription.served == expected


async def test_in_quiet_hours_it_alone_comes_and_with_a_sound(room):
    await room.chat(1, Cadence.INSTANT, ChatSettings(quiet=QUIET, urgent=True))
    await room.chat(2, Cadence.INSTANT, ChatSettings(quiet=QUIET))
    await room.publish("Bread", "Flood!")
    said = await room.deliver()
    assert (titles(said), [silent for *_, silent in said]) == ([(1, ["Flood!"])], [False])
    assert titles(await room.deliver(NOON + 2 * HOUR)) == [(1, ["Bread"]), (2, ["Bread", "Flood!"])]
    assert room.now == NOON + 2 * HOUR


async def test_in_silent_quiet_hours_it_comes_as_all_does(room):
    silent = Quiet(QUIET.start, QUIET.end, silent=True)
    await room.chat(1, Cadence.INSTANT, ChatSettings(quiet=silent, urgent=True))
    await room.chat(2, Cadence.DAILY, ChatSettings(quiet=silent, urgent=True))
    await room.publish("Bread", "Flood!")
    said = sorted(await room.deliver())
    assert titles(said) == [(1, ["Bread", "Flood!"]), (2, ["Flood!"])]
    assert [silent for *_, silent in said] == [True, True]


@pytest.mark.parametrize("cadence", [Cadence.INSTANT, Cadence.DAILY])
async def test_a_mute_holds_it_up_but_not_until_the_digest(room, cadence):
    await room.chat(1, cadence, ChatSettings(quiet=QUIET, muted_until=NOON + HOUR, urgent=True))
    await room.publish("Bread", "Flood!")
    assert await room.deliver(NOON + HOUR - SECOND) == []
    assert titles(await room.deliver(NOON + HOUR)) == [(1, ["Flood!"])]
    assert titles(await room.deliver(MORNING)) == [(1, ["Bread"])]


async def test_where_nothing_holds_it_up_it_is_a_push_like_any(room):
    await room.chat(1, Cadence.INSTANT, AGREED)
    await room.publish("Bread", "Flood!")
    assert titles(await room.deliver()) == [(1, ["Bread", "Flood!"])]
    assert await room.store.mailboxes.next_due(BOT) is None


async def test_urgent_news_after_today_s_digest_does_not_bring_another_today(room):
    await room.chat(1, Cadence.DAILY, AGREED)
    await room.publish("Bread")
    assert len(await room.deliver(MORNING)) == 1
    later = ChatSettings(digest_minute=10 * 60, urgent=True)
    await room.store.chats.change_settings(BOT, 1, later, now=room.now)
    room.now = MORNING + 2 * HOUR - 30 * SECOND
    await room.publish("Soup!", "Rain")
    # The last of these tries are made when it is time for a digest by the new settings.
    room.telegram.answers = [TimedOut()] * 5
    assert titles(await room.deliver(MORNING + 3 * HOUR)) == [(1, ["Soup!"])]
    assert titles(await room.deliver(MORNING + 26 * HOUR)) == [(1, ["Rain"])]
    assert room.now == MORNING + 26 * HOUR


async def test_an_urgent_message_does_not_take_the_place_of_the_day_s_digest(room):
    await room.chat(1, Cadence.DAILY, AGREED)
    room.now = MORNING - HOUR
    await room.publish("Bread", "Flood!")
    assert titles(await room.deliver()) == [(1, ["Flood!"])]
    assert titles(await room.deliver(MORNING)) == [(1, ["Bread"])]


async def test_an_answer_that_never_came_brings_it_again_and_nothing_else_early(room):
    await room.chat(1, Cadence.DAILY, AGREED)
    await room.publish("Bread", "Flood!")
    room.telegram.answers = [TimedOut(), TooLate("Not now", 5.0)]
    assert titles(await room.deliver(NOON + HOUR)) == [(1, ["Flood!"])]
    assert titles(await room.deliver(MORNING)) == [(1, ["Bread"])]


async def test_what_telegram_refuses_is_passed_over_and_the_others_go(room):
    await room.chat(1, Cadence.DAILY, AGREED)
    await room.publish("Bread", "Soup!", "Flood!")
    refused = BadRequest("Message is too long")
    room.telegram.answers = [refused, refused]
    assert titles(await room.deliver()) == [(1, ["Flood!"])]
    assert titles(await room.deliver(MORNING)) == [(1, ["Bread"])]


async def test_several_are_one_list_that_is_no_digest(room):
    await room.chat(1, Cadence.DAILY, AGREED)
    await room.publish("Soup!", "Flood!")
    [(_, text, _)] = await room.deliver()
    assert words.new_headlines(2) in text
    assert words.DAILY_DIGEST not in text
    assert await room.deliver(MORNING + DAY) == []


async def test_very_many_go_in_lists_that_show_them_all(room):
    await room.chat(1, Cadence.DAILY, AGREED)
    flood = "Flood! " * 30
    await room.publish("Bread", *(f"{number} {flood}" for number in range(2 * MOST_ASIDE + 1)))
    said = await room.deliver()
    assert [text.count("❗") for _, text, _ in said] == [MOST_ASIDE, MOST_ASIDE, 1]
    assert titles(await room.deliver(MORNING)) == [(1, ["Bread"])]


@pytest.mark.parametrize(
    ("settings", "opens"),
    [
        (AGREED, NOON),
        (ChatSettings(quiet=QUIET, urgent=True), NOON),
        (ChatSettings(muted_until=NOON + HOUR, urgent=True), NOON + HOUR),
        (ChatSettings(muted_until=NOON - HOUR, urgent=True), NOON),
        (ChatSettings(quiet=QUIET, muted_until=NOON + HOUR, urgent=True), NOON + HOUR),
    ],
)
def test_when_urgent_news_may_go(settings, opens):
    assert urgent_opening(settings, NOON) == opens
