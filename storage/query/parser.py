"""Tokens into a tree.

    query   = all
    all     = (either | "sort:" value)+
    either  = one ("OR" one)*
    one     = "-" one | "(" all ")" | filter value | word | word* | "a phrase" | "*"

What has neither letter nor digit in it is left out.
"""

import re
from typing import Final

from storage.errors import QueryError
from storage.query import dates
from storage.query.nodes import (
    After,
    All,
    Before,
    Facet,
    Node,
    Prefix,
    Words,
    conjunction,
    disjunction,
    negation,
    positive,
)
from storage.query.tokens import Fault, Kind, Token, tokens
from storage.text.terms import PREFIX, fold, slug, words

MOST_CHARACTERS: Final = 256
MOST_TERMS: Final = 16
DEEPEST: Final = 8

_MOST_MENDED: Final = 6
_DATES: Final = ("after", "before")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_EXPECTED: Final = {
    "title": 'a word or a "phrase"',
    "source": "a source's name",
    "topic": "a topic's name",
    "lang": "a language's code like en",
    "after": "a date like 2025-07-16 or 7d",
    "before": "a date like 2025-07-16 or 7d",
}
# What people write after `lang:` instead of a code.
_CODES: Final = {
    **dict.fromkeys(("armenian", "հայերեն", "հայ"), "hy"),
    **dict.fromkeys(("english", "английский", "անգլերեն"), "en"),
    **dict.fromkeys(("russian", "русский", "ռուսերեն"), "ru"),
    **dict.fromkeys(("georgian", "ქართული"), "ka"),
    **dict.fromkeys(("turkish", "türkçe"), "tr"),
    **dict.fromkeys(("azerbaijani", "azərbaycan"), "az"),
    **dict.fromkeys(("persian", "farsi", "فارسی"), "fa"),
    **dict.fromkeys(("arabic", "العربية"), "ar"),
    **dict.fromkeys(("french", "français"), "fr"),
    **dict.fromkeys(("german", "deutsch"), "de"),
    **dict.fromkeys(("spanish", "español"), "es"),
    **dict.fromkeys(("ukrainian", "українська"), "uk"),
}
_ANYTHING: Final = "*"
_EXCLUDING: Final = re.compile(r"[-!]+(?=\w)")


def parse(text: str) -> Node:
    """The tree of a query, in canonical form. Raises QueryError."""
    return _parse(text, ())[0]


def parse_sorted(text: str, sorts: tuple[str, ...]) -> tuple[Node, str]:
    """The tree of a query, and which of the sorts it asks for; empty: none. The first is the usual one.

    Raises QueryError.
    """
    return _parse(text, sorts)


def _parse(text: str, sorts: tuple[str, ...]) -> tuple[Node, str]:
    try:
        return _read(text, sorts)
    except Fault as fault:
        raise QueryError(text, fault.position, fault.expected, _hint(fault.mended, sorts)) from None


def _read(text: str, sorts: tuple[str, ...]) -> tuple[Node, str]:
    if len(text) > MOST_CHARACTERS:
        whole = text[:MOST_CHARACTERS].rpartition(" ")[0]
        raise Fault(MOST_CHARACTERS, f"at most {MOST_CHARACTERS} characters", whole or text[:MOST_CHARACTERS])
    parser = _Parser(text, sorts)
    node = parser.parse()
    if len(_written(node, parser.sort, sorts)) > MOST_CHARACTERS:
        expected = f"a query that is not over {MOST_CHARACTERS} characters when written out"
        raise Fault(len(text), expected, parser.without_last())
    return node, parser.sort


def _hint(mended: str, sorts: tuple[str, ...]) -> str:
    """The canonical text of what was meant, mended as often as it needs; empty: nothing would be left of it."""
    for _ in range(_MOST_MENDED):
        if not mended.strip():
            break
        try:
            node, sort = _read(mended, sorts)
        except Fault as fault:
            mended = "" if fault.mended == _ANYTHING else fault.mended
        else:
            return _written(node, sort, sorts)
    return ""


def _written(node: Node, sort: str, sorts: tuple[str, ...]) -> str:
    return f"{node.text} sort:{sort}" if sort in sorts[1:] else node.text


class _Parser:
    """Recursive descent. A method takes the tokens of its rule; None: there is nothing in them to look for."""

    def __init__(self, text: str, sorts: tuple[str, ...]) -> None:
        self._text = text
        self._sorts = sorts
        self._tokens = list(tokens(text))
        self._at = 0
        self._depth = 0
        self._terms = 0
        self.sort = ""
        """The sort that was asked for; empty: none."""

    def parse(self) -> Node:
        node = self._all()
        if self._next.kind is not Kind.END:
            raise self._fault(self._next, "no ) here: none is open", self._without(self._next))
        if node is None:
            raise Fault(0, "a word to look for, or * for everything", _ANYTHING)
        return self._wanted(node, self._tokens[0], f"* {self._text}")

    def without_last(self) -> str:
        """The text less its last word, or what else stands last."""
        return self._text[: self._tokens[-2].start]

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
            if self._next.kind is Kind.SORT:
                self._sort()
            else:
                nodes.append(self._either())
        return conjunction(node for node in nodes if node)

    def _sort(self) -> None:
        name = self._take()
        value = self._value()
        less = self._without(name, value)
        if not self._sorts:
            raise self._fault(name, "no sort: here: only a search has an order", less)
        sort = value.text.rstrip(".?!").lower() if value else ""
        if sort not in self._sorts:
            place = value.start if value else name.end
            raise Fault(place, f"{' or '.join(self._sorts)} after sort:", less)
        if self.sort:
            raise self._fault(name, "sort: only once", less)
        self.sort = sort

    def _either(self) -> Node | None:
        start = self._next
        nodes = [(start, self._one(f"a word before {start.text[:3]}"), self._next)]
        while self._next.kind is Kind.OR:
            or_ = self._take()
            start = self._next
            nodes.append((start, self._one(f"a word after {or_.text[:3]}", or_), self._next))
        found = [(start, node, end) for start, node, end in nodes if node]
        if len({node for _, node, _ in found}) == 1:
            return found[0][1]
        return disjunction(
            self._wanted(node, start, self._replaced(start.start, end.start, f"(* {self._between(start, end)}) "))
            for start, node, end in found
        )

    def _one(self, expected: str, operator: Token | None = None) -> Node | None:
        """One part, behind the operator if there is one."""
        token = self._next
        match token.kind:
            case Kind.OPEN:
                return self._group()
            case Kind.WITHOUT:
                return self._excluded()
            case Kind.FILTER:
                return self._filter()
            case Kind.BARE:
                return self._bare(self._take())
            case Kind.QUOTED:
                return self._words(self._take())
            case _:
                raise self._fault(token, expected, self._without(operator or token))

    def _group(self) -> Node | None:
        opening = self._take()
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._fault(opening, f"at most {DEEPEST} parentheses inside one another", self._without(opening))
        if self._next.kind is Kind.CLOSE:
            raise self._fault(self._next, "a word between ( and )", self._without(opening, self._next))
        node = self._all()
        if self._next.kind is Kind.END:
            raise self._fault(opening, "a ) for this (", f"{self._text})")
        self._take()
        self._depth -= 1
        return node

    def _excluded(self) -> Node | None:
        minus = self._take()
        node = self._one(f"a word after {minus.text.rstrip('-') or '-'}", minus)
        if node is None:
            return None
        if node == All():
            less = self._replaced(minus.start, self._next.start)
            raise self._fault(minus, "something else than * after -: nothing would be left", less)
        return negation(node)

    def _filter(self) -> Node:
        name = self._take()
        opening = self._next
        value = self._value()
        if value is None:
            meant = self._spread(name) if opening.kind is Kind.OPEN else self._without(name)
            raise Fault(name.end, f"{_EXPECTED[name.text]} right after the colon", meant)
        if value.kind is Kind.BARE and name.text not in _DATES and (sign := _EXCLUDING.match(value.text)):
            # Left out it would say the contrary.
            meant = self._replaced(name.start, value.end, f"-{name.text}:{value.text[sign.end() :]}")
            raise self._fault(value, f"{sign[0][0]} before {name.text}:, not behind it", meant)
        node = self._of(name, value)
        if node is None:
            raise self._fault(value, _EXPECTED[name.text], self._without(name, value))
        return node

    def _value(self) -> Token | None:
        """What stands behind a colon, on the same line."""
        value = self._next
        between = self._text[self._tokens[self._at - 1].end : value.start]
        if value.kind not in {Kind.BARE, Kind.QUOTED} or "\n" in between:
            return None
        return self._take()

    def _spread(self, name: Token) -> str:
        """The text with the filter before each word in the parentheses that follow it."""
        inside = []
        for token in self._tokens[self._at + 1 :]:
            if token.kind not in {Kind.BARE, Kind.QUOTED, Kind.OR}:
                break
            piece = self._text[token.start : token.end]
            inside.append(piece if token.kind is Kind.OR else f"{name.text}:{piece}")
        closing = self._tokens[self._at + 1 + len(inside)]
        if closing.kind is not Kind.CLOSE:
            return self._without(name)
        return self._replaced(name.start, closing.end, f"({' '.join(inside)})")

    def _of(self, name: Token, value: Token) -> Node | None:
        if name.text == "title":
            return self._words(value, title=True) if value.kind is Kind.QUOTED else self._bare(value, title=True)
        self._count(1, value)
        if name.text in _DATES:
            return self._dated(name, value)
        facet = slug(value.text)
        if name.text == "lang" and not _LANGUAGE.fullmatch(facet):
            code = _CODES.get(facet, facet[:2] if facet[2:3] == "-" else "")
            less = self._replaced(name.start, value.end, code and f"lang:{code}")
            raise self._fault(value, _EXPECTED["lang"], less)
        return Facet(f"{name.text}:{facet}") if facet else None

    def _dated(self, name: Token, value: Token) -> After | Before:
        try:
            when = dates.parse(value.text)
        except dates.NoDate as error:
            instead = error.instead and f"{name.text}:{error.instead}"
            raise self._fault(value, error.expected, self._replaced(name.start, value.end, instead)) from None
        return After(when) if name.text == "after" else Before(when)

    def _bare(self, token: Token, *, title: bool = False) -> Node | None:
        if "*" not in token.text:
            return self._words(token, title=title)
        if token.text.rstrip(".?!") == "*" and not title:
            return All()
        return self._prefix(token, title=title)

    def _prefix(self, token: Token, *, title: bool) -> Node | None:
        before, _, after = token.text.partition("*")
        found = words(before)
        if words(after):
            meant = self._starless(token, f"{before}*" if before else after)
            raise Fault(token.start + len(before), "* at the end of a word only", meant)
        if not found and not title:
            return None
        if len(found) != 1:
            *others, last = (word.text for word in found) if found else ("",)
            meant = " ".join((*others, f"{last}*"))
            raise self._fault(token, "one word before *", self._starless(token, meant))
        prefix = fold(found[0].text)
        if len(prefix) < PREFIX:
            raise self._fault(token, f"{PREFIX} letters or more before *", self._starless(token, before))
        self._count(1, token)
        return Prefix(prefix, title)

    def _starless(self, token: Token, word: str) -> str:
        return self._replaced(token.start, token.end, word)

    def _words(self, token: Token, *, title: bool = False) -> Node | None:
        found = words(token.text)
        self._count(len(found), token)
        return Words(" ".join(word.text for word in found), title) if found else None

    def _count(self, terms: int, token: Token) -> None:
        self._terms += terms
        if self._terms > MOST_TERMS:
            raise self._fault(token, f"at most {MOST_TERMS} words", self._text[: token.start])

    def _wanted(self, node: Node, token: Token, mended: str) -> Node:
        if positive(node):
            return node
        raise self._fault(token, "a word to look for beside what is excluded, or *", mended)

    def _fault(self, token: Token, expected: str, mended: str) -> Fault:
        return Fault(token.start, expected, mended)

    def _without(self, first: Token, last: Token | None = None) -> str:
        """The text without the token, or without those from the first to the last."""
        return self._replaced(first.start, (last or first).end)

    def _between(self, first: Token, end: Token) -> str:
        return self._text[first.start : end.start]

    def _replaced(self, start: int, end: int, by: str = "") -> str:
        """The text with something else, or nothing, in this place."""
        return self._text[:start] + by + self._text[end:]
