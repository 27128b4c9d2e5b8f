"""How much a group may ask: 20 messages a minute are all that Telegram takes there, and the news needs some of them.

Pure: times are handed in. Source: Bot API FAQ, "My bot is hitting limits".
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
MOST_OF_A_CHAT = 12
MOST_OF_A_PERSON = 5
CHATS_REMEMBERED = 10_000


@dataclass(slots=True)
class _Minute:
    """Whom a chat's last answers were for, and when, oldest first; and when it was last told to wait."""

    answers: deque[tuple[datetime, int]] = field(default_factory=deque)
    told: datetime | None = None

    def forget(self, now: datetime) -> None:
        while self.answers and self.answers[0][0] <= now - MINUTE:
            self.answers.popleft()


class Quota:
    """Answers in groups and channels: 12 a minute in a chat, 5 of them for one person; one notice beyond."""

    def __init__(self) -> None:
        self._chats: OrderedDict[int, _Minute] = OrderedDict()  # longest untouched first

    def has_room(self, chat: int, speaker: int, now: datetime) -> bool:
        """Whether there is an answer for the speaker."""
        answers = self._of(chat, now).answers
        own = sum(one == speaker for _, one in answers)
        return len(answers) < MOST_OF_A_CHAT and own < MOST_OF_A_PERSON

    def count(self, chat: int, speaker: int, now: datetime) -> None:
        """The speaker gets an answer."""
        self._of(chat, now).answers.append((now, speaker))

    def tells(self, chat: int, now: datetime) -> bool:
        """Whether to say that there is none, which is said once a minute."""
        minute = self._of(chat, now)
        if minute.told is not None and minute.told > now - MINUTE:
            return False
        minute.told = now
        return True

    def _of(self, chat: int, now: datetime) -> _Minute:
        minute = self._chats.setdefault(chat, _Minute())
        self._chats.move_to_end(chat)
        minute.forget(now)
        if len(self._chats) > CHATS_REMEMBERED:
            self._chats.popitem(last=False)
        return minute
