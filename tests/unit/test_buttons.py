import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.buttons import (
    Follow,
    OpenArticle,
    OpenPage,
    OpenSubscriptions,
    Undo,
    Unfollow,
    button,
    decode,
    encode,
)
from bot.render.message import Button
from storage import Cursor

GREATEST = 2**63 - 1
NUMBERS = st.integers(-GREATEST, GREATEST)
PAGES = st.integers(0, GREATEST)
LISTS = st.builds(OpenSubscriptions, PAGES, st.booleans())
PRESSES = st.one_of(
    st.builds(OpenPage, NUMBERS, st.none() | st.builds(Cursor, NUMBERS, st.booleans())),
    st.builds(OpenArticle, NUMBERS, PAGES),
    st.builds(Follow, NUMBERS),
    st.builds(Undo, NUMBERS),
    LISTS,
    st.builds(Unfollow, NUMBERS, LISTS),
)


@pytest.mark.parametrize(
    ("press", "data"),
    [
        (OpenPage(12), "p:12"),
        (OpenPage(12, Cursor(1_826_434_560_000_000)), "p:12:1826434560000000:0"),
        (OpenPage(12, Cursor(-5, newer=True)), "p:12:-5:1"),
        (OpenArticle(123), "a:123:0"),
        (OpenArticle(123, 4), "a:123:4"),
        (Follow(7), "f:7"),
        (Undo(3), "z:3"),
        (OpenSubscriptions(2, choosing=True), "s:2:1"),
        (Unfollow(3), "u:3:0:0"),
        (Unfollow(3, OpenSubscriptions(1, choosing=True)), "u:3:1:1"),
    ],
)
def test_each_press_has_its_data(press, data):
    assert encode(press) == data
    assert decode(data) == press


@given(PRESSES)
def test_what_is_encoded_comes_back_and_fits(press):
    assert decode(encode(press)) == press
    assert button("label", press).data == encode(press)
    assert 1 <= len(encode(press).encode()) <= 64


@pytest.mark.parametrize(
    "data",
    [
        "",
        "p",
        "p:",
        "p:x",
        "p:1:2",
        "p:1:2:3",
        "p:01",
        "p:-0",
        "p:٣",
        "p:1\n",
        " p:1",
        "p:1:2:0:0",
        "q:1",
        "a:1",
        "a:1:-1",
        "u:3:0:2",
        "s:-1:0",
        f"f:{GREATEST + 1}",
        "f:99999999999999999999",
        "more:12",
    ],
)
def test_other_data_is_no_press(data):
    assert decode(data) is None


@given(st.text() | st.from_regex(r"[a-z](:-?\d{1,3}){1,4}", fullmatch=True))
def test_nothing_but_what_encode_makes_is_a_press(data):
    press = decode(data)
    assert press is None or encode(press) == data


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, "either data or a link"),
        ({"data": "a", "url": "https://example.org"}, "either data or a link"),
        ({"data": ""}, "1 to 64 bytes"),
        ({"data": "x" * 65}, "1 to 64 bytes"),
        ({"data": "ж" * 33}, "1 to 64 bytes"),
    ],
)
def test_a_button_that_telegram_would_refuse_is_an_error(fields, fault):
    with pytest.raises(ValueError, match=fault):
        Button("label", **fields)


def test_a_button_needs_a_label():
    with pytest.raises(ValueError, match="needs a label"):
        Button(" \n", data="a")


def test_a_long_label_is_cut():
    label = Button("word " * 30, data="a").label
    assert len(label) <= 60
    assert label.endswith("word…")
