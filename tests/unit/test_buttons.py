import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.buttons import (
    ChangeAll,
    ChangeCadence,
    Choose,
    ChoosePictures,
    ChooseQuiet,
    ChooseUrgent,
    ChooseZone,
    Follow,
    Key,
    Mute,
    OpenArticle,
    OpenHealth,
    OpenMore,
    OpenPage,
    OpenSources,
    OpenSubscriptions,
    Undo,
    Unfollow,
    aimed,
    button,
    decode,
    encode,
    owned,
)
from bot.render.message import Button, Message
from bot.render.text import text
from storage import Cadence, Cursor, Pictures, Quiet, Sort

GREATEST = 2**63 - 1
NUMBERS = st.integers(-GREATEST, GREATEST)
PAGES = st.integers(0, GREATEST)
SKIPS = st.integers(0, 1_000)
LISTS = st.builds(OpenSubscriptions, PAGES, st.booleans())
MINUTES = st.integers(0, 24 * 60 - 1)
HOURS = st.builds(Quiet, MINUTES, MINUTES, st.booleans()).filter(lambda quiet: quiet.start != quiet.end)
PRESSES = st.one_of(
    st.builds(OpenPage, NUMBERS, st.none() | st.builds(Cursor, NUMBERS, st.booleans()), st.sampled_from(Sort)),
    st.builds(OpenPage, st.integers(1, 10**12), st.builds(Cursor, NUMBERS, st.booleans(), SKIPS), st.just(Sort.BEST)),
    st.builds(OpenMore, NUMBERS, st.none() | st.builds(Cursor, NUMBERS, st.booleans())),
    st.builds(OpenArticle, NUMBERS, PAGES),
    st.builds(Follow, NUMBERS),
    st.builds(Choose, NUMBERS),
    st.builds(Undo, NUMBERS),
    LISTS,
    st.builds(Unfollow, NUMBERS, LISTS),
    st.builds(ChangeCadence, NUMBERS, st.sampled_from(Cadence), st.booleans()),
    st.builds(ChangeAll, st.sampled_from(Cadence)),
    st.builds(ChooseQuiet, st.none() | HOURS),
    st.builds(Mute, st.integers(0, 30 * 24 * 60)),
    st.builds(ChooseZone, st.integers(0, 2**32 - 1)),
    st.builds(ChoosePictures, st.sampled_from(Pictures)),
    st.builds(OpenSources, NUMBERS, st.integers(0, 99_999)),
    st.builds(OpenHealth, st.integers(0, 99_999)),
    st.builds(ChooseUrgent, st.booleans()),
)


CHATS = st.integers(-(2**52), 2**52)  # Bot API, Chat.id: at most 52 significant bits
KEYS = st.builds(Key, PRESSES, CHATS) | st.builds(Key, PRESSES, target=st.integers(-(2**52), 0))


@pytest.mark.parametrize(
    ("press", "data"),
    [
        (OpenPage(12), "p:12"),
        (OpenPage(12, Cursor(1_826_434_560_000_000)), "p:12:1826434560000000:0"),
        (OpenPage(12, Cursor(-5, newer=True)), "p:12:-5:1"),
        (OpenMore(2**62 - 1), "m:4611686018427387903"),
        (OpenMore(12, Cursor(51, newer=True)), "m:12:51:1"),
        (OpenPage(12, sort=Sort.BEST), "b:12"),
        (OpenPage(12, Cursor(1_826_434_560_000_000), Sort.BEST), "b:12:1826434560000000:0"),
        (OpenPage(12, Cursor(1_826_434_560_000_000, skip=70), Sort.BEST), "b:12:1826434560000000:0:70"),
        (OpenArticle(123), "a:123:0"),
        (OpenArticle(123, 4), "a:123:4"),
        (Follow(7), "f:7"),
        (Choose(7), "c:7"),
        (Undo(3), "z:3"),
        (OpenSubscriptions(2, choosing=True), "s:2:1"),
        (Unfollow(3), "u:3:0:0"),
        (Unfollow(3, OpenSubscriptions(1, choosing=True)), "u:3:1:1"),
        (ChangeCadence(3, Cadence.DAILY, new=True), "d:3:2:1"),
        (ChangeAll(Cadence.INSTANT), "g:0"),
        (ChangeAll(Cadence.HOURLY), "g:1"),
        (ChangeAll(Cadence.WEEKLY), "g:3"),
        (ChooseQuiet(Quiet(1380, 420)), "q:1380:420:0"),
        (ChooseQuiet(Quiet(0, 420, silent=True)), "q:0:420:1"),
        (ChooseQuiet(None), "q:0"),
        (Mute(480), "n:480"),
        (ChooseZone(2**32 - 1), "t:4294967295"),
        (ChoosePictures(Pictures.PREVIEW), "i:0"),
        (ChoosePictures(Pictures.PHOTO), "i:1"),
        (ChoosePictures(Pictures.NONE), "i:2"),
        (OpenSources(12), "o:12:0"),
        (OpenSources(12, 3), "o:12:3"),
        (OpenHealth(2), "h:2"),
        (ChooseUrgent(at_once=False), "x:0"),
        (ChooseUrgent(at_once=True), "x:1"),
    ],
)
def test_each_press_has_its_data(press, data):
    assert encode(Key(press)) == data
    assert decode(data) == Key(press)


@pytest.mark.parametrize(
    ("key", "data"),
    [
        (Key(OpenPage(12), owner=1001), "p:12@1001"),
        (Key(OpenPage(12), owner=-1001234), "p:12@-1001234"),
        (Key(Undo(3), target=-1001234), "z:3>-1001234"),
        (Key(Follow(3), 1001, -1001234), "f:3@1001>-1001234"),
    ],
)
def test_a_key_says_whose_it_is_and_what_it_is_about(key, data):
    assert encode(key) == data
    assert decode(data) == key


@given(KEYS)
def test_what_is_encoded_comes_back_and_fits(key):
    assert decode(encode(key)) == key
    assert button("label", key.press, key.target).data == encode(Key(key.press, target=key.target))
    assert 1 <= len(encode(key).encode()) <= 64


def test_a_message_is_given_an_owner_and_a_chat_that_it_is_about():
    site = Button("Site", url="https://x.example/")
    message = Message(text("x"), ((button("A", Follow(1)), site), (button("B", Follow(1), target=-7),)))

    def data(changed):
        return [one.data for row in changed.buttons for one in row]

    assert data(owned(message, 1001)) == ["f:1@1001", None, "f:1@1001>-7"]
    assert data(aimed(message, -9)) == ["f:1>-9", None, "f:1>-7"]
    assert data(owned(owned(message, 1001), 0)) == data(message)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "p",
        "p:",
        "p:x",
        "p:1:2",
        "m:1:2",
        "m:1:2:3",
        "p:1:2:3",
        "p:01",
        "p:-0",
        "p:٣",
        "p:1\n",
        " p:1",
        "p:1:2:0:0",
        "q:1",
        "q:420:420:0",
        "q:1440:0:0",
        "q:-1:0:0",
        "q:1:2:2",
        "d:1:4:0",
        "d:1:-1:0",
        "d:1:0:2",
        "g:4",
        "n:-1",
        "n:43201",
        "t:-1",
        "i:3",
        "a:1",
        "a:1:-1",
        "u:3:0:2",
        "s:-1:0",
        "o:1",
        "o:1:-1",
        "o:1:100000",
        "h:-1",
        "h:100000",
        f"f:{GREATEST + 1}",
        "f:1@0",
        "f:1@01",
        "f:1@",
        "f:1>7",
        "f:1>-7@1",
        "f:1@1@2",
        "f:99999999999999999999",
        "more:12",
    ],
)
def test_other_data_is_no_press(data):
    assert decode(data) is None


@given(st.text() | st.from_regex(r"[a-z](:-?\d{1,3}){1,4}(@-?\d{1,3})?(>-\d{1,3})?", fullmatch=True))
def test_nothing_but_what_encode_makes_is_a_key(data):
    key = decode(data)
    assert key is None or encode(key) == data


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
