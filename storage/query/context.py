"""One line of an article around the words that were looked for, and where those stand in it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from storage.models import Article
from storage.query.nodes import Node, Words, wanted_words
from storage.query.query import Query
from storage.text.terms import raw_words

LONGEST: Final = 100
"""Characters of a context, without the signs that it was cut: two lines on a phone, and a bit."""
LOOKED_AT: Final = 20_000
"""Characters of a body that are looked at."""

_ENDS: Final = ".!?…։؟।"  # a sentence, or an abbreviation
_LEADS_ON: Final = " ,;:՝،؛–—-([{«“„"  # to what is cut off

Span = tuple[int, int]
"""A piece of a text: `text[start:end]`."""


@dataclass(frozen=True, slots=True)
class Context:
    """A line of an article's text, cut between words with "…", and what was looked for in it."""

    text: str
    spans: tuple[Span, ...]
    """In order, apart from each other."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The words of a query that any section may hold. Each has a number."""

    singles: dict[str, int]
    phrases: dict[str, tuple[tuple[tuple[str, ...], int], ...]]
    """By their first terms."""
    prefixes: tuple[tuple[str, int], ...]
    beginnings: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.singles or self.phrases or self.prefixes)


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    word: int
    """Which word of the query it is."""


def context_of(query: Query, article: Article) -> Context | None:
    """The stretch of summary or body where most of the wanted words stand closest together; None: none does.

    Words are found as `Query.matches` finds them. Those that are wanted in the title alone, or not wanted, are not
    looked for.
    """
    wanted = _wanted(query.node)
    if not wanted:
        return None
    best: tuple[tuple[int, int], str, list[_Hit], Span] | None = None
    for section in (article.summary, article.body[:LOOKED_AT]):
        text = " ".join(section.split())
        hits = sorted(_hits(wanted, text, article.language), key=lambda hit: (hit.start, hit.end))
        if not hits:
            continue
        worth, place = _closest(hits)
        if best is None or worth > best[0]:
            best = (worth, text, hits, place)
    return None if best is None else _cut(*best[1:])


@lru_cache(maxsize=2**8)
def _wanted(node: Node) -> _Wanted:
    singles: dict[str, int] = {}
    phrases: dict[str, tuple[tuple[tuple[str, ...], int], ...]] = {}
    prefixes = []
    for number, word in enumerate(wanted_words(node)):
        if word.title:
            continue
        if not isinstance(word, Words):
            prefixes.append((word.prefix, number))
            continue
        for variant in word.variants:
            if len(variant) == 1:
                singles.setdefault(variant[0], number)
            else:
                phrases[variant[0]] = (*phrases.get(variant[0], ()), (variant, number))
    return _Wanted(singles, phrases, tuple(prefixes), tuple(prefix for prefix, _ in prefixes))


def _hits(wanted: _Wanted, text: str, language: str) -> Iterator[_Hit]:
    sequence: list[str] = []
    places: list[Span] = []
    begun: list[int] = []
    for start, end, found in raw_words(text, language):
        for term, form in found:
            if term in wanted.singles:
                yield _Hit(start, end, wanted.singles[term])
            if wanted.beginnings and (term.startswith(wanted.beginnings) or form.startswith(wanted.beginnings)):
                yield _Hit(start, end, _begun_by(wanted, term, form))
            if wanted.phrases:
                if term in wanted.phrases:
                    begun.append(len(sequence))
                sequence.append(term)
                places.append((start, end))
    for at in begun:
        for variant, number in wanted.phrases[sequence[at]]:
            if tuple(sequence[at : at + len(variant)]) == variant:
                yield _Hit(places[at][0], places[at + len(variant) - 1][1], number)


def _begun_by(wanted: _Wanted, term: str, form: str) -> int:
    return next(number for prefix, number in wanted.prefixes if term.startswith(prefix) or form.startswith(prefix))


def _closest(hits: list[_Hit]) -> tuple[tuple[int, int], Span]:
    """The shortest stretch of at most LONGEST with most of the words, the first of several, and what it is worth."""
    within: Counter[int] = Counter()
    best: tuple[tuple[int, int], Span] | None = None
    first = 0
    for last, hit in enumerate(hits):
        within[hit.word] += 1
        while first < last and (within[hits[first].word] > 1 or hit.end - hits[first].start > LONGEST):
            within[hits[first].word] -= 1
            first += 1
        worth = (sum(1 for count in within.values() if count), hits[first].start - hit.end)
        if best is None or worth > best[0]:
            best = (worth, (hits[first].start, hit.end))
    if best is None:
        raise ValueError("there are no hits")
    return best


def _cut(text: str, hits: list[_Hit], place: Span) -> Context:
    start, end = _stretch(text, place)
    before, after = "…" if start else "", "…" if end < len(text) else ""
    if after:
        end = _end_of_cut(text, end, place[1])
    shift = len(before) - start
    spans = _apart((max(hit.start, start), min(hit.end, end)) for hit in hits if hit.start < end and hit.end > start)
    return Context(before + text[start:end] + after, tuple((one + shift, other + shift) for one, other in spans))


def _end_of_cut(text: str, end: int, least: int) -> int:
    """Where to end for a "…" to stand well: not behind a comma, and a blank behind a full stop."""
    end = max(len(text[:end].rstrip(_LEADS_ON)), least)
    return end + (text[end - 1] in _ENDS and text[end] == " ")


def _stretch(text: str, place: Span) -> Span:
    """The place with what stands around it, from blank to blank; a third of the room before it."""
    start, end = place
    if end - start >= LONGEST:
        return start, start + LONGEST
    room = LONGEST - (end - start)
    low = max(start - room // 3, 0)
    high = min(low + LONGEST, len(text))
    low = max(high - LONGEST, 0)
    if low:
        blank = text.find(" ", low - 1, start)
        low = low if blank < 0 else blank + 1
    if high < len(text):
        blank = text.rfind(" ", end, high + 1)
        high = high if blank < 0 else blank
    return low, high


def _apart(spans: Iterator[Span]) -> list[Span]:
    """The spans, those that meet or overlap made one."""
    apart: list[Span] = []
    for start, end in spans:
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart
