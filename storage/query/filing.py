"""Where a query is filed, so that an article finds the queries that want it without asking every one of them.

A query needs things of an article. It is filed under the rarest need, its anchor, with the second-rarest beside it: an
article that lacks either does not want looking at. What is left to know of those that have both is mostly so plain that
it is written beside them, too, and the query itself need not be read.

What an article can have, a feature, is: a term; a facet; several terms in a row (a blank between them); `^` and the
beginning of a word. `title:` before it: in the title.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from storage.text.terms import BEGINNINGS, ArticleTerms

Frequency = Callable[[str], int]
"""How many articles can be found under an anchor term."""
Need = frozenset[str]
"""Features of which an article must have one."""

_EVERYTHING: Final = frozenset({"*"})
_TITLE: Final = "title:"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a query asks of an article."""

    every: tuple[Need, ...] = ()
    """A wanted article has each of them ..."""
    none: tuple[Need, ...] = ()
    """... and none of these."""
    decide: bool = True
    """Whether every such article is wanted: there is no more to the query."""

    @property
    def sole(self) -> Need | None:
        """The one need that the query comes down to, if it does."""
        return self.every[0] if self.decide and len(self.every) == 1 and not self.none else None


@dataclass(frozen=True, slots=True)
class Filing:
    """Where a query is filed, and what is written beside it."""

    anchor: frozenset[str]
    """Each wanted article has one of these among its `anchor_terms` ..."""
    second: frozenset[str]
    """... and one of these. The same as the anchor where there is only one need."""
    rest: str
    """What else it must have or not have, for `Features.fit`. Empty: nothing."""
    decides: bool
    """Whether every article is wanted that has all this: the query need not be asked."""


class Features:
    """What an article has."""

    def __init__(self, terms: ArticleTerms) -> None:
        self._plain = terms.terms | terms.facets
        # Sections end in an empty term, so that two blanks stand between them: no row of terms reaches across.
        self._row = f" {' '.join(terms.sequence)} "
        self._beginnings = terms.beginnings
        self._title = terms.title_terms
        self._title_row = f" {' '.join(terms.title)} "
        self._title_beginnings = terms.title_beginnings

    def fit(self, rest: str) -> bool:
        """Whether the article has, and has not, what is written beside a query (`Filing.rest`)."""
        for part in rest.split("\t") if rest else ():
            unwanted = part[0] == "-"
            if self._has_one((part[1:] if unwanted else part).split("|")) is unwanted:
                return False
        return True

    def _has_one(self, features: list[str]) -> bool:
        return not self._plain.isdisjoint(features) or any(map(self._has, features))

    def _has(self, feature: str) -> bool:
        if feature.startswith(_TITLE):
            bare = feature.removeprefix(_TITLE)
            return bare in self._title or _stands_in(bare, self._title_row, self._title_beginnings)
        return _stands_in(feature, self._row, self._beginnings)


def _stands_in(feature: str, row: str, beginnings: str) -> bool:
    if feature[0] == "^":
        return f" {feature[1:]}" in beginnings
    return " " in feature and f" {feature} " in row


def filed(needs: Needs, frequency: Frequency) -> Filing:
    """Where to file a query that has these needs."""
    ranked = _ranked(needs.every, cache(frequency)) or [(_EVERYTHING, _EVERYTHING)]
    anchor, second = ranked[0], ranked[min(1, len(ranked) - 1)]
    told = {need for place, need in (anchor, second) if place == need} | {_EVERYTHING}
    rest = ["|".join(sorted(need)) for need in dict.fromkeys(needs.every) if need not in told]
    rest += ("-" + "|".join(sorted(need)) for need in dict.fromkeys(needs.none))
    return Filing(anchor[0], second[0], "\t".join(rest), needs.decide)


def rarest(needs: Iterable[Need], frequency: Frequency) -> Need:
    """That of one or more needs which the fewest articles meet."""
    return _ranked(needs, cache(frequency))[0][1]


def _ranked(needs: Iterable[Need], frequency: Frequency) -> list[tuple[frozenset[str], Need]]:
    """Where each need can be filed (anchor terms), and the need; the rarest first, no place twice."""
    # Of two needs with one place the one that the place tells whole comes first: it need not be written beside.
    pairs = {(place, need) for need in needs for place in _places(need, frequency)}
    ordered = sorted(pairs, key=lambda pair: (sum(map(frequency, pair[0])), sorted(pair[0]), pair[0] != pair[1]))
    firsts = {place: (place, need) for place, need in reversed(ordered)}
    return [firsts[place] for place in dict.fromkeys(place for place, _ in ordered)]


def _places(need: Need, frequency: Frequency) -> Iterator[frozenset[str]]:
    """Sets of anchor terms of which an article that meets the need has one at least."""
    rows = [feature.removeprefix(_TITLE).split(" ") for feature in need]
    if len({len(row) for row in rows}) == 1:
        yield from (frozenset(map(_anchor, place)) for place in zip(*rows, strict=True))
    else:
        yield frozenset(min(map(_anchor, row), key=lambda term: (frequency(term), term)) for row in rows)


def _anchor(term: str) -> str:
    """The anchor term of an article that has the term, or the beginning."""
    if term[0] != "^":
        return term
    return next(term[: length + 1] for length in BEGINNINGS if len(term) > length)
