"""Forms of a word meet at one term, in an article and in a query, whether a dictionary has them or not."""

from datetime import UTC, datetime

import pytest
from paradigms import APART, PARADIGMS, paradigms

from storage.models import Article, Source
from storage.query import Query
from storage.text.lemmas import even, lemma
from storage.text.terms import term, words

NOON = datetime(2025, 7, 16, 12, tzinfo=UTC)


def finds(query, text, language):
    article = Article(1, Source("s", "s"), "k", text, NOON, NOON, 1, language=language)
    return Query.parse(query).matches(article, NOON)


@pytest.mark.parametrize(
    ("language", "forms"),
    [(code, forms) for code in PARADIGMS for forms in paradigms(code)],
    ids=lambda value: value[0],
)
def test_each_form_finds_each(language, forms):
    for form in forms:
        assert finds(forms[0], form, language), form
        assert finds(form, forms[0], language), form


@pytest.mark.parametrize("language", PARADIGMS)
def test_words_of_their_own_stay_apart(language):
    own = [words(word)[0].text for word in APART[language].split()]
    met = {one: term(one, language) for one in own}
    assert len(set(met.values())) == len(met), sorted(met.items(), key=lambda pair: pair[1])


@pytest.mark.parametrize("language", PARADIGMS)
def test_a_term_has_a_letter_of_the_word(language):
    for forms in paradigms(language):
        assert all(len(term(words(form)[0].text, language)) >= 2 for form in forms)


@pytest.mark.parametrize(
    ("word", "language", "found"),
    [
        ("սահմանումից", "hy", "սահմանել"),  # a form of a word that is listed as a form of another
        ("երևանից", "hy", "երևան"),  # a name, listed with a capital
        ("երեվանից", "hy", "երևան"),  # as capitals become small
        ("სხდომაზე", "ka", "სხდება"),
        ("sinirda", "tr", "sınır"),  # capitals, or a keyboard without ı
        ("kadinlar", "tr", "kadın"),
        ("ın", "tr", ""),
        ("zzzz", "tr", ""),
    ],
)
def test_what_a_dictionary_tells(word, language, found):
    assert lemma(word, language) == found


@pytest.mark.parametrize(
    ("word", "first", "evened"),
    [
        ("sinirda", "ı", "sınırda"),
        ("sinirda", "i", "sinirda"),
        ("ısparta", "i", "isparta"),
        ("kapi", "i", "kapı"),
        ("kedı", "ı", "kedi"),
        ("görünüm", "i", "görünüm"),
    ],
)
def test_i_in_harmony(word, first, evened):
    assert even(word, first) == evened
