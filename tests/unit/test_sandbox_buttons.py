"""Keyboards under messages by raw HTTP: what is refused, what vanishes, what is cut."""

import pytest
from sandbox_http import ADA, OK_BUTTON, keyboard, running


@pytest.fixture
async def world():
    async with running() as world:
        yield world


TEXT_ONLY = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"


BAD_BUTTONS = [
    ({"text": "x", "callback_data": "ա" * 33}, "BUTTON_DATA_INVALID"),
    ({"text": "x", "callback_data": ""}, TEXT_ONLY),
    ({"text": "x", "url": ""}, TEXT_ONLY),
    ({"text": "x", "url": "nowhere"}, "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"),
    ({"text": "x", "copy_text": {"text": "y" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
    ({"text": "x"}, TEXT_ONLY),
    ({"url": "x.example"}, "can't parse inline keyboard button: Can't find field \"text\""),
    ({"text": [], "url": "x.example"}, 'can\'t parse inline keyboard button: Field "text" must be of type String'),
    ({"text": "x", "copy_text": {}}, "can't parse inline keyboard button: Can't find field \"text\""),
    ({"text": "x", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
    ("x", "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
    (
        {"text": "x", "callback_data": "y", "style": "red"},
        "can't parse inline keyboard button: invalid button style specified",
    ),
]


@pytest.mark.parametrize(("button", "words"), BAD_BUTTONS)
async def test_a_bad_button_is_refused(world, button, words):
    refusal = await world.refusal("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard([button]))
    assert refusal == (400, f"Bad Request: {words}")


async def test_a_keyboard_is_cut_and_measured(world):
    row = [{"text": str(number), "callback_data": "x"} for number in range(14)]
    message = await world.result("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard(row))
    assert [len(each) for each in message["reply_markup"]["inline_keyboard"]] == [12]
    wide = [[{"text": "t" * 120, "callback_data": "x"}] for _ in range(99)]
    refusal = await world.refusal("sendMessage", chat_id=ADA, text="x", reply_markup={"inline_keyboard": wide})
    assert refusal == (400, "Bad Request: reply markup is too long")


MARKUPS = [
    ("{", "can't parse reply keyboard markup JSON object"),
    (None, "object expected as reply markup"),
    ([], "object expected as reply markup"),
    ({"inline_keyboard": "x"}, 'field "inline_keyboard" must be of type Array'),
    (
        {"inline_keyboard": [OK_BUTTON]},
        'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ),
    ({"keyboard": ["x"]}, 'field "keyboard" must be an Array of Arrays'),
]


@pytest.mark.parametrize(("markup", "words"), MARKUPS)
async def test_a_markup_that_is_none_is_refused(world, markup, words):
    refusal = await world.refusal("sendMessage", chat_id=ADA, text="x", reply_markup=markup)
    assert refusal == (400, f"Bad Request: {words}")


async def test_buttons_without_a_text_vanish(world):
    rows = keyboard([{"text": "", "callback_data": "x"}, OK_BUTTON], [{"text": "", "url": "nowhere"}])
    sent = await world.result("sendMessage", chat_id=ADA, text="x", reply_markup=rows)
    assert sent["reply_markup"] == keyboard([OK_BUTTON])
