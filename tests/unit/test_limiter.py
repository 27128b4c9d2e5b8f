"""Calls waiting for their turn: in a loop whose time passes at once, and through the real python-telegram-bot."""

import asyncio
import contextlib
import random
import selectors
import time

import pytest
from aiohttp import web
from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import ExtBot

from bot.transport.limiter import Limiter, NotRunning, TooLate, Turn, chat_written_to, seconds_of
from bot.transport.pacing import Pacing, Priority
from bot.transport.paying import Paying
from bot.transport.request import AiohttpRequest, NotSent, Throttled, Unanswered

REPLY, PUSH, DIGEST, EDIT = Priority
BEGIN = 1000.0


class _Selector(selectors.DefaultSelector):
    """Lets time pass instead of waiting."""

    now = BEGIN

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("everybody waits and no timer is set: nothing would ever happen")
        self.now += timeout
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer when nothing else is to do."""

    def __init__(self):
        self.selector = _Selector()
        super().__init__(self.selector)

    def time(self):
        return self.selector.now


class Telegram:
    """Takes calls, each for `takes` seconds, and answers each chat what is in store for it, then True."""

    def __init__(self, takes=0.05):
        self.takes = takes
        self.in_store = {}
        self.calls = []
        self.open = self.most_open = 0

    @property
    def chats(self):
        return [chat for _, chat in self.calls]

    async def __call__(self, chat):
        self.calls.append((asyncio.get_running_loop().time() - BEGIN, chat))
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        await asyncio.sleep(self.takes)
        self.open -= 1
        answers = self.in_store.get(chat)
        if answers:
            raise answers.pop(0)
        return True


class House:
    """A limiter, its Telegram, and calls through it."""

    def __init__(self, pacing=None, pushes=8, takes=0.05):
        self.telegram = Telegram(takes)
        self.loop = asyncio.get_running_loop()
        self.chance = 0.0
        self.limiter = Limiter(
            pacing or Pacing(30), max_pushes_in_flight=pushes, clock=self.loop.time, chance=lambda: self.chance
        )

    def call(self, chat, priority=None, within=None, endpoint="sendMessage"):
        deadline = None if within is None else self.loop.time() + within
        turn = None if priority is None else Turn(priority, deadline)
        return asyncio.create_task(
            self.limiter.process_request(self.telegram, (chat,), {}, endpoint, {"chat_id": chat}, turn)
        )


def simulated(scenario):
    """Run `scenario(house)` in simulated time."""

    async def whole(**settings):
        house = House(**settings)
        await house.limiter.initialize()
        try:
            await scenario(house)
        finally:
            await house.limiter.shutdown()

    def run(**settings):
        with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
            runner.run(whole(**settings))

    return run


def test_replies_go_before_pushes_and_pushes_before_edits_and_each_in_order():
    async def scenario(house):
        tasks = [house.call(chat, REPLY) for chat in (1, 2)]  # the second is full
        tasks += [house.call(chat, priority) for chat, priority in [(31, EDIT), (21, PUSH), (22, PUSH), (11, REPLY)]]
        tasks += [house.call(32, EDIT), house.call(12)]
        await asyncio.gather(*tasks)
        assert house.telegram.chats == [1, 2, 11, 12, 21, 22, 31, 32]

    simulated(scenario)(pacing=Pacing(2))


def test_500_pushes_go_at_98_percent_of_the_rate():
    async def scenario(house):
        await asyncio.gather(*[house.call(chat, PUSH) for chat in range(1, 501)])
        last, _ = house.telegram.calls[-1]
        assert 499 / last >= 0.98 * 30
        assert house.telegram.chats == list(range(1, 501))

    simulated(scenario)()


def test_a_chat_that_must_wait_holds_no_other():
    async def scenario(house):
        house.telegram.in_store[1] = [Throttled(20)]
        with pytest.raises(RetryAfter):
            await house.call(1, PUSH)
        held = house.call(1, PUSH)
        others = [house.call(chat, PUSH) for chat in range(2, 32)]
        await asyncio.gather(*others)
        assert house.loop.time() - BEGIN < 2
        await held
        at, chat = house.telegram.calls[-1]
        assert (chat, at) == (1, pytest.approx(20.05))

    simulated(scenario)()


def test_several_messages_for_one_chat_keep_their_order_and_its_pace():
    async def scenario(house):
        await asyncio.gather(*[house.call(7, PUSH) for _ in range(4)])
        assert [at for at, _ in house.telegram.calls] == pytest.approx([0, 1, 2, 3])

    simulated(scenario)()


def counted(calls, *crowds):
    """How many of the calls went to each crowd of chats."""
    return [sum(chat in crowd for chat in calls) for crowd in crowds]


def test_while_pushes_could_take_every_turn_digests_get_a_tenth_and_edits_a_twentieth():
    async def scenario(house):
        crowds = range(1, 1001), range(2001, 2201), range(3001, 3201)
        tasks = [house.call(chat, PUSH) for chat in crowds[0]]
        tasks += [house.call(chat, DIGEST) for chat in crowds[1]] + [house.call(chat, EDIT) for chat in crowds[2]]
        await asyncio.sleep(20)
        pushes, digests, edits = counted(house.telegram.chats, *crowds)
        assert pushes + digests + edits >= 0.98 * 600
        assert (digests, edits) == (pytest.approx(60, abs=2), pytest.approx(30, abs=2))
        await asyncio.gather(*tasks)
        assert [chat for chat in house.telegram.chats if chat in crowds[1]] == list(crowds[1])

    simulated(scenario)()


def test_while_replies_could_take_every_turn_the_others_get_a_tenth():
    async def scenario(house):
        tasks = [house.call(chat, PUSH) for chat in range(2001, 2201)]
        await asyncio.sleep(2)
        before = len(house.telegram.calls)
        tasks += [house.call(chat) for chat in range(1, 901)]
        await asyncio.sleep(20)
        replies, pushes = counted(house.telegram.chats[before:], range(1, 901), range(2001, 2201))
        assert replies + pushes >= 0.98 * 600
        assert pushes == pytest.approx(60, abs=2)
        await asyncio.gather(*tasks)

    simulated(scenario)()


def test_digests_share_the_places_of_pushes_and_edits_have_half_as_many_of_their_own():
    async def scenario(house):
        tasks = [house.call(chat, priority) for chat in range(1, 16) for priority in (PUSH, DIGEST, EDIT)]
        await asyncio.sleep(2.5)
        assert len(house.telegram.calls) == 8 + 4
        await asyncio.gather(*tasks)
        assert house.telegram.most_open == 8 + 4

    simulated(scenario)(pushes=8, takes=2.9)


@pytest.mark.parametrize(
    ("asked", "chance", "held"), [(1, 0.0, 1.0), (1, 1.0, 2.0), (5, 0.5, 5.5), (40, 0.5, 42.0), (7200, 1.0, 7920.0)]
)
def test_after_a_429_one_comes_back_a_little_later_than_told_and_never_earlier(asked, chance, held):
    async def scenario(house):
        house.chance = chance
        house.telegram.in_store[1] = [Throttled(asked)]
        with pytest.raises(RetryAfter) as told:
            await house.call(1, PUSH)
        assert seconds_of(told.value) == pytest.approx(held)
        with pytest.raises(TooLate) as late:
            await house.call(1, PUSH, within=0.5)
        assert late.value.wait == pytest.approx(held)

    simulated(scenario)()


@pytest.mark.parametrize("most", [1, 8])
def test_no_more_pushes_are_in_flight_than_allowed_and_replies_pass_them(most):
    async def scenario(house):
        pushes = [house.call(chat, PUSH) for chat in range(1, 31)]
        await asyncio.sleep(2)
        assert len(house.telegram.calls) == most
        reply = house.call(99)
        await asyncio.sleep(0.001)
        assert house.telegram.chats[-1] == 99
        await asyncio.gather(*pushes, reply)
        assert house.telegram.most_open == most + 1

    simulated(scenario)(pushes=most, takes=2.9)


def test_pushes_that_wait_long_for_their_answers_hold_no_places():
    async def scenario(house):
        hanging = [house.call(chat, PUSH) for chat in range(1, 9)]
        await asyncio.sleep(1)
        house.telegram.takes = 0.05
        healthy = [house.call(chat, PUSH) for chat in range(11, 41)]
        await asyncio.gather(*healthy)
        assert house.loop.time() - BEGIN < 5
        await asyncio.gather(*hanging)
        assert house.loop.time() - BEGIN > 19

    simulated(scenario)(pushes=8, takes=20)


def test_a_turn_that_cannot_come_by_its_deadline_says_when_the_chat_opens():
    async def scenario(house):
        house.telegram.in_store[1] = [Throttled(60)]
        with pytest.raises(RetryAfter):
            await house.call(1, PUSH)
        with pytest.raises(TooLate) as caught:
            await house.call(1, PUSH, within=10)
        assert caught.value.wait == pytest.approx(60, abs=0.1)

    simulated(scenario)()


def test_a_push_that_fails_or_is_cancelled_gives_its_place_back():
    async def scenario(house):
        house.telegram.in_store[1] = [BadRequest("Chat not found")]
        with pytest.raises(BadRequest):
            await house.call(1, PUSH)
        cancelled = house.call(2, PUSH)
        await asyncio.sleep(1)
        cancelled.cancel()
        await house.call(3, PUSH)
        assert house.telegram.chats == [1, 2, 3]

    simulated(scenario)(pushes=1, takes=3)


def test_a_reply_waits_out_a_429_and_is_tried_again():
    async def scenario(house):
        house.telegram.in_store[1] = [Throttled(5), Throttled(2)]
        assert await house.call(1) is True
        assert [at for at, _ in house.telegram.calls] == pytest.approx([0, 5.05, 7.1])

    simulated(scenario)()


@pytest.mark.parametrize(
    ("priority", "seconds", "calls"),
    [(REPLY, [1] * 9, 4), (REPLY, [61], 1), (REPLY, [30, 31], 2), (PUSH, [1], 1), (EDIT, [1], 1)],
)
def test_a_429_is_raised_to_a_push_at_once_and_to_a_reply_after_3_retries_or_60_seconds(priority, seconds, calls):
    async def scenario(house):
        house.telegram.in_store[1] = [Throttled(each) for each in seconds]
        with pytest.raises(RetryAfter):
            await house.call(1, priority)
        assert len(house.telegram.calls) == calls
        assert house.loop.time() - BEGIN < 60

    simulated(scenario)()


def test_eight_429s_in_a_row_hold_all_and_one_success_lifts_the_hold():
    async def scenario(house):
        for chat in range(1, 10):
            house.telegram.in_store[chat] = [Throttled(30)]
        refused = await asyncio.gather(*[house.call(chat, PUSH) for chat in range(1, 9)], return_exceptions=True)
        assert [type(answer) for answer in refused] == [Throttled] * 8
        tasks = [house.call(chat, PUSH) for chat in range(9, 29)]
        await asyncio.gather(*tasks, return_exceptions=True)
        (first, tried), (second, tried_next), (third, _) = house.telegram.calls[8:11]
        assert (tried, tried_next) == (9, 10)
        assert second - first == pytest.approx(1.0)
        assert third - second == pytest.approx(0.05)  # as soon as the success is known
        assert house.telegram.calls[-1][0] < 4

    simulated(scenario)()


@pytest.mark.parametrize("priority", [REPLY, PUSH])
def test_a_call_whose_turn_cannot_come_by_its_deadline_fails_at_once_and_is_not_made(priority):
    async def scenario(house):
        house.telegram.in_store[1] = [Throttled(100)]
        with pytest.raises(RetryAfter):
            await house.call(1, PUSH)
        before = house.loop.time()
        with pytest.raises(TooLate):
            await house.call(1, priority, within=10)
        assert house.loop.time() == pytest.approx(before)
        assert len(house.telegram.calls) == 1
        assert house.limiter.waiting == 0

    simulated(scenario)()


def test_a_call_behind_many_others_fails_at_its_deadline():
    async def scenario(house):
        others = [house.call(chat, PUSH) for chat in range(1, 301)]
        with pytest.raises(TooLate):
            await house.call(999, PUSH, within=3)
        assert house.loop.time() - BEGIN == pytest.approx(3)
        await asyncio.gather(*others)
        assert 999 not in house.telegram.chats

    simulated(scenario)()


def test_a_call_that_comes_too_late_uses_up_no_turn():
    async def scenario(house):
        with pytest.raises(TooLate):
            await house.call(1, PUSH, within=-1)
        await house.call(2, PUSH)
        assert house.telegram.calls == [(0.0, 2)]

    simulated(scenario)(pacing=Pacing(1))


def test_a_turn_that_came_in_time_but_was_noticed_too_late_is_not_used():
    async def scenario(house):
        def stall():
            house.loop.selector.now += 5

        await house.call(1, PUSH)
        house.loop.call_at(BEGIN + 1.01 + 1e-10, stall)  # in the same round as the release, before its caller runs
        with pytest.raises(TooLate, match="after its deadline"):
            await house.call(2, PUSH, within=1)
        assert house.telegram.chats == [1]

    simulated(scenario)(pacing=Pacing(1))


def test_a_reply_waits_a_minute_at_most():
    async def scenario(house):
        house.telegram.in_store[1] = [Throttled(3600)]
        with pytest.raises(RetryAfter):
            await house.call(1, PUSH)
        with pytest.raises(TooLate):
            await house.call(1)

    simulated(scenario)()


def test_cancelled_callers_leave_no_waiter_and_no_call_behind():
    async def scenario(house):
        kept = [house.call(chat, PUSH) for chat in range(1, 101)]
        given_up = [house.call(chat, PUSH) for chat in (1, 1, 2, 777)]
        await asyncio.sleep(0.01)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        await asyncio.gather(*kept)
        assert house.limiter.waiting == 0
        assert sorted(house.telegram.chats) == list(range(1, 101))

    simulated(scenario)()


def test_at_shutdown_who_waits_is_told_and_who_is_sent_is_finished():
    async def scenario(house):
        tasks = [house.call(chat) for chat in (1, 2, 3)]
        await asyncio.sleep(0.01)
        await house.limiter.shutdown()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert answers[0] is True
        assert [type(answer) for answer in answers[1:]] == [NotRunning, NotRunning]
        with pytest.raises(NotRunning, match="not running"):
            await house.call(4)
        await house.limiter.initialize()
        assert await house.call(5) is True

    simulated(scenario)(pacing=Pacing(1))


def test_calls_that_write_to_no_chat_wait_for_nothing():
    async def scenario(house):
        await house.call(1)
        free = ["getMe", "answerCallbackQuery", "sendChatAction", "setMyCommands", "unpinChatMessage", "getChat"]
        await asyncio.gather(*[house.call(1, endpoint=endpoint) for endpoint in free])
        assert house.loop.time() - BEGIN == pytest.approx(0.1)

    simulated(scenario)(pacing=Pacing(1))


@pytest.mark.parametrize("seed", range(5))
def test_in_a_random_crowd_every_call_ends_and_no_limit_is_broken(seed):
    dice = random.Random(seed)  # noqa: S311  nothing secret

    async def scenario(house):
        tasks = []
        for _ in range(300):
            chat = dice.choice([1, 2, 3, -4, *range(10, 60)])
            if dice.random() < 0.1:
                house.telegram.in_store.setdefault(chat, []).append(Throttled(dice.randint(1, 5)))
            tasks.append(house.call(chat, dice.choice(list(Priority)), dice.choice([None, 5, 500])))
            if dice.random() < 0.1:
                dice.choice(tasks).cancel()
            await asyncio.sleep(dice.choice([0, 0, 0.01, 0.2]))
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(answer) for answer in answers} <= {bool, Throttled, TooLate, asyncio.CancelledError}
        times = [at for at, _ in house.telegram.calls]
        assert all(sum(1 for other in times if 0 <= other - at <= 1) <= 30 for at in times)
        assert house.limiter.waiting == 0

    simulated(scenario)()


def test_ten_thousand_waiters_do_not_slow_a_reply():
    async def scenario(house):
        pushes = [house.call(chat, PUSH) for chat in range(1, 10_001)]
        await asyncio.sleep(0.5)
        began = time.process_time()
        for chat in range(20_000, 20_100):
            assert await house.call(chat) is True
        spent = time.process_time() - began
        assert spent / 100 < 0.005, f"{spent * 10:.1f} ms a reply: the waiting pushes are walked through"
        await house.limiter.shutdown()
        with contextlib.suppress(NotRunning):
            await asyncio.gather(*pushes)

    simulated(scenario)()


@pytest.mark.parametrize(
    ("endpoint", "data", "chat"),
    [
        ("sendMessage", {"chat_id": 5}, 5),
        ("sendMessage", {"chat_id": "-1005"}, -1005),
        ("editMessageText", {"chat_id": 5, "message_id": 1}, 5),
        ("editMessageText", {"inline_message_id": "x"}, None),
        ("copyMessage", {"chat_id": 5, "from_chat_id": 6}, 5),
        ("forwardMessage", {"chat_id": 5, "from_chat_id": 6}, 5),
        ("pinChatMessage", {"chat_id": 5}, 5),
        ("createForumTopic", {"chat_id": -5}, -5),
        ("sendChatAction", {"chat_id": 5}, None),
        ("getChat", {"chat_id": 5}, None),
        ("answerInlineQuery", {}, None),
    ],
)
def test_which_calls_count_against_which_chat(endpoint, data, chat):
    assert chat_written_to(endpoint, data) == chat


def test_a_channels_name_stands_for_one_group_like_chat_whatever_its_case():
    chat = chat_written_to("sendMessage", {"chat_id": "@SomeNews"})
    assert chat == chat_written_to("sendMessage", {"chat_id": "@somenews"})
    assert chat != chat_written_to("sendMessage", {"chat_id": "@othernews"})
    assert chat < -(1 << 52)


class Marked(Telegram):
    """Takes what python-telegram-bot would send, and remembers which messages were marked as paid for."""

    def __init__(self, refuses=()):
        super().__init__()
        self.refuses = list(refuses)
        self.marks = []

    async def __call__(self, _endpoint, data):
        mark = data.get("allow_paid_broadcast", False)
        self.marks.append((data["chat_id"], mark))
        if mark and self.refuses:
            self.in_store[data["chat_id"]] = [self.refuses.pop(0)]
        return await super().__call__(data["chat_id"])


class PayingHouse(House):
    def __init__(self, allowed=1000, free=2, refuses=()):
        paying = Paying(free)
        paying.allow(allowed)
        super().__init__(Pacing(1000, paying=paying), 80)
        self.paying = paying
        self.telegram = Marked(refuses)

    async def whole(self, calls):
        """Make the calls, (chat, priority, endpoint) each; what they came to."""
        await self.limiter.initialize()
        made = []
        for chat, priority, endpoint in calls:
            data = {"chat_id": chat}
            args = (self.telegram, (endpoint, data), {}, endpoint, data, Turn(priority))
            made.append(asyncio.create_task(self.limiter.process_request(*args)))
        answers = await asyncio.gather(*made, return_exceptions=True)
        await self.limiter.shutdown()
        return answers


def paid_in_simulated_time(scenario, **settings):
    async def whole():
        await scenario(PayingHouse(**settings))

    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        runner.run(whole())


def sends(*chats):
    return [(chat, PUSH, "sendMessage") for chat in chats]


def test_what_is_beyond_the_free_messages_is_marked_in_what_is_sent():
    async def scenario(house):
        answers = [(1, REPLY, "sendMessage"), (2, REPLY, "sendPhoto"), (3, REPLY, "editMessageText")]
        assert await house.whole([*answers, (4, REPLY, "copyMessage"), *sends(5, 6)]) == [True] * 6
        # An edit that answers somebody goes at once, and cannot be paid for.
        assert house.telegram.marks == [(1, False), (2, False), (3, False), (4, True), (5, True), (6, True)]
        assert house.paying.to_write() == 3

    paid_in_simulated_time(scenario)


@pytest.mark.parametrize("said", ["Balance_too_low", "Not enough Stars", "Paid broadcast is not enabled"])
def test_who_cannot_pay_sends_the_message_again_unmarked_and_says_so_once(said, caplog):
    async def scenario(house):
        assert await house.whole(sends(*range(1, 6))) == [True] * 5
        assert house.telegram.marks[:5] == [(1, False), (2, False), (3, True), (4, True), (5, True)]
        assert sorted(house.telegram.marks[5:]) == [(3, False), (4, False), (5, False)]
        assert house.paying.to_write() == 0
        assert not house.paying.can_pay(BEGIN + 3600)

    paid_in_simulated_time(scenario, refuses=[BadRequest(said)] * 3)
    assert [record.levelname for record in caplog.records if "paid broadcast is off" in record.message] == ["ERROR"]


def test_another_refusal_of_a_marked_message_is_its_callers():
    async def scenario(house):
        answers = await house.whole(sends(1, 2, 3, 4))
        assert [type(answer) for answer in answers] == [bool, bool, BadRequest, bool]
        assert house.paying.to_write() == 1
        assert house.paying.can_pay(BEGIN + 9)

    paid_in_simulated_time(scenario, refuses=[BadRequest("Chat not found")])


def test_when_all_that_is_paid_for_is_throttled_nothing_is_paid_for():
    async def scenario(house):
        answers = await house.whole(sends(*range(1, 11)))
        assert [type(answer) for answer in answers] == [bool] * 2 + [Throttled] * 8
        assert not house.paying.can_pay(BEGIN + 3600)

    paid_in_simulated_time(scenario, refuses=[Throttled(5)] * 8)


@pytest.mark.parametrize(
    ("error", "spent"), [(Unanswered("x"), 1), (NetworkError("502"), 1), (NotSent("x"), 0), (Throttled(1), 0)]
)
def test_what_may_have_arrived_counts_as_paid_for(error, spent):
    async def scenario(house):
        await house.whole(sends(1, 2, 3))
        assert house.paying.to_write() == spent

    paid_in_simulated_time(scenario, refuses=[error])


@pytest.fixture
async def bot_and_calls():
    """The real ExtBot over our limiter and transport, and what its server was called for."""
    calls = []

    async def answer(request):
        calls.append((request.match_info["method"], await request.json()))
        message = {"message_id": 1, "date": 0, "chat": {"id": 5, "type": "private"}, "text": "hello"}
        me = {"id": 1, "is_bot": True, "first_name": "News", "username": "news_bot"}
        return web.json_response({"ok": True, "result": me if request.match_info["method"] == "getMe" else message})

    app = web.Application()
    app.router.add_post("/bot1:token/{method}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    bot = ExtBot(
        "1:token",
        base_url=f"http://127.0.0.1:{port}/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(connections=1),
        rate_limiter=Limiter(Pacing(30), clock=time.monotonic, chance=random.random),
    )
    async with bot:
        yield bot, calls
    await runner.cleanup()


async def test_through_the_real_bot(bot_and_calls):
    bot, calls = bot_and_calls
    message = await bot.send_message(5, "hello <b>you</b>", parse_mode="HTML", rate_limit_args=Turn(PUSH))
    assert message.message_id == 1
    await bot.edit_message_text("again", 5, 1)
    with pytest.raises(TooLate):
        await bot.send_message(5, "too late", rate_limit_args=Turn(PUSH, deadline=time.monotonic() - 1))
    assert calls == [
        ("getMe", {}),
        ("sendMessage", {"chat_id": "5", "text": "hello <b>you</b>", "parse_mode": "HTML"}),
        ("editMessageText", {"chat_id": "5", "message_id": "1", "text": "again"}),
    ]
