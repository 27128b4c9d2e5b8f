"""Terms: what an article is filed under and a query looks for. The same text gives the same terms, everywhere.

A word is taken through three steps:

    raw       as it stands in the text                             İstanbul'da   Gakharia’s   Հա՛յ
    surface   NFKC, case folded, signs inside it gone              istanbul'da   gakharia     հայ
    term      its stem in the text's language, without accents     istanbul      gakharia     հայ
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

from storage.models import Article
from storage.text.language import LANGUAGES, languages_in
from storage.text.scripts import APOSTROPHES, INVISIBLE, marks, word_pattern
from storage.text.stems import stem

GAP: Final = ""
"""Stands between sections in `ArticleTerms.sequence`. Never a term."""
LONGEST: Final = 64
"""Characters of a word that count."""
PREFIX: Final = 3
"""Characters a prefix must have."""
BEGINNINGS: Final = (5, PREFIX)
"""Prefixes are filed under so many of their characters: the more, the fewer share a place."""

_RAW: Final = 4 * LONGEST  # room for signs that vanish
# Stems of most Latin-script languages are often other languages' words ("peace" gives Indonesian "ace", Czech "peak").
# The sign keeps them away from English and from texts of unknown language. It is a letter, so no separator.
_OTHER_LATIN: Final = "ː"
# Letters that no decomposition takes apart. In capitals և is ԵՎ.
_LETTERS: Final[Mapping[int, str]] = MappingProxyType(
    str.maketrans({"և": "եվ", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"})
)
_APOSTROPHE: Final = re.compile(f"[{APOSTROPHES}]")
_DOTTED: Final = re.compile("i\u0307+")  # İ in small
# Letters that tell in a word of any text that its I is ı: in Turkish and Azerbaijani only.
_DOTLESS: Final = re.compile("[İĞğƏə]")
_DIGIT: Final = re.compile(r"[^\D0-9]")
_YO: Final = re.compile("ё([\u0300-\u036f]*)")
_POSSESSIVE: Final = re.compile("(?:'s)+$")
_INVISIBLE: Final = re.compile(f"[{INVISIBLE}]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: its surface, and where it stands in the original, `text[start:end]`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ArticleTerms:
    """Everything about an article that a query can ask for, but its time."""

    title: tuple[str, ...]
    """Terms of the title, in order."""
    text: tuple[tuple[str, ...], ...]
    """Terms of title, summary and body, in order. A phrase lies within one of them."""
    forms: frozenset[str]
    """Words of all sections, folded but not stemmed: what `word*` matches, together with the terms."""
    title_forms: frozenset[str]
    facets: frozenset[str]
    """`source:name`, `topic:name`, `lang:xx` and `*`."""
    terms: frozenset[str] = field(init=False, repr=False, compare=False)
    title_terms: frozenset[str] = field(init=False, repr=False, compare=False)
    sequence: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """All sections as one, GAP after each."""
    beginnings: str = field(init=False, repr=False, compare=False)
    """All terms and forms, a blank before each: `" gov" in beginnings` is whether a word begins with gov."""
    title_beginnings: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        terms = frozenset(term for section in self.text for term in section)
        title_terms = frozenset(self.title)
        derived = {
            "terms": terms,
            "title_terms": title_terms,
            "sequence": tuple(term for section in self.text for term in (*section, GAP)),
            "beginnings": " " + " ".join(terms | self.forms),
            "title_beginnings": " " + " ".join(title_terms | self.title_forms),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)


def article_terms(article: Article) -> ArticleTerms:
    """The terms of an article's title, summary, body, language, source and topics."""
    sections = [_section(text, article.language) for text in (article.title, article.summary, article.body)]
    title = sections[0]
    return ArticleTerms(
        title=tuple(term for term, _ in title),
        text=tuple(tuple(term for term, _ in section) for section in sections),
        forms=frozenset(form for section in sections for _, form in section),
        title_forms=frozenset(form for _, form in title),
        facets=frozenset(_facets(article)),
    )


def anchor_terms(terms: ArticleTerms) -> frozenset[str]:
    """Every term that a query which wants the article may be filed under.

    Those are its terms, its facets, and for prefixes `^` with the first characters of each term and form.
    """
    found = terms.terms | terms.forms
    beginnings = (f"^{word[:length]}" for length in BEGINNINGS for word in found if len(word) >= length)
    return terms.terms.union(terms.facets, beginnings)


def words(text: str) -> list[Word]:
    """The words of a text in order. A raw word that NFKC takes apart gives several words of one place."""
    return [
        Word(surface, match.start(), match.end())
        for match in word_pattern().finditer(text)
        for surface in _surfaces(match[0][:_RAW])
    ]


def raw_words(text: str, language: str) -> Iterator[tuple[int, int, tuple[tuple[str, str], ...]]]:
    """Where each raw word of a text begins and ends, and term and folded form of each word in it."""
    for match in word_pattern().finditer(text):
        yield match.start(), match.end(), _terms(match[0][:_RAW], language)


@lru_cache(maxsize=2**13)
def variants(text: str) -> frozenset[tuple[str, ...]]:
    """A query's word or phrase as terms: once in each language its scripts allow, and once unstemmed.

    Empty when the text has no word.
    """
    surfaces = [word.text for word in words(text)]
    if not surfaces:
        return frozenset()
    scripts = {_script(surface) for surface in surfaces}
    languages = {"", *(code for script in scripts for code in languages_in(script))}
    return frozenset(tuple(term(surface, code) for surface in surfaces) for code in languages)


@lru_cache(maxsize=2**16)
def term(surface: str, language: str) -> str:
    """The term of a surface in a language (ISO 639-1): stemmed if the language and its script allow, then folded."""
    rules = LANGUAGES.get(language)
    part = _part(surface, language)
    if rules is None or _script(surface) not in rules.scripts:
        return fold(part)
    # A stemmer can leave nothing of a word.
    made = fold(stem(part, language)) or fold(part)
    return made + _OTHER_LATIN if "Latn" in rules.scripts and language != "en" else made


def fold(surface: str) -> str:
    """The surface without accents, points, apostrophes: ё is е, é is e, ı is i; й stays й, vowel signs stay."""
    if surface.isascii():
        return surface.replace("'", "")
    bare = _accents().sub("", unicodedata.normalize("NFD", surface))
    return unicodedata.normalize("NFC", bare).translate(_LETTERS).replace("'", "")


def slug(name: str) -> str:
    """A name as people type it after `source:` and `topic:`: folded in case, `-` for all but letters and digits."""
    return "-".join(re.findall(f"[^\\W_][^\\W_{marks()}]*", _normal(name)))[:LONGEST].rstrip("-")


def _section(text: str, language: str) -> list[tuple[str, str]]:
    return [pair for match in word_pattern().finditer(text) for pair in _terms(match[0][:_RAW], language)]


@lru_cache(maxsize=2**16)
def _terms(raw: str, language: str) -> tuple[tuple[str, str], ...]:
    """Term and form of each word in a raw word."""
    rules = LANGUAGES.get(language)
    if rules and rules.dotless:
        raw = raw.replace("I", "ı")
    return tuple((term(surface, language), fold(_part(surface, language))) for surface in _surfaces(raw))


def _facets(article: Article) -> Iterator[str]:
    yield "*"
    yield f"source:{slug(article.source.name)}"
    yield from (f"topic:{slug(topic)}" for topic in article.topics)
    if article.language:
        yield f"lang:{article.language.casefold()}"


def _surfaces(raw: str) -> Iterable[str]:
    """The surfaces in a raw word: one, but where NFKC takes it apart (½ is 1 and 2)."""
    if raw.isascii() and raw.isalnum():
        return (raw.lower()[:LONGEST],)
    if _DOTLESS.search(raw):
        raw = raw.replace("I", "ı")
    return [_POSSESSIVE.sub("", match[0])[:LONGEST] for match in word_pattern().finditer(_normal(raw))]


def _normal(text: str) -> str:
    text = _APOSTROPHE.sub("'", _INVISIBLE.sub("", text))  # some apostrophes become a blank by NFKC
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    text = _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
    text = _YO.sub(lambda yo: "е" + yo[1].replace("\u0308", ""), _DOTTED.sub("i", text))
    # What follows a letter that has lost its dots may join it now: İ with an acute is í.
    return _APOSTROPHE.sub("'", unicodedata.normalize("NFKC", text).replace("եւ", "և"))


def _part(surface: str, language: str) -> str:
    """What counts of a word with an apostrophe: in Turkish what is before it, in French what is after, else all."""
    before, apostrophe, after = surface.rpartition("'")
    rules = LANGUAGES.get(language)
    if not apostrophe or rules is None:
        return surface.replace("'", "")
    if rules.cuts_suffix and len(before) > 1:
        return before.replace("'", "")
    if rules.elides and len(after) > 1:
        return after
    return surface.replace("'", "")


def _script(surface: str) -> str:
    match = None if surface.isdecimal() else word_pattern().match(surface)
    return (match and match.lastgroup) or ""


@cache
def _accents() -> re.Pattern[str]:
    """Marks that are laid on letters and may be left out; й is a letter of its own.

    By canonical combining class (Unicode, chapter 4): 10 to 35 are Hebrew and Arabic points, 200 to 240 accents; the
    others are vowel signs, viramas and kana voicing, which make another word.
    """
    laid = {*range(10, 36), *range(200, 241)}
    found = (chr(code) for code in range(0x300, 0x1E00) if unicodedata.combining(chr(code)) in laid)
    return re.compile(f"(?<!и)\u0306|[{''.join(found).replace(chr(0x306), '')}]")
