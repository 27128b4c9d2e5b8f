"""Languages: which scripts each is written in, how its words are cut, and which one a text is in."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from storage.text.scripts import word_pattern

_SAMPLE: Final = 1_000  # characters; a text's beginning tells its language


@dataclass(frozen=True, slots=True)
class Language:
    """How the words of a language become terms."""

    stemmer: str = ""
    """PyStemmer's name for it; empty: its words are not stemmed."""
    scripts: tuple[str, ...] = ("Latn",)
    cuts_suffix: bool = False
    """A suffix stands after an apostrophe: Türkiye'nin."""
    elides: bool = False
    """An article stands before an apostrophe: l'accord."""


LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {
        "ar": Language("arabic", ("Arab",)),
        "az": Language(cuts_suffix=True),
        "ca": Language("catalan", elides=True),
        "cs": Language("czech"),
        "da": Language("danish"),
        "de": Language("german"),
        "el": Language("greek", ("Grek",)),
        "en": Language("english"),
        "eo": Language("esperanto"),
        "es": Language("spanish"),
        "et": Language("estonian"),
        "eu": Language("basque"),
        "fa": Language("persian", ("Arab",)),
        "fi": Language("finnish"),
        "fr": Language("french", elides=True),
        "ga": Language("irish"),
        "hi": Language("hindi", ("Deva",)),
        "hu": Language("hungarian"),
        "hy": Language("armenian", ("Armn",)),
        "id": Language("indonesian"),
        "it": Language("italian", elides=True),
        "lt": Language("lithuanian"),
        "nb": Language("norwegian"),
        "ne": Language("nepali", ("Deva",)),
        "nl": Language("dutch"),
        "nn": Language("norwegian"),
        "no": Language("norwegian"),
        "pl": Language("polish"),
        "pt": Language("portuguese"),
        "ro": Language("romanian"),
        "ru": Language("russian", ("Cyrl",)),
        "sr": Language("serbian", ("Cyrl", "Latn")),
        "st": Language("sesotho"),
        "sv": Language("swedish"),
        "ta": Language("tamil", ("Taml",)),
        "tr": Language("turkish", cuts_suffix=True),
        "yi": Language("yiddish", ("Hebr",)),
    }
)
"""ISO 639-1 code -> how its words are cut. A language that is not here is neither stemmed nor cut."""

_OF_SCRIPT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Armn": "hy",
        "Geor": "ka",
        "Cyrl": "ru",
        "Grek": "el",
        "Hebr": "he",
        "Arab": "ar",
        "Deva": "hi",
        "Taml": "ta",
        "Hang": "ko",
        "Kana": "ja",
        "Hani": "zh",
    }
)
# Letters that the usual language of the script does not have.
_FOREIGN: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {"ru": re.compile("[^а-яё\\W\\d_]"), "ar": re.compile("[پچژگکیںھہۃےٹڈڑ]")}
)
# Frequent in English, and not words of other languages.
_ENGLISH: Final = frozenset(
    {"the", "and", "of", "to", "that", "with", "from", "has", "have", "will", "which", "said", "its", "been", "were"}
)


@cache
def languages_in(script: str) -> tuple[str, ...]:
    """The languages of LANGUAGES that are written in the script; of those with equal rules, one."""
    return tuple({rules: code for code, rules in LANGUAGES.items() if script in rules.scripts}.values())


def detect(text: str) -> str:
    """The language that the text's script tells, as ISO 639-1; empty when it tells none.

    The script of most letters decides. Latin letters tell a language only where the words are plainly English, and
    Cyrillic or Arabic letters none where many are foreign to Russian or Arabic.
    """
    sample = text[:_SAMPLE]
    script = _main_script(sample)
    if script == "Latn":
        return "en" if _is_english(sample) else ""
    code = _OF_SCRIPT.get(script, "")
    foreign = _FOREIGN.get(code)
    if foreign is None:
        return code
    return code if 50 * len(foreign.findall(sample.casefold())) < len(sample) else ""


def _main_script(text: str) -> str:
    """The script of most letters; kana among ideographs is Japanese. Empty: there are no letters."""
    counts: Counter[str] = Counter()
    for match in word_pattern().finditer(text):
        if not match[0].isdecimal():
            counts[match.lastgroup or ""] += match.end() - match.start()
    if counts["Kana"]:
        counts["Kana"] += counts.pop("Hani", 0)
    return max(counts, key=lambda script: counts[script], default="")


def _is_english(text: str) -> bool:
    """Whether at least four of the marker words are there, and every seventh word is one."""
    words = text.casefold().split()
    found = [word for word in words if word in _ENGLISH]
    return len(set(found)) >= 4 and 7 * len(found) >= len(words)
