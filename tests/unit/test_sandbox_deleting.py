"""What a bot may delete, pin and edit in the sandbox, by raw HTTP."""

import pytest
from sandbox_http import ADA, running
from sandbox_rooms import add, fresh, say, set_member


@pytest.fixture
async def world():
    async with running() as world:
        yield world


EVERYTHING = {"can_delete_messages": True}
TOO_LATE = "Bad Request: message can't be deleted for everyone"
TWO_DAYS = 48 * 3600
# Kind, the bot's status and rights, whose message, how old, the answer (None: it is deleted).
DELETING = [
    ("private", None, "own", 0, None),
    ("private", None, "own", TWO_DAYS + 60, TOO_LATE),
    ("private", None, "theirs", 0, None),
    ("group", ("member", None), "own", 0, None),
    ("group", ("member", None), "theirs", 0, TOO_LATE),
    ("group", ("administrator", EVERYTHING), "theirs", 0, None),
    ("supergroup", ("member", None), "own", TWO_DAYS + 60, TOO_LATE),
    ("supergroup", ("member", None), "theirs", 0, TOO_LATE),
    ("supergroup", ("administrator", {"can_delete_messages": False}), "theirs", 0, TOO_LATE),
    ("supergroup", ("administrator", EVERYTHING), "theirs", TWO_DAYS + 60, None),
    ("channel", ("administrator", {"can_delete_messages": False}), "own", 0, None),
    ("channel", ("administrator", {"can_delete_messages": False}), "theirs", 0, TOO_LATE),
    ("channel", ("administrator", EVERYTHING), "theirs", 0, None),
]


@pytest.mark.parametrize("case", DELETING)
async def test_who_may_delete(world, case):
    kind, bot, whose, age, words = case
    chat = ADA if kind == "private" else await add(world, kind)
    if bot:
        await set_member(world, chat, bot[0], rights=bot[1])
    message = await (
        world.result("sendMessage", chat_id=chat, text="x") if whose == "own" else say(world, chat, "x", person=ADA)
    )
    about = {"chat_id": chat, "message_id": message["message_id"]}
    await world.do("clock", {"ahead": age})
    if words:
        assert await world.refusal("deleteMessage", **about) == (400, words)
    else:
        assert await world.result("deleteMessage", **about) is True
        assert await world.refusal("deleteMessage", **about) == (400, "Bad Request: message to delete not found")


async def test_many_messages_are_deleted_at_once(world):
    ids = [(await world.result("sendMessage", chat_id=ADA, text="x"))["message_id"] for _ in range(3)]
    assert await world.result("deleteMessages", chat_id=ADA, message_ids=[*ids[:2], 999]) is True
    assert [record["message"]["message_id"] for record in await world.records("kind=deleted")] == ids[:2]


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (list(range(101)), "too many message identifiers specified"),
        ([], "message identifiers are not specified"),
        ("", "message identifiers are not specified"),
        ("[", "can't parse message_ids JSON object"),
        ({}, "expected an Array of message identifiers"),
        ([{}], "message identifier must be a Number"),
        ([0], "invalid message identifier specified"),
    ],
)
async def test_message_identifiers_that_cannot_be(world, ids, words):
    refusal = await world.refusal("deleteMessages", chat_id=ADA, message_ids=ids)
    assert refusal == (400, f"Bad Request: {words}")


NOT_SAID = [
    ({"chat_id": ADA}, "message identifier is not specified"),
    ({"message_id": 1}, "chat identifier is not specified"),
    ({"chat_id": ADA, "message_id": 999}, "message to delete not found"),
]


@pytest.mark.parametrize(("arguments", "words"), NOT_SAID)
async def test_a_deletion_names_a_message(world, arguments, words):
    assert await world.refusal("deleteMessage", **arguments) == (400, f"Bad Request: {words}")


@pytest.mark.parametrize(
    ("kind", "right", "missing"),
    [("supergroup", "can_pin_messages", "can_edit_messages"), ("channel", "can_edit_messages", "can_pin_messages")],
)
async def test_pinning_needs_a_right_and_is_told_of(world, kind, right, missing):
    chat = await add(world, kind, bot="administrator", rights={right: False, missing: True})
    sent = await world.result("sendMessage", chat_id=chat, text="x")
    about = {"chat_id": chat, "message_id": sent["message_id"]}
    words = "Bad Request: not enough rights to manage pinned messages in the chat"
    assert await world.refusal("pinChatMessage", **about) == (400, words)
    await set_member(world, chat, "administrator", rights={right: True, missing: False})
    await fresh(world)
    assert await world.result("pinChatMessage", **about) is True
    [(update, service)] = await fresh(world)
    assert update == ("channel_post" if kind == "channel" else "message")
    assert service["pinned_message"] == sent
    assert (await world.result("getChat", chat_id=chat))["pinned_message"] == sent
    assert await world.result("unpinChatMessage", **about) is True
    assert "pinned_message" not in await world.result("getChat", chat_id=chat)
    refusal = await world.refusal("pinChatMessage", chat_id=chat, message_id=999)
    assert refusal == (400, "Bad Request: message to pin not found")


async def test_a_channels_posts_are_edited_by_who_may(world):
    chat = await add(world, "channel", rights={"can_edit_messages": False})
    mine = await world.result("sendMessage", chat_id=chat, text="x")
    theirs = await say(world, chat, "y", person=ADA)
    await world.result("editMessageText", chat_id=chat, message_id=mine["message_id"], text="z")
    about = {"chat_id": chat, "message_id": theirs["message_id"], "text": "z"}
    assert await world.refusal("editMessageText", **about) == (400, "Bad Request: message can't be edited")
    await set_member(world, chat, "administrator")
    await world.result("editMessageText", **about)
