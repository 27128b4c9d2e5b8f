"""The driver of the sandbox process in groups and channels: every call of it does what it says."""

import pytest
from sandbox import TooFewRecordsError


async def send(sandbox, chat, text="x", **more):
    status, body = await sandbox.method("sendMessage", chat_id=chat, text=text, **more)
    return status, body.get("result") or body["description"]


@pytest.fixture
async def people(sandbox):
    return [await sandbox.add_person(name) for name in ("Ada", "Boris")]


async def member(sandbox, chat):
    [found] = [each for each in await sandbox.chats() if each["id"] == chat]
    return found["members"][sandbox.token.partition(":")[0]]


async def test_the_bot_comes_rises_falls_and_goes(sandbox, people):
    ada, boris = people
    chat = await sandbox.add_group(ada, members=[boris], bot="none")
    await sandbox.add_to_chat(chat, by=boris, payload="follow")
    [record] = await sandbox.wait_for(chat=chat, kind="received")
    assert record["message"]["text"].endswith(" follow")
    await sandbox.promote(chat, rights={"can_pin_messages": False})
    assert (await member(sandbox, chat))["can_pin_messages"] is False
    await sandbox.demote(chat)
    await sandbox.restrict(chat)
    assert "not enough rights" in (await send(sandbox, chat))[1]
    await sandbox.kick(chat)
    assert "kicked" in (await send(sandbox, chat))[1]
    await sandbox.remove(chat)
    assert (await member(sandbox, chat))["status"] == "left"


async def test_people_speak_in_every_way(sandbox, people):
    ada, boris = people
    chat = await sandbox.add_group(ada, members=[boris], forum=True)
    channel = await sandbox.add_channel(ada)
    await sandbox.link(channel, chat)
    thread = await sandbox.add_topic(chat, "Economy")
    asked = await sandbox.say(boris, "/latest", chat=chat, thread=thread)
    assert asked["message_thread_id"] == thread
    edited = await sandbox.edit(boris, asked["message_id"], "/latest tunnel", chat=chat)
    assert edited["edit_date"]
    answer = await sandbox.say(ada, "see there", chat=chat, reply_to=asked["message_id"], anonymous=True)
    assert (answer["sender_chat"]["id"], answer["message_thread_id"]) == (chat, thread)
    assert (await sandbox.say(ada, "x", chat=chat, as_channel=channel))["sender_chat"]["id"] == channel
    post = await sandbox.say(ada, "post", chat=channel)
    forward = (await sandbox.messages(chat=chat))[-1]["message"]
    assert forward["forward_origin"]["message_id"] == post["message_id"]
    await sandbox.delete(chat, asked["message_id"])
    with pytest.raises(TooFewRecordsError):
        await sandbox.wait_for(chat=chat, within=0.01)


async def test_topics_close_and_go(sandbox, people):
    chat = await sandbox.add_group(people[0], forum=True)
    thread = await sandbox.add_topic(chat)
    await sandbox.close_topic(chat, thread)
    await sandbox.close_topic(chat)
    assert (await send(sandbox, chat))[1] == "Bad Request: TOPIC_CLOSED"
    await sandbox.reopen_topic(chat)
    await sandbox.reopen_topic(chat, thread)
    assert (await send(sandbox, chat, message_thread_id=thread))[0] == 200
    await sandbox.delete_topic(chat, thread)
    assert (await send(sandbox, chat, message_thread_id=thread))[1] == "Bad Request: message thread not found"


async def test_a_group_changes_and_moves(sandbox, people):
    chat = await sandbox.add_group(people[0], kind="group")
    await sandbox.change_chat(chat, title="Home", refuses="CHAT_WRITE_FORBIDDEN")
    assert (await send(sandbox, chat))[1] == "Bad Request: CHAT_WRITE_FORBIDDEN"
    await sandbox.change_chat(chat, refuses="")
    await sandbox.permissions(chat, can_send_messages=False)
    assert "not enough rights" in (await send(sandbox, chat))[1]
    await sandbox.permissions(chat, can_send_messages=True)
    status, message = await send(sandbox, chat)
    assert (status, message["chat"]["title"]) == (200, "Home")
    await sandbox.put_ahead(49 * 3600)
    _, body = await sandbox.method("deleteMessage", chat_id=chat, message_id=message["message_id"])
    assert body["description"] == "Bad Request: message can't be deleted for everyone"
    new = await sandbox.upgrade(chat, first="new")
    assert "upgraded" in (await send(sandbox, chat))[1]
    assert (await send(sandbox, new))[0] == 200


async def test_buttons_and_menus_in_a_group(sandbox, people):
    ada, boris = people
    chat = await sandbox.add_group(ada, members=[boris])
    rows = [[{"text": "More", "callback_data": "more"}]]
    _, message = await send(sandbox, chat, reply_markup={"inline_keyboard": rows})
    query = await sandbox.press_button(boris, message, "More")
    await sandbox.method("answerCallbackQuery", callback_query_id=query, text="Here")
    [record] = await sandbox.wait_for(kind="answered", chat=chat)
    assert record["callback_query_id"] == query
    commands = [{"command": "manage", "description": "For administrators"}]
    await sandbox.method("setMyCommands", commands=commands, scope={"type": "all_chat_administrators"})
    assert await sandbox.commands(chat, ada) == commands
    assert await sandbox.commands(chat, boris) == []
