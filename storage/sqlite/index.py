"""The index on SQLite: what it holds of an article, and how a part of a query is looked up in it.

FTS5 splits documents on blanks alone: the terms are made by storage/text. An article's document is one row of

    its source, topics and language; * for all                   FACET
    the terms of its title                                       TITLE
    the terms of title, summary and body, in order               (no mark)
    for each two common words in a row, both together            PAIR
    words that differ from their terms                           FORM, TITLE_FORM
    the first three letters of all these                         START, TITLE_START

Each kind has its own mark, a letter of Unicode's private use, which no term has. Its rowid is the article's `newest`.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from storage.query import Facet, Prefix, Words
from storage.sqlite import parts
from storage.text.common import common_terms
from storage.text.terms import PREFIX, ArticleTerms

GAP = "\ue000"  # between sections: a phrase lies within one
FACET = "\ue001"
TITLE = "\ue002"
FORM = "\ue003"
TITLE_FORM = "\ue004"
# The tokenizer splits on these, and names may have them.
NAME = str.maketrans({":": "\ue005", "-": "\ue006", "*": "\ue007"})
PAIR = "\ue008"
START = "\ue009"
TITLE_START = "\ue00a"
SPELLED_OUT = 128  # words that one beginning may stand for
EVERYTHING = f'"{FACET}\ue007"'


def document(terms: ArticleTerms) -> str:
    """What the index holds of an article, as blank-separated tokens."""
    forms, title_forms = terms.forms - terms.terms, terms.title_forms - terms.title_terms
    tokens = [facet(name) for name in sorted(terms.facets)]
    tokens += [GAP, *(TITLE + term for term in terms.title)]
    for section in terms.text:
        tokens += [GAP, *section]
    for section in terms.text:
        tokens += [GAP, *_pairs(section)]
    tokens += [GAP, *sorted(FORM + form for form in forms)]
    tokens += sorted(TITLE_FORM + form for form in title_forms)
    tokens += sorted(START + start for start in _starts((*terms.terms, *forms)))
    tokens += sorted(TITLE_START + start for start in _starts((*terms.title, *title_forms)))
    return " ".join(tokens)


def facet(name: str) -> str:
    """The token of a source, a topic, a language or everything."""
    return FACET + name.translate(NAME)


def token(anchor: str) -> str:
    """The token that all articles with an anchor term (`anchor_terms`) have."""
    if anchor.startswith("^"):
        return START + anchor[1 : 1 + PREFIX]
    return facet(anchor) if ":" in anchor or anchor == "*" else anchor


def leaf(connection: sqlite3.Connection, node: Words | Prefix | Facet) -> str:
    """The FTS5 expression for one part of a query."""
    if isinstance(node, Facet):
        return f'"{facet(node.term)}"'
    if isinstance(node, Prefix):
        return _any(_beginnings(connection, node))
    return _any(_phrase(variant, TITLE if node.title else "") for variant in sorted(node.variants))


def _beginnings(connection: sqlite3.Connection, node: Prefix) -> Iterator[str]:
    if len(node.prefix) == PREFIX:
        yield f'"{TITLE_START if node.title else START}{node.prefix}"'
        return
    for mark in (TITLE, TITLE_FORM) if node.title else ("", FORM):
        tokens = parts.tokens(connection, mark + node.prefix, SPELLED_OUT + 1)
        # FTS5 gathers all that begins so before it gives the first. Spelled out, it reads each word's as far as needed.
        if len(tokens) > SPELLED_OUT:
            yield f'"{mark}{node.prefix}" *'
        else:
            yield from (f'"{token}"' for token in tokens or [mark + node.prefix])


def _any(expressions: Iterable[str]) -> str:
    return "(" + " OR ".join(expressions) + ")"


def _phrase(terms: Sequence[str], mark: str) -> str:
    if not mark and len(terms) > 1 and common_terms().issuperset(terms):
        return '"' + " ".join(_pair(one, other) for one, other in pairwise(terms)) + '"'
    return '"' + " ".join(mark + term for term in terms) + '"'


def _pairs(section: Sequence[str]) -> Iterator[str]:
    """Two common words in a row as one token each; a GAP wherever a run of them ends, so that phrases do not go on."""
    common = common_terms()
    goes_on = False
    for one, other in pairwise(section):
        if one in common and other in common:
            yield _pair(one, other)
            goes_on = True
        elif goes_on:
            yield GAP
            goes_on = False


def _pair(one: str, other: str) -> str:
    return f"{PAIR}{one}{PAIR}{other}"


def _starts(words: Iterable[str]) -> set[str]:
    return {word[:PREFIX] for word in words if len(word) >= PREFIX}
