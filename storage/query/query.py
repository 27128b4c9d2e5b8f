"""A query: a parsed question with its canonical text."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from storage.errors import QueryError
from storage.models import Article
from storage.query import parser
from storage.query.filing import Filing, Frequency, filed
from storage.query.nodes import (
    After,
    All,
    And,
    Before,
    Node,
    Prefix,
    Words,
    conjunction,
    positive,
    walk,
    wanted_words,
)
from storage.text.terms import ArticleTerms, article_terms


@dataclass(frozen=True, slots=True)
class Query:
    """A question about the articles. Equal questions are equal queries: compared by canonical text."""

    text: str
    """Canonical: folded in case, sorted, without repetition. It parses to this query again."""
    node: Node = field(compare=False, repr=False)
    """The tree, for engines to compile."""

    @classmethod
    def parse(cls, text: str) -> "Query":
        """The query that somebody typed. Raises QueryError."""
        return _parse(text)

    def matches(self, article: Article, now: datetime) -> bool:
        """Whether the query wants the article: the meaning that search and announcer are held to."""
        return self.node.matches(article_terms(article), article, now)

    def matches_terms(self, terms: ArticleTerms, article: Article, now: datetime) -> bool:
        """Like `matches`, with the article's terms made once for many queries."""
        return self.node.matches(terms, article, now)

    def filing(self, frequency: Frequency) -> Filing:
        """Where to file the query: under the rarest of what it needs, the second-rarest beside it.

        `frequency` tells how many articles can be found under an anchor term. To be wrong about it costs time, never
        truth.
        """
        return filed(self.node.needs(frequency), frequency)

    @property
    def leaves(self) -> tuple[Words | Prefix, ...]:
        """The words, phrases and beginnings of words that it looks for."""
        return tuple(dict.fromkeys(wanted_words(self.node)))

    @property
    def words(self) -> tuple[str, ...]:
        """The words and phrases it looks for, as typed but folded in case; the beginning of a word ends in *."""
        found = self.leaves
        return tuple(dict.fromkeys(node.raw if isinstance(node, Words) else f"{node.prefix}*" for node in found))

    def without_each(self) -> list["Query"]:
        """The query less one word or phrase that it requires, once for each such.

        Left out where nothing to look for would remain.
        """
        parts = _parts(self.node)
        required = [part for part in parts if isinstance(part, (Words, Prefix))]
        rests = (_query(part for part in parts if part != word) for word in required)
        return [rest for rest in rests if rest]

    def check_followable(self) -> None:
        """Raise QueryError for `before:` and relative dates: they mean nothing for news to come."""
        for node in walk(self.node):
            if _holds_off(node):
                raise QueryError(self.text, self.text.find(node.text), _why(node), self._followable())

    def check_dates(self, now: datetime) -> None:
        """Raise QueryError for dates between which nothing can have been published by now."""
        parts = _parts(self.node)
        first = max((part for part in parts if isinstance(part, After)), key=lambda one: one.moment(now), default=None)
        last = min((part for part in parts if isinstance(part, Before)), key=lambda one: one.moment(now), default=None)
        if first and first.moment(now) > now:
            expected = f"a date that has come: it is {now.astimezone(UTC):%Y-%m-%d} in UTC"
            raise QueryError(self.text, self._value_of(first), expected, _text(part for part in parts if part != first))
        if first and last and first.moment(now) >= last.moment(now):
            others = [part for part in parts if part not in {first, last}]
            turned = _text([*others, After(last.when), Before(first.when)])
            hint = "" if first.moment(now) == last.moment(now) else turned
            raise QueryError(self.text, self._value_of(last), f"a date later than that in {first.text}", hint)

    def _value_of(self, date: After | Before) -> int:
        """Where the value of this date begins in the text."""
        return self.text.find(date.text) + date.text.index(":") + 1

    def _followable(self) -> str:
        """The query without the dates that hinder it, if that is one."""
        return _text(part for part in _parts(self.node) if not any(map(_holds_off, walk(part))))


def _holds_off(node: Node) -> bool:
    return isinstance(node, Before) or (isinstance(node, After) and not isinstance(node.when, datetime))


def _why(node: Node) -> str:
    if isinstance(node, Before):
        return "no before: in what you follow, which is about news to come"
    return f"no {node.text} in what you follow: news to come is always newer"


def _parts(node: Node) -> tuple[Node, ...]:
    return node.children if isinstance(node, And) else (node,)


def _query(parts: Iterable[Node]) -> Query | None:
    node = conjunction(parts)
    return Query(node.text, node) if node and positive(node) else None


def _text(parts: Iterable[Node]) -> str:
    query = _query(parts)
    return query.text if query else ""


@lru_cache(maxsize=2**14)  # parsing what an article may match costs more than matching
def _parse(text: str) -> Query:
    node = parser.parse(text)
    return Query(node.text, node)


EVERYTHING: Final = Query("*", All())
"""Every article."""
