"""The query language: what is read, how it is written down, what is refused."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

from storage.errors import QueryError
from storage.models import Sort
from storage.query import EVERYTHING, After, All, And, Before, Facet, Not, Or, Prefix, Query, Question, Words
from storage.query.dates import Day

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
        ("10,000 men, 1,234,567 women", '"1 234 567" "10 000" men women'),
        ("10,000.50 -2,500", '"10 000 50" -"2 500"'),
        ("2024,2025 1,2 7,500,1", "1 2 2024 2025 500 7"),
        ("(10,000, 5)", '"10 000" 5'),
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
        ("a -(b OR c)", "a -b -c"),
        ("a -(b OR (c d))", "a -(c d) -b"),
        ("a -(c b)", "a -(b c)"),
        ("a -(b)", "a -b"),
        ("--b a", "a -b"),
        ("a -(-b)", "a b"),
        ("a -(-(-(b)))", "a -b"),
        ("-(-b -c)", "b OR c"),
        ("a -(-b -c)", "a b OR c"),
        ("a -(* -b)", "a b"),
        ("a OR -(-b)", "a OR b"),
        ("a -(b -c)", "a -(b -c)"),
        ("a -(b -(c OR d))", "a -(b -c -d)"),
        ("a (-b -c)", "a -b -c"),
        ("anti-corruption a - b", 'a "anti corruption" b'),
        ('"peace"-related', "peace related"),
        # everything
        ("*", "*"),
        ("* a", "a"),
        ("* -a", "* -a"),
        ("*. -a **", "* -a"),
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
        ("after:16.07.2025", "after:2025-07-16"),
        ("after:1.7.2025", "after:2025-07-01"),
        ("after:2025/7/16 before:2025.08.01", "after:2025-07-16 before:2025-08-01"),
        ("after:2025-07 before:2026", "after:2025-07-01 before:2026-01-01"),
        ("after:2024-02-29", "after:2024-02-29"),
        ("after:0001 before:9999-12-31", "after:0001-01-01 before:9999-12-31"),
        ("after:Yesterday before:TODAY", "after:yesterday before:today"),
        ("a after:7d.", "a after:7d"),
        ("after:today?", "after:today"),
        # pasted
        ("“peace treaty” «ՀՀ նախագահ» „x y“", '"peace treaty" "x y" "հհ նախագահ"'),
        ("a –b —c −d", "a -b -c -d"),
        ("Armenia — Azerbaijan", "armenia azerbaijan"),
        ("source：x （a，b）", "a b source:x"),
        ("peace, war; talks", "peace talks war"),
        ("a\tb\nc", "a b c"),
        ("What happened in Yerevan?", "happened in what yerevan"),
        ("gov*. econ*?", "econ* gov*"),
        # quotes of any kind, nested or mixed
        ("‹a b› 「京 都」 »x y« ”c d”", '"a b" "c d" "x y" "京 都"'),
        ("”a b“ “c d”", '"a b" "c d"'),
        ("«ООО „Рога и копыта“»", '"ооо рога и копыта"'),
        ('"Он сказал «да нет»"', '"он сказал да нет"'),
        ('“mixed quotes"', '"mixed quotes"'),
        ("'a' ‘b c’", "a b c"),
        # signs and words that people take for ours
        ("a | b|c", "a OR b OR c"),
        ("a || b", "a OR b"),
        ("a ИЛИ b И c", "c a OR b"),
        ("ա ԿԱՄ բ ԵՎ գ", "գ ա OR բ"),
        ("а или б и в", "а б в и или"),
        ("a \u041eR b", "a OR b"),
        ("\u0410ND a N\u041eT b", "a -b"),
        ("ＡＮＤ ａ ＯＲ ｂ ｔｉｔｌｅ：ｃ", "title:c a OR b"),
        ("a && b&&c & d AT&T", 'a "at t" b c d'),
        ('+a +"b c" +title:d C++ 1+1', '"1 1" a "b c" c title:d'),
        ('a !b !"c d" e! !!!f', 'a e f -b -"c d"'),
        ("a NOT b AND NOT (c OR d)", "a -b -c -d"),
        ("NOT NOT a", "a"),
        ("Not a", "a not"),
        ("НЕ а", "а не"),
        ("a ֊b c֊d", 'a "c d" -b'),
        ("Հայաստան։ Լուր", "լուր հայաստան"),
        ("lang։hy", '"lang hy"'),
        # filters
        ('source: armenpress Title: "x y" after: 7d', 'title:"x y" source:armenpress after:7d'),
        ("Source:Armenpress.", "source:armenpress"),
        ("s\u043eurce:x TİTLE:y tıtle:z", "title:y title:z source:x"),
        ("subtitle:x", '"subtitle x"'),
        # what has no width
        ("a\u00a0-b\u3000-c \u200b-d", "a -b -c -d"),
        ("\ufeff-a \u200etitle:b\u200f *\u200e", "title:b -a"),
        ("a \u200eOR\u200e b", "a OR b"),
        ("lang:hy\u200e after:7d\u200e", "lang:hy after:7d"),
        ("-\u200ba b", "b -a"),
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
        ("after:yesterday", After(Day(1))),
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
    ('peace "two words', 6, 'a second " that ends the phrase', 'peace "two words"'),
    ("peace (a b", 6, "a ) for this (", "a b peace"),
    ("((a)", 0, "a ) for this (", "a"),
    ("a b) c", 3, "no ) here: none is open", "a b c"),
    ("a ()", 3, "a word between ( and )", "a"),
    ("a OR", 4, "a word after OR", "a"),
    ("a OR )", 5, "a word after OR", "a"),
    ("(a OR) b", 5, "a word after OR", "a b"),
    ("OR a", 0, "a word before OR", "a"),
    ("a OR OR b", 5, "a word after OR", "a OR b"),
    ("a -OR b", 3, "a word after -", "a OR b"),
    ("title:", 6, 'a word or a "phrase" right after the colon', ""),
    ("title:!!!", 6, 'a word or a "phrase"', ""),
    ("title:*", 6, "one word before *", ""),
    ('topic:"&"', 6, "a topic's name", ""),
    ("lang:english", 5, "a language's code like en", "lang:en"),
    ("lang:(en)", 5, "a language's code like en right after the colon", "lang:en"),
    ("after:2025-02-30", 6, "a day from 1 to 28", "after:2025-02-28"),
    ("after:0d", 6, "one hour (1h) or more", "after:1h"),
    ("after:999999w", 6, "at most 36500 days", "after:36500d"),
    ("after:", 6, "a date like 2025-07-16 or 7d right after the colon", ""),
    ("a go*", 2, "3 letters or more before *", "a go"),
    ("a g*v", 3, "* at the end of a word only", "a g"),
    ("*bold*", 0, "* at the end of a word only", "bold*"),
    ("anti-corr*", 0, "one word before *", "anti corr*"),
    ("-football", 0, "a word to look for beside what is excluded, or *", "* -football"),
    ("-b -a", 0, "a word to look for beside what is excluded, or *", "* -a -b"),
    ("a OR -b", 5, "a word to look for beside what is excluded, or *", "a OR (* -b)"),
    ("a -*", 2, "something else than * after -: nothing would be left", "a"),
    ("a -(b OR *)", 2, "something else than * after -: nothing would be left", "a"),
    ("a\x00b", 1, "no control characters", "a b"),
    ("a b\x1b", 3, "no control characters", "a b"),
    ("a\ud800", 1, "no control characters", "a"),
    ("x" * 257, 256, "at most 256 characters", "x" * 64),
    ("a " * 16 + "b", 32, "at most 16 words", "a"),
    ('"' + "a " * 17 + '"', 0, "at most 16 words", ""),
    ("(" * 9 + "a" + ")" * 9, 8, "at most 8 parentheses inside one another", "a"),
    (
        LONG,
        len(LONG),
        "a query that is not over 256 characters when written out",
        " ".join(letter + "ffi" * 20 for letter in "abcd"),
    ),
    ("a OR NOT b", 5, "a word to look for beside what is excluded, or *", "a OR (* -b)"),
    ("Թբիլիսի»", 7, 'a second " that ends the phrase', "թբիլիսի"),
    ("Source:\nfoo", 7, "a source's name right after the colon", "foo"),
    ("lang:հայ a", 5, "a language's code like en", "a lang:hy"),
    ("lang:en-US", 5, "a language's code like en", "lang:en"),
    ("lang:Русский", 5, "a language's code like en", "lang:ru"),
    ("title:(a b)", 6, 'a word or a "phrase" right after the colon', "title:a title:b"),
    ('source:(a OR "b c") x', 7, "a source's name right after the colon", "x source:a OR source:b-c"),
    ("source:(a -b)", 7, "a source's name right after the colon", "a -b"),
    ("after:16/07/2025", 6, "a date like 2025-07-16 or 7d", "after:2025-07-16"),
    ("after:07/16/25", 6, "a date like 2025-07-16 or 7d", "after:2025-07-16"),
    ("after:16-07-2025", 6, "a date like 2025-07-16 or 7d", "after:2025-07-16"),
    ("after:2025-13-01", 6, "a month from 1 to 12", ""),
    ("after:2025-02-31 x", 6, "a day from 1 to 28", "x after:2025-02-28"),
    ("after:2024-02-30", 6, "a day from 1 to 29", "after:2024-02-29"),
    ("after:31.04.2025", 6, "a day from 1 to 30", "after:2025-04-30"),
    ("after:0000", 6, "a year from 1 on", ""),
    ("after:2025-07-16T10:00", 6, "a date like 2025-07-16 or 7d", "after:2025-07-16"),
    ("x after:tomorrow", 8, "a date like 2025-07-16 or 7d", "x"),
    ("x after:7days", 8, "a date like 2025-07-16 or 7d", "x after:7d"),
    ("x after:-24h", 8, "a date like 2025-07-16 or 7d", "x after:1d"),
    ('x after:"2 Weeks ago"', 8, "a date like 2025-07-16 or 7d", "x after:14d"),
    ("x title:-a", 8, "- before title:, not behind it", "x -title:a"),
    ("x source:–Civil!", 9, "- before source:, not behind it", "x -source:civil"),
    ("topic:!a", 6, "! before topic:, not behind it", "* -topic:a"),
    ("x -lang:-hy", 8, "- before lang:, not behind it", "x -lang:hy"),
    ("x title:-gov*", 8, "- before title:, not behind it", "x -title:gov*"),
    ("x after:7m", 8, "a date like 2025-07-16 or 7d", "x"),
    ("a OR -b c", 5, "a word to look for beside what is excluded, or *", "c a OR (* -b)"),
    ("(a OR -b OR c)", 6, "a word to look for beside what is excluded, or *", "a OR c OR (* -b)"),
    ("peace :)", 7, "no ) here: none is open", "peace"),
    ("1) Armenia", 1, "no ) here: none is open", "1 armenia"),
    ('5" screen', 1, 'a second " that ends the phrase', "5 screen"),
    (":( a", 1, "a ) for this (", "a"),
    ("-a -*", 3, "something else than * after -: nothing would be left", "* -a"),
    ("a | | b", 4, "a word after |", "a OR b"),
    ("a || || b", 5, "a word after ||", "a OR b"),
    ("| a", 0, "a word before |", "a"),
    ("a |", 3, "a word after |", "a"),
    ("a ИЛИ", 5, "a word after ИЛИ", "a"),
    ("a NOT", 5, "a word after NOT", "a"),
    ("NOT", 3, "a word after NOT", ""),
    ("a !NOT", 6, "a word after NOT", "a"),
    ("a -(b", 3, "a ) for this (", "a -b"),
    ("-a)", 2, "no ) here: none is open", "* -a"),
    ('x -"', 3, 'a second " that ends the phrase', "x"),
    ('"a" OR "b c" -d*', 14, "3 letters or more before *", 'a OR "b c" -d'),
    ("-ab* -title:x", 1, "3 letters or more before *", "* -ab -title:x"),
    ("go＊n x", 2, "* at the end of a word only", "go x"),
    ("govern*ment x", 6, "* at the end of a word only", "x govern*"),
    ("a (b (c", 5, "a ) for this (", "a b c"),
    ("«a b", 0, 'a second " that ends the phrase', '"a b"'),
    ('a "b', 2, 'a second " that ends the phrase', "a b"),
    ('a b"', 3, 'a second " that ends the phrase', "a b"),
    ("a sort:best", 2, "no sort: here: only a search has an order", "a"),
    ("sort:best", 0, "no sort: here: only a search has an order", ""),
    ("a -sort:best", 3, "a word after -", "a"),
    ("a OR sort:best b", 5, "a word after OR", "a b"),
    ("x * -(* OR a)", 4, "something else than * after -: nothing would be left", "x"),
    ('"' + "word " * 60, 256, "at most 256 characters", ""),
]


@pytest.mark.parametrize(("typed", "position", "expected", "hint"), ERRORS)
def test_errors(typed, position, expected, hint):
    with pytest.raises(QueryError) as caught:
        Query.parse(typed)
    error = caught.value
    assert (error.text, error.position, error.expected, error.hint) == (typed, position, expected, hint)
    if hint:
        assert Query.parse(hint).text == hint


@pytest.mark.parametrize(
    ("typed", "query", "sort"),
    [
        ("a b", "a b", Sort.NEWEST),
        ("b sort:best a", "a b", Sort.BEST),
        ("Sort:BEST a", "a", Sort.BEST),
        ("a OR b sort: Best.", "a OR b", Sort.BEST),
        ("a sort:newest", "a", Sort.NEWEST),
        ("a (b sort:best)", "a b", Sort.BEST),
        ("* sort:best", "*", Sort.BEST),
        ("sorted:best", '"sorted best"', Sort.NEWEST),
    ],
)
def test_questions(typed, query, sort):
    question = Question.parse(typed)
    assert question == Question(Query.parse(query), sort)
    assert Question.parse(question.text) == question


@pytest.mark.parametrize(
    ("typed", "position", "expected", "hint"),
    [
        ("sort:best", 0, "a word to look for, or * for everything", "*"),
        ("a sort:date", 7, "newest or best after sort:", "a"),
        ("a sort:", 7, "newest or best after sort:", "a"),
        ("sort:\na", 5, "newest or best after sort:", "a"),
        ("a sort:best sort:newest", 12, "sort: only once", "a sort:best"),
        ("a OR sort:best", 5, "a word after OR", "a sort:best"),
        ("sort:best OR a", 10, "a word before OR", "a sort:best"),
        ("a -sort:best", 3, "a word after -", "a sort:best"),
        ("(a sort:newest", 0, "a ) for this (", "a"),
        (
            f"{'ﬃ' * 20} {'a' * 64} {'b' * 64} {'c' * 60} sort:best",
            221,
            "a query that is not over 256 characters when written out",
            f"{'a' * 64} {'b' * 64} {'c' * 60} {'ffi' * 20}",
        ),
        ("(b a sort:best", 0, "a ) for this (", "a b sort:best"),
        ("-a sort:best", 0, "a word to look for beside what is excluded, or *", "* -a sort:best"),
    ],
)
def test_errors_of_questions(typed, position, expected, hint):
    with pytest.raises(QueryError) as caught:
        Question.parse(typed)
    error = caught.value
    assert (error.text, error.position, error.expected, error.hint) == (typed, position, expected, hint)
    assert Question.parse(hint).text == hint


NOON = datetime(2025, 7, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "query",
    ["a", "after:2025-07-16", "after:today", "after:2025-07-16 before:1h", "before:2030 after:2d", "a OR after:2030"],
)
def test_dates_between_which_there_may_be_news(query):
    Query.parse(query).check_dates(NOON)


@pytest.mark.parametrize(
    ("query", "position", "expected", "hint"),
    [
        ("a after:2025-07-17", 8, "a date that has come: it is 2025-07-16 in UTC", "a"),
        ("after:2026-01-01", 6, "a date that has come: it is 2025-07-16 in UTC", ""),
        (
            "a after:2025-07-10 before:2025-07-01",
            26,
            "a date later than that in after:2025-07-10",
            "a after:2025-07-01 before:2025-07-10",
        ),
        ("after:7d before:10d", 16, "a date later than that in after:7d", "after:10d before:7d"),
        ("after:today before:2025-07-16", 19, "a date later than that in after:today", ""),
    ],
)
def test_dates_between_which_there_can_be_none(query, position, expected, hint):
    with pytest.raises(QueryError) as caught:
        Query.parse(query).check_dates(NOON)
    error = caught.value
    assert (error.text, error.position, error.expected, error.hint) == (query, position, expected, hint)


@pytest.mark.parametrize(
    ("query", "moment"),
    [
        ("after:today", datetime(2025, 7, 16, tzinfo=UTC)),
        ("after:yesterday", datetime(2025, 7, 15, tzinfo=UTC)),
        ("after:30h", datetime(2025, 7, 15, 6, tzinfo=UTC)),
        ("after:2024", datetime(2024, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_moment_of_a_date(query, moment):
    assert Query.parse(query).node.moment(NOON) == moment
    elsewhere = NOON.astimezone(timezone(timedelta(hours=13)))
    assert Query.parse(query).node.moment(elsewhere) == moment


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
        ("armenia after:yesterday", 8, "armenia"),
        ("armenia -after:today", 9, "armenia"),
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
        *("OR", " OR ", "AND", "NOT ", " ИЛИ ", "О\u0052", "|", "||", "&&", "+", "!", "-", "–", " —", "(", ")", "（"),
        *('"', "“", "”", "„", "«", "»", "'", "‘", "’", "*", "**", " ", "\n", "\u00a0", "\u200b", "\u200e", "\ufeff"),
        *(
            "title:",
            "source:",
            "topic: ",
            "lang:",
            "after:",
            "before:",
            "Sort:",
            "best",
            "newest",
            "：",
            "։",
            ",",
            "،",
            "?",
            ".",
        ),
        *("7d", "0h", "999w", "2025-01-01", "2025-02-30", "16.07.2025", "2025", "today", "16/7/25", "english"),
        *("armenia", "gov", "l'x", "İ", "ŉ", "ﷺ", "ß", "ё", "Հա՛յ", "և", "'s", "½", "\0", "—", "ab\u0345", "ＯＲ", "ſ"),
        *("\u0130\u0301", "i\u0307\u0307", "ё\u0308\u0323", "\u0307", "\u0308", "\u0301", "Ꭰ", "ꭰ", "ǅ"),
    ]
)


def parsed(text, parse=Query.parse):
    """The query or question, or the error; anything else is raised."""
    try:
        return parse(text)
    except QueryError as error:
        return error


@settings(max_examples=500)
@given(
    st.text(max_size=300) | st.lists(PIECES | st.text(max_size=3), max_size=40).map("".join),
    st.sampled_from([Query.parse, Question.parse]),
)
def test_any_text_is_a_query_or_an_error_with_a_place(text, parse):
    found = parsed(text, parse)
    if isinstance(found, QueryError):
        assert 0 <= found.position <= len(text)
        assert found.expected
        assert not found.hint or parse(found.hint).text == found.hint
        return
    assert parse(found.text) == found
    query = found if isinstance(found, Query) else found.query
    again = Query.parse(query.text)
    assert again.text == query.text
    assert again.node == query.node
    assert len(query.text) <= 256


# Trees of a few words, written in many ways that mean the same.
WORDS = st.sampled_from(["a", "b", '"c d"', "gov*", "title:e", "lang:hy", "after:7d"])
TREES = st.recursive(
    WORDS.map(lambda word: ("word", word)),
    lambda parts: st.one_of(
        st.tuples(st.just("and"), st.lists(parts, min_size=1, max_size=3)),
        st.tuples(st.just("or"), st.lists(parts, min_size=1, max_size=3)),
        st.tuples(st.just("not"), parts),
    ),
    max_leaves=6,
)
QUOTES = ["“”", "«»", "„“", "‹›", "「」", '""', "”“"]
EITHER = [" OR ", " | ", " || ", "|", " ИЛИ ", " ＯＲ ", " \u041eR "]
BOTH = [" ", ", ", " AND ", " & ", " && ", "\u00a0", "\u200b "]
WITHOUT = ["-", "–", "—", "NOT ", "!", "--", "-(-(-", "－"]


def plain(tree):
    kind, value = tree
    if kind == "word":
        return value
    if kind == "not":
        return f"-({plain(value)})"
    return "(" + (" " if kind == "and" else " OR ").join(map(plain, value)) + ")"


def otherwise(tree, draw):
    """The tree as others might write it: in another order, twice, in more parentheses, with other signs."""
    kind, value = tree
    if kind == "word":
        opening, closing = draw(st.sampled_from(QUOTES))
        return value.replace('"', opening, 1).replace('"', closing, 1) if draw(st.booleans()) else value.upper()
    if kind == "not":
        sign = draw(st.sampled_from(WITHOUT))
        return f"{sign}({otherwise(value, draw)})" + ")" * sign.count("(")
    parts = [otherwise(part, draw) for part in draw(st.permutations(value))]
    if draw(st.booleans()):
        parts.append(otherwise(draw(st.sampled_from(value)), draw))
    between = draw(st.sampled_from(BOTH if kind == "and" else EITHER))
    return "(" + between.join(parts) + ")"


@given(TREES, st.data())
def test_equal_questions_are_one_query(tree, data):
    typed = otherwise(tree, data.draw)
    note(typed)
    found, other = parsed(f"z {plain(tree)}"), parsed(f"z {typed}")
    assume(isinstance(found, Query) and (isinstance(other, Query) or "at most" not in other.expected))
    assert found == other


HOSTILE = ["(", "-", '"', "-(", "a OR ", "*", "title:", "'", "\u0301", "a'", "a\u0301", "ﷺ", "-(a ", "a OR -("]
HOSTILE += ["NOT ", "|a", "«", "+", "!a ", "sort:", "&&", "\u200b-"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_texts_take_no_time(piece):
    for text in (piece * (256 // len(piece)), piece * 100_000):
        start = time.process_time()
        parsed(text)
        assert time.process_time() - start < 0.2
