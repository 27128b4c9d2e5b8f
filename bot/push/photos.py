"""What is known of pictures, by their addresses: what Telegram calls those that it has, and which it would not take.

Kept in the process and bounded: what is forgotten costs Telegram a fetch, and nobody a headline.
"""

from collections.abc import Callable
from typing import TypeVar

MOST_REMEMBERED = 1_000
LEFT_ALONE_SECONDS = 3_600.0  # a picture that Telegram could not take, and a chat that takes none

Key = TypeVar("Key")
Value = TypeVar("Value")


class Photos:
    """A bot's memory of pictures. A name (`file_id`) that Telegram gave to one is good for this bot alone."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._names: dict[str, str] = {}
        self._left_alone: dict[str | int, float] = {}

    def name(self, address: str, chat: int) -> str:
        """What to send the picture as: the name that Telegram gave it, else its address; empty: not at all now."""
        if self._is_left_alone(address) or self._is_left_alone(chat):
            return ""
        return self._names.get(address, address)

    def taken(self, address: str, name: str) -> None:
        """Telegram has taken the picture, and gave it this name."""
        _remember(self._names, address, name)

    def refused(self, address: str) -> None:
        """Telegram would not take it, whatever it was sent as, or could not fetch it in time."""
        self._names.pop(address, None)
        _remember(self._left_alone, address, self._monotonic() + LEFT_ALONE_SECONDS)

    def forbidden(self, chat: int) -> None:
        """The chat takes no pictures."""
        _remember(self._left_alone, chat, self._monotonic() + LEFT_ALONE_SECONDS)

    def _is_left_alone(self, what: str | int) -> bool:
        return self._left_alone.get(what, 0.0) > self._monotonic()


def _remember(known: dict[Key, Value], key: Key, value: Value) -> None:
    """Note it as the newest; the oldest is forgotten for it."""
    known.pop(key, None)
    known[key] = value
    if len(known) > MOST_REMEMBERED:
        del known[next(iter(known))]
