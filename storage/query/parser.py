"""Tokens into a tree.

    query   = all
    all     = either+
    either  = one ("OR" one)*
    one     = "-" one | "(" all ")" | filter value | word | word* | "a phrase" | "*"

What has neither letter nor digit in it is left out.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from storage.errors import QueryError
from storage.query.nodes import (
    After,
    All,
    Before,
    Facet,
    Node,
    Not,
    Prefix,
    Words,
    conjunction,
    disjunction,
    positive,
)
from storage.query.tokens import Kind, Token, tokens
from storage.text.terms import PREFIX, fold, slug, words

MOST_CHARACTERS: Final = 256
MOST_TERMS: Final = 16
DEEPEST: Final = 8

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SPAN: Final = re.compile(r"(\d{1,6})([hdw])", re.ASCII | re.IGNORECASE)
_HOURS: Final = {"h": 1, "d": 24, "w": 168}
_LONGEST_SPAN: Final = timedelta(days=36_500)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")


def parse(text: str) -> Node:
    """The tree of a query, in canonical form. Raises QueryError."""
    if len(text) > MOST_CHARACTERS:
        raise QueryError(text, MOST_CHARACTERS, f"at most {MOST_CHARACTERS} characters")
    node = _Parser(text).parse()
    if len(node.text) > MOST_CHARACTERS:
        raise QueryError(text, len(text), f"a query that is not over {MOST_CHARACTERS} characters when written out")
    return node


class _Parser:
    """Recursive descent. A method takes the tokens of its rule; None: there is nothing in them to look for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(tokens(text))
        self._at = 0
        self._depth = 0
        self._terms = 0

    def parse(self) -> Node:
        node = self._all()
        if self._next.kind is not Kind.END:
            raise self._error(self._next, "no ) here: none is open")
        if node is None:
            raise QueryError(self._text, 0, "a word to look for, or * for everything", "*")
        return self._wanted(node, self._tokens[0], hint=f"* {node.text}")

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _all(self) -> Node | None:
        nodes = []
        while self._next.kind not in {Kind.END, Kind.CLOSE}:
            nodes.append(self._either())
        return conjunction(node for node in nodes if node)

    def _either(self) -> Node | None:
        start = self._next
        nodes = [(start, self._one("a word before OR"))]
        while self._next.kind is Kind.OR:
            self._take()
            start = self._next
            nodes.append((start, self._one("a word after OR")))
        found = [(token, node) for token, node in nodes if node]
        if len(found) == 1:
            return found[0][1]
        return disjunction(self._wanted(node, token) for token, node in found)

    def _one(self, expected: str) -> Node | None:
        token = self._next
        match token.kind:
            case Kind.OPEN:
                return self._group()
            case Kind.WITHOUT:
                return self._without()
            case Kind.FILTER:
                return self._filter()
            case Kind.BARE:
                return self._bare(self._take())
            case Kind.QUOTED:
                return self._words(self._take())
            case _:
                raise self._error(token, expected)

    def _group(self) -> Node | None:
        opening = self._take()
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(opening, f"at most {DEEPEST} parentheses inside one another")
        if self._next.kind is Kind.CLOSE:
            raise self._error(self._next, "a word between ( and )")
        node = self._all()
        if self._next.kind is Kind.END:
            raise self._error(opening, "a ) for this (")
        self._take()
        self._depth -= 1
        return node

    def _without(self) -> Node | None:
        minus = self._take()
        node = self._one("a word after -")
        if node is None:
            return None
        if node == All():
            raise self._error(minus, "something else than * after -: nothing would be left")
        return Not(self._wanted(node, minus))

    def _filter(self) -> Node:
        name = self._take()
        value = self._next
        if value.kind not in {Kind.BARE, Kind.QUOTED} or value.start != name.end:
            raise QueryError(self._text, name.end, f"{_EXPECTED[name.text]} right after the colon")
        self._take()
        node = self._value(name.text, value)
        if node is None:
            raise self._error(value, _EXPECTED[name.text])
        return node

    def _value(self, name: str, value: Token) -> Node | None:
        if name == "title":
            return self._words(value, title=True) if value.kind is Kind.QUOTED else self._bare(value, title=True)
        self._count(1, value)
        if name in {"after", "before"}:
            return _dated(name, value.text)
        facet = slug(value.text)
        if not facet or (name == "lang" and not _LANGUAGE.fullmatch(facet)):
            return None
        return Facet(f"{name}:{facet}")

    def _bare(self, token: Token, *, title: bool = False) -> Node | None:
        if "*" not in token.text:
            return self._words(token, title=title)
        if token.text == "*" and not title:
            return All()
        return self._prefix(token, title=title)

    def _prefix(self, token: Token, *, title: bool) -> Node:
        star = token.text.index("*")
        found = words(token.text[:star])
        if star != len(token.text) - 1:
            raise QueryError(self._text, token.start + star, "* at the end of a word only")
        if len(found) != 1:
            raise self._error(token, "one word before *")
        prefix = fold(found[0].text)
        if len(prefix) < PREFIX:
            raise self._error(token, f"{PREFIX} letters or more before *")
        self._count(1, token)
        return Prefix(prefix, title)

    def _words(self, token: Token, *, title: bool = False) -> Node | None:
        found = words(token.text)
        self._count(len(found), token)
        return Words(" ".join(word.text for word in found), title) if found else None

    def _count(self, terms: int, token: Token) -> None:
        self._terms += terms
        if self._terms > MOST_TERMS:
            raise self._error(token, f"at most {MOST_TERMS} words")

    def _wanted(self, node: Node, token: Token, *, hint: str = "") -> Node:
        if positive(node):
            return node
        raise self._error(token, "a word to look for beside what is excluded, or *", hint)

    def _error(self, token: Token, expected: str, hint: str = "") -> QueryError:
        return QueryError(self._text, token.start, expected, hint)


_EXPECTED: Final = {
    "title": 'a word or a "phrase"',
    "source": "a source's name",
    "topic": "a topic's name",
    "lang": "a language's code like en",
    "after": "a date like 2025-07-01 or 7d",
    "before": "a date like 2025-07-01 or 7d",
}


def _dated(name: str, text: str) -> After | Before | None:
    when = _when(text)
    if when is None:
        return None
    return After(when) if name == "after" else Before(when)


def _when(text: str) -> datetime | timedelta | None:
    """A date as its first moment in UTC, a number of hours, days or weeks as a span; None: neither."""
    if _DATE.fullmatch(text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            return None
    match = _SPAN.fullmatch(text)
    span = timedelta(hours=int(match[1]) * _HOURS[match[2].lower()]) if match else timedelta()
    return span if timedelta() < span <= _LONGEST_SPAN else None
