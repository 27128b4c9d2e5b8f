"""The first two sentences of an article."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.text.summary import summarise


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("One here. Two here. Three here.", "One here. Two here."),
        ("Only one", "Only one"),
        ("", ""),
        ("First paragraph\n\nSecond paragraph. Third.", "First paragraph Second paragraph."),
        ("A line\nthat goes on. Next one. Last.", "A line that goes on. Next one."),
        ("He asked: “Why?” She left! Nobody knew.", "He asked: “Why?” She left!"),
        ("The U.S. envoy met Dr. Smith. They spoke. The end.", "The U.S. envoy met Dr. Smith. They spoke."),
        ("J. R. R. Tolkien wrote. Then he slept. Then not.", "J. R. R. Tolkien wrote. Then he slept."),
        ("It rose 3.5 percent. It fell 2.1. It stayed.", "It rose 3.5 percent. It fell 2.1."),
        ("Wait... and see. Second! Third!", "Wait... and see. Second!"),
        ("Հայաստանը ստորագրեց։ Հետո մեկնեց։ Վերջ։", "Հայաստանը ստորագրեց։ Հետո մեկնեց։"),
        ("Հայաստանը ստորագրեց: Հետո մեկնեց: Վերջ:", "Հայաստանը ստորագրեց: Հետո մեկնեց:"),
        ("Он родился в г. Гюмри, т.е. далеко. Потом уехал. Всё.", "Он родился в г. Гюмри, т.е. далеко. Потом уехал."),
        ("Рост на 5 млн. рублей. Второе. Третье.", "Рост на 5 млн. рублей. Второе."),
        ("Prof. Dr. Aydın konuştu. Sonra gitti. Bitti.", "Prof. Dr. Aydın konuştu. Sonra gitti."),
        ("საქართველო არის. მეორე წინადადება. მესამე.", "საქართველო არის. მეორე წინადადება."),
        ("これは文です。二つ目。三つ目。", "これは文です。 二つ目。"),
        ("यह पहला है। यह दूसरा है। तीसरा।", "यह पहला है। यह दूसरा है।"),
    ],
)
def test_the_first_two_sentences(body, expected):
    assert summarise("A title", body, 300) == expected


@pytest.mark.parametrize(
    "body",
    [
        "Treaty signed in Yerevan\n\nIt was a good day. Everyone came. They left.",
        "TREATY SIGNED, IN YEREVAN. It was a good day. Everyone came. They left.",
        "It was a good day. «Treaty signed in Yerevan». Everyone came. They left.",
    ],
)
def test_the_title_is_not_repeated(body):
    assert summarise("Treaty signed in Yerevan", body, 300) == "It was a good day. Everyone came."


def test_nothing_but_the_title_is_no_summary():
    assert summarise("Treaty signed", "Treaty signed.", 300) == ""


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (30, "One two three. Four five six."),
        (29, "One two three. Four five six."),
        (28, "One two three. Four five…"),
        (15, "One two three…"),
        (14, "One two…"),
        (3, "On…"),
        (1, "…"),
        (0, ""),
    ],
)
def test_whole_words_are_cut(limit, expected):
    assert summarise("", "One two three. Four five six.", limit) == expected


@given(st.text(), st.text() | st.text("Ab .!?:“”։\n", max_size=200), st.integers(0, 60))
def test_a_summary_keeps_within_its_limit(title, body, limit):
    summary = summarise(title, body, limit)
    assert len(summary) <= limit
    assert summary == summary.strip()
    assert "\n" not in summary


def test_a_huge_body_costs_no_more():
    assert summarise("", "a" * 5_000_000 + ". b", 20) == "a" * 19 + "…"


@pytest.mark.parametrize("signs", [*".!?…։؟।。\"'”)(“:- \n", "ա:", ". ", ".\n", "U.", ".)", "。」", " \n "])
def test_a_row_of_signs_is_looked_at_in_its_first_few_thousand_characters_alone(signs):
    body = (signs * 100_000)[:100_000]
    for text in (body, f"a{body}"):
        summary = summarise("", text, 200_000)
        assert len(summary) <= 5_000
        assert summary == summarise("", text[:5_000], 200_000)
