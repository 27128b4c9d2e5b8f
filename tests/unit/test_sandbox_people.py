"""What people may do in the sandbox's chats, by raw HTTP: no more than Telegram's own apps would let them."""

import time

import pytest
from sandbox_http import ADA, OK_BUTTON, keyboard, running
from sandbox_rooms import BORIS, BOT, CLARA, add, fresh, say, set_member

DAY = 24 * 3600


@pytest.fixture
async def world():
    async with running() as world:
        yield world


async def refused(world, path, **body):
    status, answer = await world.control(path, body)
    assert status == 400, answer
    return answer["error"]


async def sent(world, chat):
    """A message of the bot's with a button."""
    message = await world.result("sendMessage", chat_id=chat, text="x", reply_markup=keyboard([OK_BUTTON]))
    return {"chat": chat, "message_id": message["message_id"], "data": "open"}


# Pressing. Who, in what kind of chat, public or not, and whether they may. Clara is in none of them.
PRESSING = [
    ("private", False, ADA, True),
    ("private", False, BORIS, False),
    ("group", False, BORIS, True),
    ("group", False, CLARA, False),
    ("supergroup", False, BORIS, True),
    ("supergroup", False, CLARA, False),
    ("supergroup", True, CLARA, True),
    ("channel", False, BORIS, True),
    ("channel", False, CLARA, False),
    ("channel", True, CLARA, True),
]


@pytest.mark.parametrize(("kind", "public", "person", "may"), PRESSING)
async def test_who_may_press_a_button(world, kind, public, person, may):
    room = await add(world, kind if kind != "private" else "group", **({"username": "house"} if public else {}))
    press = {"person": person, **await sent(world, ADA if kind == "private" else room)}
    await fresh(world)
    if may:
        pressed = await world.do("press", press)
        [(_, query)] = await fresh(world)
        assert (query["id"], query["from"]["id"], query["data"]) == (pressed["id"], person, "open")
    else:
        assert "is not in this chat" in await refused(world, "press", **press)
        assert await fresh(world) == []


async def test_who_was_thrown_out_presses_nothing(world):
    chat = await add(world)
    press = {"person": BORIS, **await sent(world, chat)}
    await set_member(world, chat, "kicked", user=BORIS)
    assert await refused(world, "press", **press) == "Boris is not in this chat"


async def test_a_message_of_somebody_elses_has_no_button(world):
    said = await world.do("send", {"person": ADA, "text": "x"})
    press = {"person": ADA, "message_id": said["message_id"], "data": "open"}
    assert await refused(world, "press", **press) == f"unknown or missing: {said['message_id']}"


async def test_a_button_pressed_just_before_its_message_was_deleted(world):
    press = {"person": ADA, **await sent(world, ADA)}
    await world.result("deleteMessage", chat_id=ADA, message_id=press["message_id"])
    await world.do("press", press)
    [(_, query)] = await fresh(world)
    chat = {"id": ADA, "first_name": "Ada", "type": "private"}
    assert query["message"] == {"chat": chat, "message_id": press["message_id"], "date": 0}
    assert await world.result("answerCallbackQuery", callback_query_id=query["id"]) is True


async def test_a_pressed_button_shows_what_its_message_answers(world):
    chat = await add(world)
    asked = await say(world, chat, "/latest")
    reply = {"reply_parameters": {"message_id": asked["message_id"]}, "reply_markup": keyboard([OK_BUTTON])}
    answer = await world.result("sendMessage", chat_id=chat, text="x", **reply)
    await fresh(world)
    await world.do("press", {"person": BORIS, "chat": chat, "message_id": answer["message_id"], "data": "open"})
    [(_, query)] = await fresh(world)
    assert query["message"] == answer
    assert query["message"]["reply_to_message"] == asked


# Editing. The kind of chat, who edits Ada's message, with which rights in a channel, and whether they may.
EDITING = [
    ("private", ADA, None, True),
    ("group", ADA, None, True),
    ("group", BORIS, None, False),
    ("supergroup", BORIS, None, False),
    ("channel", ADA, None, True),
    ("channel", BORIS, None, False),
    ("channel", CLARA, None, False),
    ("channel", BORIS, {"can_edit_messages": False}, False),
    ("channel", BORIS, {"can_edit_messages": True}, True),
]


@pytest.mark.parametrize(("kind", "person", "rights", "may"), EDITING)
async def test_who_may_edit_a_message(world, kind, person, rights, may):
    room = await add(world, kind if kind != "private" else "group", bot="administrator")
    chat = ADA if kind == "private" else room
    if rights:
        await set_member(world, chat, "administrator", user=BORIS, rights=rights)
    said = await say(world, chat, "one", person=ADA)
    edit = {"person": person, "chat": chat, "message_id": said["message_id"], "text": "two"}
    await fresh(world)
    if may:
        assert (await world.do("edit", edit))["text"] == "two"
        [(kind, message)] = await fresh(world)
        assert (kind[:7], message["text"]) == ("edited_", "two")
    else:
        assert await refused(world, "edit", **edit) == f"unknown or missing: {said['message_id']}"


async def test_an_anonymous_administrator_edits_what_they_wrote_and_no_other(world):
    chat = await add(world)
    await set_member(world, chat, "administrator", user=BORIS, anonymous=True)
    said = await say(world, chat, "/latest@sandbox_bot")
    edit = {"chat": chat, "message_id": said["message_id"], "text": "/search@sandbox_bot"}
    assert await refused(world, "edit", person=ADA, **edit) == f"unknown or missing: {said['message_id']}"
    edited = await world.do("edit", {"person": BORIS, **edit})
    assert (edited["from"]["username"], edited["text"]) == ("GroupAnonymousBot", "/search@sandbox_bot")


@pytest.mark.parametrize("kind", ["group", "channel"])
async def test_a_message_is_edited_within_two_days_and_a_post_for_ever(world, kind):
    chat = await add(world, kind)
    said = await say(world, chat, "one", person=ADA)
    edit = {"person": ADA, "chat": chat, "message_id": said["message_id"], "text": "two"}
    await world.do("clock", {"ahead": 2 * DAY + 5})
    if kind == "channel":
        await world.do("edit", edit)
    else:
        assert await refused(world, "edit", **edit) == "a message is edited within two days"


# Speaking and changing


async def test_who_has_no_account_does_nothing(world):
    chat = await add(world)
    said = await say(world, chat, "x")
    press = await sent(world, chat)
    await world.do("deactivate", {"person": BORIS})
    calls = [
        ("send", {"chat": chat, "text": "x"}),
        ("send", {"text": "x"}),
        ("edit", {"chat": chat, "message_id": said["message_id"], "text": "y"}),
        ("press", press),
        ("start", {}),
    ]
    for path, body in calls:
        assert await refused(world, path, person=BORIS, **body) == f"person {BORIS} has no account any more"


async def test_a_channel_is_spoken_for_by_its_owner_and_members_only(world):
    chat, channel = await add(world), await add(world, "channel")
    other = await add(world, owner=BORIS, members=[])
    say_so = {"text": "x", "as_channel": channel}
    assert "is no channel of Boris's" in await refused(world, "send", person=BORIS, chat=chat, **say_so)
    assert await refused(world, "send", person=ADA, chat=other, **say_so) == "Ada is not in this chat"
    assert (await say(world, chat, person=ADA, **say_so))["sender_chat"]["id"] == channel


BY_BORIS = [
    ("chats/member", {"user": "bot", "status": "administrator"}, "can_promote_members"),
    ("chats/member", {"user": "bot", "status": "kicked"}, "can_restrict_members"),
    ("chats/member", {"user": "bot", "status": "restricted"}, "can_restrict_members"),
    ("chats/change", {"title": "Boris's"}, "can_change_info"),
    ("topics", {"name": "Boris's"}, "can_manage_topics"),
    ("topics/close", {"thread": 0}, "can_manage_topics"),
]


@pytest.mark.parametrize(("path", "body", "right"), BY_BORIS)
async def test_what_a_member_does_needs_a_right(world, path, body, right):
    chat = await add(world, forum=True)
    words = f"person {BORIS} may not do this here: they lack {right}"
    assert await refused(world, path, chat=chat, by=BORIS, **body) == words
    await set_member(world, chat, "administrator", user=BORIS, rights={right: True})
    await world.do(path, {"chat": chat, "by": BORIS, **body})


async def test_members_come_go_and_bring_others(world):
    chat = await add(world, bot="none")
    await set_member(world, chat, "member", by=BORIS)
    await set_member(world, chat, "member", user=CLARA, by=CLARA)
    await set_member(world, chat, "left", user=BORIS, by=BORIS)
    await world.do("chats/permissions", {"chat": chat, "permissions": {"can_invite_users": False}})
    words = f"person {CLARA} may not do this here: they lack can_invite_users"
    assert await refused(world, "chats/member", chat=chat, user=BORIS, status="member", by=CLARA) == words
    await set_member(world, chat, "kicked", user=CLARA)
    words = f"person {CLARA} may not do this here: they lack can_restrict_members"
    assert await refused(world, "chats/member", chat=chat, user=CLARA, status="member", by=CLARA) == words


async def test_the_creator_upgrades_a_group(world):
    chat = await add(world, "group")
    assert await refused(world, "chats/upgrade", chat=chat, by=BORIS) == "the creator of a group upgrades it"
    await world.do("chats/upgrade", {"chat": chat, "by": ADA})


# Restrictions that end by themselves. What is done for an hour, and what is left of it then.
ENDING = [
    ({"status": "restricted"}, "member"),
    ({"status": "restricted", "inside": False}, "left"),
    ({"status": "kicked"}, "left"),
]


@pytest.mark.parametrize(("done", "then"), ENDING)
async def test_a_restriction_ends_by_itself(world, done, then):
    chat = await add(world)
    until = int(time.time()) + 3600
    await set_member(world, chat, user="bot", until=until, **done)
    [shown] = [each for each in (await world.control("chats"))[1]["chats"] if each["id"] == chat]
    assert shown["members"][str(BOT)]["until_date"] == until
    assert (await world.call("sendMessage", chat_id=chat, text="x"))[0] in {400, 403}
    await fresh(world)
    await world.do("clock", {"ahead": 3601})
    assert await fresh(world) == []
    status, body = await world.call("sendMessage", chat_id=chat, text="x")
    if then == "member":
        assert (status, body["result"]["text"]) == (200, "x")
    else:
        assert (status, body["description"]) == (403, "Forbidden: bot is not a member of the supergroup chat")


@pytest.mark.parametrize("seconds", [-1, 20, 367 * DAY])
async def test_a_moment_or_more_than_a_year_is_for_ever(world, seconds):
    chat = await add(world)
    await set_member(world, chat, "restricted", user=BORIS, until=int(time.time()) + seconds)
    member = await world.result("getChatMember", chat_id=chat, user_id=BORIS)
    assert (member["status"], member["until_date"]) == ("restricted", 0)
