"""What people type and paste, cut into tokens. Every token knows its place in the text as it was typed.

Signs that people use alike are read alike, where that cannot be meant otherwise:

    quotes        " “ ” „ ‟ « » ‹ › 「 」 『 』 《 》   of any kind, nested ones too; not ' and ’, which stand in words
    exclusion     -word –word —word −word !word NOT word     a dash between words, or within one, excludes nothing
    either        OR | ||  ИЛИ  ԿԱՄ
    both          a blank, a comma, a semicolon, AND & && + И ԵՎ
    letters       of other scripts that look the same in OR, AND, NOT and before a colon; wide forms (ＯＲ ： （）)
    blanks        of any width, none too; directional marks

Words for "not" but NOT are words: headlines in capitals hold them. `։` ends an Armenian sentence: it is no colon.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Final

FILTERS: Final = ("title", "source", "topic", "lang", "after", "before")
SORT: Final = "sort"

# Character for character, so that places stay.
_PASTED: Final = str.maketrans(
    {
        **{chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},
        **dict.fromkeys("‐‑‒–—―−֊﹘﹣－", "-"),
        **dict.fromkeys(",;،؛、，；", " "),
    }
)
# A comma in a large number is no blank: 10,000.
_GROUPED: Final = re.compile(r"(?<!\w)(?<!\w,)[0-9]{1,3}(?:,[0-9]{3})+(?!,?\w)")
# The first sign opens, any other closes; between them may be other quotes. Else any two make a phrase.
_PAIRS: Final = ('""', "“”", "„“”", "‟”", "«»", "»«", "‹›", "「」", "『』", "《》", "〝〞〟")
_QUOTES: Final = "".join(sorted({"″", *(sign for pair in _PAIRS for sign in pair)}))
_QUOTED: Final = "|".join(f"{pair[0]}[^{pair}]*[{pair[1:]}]" for pair in _PAIRS)
# They have no width: who typed does not see them.
_UNSEEN: Final = "\u00ad\u200b-\u200f\u2060\ufeff\ufe00-\ufe0f\u202a-\u202e\u2066-\u2069"
_EDGES: Final = re.compile(f"^[{_UNSEEN}]+|[{_UNSEEN}]+$")
# Those that are no blanks, and lone surrogates, which no database takes.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Letters -> the Latin letter that they look like. In small, and those that only look so as capitals.
_SMALL: Final[Mapping[str, str]] = MappingProxyType(
    {"а": "a", "с": "c", "е": "e", "і": "i", "ı": "i", "о": "o", "ο": "o", "օ": "o", "р": "p", "ѕ": "s", "ſ": "s"}
)
_CAPITALS: Final[Mapping[str, str]] = MappingProxyType(
    {"А": "A", "Α": "A", "Ν": "N", "О": "O", "Ο": "O", "Օ": "O", "Т": "T", "Τ": "T"}
)


def _alike(word: str, letters: Mapping[str, str]) -> str:
    """A pattern for the word, in letters that look like its own."""
    return "".join(f"[{letter}{''.join(like for like in letters if letters[like] == letter)}]" for letter in word)


_OR: Final = re.compile(f"{_alike('OR', _CAPITALS)}|ИЛИ|ԿԱՄ")
_AND: Final = re.compile(f"{_alike('AND', _CAPITALS)}|И|ԵՎ|ԵՒ")
_NOT: Final = re.compile(_alike("NOT", _CAPITALS))
_BEGINS: Final = rf"(?<![^\s(|&{_UNSEEN}])"


@cache
def _tokens() -> re.Pattern[str]:
    # Made when somebody asks: it takes a hundredth of the start.
    return re.compile(
        rf"""
      (?P<blank>   [\s{_UNSEEN}]+ | && | {_BEGINS} \++ (?=[\w({_QUOTES}]) )
    | (?P<open>    \( )
    | (?P<close>   \) )
    | (?P<or>      \|+ )
    | (?P<without> {_BEGINS} (?: -+ (?=[{_UNSEEN}]*[^\s){_UNSEEN}-]) | ! (?=[\w({_QUOTES}]) ) )
    | (?P<filter>  (?: {"|".join(_alike(name, _SMALL) for name in (*FILTERS, SORT))} ) : )
    | (?P<quoted>  {_QUOTED} | [{_QUOTES}][^{_QUOTES}]*[{_QUOTES}] )
    | (?P<quote>   [{_QUOTES}] )
    | (?P<bare>    (?: (?!&&) [^\s()|{_QUOTES}] )+ )
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
    SORT = "sort"
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


class Fault(Exception):  # noqa: N818  named after what it is
    """The text is no query: at `position` something else was `expected`. `mended`: what may have been meant."""

    def __init__(self, position: int, expected: str, mended: str = "") -> None:
        super().__init__(expected)
        self.position = position
        self.expected = expected
        self.mended = mended


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a query, an END last. Raises Fault for what cannot be cut."""
    found = _CONTROL.search(text)
    if found:
        raise Fault(found.start(), "no control characters", _CONTROL.sub(" ", text))
    for match in _tokens().finditer(_GROUPED.sub(_ungrouped, text).translate(_PASTED)):
        if match.lastgroup == "quote":
            raise Fault(match.start(), 'a second " that ends the phrase', _without_lone_quote(text, match.start()))
        if match.lastgroup != "blank" and not _AND.fullmatch(_seen(match[0])):
            yield _token(match)
    yield Token(Kind.END, "", len(text), len(text))


def _ungrouped(number: re.Match[str]) -> str:
    return number[0].replace(",", ".")


def _token(match: re.Match[str]) -> Token:
    kind, content = Kind(match.lastgroup), _seen(match[0])
    if kind is Kind.QUOTED:
        content = content[1:-1]
    if kind is Kind.FILTER:
        content = "".join(_SMALL.get(letter, letter) for letter in content[:-1].lower() if letter != "\u0307")
        kind = Kind.SORT if content == SORT else kind
    if kind is Kind.BARE and _OR.fullmatch(content):
        kind = Kind.OR
    if kind is Kind.BARE and _NOT.fullmatch(content):
        kind = Kind.WITHOUT
    return Token(kind, content, match.start(), match.end())


def _seen(text: str) -> str:
    return _EDGES.sub("", text)


def _without_lone_quote(text: str, place: int) -> str:
    """The text with the phrase ended; without the quote where it stands behind a word, so that it ended one."""
    if text[place + 1 : place + 2].strip():
        return f'{text}"'
    return text[:place] + text[place + 1 :]
