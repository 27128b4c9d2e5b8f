"""The sender's places: who is claimed, and what it waits for meanwhile."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from givers import giver
from telegram.error import BadRequest, TimedOut

from bot.commands.desk import Ask, Desk
from bot.commands.more import counted
from bot.push.giving import Clocks
from bot.push.sender import LEASE, Sender
from bot.render import words
from bot.render.buttons import decode
from bot.tenure import LOOK_SECONDS
from bot.transport.limiter import TooLate
from bot.waiting import UnderWay
from storage import (
    EVERYTHING,
    Cadence,
    Chat,
    ChatKind,
    ChatSettings,
    NewArticle,
    Pictures,
    Place,
    Quiet,
    Settlement,
    open_store,
)

BOT = 1
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PICTURE = "https://example.org/1.jpg"


class Telegram:
    """Takes each message when it is let."""

    id = BOT
    username = "news_bot"

    def __init__(self):
        self.asked = asyncio.Queue()
        self.buttons = []  # of the last message
        self._answers = asyncio.Semaphore(0)

    async def do_api_request(self, _endpoint, arguments, **_more):
        self.buttons = json.loads(arguments.get("reply_markup", '{"inline_keyboard": []}'))["inline_keyboard"]
        self.asked.put_nowait(int(arguments["chat_id"]))
        await self._answers.acquire()
        return {"message_id": 7}

    def answer(self):
        self._answers.release()


class Scripted:
    """Answers each message as it is told, then takes all."""

    id = BOT
    username = "news_bot"

    def __init__(self, *answers):
        self._answers = iter(answers)
        self.texts = []
        self.silent = []  # photos

    async def do_api_request(self, _endpoint, arguments, **_more):
        self.texts.append(arguments["text"])
        if answer := next(self._answers, None):
            raise answer
        return {"message_id": 7}

    async def send_photo(self, *, disable_notification, **_more):
        self.silent.append(disable_notification)
        return SimpleNamespace(message_id=7, photo=())


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


async def owe(store, cadences, *titles, since=NOON - DAY):
    """Let each chat be owed an article of each title since then, at its cadence."""
    for chat, cadence in cadences.items():
        await store.subscriptions.add(Place(BOT, chat), EVERYTHING, now=since, cadence=cadence)
    articles = [NewArticle("wire", title, title, since, image=PICTURE) for title in titles or ["Peace"]]
    await store.articles.add(articles, arrived=since, push_since=since)
    lease = await store.leases.gain("announcer", now=since, duration=DAY)
    await store.log.announce(lease, now=since, limit=len(articles))
    await store.log.wake(lease, now=since, limit=100)
    await store.leases.release(lease)


async def test_digests_that_are_due_and_have_no_place_wait_for_one_and_no_loop_is_busy(store):
    await owe(store, {1: Cadence.DAILY, 2: Cadence.DAILY})
    telegram = Telegram()
    clocks = Clocks(lambda: NOON, asyncio.get_running_loop().time)
    sender = Sender(store, giver(telegram, clocks), at_once=lambda: 1)
    running = asyncio.create_task(sender.run())
    try:
        async with asyncio.timeout(30):
            first = await telegram.asked.get()
            assert await store.waits.get() == LOOK_SECONDS
            assert (telegram.asked.empty(), store.waits.empty()) == (True, True)
            telegram.answer()
            # By the room that was made: the wait for a change has not ended.
            assert {first, await telegram.asked.get()} == {1, 2}
    finally:
        sender.stop()
        for _ in range(2):
            telegram.answer()
        await running


async def test_pushes_are_claimed_first_and_have_places_that_digests_cannot_take(store):
    await owe(store, {**dict.fromkeys(range(1, 9), Cadence.DAILY), 9: Cadence.INSTANT, 10: Cadence.INSTANT})
    telegram = Telegram()
    sender = Sender(store, giver(telegram, Clocks(lambda: NOON, lambda: 0.0)), at_once=lambda: 4)
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


@pytest.mark.parametrize("held_up", [TooLate("Not now", 5.0), TimedOut()])
async def test_the_rest_of_a_digest_that_broke_off_is_not_tomorrows(store, held_up):
    await owe(store, {1: Cadence.DAILY}, "First", "Second", "Third")
    telegram = Scripted(BadRequest("Message is too long"), None, held_up)
    now = NOON
    sender = Sender(store, giver(telegram, Clocks(lambda: now, lambda: 0.0)), at_once=lambda: 4)
    assert await sender.claim() == 1
    await asyncio.gather(*sender._tasks)
    now = NOON + timedelta(seconds=5)
    assert await sender.claim() == 1
    await asyncio.gather(*sender._tasks)
    whole, first, second, rest = telegram.texts
    assert words.DAILY_DIGEST in whole
    assert [title in text for title, text in (("First", first), ("Second", second))] == [True, True]
    assert [part in rest for part in (words.DAILY_DIGEST, "First", "Second", "Third")] == [True, False, True, True]


async def test_what_is_early_is_put_back_with_its_failures_and_nothing_is_sent(store):
    await owe(store, {1: Cadence.DAILY, 2: Cadence.INSTANT})
    for chat in (1, 2):
        await store.chats.change_settings(BOT, chat, ChatSettings(muted_until=NOON + DAY), now=NOON - DAY)
    [failed] = await store.mailboxes.claim(BOT, now=NOON, lease=LEASE, limit=9)
    await store.mailboxes.settle(Settlement(failed, failures=3), now=NOON)
    telegram = Scripted()
    now = NOON
    sender = Sender(store, giver(telegram, Clocks(lambda: now, lambda: 0.0)), at_once=lambda: 4)
    assert await sender.claim() == 2
    await asyncio.gather(*sender._tasks)
    assert (telegram.texts, await store.mailboxes.next_due(BOT)) == ([], NOON + DAY)
    [again] = await store.mailboxes.claim(BOT, now=NOON + DAY, lease=LEASE, limit=9)
    assert again.mailbox.failures == 3
    owed = await store.mailboxes.owed([again], now=NOON + DAY)
    assert [one.article.title for one in owed[0].articles] == ["Peace"]


async def test_in_silent_quiet_hours_a_picture_makes_no_sound_either(store):
    await owe(store, {1: Cadence.INSTANT, 2: Cadence.INSTANT})
    for chat, silent in ((1, True), (2, False)):
        chosen = ChatSettings(quiet=Quiet(11 * 60, 13 * 60, silent=True) if silent else None, pictures=Pictures.PHOTO)
        await store.chats.change_settings(BOT, chat, chosen, now=NOON - DAY)
    telegram = Scripted()
    sender = Sender(store, giver(telegram, Clocks(lambda: NOON, lambda: 0.0)), at_once=lambda: 4)
    assert await sender.claim() == 2
    await asyncio.gather(*sender._tasks)
    assert (telegram.silent, telegram.texts) == ([True, None], [])


@pytest.mark.parametrize("cadence", [Cadence.HOURLY, Cadence.DAILY, Cadence.WEEKLY])
async def test_after_a_clock_was_far_ahead_digests_come_again(store, cadence):
    now = ahead = NOON + 400 * DAY
    telegram = Scripted()
    sender = Sender(store, giver(telegram, Clocks(lambda: now, lambda: 0.0)), at_once=lambda: 4)
    await owe(store, {1: cadence}, "First", since=ahead - 8 * DAY)
    assert await sender.claim() == 1
    await asyncio.gather(*sender._tasks)
    await owe(store, {}, "Second", since=ahead)
    # It is right again, and the bot is started.
    now = NOON
    await store.mailboxes.free(BOT, now=now)
    for _ in range(3):
        now = max(now, await store.mailboxes.next_due(BOT))
        await sender.claim()
        await asyncio.gather(*sender._tasks)
        if len(telegram.texts) > 1:
            break
    assert ["Second" in text for text in telegram.texts] == [False, True]
    assert now <= NOON + 8 * DAY


class Stuck:
    """The store's mailboxes, of which the second claim and every settlement get no answer."""

    def __init__(self, mailboxes):
        self._mailboxes = mailboxes
        self._claims = 0
        self.waits = asyncio.Queue()

    def __getattr__(self, name):
        return getattr(self._mailboxes, name)

    async def claim(self, *of, **what):
        self._claims += 1
        return await self._mailboxes.claim(*of, **what) if self._claims == 1 else await self._wait("claim")

    async def settle(self, *_of, **_what):
        await self._wait("settle")

    async def _wait(self, name):
        self.waits.put_nowait(name)
        await asyncio.Event().wait()


async def test_who_is_cancelled_ends_though_the_database_gives_no_answer(store):
    await owe(store, {1: Cadence.INSTANT})
    store.mailboxes = Stuck(store.mailboxes)
    sender = Sender(store, giver(Scripted(), Clocks(lambda: NOON, lambda: 0.0)), at_once=lambda: 4)
    running = asyncio.create_task(sender.run())
    async with asyncio.timeout(30):
        assert {await store.mailboxes.waits.get() for _ in range(2)} == {"claim", "settle"}
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=30)
    running.cancel()
    assert done


async def test_what_a_message_counts_opens_before_its_delivery_is_written_down(store):
    await owe(store, {1: Cadence.DAILY}, *(f"Apricot {number:02}" for number in range(1, 24)))
    telegram = Telegram()
    under_way = UnderWay()
    sender = Sender(store, giver(telegram, Clocks(lambda: NOON, lambda: 0.0), under_way), at_once=lambda: 4)
    await sender.claim()
    await telegram.asked.get()
    key = decode(telegram.buttons[0][0]["callback_data"]).press.key
    desk = Desk(store, "news_bot", None, None, unsettled=under_way)
    chat = Chat(BOT, 1, ChatKind.PRIVATE, "Ada")
    pressed = asyncio.create_task(counted(Ask(Place(BOT, 1), "", NOON, chat, 1), desk, key))
    asyncio.get_running_loop().call_soon(telegram.answer)
    assert "Apricot 23" in (await pressed).text.plain()
