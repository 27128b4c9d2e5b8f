"""The version of the terms: other rules must have another number, so that an old index is made anew."""

import re
from hashlib import sha256

from headlines import HEADLINES
from paradigms import PARADIGMS

from storage.text.language import LANGUAGES
from storage.text.terms import fold, term, words
from storage.text.version import RULES, terms_version

ODD = (
    "Running Gakharia’s Türkiye'nin İstanbul ISPARTA DIŞİŞLERİ l'accord économie Président Häuser don't COVID-19 2025թ "
    "iPhoneը किताबें 東京 תל־אביב تجربة AT&T ½ ٢٠٢٥ 5\ufe0f\u20e3 Ещё ёлка й Հա՛յ և ԵՒ եւ ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ ﬁne Straße łódź"
)
DIGESTS = {2: "005abe1c1a8f1f4b"}
"""The number of the rules -> what they make of the sample."""


def test_other_rules_have_another_number():
    sample = " ".join((ODD, *HEADLINES.values(), *PARADIGMS.values()))
    made = [
        f"{word.text} {fold(word.text)} {code} {term(word.text, code)}"
        for word in words(sample)
        for code in ("", *LANGUAGES)
    ]
    digest = sha256("\n".join(made).encode()).hexdigest()[:16]
    assert DIGESTS[RULES] == digest, "the terms differ from those of this number: raise RULES and note the new digest"


def test_the_version_names_what_the_terms_depend_on():
    assert re.fullmatch(r"rules-\d+ PyStemmer-[\w.]+ simplemma-[\w.]+ unicode-[\d.]+", terms_version())
