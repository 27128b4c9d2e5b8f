"""The query language: what is read, how it is written down, what is refused."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import QueryError
from storage.query import EVERYTHING, After, All, And, Before, Facet, Not, Or, Prefix, Query, Words

JULY = datetime(2025, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        # words, phrases
        ("Peace", "peace"),
        ("  armenia   Peace ", "armenia peace"),
        ("peace armenia peace", "armenia peace"),
        ('"Peace Treaty"', '"peace treaty"'),
        ('"Peace"', "peace"),
        ('zebra "peace treaty" armenia', 'armenia "peace treaty" zebra'),
        ("AT&T 24/7 C++", '"24 7" "at t" c'),
        ("!!! peace ---", "peace"),
        ("Yerevan: talks", "talks yerevan"),
        ("http://civil.am/x", '"http civil am x"'),
        ("Gakharia’s don’t", "don't gakharia"),
        ("ПРЕЗИДЕНТ Ещё", "еще президент"),
        ("Հա՛յ ՀԱՅԱՍՏԱՆ և", "հայ հայաստան և"),
        ("İstanbul", "istanbul"),
        ("\u0130\u0301", "í"),
        ("i\u0307\u0307\u0301", "í"),
        ("ё\u0308\u0323", "е\u0323"),
        ("Ტფილისი", "ტფილისი"),
        # or, and, exclusion, grouping
        ("b OR a", "a OR b"),
        ("a OR b c", "c a OR b"),
        ("a b OR c d", "a d b OR c"),
        ("(a b) OR c", "c OR (a b)"),
        ("((a))", "a"),
        ("(a OR b) OR (c OR a)", "a OR b OR c"),
        ("(a (b c)) (d)", "a b c d"),
        ("a OR a", "a"),
        ("(a) " * 9, "a"),
        ("a AND b", "a b"),
        ("a or b", "a b or"),
        ('"OR" a', "a or"),
        ("-b a", "a -b"),
        ('a -"x y"', 'a -"x y"'),
        ("a -(b OR c)", "a -(b OR c)"),
        ("a -(c b)", "a -(b c)"),
        ("a -(b)", "a -b"),
        ("--b a", "a -b"),
        ("a (-b -c)", "a -b -c"),
        ("anti-corruption a - b", 'a "anti corruption" b'),
        ('"peace"-related', "peace related"),
        # everything
        ("*", "*"),
        ("* a", "a"),
        ("* -a", "* -a"),
        ("* a OR *", "*"),
        ("a OR (* -b)", "a OR (* -b)"),
        # prefixes, titles
        ("Gov* GOVERN*", "gov* govern*"),
        ("ՆԱԽԱ* През*", "през* նախա*"),
        ("énergie*", "energie*"),
        ("title:Peace title:gov* Title:'two'", "title:peace title:two title:gov*"),
        ('title:"Two Words"', 'title:"two words"'),
        ("title:AT&T", 'title:"at t"'),
        # facets, dates
        ("source:ArmenPress lang:EN topic:Էկոնոմիկա", "lang:en source:armenpress topic:էկոնոմիկա"),
        ('source:"Civil Net" topic:"World & Politics"', "source:civil-net topic:world-politics"),
        ("before:2025-07-16 after:2025-07-01 a", "a after:2025-07-01 before:2025-07-16"),
        ("after:7D", "after:7d"),
        ("after:1w", "after:7d"),
        ("after:48h before:5h", "after:2d before:5h"),
        ('after:"7d"', "after:7d"),
        # pasted
        ("“peace treaty” «ՀՀ նախագահ» „x y“", '"peace treaty" "x y" "հհ նախագահ"'),
        ("a –b —c −d", "a -b -c -d"),
        ("Armenia — Azerbaijan", "armenia azerbaijan"),
        ("source：x （a，b）", "a b source:x"),
        ("peace, war; talks", "peace talks war"),
        ("a\tb\nc", "a b c"),
    ],
)
def test_canonical_text(typed, canonical):
    query = Query.parse(typed)
    assert query.text == canonical
    assert Query.parse(canonical).node == query.node
    assert Query.parse(canonical) == query


@pytest.mark.parametrize(
    ("typed", "node"),
    [
        ("*", All()),
        ("peace", Words("peace")),
        ('title:"peace treaty"', Words("peace treaty", title=True)),
        ("gov*", Prefix("gov")),
        ("title:gov*", Prefix("gov", title=True)),
        ("source:x", Facet("source:x")),
        ("after:2025-07-01", After(JULY)),
        ("before:2d", Before(timedelta(days=2))),
        ("a -b", And((Words("a"), Not(Words("b"))))),
        ("a OR b c", And((Words("c"), Or((Words("a"), Words("b")))))),
    ],
)
def test_the_tree(typed, node):
    assert Query.parse(typed).node == node


LONG = " ".join(letter + "ﬃ" * 20 for letter in "abcdefghij")
ERRORS = [
    ("", 0, "a word to look for, or * for everything", "*"),
    ("  !!! ", 0, "a word to look for, or * for everything", "*"),
    ('"', 0, 'a second " that ends the phrase', ""),
    ('peace "two words', 6, 'a second " that ends the phrase', ""),
    ("peace (a b", 6, "a ) for this (", ""),
    ("((a)", 0, "a ) for this (", ""),
    ("a b) c", 3, "no ) here: none is open", ""),
    ("a ()", 3, "a word between ( and )", ""),
    ("a OR", 4, "a word after OR", ""),
    ("a OR )", 5, "a word after OR", ""),
    ("(a OR) b", 5, "a word after OR", ""),
    ("OR a", 0, "a word before OR", ""),
    ("a OR OR b", 5, "a word after OR", ""),
    ("a -OR b", 3, "a word after -", ""),
    ("title:", 6, 'a word or a "phrase" right after the colon', ""),
    ("a title: b", 8, 'a word or a "phrase" right after the colon', ""),
    ("title:!!!", 6, 'a word or a "phrase"', ""),
    ("title:*", 6, "one word before *", ""),
    ("source: x", 7, "a source's name right after the colon", ""),
    ('topic:"&"', 6, "a topic's name", ""),
    ("lang:english", 5, "a language's code like en", ""),
    ("lang:(en)", 5, "a language's code like en right after the colon", ""),
    ("a after:yesterday", 8, "a date like 2025-07-01 or 7d", ""),
    ("after:2025-02-30", 6, "a date like 2025-07-01 or 7d", ""),
    ("before:01.07.2025", 7, "a date like 2025-07-01 or 7d", ""),
    ("after:0d", 6, "a date like 2025-07-01 or 7d", ""),
    ("after:999999w", 6, "a date like 2025-07-01 or 7d", ""),
    ("after:", 6, "a date like 2025-07-01 or 7d right after the colon", ""),
    ("a go*", 2, "3 letters or more before *", ""),
    ("a g*v", 3, "* at the end of a word only", ""),
    ("*bold*", 0, "* at the end of a word only", ""),
    ("anti-corr*", 0, "one word before *", ""),
    ("-football", 0, "a word to look for beside what is excluded, or *", "* -football"),
    ("-b -a", 0, "a word to look for beside what is excluded, or *", "* -a -b"),
    ("a OR -b", 5, "a word to look for beside what is excluded, or *", ""),
    ("a -(-b)", 2, "a word to look for beside what is excluded, or *", ""),
    ("a -(-b -c)", 2, "a word to look for beside what is excluded, or *", ""),
    ("a -*", 2, "something else than * after -: nothing would be left", ""),
    ("a -(b OR *)", 2, "something else than * after -: nothing would be left", ""),
    ("a\0b", 1, "no control characters", ""),
    ("a b\x1b", 3, "no control characters", ""),
    ("a\ud800", 1, "no control characters", ""),
    ("x" * 257, 256, "at most 256 characters", ""),
    ("a " * 16 + "b", 32, "at most 16 words", ""),
    ('"' + "a " * 17 + '"', 0, "at most 16 words", ""),
    ("(" * 9 + "a" + ")" * 9, 8, "at most 8 parentheses inside one another", ""),
    (LONG, len(LONG), "a query that is not over 256 characters when written out", ""),
]


@pytest.mark.parametrize(("typed", "position", "expected", "hint"), ERRORS)
def test_errors(typed, position, expected, hint):
    with pytest.raises(QueryError) as caught:
        Query.parse(typed)
    error = caught.value
    assert (error.text, error.position, error.expected, error.hint) == (typed, position, expected, hint)
    if hint:
        assert Query.parse(hint).text == hint


def test_everything():
    assert Query.parse("*") == EVERYTHING


def test_sixteen_words_are_not_too_many():
    assert len(Query.parse(" ".join(f"w{n}" for n in range(16))).words) == 16


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('Armenia "peace treaty" -football lang:en', ("armenia", "peace treaty")),
        ("(a OR b) gov* title:a -(c d)", ("a", "gov*", "b")),
        ("source:x", ()),
    ],
)
def test_the_words_that_are_looked_for(query, words):
    assert Query.parse(query).words == words


@pytest.mark.parametrize(
    ("query", "less"),
    [
        ('armenia "peace treaty" -x', ['"peace treaty" -x', "armenia -x"]),
        ("gov* title:a source:x", ["gov* source:x", "source:x title:a"]),
        ("a b OR c", ["b OR c"]),
        ("a -b", []),
        ("a", []),
        ("a OR b", []),
        ("source:x topic:y", []),
        ("*", []),
    ],
)
def test_without_each(query, less):
    found = Query.parse(query).without_each()
    assert found == [Query.parse(text) for text in less]


@pytest.mark.parametrize("query", ["*", "armenia -b", "armenia after:2025-07-01", "lang:hy source:x"])
def test_what_can_be_followed(query):
    Query.parse(query).check_followable()


@pytest.mark.parametrize(
    ("query", "position", "hint"),
    [
        ("armenia before:2025-07-16", 8, "armenia"),
        ("armenia after:7d", 8, "armenia"),
        ("a b OR before:3d", 7, "a"),
        ("armenia -before:2025-07-16", 9, "armenia"),
        ("after:7d", 0, ""),
        ("after:7d -x", 0, ""),
    ],
)
def test_what_cannot_be_followed(query, position, hint):
    with pytest.raises(QueryError) as caught:
        Query.parse(query).check_followable()
    assert caught.value.position == position
    assert caught.value.hint == hint
    assert "what you follow" in caught.value.expected


PIECES = st.sampled_from(
    [
        *(
            "OR",
            " OR ",
            "AND",
            "-",
            "(",
            ")",
            '"',
            "*",
            "title:",
            "source:",
            "lang:",
            "after:",
            "before:",
            "7d",
            "2025-01-01",
        ),
        *(" ", "armenia", "gov", "l'x", "İ", "ŉ", "ﷺ", "ß", "ё", "Հա՛յ", "և", "'s", "½", "\0", "“", "—", "ab\u0345"),
        *("\u0130\u0301", "i\u0307\u0307", "ё\u0308\u0323", "\u0307", "\u0308", "\u0301"),
    ]
)


def parsed(text):
    """The query, or the error; anything else is raised."""
    try:
        return Query.parse(text)
    except QueryError as error:
        return error


@given(st.text(max_size=300) | st.lists(PIECES | st.text(max_size=3), max_size=40).map("".join))
def test_any_text_is_a_query_or_an_error_with_a_place(text):
    found = parsed(text)
    if isinstance(found, QueryError):
        assert 0 <= found.position <= len(text)
        assert found.expected
        return
    again = Query.parse(found.text)
    assert again.text == found.text
    assert again.node == found.node
    assert len(found.text) <= 256


@pytest.mark.parametrize("piece", ["(", "-", '"', "-(", "a OR ", "*", "title:", "'", "\u0301", "a'", "a\u0301", "ﷺ"])
def test_hostile_texts_take_no_time(piece):
    for text in (piece * (256 // len(piece)), piece * 100_000):
        start = time.process_time()
        parsed(text)
        assert time.process_time() - start < 0.2
