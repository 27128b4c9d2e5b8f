"""What a press of one of our buttons means, and how it fits into a button: callback data, 1 to 64 bytes (Bot API).

A press is a letter and numbers: `p:12:1826434560000000:1`. Data comes back from outside and may be old or made up.
"""

import re
from dataclasses import dataclass

from bot.render.message import Button
from storage import Cursor

_DATA = re.compile(r"([a-z])((?::-?\d{1,19})+)", re.ASCII)
_GREATEST = 2**63 - 1  # what every engine keeps as an integer


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Show a page of what the query with this id finds; without a cursor the first one."""

    query: int
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class OpenArticle:
    """Show a page of an article; `page` counts from 0."""

    article: int
    page: int = 0


@dataclass(frozen=True, slots=True)
class Follow:
    """Subscribe to the query with this id."""

    query: int


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back a subscription that has just begun."""

    subscription: int


@dataclass(frozen=True, slots=True)
class OpenSubscriptions:
    """Show a page of what the chat follows, as a list or, with `choosing`, as buttons that end one each."""

    page: int = 0
    choosing: bool = False


@dataclass(frozen=True, slots=True)
class Unfollow:
    """End a subscription and show again the list it was chosen from."""

    subscription: int
    shown: OpenSubscriptions = OpenSubscriptions()


Press = OpenPage | OpenArticle | Follow | Undo | OpenSubscriptions | Unfollow


def button(label: str, press: Press) -> Button:
    """A button that sends this press."""
    return Button(label, data=encode(press))


def encode(press: Press) -> str:
    """The press as callback data."""
    match press:
        case OpenPage(query, cursor):
            return _data("p", query, *((cursor.newest, cursor.newer) if cursor else ()))
        case OpenArticle(article, page):
            return _data("a", article, page)
        case Follow(query):
            return _data("f", query)
        case Undo(subscription):
            return _data("z", subscription)
        case OpenSubscriptions(page, choosing):
            return _data("s", page, choosing)
        case Unfollow(subscription, shown):
            return _data("u", subscription, shown.page, shown.choosing)


def decode(data: str) -> Press | None:
    """The press that `encode` made into this data; None when it made no such data."""
    parts = _DATA.fullmatch(data)
    if parts is None:
        return None
    press = _press(parts[1], [int(number) for number in parts[2][1:].split(":")])
    return press if press is not None and encode(press) == data else None


def _press(letter: str, numbers: list[int]) -> Press | None:  # noqa: PLR0911  one return for each kind
    if any(abs(number) > _GREATEST for number in numbers):
        return None
    match letter, numbers:
        case "p", [query]:
            return OpenPage(query)
        case "p", [query, newest, newer]:
            return OpenPage(query, Cursor(newest, newer=bool(newer)))
        case "a", [article, page] if page >= 0:
            return OpenArticle(article, page)
        case "f", [query]:
            return Follow(query)
        case "z", [subscription]:
            return Undo(subscription)
        case "s", [page, choosing] if page >= 0:
            return OpenSubscriptions(page, bool(choosing))
        case "u", [subscription, page, choosing] if page >= 0:
            return Unfollow(subscription, OpenSubscriptions(page, bool(choosing)))
    return None


def _data(letter: str, *numbers: int) -> str:
    return ":".join((letter, *(str(int(number)) for number in numbers)))
