"""A basic group of the sandbox becomes a supergroup, by raw HTTP."""

import pytest
from sandbox_http import OK_BUTTON, keyboard, running
from sandbox_rooms import BORIS, add, fresh, say, set_member


@pytest.fixture
async def world():
    async with running() as world:
        yield world


@pytest.mark.parametrize("first", ["old", "new"])
async def test_a_group_moves_to_a_supergroup(world, first):
    old = await add(world, "group", bot="administrator", rights={"can_pin_messages": False})
    before = await world.result("getChatAdministrators", chat_id=old)
    await fresh(world)
    new = (await world.do("chats/upgrade", {"chat": old, "first": first}))["id"]
    told = [
        (content["chat"]["id"], content.get("migrate_to_chat_id"), content.get("migrate_from_chat_id"))
        for _, content in await fresh(world)
    ]
    expected = [(old, new, None), (new, None, old)]
    assert told == (expected if first == "old" else expected[::-1])
    assert new <= -1_000_000_000_001
    assert await world.result("getChatAdministrators", chat_id=new) == before
    assert await world.result("getChatMemberCount", chat_id=new) == 3
    status, body = await world.call("sendMessage", chat_id=old, text="x")
    assert (status, body) == (
        400,
        {
            "ok": False,
            "error_code": 400,
            "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": {"migrate_to_chat_id": new},
        },
    )
    await world.result("sendMessage", chat_id=new, text="x")
    again = await world.control("chats/upgrade", {"chat": old})
    assert again == (400, {"error": f"chat {old} is no basic group that could be upgraded"})


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("editMessageText", {"text": "y"}),
        ("editMessageReplyMarkup", {"reply_markup": keyboard([OK_BUTTON])}),
        ("deleteMessage", {}),
        ("pinChatMessage", {}),
        ("sendChatAction", {"action": "typing"}),
        ("leaveChat", {}),
    ],
)
async def test_every_change_in_a_moved_group_names_the_new_one(world, method, arguments):
    old = await add(world, "group")
    sent = await world.result("sendMessage", chat_id=old, text="x")
    new = (await world.do("chats/upgrade", {"chat": old}))["id"]
    status, body = await world.call(method, chat_id=old, message_id=sent["message_id"], **arguments)
    assert (status, body["parameters"]) == (400, {"migrate_to_chat_id": new})


async def test_what_members_may_do_comes_along(world):
    old = await add(world, "group")
    await world.do("chats/permissions", {"chat": old, "permissions": {"can_send_messages": False}})
    await set_member(world, old, "administrator", user=BORIS, title="Editor")
    new = (await world.do("chats/upgrade", {"chat": old}))["id"]
    refusal = await world.refusal("sendMessage", chat_id=new, text="x")
    assert refusal == (400, "Bad Request: not enough rights to send text messages to the chat")
    assert (await world.result("getChatMember", chat_id=new, user_id=BORIS))["custom_title"] == "Editor"


async def test_messages_stay_behind(world):
    old = await add(world, "group")
    said = await say(world, old, "x")
    new = (await world.do("chats/upgrade", {"chat": old}))["id"]
    about = {"chat_id": new, "message_id": said["message_id"] + 100, "text": "y"}
    assert await world.refusal("editMessageText", **about) == (400, "Bad Request: message to edit not found")
    status, answer = await world.control("send", {"person": BORIS, "chat": old, "text": "x"})
    assert (status, answer) == (400, {"error": f"this group is now {new}"})


async def test_a_bot_that_was_kicked_is_told_nothing(world):
    old = await add(world, "group")
    await set_member(world, old, "kicked")
    await fresh(world)
    new = (await world.do("chats/upgrade", {"chat": old}))["id"]
    assert await fresh(world) == []
    refusal = await world.refusal("sendMessage", chat_id=new, text="x")
    assert refusal == (403, "Forbidden: bot was kicked from the supergroup chat")
