"""Updates by raw HTTP: confirmed by offsets, lost with time, brought by webhook."""

import asyncio
import time
from contextlib import asynccontextmanager
from itertools import count

import pytest
from aiohttp import web
from sandbox_http import ADA, OK_BUTTON, keyboard, running, until

from bot.sandbox import api, updates

PACE = 0.02
NEVER = 10_000.0  # at this pace whoever has to wait is not answered in time
DAY = 24 * 3600
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
ACTIVE = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@pytest.fixture
async def world():
    async with running() as world:
        await world.do("settings", {"pace": PACE})
        yield world


class Bot:
    """The bot's side of a webhook: `answers` are (status, headers, body) in order, then 200."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.updates = []
        self.secrets = []
        self.at = []
        self.at_once = self.most_at_once = 0
        self.held = None

    async def handle(self, request):
        self.updates.append(await request.json())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.at.append(time.monotonic())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if self.held is not None:
            await self.held.wait()
        self.at_once -= 1
        status, headers, body = self.answers.pop(0) if self.answers else (200, {}, "")
        if not status:  # the connection ends without an answer
            request.transport.abort()
        return web.Response(status=status, headers=headers, text=body)

    async def got(self, count):
        async def enough():
            await asyncio.sleep(0)
            return len(self.updates) >= count

        await until(enough)

    @property
    def texts(self):
        return [update["message"]["text"] for update in self.updates]


@asynccontextmanager
async def listening(*answers):
    bot = Bot(answers)
    app = web.Application()
    app.router.add_post("/hook", bot.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield bot
    finally:
        await runner.cleanup()


async def say(world, *texts, person=ADA):
    for text in texts:
        await world.do("send", {"person": person, "text": text})


# Polling


LIVES = [("callback_query", 150), ("message", DAY)]


@pytest.mark.parametrize(("kind", "seconds"), LIVES)
async def test_an_update_is_kept_for_its_time(world, kind, seconds):
    if kind == "message":
        await say(world, "x")
    else:
        sent = await world.result("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard([OK_BUTTON]))
        await world.do("press", {"person": ADA, "message_id": sent["message_id"], "data": "open"})
    await world.do("clock", {"ahead": seconds - 5})
    assert [kind in update for update in await world.updates()] == [True]
    await world.do("clock", {"ahead": seconds + 5})
    assert await world.updates() == []
    assert await world.control("clock", {"ahead": 0}) == (400, {"error": "the clock does not run backwards"})


async def test_an_answer_to_a_button_is_too_late_by_the_clock_and_comes_once(world):
    words = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    sent = await world.result("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard([OK_BUTTON]))
    press = {"person": ADA, "message_id": sent["message_id"], "data": "open"}
    first, second = (await world.do("press", press))["id"], (await world.do("press", press))["id"]
    assert await world.result("answerCallbackQuery", callback_query_id=first) is True
    assert await world.refusal("answerCallbackQuery", callback_query_id=first) == words
    await world.do("clock", {"ahead": 16})
    assert await world.refusal("answerCallbackQuery", callback_query_id=second) == words


OFFSETS = [
    (0, ["one", "two", "three"]),
    (2, ["three"]),
    (3, []),
    (12, []),
    (13, ["one", "two", "three"]),
    (1000, ["one", "two", "three"]),
]


@pytest.mark.parametrize(("ahead", "texts"), OFFSETS)
async def test_an_offset_far_beyond_is_ignored(world, ahead, texts):
    await say(world, "one", "two", "three")
    first = (await world.updates())[0]["update_id"]
    got = [update["message"]["text"] for update in await world.updates(offset=first + ahead)]
    assert got == texts
    assert [update["message"]["text"] for update in await world.updates()] == texts


async def test_a_negative_offset_beyond_all_keeps_all(world):
    await say(world, "one", "two")
    assert len(await world.updates(offset=-5)) == 2


async def test_limits_are_clamped(world):
    await say(world, *map(str, range(3)))
    assert [len(await world.updates(limit=limit)) for limit in (-1, 0, 2, 1000)] == [1, 1, 2, 3]


async def test_an_answer_has_a_hundred_updates_at_most(world):
    await say(world, *map(str, range(101)))
    assert len(await world.updates(limit=1000)) == 100


async def test_the_default_kinds_leave_some_out(world):
    await world.updates(allowed_updates=["message"])
    await world.do("block", {"person": ADA})
    assert await world.updates() == []
    await world.updates(allowed_updates=[])
    await world.do("unblock", {"person": ADA})
    assert ["my_chat_member" in update for update in await world.updates()] == [True]


async def test_who_asks_for_the_same_in_a_hurry_gets_one(world):
    await say(world, "one", "two")
    await world.do("settings", {"strict_polling": True})
    offset = (await world.updates(offset=-2))[0]["update_id"]
    assert [len(await world.updates(offset=offset)) for _ in range(2)] == [2, 1]
    await world.do("clock", {"ahead": 1})
    assert len(await world.updates(offset=offset)) == 2
    assert len(await world.updates(offset=offset + 1)) == 1


# Offset and timeout of the second call, the seconds since the first one, and how long it waits for nothing.
HURRIES = [(7, 0, 0, 3), (7, 2, 1, 3), (7, 0, 4, 0), (8, 0, 0, 0)]


@pytest.mark.parametrize(("offset", "asked", "since", "seconds"), HURRIES)
async def test_who_asks_for_the_same_in_a_hurry_and_finds_nothing_waits(world, offset, asked, since, seconds):
    await world.do("settings", {"strict_polling": True, "pace": PACE if seconds else NEVER})
    await world.updates(offset=7)
    await world.do("clock", {"ahead": since})
    began = time.monotonic()
    assert await asyncio.wait_for(world.updates(offset=offset, timeout=asked), 30) == []
    assert time.monotonic() - began >= seconds * PACE


async def test_a_conflict_that_is_repeated_comes_late(world):
    for wait in (0, 3):
        await world.do("settings", {"pace": PACE if wait else NEVER})
        older = asyncio.create_task(world.refusal("getUpdates", timeout=30))
        await until(world.polling)
        began = time.monotonic()
        newer = asyncio.create_task(world.updates(timeout=30))
        assert await asyncio.wait_for(older, 30) == (409, OTHER_POLLER)
        assert time.monotonic() - began >= wait * PACE
        await say(world, "x")
        [update] = await asyncio.wait_for(newer, 30)
        assert await world.updates(offset=update["update_id"] + 1) == []


async def test_who_does_not_wait_ends_nobodys_wait(world):
    waiting = asyncio.create_task(world.updates(timeout=30))
    await until(world.polling)
    assert await world.updates() == []
    await say(world, "x")
    assert len(await asyncio.wait_for(waiting, 30)) == 1


async def test_an_answer_has_four_mebibytes_at_most(world):
    await say(world, *["😀" * 4096] * 100)
    got = await world.updates()
    assert 80 <= len(got) < 90
    assert len(await world.updates(offset=got[-1]["update_id"] + 1)) == 100 - len(got)


async def test_of_a_hundred_thousand_updates_that_wait_the_later_are_lost(world, monkeypatch):
    assert updates.MOST_PENDING == 100_000
    monkeypatch.setattr(updates, "MOST_PENDING", 3)
    await say(world, *"12345")
    assert [update["message"]["text"] for update in await world.updates()] == ["1", "2", "3"]


async def test_nobody_waits_longer_than_fifty_seconds(world, monkeypatch):
    assert api.LONGEST_POLL == 50
    monkeypatch.setattr(api, "LONGEST_POLL", 0.05)
    assert await asyncio.wait_for(world.updates(timeout=60), 30) == []


async def test_after_a_quiet_week_update_ids_begin_anew(world):
    await say(world, "one")
    first = (await world.updates())[0]["update_id"]
    await world.do("clock", {"ahead": 6 * DAY})
    await say(world, "two")
    assert [update["update_id"] for update in await world.updates()] == [first + 1]
    await world.do("clock", {"ahead": 14 * DAY})
    await say(world, "three", "four")
    third, fourth = (update["update_id"] for update in await world.updates())
    assert fourth == third + 1
    assert not first <= third <= first + 10
    assert len(await world.updates(offset=first + 2)) == 2


async def test_the_bots_own_messages_make_no_updates(world):
    sent = await world.result("sendMessage", chat_id=ADA, text="x")
    await world.result("editMessageText", chat_id=ADA, message_id=sent["message_id"], text="y")
    await world.result("deleteMessage", chat_id=ADA, message_id=sent["message_id"])
    assert await world.updates() == []


# Webhook


async def test_a_webhook_brings_updates_and_ends_polling(world):
    async with listening() as bot:
        await say(world, "before")
        waiting = asyncio.create_task(world.refusal("getUpdates", offset=200_000_000, timeout=30))
        assert await world.result("setWebhook", url=bot.url, secret_token="A-z_9", max_connections=7) is True
        await say(world, "after")
        await bot.got(2)
        assert (bot.texts, bot.secrets) == (["before", "after"], ["A-z_9", "A-z_9"])
        assert await world.refusal("getUpdates") == (409, ACTIVE)
        info = await world.result("getWebhookInfo")
        assert (info["url"], info["max_connections"], info["has_custom_certificate"]) == (bot.url, 7, False)
        assert await world.result("deleteWebhook") is True
        assert (await world.result("getWebhookInfo"))["url"] == ""
        assert await world.updates() == []
        waiting.cancel()


async def test_setting_a_webhook_ends_a_waiting_poll(world):
    async with listening() as bot:
        waiting = asyncio.create_task(world.refusal("getUpdates", timeout=30))
        await until(world.polling)
        await world.result("setWebhook", url=bot.url)
        assert await asyncio.wait_for(waiting, 30) == (409, "Conflict: terminated by setWebhook request")


async def test_what_is_not_taken_comes_again_later_and_later(world):
    bad = (500, {}, "")
    async with listening(bad, bad, (503, {"Retry-After": "30"}, ""), (301, {}, "")) as bot:
        await world.result("setWebhook", url=bot.url)
        await say(world, "one", "two")
        await bot.got(6)
        assert bot.texts == ["one"] * 5 + ["two"]
        gaps = [later - earlier for earlier, later in zip(bot.at, bot.at[1:], strict=False)]
        assert gaps[1] >= 0.02
        assert gaps[2] >= 0.3
        assert gaps[3] >= 0.08
        info = await world.result("getWebhookInfo")
        assert info["last_error_message"] == "Wrong response from the webhook: 301 Moved Permanently"


async def test_any_success_takes_an_update_and_a_lost_answer_does_not(world):
    async with listening((204, {}, ""), (0, {}, ""), (201, {}, "")) as bot:
        await world.result("setWebhook", url=bot.url)
        await say(world, "one", "two", "three")
        await bot.got(4)
        assert bot.texts == ["one", "two", "two", "three"]


async def test_an_answer_with_a_method_is_carried_out(world):
    said = '{"method": "sendMessage", "chat_id": 1001, "text": "<b>Hi</b>", "parse_mode": "HTML"}'
    async with listening((200, {}, said), (200, {}, '{"method": "sendMessage"}'), (200, {}, "{nonsense")) as bot:
        await world.result("setWebhook", url=bot.url)
        await say(world, "one", "two", "three", "four")
        await bot.got(4)
        [record] = await world.records("kind=sent")
        assert record["message"]["text"] == "Hi"


async def test_one_chat_in_order_several_at_once(world):
    await world.do("people/bulk", {"first_id": 1, "count": 5})
    async with listening() as bot:
        bot.held = asyncio.Event()
        await world.result("setWebhook", url=bot.url, max_connections=3)
        for person in (1, 1, 2, 3, 4, 5):
            await say(world, f"from {person}", person=person)
        await bot.got(3)
        bot.held.set()
        await bot.got(6)
        assert bot.most_at_once == 3
        assert bot.texts[:3] == ["from 1", "from 2", "from 3"]
        assert bot.texts.count("from 1") == 2


async def test_allowed_updates_of_a_webhook_are_remembered(world):
    async with listening() as bot:
        await world.result("setWebhook", url=bot.url, allowed_updates=["message"])
        await world.do("block", {"person": ADA})
        await say(world, "x")
        await bot.got(1)
        assert bot.texts == ["x"]
        await world.result("deleteWebhook")
        assert (await world.result("getWebhookInfo"))["allowed_updates"] == ["message"]


async def test_pending_updates_can_be_dropped(world):
    async with listening() as bot:
        await say(world, "old")
        await world.result("setWebhook", url=bot.url, drop_pending_updates=True)
        await say(world, "new")
        await bot.got(1)
        assert bot.texts == ["new"]


async def test_setting_a_webhook_says_what_it_did(world):
    async def said(method, **arguments):
        await world.do("clock", {"ahead": next(seconds)})
        status, body = await world.call(method, **arguments)
        assert (status, body["ok"], body["result"]) == (200, True, True)
        return body["description"]

    seconds = count(2, 2)
    async with listening() as bot:
        assert await said("deleteWebhook") == "Webhook is already deleted"
        assert await said("setWebhook", url=bot.url) == "Webhook was set"
        assert await said("setWebhook", url=bot.url) == "Webhook is already set"
        assert await said("setWebhook", url=bot.url, secret_token="x") == "Webhook was set"
        assert await said("setWebhook") == "Webhook was deleted"


async def test_a_webhook_is_set_once_a_second(world):
    hook = {"url": "http://127.0.0.1:1/"}
    await world.result("setWebhook", **hook)
    status, body = await world.call("setWebhook", **hook)
    assert (status, body["parameters"]) == (429, {"retry_after": 1})
    await world.result("deleteWebhook")
    await world.do("clock", {"ahead": 1})
    await world.result("setWebhook", **hook)


BAD_WEBHOOKS = [
    ({"url": "http://example.com/x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
    ({"url": "https://example.com:5000/"}, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
    ({"url": "https://example.com:99999/"}, "invalid webhook URL specified"),
    ({"url": "ftp://example.com/"}, "invalid webhook URL specified"),
    ({"url": "https:///x"}, "invalid webhook URL specified"),
    ({"url": "http://localhost/", "secret_token": "a b"}, "secret token contains unallowed characters"),
    ({"url": "http://localhost/", "secret_token": "x" * 257}, "secret token is too long"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD_WEBHOOKS)
async def test_a_bad_webhook_is_refused(world, arguments, words):
    assert await world.refusal("setWebhook", **arguments) == (400, f"Bad Request: {words}")
