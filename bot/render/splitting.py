"""A long text in parts, each ending where a reader would pause."""

import re

from bot.render.units import prefix

# Where to end, the best first: a paragraph, a sentence (Latin, Cyrillic, Armenian, Arabic, Chinese writing), a word.
_ENDS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"[.!?…։؟][\"'»”’)\]]*\s|[。！？]"),
    re.compile(r"\s"),
)


def split(text: str, *, first: int, rest: int) -> list[str]:
    """The text in parts of at most `first` units, then `rest`. No part is empty; only white space is lost."""
    parts: list[str] = []
    start = _skip_space(text, 0)
    while start < len(text):
        most = rest if parts else first
        end = start + _length(text[start : start + most + 1], most)
        parts.append(text[start:end].rstrip())
        start = _skip_space(text, end)
    return parts


def _length(window: str, most: int) -> int:
    head = prefix(window, most)
    if len(head) == len(window):
        return len(head)
    for end in _ENDS:
        places = [found.end() for found in end.finditer(head)]
        if places and places[-1] > len(head) // 2:
            return places[-1]
    return max(len(head), 1)


def _skip_space(text: str, start: int) -> int:
    while start < len(text) and text[start].isspace():
        start += 1
    return start
