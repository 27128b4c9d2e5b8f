"""Languages: which scripts each is written in, and how its words are cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Language:
    """How the words of a language become terms."""

    stemmer: str = ""
    """PyStemmer's name for it; empty: it has none, or a bad one."""
    scripts: tuple[str, ...] = ("Latn",)
    lemmas: bool = False
    """Its forms are looked up in a dictionary first."""
    dotless: bool = False
    """Its capital I is ı, and İ is i."""
    cuts_suffix: bool = False
    """A suffix stands after an apostrophe: Türkiye'nin."""
    elides: bool = False
    """An article stands before an apostrophe: l'accord."""


LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {
        "ar": Language("arabic", ("Arab",)),
        "az": Language(dotless=True, cuts_suffix=True),
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
        "hy": Language("", ("Armn",), lemmas=True),
        "id": Language("indonesian"),
        "it": Language("italian", elides=True),
        "ka": Language("", ("Geor",), lemmas=True),
        "lt": Language("lithuanian"),
        "nb": Language("norwegian"),
        "ne": Language("nepali", ("Deva",)),
        "nl": Language("dutch"),
        "nn": Language("norwegian"),
        "no": Language("norwegian"),
        "pl": Language("polish"),
        "pt": Language("portuguese"),
        "ro": Language("romanian"),
        "ru": Language("russian", ("Cyrl",), lemmas=True),
        "sr": Language("serbian", ("Cyrl", "Latn")),
        "st": Language("sesotho"),
        "sv": Language("swedish"),
        "ta": Language("tamil", ("Taml",)),
        "tr": Language("turkish", lemmas=True, dotless=True, cuts_suffix=True),
        "yi": Language("yiddish", ("Hebr",)),
    }
)
"""ISO 639-1 code -> how its words are cut. A language that is not here is neither stemmed nor cut."""


@cache
def languages_in(script: str) -> tuple[str, ...]:
    """The languages of LANGUAGES that are written in the script; of those with equal rules, one."""
    return tuple({rules: code for code, rules in LANGUAGES.items() if script in rules.scripts}.values())
