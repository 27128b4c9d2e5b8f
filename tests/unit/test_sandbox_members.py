"""Members of the sandbox's chats by raw HTTP: status and rights, what the bot is told, what it may ask, menus."""

import pytest
from sandbox_http import ADA, running
from sandbox_rooms import BORIS, BOT, CLARA, add, fresh, say, set_member

OUTSIDE = 5


@pytest.fixture
async def world():
    async with running() as world:
        yield world


PERMISSIONS = [
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
]
EVERYWHERE = [
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_promote_members",
    "can_manage_video_chats",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
]
IN_GROUPS = ["can_pin_messages", "can_manage_topics", "can_manage_tags"]
IN_CHANNELS = ["can_post_messages", "can_edit_messages", "can_manage_direct_messages"]


def admin(kind, **changes):
    rights = [*EVERYWHERE, *(IN_CHANNELS if kind == "channel" else IN_GROUPS)]
    usual = {right: right != "can_promote_members" for right in rights}
    return {"can_be_edited": False, "is_anonymous": False, **usual, **changes}


def restricted(*allowed):
    return {right: right in allowed for right in PERMISSIONS}


# Kind, what is done to Boris, what getChatMember then gives beside `user`.
SHOWN = [
    ("group", {"status": "creator"}, {"status": "creator", "is_anonymous": False}),
    ("group", {"status": "member"}, {"status": "member"}),
    ("group", {"status": "left"}, {"status": "left"}),
    ("group", {"status": "kicked", "until": 99}, {"status": "kicked", "until_date": 0}),
    ("group", {"status": "administrator"}, {"status": "administrator", **admin("group")}),
    (
        "supergroup",
        {"status": "administrator", "rights": {"can_pin_messages": False}, "anonymous": True, "title": "Editor"},
        {
            "status": "administrator",
            **admin("supergroup", can_pin_messages=False, is_anonymous=True),
            "custom_title": "Editor",
        },
    ),
    (
        "channel",
        {"status": "administrator", "rights": {"can_edit_messages": False}},
        {"status": "administrator", **admin("channel", can_edit_messages=False)},
    ),
    (
        "supergroup",
        {"status": "restricted", "rights": {"can_send_messages": True}},
        {"status": "restricted", "is_member": True, "until_date": 0, **restricted("can_send_messages")},
    ),
    (
        "supergroup",
        {"status": "restricted", "inside": False},
        {"status": "restricted", "is_member": False, "until_date": 0, **restricted()},
    ),
]


@pytest.mark.parametrize(("kind", "done", "shown"), SHOWN)
async def test_a_member_is_shown(world, kind, done, shown):
    chat = await add(world, kind)
    await set_member(world, chat, user=BORIS, **done)
    boris = {"id": BORIS, "is_bot": False, "first_name": "Boris", "language_code": "en"}
    assert await world.result("getChatMember", chat_id=chat, user_id=BORIS) == {"user": boris, **shown}


async def test_who_never_came_has_left(world):
    chat = await add(world)
    assert (await world.result("getChatMember", chat_id=chat, user_id=CLARA))["status"] == "left"


REFUSALS = [
    ("getChatMember", {"user_id": 0}, "invalid user_id specified"),
    ("getChatMember", {"user_id": 0, "chat_id": 99}, "invalid user_id specified"),
    ("getChatMember", {"user_id": 99}, "member not found"),
    ("getChatMember", {"user_id": BORIS, "chat_id": ADA}, "member not found"),
    ("getChatMember", {"user_id": BORIS, "chat_id": 99}, "chat not found"),
    ("getChatAdministrators", {"chat_id": ADA}, "there are no administrators in the private chat"),
    ("getChatAdministrators", {"chat_id": 99}, "chat not found"),
    ("getChatMemberCount", {"chat_id": 99}, "chat not found"),
    ("leaveChat", {"chat_id": ADA}, "chat member status can't be changed in private chats"),
]


@pytest.mark.parametrize(("method", "arguments", "words"), REFUSALS)
async def test_a_question_that_has_no_answer(world, method, arguments, words):
    chat = await add(world)
    assert await world.refusal(method, **{"chat_id": chat, **arguments}) == (400, f"Bad Request: {words}")


async def test_in_private_there_are_two(world):
    for user in (ADA, BOT):
        member = await world.result("getChatMember", chat_id=ADA, user_id=user)
        assert (member["user"]["id"], member["status"]) == (user, "member")
    assert await world.result("getChatMemberCount", chat_id=ADA) == 2


GONE = [
    ("kicked", "bot was kicked from the group chat"),
    ("left", "bot is not a member of the group chat"),
]


@pytest.mark.parametrize(("status", "words"), GONE)
async def test_the_members_of_a_basic_group_are_for_its_members(world, status, words):
    chat = await add(world, "group")
    await set_member(world, chat, status)
    for method in ("getChatMember", "getChatAdministrators", "getChatMemberCount"):
        assert await world.refusal(method, chat_id=chat, user_id=ADA) == (403, f"Forbidden: {words}")
    assert (await world.result("getChat", chat_id=chat))["id"] == chat


async def test_administrators_are_listed_without_other_bots(world):
    await world.do("people", {"first_name": "Other", "id": 77, "is_bot": True, "username": "other_bot"})
    chat = await add(world)
    await set_member(world, chat, "administrator", user=BORIS)
    await set_member(world, chat, "administrator", user=77)
    listed = await world.result("getChatAdministrators", chat_id=chat)
    assert [(member["user"]["id"], member["status"]) for member in listed] == [
        (ADA, "creator"),
        (BORIS, "administrator"),
    ]
    await set_member(world, chat, "administrator")
    listed = await world.result("getChatAdministrators", chat_id=chat)
    assert {member["user"]["id"] for member in listed} == {ADA, BORIS, BOT}
    assert await world.result("getChatMemberCount", chat_id=chat) == 4


async def test_a_channel_shows_its_members_to_administrators_only(world):
    chat = await add(world, "channel", username="open_news", bot="none")
    words = (400, "Bad Request: member list is inaccessible")
    assert await world.refusal("getChatMember", chat_id="@open_news", user_id=ADA) == words
    assert await world.refusal("getChatAdministrators", chat_id="@open_news") == words
    assert (await world.result("getChatMember", chat_id="@open_news", user_id=BOT))["status"] == "left"
    await set_member(world, chat, "administrator")
    assert (await world.result("getChatMember", chat_id=chat, user_id=ADA))["status"] == "creator"
    assert len(await world.result("getChatAdministrators", chat_id=chat)) == 2


# What the bot is told of itself. Kind, the steps, and the statuses of my_chat_member with one right of the new one.
STEPS = [
    (
        "supergroup",
        [
            ({"status": "administrator", "rights": {"can_pin_messages": False}}, ("member", "administrator")),
            ({"status": "member"}, ("administrator", "member")),
            ({"status": "restricted", "rights": {}}, ("member", "restricted")),
            ({"status": "kicked"}, ("restricted", "kicked")),
            ({"status": "left"}, ("kicked", "left")),
            ({"status": "member"}, ("left", "member")),
        ],
    ),
    (
        "group",
        [({"status": "administrator"}, ("member", "administrator")), ({"status": "left"}, ("administrator", "left"))],
    ),
    (
        "channel",
        [
            ({"status": "kicked"}, ("administrator", "kicked")),
            ({"status": "administrator"}, ("kicked", "administrator")),
        ],
    ),
]


@pytest.mark.parametrize(("kind", "steps"), STEPS)
async def test_the_bot_is_told_what_becomes_of_it(world, kind, steps):
    chat = await add(world, kind)
    await fresh(world)
    for member, _ in steps:
        await set_member(world, chat, by=ADA, **member)
    changes = [content for kind, content in await fresh(world) if kind == "my_chat_member"]
    assert [(each["old_chat_member"]["status"], each["new_chat_member"]["status"]) for each in changes] == [
        statuses for _, statuses in steps
    ]
    assert {(each["chat"]["id"], each["from"]["id"], each["new_chat_member"]["user"]["id"]) for each in changes} == {
        (chat, ADA, BOT)
    }


async def test_a_change_of_rights_shows_the_old_and_the_new(world):
    chat = await add(world, "channel")
    await fresh(world)
    await set_member(world, chat, "administrator", rights={"can_post_messages": False})
    [(_, change)] = await fresh(world)
    assert change["old_chat_member"]["can_post_messages"] is True
    assert change["new_chat_member"]["can_post_messages"] is False


async def test_changes_of_others_are_told_to_an_administrator_who_asks(world):
    chat = await add(world, bot="administrator")
    await fresh(world, allowed_updates=["chat_member"])
    await set_member(world, chat, "kicked", user=BORIS, by=ADA)
    await set_member(world, chat, "member")
    await set_member(world, chat, "member", user=BORIS)
    [(kind, change)] = await fresh(world)
    assert (kind, change["new_chat_member"]["user"]["id"], change["from"]["id"]) == ("chat_member", BORIS, ADA)


async def test_being_added_by_a_link_says_what_was_in_it(world):
    chat = await add(world, bot="none")
    await set_member(world, chat, "member", by=BORIS, payload="follow_7")
    kinds = [(kind, content.get("text")) for kind, content in await fresh(world)]
    assert kinds == [("my_chat_member", None), ("message", None), ("message", "/start@sandbox_bot follow_7")]


async def test_leaving(world):
    chat = await add(world)
    await fresh(world)
    assert await world.result("leaveChat", chat_id=chat) is True
    [(kind, change)] = await fresh(world)
    assert (kind, change["from"]["id"], change["new_chat_member"]["status"]) == ("my_chat_member", BOT, "left")
    again = await world.refusal("leaveChat", chat_id=chat)
    assert again == (403, "Forbidden: bot is not a member of the supergroup chat")


CANNOT_BE = [
    ("group", {"status": "restricted"}, "a basic group restricts nobody: upgrade it to a supergroup"),
    ("supergroup", {"status": "king"}, "unknown status 'king'"),
    ("supergroup", {"status": "administrator", "rights": {"can_fly": True}}, "no right can_fly"),
    ("supergroup", {"status": "restricted", "rights": {"can_delete_messages": True}}, "no right can_delete_messages"),
    ("supergroup", {"status": "member", "user": 99}, "unknown or missing: 99"),
    ("channel", {"status": "member", "user": "bot"}, "a bot in a channel is its administrator"),
]


@pytest.mark.parametrize(("kind", "done", "words"), CANNOT_BE)
async def test_what_cannot_be_done_to_a_member_says_why(world, kind, done, words):
    chat = await add(world, kind)
    status, answer = await world.control("chats/member", {"chat": chat, "user": BORIS, **done})
    assert status == 400
    assert words in answer["error"]


async def test_a_muted_member_says_nothing(world):
    chat = await add(world)
    await set_member(world, chat, "restricted", user=BORIS)
    status, answer = await world.control("send", {"person": BORIS, "chat": chat, "text": "x"})
    assert (status, answer) == (400, {"error": "Boris may not write in this chat"})


async def test_a_chat_tells_of_itself(world):
    chat = await add(world, username="house", forum=True)
    await say(world, chat, "x")
    full = await world.result("getChat", chat_id=chat)
    assert {name: full[name] for name in ("id", "title", "type", "username", "is_forum", "active_usernames")} == {
        "id": chat,
        "title": "House",
        "type": "supergroup",
        "username": "house",
        "is_forum": True,
        "active_usernames": ["house"],
    }
    assert full["permissions"]["can_send_messages"] is True
    [listed] = (await world.control("chats"))[1]["chats"]
    assert (listed["id"], sorted(listed["members"])) == (chat, [str(ADA), str(BORIS), str(BOT)])


# Menus


def commands(name):
    return [{"command": name, "description": "what it does"}]


# Scopes from the nearest to the farthest; each has a list, and with each taken away the next one is seen.
RESOLUTION = {
    "private": [
        {"type": "chat", "chat_id": ADA},
        {"type": "all_private_chats"},
        {"type": "default"},
    ],
    "admin": [
        {"type": "chat_member", "chat_id": "group", "user_id": ADA},
        {"type": "chat_administrators", "chat_id": "group"},
        {"type": "chat", "chat_id": "group"},
        {"type": "all_chat_administrators"},
        {"type": "all_group_chats"},
        {"type": "default"},
    ],
    "member": [
        {"type": "chat_member", "chat_id": "group", "user_id": BORIS},
        {"type": "chat", "chat_id": "group"},
        {"type": "all_group_chats"},
        {"type": "default"},
    ],
}


@pytest.mark.parametrize("who", RESOLUTION)
async def test_a_menu_is_that_of_the_nearest_scope(world, who):
    group = await add(world)
    scopes = [{name: group if value == "group" else value for name, value in s.items()} for s in RESOLUTION[who]]
    everything = [
        {name: group if value == "group" else value for name, value in s.items()} for s in RESOLUTION["admin"]
    ]
    for scope in everything if who == "member" else []:
        await world.result("setMyCommands", commands=commands("not_for_members"), scope=scope)
    for number, scope in enumerate(scopes):
        await world.result("setMyCommands", commands=commands(f"c{number}"), scope=scope)
    person = BORIS if who == "member" else ADA
    query = f"commands?chat={ADA if who == 'private' else group}&person={person}"
    for number, scope in enumerate(scopes):
        assert (await world.control(query))[1]["commands"] == commands(f"c{number}")
        assert await world.result("getMyCommands", scope=scope) == commands(f"c{number}")
        await world.result("deleteMyCommands", scope=scope)
        assert await world.result("getMyCommands", scope=scope) == []
    assert (await world.control(query))[1]["commands"] == []


BAD_SCOPES = [
    ({"type": "chat", "chat_id": 99}, 400, "Bad Request: chat not found"),
    ({"type": "chat_administrators", "chat_id": ADA}, 400, "Bad Request: can't use specified scope in private chats"),
    ({"type": "chat", "chat_id": "channel"}, 400, "Bad Request: can't change commands in channel chats"),
    ({"type": "chat_member", "chat_id": "group", "user_id": 99}, 400, "Bad Request: user not found"),
    ({"type": "chat", "chat_id": "kicked"}, 403, "Forbidden: bot was kicked from the supergroup chat"),
    ({"type": "chat_member", "chat_id": "group", "user_id": [1]}, 400, "Bad Request: user not found"),
    ({"type": "chat"}, 400, "Bad Request: chat_id is empty"),
    ({"type": "world"}, 400, "Bad Request: can't parse BotCommandScope: Unsupported type specified"),
    ({}, 400, "Bad Request: can't parse BotCommandScope: Can't find field \"type\""),
]


@pytest.mark.parametrize(("scope", "status", "words"), BAD_SCOPES)
async def test_a_scope_that_cannot_be(world, scope, status, words):
    chats = {"group": await add(world), "channel": await add(world, "channel"), "kicked": await add(world)}
    await set_member(world, chats["kicked"], "kicked")
    scope = {name: chats.get(value, value) if name == "chat_id" else value for name, value in scope.items()}
    refusal = await world.refusal("setMyCommands", commands=commands("x"), scope=scope)
    assert refusal == (status, words)
