"""What an article is filed under, and what a word of a query looks for."""

import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.models import Article, Source
from storage.text.language import LANGUAGES
from storage.text.terms import LONGEST, anchor_terms, article_terms, fold, slug, term, variants, words

NOON = datetime(2025, 7, 16, 12, tzinfo=UTC)


def article(title, body="", summary="", language="", topics=()):
    source = Source("Civil Net", "Civil Net")
    return Article(1, source, "k", title, NOON, NOON, 1, body, summary, "", topics, language)


def surfaces(text):
    return [word.text for word in words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Peace talks, at last!", ["peace", "talks", "at", "last"]),
        ("AT&T 24/7 C++", ["at", "t", "24", "7", "c"]),
        ("COVID-19, F16 and 5G", ["covid", "19", "f16", "and", "5g"]),
        ("snake_case", ["snake", "case"]),
        ("Gakharia’s party; the parties' leaders", ["gakharia", "party", "the", "parties", "leaders"]),
        ("don't O’Brien", ["don't", "o'brien"]),
        ("ﬁne ½ ＡＢＣ", ["fine", "1", "2", "abc"]),
        ("co\u00adoperation \u200fword\u200f", ["cooperation", "word"]),
        ("Straße", ["strasse"]),
        ("cafe\u0301", ["café"]),
        ("İstanbul ISTANBUL", ["istanbul", "istanbul"]),
        ("DIŞİŞLERİ IĞDIR IRAQ QƏTIYYƏT", ["dışişleri", "ığdır", "iraq", "qətıyyət"]),
        ("Türkiye`nin Türkiye´nin Türkiye′nin Türkiye‛nin", ["türkiye'nin"] * 4),
        ("1,000,000 3.5 2025-07-16 16.07.2025", ["1", "000", "000", "3", "5", "2025", "07", "16", "16", "07", "2025"]),
        ("2025-ին 1990-х 20-ci", ["2025", "ին", "1990", "х", "20", "ci"]),
        ("٢٠٢٥ २०२५ ５", ["2025", "2025", "5"]),
        (".am C# @name #hashtag Q&A №5 ²", ["am", "c", "name", "hashtag", "q", "a", "5", "2"]),
        ("https://example.org/a?b=1", ["https", "example", "org", "a", "b", "1"]),
        ("Нагорно-Карабахский", ["нагорно", "карабахский"]),
        ("5\ufe0f\u20e3 a\u20dd", ["5", "a"]),
        ("🇦🇲 👩\u200d👩\u200d👧 👍🏽 🏴\U000e0067\U000e007f \u0301 \ud83d \u20e3", []),
        ("ԵՐԵՎԱՆ Երեւան Երևան", ["երեվան", "երևան", "երևան"]),
        ("Ещё Ёлка Йод", ["еще", "елка", "йод"]),
        ("п'ять м’ята", ["п'ять", "м'ята"]),
        ("2025г.", ["2025", "г"]),
        ("Հա՛յ, ինչո՞ւ՝ ո՜վ", ["հայ", "ինչու", "ով"]),
        ("և ԵՒ եւ", ["և", "և", "և"]),
        ("2025թ. iPhoneը", ["2025", "թ", "iphone", "ը"]),
        ("ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ საქართველო", ["საქართველო", "საქართველო"]),
        ("हिन्दी किताबें", ["हिन्दी", "किताबें"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("", []),
        ("… — !!! 🙂", []),
    ],
)
def test_words(text, expected):
    assert surfaces(text) == expected


def test_a_word_knows_its_place():
    text = "«Ո՞վ է» said Gakharia’s ½"
    assert [text[word.start : word.end] for word in words(text)] == ["Ո՞վ", "է", "said", "Gakharia’s", "½", "½"]


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", ["running", "runs", "run", "Runs", "RUN’S"]),
        ("en", ["governments", "government’s"]),
        ("ru", ["президент", "президента", "президенту", "ПРЕЗИДЕНТОМ"]),
        ("ru", ["зелёный", "зеленый", "зелёного"]),
        ("hy", ["Հայաստան", "հայաստանում", "Հայաստանո՛ւմ"]),
        ("hy", ["կառավարություն", "կառավարության", "կառավարությունը", "կառավարությամբ", "ԿԱՌԱՎԱՐՈՒԹՅՈՒՆ"]),
        ("hy", ["Երևան", "Երեւան", "Երևանը", "Երևանում", "ԵՐԵՎԱՆ"]),
        ("tr", ["Türkiye", "Türkiye'nin", "TÜRKİYE’YE", "türkiye"]),
        ("tr", ["İstanbul", "istanbul", "ISTANBUL", "ıstanbul", "İstanbul'da"]),
        ("az", ["Bakı", "Bakı’nın", "BAKI"]),
        ("ka", ["თბილისი", "ᲗᲑᲘᲚᲘᲡᲘ"]),
        ("fr", ["accord", "l'accord", "L’ACCORD", "accords"]),
        ("de", ["Häuser", "Haus"]),
        ("", ["don't", "dont", "DON’T"]),
    ],
)
def test_forms_that_meet(language, forms):
    assert len({term(surface, language) for form in forms for surface in surfaces(form)}) == 1


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("ru", "йод", "иод"),
        ("", "running", "run"),
        ("ka", "თბილისი", "ბათუმი"),
        ("", "თბილისი", "თბილისში"),
        ("en", "peace", "peak"),
        ("hy", "Armenia", "Armenias"),  # English is not cut by Armenian rules
        ("hi", "किताब", "कतब"),
        ("ja", "か", "が"),
    ],
)
def test_forms_that_stay_apart(language, one, other):
    assert [term(surface, language) for surface in surfaces(one)] != [
        term(surface, language) for surface in surfaces(other)
    ]


@pytest.mark.parametrize(
    ("surface", "language", "expected"),
    [
        ("o'brien", "", "obrien"),
        ("o'brien", "en", "obrien"),
        ("bakı'nın", "az", "bakiː"),
        ("o'brien'in", "az", "obrieː"),
        ("d'artagnan", "az", "dartagː"),
        ("м'ята", "uk", "мята"),
    ],
)
def test_an_apostrophe(surface, language, expected):
    assert term(surface, language) == expected


@pytest.mark.parametrize(("surface", "language"), [("छ", "ne"), ("άέί", "el")])
def test_a_word_of_which_the_stemmer_leaves_nothing_is_its_own_term(surface, language):
    assert term(surface, language) == fold(surface)


def test_one_letter_after_an_apostrophe_is_no_word():
    assert term("n'a", "fr") == term("na", "fr")


@pytest.mark.parametrize(
    ("surface", "folded"),
    [
        ("é", "e"),
        ("й", "й"),
        ("ё", "е"),
        ("ï", "i"),
        ("ı", "i"),
        ("ørsted", "orsted"),
        ("łódź", "lodz"),
        ("œuvre", "oeuvre"),
        ("ơ", "o"),
        ("تَجْرِبَة", "تجربة"),
        ("שָׁלוֹם", "שלום"),
        ("ά", "α"),
        ("हिन्दी", "हिन्दी"),
        ("が", "が"),
        ("한국", "한국"),
        ("o'brien", "obrien"),
    ],
)
def test_folding(surface, folded):
    assert fold(surface) == folded


def test_a_query_word_is_tried_in_each_language_of_its_script():
    assert {("running",), ("run",)} <= variants("running")
    assert variants("президента") >= {("президента",), ("президент",)}
    assert variants("թբիլիսիում") >= {(term("թբիլիսիում", "hy"),), ("թբիլիսիում",)}
    assert variants("თბილისში") == {("თბილისი",), ("თბილისში",)}
    assert variants("2025") == {("2025",)}
    assert variants("!?") == frozenset()


def test_a_phrase_is_taken_in_one_language_at_a_time():
    assert ("peac", "treati") in variants("Peace treaties")
    assert ("peace", "treaties") in variants("Peace treaties")
    assert ("peac", "treaties") not in variants("Peace treaties")
    assert ("google", "объявить") in variants("Google объявил")


@pytest.mark.parametrize(
    ("query", "other"), [("peace", "ace"), ("peace", "peak"), ("minister", "mini"), ("armenia", "armen")]
)
def test_other_languages_stems_find_no_english_words(query, other):
    assert variants(query).isdisjoint({(term(other, "en"),), (term(other, ""),)})


SAMPLES = (
    "Running Gakharia’s Türkiye'nin İstanbul ISPARTA l'accord économie Президента ещё Հա՛յ կառավարության և "
    "თბილისში Häuser don't COVID-19 2025թ iPhoneը किताबें 東京 תל־אביב تجربة AT&T ½"
)
TEXTS = st.lists(st.sampled_from(SAMPLES.split()) | st.text(max_size=8), min_size=1, max_size=6)


@given(TEXTS, st.sampled_from(["", "xx", *LANGUAGES]))
def test_every_word_of_an_article_finds_it(pieces, language):
    terms = article_terms(article(" ".join(pieces), language=language))
    for piece in pieces:
        for word in words(piece):
            assert not {variant[0] for variant in variants(word.text)}.isdisjoint(terms.title)


@given(st.text(), st.sampled_from(["", *LANGUAGES]))
def test_terms_are_bounded_and_plain(text, language):
    for surface in surfaces(text):
        assert 0 < len(surface) <= LONGEST
        made = term(surface, language)
        assert made
        assert made.isprintable()
        assert not set(made) & set(string.punctuation + string.whitespace)


def test_surfaces_and_folds_are_final():
    for code in range(0x10000):
        for text in (chr(code), f"a{chr(code)}b"):
            found = surfaces(text)
            assert surfaces(" ".join(found)) == found
            assert [fold(fold(surface)) for surface in found] == [fold(surface) for surface in found]


def test_long_words_are_cut():
    assert surfaces("a" * 10_000 + " b") == ["a" * LONGEST, "b"]
    assert surfaces("é" * 200) == ["é" * LONGEST]


def test_the_terms_of_an_article():
    terms = article_terms(article("Treaties signed", "Both ran.", "A summary", "en", ("World Politics", "ՀՀ")))
    assert terms.title == ("treati", "sign")
    assert terms.text == (("treati", "sign"), ("a", "summari"), ("both", "ran"))
    assert terms.forms == {"treaties", "signed", "a", "summary", "both", "ran"}
    assert terms.title_forms == {"treaties", "signed"}
    assert terms.facets == {"*", "source:civil-net", "topic:world-politics", "topic:հհ", "lang:en"}


def test_sections_are_apart_in_the_sequence():
    terms = article_terms(article("one", "three", "two"))
    assert terms.sequence == ("one", "", "two", "", "three", "")


def test_what_an_article_can_be_found_under():
    found = anchor_terms(article_terms(article("Treaties of dying", language="en")))
    beginnings = {"^tre", "^treat", "^die", "^dyi", "^dying"}
    assert found == {"treati", "of", "die", *beginnings, "source:civil-net", "lang:en", "*"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ArmenPress", "armenpress"),
        ("Civil Net.am", "civil-net-am"),
        ("  Էկոնոմիկա & Ֆինանսներ! ", "էկոնոմիկա-ֆինանսներ"),
        ("ＢＢＣ", "bbc"),
        ("İş", "iş"),
        ("!!!", ""),
    ],
)
def test_slug(name, expected):
    assert slug(name) == expected


@given(st.text())
def test_a_slug_is_its_own_slug(name):
    assert slug(slug(name)) == slug(name)
