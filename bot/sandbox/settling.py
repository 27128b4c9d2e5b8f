"""How formatting that overlaps is settled: what holds what, what is split, what is dropped.

The rules are TDLib's (MessageEntity.cpp, `fix_entities`). Positions are code points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.sandbox.markup import Span

SPLITTABLE = ("bold", "italic", "underline", "strikethrough", "spoiler")
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
VERBATIM = frozenset({"code", "pre"})
PLAIN = VERBATIM | {"date_time"}  # within these nothing is formatted
# Of two spans over the same stretch the one with the lower number is the outer one.
_RANKS = {"blockquote": 0, "expandable_blockquote": 0, "pre": 11, "code": 20, "text_link": 49, "text_mention": 49}
_RANKS |= {"date_time": 48}
_RANKS |= {kind: 90 + place for place, kind in enumerate(SPLITTABLE)} | {"custom_emoji": 99}
_OTHER_RANK = 50
_WITH_LANGUAGE = 10  # a "pre" that knows its language is the outer one of two
_END = 2**31


def in_order(spans: Iterable[Span]) -> list[Span]:
    """By beginning, the outer one first."""
    return sorted(spans, key=_place)


def settled(spans: list[Span]) -> list[Span]:
    """Let no two spans cross: quotes and links do not nest, code and times hold nothing, equal ones are joined."""
    spans = in_order(span for span in spans if span.end > span.start)
    if len(spans) < 2 or _nested(spans):
        return spans
    quotes = _apart(span for span in spans if span.kind in QUOTES)
    whole = _apart(span for span in spans if span.kind not in SPLITTABLE and span.kind not in QUOTES)
    whole = [span for span in whole if not crosses(span, quotes)]
    return split([span for span in spans if span.kind in SPLITTABLE], [*whole, *quotes])


def split(loose: list[Span], firm: list[Span]) -> list[Span]:
    """Give `firm` and the pieces into which its edges cut the splittable `loose`; code and times hold no piece."""
    firm = in_order(firm)
    return in_order([*firm, *_Splitter(in_order(loose)).cut(firm)]) if loose else firm


def crosses(span: Span, quotes: list[Span]) -> bool:
    """Whether `span` lies partly inside a quote, or around it."""
    return any(
        span.start < quote.end and quote.start < span.end and not (quote.start <= span.start and span.end <= quote.end)
        for quote in quotes
    )


def _place(span: Span) -> tuple[int, int, int]:
    rank = _WITH_LANGUAGE if span.extra.get("language") else _RANKS.get(span.kind, _OTHER_RANK)
    return span.start, -span.end, rank


def _apart(spans: Iterable[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _nested(spans: list[Span]) -> bool:
    """Whether spans in order need no settling: all lie within each other or apart, as Telegram wants it."""
    ends: dict[str, int] = {}
    outer: list[Span] = []
    for span in spans:
        while outer and span.start >= outer[-1].end:
            outer.pop()
        if outer and not _may_hold(outer, span):
            return False
        if span.kind in SPLITTABLE:
            if ends.get(span.kind, -1) >= span.start:
                return False
            ends[span.kind] = span.end
        outer.append(span)
    return True


def _may_hold(outer: list[Span], span: Span) -> bool:
    if span.end > outer[-1].end or any(each.kind in SPLITTABLE or each.kind in PLAIN for each in outer):
        return False
    if any(_family(each) == _family(span) for each in outer):
        return False
    in_link = any(each.kind not in QUOTES for each in outer)
    return span.kind in SPLITTABLE or not in_link


def _family(span: Span) -> str:
    return "blockquote" if span.kind in QUOTES else span.kind


class _Splitter:
    """Goes through a text once; `_open` are the stretches under way, by kind."""

    def __init__(self, loose: list[Span]) -> None:
        self._left = loose[::-1]
        self._open: dict[str, Span] = {}
        self._pieces: list[Span] = []

    def cut(self, firm: list[Span]) -> list[Span]:
        outer: list[Span] = []
        for span in firm:
            self._leave(outer, span.start)
            outer.append(span)
        self._leave(outer, _END)
        return self._pieces

    def _leave(self, outer: list[Span], at: int) -> None:
        """Go on to `at`, past the ends of the firm spans before it."""
        while outer and at >= outer[-1].end:
            span = outer.pop()
            before = len(self._pieces)
            self._go(span.end)
            if span.kind in PLAIN:
                del self._pieces[before:]
        self._go(at)

    def _go(self, at: int) -> None:
        while self._left and self._left[-1].start < at:
            span = self._left.pop()
            known = self._open.get(span.kind)
            if known is None or span.start > known.end:
                self._flush(span.start)
                self._open[span.kind] = span
            elif span.end > known.end:
                self._open[span.kind] = known._replace(end=span.end)
        self._flush(at)

    def _flush(self, at: int) -> None:
        for kind in SPLITTABLE:
            span = self._open.get(kind)
            if span is None or span.start >= at:
                continue
            if span.end <= at:
                self._pieces.append(self._open.pop(kind))
                continue
            self._pieces.append(span._replace(end=at))
            self._open[kind] = span._replace(start=at)
