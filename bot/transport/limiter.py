"""The gate before Telegram: every call that writes to a chat waits here for its turn under `pacing`."""

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zlib import crc32

from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.transport.pacing import Pacing, Priority
from bot.transport.paying import Fare
from bot.transport.request import NotSent, Throttled
from bot.transport.turns import Turns, Waiter

Answer = bool | dict[str, Any] | list[dict[str, Any]]

# What shares the places in flight: digests are pushes; edits have half as many of their own, so that they hold up none.
_POOLS = {Priority.PUSH: Priority.PUSH, Priority.DIGEST: Priority.PUSH, Priority.EDIT: Priority.EDIT}
# A push that is not answered for so long is its own chat's trouble: it holds none of the places any more.
SLOW_SECONDS = 3.0
# A person's answer is tried again so often after a 429, and is of no use after so many seconds.
REPLY_RETRIES = 3
REPLY_SECONDS = 60.0
# After a 429 one comes back later than it was told, by up to so large a part of it or so many seconds: a thousand who
# were told the same do not come at once.
JITTER = 0.1
SHORTEST_JITTER = 1.0

_MARK = "allow_paid_broadcast"
_MAY_BE_MARKED = ("send", "copy")
# What is said to a bot that is to pay and cannot; the Bot API promises no wording.
_NO_PAYMENT = ("balance", "not enough stars", "paid broadcast", "paid_broadcast")

_WRITES = ("send", "edit", "copy", "forward")
# Two leave a service message in the chat; creating a topic counts as a message. Deleting waits as editing does.
_ALSO_WRITE = frozenset({"pinChatMessage", "createForumTopic", "deleteMessage"})
_WRITES_NOTHING = "sendChatAction"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """How a call waits: PTB's `rate_limit_args`. Without one a call is a reply with 60 seconds to go."""

    priority: Priority
    deadline: float | None = None  # on the limiter's clock: after it the call is not made


class TooLate(TelegramError):  # noqa: N818  it says what happened
    """The turn came, or could only come, after its deadline; nothing was sent. The chat opens in `wait` seconds."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


class NotRunning(TooLate):
    """The limiter was shut down, or not started, when the call waited; nothing was sent."""


class Limiter(BaseRateLimiter[Turn]):
    """Makes each call that writes to a chat when `pacing` lets it, replies first.

    Raises, besides what the call raises: TooLate; NotRunning at and after `shutdown`, and before `initialize`.
    A 429 is raised to a push's caller at once, with a time a little longer than Telegram's; a reply waits and is tried
    again, up to 3 times and 60 s in all. What goes beyond the free messages is marked as paid for; when Telegram says
    that the bot cannot pay, it is sent again unmarked in another turn.
    """

    __slots__ = (
        "_chance",
        "_clock",
        "_full",
        "_in_flight",
        "_loop",
        "_most_in_flight",
        "_pacing",
        "_sent",
        "_slow_timer",
        "_timer",
        "_turns",
    )

    def __init__(
        self,
        pacing: Pacing,
        *,
        max_pushes_in_flight: int = 8,
        clock: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        """`clock` is monotonic, in seconds; `chance` gives a number from 0 to 1, another each time.

        At most `max_pushes_in_flight` pushes and digests are between release and answer, and half as many edits. Those
        that wait for their answer for over 3 s are not counted.
        """
        if max_pushes_in_flight < 1:
            raise ValueError(f"max_pushes_in_flight is {max_pushes_in_flight}: no push would ever go")
        self._pacing = pacing
        self._most_in_flight = {Priority.PUSH: max_pushes_in_flight, Priority.EDIT: (max_pushes_in_flight + 1) // 2}
        self._in_flight = dict.fromkeys(self._most_in_flight, 0)
        self._full: Sequence[Priority] = ()
        self._sent: deque[tuple[float, Waiter]] = deque()  # when each counts as slow, in that order
        self._slow_timer: asyncio.TimerHandle | None = None
        self._clock = clock
        self._chance = chance
        self._turns = Turns(pacing)
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    # No __len__: PTB tests a limiter's truth, and one without waiters is there nevertheless.
    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return len(self._turns)

    @property
    def per_second(self) -> int:
        """How many messages go in a second at present: fewer when there is nothing left to pay with."""
        return self._pacing.rate(self._clock())

    async def initialize(self) -> None:
        """Begin to serve, in the running event loop."""
        self._loop = asyncio.get_running_loop()

    async def shutdown(self) -> None:
        """End serving: who waits gets NotRunning; calls already made run on."""
        self._loop = None
        self._cancel_timer()
        if self._slow_timer is not None:
            self._slow_timer.cancel()
            self._slow_timer = None
        for waiter in self._turns.clear():
            self._tell(waiter, NotRunning("The bot is stopping: nothing was sent"))

    async def process_request(  # noqa: PLR0913, PLR0917  the signature is PTB's
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Turn | None,
    ) -> Answer:
        """Call `callback` in its turn; at once when the call writes to no chat."""
        chat = chat_written_to(endpoint, data)
        if chat is None:
            return await callback(*args, **kwargs)
        turn = self._with_deadline(rate_limit_args or Turn(Priority.REPLY))
        retries = REPLY_RETRIES if turn.priority is Priority.REPLY else 0

        payable = endpoint.startswith(_MAY_BE_MARKED)

        def call(fare: Fare) -> Coroutine[Any, Any, Answer]:
            # `data` is what `callback` sends, in `args`.
            if fare is Fare.UNMARKED:
                data.pop(_MARK, None)
            else:
                data[_MARK] = True
            return callback(*args, **kwargs)

        while True:
            try:
                return await self._in_turn(chat, turn, call, payable=payable)
            except RetryAfter as error:
                if not retries or self._clock() + seconds_of(error) > _deadline(turn):
                    raise
                retries -= 1
            except TelegramError as error:
                if _MARK not in data or not _cannot_pay(error):
                    raise
                self._pay_no_more(str(error))

    def _with_deadline(self, turn: Turn) -> Turn:
        if turn.priority is not Priority.REPLY:
            return turn
        return replace(turn, deadline=min(_deadline(turn), self._clock() + REPLY_SECONDS))

    async def _in_turn(
        self, chat: int, turn: Turn, call: Callable[[Fare], Coroutine[Any, Any, Answer]], *, payable: bool
    ) -> Answer:
        waiter = self._join(chat, turn)
        expiry = self._expire_in_time(waiter)
        taken = False
        try:
            await self._released(waiter)
            if not payable:
                self._give_back(waiter)
            answer = await call(waiter.fare or Fare.UNMARKED)
        except RetryAfter as error:
            raise self._throttled(waiter, seconds_of(error)) from None
        except BaseException as error:
            taken = _may_have_been_taken(error)
            raise
        else:
            taken = True
            if self._pacing.succeeded(self._clock(), chat):
                self._serve()
            return answer
        finally:
            self._account(waiter, taken=taken)
            if expiry is not None:
                expiry.cancel()
            self._leave(waiter)

    async def _released(self, waiter: Waiter) -> None:
        """Wait for the turn. Raises TooLate."""
        refusal = await waiter.told
        if refusal is not None:
            raise refusal
        if self._clock() > waiter.deadline:  # the event loop was late
            raise TooLate("The turn came after its deadline: nothing was sent")

    def _give_back(self, waiter: Waiter) -> None:
        """Let a call go unmarked that nobody can pay for: an edit that answers somebody."""
        self._account(waiter, taken=False)
        waiter.fare = Fare.UNMARKED

    def _throttled(self, waiter: Waiter, seconds: float) -> RetryAfter:
        """Hold the chat, for a little longer than Telegram asked, and give the error that says so."""
        seconds += self._chance() * max(SHORTEST_JITTER, JITTER * seconds)
        all_held = self._pacing.throttled(self._clock(), waiter.chat, seconds)
        if all_held and waiter.fare not in {None, Fare.UNMARKED}:
            self._pay_no_more("many chats in a row answered 429 to what is paid for")
        return Throttled(timedelta(seconds=seconds))

    def _account(self, waiter: Waiter, *, taken: bool) -> None:
        if waiter.fare is Fare.PAID and self._pacing.paying is not None:
            self._pacing.paying.answered(taken=taken)

    def _pay_no_more(self, why: str) -> None:
        """Go on with the free messages for an hour. The first to learn of it says so."""
        if self._pacing.paying is not None and self._pacing.paying.refuse(self._clock()):
            log.error("paid broadcast is off for an hour: the bot cannot pay, or may not", extra={"error": why})

    def _join(self, chat: int, turn: Turn) -> Waiter:
        if self._loop is None:
            raise NotRunning("The limiter is not running: nothing was sent")
        waiter = Waiter(chat, turn.priority, _deadline(turn), self._loop.create_future())
        if self._turns.join(waiter) or waiter.deadline < self._clock():
            self._serve()
        return waiter

    def _expire_in_time(self, waiter: Waiter) -> asyncio.TimerHandle | None:
        if self._loop is None or waiter.told.done() or waiter.deadline == math.inf:
            return None
        return self._loop.call_later(waiter.deadline - self._clock(), self._expire, waiter)

    def _expire(self, waiter: Waiter) -> None:
        self._turns.leave(waiter)
        self._tell(waiter, TooLate("The turn did not come by its deadline: nothing was sent"))

    def _leave(self, waiter: Waiter) -> None:
        if waiter.fare is None:
            self._turns.leave(waiter)
        if self._free_place(waiter):
            self._serve()

    def _take_place(self, waiter: Waiter) -> None:
        pool = _POOLS.get(waiter.priority)
        if pool is None or self._loop is None:
            return
        self._in_flight[pool] += 1
        if self._in_flight[pool] == self._most_in_flight[pool]:
            self._full = self._without_place()
        waiter.in_flight = True
        self._sent.append((self._loop.time() + SLOW_SECONDS, waiter))
        if self._slow_timer is None:
            self._slow_timer = self._loop.call_later(SLOW_SECONDS, self._pass_over)

    def _free_place(self, waiter: Waiter) -> bool:
        """Give up the waiter's place in flight, if it has one. Whether somebody may have waited for it."""
        if not waiter.in_flight:
            return False
        waiter.in_flight = False
        pool = _POOLS[waiter.priority]
        was_full = self._in_flight[pool] >= self._most_in_flight[pool]
        self._in_flight[pool] -= 1
        if was_full:
            self._full = self._without_place()
        return was_full

    def _pass_over(self) -> None:
        """Let those that are slow hold no places any more; one timer serves all, which is cheaper than one for each."""
        self._slow_timer = None
        if self._loop is None:
            return
        freed = False
        while self._sent and (self._sent[0][0] <= self._loop.time() or not self._sent[0][1].in_flight):
            freed |= self._free_place(self._sent.popleft()[1])
        if self._sent:
            self._slow_timer = self._loop.call_at(self._sent[0][0], self._pass_over)
        if freed:
            self._serve()

    def _without_place(self) -> list[Priority]:
        """The priorities that have no place in flight left."""
        return [priority for priority, pool in _POOLS.items() if self._in_flight[pool] >= self._most_in_flight[pool]]

    def _serve(self) -> None:
        """Release all who may go now, and set the timer for the next."""
        if self._loop is None:
            return
        now = self._clock()
        while (over := self._turns.take(now, self._full)) is not None:
            self._settle(*over)
        self._cancel_timer()
        wakes = self._turns.wakes(now, self._full)
        if wakes < math.inf:
            self._timer = self._loop.call_later(wakes - now, self._serve)

    def _settle(self, waiter: Waiter, wait: float | None) -> None:
        """Let the waiter go, or tell it that its chat opens too late, in `wait` seconds."""
        if wait is not None:
            self._tell(waiter, TooLate("The chat may not be written to by the deadline: nothing was sent", wait))
            return
        self._take_place(waiter)
        self._tell(waiter, None)

    def _tell(self, waiter: Waiter, error: TelegramError | None) -> None:
        if not waiter.told.done():  # its caller may have been cancelled a moment ago
            waiter.told.set_result(error)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def chat_written_to(endpoint: str, data: dict[str, Any]) -> int | None:
    """The chat whose limit a Bot API call counts against; None for a call that waits for nothing.

    A channel's @name stands for itself: a number below all chat ids (they have up to 52 bits), limited like a group.
    """
    if not (endpoint.startswith(_WRITES) or endpoint in _ALSO_WRITE) or endpoint == _WRITES_NOTHING:
        return None
    chat = data.get("chat_id")
    if not isinstance(chat, str):
        return chat
    try:
        return int(chat)
    except ValueError:
        return -(1 << 60) - crc32(chat.lower().encode())


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    # The public attribute warns: it is a number of seconds now and a timedelta later.
    return error._retry_after.total_seconds()  # noqa: SLF001


def _may_have_been_taken(error: BaseException) -> bool:
    """Whether Telegram may have the message all the same: no answer came, or none that can be read."""
    return isinstance(error, NetworkError | asyncio.CancelledError) and not isinstance(error, BadRequest | NotSent)


def _cannot_pay(error: TelegramError) -> bool:
    text = error.message.lower()
    return any(fragment in text for fragment in _NO_PAYMENT)


def _deadline(turn: Turn) -> float:
    return math.inf if turn.deadline is None else turn.deadline
