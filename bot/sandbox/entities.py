"""What a text becomes when Telegram takes it: cleaned, trimmed, its spans in order, its own entities found."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.sandbox.links import found
from bot.sandbox.markup import Span
from bot.sandbox.settling import (
    QUOTES,
    SPLITTABLE,
    VERBATIM,
    crosses,
    in_order,
    settled,
    split,
)
from bot.sandbox.urls import LinkError, checked_link, person_of

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

MOST_ENTITIES = 100  # the rest is dropped without a word

# What a bot may hand in; the rest is found by the server itself.
HANDED_IN = frozenset(SPLITTABLE) | QUOTES | VERBATIM | {"text_link", "text_mention", "custom_emoji", "date_time"}
FIELDS = ("url", "language", "custom_emoji_id", "unix_time", "date_time_format", "user")

_UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\u030a\u0333\u033f\u200e\u200f\u2028-\u202e]")
_REMOVED = re.compile("[\r\u030a\u0333\u033f\u2028-\u202e]")  # also lines above and below, which run into others
_MARKS = re.compile("[\u200e\u200f](?=[\u200e\u200f])")  # of several marks of direction the last one counts
_NO_MARK = "\u200c"
_TO_SPACE = {code: " " for code in range(32) if code not in (10, 13)}
_INVISIBLE = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufffc]*"
)
_SPACE = " \n"


class Formatted(NamedTuple):
    """A text as Telegram keeps it, with its entities in the Bot API's shape (offsets in UTF-16 code units)."""

    text: str
    entities: list[Json]


class EntityError(ValueError):
    """Telegram does not take what stands in an entity; the message is what it says."""


def formatted(text: str, spans: list[Span]) -> Formatted:
    """Clean and trim `text`, settle `spans`, add what the server finds itself. An invisible text comes back empty.

    Raises EntityError.
    """
    text, spans = _clean(text, settled([_linked(span) for span in spans]))
    text, spans = _trim(text, spans)
    if _INVISIBLE.fullmatch(text):
        return Formatted("", [])
    spans = _with_found(text, _limited(spans))
    return Formatted(text, _in_utf16(text, spans))


def spans_of(text: str, entities: list[Json]) -> list[Span]:
    """Read entities that a bot hands in (offsets in UTF-16); what Telegram finds by itself is left to it."""
    unit = _code_point_of(text)
    wanted = [entity for entity in entities if entity["type"] in HANDED_IN]
    return [
        Span(
            entity["type"],
            unit(entity["offset"]),
            unit(entity["offset"] + entity["length"]),
            {field: entity[field] for field in FIELDS if field in entity},
        )
        for entity in wanted
    ]


def _limited(spans: list[Span]) -> list[Span]:
    """Drop what is too much: of the splittable ones, which count last, the later."""
    if len(spans) <= MOST_ENTITIES:
        return spans
    firm = [span for span in spans if span.kind not in SPLITTABLE][:MOST_ENTITIES]
    loose = split([span for span in spans if span.kind in SPLITTABLE], [])[: MOST_ENTITIES - len(firm)]
    return split(loose, firm)


def _with_found(text: str, spans: list[Span]) -> list[Span]:
    """Add what the server finds itself, outside of code, links and each other."""
    taken = [span for span in spans if span.kind not in SPLITTABLE and span.kind not in QUOTES]
    quotes = [span for span in spans if span.kind in QUOTES]
    new = [span for span in found(text) if not crosses(span, quotes) and not any(_meet(span, each) for each in taken)]
    if not new:
        return spans
    loose = [span for span in spans if span.kind in SPLITTABLE]
    return split(loose, [*taken, *quotes, *new])


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _linked(span: Span) -> Span:
    """Clean and check a link once more, wherever it comes from; one that names a person is a mention."""
    if span.kind != "text_link":
        return span
    url = _MARKS.sub(_NO_MARK, _REMOVED.sub("", str(span.extra["url"])))
    try:
        link = checked_link(url)
    except LinkError as error:
        raise EntityError(f"entity URL '{url}' is invalid: {error}") from None
    person = person_of(url)
    if person is None:
        return span._replace(extra={"url": link})
    user = {"id": person, "is_bot": False, "first_name": ""}
    return span._replace(kind="text_mention", extra={"user": user})


def _clean(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    if not _UNWANTED.search(text):
        return text, spans
    gone = [match.start() for match in _REMOVED.finditer(text)]
    text = _MARKS.sub(_NO_MARK, _REMOVED.sub("", text)).translate(_TO_SPACE)
    if not gone:
        return text, spans
    return text, settled([_moved(span, lambda at: at - bisect_left(gone, at)) for span in spans])


def _trim(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """Cut spaces at the end, and at the beginning up to the first span."""
    text = text.rstrip(_SPACE)
    size = len(text)
    spans = [span if span.end <= size else span._replace(end=size) for span in spans if span.start < size]
    blank = size - len(text.lstrip(_SPACE))
    cut = min([blank, *(span.start for span in spans)])
    spans = in_order(spans)
    if not cut:
        return text, spans
    return text[cut:], [_moved(span, lambda at: at - cut) for span in spans]


def _moved(span: Span, move: Callable[[int], int]) -> Span:
    return span._replace(start=move(span.start), end=move(span.end))


def _in_utf16(text: str, spans: list[Span]) -> list[Json]:
    unit = _utf16_of(text)
    entities = []
    for span in spans:
        start = unit(span.start)
        entities.append({"offset": start, "length": unit(span.end) - start, "type": span.kind, **span.extra})
    return entities


def _utf16_of(text: str) -> Callable[[int], int]:
    wide = _wide(text)
    return (lambda at: at + bisect_left(wide, at)) if wide else (lambda at: at)


def _code_point_of(text: str) -> Callable[[int], int]:
    wide = _wide(text)
    size = len(text)
    if not wide:
        return lambda unit: min(max(unit, 0), size)
    units = [at + before for before, at in enumerate(wide)]
    return lambda unit: min(max(unit - bisect_left(units, unit), 0), size)


def _wide(text: str) -> list[int]:
    """Where the characters stand that take two UTF-16 code units."""
    if text.isascii() or max(text) <= "\uffff":
        return []
    return [at for at, character in enumerate(text) if character > "\uffff"]
