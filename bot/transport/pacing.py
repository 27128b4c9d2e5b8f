"""When a chat may be written to: Telegram's limits as arithmetic, without a clock.

The limits are those of the Bot API FAQ ("My bot is hitting limits"): about 30 messages a second over all chats, one a
second in a chat with short bursts tolerated, 20 a minute in a group. Edits and sends share them.
"""

import enum
import math
from collections import OrderedDict, deque
from dataclasses import dataclass

from bot.transport.paying import Fare, Paying

# Pushes that a timer held up for no more than this many seconds are made up for.
CATCH_UP = 0.1
# A quiet chat takes this many replies at once beyond the one a second; pushes and edits wait until they are paid off.
REPLY_BURST = 3
GROUP_MESSAGES = 20
# Of these, some are left for replies: a question need not wait for a minute of pushes to be over.
GROUP_PUSHES = 16
# A minute, and half a second for what the network does to the spacing.
GROUP_MINUTE = 60.5
# A chat's own 429 is remembered for no longer: a minute, which is what replies wait, and its jitter. Longer ones live
# in the mailbox, and whoever else writes to the chat later is told the time anew.
HOLD_REMEMBERED = 66.0
# So many chats in a row answering 429 within `REFUSALS_WITHIN` seconds mean that the bot is throttled, not the chats.
# At 30 a second it takes 8: a third of the chats on a bad day of their own seldom make such a row. A slow sender would
# never see 8 within a second; 3 must do.
REFUSALS_TO_HOLD_ALL = 8
FEWEST_REFUSALS_TO_HOLD_ALL = 3
REFUSALS_WITHIN = 1.0
TRIAL_INTERVAL = 1.0
# Trials are answered within a send's time limit, so no more than these are ever open.
TRIALS_REMEMBERED = 64


class Priority(enum.IntEnum):
    """Who goes first when several may go: the lower number. None is passed over for ever (`turns.py`)."""

    REPLY = 0
    PUSH = 1
    DIGEST = 2
    EDIT = 3


@dataclass(slots=True)
class _Chat:
    """What one chat was sent of late."""

    paid_at: float = -math.inf  # when what was sent is paid off at one message each interval
    held_until: float = -math.inf  # what its own 429 asked for ...
    hold_forgotten: float = -math.inf  # ... and when that is forgotten
    minute: tuple[float, ...] = ()  # a group's last 20 messages

    def hold(self, now: float, seconds: float) -> None:
        self.held_until = max(self.held_until, now + seconds)
        self.hold_forgotten = min(self.held_until, now + HOLD_REMEMBERED)

    def opens(self, now: float, debt: float, most: int) -> float:
        """The earliest time for the next message, `debt` seconds before all is paid off; in a group `most` a minute."""
        at = self.paid_at - debt
        if now < self.hold_forgotten:
            at = max(at, self.held_until)
        if len(self.minute) < most:
            return at
        return max(at, self.minute[-most] + GROUP_MINUTE)

    def idle(self, now: float) -> bool:
        """Whether forgetting the chat changes nothing."""
        last = self.minute[-1] + GROUP_MINUTE if self.minute else -math.inf
        return max(self.paid_at, self.hold_forgotten, last) <= now


class Pacing:
    """Which message may go now. All times are seconds of one monotonic clock that begins above 0.

    - No more than `per_second` messages go in any second, both ends counted; the second is taken up to 10 ms longer,
      for what the network does to the spacing.
    - Pushes, digests and edits are spread evenly over it; replies take whatever is left of it at once.
    - A chat gets one message each `chat_interval` seconds; replies may run ahead of that by `REPLY_BURST` messages, so
      a push a moment ago holds no reply. A group (negative id) gets at most 20 a minute of all kinds; the last four of
      them are kept for replies.
    - A 429 holds its own chat only, for the time it named; that is remembered for a minute. When 8 chats in a row are
      answered 429 within a second (fewer at a low rate), all are held, and each second one chat that is not held itself
      is tried: a success among those tried ends the hold.
    - What is beyond the free messages of a second goes while it may be paid for (`paying`); edits never do.
    """

    def __init__(self, per_second: int = 30, chat_interval: float = 1.0, paying: Paying | None = None) -> None:
        """Without `paying` every message is free. Raises ValueError for under 1 a second or a negative interval."""
        if per_second < 1:
            raise ValueError(f"per_second is {per_second}: at least 1 message a second must go")
        if chat_interval < 0:
            raise ValueError(f"chat_interval is {chat_interval}: it is a number of seconds, 0 or more")
        # 10 ms, but at a high rate never more than the time of five messages.
        self._window = 1.0 + min(0.010, 5 / per_second)
        self._spacing = self._window / per_second
        self._chat_interval = chat_interval
        self.paying = paying
        self.fare = Fare.UNMARKED
        """Of the message that went last."""
        self._gone: deque[float] = deque(maxlen=per_second)
        self._next_spread = -math.inf
        self._chats: OrderedDict[int, _Chat] = OrderedDict()  # longest untouched first
        self._refusals: dict[int, float] = {}  # since the last success
        self._refusals_to_hold_all = max(FEWEST_REFUSALS_TO_HOLD_ALL, min(REFUSALS_TO_HOLD_ALL, per_second // 3))
        self._next_trial: float | None = None  # all chats are held while it is set
        self._tried: deque[int] = deque(maxlen=TRIALS_REMEMBERED)

    # No __len__: one that remembers nothing would count as false.
    @property
    def remembered(self) -> int:
        """How many chats are remembered: those written to or throttled of late."""
        return len(self._chats)

    @property
    def holds_all(self) -> bool:
        """Whether the bot as a whole is taken to be throttled."""
        return self._next_trial is not None

    def rate(self, now: float) -> int:
        """How many messages go in a second, as things stand."""
        most = self._gone.maxlen or 1
        return most if self.paying is None or self.paying.can_pay(now) else min(most, self.paying.free_per_second)

    def opens(self, now: float, priority: Priority) -> float:
        """0.0 when some chat may get a message of this priority now; otherwise the earliest time that one may.

        Counts nothing: it spares asking for each chat while none may be written to.
        """
        at = self._gone[0] + self._window if len(self._gone) == self._gone.maxlen else 0.0
        if priority is not Priority.REPLY:
            at = max(at, self._next_spread)
        if self._next_trial is not None:
            at = max(at, self._next_trial)
        if self.paying is not None and at <= now:
            at = self._fare_opens(self.paying, now, priority)
        return at if at > now else 0.0

    def ask(self, now: float, chat: int, priority: Priority) -> float:
        """0.0 when the message may go now (and it is counted as gone); otherwise the earliest time to ask again."""
        at = max(self.opens(now, priority), self._chat_opens(now, chat, priority))
        if at > now:
            return at
        self._count(now, chat, priority)
        return 0.0

    def throttled(self, now: float, chat: int, retry_after: float) -> bool:
        """Telegram answered 429: hold the chat for `retry_after` seconds, and all chats when many in a row say so.

        Returns whether all are held from now on.
        """
        self._touch(chat).hold(now, retry_after)
        if self._next_trial is None:
            return self._note_refusal(now, chat)
        if chat in self._tried:
            self._tried.remove(chat)
        return False

    def succeeded(self, now: float, chat: int) -> bool:  # noqa: ARG002  every answer has its time
        """Telegram took a message: ends the hold on all when the chat was tried under it (not sent to before it).

        Returns whether it did.
        """
        self._refusals.clear()
        if self._next_trial is None or chat not in self._tried:
            return False
        self._next_trial = None
        self._tried.clear()
        return True

    def _fare_opens(self, paying: Paying, now: float, priority: Priority) -> float:
        if priority is Priority.EDIT:
            return paying.opens_for_edits(now)
        return paying.opens(now, pushes=priority is not Priority.REPLY)

    def _chat_opens(self, now: float, chat: int, priority: Priority) -> float:
        state = self._chats.get(chat)
        if state is None:
            return 0.0
        if priority is Priority.REPLY:
            return state.opens(now, REPLY_BURST * self._chat_interval, GROUP_MESSAGES)
        return state.opens(now, 0.0, GROUP_PUSHES)

    def _count(self, now: float, chat: int, priority: Priority) -> None:
        self._gone.append(now)
        spacing = self._spacing
        if self.paying is not None:
            spacing = self.paying.spacing(now, spacing)
            self.fare = self.paying.goes(now)
        if priority is not Priority.REPLY:
            # Behind by little: the timer was late, which is made up for. By more: there was nothing to push.
            late = now - self._next_spread
            self._next_spread = (self._next_spread if late <= CATCH_UP else now) + spacing
        if self._next_trial is not None:
            self._next_trial = now + TRIAL_INTERVAL
            self._tried.append(chat)
        state = self._touch(chat)
        state.paid_at = max(state.paid_at, now) + self._chat_interval
        if chat < 0:
            state.minute = (*state.minute[1 - GROUP_MESSAGES :], now)
        self._forget_idle(now)

    def _touch(self, chat: int) -> _Chat:
        state = self._chats.get(chat)
        if state is None:
            state = self._chats[chat] = _Chat()
        else:
            self._chats.move_to_end(chat)
        return state

    def _forget_idle(self, now: float) -> None:
        # A message adds one chat at most and looks at two: idle ones go as fast as new ones come.
        for _ in range(2):
            chat = next(iter(self._chats), None)
            if chat is None:
                return
            if self._chats[chat].idle(now):
                del self._chats[chat]
            else:
                self._chats.move_to_end(chat)

    def _note_refusal(self, now: float, chat: int) -> bool:
        self._refusals = {at_chat: at for at_chat, at in self._refusals.items() if now - at <= REFUSALS_WITHIN}
        self._refusals[chat] = now
        if len(self._refusals) < self._refusals_to_hold_all:
            return False
        self._refusals.clear()
        self._next_trial = now + TRIAL_INTERVAL
        return True
