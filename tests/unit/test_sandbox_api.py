"""The sandbox's Bot API by raw HTTP: request, exact status, exact body."""

import asyncio
import io
import json

import aiohttp
import pytest
from sandbox_http import ADA, OK_BUTTON, TOKEN, World, keyboard, running, until


@pytest.fixture
async def world():
    async with running() as world:
        yield world


# Method, arguments, status, description. `{n}` is a message of the bot's, `{p}` one of Ada's.
REFUSALS = [
    ("nosuchmethod", {}, 404, "Not Found: method not found"),
    ("sendMessage", {"chat_id": ADA}, 400, "Bad Request: message text is empty"),
    ("sendMessage", {"chat_id": 5, "text": ""}, 400, "Bad Request: message text is empty"),
    ("sendMessage", {"chat_id": ADA, "text": "  \n\u200b"}, 400, "Bad Request: text must be non-empty"),
    (
        "sendMessage",
        {"chat_id": ADA, "text": "<b> </b>", "parse_mode": "HTML"},
        400,
        "Bad Request: text must be non-empty",
    ),
    ("sendMessage", {"chat_id": ADA, "text": "x" * 4097}, 400, "Bad Request: message is too long"),
    ("sendMessage", {"chat_id": ADA, "text": "ա" * 16_385}, 400, "Bad Request: text is too long"),
    ("sendMessage", {"text": "x"}, 400, "Bad Request: chat_id is empty"),
    ("sendMessage", {"chat_id": 5, "text": "x"}, 400, "Bad Request: chat not found"),
    ("sendMessage", {"chat_id": "@nobody", "text": "x"}, 400, "Bad Request: chat not found"),
    ("sendMessage", {"chat_id": ADA, "text": "x", "parse_mode": None}, 400, "Bad Request: unsupported parse_mode"),
    (
        "sendMessage",
        {"chat_id": 5, "text": "<x>", "parse_mode": "HTML"},
        400,
        'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0',
    ),
    (
        "sendMessage",
        {"chat_id": ADA, "text": "x", "reply_parameters": {"message_id": 999}},
        400,
        "Bad Request: message to be replied not found",
    ),
    (
        "editMessageText",
        {"chat_id": ADA, "message_id": 999, "text": "x"},
        400,
        "Bad Request: message to edit not found",
    ),
    (
        "editMessageText",
        {"chat_id": ADA, "message_id": "{p}", "text": "x"},
        400,
        "Bad Request: message can't be edited",
    ),
    (
        "editMessageText",
        {"chat_id": ADA, "message_id": "{n}", "text": "x" * 4097},
        400,
        "Bad Request: MESSAGE_TOO_LONG",
    ),
    ("editMessageText", {"inline_message_id": "1", "text": "x"}, 400, "Bad Request: MESSAGE_ID_INVALID"),
    (
        "editMessageText",
        {"chat_id": ADA, "message_id": "{n}", "text": " Hello ", "reply_markup": keyboard([OK_BUTTON])},
        400,
        (
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
            " as a current content and reply markup of the message"
        ),
    ),
    ("deleteMessage", {"chat_id": ADA, "message_id": 999}, 400, "Bad Request: message to delete not found"),
    (
        "answerCallbackQuery",
        {"callback_query_id": "1"},
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    ),
    ("setMyCommands", {"commands": [{"command": "Bad!", "description": "x"}]}, 400, "Bad Request: BOT_COMMAND_INVALID"),
    (
        "setMyCommands",
        {"commands": [{"command": f"c{n}", "description": "x"} for n in range(101)]},
        400,
        "Bad Request: BOT_COMMANDS_TOO_MUCH",
    ),
    ("setMyCommands", {"commands": [], "language_code": "eng"}, 400, "Bad Request: invalid language code specified"),
    ("sendChatAction", {"chat_id": ADA, "action": "dance"}, 400, "Bad Request: wrong parameter action in request"),
    ("getChat", {"chat_id": 5}, 400, "Bad Request: chat not found"),
]


@pytest.mark.parametrize(("method", "arguments", "status", "description"), REFUSALS)
async def test_a_refusal_has_telegrams_words(world, method, arguments, status, description):
    said = await world.do("send", {"person": ADA, "text": "/start"})
    sent = await world.result("sendMessage", chat_id=ADA, text="Hello", reply_markup=keyboard([OK_BUTTON]))
    ids = {"{p}": said["message_id"], "{n}": sent["message_id"]}
    arguments = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in arguments.items()}
    assert await world.refusal(method, **arguments) == (status, description)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


# JSON's null is the word "null" and not a missing argument.
NULLS = [
    ({"parse_mode": None}, "unsupported parse_mode"),
    ({"chat_id": None}, "chat not found"),
    ({"entities": None}, "expected an Array of entities"),
    ({"link_preview_options": None}, "object expected as link preview options"),
    ({"reply_parameters": None}, "object expected as reply parameters"),
]


@pytest.mark.parametrize(("null", "words"), NULLS)
async def test_null_is_a_word(world, null, words):
    arguments = {"chat_id": ADA, "text": "x", **null}
    assert await world.refusal("sendMessage", **arguments) == (400, f"Bad Request: {words}")
    assert (await world.result("sendMessage", chat_id=ADA, text=None))["text"] == "null"


async def test_an_answer_is_in_telegrams_shape(world):
    status, body = await world.call("sendMessage", chat_id=ADA, text="<b>Hi</b> /help", parse_mode="HTML")
    assert isinstance(body["result"].pop("date"), int)
    assert (status, body) == (
        200,
        {
            "ok": True,
            "result": {
                "message_id": 1,
                "from": {"id": 42, "is_bot": True, "first_name": "Sandbox bot", "username": "sandbox_bot"},
                "chat": {"id": ADA, "first_name": "Ada", "type": "private"},
                "text": "Hi /help",
                "entities": [
                    {"offset": 0, "length": 2, "type": "bold"},
                    {"offset": 3, "length": 5, "type": "bot_command"},
                ],
            },
        },
    )


FOUR_WAYS = {
    "query": lambda fields: {"params": fields},
    "urlencoded": lambda fields: {"data": fields},
    "json": lambda fields: {"json": fields},
    "multipart": lambda fields: {"data": _multipart(fields)},
}


def _multipart(fields):
    writer = aiohttp.MultipartWriter("form-data")
    for name, value in fields.items():
        writer.append(value).set_content_disposition("form-data", name=name)
    return writer


@pytest.mark.parametrize("way", FOUR_WAYS)
async def test_arguments_come_in_four_ways(world, way):
    fields = {"chat_id": str(ADA), "text": "Բարև & 😀 +1", "reply_markup": json.dumps(keyboard([OK_BUTTON]))}
    verb = "GET" if way == "query" else "POST"
    url = f"{world.url}/bot{TOKEN}/sendMessage"
    async with world.session.request(verb, url, **FOUR_WAYS[way](fields)) as response:
        result = (await response.json())["result"]
    assert (result["text"], result["reply_markup"]) == ("Բարև & 😀 +1", keyboard([OK_BUTTON]))


async def test_a_request_beyond_a_mebibyte_is_refused(world):
    body = io.BytesIO(b"chat_id=1001&text=" + b"x" * 2**20)
    async with world.session.post(f"{world.url}/bot{TOKEN}/sendMessage", data=body, headers=FORM) as response:
        assert (response.status, await response.json()) == (
            413,
            {"ok": False, "error_code": 413, "description": "Request Entity Too Large"},
        )


async def test_headers_beyond_a_quarter_of_a_mebibyte_are_refused(world):
    url = f"{world.url}/bot{TOKEN}/getMe"
    for size, status in ((200, 200), (300, 431)):
        async with world.session.post(url, headers={"X-Long": "x" * size * 1024}) as response:
            assert response.status == status
            words = {"error_code": 431, "description": "Request Header Fields Too Large"}
            assert status == 200 or await response.json() == {"ok": False, **words}


async def test_a_text_with_half_a_character_is_refused(world):
    url = f"{world.url}/bot{TOKEN}/sendMessage"
    async with world.session.post(url, data=b"chat_id=1001&text=%FF", headers=FORM) as response:
        assert response.status == 200
    headers = {"Content-Type": "application/json"}
    async with world.session.post(url, data=b'{"chat_id":1001,"text":"\\ud800"}', headers=headers) as response:
        assert (await response.json())["description"] == "Bad Request: strings must be encoded in UTF-8"


async def test_a_methods_name_is_read_without_regard_to_case(world):
    assert (await world.result("GETME"))["id"] == 42
    assert (await world.control("requests"))[1]["methods"] == {"getMe": {"200": 1}}


async def test_a_malformed_and_a_revoked_token(world):
    async with world.session.post(f"{world.url}/botnonsense/getMe") as response:
        assert (response.status, await response.json()) == (
            404,
            {"ok": False, "error_code": 404, "description": "Not Found"},
        )
    await world.do("revoke", {})
    assert await world.refusal("getMe") == (401, "Unauthorized")


async def test_tokens_have_worlds_of_their_own(world):
    other = World(world.url, world.session, "43:other")
    assert await other.refusal("sendMessage", chat_id=ADA, text="x") == (400, "Bad Request: chat not found")
    await other.do("people", {"first_name": "Boris", "id": ADA})
    await other.do("send", {"person": ADA, "text": "hello"})
    assert await world.updates() == []
    assert await world.records() == []


# Updates


async def test_an_offset_confirms_what_lies_below_it(world):
    for text in ("one", "two", "three"):
        await world.do("send", {"person": ADA, "text": text})
    first, second, third = await world.updates()
    assert second["update_id"] == first["update_id"] + 1
    assert await world.updates(limit=1) == [first]
    assert await world.updates(offset=third["update_id"]) == [third]
    assert await world.updates(offset=third["update_id"] + 1000) == [third]
    assert await world.updates(offset=third["update_id"] + 1) == []


async def test_a_negative_offset_keeps_the_last_ones(world):
    for text in ("one", "two", "three"):
        await world.do("send", {"person": ADA, "text": text})
    assert [update["message"]["text"] for update in await world.updates(offset=-1)] == ["three"]
    assert len(await world.updates()) == 1


async def test_a_long_poll_ends_with_the_first_update(world):
    poll = asyncio.create_task(world.updates(timeout=30))
    await until(world.polling)
    await world.do("send", {"person": ADA, "text": "/latest tunnel"})
    [update] = await asyncio.wait_for(poll, 30)
    assert update["message"]["entities"] == [{"offset": 0, "length": 7, "type": "bot_command"}]


async def test_of_two_pollers_the_older_gives_way(world):
    older = asyncio.create_task(world.refusal("getUpdates", timeout=30))
    await until(world.polling)
    newer = asyncio.create_task(world.updates(timeout=30))
    assert await asyncio.wait_for(older, 30) == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    await world.do("send", {"person": ADA, "text": "x"})
    assert len(await asyncio.wait_for(newer, 30)) == 1


async def test_allowed_updates_are_remembered(world):
    await world.updates(allowed_updates=["callback_query"])
    await world.do("send", {"person": ADA, "text": "unheard"})
    assert await world.updates() == []
    assert (await world.result("getWebhookInfo"))["allowed_updates"] == ["callback_query"]
    await world.updates(allowed_updates=[])
    await world.do("send", {"person": ADA, "text": "heard"})
    assert [update["message"]["text"] for update in await world.updates()] == ["heard"]


async def test_delete_webhook_may_drop_what_waits(world):
    await world.do("send", {"person": ADA, "text": "x"})
    await world.result("deleteWebhook", drop_pending_updates=True)
    assert await world.updates() == []


# Messages


async def test_an_edit_replaces_text_and_keyboard_in_place(world):
    sent = await world.result("sendMessage", chat_id=ADA, text="old", reply_markup=keyboard([OK_BUTTON]))
    edited = await world.result("editMessageText", chat_id=ADA, message_id=sent["message_id"], text="new")
    assert edited.pop("edit_date") >= sent["date"]
    assert edited == {**{name: value for name, value in sent.items() if name != "reply_markup"}, "text": "new"}
    both = await world.result(
        "editMessageReplyMarkup", chat_id=ADA, message_id=sent["message_id"], reply_markup=keyboard([OK_BUTTON])
    )
    assert (both["text"], both["reply_markup"]) == ("new", keyboard([OK_BUTTON]))
    assert [(record["kind"], record["message"]["text"]) for record in await world.records()] == [
        ("sent", "old"),
        ("edited", "new"),
        ("edited", "new"),
    ]


async def test_a_deleted_message_is_gone(world):
    sent = await world.result("sendMessage", chat_id=ADA, text="x")
    assert await world.result("deleteMessage", chat_id=ADA, message_id=sent["message_id"]) is True
    refusal = await world.refusal("editMessageText", chat_id=ADA, message_id=sent["message_id"], text="y")
    assert refusal == (400, "Bad Request: message to edit not found")
    assert [record["kind"] for record in await world.records()] == ["sent", "deleted"]


async def test_a_reply_shows_what_it_answers(world):
    said = await world.do("send", {"person": ADA, "text": "question"})
    reply = {"message_id": said["message_id"]}
    answer = await world.result("sendMessage", chat_id=ADA, text="answer", reply_parameters=reply)
    assert answer["reply_to_message"] == said
    lost = {"message_id": 999, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await world.result("sendMessage", chat_id=ADA, text="x", reply_parameters=lost)


async def test_a_reply_may_be_named_in_the_old_way(world):
    said = await world.do("send", {"person": ADA, "text": "question"})
    old = {"chat_id": ADA, "text": "answer", "reply_to_message_id": said["message_id"]}
    assert (await world.result("sendMessage", **old))["reply_to_message"] == said
    lost = {**old, "reply_to_message_id": 999}
    assert await world.refusal("sendMessage", **lost) == (400, "Bad Request: message to be replied not found")
    assert "reply_to_message" not in await world.result("sendMessage", **lost, allow_sending_without_reply=True)


async def test_entities_may_be_handed_in(world):
    entities = [{"type": "bold", "offset": 3, "length": 1}, {"type": "url", "offset": 0, "length": 1}]
    message = await world.result("sendMessage", chat_id=ADA, text="😀 x", entities=entities)
    assert message["entities"] == [{"offset": 3, "length": 1, "type": "bold"}]


async def test_the_longest_text_is_counted_after_parsing(world):
    text = "<b>" + "x" * 4096 + "</b>  "
    assert len((await world.result("sendMessage", chat_id=ADA, text=text, parse_mode="HTML"))["text"]) == 4096


async def test_a_thread_means_nothing_in_a_private_chat(world):
    message = await world.result("sendMessage", chat_id=ADA, text="x", message_thread_id=7)
    assert "message_thread_id" not in message


# People


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("block", "Forbidden: bot was blocked by the user"),
        ("deactivate", "Forbidden: user is deactivated"),
    ],
)
async def test_who_cannot_be_written_to(world, state, words):
    await world.do(state, {"person": ADA})
    assert await world.refusal("sendMessage", chat_id=ADA, text="x") == (403, words)
    assert await world.records() == []


async def test_nobody_is_written_to_before_they_start(world):
    await world.do("people", {"first_name": "Shy", "id": 7, "started": False})
    words = "Forbidden: bot can't initiate conversation with a user"
    assert await world.refusal("sendMessage", chat_id=7, text="x") == (403, words)
    await world.do("send", {"person": 7, "text": "/start"})
    await world.result("sendMessage", chat_id=7, text="x")


async def test_blocking_is_told_once_and_writing_unblocks(world):
    await world.do("block", {"person": ADA})
    await world.do("block", {"person": ADA})
    await world.do("send", {"person": ADA, "text": "/start"})
    blocked, unblocked, message = await world.updates()
    states = [
        (update["my_chat_member"]["old_chat_member"]["status"], update["my_chat_member"]["new_chat_member"]["status"])
        for update in (blocked, unblocked)
    ]
    assert states == [("member", "kicked"), ("kicked", "member")]
    assert message["message"]["text"] == "/start"


async def test_a_person_edits_what_they_wrote(world):
    said = await world.do("send", {"person": ADA, "text": "/latset"})
    await world.do("edit", {"person": ADA, "message_id": said["message_id"], "text": "/latest"})
    _, update = await world.updates()
    assert update["edited_message"]["text"] == "/latest"
    assert "edit_date" in update["edited_message"]


async def test_a_pressed_button_is_a_callback_query(world):
    sent = await world.result("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard([OK_BUTTON]))
    pressed = await world.do("press", {"person": ADA, "message_id": sent["message_id"], "data": "open"})
    [update] = await world.updates()
    query = update["callback_query"]
    assert (query["id"], query["data"], query["message"]) == (pressed["id"], "open", sent)
    too_long = await world.refusal("answerCallbackQuery", callback_query_id=query["id"], text="x" * 201)
    assert too_long == (400, "Bad Request: MESSAGE_TOO_LONG")
    assert (
        await world.result("answerCallbackQuery", callback_query_id=query["id"], text="Done", show_alert=True) is True
    )
    [record] = await world.records("kind=answered")
    assert (record["callback_query_id"], record["text"], record["show_alert"]) == (query["id"], "Done", True)


async def test_an_answer_may_come_too_late(world):
    await world.do("settings", {"query_lives": 0})
    sent = await world.result("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard([OK_BUTTON]))
    pressed = await world.do("press", {"person": ADA, "message_id": sent["message_id"], "data": "open"})
    words = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await world.refusal("answerCallbackQuery", callback_query_id=pressed["id"]) == (400, words)


async def test_a_menu_is_the_nearest_one(world):
    def commands(name):
        return [{"command": name, "description": "what it does"}]

    await world.result("setMyCommands", commands=commands("all"))
    await world.result("setMyCommands", commands=commands("russian"), language_code="ru")
    await world.do("people", {"first_name": "Boris", "id": 7, "language_code": "ru"})
    assert (await world.control(f"commands?chat={ADA}"))[1]["commands"] == commands("all")
    assert (await world.control("commands?chat=7"))[1]["commands"] == commands("russian")
    await world.result("setMyCommands", commands=commands("mine"), scope={"type": "chat", "chat_id": ADA})
    assert (await world.control(f"commands?chat={ADA}"))[1]["commands"] == commands("mine")
    assert await world.result("getMyCommands") == commands("all")
    await world.result("deleteMyCommands")
    assert await world.result("getMyCommands") == []
