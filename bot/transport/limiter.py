"""The gate before Telegram: every call that writes to a chat waits here for its turn under `pacing`."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

from telegram.error import RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.transport.pacing import Pacing, Priority
from bot.transport.turns import Turns, Waiter

Answer = bool | dict[str, Any] | list[dict[str, Any]]

# A push that is not answered for so long is its own chat's trouble: it holds none of the places any more.
SLOW_SECONDS = 3.0
# A person's answer is tried again so often after a 429, and is of no use after so many seconds.
REPLY_RETRIES = 3
REPLY_SECONDS = 60.0

_WRITES = ("send", "edit", "copy", "forward")
# Two leave a service message in the chat; creating a topic counts as a message. Deleting waits as editing does.
_ALSO_WRITE = frozenset({"pinChatMessage", "createForumTopic", "deleteMessage"})
_WRITES_NOTHING = "sendChatAction"


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
    A 429 is raised to a push's caller at once; a reply waits and is tried again, up to 3 times and 60 s in all.
    """

    __slots__ = ("_clock", "_loop", "_max_pushes", "_pacing", "_pushes", "_timer", "_turns")

    def __init__(self, pacing: Pacing, *, max_pushes_in_flight: int = 8, clock: Callable[[], float]) -> None:
        """`clock` is monotonic, in seconds; at most `max_pushes_in_flight` pushes are between release and answer.

        Those that wait for their answer for over 3 s are not counted.
        """
        if max_pushes_in_flight < 1:
            raise ValueError(f"max_pushes_in_flight is {max_pushes_in_flight}: no push would ever go")
        self._pacing = pacing
        self._max_pushes = max_pushes_in_flight
        self._clock = clock
        self._turns = Turns(pacing)
        self._pushes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    # No __len__: PTB tests a limiter's truth, and one without waiters is there nevertheless.
    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return len(self._turns)

    async def initialize(self) -> None:
        """Begin to serve, in the running event loop."""
        self._loop = asyncio.get_running_loop()

    async def shutdown(self) -> None:
        """End serving: who waits gets NotRunning; calls already made run on."""
        self._loop = None
        self._cancel_timer()
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
        while True:
            try:
                return await self._in_turn(chat, turn, lambda: callback(*args, **kwargs))
            except RetryAfter as error:
                if not retries or self._clock() + seconds_of(error) > _deadline(turn):
                    raise
                retries -= 1

    def _with_deadline(self, turn: Turn) -> Turn:
        if turn.priority is not Priority.REPLY:
            return turn
        return replace(turn, deadline=min(_deadline(turn), self._clock() + REPLY_SECONDS))

    async def _in_turn(self, chat: int, turn: Turn, call: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        waiter = self._join(chat, turn)
        expiry = self._expire_in_time(waiter)
        try:
            refusal = await waiter.told
            if refusal is not None:
                raise refusal
            if self._clock() > waiter.deadline:  # the event loop was late
                raise TooLate("The turn came after its deadline: nothing was sent")
            answer = await call()
        except RetryAfter as error:
            self._pacing.throttled(self._clock(), chat, seconds_of(error))
            raise
        else:
            self._pacing.succeeded(self._clock(), chat)
            return answer
        finally:
            if expiry is not None:
                expiry.cancel()
            self._leave(waiter)

    def _join(self, chat: int, turn: Turn) -> Waiter:
        if self._loop is None:
            raise NotRunning("The limiter is not running: nothing was sent")
        waiter = Waiter(chat, turn.priority, _deadline(turn), self._loop.create_future())
        self._turns.join(waiter)
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
        self._free_place(waiter)
        if not waiter.released:
            self._turns.leave(waiter)
        if self._turns:
            self._serve()

    def _take_place(self, waiter: Waiter) -> None:
        if waiter.priority is Priority.PUSH and self._loop is not None:
            self._pushes += 1
            waiter.slow = self._loop.call_later(SLOW_SECONDS, self._pass_over, waiter)

    def _free_place(self, waiter: Waiter) -> None:
        if waiter.slow is not None:
            waiter.slow.cancel()
            waiter.slow = None
            self._pushes -= 1

    def _pass_over(self, waiter: Waiter) -> None:
        self._free_place(waiter)
        self._serve()

    def _serve(self) -> None:
        """Release all who may go now, and set the timer for the next."""
        if self._loop is None:
            return
        now = self._clock()
        while (over := self._turns.take(now, pushes=self._pushes < self._max_pushes)) is not None:
            self._settle(*over)
        self._cancel_timer()
        wakes = self._turns.wakes(now, pushes=self._pushes < self._max_pushes)
        if wakes < math.inf:
            self._timer = self._loop.call_later(wakes - now, self._serve)

    def _settle(self, waiter: Waiter, wait: float | None) -> None:
        """Let the waiter go, or tell it that its chat opens too late, in `wait` seconds."""
        if wait is not None:
            self._tell(waiter, TooLate("The chat may not be written to by the deadline: nothing was sent", wait))
            return
        waiter.released = True
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


def _deadline(turn: Turn) -> float:
    return math.inf if turn.deadline is None else turn.deadline
