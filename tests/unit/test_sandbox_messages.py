"""Limits of messages, buttons and commands by raw HTTP: at the limit taken, beyond it refused in Telegram's words."""

import io

import pytest
from sandbox_http import ADA, OK_BUTTON, TOKEN, keyboard, running

SWITCH = (
    "Bad Request: can't use {} button in a channel chat, because users will not be able to use the button without"
    " knowing bot's username"
)


@pytest.fixture
async def world():
    async with running() as world:
        yield world


@pytest.fixture
async def rooms(world):
    """A supergroup and a channel where the bot may write."""
    group = {"kind": "supergroup", "title": "Group", "owner": ADA, "bot": "member"}
    channel = {"kind": "channel", "title": "Channel", "owner": ADA, "bot": "administrator"}
    return {kind: (await world.do("chats", body))["id"] for kind, body in {"group": group, "channel": channel}.items()}


TAKEN = [
    ("x" * 4096, ""),
    ("😀" * 4096, ""),
    ("<b>" + "x" * 4096 + "</b>", "HTML"),
    ("  " + "x" * 4096 + "\n\n", ""),
    ("&amp;" * 4096, "HTML"),
]


@pytest.mark.parametrize(("text", "mode"), TAKEN)
async def test_a_text_is_measured_after_parsing_and_trimming(world, text, mode):
    sent = await world.result("sendMessage", chat_id=ADA, text=text, parse_mode=mode)
    assert len(sent["text"]) == 4096


LONG = [
    ("x" * 4097, "message is too long"),
    ("x" * 32_768, "message is too long"),
    ("x" * 32_769, "text is too long"),
    ("ա" * 16_384, "message is too long"),
    ("ա" * 16_385, "text is too long"),
    ("😀" * 8193, "text is too long"),
]


@pytest.mark.parametrize(("text", "words"), LONG)
async def test_a_text_too_long_is_refused(world, text, words):
    assert await world.refusal("sendMessage", chat_id=ADA, text=text) == (400, f"Bad Request: {words}")


def links(count, length):
    return " ".join(f'<a href="https://x.example/{"y" * length}">{number}</a>' for number in range(count))


@pytest.mark.parametrize(("count", "length", "taken"), [(50, 100, True), (50, 170, False), (100, 100, False)])
async def test_long_links_in_many_entities_are_too_much(world, count, length, taken):
    arguments = {"chat_id": ADA, "text": links(count, length), "parse_mode": "HTML"}
    if taken:
        assert len((await world.result("sendMessage", **arguments))["entities"]) == count
        return
    assert await world.refusal("sendMessage", **arguments) == (400, "Bad Request: ENTITIES_TOO_LONG")


async def test_entities_beyond_a_hundred_vanish(world):
    text = " ".join(f"<code>{number}</code>" for number in range(120))
    sent = await world.result("sendMessage", chat_id=ADA, text=text, parse_mode="HTML")
    assert len(sent["entities"]) == 100


GOOD_BUTTONS = [
    {"callback_data": "ա" * 32},
    {"callback_data": "x" * 64},
    {"copy_text": {"text": "x" * 256}},
    {"url": "https://x.example/"},
    {"url": "tg://resolve/"},
    {"switch_inline_query": "x"},
    {"callback_data": "x", "style": "danger"},
]


@pytest.mark.parametrize("button", GOOD_BUTTONS)
async def test_a_button_at_its_limit_is_taken(world, button):
    markup = keyboard([{"text": "x", **button}])
    assert (await world.result("sendMessage", chat_id=ADA, text="x", reply_markup=markup))["reply_markup"] == markup


BAD_URLS = [
    ("localhost", "Wrong HTTP URL"),
    ("http://localhost:8080/x", "Wrong HTTP URL"),
    ("ftp://x.example", "Unsupported URL protocol"),
    ("x.example:99999", "Wrong port number specified in the URL"),
    ("https://", "URL host is empty"),
    ("/x", "URL host is empty"),
    ("https://a b.example", "Disallowed character in URL host"),
]


@pytest.mark.parametrize(("url", "words"), BAD_URLS)
async def test_a_button_with_a_bad_link_is_refused(world, url, words):
    refusal = await world.refusal(
        "sendMessage", chat_id=ADA, text="x", reply_markup=keyboard([{"text": "x", "url": url}])
    )
    assert refusal == (400, f"Bad Request: inline keyboard button URL '{url}' is invalid: {words}")


async def test_buttons_beyond_three_hundred_are_cut(world):
    rows = [[{"text": "x", "callback_data": "y"}] * 12] * 26
    sent = await world.result("sendMessage", chat_id=ADA, text="x", reply_markup={"inline_keyboard": rows[:9]})
    assert sum(map(len, sent["reply_markup"]["inline_keyboard"])) == 108
    refusal = await world.refusal("sendMessage", chat_id=ADA, text="x", reply_markup={"inline_keyboard": rows})
    assert refusal == (400, "Bad Request: reply markup is too long")


IN_ROOMS = [
    ("channel", {"keyboard": [["x"]]}, "Bad Request: inline keyboard expected"),
    ("channel", {"remove_keyboard": True}, "Bad Request: inline keyboard expected"),
    ("channel", {"force_reply": True}, "Bad Request: inline keyboard expected"),
    ("channel", keyboard([{"text": "x", "switch_inline_query": "y"}]), SWITCH.format("switch_inline_query")),
    (
        "channel",
        keyboard([{"text": "x", "switch_inline_query_current_chat": "y"}]),
        SWITCH.format("switch_inline_query_current_chat"),
    ),
    ("group", keyboard([{"text": "x", "web_app": {"url": "https://x.example"}}]), "Bad Request: BUTTON_TYPE_INVALID"),
    (
        "group",
        {"keyboard": [[{"text": "x", "request_contact": True}]]},
        "Bad Request: phone number can be requested in private chats only",
    ),
    (
        "group",
        {"keyboard": [[{"text": "x", "request_location": True}]]},
        "Bad Request: location can be requested in private chats only",
    ),
    (
        "group",
        {"keyboard": [[{"text": "x", "request_poll": {"type": "quiz"}}]]},
        "Bad Request: poll can be requested in private chats only",
    ),
    (
        "group",
        {"keyboard": [[{"text": "x", "request_users": {"request_id": 1}}]]},
        "Bad Request: users can be requested in private chats only",
    ),
    (
        "group",
        {"keyboard": [[{"text": "x", "request_chat": {"request_id": 1}}]]},
        "Bad Request: chats can be requested in private chats only",
    ),
    (
        "group",
        {"keyboard": [[{"text": "x", "web_app": {"url": "https://x.example"}}]]},
        "Bad Request: web App buttons can be used in private chats only",
    ),
    (
        "channel",
        keyboard([{"text": "x", "switch_inline_query_chosen_chat": {"query": "y"}}]),
        SWITCH.format("switch_inline_query"),
    ),
]


@pytest.mark.parametrize(("room", "markup", "description"), IN_ROOMS)
async def test_a_keyboard_that_does_not_fit_the_chat_is_refused(world, rooms, room, markup, description):
    assert await world.refusal("sendMessage", chat_id=rooms[room], text="x", reply_markup=markup) == (400, description)
    await world.result("sendMessage", chat_id=ADA, text="x", reply_markup=markup)


@pytest.mark.parametrize("room", ["group", "channel"])
async def test_inline_keyboards_go_everywhere(world, rooms, room):
    sent = await world.result("sendMessage", chat_id=rooms[room], text="x", reply_markup=keyboard([OK_BUTTON]))
    assert sent["reply_markup"] == keyboard([OK_BUTTON])


@pytest.mark.parametrize("markup", [{"keyboard": [["x"]]}, {"remove_keyboard": True}, {"force_reply": True}])
async def test_an_edit_takes_inline_keyboards_only(world, markup):
    sent = await world.result("sendMessage", chat_id=ADA, text="x", reply_markup=markup)
    for method, more in (("editMessageText", {"text": "y"}), ("editMessageReplyMarkup", {})):
        arguments = {"chat_id": ADA, "message_id": sent["message_id"], "reply_markup": markup, **more}
        assert await world.refusal(method, **arguments) == (400, "Bad Request: inline keyboard expected")


async def test_messages_of_the_bot_are_edited_at_any_age(world):
    sent = await world.result("sendMessage", chat_id=ADA, text="old")
    await world.do("clock", {"ahead": 365 * 24 * 3600})
    edited = await world.result("editMessageText", chat_id=ADA, message_id=sent["message_id"], text="new")
    assert (edited["text"], edited["edit_date"] > sent["date"]) == ("new", True)


BAD_LINKS = [
    ("nowhere", "Entity URL 'nowhere' is invalid: Wrong HTTP URL"),
    ("javascript:alert(1)", "Entity URL 'javascript:alert(1)' is invalid: Wrong port number specified in the URL"),
    ("", "Entity URL '' is invalid: URL host is empty"),
]


@pytest.mark.parametrize(("url", "words"), BAD_LINKS)
async def test_a_link_that_is_handed_in_must_be_one(world, url, words):
    entities = [{"type": "text_link", "offset": 0, "length": 1, "url": url}]
    refusal = await world.refusal("sendMessage", chat_id=ADA, text="x", entities=entities)
    assert refusal == (400, f"Bad Request: e{words[1:]}")


async def test_a_link_that_is_handed_in_is_written_in_telegrams_way(world):
    entities = [
        {"type": "text_link", "offset": 0, "length": 1, "url": "X.example"},
        {"type": "text_link", "offset": 1, "length": 1, "url": "tg://user?id=7"},
    ]
    sent = await world.result("sendMessage", chat_id=ADA, text="xy", entities=entities)
    assert sent["entities"] == [
        {"offset": 0, "length": 1, "type": "text_link", "url": "http://x.example/"},
        {"offset": 1, "length": 1, "type": "text_mention", "user": {"id": 7, "is_bot": False, "first_name": ""}},
    ]


@pytest.mark.parametrize("paid", [False, True])
async def test_custom_emoji_are_for_those_who_pay(world, paid):
    await world.do("settings", {"custom_emoji": paid})
    text = '<b>x <tg-emoji emoji-id="5">😀</tg-emoji></b>'
    sent = await world.result("sendMessage", chat_id=ADA, text=text, parse_mode="HTML")
    emoji = [each for each in sent["entities"] if each["type"] != "bold"]
    assert sent["text"] == "x 😀"
    assert emoji == ([{"offset": 2, "length": 2, "type": "custom_emoji", "custom_emoji_id": "5"}] if paid else [])


# Commands and deep links

BAD_COMMANDS = [
    ("x" * 33, "y", "BOT_COMMAND_INVALID"),
    ("Latest", "y", "BOT_COMMAND_INVALID"),
    ("a-b", "y", "BOT_COMMAND_INVALID"),
    ("", "y", "BOT_COMMAND_INVALID"),
    ("ok", "", "BOT_COMMAND_DESCRIPTION_INVALID"),
    ("ok", "y" * 257, "BOT_COMMAND_DESCRIPTION_INVALID"),
]


@pytest.mark.parametrize(("command", "description", "words"), BAD_COMMANDS)
async def test_a_bad_command_is_refused(world, command, description, words):
    commands = [{"command": command, "description": description}]
    assert await world.refusal("setMyCommands", commands=commands) == (400, f"Bad Request: {words}")


async def test_a_command_may_come_with_its_slash(world):
    await world.result("setMyCommands", commands=[{"command": " /" + "x" * 32, "description": " y "}])
    assert await world.result("getMyCommands") == [{"command": "x" * 32, "description": "y"}]


@pytest.mark.parametrize("language", ["e", "eng", "EN", "e1"])
async def test_a_bad_language_is_refused(world, language):
    refusal = await world.refusal("setMyCommands", commands=[], language_code=language)
    assert refusal == (400, "Bad Request: invalid language code specified")


@pytest.mark.parametrize("payload", ["a", "A-z_9", "x" * 64, ""])
async def test_a_deep_link_arrives_as_start(world, payload):
    await world.do("start", {"person": ADA, "payload": payload})
    [update] = await world.updates()
    assert update["message"]["text"] == f"/start {payload}".strip()


@pytest.mark.parametrize("payload", ["a b", "x" * 65, "ա", "a=b", "a.b"])
async def test_a_payload_that_no_app_passes_on(world, payload):
    status, answer = await world.control("start", {"person": ADA, "payload": payload})
    assert (status, answer["error"]) == (400, "a payload is 1 to 64 of A-Z, a-z, 0-9, _ and -")


# Requests


@pytest.mark.parametrize(
    ("word", "silent"), [("true", True), ("True", True), ("yes", True), ("1", True), ("on", False), ("0", False)]
)
async def test_a_yes_is_true_yes_or_1(world, word, silent):
    await world.result("sendMessage", chat_id=ADA, text="x", disable_notification=word)
    [record] = await world.records("kind=sent")
    assert record["silent"] is silent


async def test_unknown_arguments_are_ignored_and_of_equal_ones_the_first_counts(world):
    body = io.BytesIO(b"chat_id=1001&text=first&text=second&colour=red")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with world.session.post(f"{world.url}/bot{TOKEN}/sendMessage", data=body, headers=headers) as response:
        assert (response.status, (await response.json())["result"]["text"]) == (200, "first")
