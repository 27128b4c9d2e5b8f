"""What a press of one of our buttons means, and how it fits into a button: callback data, 1 to 64 bytes (Bot API).

A press is a letter and numbers: `p:12:1826434560000000:1`, then perhaps whose it is, `@1001`, and the chat that it is
about, `>-1001234`. Data comes back from outside and may be old or made up.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.render.message import Button, Message, Row
from storage import Cadence, Chat, Cursor, Pictures, Quiet, Sort

_DATA = re.compile(r"([a-z])((?::-?\d{1,19})+)(?:@(-?\d{1,16}))?(?:>(-\d{1,16}))?", re.ASCII)
_GREATEST = 2**63 - 1  # what every engine keeps as an integer; chats have at most 52 bits (Bot API, Chat)
_CADENCES = (Cadence.INSTANT, Cadence.HOURLY, Cadence.DAILY, Cadence.WEEKLY)  # by their numbers in buttons
_PICTURES = (Pictures.PREVIEW, Pictures.PHOTO, Pictures.NONE)  # likewise
_DAY = 24 * 60  # minutes
_LONGEST_MUTE = 30 * _DAY
_LAST_PAGE = 99_999  # of sources: a made-up one is not to have all of them read
CHANNELS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Show a page of what the query with this id finds; without a cursor the first one."""

    query: int
    cursor: Cursor | None = None
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True, slots=True)
class OpenMore:
    """Show a page of what the push with this key counted; without a cursor the first one, below the push."""

    key: int
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
class Choose:
    """Show the channels in which the query with this id may be followed."""

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


@dataclass(frozen=True, slots=True)
class ChangeCadence:
    """Let a subscription come so often, and show again the answer that it began with; `new` as it was then."""

    subscription: int
    cadence: Cadence
    new: bool = False


@dataclass(frozen=True, slots=True)
class ChangeAll:
    """Let everything that the place follows come so often."""

    cadence: Cadence


@dataclass(frozen=True, slots=True)
class ChooseQuiet:
    """Let the chat have these quiet hours; None: none."""

    quiet: Quiet | None


@dataclass(frozen=True, slots=True)
class Mute:
    """Deliver nothing to the chat for so many minutes, 30 days at most; 0: go on."""

    minutes: int


@dataclass(frozen=True, slots=True)
class ChooseZone:
    """Let the chat have the time zone with this number."""

    number: int


@dataclass(frozen=True, slots=True)
class ChoosePictures:
    """Let the chat be shown pictures in this way."""

    pictures: Pictures


@dataclass(frozen=True, slots=True)
class ChooseUrgent:
    """Let urgent news come to the chat at once, or with the rest."""

    at_once: bool


@dataclass(frozen=True, slots=True)
class OpenSources:
    """Show a page of the sources with the words of the query with this id in their titles or names."""

    words: int
    page: int = 0


@dataclass(frozen=True, slots=True)
class OpenHealth:
    """Show a page of the feeds in trouble."""

    page: int = 0


Choice = ChangeCadence | ChangeAll | ChooseQuiet | Mute | ChooseZone | ChoosePictures | ChooseUrgent
"""When and how news comes."""
Listing = OpenSubscriptions | Unfollow | OpenSources | OpenHealth
"""What is followed and what there is to follow, a page at a time."""
Press = OpenPage | OpenMore | OpenArticle | Follow | Choose | Undo | Listing | Choice


@dataclass(frozen=True, slots=True)
class Key:
    """What a button says: what to do, for whom, and where."""

    press: Press
    owner: int = 0
    """Who alone may press it, besides administrators; 0: anybody."""
    target: int = 0
    """The chat that it is about; 0: the one that it is in."""


def button(label: str, press: Press, target: int = 0) -> Button:
    """A button that sends this press."""
    return Button(label, data=encode(Key(press, target=target)))


def channel_rows(channels: Sequence[Chat], press: Press) -> list[Row]:
    """A button for each channel, which does this there."""
    return [(button(f"📢 {one.title}", press, target=one.id),) for one in channels[:CHANNELS_SHOWN]]


def owned(message: Message, owner: int) -> Message:
    """The message, with buttons for this person alone."""
    return _changed(message, lambda key: replace(key, owner=owner))


def aimed(message: Message, target: int) -> Message:
    """The message, with buttons about this chat, where they name no other."""
    return _changed(message, lambda key: replace(key, target=key.target or target))


def _changed(message: Message, change: Callable[[Key], Key]) -> Message:
    return replace(message, buttons=tuple(tuple(_rekeyed(one, change) for one in row) for row in message.buttons))


def _rekeyed(one: Button, change: Callable[[Key], Key]) -> Button:
    key = None if one.data is None else decode(one.data)
    return one if key is None else replace(one, data=encode(change(key)))


def encode(key: Key) -> str:
    """The key as callback data."""
    owner = f"@{key.owner}" if key.owner else ""
    target = f">{key.target}" if key.target else ""
    return _encode(key.press) + owner + target


def _encode(press: Press) -> str:  # noqa: PLR0911  one return for each kind
    match press:
        case OpenPage(query, cursor, sort):
            return _data("b" if sort is Sort.BEST else "p", query, *_place(cursor))
        case OpenMore(key, cursor):
            return _data("m", key, *_place(cursor))
        case OpenArticle(article, page):
            return _data("a", article, page)
        case Follow(query):
            return _data("f", query)
        case Choose(query):
            return _data("c", query)
        case Undo(subscription):
            return _data("z", subscription)
        case OpenSubscriptions() | Unfollow() | OpenSources() | OpenHealth():
            return _encode_listing(press)
        case _:
            return _encode_choice(press)


def _encode_listing(listing: Listing) -> str:
    match listing:
        case OpenSubscriptions(page, choosing):
            return _data("s", page, choosing)
        case Unfollow(subscription, shown):
            return _data("u", subscription, shown.page, shown.choosing)
        case OpenSources(words, page):
            return _data("o", words, page)
        case OpenHealth(page):
            return _data("h", page)


def _encode_choice(choice: Choice) -> str:  # noqa: PLR0911  one return for each kind
    match choice:
        case ChangeCadence(subscription, cadence, new):
            return _data("d", subscription, _CADENCES.index(cadence), new)
        case ChangeAll(cadence):
            return _data("g", _CADENCES.index(cadence))
        case ChooseQuiet(quiet):
            return _data("q", *((quiet.start, quiet.end, quiet.silent) if quiet else (0,)))
        case Mute(minutes):
            return _data("n", minutes)
        case ChooseZone(number):
            return _data("t", number)
        case ChoosePictures(pictures):
            return _data("i", _PICTURES.index(pictures))
        case ChooseUrgent(at_once):
            return _data("x", at_once)


def decode(data: str) -> Key | None:
    """The key that `encode` made into this data; None when it made no such data."""
    parts = _DATA.fullmatch(data)
    if parts is None:
        return None
    press = _press(parts[1], [int(number) for number in parts[2][1:].split(":")])
    if press is None:
        return None
    key = Key(press, int(parts[3] or 0), int(parts[4] or 0))
    return key if encode(key) == data else None


def _press(letter: str, numbers: list[int]) -> Press | None:  # noqa: PLR0911  one return for each kind
    if any(abs(number) > _GREATEST for number in numbers):
        return None
    match letter, numbers:
        case "p" | "b", [query, *place]:
            return _page(query, place, Sort.BEST if letter == "b" else Sort.NEWEST)
        case "m", [key, *place] if len(place) in {0, 2}:
            return OpenMore(key, Cursor(place[0], newer=bool(place[1])) if place else None)
        case "a", [article, page] if page >= 0:
            return OpenArticle(article, page)
        case "f", [query]:
            return Follow(query)
        case "c", [query]:
            return Choose(query)
        case "z", [subscription]:
            return Undo(subscription)
        case _:
            return _listing(letter, numbers) or _choice(letter, numbers)


def _listing(letter: str, numbers: list[int]) -> Listing | None:
    match letter, numbers:
        case "s", [page, choosing] if page >= 0:
            return OpenSubscriptions(page, bool(choosing))
        case "u", [subscription, page, choosing] if page >= 0:
            return Unfollow(subscription, OpenSubscriptions(page, bool(choosing)))
        case "o", [words, page] if 0 <= page <= _LAST_PAGE:
            return OpenSources(words, page)
        case "h", [page] if 0 <= page <= _LAST_PAGE:
            return OpenHealth(page)
    return None


def _choice(letter: str, numbers: list[int]) -> Choice | None:  # noqa: PLR0911  one return for each kind
    match letter, numbers:
        case "d", [subscription, cadence, new] if 0 <= cadence < len(_CADENCES):
            return ChangeCadence(subscription, _CADENCES[cadence], bool(new))
        case "g", [cadence] if 0 <= cadence < len(_CADENCES):
            return ChangeAll(_CADENCES[cadence])
        case "q", [0]:
            return ChooseQuiet(None)
        case "q", [start, end, silent] if 0 <= start < _DAY and 0 <= end < _DAY and start != end:
            return ChooseQuiet(Quiet(start, end, bool(silent)))
        case "n", [minutes] if 0 <= minutes <= _LONGEST_MUTE:
            return Mute(minutes)
        case "t", [number] if number >= 0:
            return ChooseZone(number)
        case "i", [pictures] if 0 <= pictures < len(_PICTURES):
            return ChoosePictures(_PICTURES[pictures])
        case "x", [at_once]:
            return ChooseUrgent(bool(at_once))
    return None


def _page(query: int, place: list[int], sort: Sort) -> OpenPage | None:
    match place:
        case []:
            return OpenPage(query, sort=sort)
        case [newest, newer]:
            return OpenPage(query, Cursor(newest, newer=bool(newer)), sort)
        case [newest, newer, skip] if skip > 0:
            return OpenPage(query, Cursor(newest, newer=bool(newer), skip=skip), sort)
    return None


def _place(cursor: Cursor | None) -> tuple[int, ...]:
    if cursor is None:
        return ()
    return (cursor.newest, cursor.newer, *((cursor.skip,) if cursor.skip else ()))


def _data(letter: str, *numbers: int) -> str:
    return ":".join((letter, *(str(int(number)) for number in numbers)))
