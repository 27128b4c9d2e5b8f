"""What a text becomes when Telegram takes it: cleaned, trimmed, its spans in order, its own entities found."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import chain, groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.sandbox.markup import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Json = dict[str, Any]

MOST_ENTITIES = 100  # the rest is dropped without a word

SPLITTABLE = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
VERBATIM = frozenset({"code", "pre"})
# What a bot may hand in; the rest is found by the server itself.
HANDED_IN = SPLITTABLE | QUOTES | VERBATIM | {"text_link", "text_mention", "custom_emoji", "date_time"}
FIELDS = ("url", "language", "custom_emoji_id", "unix_time", "date_time_format", "user")

# Of two spans over the same stretch the one with the lower number counts as the outer one.
_RANK = {"blockquote": 0, "expandable_blockquote": 0, "pre": 10, "code": 20, "text_link": 49}
_OTHER_RANK = 50

_UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\u2028-\u202e]")
_REMOVED = re.compile("[\r\u2028-\u202e]")
_TO_SPACE = {code: " " for code in range(32) if code not in (10, 13)}
_INVISIBLE = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufffc]*"
)
_SPACE = " \n"

_COMMAND = re.compile(r"(?<![\w/<>@.])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>@])")
_MENTION = re.compile(r"(?<!\w)@[A-Za-z0-9_]{3,32}(?!\w)")
_HASHTAG = re.compile(r"(?<!\w)#(?=\d*[^\W\d])\w{1,256}(?!\w)")
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9_.+-]{1,64}@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,8}(?!\w)")
_LINK = re.compile(r"(?<!\w)https?://[^\s<>\"«»]+", re.IGNORECASE)
# Hosts without a scheme are links when their last label is a known one; these are the common ones.
_LABELS = "com|org|net|info|io|me|am|az|ge|ru|tr|eu|uk|de|fr|us|dev|app|news"
_LABEL = re.compile(rf"\.(?:{_LABELS})(?![\w@])", re.IGNORECASE)
_HOST = re.compile(
    rf"(?<![\w@./-])(?:[A-Za-z0-9-]+\.)+(?:{_LABELS})(?:/[^\s<>\"«»]*)?(?![\w@])",
    re.IGNORECASE,
)


class Formatted(NamedTuple):
    """A text as Telegram keeps it, with its entities in the Bot API's shape (offsets in UTF-16 code units)."""

    text: str
    entities: list[Json]


def formatted(text: str, spans: list[Span]) -> Formatted:
    """Clean and trim `text`, settle `spans`, add what the server finds itself. An invisible text comes back empty."""
    text, spans = _clean(text, spans)
    text, spans = _trim(text, spans)
    if _INVISIBLE.fullmatch(text):
        return Formatted("", [])
    spans = _settled(spans)
    spans = sorted(chain(spans, found(text, spans)), key=_place)[:MOST_ENTITIES]
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


def found(text: str, taken: list[Span]) -> Iterator[Span]:
    """Find commands, links, addresses, mentions and hashtags, outside of code, links and each other."""
    busy = [span for span in taken if span.kind not in SPLITTABLE]
    for kind, start, end in _candidates(text):
        if any(_collide(start, end, span) for span in busy):
            continue
        span = Span(kind, start, end, {})
        busy.append(span)
        yield span


def _candidates(text: str) -> Iterator[tuple[str, int, int]]:
    # Each pattern costs a pass over the text, so each waits for the character it cannot do without.
    if "." in text:
        if "://" in text:
            yield from _links(_LINK, text)
        if "@" in text:
            yield from _plain("email", _EMAIL, text)
        if _LABEL.search(text):
            yield from _links(_HOST, text)
    if "/" in text:
        yield from _plain("bot_command", _COMMAND, text)
    if "@" in text:
        yield from _plain("mention", _MENTION, text)
    if "#" in text:
        yield from _plain("hashtag", _HASHTAG, text)


def _plain(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int, int]]:
    for match in pattern.finditer(text):
        yield kind, match.start(), match.end()


def _links(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int, int]]:
    for match in pattern.finditer(text):
        yield "url", match.start(), match.start() + len(match[0].rstrip(".,:;!?'\")]…"))


def _collide(start: int, end: int, span: Span) -> bool:
    if end <= span.start or span.end <= start:
        return False
    # A quote may hold other entities, whole.
    return not (span.kind in QUOTES and span.start <= start and end <= span.end)


def _clean(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    if not _UNWANTED.search(text):
        return text, spans
    gone = [match.start() for match in _REMOVED.finditer(text)]
    text = _REMOVED.sub("", text).translate(_TO_SPACE)
    if not gone:
        return text, spans
    return text, [_moved(span, lambda at: at - bisect_left(gone, at)) for span in spans]


def _trim(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """Cut spaces at the end, and at the beginning up to the first span that shows something."""
    text = text.rstrip(_SPACE)
    size = len(text)
    spans = [span if span.end <= size else span._replace(end=size) for span in spans]
    spans = [span for span in spans if text[span.start : span.end].strip(_SPACE)]
    blank = size - len(text.lstrip(_SPACE))
    cut = min([blank, *(span.start for span in spans)])
    if not cut:
        return text, spans
    return text[cut:], [_moved(span, lambda at: at - cut) for span in spans]


def _moved(span: Span, move: Callable[[int], int]) -> Span:
    return span._replace(start=move(span.start), end=move(span.end))


def _settled(spans: list[Span]) -> list[Span]:
    """Let no two spans cross: quotes do not nest, code holds nothing, equal neighbours become one."""
    if len(spans) < 2:
        return spans
    spans = sorted(spans, key=_place)
    if all(left.end < right.start for left, right in pairwise(spans)):
        return spans
    quotes = _apart(span for span in spans if span.kind in QUOTES)
    whole = _apart(span for span in spans if span.kind not in SPLITTABLE | QUOTES)
    whole = [span for span in whole if not any(_collide(span.start, span.end, quote) for quote in quotes)]
    verbatim = [span for span in whole if span.kind in VERBATIM]
    loose = _joined([span for span in spans if span.kind in SPLITTABLE])
    return [*quotes, *whole, *chain.from_iterable(_without(span, verbatim) for span in loose)]


def _apart(spans: Iterable[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for _, group in groupby(sorted(spans, key=attrgetter("kind", "start")), key=attrgetter("kind")):
        first, *others = group
        joined.append(first)
        for span in others:
            if span.start <= joined[-1].end:
                joined[-1] = joined[-1]._replace(end=max(joined[-1].end, span.end))
            else:
                joined.append(span)
    return joined


def _without(span: Span, holes: list[Span]) -> Iterator[Span]:
    start = span.start
    for hole in holes:
        if hole.end <= start or span.end <= hole.start:
            continue
        if start < hole.start:
            yield span._replace(start=start, end=hole.start)
        start = hole.end
    if start < span.end:
        yield span._replace(start=start)


def _place(span: Span) -> tuple[int, int, int]:
    return span.start, -span.end, _RANK.get(span.kind, _OTHER_RANK)


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
