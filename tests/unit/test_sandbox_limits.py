"""Rate limits of the sandbox by raw HTTP, and by a clock that is handed in."""

import asyncio
import time

import pytest
from sandbox_http import ADA, OK_BUTTON, TOKEN, keyboard, running
from sandbox_rooms import add, set_member

from bot.sandbox import limits
from bot.sandbox.limits import Limits


@pytest.fixture
async def world():
    async with running() as world:
        yield world


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_twenty_a_minute_in_one_group(world, kind):
    await world.do("settings", {"limits": {"per_group_per_minute": 20}})
    chat, other = await add(world, kind), await add(world, kind)
    sent = [(await world.call("sendMessage", chat_id=chat, text="x"))[0] for _ in range(21)]
    assert sent == [200] * 20 + [429]
    await world.result("sendMessage", chat_id=other, text="x")
    private = [(await world.call("sendMessage", chat_id=ADA, text="x"))[0] for _ in range(25)]
    assert private == [200] * 25


async def test_a_429_is_in_telegrams_shape(world):
    await world.do("settings", {"limits": {"per_group_per_minute": 1}})
    chat = await add(world)
    await world.result("sendMessage", chat_id=chat, text="x")
    url = f"{world.url}/bot{TOKEN}/sendMessage"
    async with world.session.post(url, json={"chat_id": chat, "text": "x"}) as response:
        body = await response.json()
        seconds = body["parameters"]["retry_after"]
        assert 50 <= seconds <= 60
        assert (response.status, response.headers["Retry-After"]) == (429, str(seconds))
        assert body == {
            "ok": False,
            "error_code": 429,
            "description": f"Too Many Requests: retry after {seconds}",
            "parameters": {"retry_after": seconds},
        }


async def test_edits_and_new_topics_share_the_budget_and_other_calls_do_not(world):
    chat = await add(world, forum=True, bot="administrator")
    sent = await world.result("sendMessage", chat_id=chat, text="x")
    await world.do("settings", {"limits": {"per_group_per_minute": 4}})
    about = {"chat_id": chat, "message_id": sent["message_id"]}
    calls = [
        ("editMessageText", {**about, "text": "y"}),
        ("getChat", {"chat_id": chat}),
        ("sendChatAction", {"chat_id": chat, "action": "typing"}),
        ("editMessageReplyMarkup", {**about, "reply_markup": keyboard([OK_BUTTON])}),
        ("createForumTopic", {"chat_id": chat, "name": "x"}),
        ("pinChatMessage", about),
        ("sendMessage", {"chat_id": chat, "text": "z"}),
        ("sendMessage", {"chat_id": chat, "text": "z"}),
        ("editMessageText", {**about, "text": "z"}),
        ("deleteMessage", about),
    ]
    statuses = [(await world.call(method, **arguments))[0] for method, arguments in calls]
    assert statuses == [200, 200, 200, 200, 200, 200, 200, 429, 429, 200]


async def test_what_the_bot_api_server_refuses_is_not_counted(world):
    await world.do("settings", {"limits": {"per_group_per_minute": 1}})
    chat = await add(world)
    await set_member(world, chat, "restricted")
    assert (await world.call("sendMessage", chat_id=chat, text="x"))[0] == 400
    await set_member(world, chat, "member")
    assert (await world.call("sendMessage", chat_id=chat, text="x"))[0] == 200


async def test_asking_too_early_makes_it_longer(world):
    await world.do("settings", {"limits": {"per_chat_per_second": 1, "penalty": 2}})
    answers = [(await world.call("sendMessage", chat_id=ADA, text="x"))[1] for _ in range(5)]
    assert [answer.get("parameters", {}).get("retry_after") for answer in answers] == [None, 1, 2, 4, 8]


async def test_who_waits_as_long_as_asked_is_let_through(world):
    await world.do("settings", {"limits": {"per_group_per_minute": 1, "penalty": 2}})
    chat = await add(world)
    await world.result("sendMessage", chat_id=chat, text="x")
    _, body = await world.call("sendMessage", chat_id=chat, text="y")
    await world.do("clock", {"ahead": body["parameters"]["retry_after"]})
    await world.result("sendMessage", chat_id=chat, text="y")


async def test_who_pays_sends_more_than_the_free_ones(world):
    await world.do("people/bulk", {"first_id": 1, "count": 9})
    await world.do("settings", {"limits": {"per_second": 2, "paid_per_second": 3}})
    calls = [(1, False), (2, True), (3, False), (4, True), (5, True), (6, True), (7, True), (8, False)]
    statuses = [
        (await world.call("sendMessage", chat_id=chat, text="x", allow_paid_broadcast=paying))[0]
        for chat, paying in calls
    ]
    assert statuses == [200, 200, 429, 200, 200, 200, 429, 429]
    assert (await world.control("requests"))[1]["paid"] == 3


async def test_who_has_no_stars_left_is_refused_what_costs_something(world):
    await world.do("people/bulk", {"first_id": 1, "count": 20})
    await world.do("settings", {"limits": {"per_second": 2, "paid_per_second": 100, "stars": 1}})
    answers = [
        await world.call("sendMessage", chat_id=chat, text="x", allow_paid_broadcast=True) for chat in range(1, 14)
    ]
    assert [status for status, _ in answers] == [200] * 12 + [400]
    assert answers[-1][1]["description"] == "Bad Request: BALANCE_TOO_LOW"
    assert (await world.control("requests"))[1]["paid"] == 10
    await world.do("clock", {"ahead": 1})
    await world.result("sendMessage", chat_id=20, text="free", allow_paid_broadcast=True)


async def test_who_may_not_pay_has_the_free_ones(world):
    await world.do("settings", {"limits": {"per_second": 1}})
    paying = {"text": "x", "allow_paid_broadcast": True}
    assert [(await world.call("sendMessage", chat_id=ADA, **paying))[0] for _ in range(2)] == [200, 429]
    assert (await world.control("requests"))[1]["paid"] == 0


async def test_more_than_310_messages_under_way_in_one_chat_are_refused_late(world, monkeypatch):
    assert limits.MOST_UNSENT == 310
    monkeypatch.setattr(limits, "MOST_UNSENT", 3)
    await world.do("people", {"first_name": "Boris", "id": 7})
    await world.do("settings", {"latency": 0.2, "pace": 0.01})
    began = time.monotonic()
    calls = [world.call("sendMessage", chat_id=chat, text="x") for chat in (ADA, ADA, ADA, ADA, 7)]
    answers = await asyncio.gather(*calls)
    assert [status for status, _ in answers] == [200, 200, 200, 429, 200]
    assert answers[3][1]["parameters"] == {"retry_after": 60}
    assert time.monotonic() - began >= 0.03
    await world.result("sendMessage", chat_id=ADA, text="x")


async def test_an_unknown_limit_is_refused(world):
    answer = await world.control("settings", {"limits": {"per_hour": 5}})
    assert answer == (400, {"error": "unknown limits: per_hour"})


# By a clock that is handed in: (seconds, what it costs).
SCHEDULES = [
    # Who keeps to what the answer says is let through, and the penalty is forgotten.
    ({"per_chat_per_second": 1, "penalty": 2}, [(0, 0), (0.1, 1), (1.1, 0), (1.2, 1), (2.2, 0)]),
    ({"per_chat_per_second": 1, "penalty": 2}, [(0, 0), (0.1, 1), (0.5, 2), (2.5, 0), (2.6, 1)]),
    ({"per_chat_per_second": 1, "penalty": 3}, [(0, 0), (0.1, 1), (0.2, 3), (0.3, 9), (9.3, 0)]),
    # Without a penalty only the window counts.
    ({"per_chat_per_second": 1}, [(0, 0), (0.1, 1), (0.2, 1), (0.99, 0)]),
    ({"per_group_per_minute": 2}, [(0, 0), (30, 0), (31, 28), (59, 0), (60, 29)]),
    ({"per_second": 2}, [(0, 0), (0.1, 0), (0.2, 1), (1.0, 0), (1.1, 0)]),
    ({"per_chat_per_second": 0.1}, [(0, 0), (5, 5), (10, 0)]),
    ({"per_chat_per_second": 1, "per_group_per_minute": 1}, [(0, 0), (2, 57), (59, 0)]),
    ({}, [(0, 0)] * 100),
]


@pytest.mark.parametrize(("rules", "calls"), SCHEDULES)
def test_limits_by_the_clock(rules, calls):
    taken = Limits(**rules)
    assert [taken.take(-5, now, group=True) for now, _ in calls] == [away for _, away in calls]


def test_a_penalty_has_an_end():
    strict = Limits(per_chat_per_second=1, penalty=10)
    waits = [strict.take(1, 0.0) for _ in range(8)]
    assert waits == [0, 1, 10, 100, 1000, 3600, 3600, 3600]


def test_one_chat_does_not_pay_for_another():
    strict = Limits(per_chat_per_second=1, penalty=5)
    assert [strict.take(chat, 0.0) for chat in (1, 1, 1, 2)] == [0, 1, 5, 0]
