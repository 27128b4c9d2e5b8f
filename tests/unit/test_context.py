"""Where in an article the words stand that were looked for: one line around them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import Article, Query, Source, context_of

NOW = datetime(2025, 7, 16, 12, tzinfo=UTC)
FILLER = "Nothing of it stands in this very long and empty sentence of many words. " * 4


def an_article(body="", summary="", language="en", title="Title"):
    return Article(1, Source("x", "X"), "k", title, NOW - timedelta(hours=1), NOW, 1, body, summary, language=language)


def shown(query, article):
    """The context with [ ] around what is marked; None: there is none."""
    context = context_of(Query.parse(query), article)
    if context is None:
        return None
    text, at = "", 0
    for start, end in context.spans:
        text += f"{context.text[at:start]}[{context.text[start:end]}]"
        at = end
    return text + context.text[at:]


@pytest.mark.parametrize(
    ("query", "body", "line"),
    [
        ("treaty", "A peace treaty.", "A peace [treaty]."),
        ("treaty", "Many TREATIES’ ends; treaty-makers.", "Many [TREATIES]’ ends; [treaty]-makers."),
        ('"peace treaty"', "A peace treaty, treaty of peace.", "A [peace treaty], treaty of peace."),
        ('"peace treaty" treaty', "A peace treaty, treaty of peace.", "A [peace treaty], [treaty] of peace."),
        ("gov*", "The Government governs.", "The [Government] [governs]."),
        ("peace OR war", "War is no peace.", "[War] is no [peace]."),
        ("peace -war", "War is no peace.", "War is no [peace]."),
        ("peace source:x", "A  line\n\nof peace", "A line of [peace]"),
        ("title:peace", "A peace treaty.", None),
        ("war", "A peace treaty.", None),
        ("source:x", "A peace treaty.", None),
        ("* -war", "A peace treaty.", None),
        ("peace", "", None),
    ],
)
def test_what_is_marked(query, body, line):
    assert shown(query, an_article(body)) == line


@pytest.mark.parametrize(
    ("query", "body", "language", "line"),
    [
        ("կառավարություն", "Այսօր կառավարության նիստն էր։", "hy", "Այսօր [կառավարության] նիստն էր։"),
        ("президент", "Указ президента подписан.", "ru", "Указ [президента] подписан."),
        ("türkiye", "Karar Türkiye’nin.", "tr", "Karar [Türkiye’nin]."),
        ("京都", "今日は京都市です", "ja", "今日は[京都]市です"),
    ],
)
def test_words_are_found_in_the_language_of_the_article(query, body, language, line):
    assert shown(query, an_article(body, language=language)) == line


def test_a_long_text_is_cut_between_words_around_where_the_words_stand_closest():
    body = f"War. {FILLER}Peace came after the war here. {FILLER}Peace."
    line = shown("peace war", an_article(body))
    assert line.startswith("…")
    assert line.endswith("…")
    assert "[Peace] came after the [war] here." in line
    words = body.split()
    assert all(word in words for word in line.strip("…").replace("[", "").replace("]", "").split())


@pytest.mark.parametrize(
    ("body", "end"),
    [
        ("Peace came to the lake. ", "the lake. …"),
        ("Peace came to the lake, ", "the lake…"),
        ("Peace came to the lake (", "the lake…"),
        ("Peace came to the lake — ", "the lake…"),
        ("Peace came to 'the lake'. ", "'the lake'. …"),
        ("Peace came to the lake ", "the lake…"),
    ],
)
def test_a_cut_ends_well(body, end):
    assert shown("peace", an_article(body + "y" * 99)).endswith(end)


def test_what_was_looked_for_is_never_cut_off():
    assert shown("peace", an_article("x" * 200 + " peace — " + "y" * 99)) == "…[peace]…"


def test_the_summary_is_preferred_where_it_has_as_many_words():
    assert shown("peace", an_article("Peace in the body.", "Peace in short.")) == "[Peace] in short."
    assert shown("peace body", an_article("Peace in the body.", "Peace in short.")) == "[Peace] in the [body]."


def test_only_so_much_of_a_body_is_looked_at():
    assert shown("peace", an_article("word " * 3_999 + "peace")) is not None
    assert shown("peace", an_article("word " * 4_000 + "peace")) is None


WORDS = st.sampled_from(
    ["peace", "treaties", "war", "мир", "мира", "խաղաղության", "京都", "l'accord", "½", "—", "\n\n", "x" * 90]
)
TEXTS = st.lists(WORDS, max_size=60).map(" ".join)
QUERIES = st.sampled_from(
    ["peace", '"peace war"', "peace OR treaty -war", "pea* мир", "title:peace war", "京都 ½", "* -war"]
)


@given(QUERIES, TEXTS, TEXTS, st.sampled_from(["en", "ru", "hy", ""]))
def test_a_context_is_a_marked_piece_of_the_text(query, body, summary, language):
    article = an_article(body, summary, language)
    context = context_of(Query.parse(query), article)
    if context is None:
        return
    assert len(context.text) <= 103
    assert context.text.strip("…") in " ".join(summary.split()) + "\0" + " ".join(body.split())
    assert context.spans
    ends = [place for span in context.spans for place in span]
    assert ends == sorted(ends)
    assert ends[0] >= 0
    assert ends[-1] <= len(context.text)
    assert all(start < end for start, end in context.spans)


@given(st.sampled_from(["peace", '"peace war"', "pea*", "мира", "京都"]), TEXTS, TEXTS)
def test_there_is_one_exactly_when_the_words_are_found_outside_the_title(query, body, summary):
    article = an_article(body, summary, "ru", title="")
    parsed = Query.parse(query)
    assert (context_of(parsed, article) is not None) is parsed.matches(article, NOW)
