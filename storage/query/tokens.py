"""What people type, cut into tokens. Every token knows its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from storage.errors import QueryError

FILTERS: Final = ("title", "source", "topic", "lang", "after", "before")

# What is pasted or typed on other keyboards, character for character, so that places stay.
_PASTED: Final = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‐‑‒–—―−－", "-"),
        **dict.fromkeys(",;،؛，、；", " "),
        "：": ":",
        "（": "(",
        "）": ")",
        "＊": "*",
    }
)
# Those that are no blanks, and lone surrogates, which no database takes.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_TOKEN: Final = re.compile(
    r"""
      (?P<blank>   \s+ )
    | (?P<open>    \( )
    | (?P<close>   \) )
    | (?P<without> (?<![^\s(]) -+ (?=[^\s)-]) )
    | (?P<filter>  (?: title | source | topic | lang | after | before ) : )
    | (?P<quoted>  "[^"]*" )
    | (?P<quote>   " )
    | (?P<bare>    [^\s()"]+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)


class Kind(Enum):
    """What a token is."""

    OPEN = "open"
    CLOSE = "close"
    WITHOUT = "without"
    OR = "or"
    FILTER = "filter"
    QUOTED = "quoted"
    BARE = "bare"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query: its kind, its text without quotes or colon, where it begins and ends."""

    kind: Kind
    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a query, an END last. Raises QueryError for what cannot be cut."""
    _check_characters(text)
    plain = text.translate(_PASTED)
    for match in _TOKEN.finditer(plain):
        if match.lastgroup == "quote":
            raise QueryError(text, match.start(), 'a second " that ends the phrase')
        if match.lastgroup != "blank" and match[0] != "AND":
            yield _token(match)
    yield Token(Kind.END, "", len(text), len(text))


def _token(match: re.Match[str]) -> Token:
    kind = Kind.OR if match[0] == "OR" else Kind(match.lastgroup)
    content = match[0]
    if kind is Kind.QUOTED:
        content = content[1:-1]
    if kind is Kind.FILTER:
        content = content[:-1].lower()
    return Token(kind, content, match.start(), match.end())


def _check_characters(text: str) -> None:
    found = _CONTROL.search(text)
    if found:
        raise QueryError(text, found.start(), "no control characters")
