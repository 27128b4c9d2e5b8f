"""The first sentences of an article, for those who have not opened it."""

import re
from collections.abc import Iterator
from typing import Final

from storage.text.terms import words

SENTENCES: Final = 2

_TEXT: Final = 4_000  # characters of a body that are looked at
_PARAGRAPH: Final = re.compile(r"\n\s*\n")
# Sentence ends of many languages, with quotes or brackets that close after them. CJK writes no blank behind.
# An end begins where its signs do and nothing is tried twice, so a long row of signs takes one pass.
_END: Final = re.compile(
    r"""(?<![.!?…։؟।])[.!?…։؟।]++["'”’»)\]]*+(?=\s) | (?<=[\u0561-\u0587]):(?=\s) | [。！？]+["'”’」』）]*\s*""",
    re.VERBOSE,
)
# A small letter, perhaps behind an opening sign. Georgian letters are all small: they tell nothing.
_GOES_ON: Final = re.compile(r"""[ "'“‘«(\[—–-]*+[a-zß-öø-ÿа-яёա-ֆα-ω]""")
_ABBREVIATION: Final = re.compile(
    r"""(?:^|[\s("«“'-])                                # a word
    (?: (?:[^\W\d_]\.)*[^\W\d_]                         # of single letters: U.S. J. т.е.
      | mr|mrs|ms|dr|prof|st|gen|col|lt|sgt|capt|sen|rep|gov|jr|sr|inc|ltd|co|corp|no|vs|etc|approx|dept
      | jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec
      | г|гг|ул|им|др|тыс|млн|млрд|руб|проф|акад|ген|стр|см
      | doç|av|yrd|vb|bkz
    )\.$""",
    re.VERBOSE | re.IGNORECASE,
)


def summarise(title: str, body: str, limit: int) -> str:
    """The first two sentences of the body that do not repeat the title, in at most `limit` characters.

    Cut between words, with …, where they are longer. Empty when there is nothing but the title.
    """
    return _cut(first_sentences(title, body), limit)


def first_sentences(title: str, body: str) -> str:
    """The same, however long they are."""
    found: list[str] = []
    known = _folded(title)
    for sentence in _sentences(body[:_TEXT]):
        if _folded(sentence) != known:
            found.append(sentence)
        if len(found) == SENTENCES:
            break
    return " ".join(found)


def _sentences(text: str) -> Iterator[str]:
    for paragraph in _PARAGRAPH.split(text):
        line = " ".join(paragraph.split())
        start = 0
        for match in _END.finditer(line):
            if _ends(line, match.end()):
                yield line[start : match.end()].strip()
                start = match.end()
        if line[start:].strip():
            yield line[start:].strip()


def _ends(line: str, end: int) -> bool:
    """Whether a sentence ends here: no abbreviation stands before, and what follows does not go on in small letters."""
    return not _GOES_ON.match(line, end) and not _ABBREVIATION.search(line[max(0, end - 20) : end])


def _folded(text: str) -> list[str]:
    return [word.text for word in words(text)]


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    whole = text[:limit].rpartition(" ")[0] or text[: limit - 1]
    return whole.rstrip(" .,;:–—-") + "…"
