"""Stems: what remains of a word without its inflection, so that its forms meet.

A dictionary knows best (lemmas.py); then a Snowball stemmer; and where neither is good, the tables below. Their
suffixes are taken off the end one after another until none is left, whatever the order: so a form that ends like an
inflected one by chance (Putin, in Armenian a dative) and its own forms end at the same stem. What is left between two
steps is looked up again: a known form with a particle behind it meets its word.
"""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

import Stemmer  # type: ignore[import-not-found]  # an extension module without stubs

from storage.text.language import LANGUAGES
from storage.text.lemmas import even, lemma

LEAST: Final = 3
"""Letters that a suffix leaves of a word."""

# Armenian vowels as they end in writing: ու ends in ւ.
_ARMENIAN: Final = (
    "ը",  # the article: նախարարը
    "(?<=[աեէիոօւն])ն",  # the article behind vowels, and before a vowel behind ն: Կոբախիձեն, Փաշինյանն
    "(?<=[աո])յ?ի|ի",  # genitive: Օբամայի, Փաշինյանի
    "յ?ին",  # dative with the article
    "յ?ից",  # from
    "յ?ով",  # with
    "ում",  # in
    "ներ|եր",  # more than one
    "(?<=ութ)(?:յուն|յան|յամբ)",  # government, of the government, by the government
)
_GEORGIAN: Final = (
    "(?<=[აეიოუ])ც|ვე|ღა",  # also, the same, only
    "ში|ზე|თან|თვის|კენ|გან|მდე|დან|ადმი",  # in, on, with, for, towards, from, until, out of, to
    "(?:თან|თვის|კენ|გან|დან)ა",  # the same before "also": მთავრობისთვისაც
    "ი|მა|(?<=[აეიოუ])მ",  # who does it: კაცი, კაცმა, მთავრობამ
    "ს|სა",  # to whom
    "ის|ისა",  # whose
    "ით|ითა|(?<=[ოუ])თი",  # by what
    "ად|ადა|(?<=[აეიოუ])დ",  # as what
    "ო|(?<=[აეიოუ])ვ",  # called
    "ებ",  # more than one
    "ა|ე",  # the last vowel of a stem falls in some cases: კობახიძე, კობახიძის
)
_GEORGIAN_VOWELS: Final = tuple("აეიოუ")
_AZERBAIJANI: Final = (
    "lar|lər",  # more than one
    "s?[ıiuü]",  # its: prezidenti, ölkəsi; the last letter of "seçki" goes with it
    "[ıiuü]?m[ıiuü]z",  # our
    "n?[ıiuü]n",  # whose
    "[ny]?[aə]",  # to whom
    "n[ıiuü]",  # whom
    "n?d[aə]n?",  # where, where from
    "y?l[aə]",  # with what
    "n?d[aə]k[ıi]",  # that which is there
    "d[ıiuü]r",  # is
    # What a suffix may begin with or the word end in, so that the forms of both kinds of words meet:
    # çiçəyə and ölkəyə (k is y before a vowel), Azərbaycanın and Qubanın, polisi and ölkəsi.
    "(?<=[eəiöü])[ky]",
    "(?<=[aeəıioöuü])[ns]",
)
# Of Russian words that no dictionary has: names, mostly. Snowball would take Yerevan for a participle.
_RUSSIAN: Final = (
    "[оеы]го|[оеы]му|[ыи]ми|[ыи]х|[ыи]м|[ыио]й|[ая]я|[ое]е|[ыи]е|[ую]ю",  # like an adjective: Зеленского
    "[ая]ми|[ая]х|[ая]м|[ое]м|[ое]й|[ое]ю",  # Пашиняном
    "[аяоеыиуюьй]",
)
# A dictionary knows the season for fishing, news the president.
_NAMES: Final[Mapping[str, str]] = MappingProxyType(dict.fromkeys(("путина", "путину", "путине"), "путин"))
# Frequent words that end like a form of another word, with i for ı: law is no form of blood, nor Türkiyə of a Turk.
_WHOLE: Final = (
    "azərbaycan ermənistan gürcüstan türkiyə fransa almaniya baki gəncə quba şuşa qanun qadin zaman insan vətən meydan"
    " polis paşa yaxin yalan roman qazan vəzifə zəlzələ ordu sessiya məclis rəis təhsil təlim iqlim müəllim müharibə"
    " ölkə seçki məhkəmə müqavilə"
)
_SUFFIXES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"az": _AZERBAIJANI, "hy": _ARMENIAN, "ka": _GEORGIAN, "ru": _RUSSIAN}
)
_FRONT: Final = "eəiöü"
_VOWELS: Final = re.compile("[aeəıioöuü]")


def stem(word: str, language: str) -> str:
    """The stem of a folded word in a language of LANGUAGES; may be empty."""
    rules = LANGUAGES[language]
    if language == "ru":
        return _NAMES.get(word) or lemma(word, language) or _shorter(word, language) or word
    if language in _SUFFIXES:
        return _stripped(word, language)
    if not rules.lemmas:
        return str(_snowball(rules.stemmer).stemWord(word))
    return lemma(word, language) or _unknown(word, language)


def _unknown(word: str, language: str) -> str:
    """The stem of a Turkish word that the dictionary does not have."""
    cut = str(_snowball(LANGUAGES[language].stemmer).stemWord(even(word)))
    return lemma(cut, language) or cut


def _stripped(word: str, language: str) -> str:
    while True:
        known = _known(word, language)
        shorter = "" if known else _shorter(word, language)
        if not shorter:
            return known or _closed(word, language)
        word = shorter


def _known(word: str, language: str) -> str:
    if language == "az":
        plain = word.replace("ı", "i")
        return plain if plain in _whole() else ""
    found = lemma(word, language)
    if found or language != "ka":
        return found
    # Georgian words are listed with the ending of who does it, which their stems lack, or with the vowel that fell.
    if word.endswith(("ი", "ებ")):
        found = lemma(word + "ა", language)
    return found or ("" if word.endswith(_GEORGIAN_VOWELS) else lemma(word + "ი", language))


def _shorter(word: str, language: str) -> str:
    """The word without a suffix: without the longest, unless another leaves a known word. Empty when it has none."""
    found = _pattern(language).search(word)
    shorter = []
    while found:
        if language != "az":
            return word[: found.start()]
        if _agrees(word, found.start()):
            shorter.append(word[: found.start()])
        found = _pattern(language).search(word, found.start() + 1)
    return next((one for one in shorter if _known(one, language)), shorter[0] if shorter else "")


def _agrees(word: str, at: int) -> bool:
    """Whether the vowels of an Azerbaijani suffix are of the kind that the word's last vowel before it wants."""
    before, after = _VOWELS.findall(word, 0, at), _VOWELS.findall(word, at)
    return bool(before) and all((vowel in _FRONT) == (before[-1] in _FRONT) for vowel in after)


def _closed(word: str, language: str) -> str:
    """Azerbaijani q is ğ before a vowel: uşaq, uşağı."""
    return word[:-1] + "q" if language == "az" and word.endswith("ğ") else word


@cache
def _whole() -> frozenset[str]:
    return frozenset(_WHOLE.split())


@cache
def _pattern(language: str) -> re.Pattern[str]:
    # Searched from the left, so that the longest suffix is found first.
    return re.compile(f"(?<={'.' * LEAST})(?:{'|'.join(_SUFFIXES[language])})$")


@cache
def _snowball(name: str) -> Stemmer.Stemmer:
    # Without its own cache: `terms.term` has one. Threads may share it, as a call holds the interpreter's lock.
    return Stemmer.Stemmer(name, 0)
