"""The writing systems we tell apart, and the pattern that finds words in them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

BLOCKS: Final[Mapping[str, tuple[tuple[int, int], ...]]] = MappingProxyType(
    {
        "Latn": (
            (0x41, 0x2AF),
            (0x1E00, 0x1EFF),
            (0x212A, 0x212B),
            (0xA722, 0xA7FF),
            (0xFB00, 0xFB06),
            (0xFF21, 0xFF5A),
        ),
        "Cyrl": ((0x400, 0x52F), (0x1C80, 0x1C8F), (0xA640, 0xA69F)),
        "Armn": ((0x531, 0x588), (0xFB13, 0xFB17)),
        "Geor": ((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)),
        "Grek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
        "Hebr": ((0x5D0, 0x5F2), (0xFB1D, 0xFB4F)),
        "Arab": ((0x620, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFB), (0xFE70, 0xFEFC)),
        "Deva": ((0x900, 0x97F),),
        "Taml": ((0xB80, 0xBFF),),
        "Hang": ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7A3)),
        "Kana": ((0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)),
        "Hani": ((0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
    }
)
"""ISO 15924 code -> the code points (first, last) whose letters belong to the script."""

IDEOGRAPHIC: Final = frozenset({"Kana", "Hani"})
"""Scripts written without blanks: each character is a word, so that a longer one is found as a phrase."""

APOSTROPHES: Final = "'’‘‛ʼʻʹ`´′＇"
# Soft hyphen, joiners, directional marks, variation selectors, frames around a letter or digit (as on keys); Arabic
# tatweel; Hebrew geresh and gershayim; the Armenian signs that stand on a vowel inside a word.
INVISIBLE: Final = (
    "\u00ad\u200b-\u200f\u2060\ufeff\ufe00-\ufe0f\u202a-\u202e\u2066-\u2069\u20dd-\u20e4\u0640\u05f3\u05f4՚-՟"
)


@cache
def word_pattern() -> re.Pattern[str]:
    """Matches one word of one script; the group's name is the script, "Zyyy" any other."""
    inner = marks() + INVISIBLE
    return re.compile("|".join(f"(?P<{name}>{_word(name, inner)})" for name in (*BLOCKS, "Zyyy")))


@cache
def marks() -> str:
    """The combining marks of living scripts, to stand within brackets in a pattern."""
    living = (*range(0x300, 0x1E00), *range(0x20D0, 0x2100), 0x3099, 0x309A, *range(0xFE20, 0xFE30))
    return _ranges(code for code in living if unicodedata.category(chr(code)) in {"Mn", "Mc", "Me"})


@cache
def letters(script: str) -> str:
    """The letters of a script, to stand within brackets in a pattern."""
    return _ranges(code for first, last in BLOCKS[script] for code in range(first, last + 1) if chr(code).isalpha())


def _word(script: str, inner: str) -> str:
    if script in IDEOGRAPHIC:
        return f"[{letters(script)}][{inner}]*"
    if script == "Zyyy":
        return f"[^\\W_{''.join(map(letters, BLOCKS))}]+(?:[{inner}]+[^\\W_{''.join(map(letters, BLOCKS))}]*)*"
    # Digits before Latin letters belong to the word (5G); before others they stand alone: "2025թ" is found by 2025.
    first = letters(script) + (r"\d" if script == "Latn" else "")
    rest = f"[{letters(script)}\\d{inner}]*"
    return f"[{first}]{rest}(?:[{APOSTROPHES}][{letters(script)}]{rest})*"


def _ranges(codes: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in runs)
