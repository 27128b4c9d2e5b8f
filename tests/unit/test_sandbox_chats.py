"""Groups and channels of the sandbox by raw HTTP: who hears what, who may be written to, how a group moves."""

import pytest
from sandbox_http import ADA, OK_BUTTON, keyboard, running
from sandbox_rooms import BORIS, BOT, CLARA, add, fresh, heard, say, set_member

KINDS = ["group", "supergroup", "channel"]


@pytest.fixture
async def world():
    async with running() as world:
        yield world


# Kinds


@pytest.mark.parametrize(
    ("kind", "lowest", "highest"),
    [
        ("group", -999_999_999_999, -1),
        ("supergroup", -1_997_852_516_352, -1_000_000_000_001),
        ("channel", -1_997_852_516_352, -1_000_000_000_001),
    ],
)
async def test_ids_lie_in_telegrams_ranges(world, kind, lowest, highest):
    assert lowest <= await add(world, kind) <= highest
    assert await add(world, kind, id=lowest) == lowest
    status, answer = await world.control("chats", {"kind": kind, "title": "x", "owner": ADA, "id": highest + 1})
    assert (status, answer) == (
        400,
        {"error": f"the id of a {kind} lies between {lowest} and {highest}, not at {highest + 1}"},
    )


FOUNDED = {
    "group": ["my_chat_member", "group_chat_created"],
    "supergroup": ["my_chat_member", "new_chat_members"],
    "channel": ["my_chat_member"],
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_new_chat_is_told_of(world, kind):
    chat = await add(world, kind)
    (first, member), *service = await fresh(world)
    told = [field for _, message in service for field in message if field in FOUNDED[kind]]
    assert [first, *told] == FOUNDED[kind]
    new = "administrator" if kind == "channel" else "member"
    assert (member["old_chat_member"]["status"], member["new_chat_member"]["status"]) == ("left", new)
    assert (member["chat"], member["from"]["id"]) == ({"id": chat, "title": "House", "type": kind}, ADA)


async def test_message_ids_are_one_sequence_for_private_chats_and_basic_groups(world):
    group, large, channel = [await add(world, kind) for kind in KINDS]
    ids = [
        (await world.result("sendMessage", chat_id=chat, text="x"))["message_id"]
        for chat in (ADA, group, ADA, large, channel, large, group)
    ]
    # The group's and the supergroup's first messages tell how the bot came in.
    assert ids == [2, 3, 4, 2, 1, 3, 5]


async def test_a_message_shows_where_it_is_and_who_wrote_it(world):
    group, forum = await add(world, "group"), await add(world, forum=True)
    channel = await add(world, "channel", username="house_news")
    sent = [await world.result("sendMessage", chat_id=chat, text="x") for chat in (group, forum, channel)]
    assert [message["chat"] for message in sent] == [
        {"id": group, "title": "House", "type": "group"},
        {"id": forum, "title": "House", "type": "supergroup", "is_forum": True},
        {"id": channel, "title": "House", "username": "house_news", "type": "channel"},
    ]
    assert [message.get("from", {}).get("id") for message in sent] == [BOT, BOT, None]
    assert sent[2]["sender_chat"] == sent[2]["chat"]
    by_name = await world.result("sendMessage", chat_id="@House_News", text="x")
    assert by_name["chat"]["id"] == channel
    await set_member(world, forum, "administrator", anonymous=True)
    as_group = await world.result("sendMessage", chat_id=forum, text="x")
    assert (as_group["from"]["username"], as_group["sender_chat"]["id"]) == ("GroupAnonymousBot", forum)


# Access

NOT_FOUND = (400, "Bad Request: chat not found")


def _kicked(kind):
    return 403, f"Forbidden: bot was kicked from the {kind} chat"


def _outside(kind):
    return 403, f"Forbidden: bot is not a member of the {kind} chat"


# What happened, the kind of chat, what a message and what a look (getChat) is answered by; None: all is well.
ACCESS = [
    (("chats/member", {"user": "bot", "status": "kicked"}), "group", _kicked("group"), None),
    (("chats/member", {"user": "bot", "status": "kicked"}), "supergroup", _kicked("supergroup"), _kicked("supergroup")),
    (("chats/member", {"user": "bot", "status": "kicked"}), "channel", _kicked("channel"), _kicked("channel")),
    (("chats/member", {"user": "bot", "status": "left"}), "group", _outside("group"), None),
    (("chats/member", {"user": "bot", "status": "left"}), "supergroup", _outside("supergroup"), _outside("supergroup")),
    (("chats/member", {"user": "bot", "status": "left"}), "channel", _outside("channel"), _outside("channel")),
    (("chats/change", {"deleted": True}), "group", (403, "Forbidden: the group chat was deleted"), None),
    (
        ("chats/permissions", {"permissions": {"can_send_messages": False}}),
        "supergroup",
        (400, "Bad Request: not enough rights to send text messages to the chat"),
        None,
    ),
    (
        ("chats/permissions", {"permissions": {"can_send_messages": False}}),
        "group",
        (400, "Bad Request: not enough rights to send text messages to the chat"),
        None,
    ),
    (
        ("chats/member", {"user": "bot", "status": "restricted", "rights": {"can_send_photos": True}}),
        "supergroup",
        (400, "Bad Request: not enough rights to send text messages to the chat"),
        None,
    ),
    (
        ("chats/member", {"user": "bot", "status": "restricted", "rights": {"can_send_messages": True}}),
        "supergroup",
        None,
        None,
    ),
    (
        ("chats/member", {"user": "bot", "status": "administrator", "rights": {"can_post_messages": False}}),
        "channel",
        (400, "Bad Request: need administrator rights in the channel chat"),
        None,
    ),
    (("chats/change", {"refuses": "CHAT_WRITE_FORBIDDEN"}), "group", (400, "Bad Request: CHAT_WRITE_FORBIDDEN"), None),
    (("chats/change", {"refuses": "CHAT_RESTRICTED"}), "supergroup", (400, "Bad Request: CHAT_RESTRICTED"), None),
    (
        ("chats/change", {"refuses": "CHAT_SEND_PLAIN_FORBIDDEN"}),
        "supergroup",
        (400, "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN"),
        None,
    ),
]


@pytest.mark.parametrize(("event", "kind", "to_message", "to_look"), ACCESS)
async def test_a_chat_that_cannot_be_written_to_says_so(world, event, kind, to_message, to_look):
    chat = await add(world, kind)
    await world.result("sendMessage", chat_id=chat, text="x")
    await world.do(event[0], {"chat": chat, **event[1]})
    for method, arguments, expected in [("sendMessage", {"text": "y"}, to_message), ("getChat", {}, to_look)]:
        if expected is None:
            await world.result(method, chat_id=chat, **arguments)
        else:
            assert await world.refusal(method, chat_id=chat, **arguments) == expected
    assert len(await world.records("kind=sent")) == (1 if to_message else 2)


@pytest.mark.parametrize(
    ("method", "content", "right", "what"),
    [
        ("sendMessage", {"text": "x"}, "can_send_messages", "text messages"),
        ("sendPhoto", {"photo": "http://127.0.0.1:1/x.png"}, "can_send_photos", "photos"),
    ],
)
async def test_what_may_not_be_sent_is_named(world, method, content, right, what):
    chat = await add(world)
    await world.do("chats/permissions", {"chat": chat, "permissions": {right: False}})
    words = f"Bad Request: not enough rights to send {what} to the chat"
    assert await world.refusal(method, chat_id=chat, **content) == (400, words)


async def test_a_chat_the_bot_never_met_is_not_found(world):
    await world.do("people", {"first_name": "Dora", "id": 5, "username": "dora"})
    private = await add(world, "channel", bot="none")
    public = await add(world, "channel", bot="none", username="open_news")
    for chat in (private, public, "@nobody_here", "@dora"):
        assert await world.refusal("sendMessage", chat_id=chat, text="x") == NOT_FOUND
    assert await world.refusal("sendMessage", chat_id="@open_news", text="x") == _outside("channel")
    assert (await world.result("getChat", chat_id=public))["username"] == "open_news"


async def test_an_administrator_writes_where_members_are_muted(world):
    chat = await add(world)
    await world.do("chats/permissions", {"chat": chat, "permissions": {"can_send_messages": False}})
    await set_member(world, chat, "administrator", rights={})
    await world.result("sendMessage", chat_id=chat, text="x")


async def test_another_bot_cannot_be_written_to(world):
    await world.do("people", {"first_name": "Other", "id": 77, "is_bot": True})
    words = "Forbidden: the bot can't send messages to the bot"
    assert await world.refusal("sendMessage", chat_id=77, text="x") == (403, words)


BAD_LINK = {"text": "x", "url": "nowhere"}
BAD_DATA = {"text": "x", "callback_data": "x" * 65}
# Two things wrong at once: the check that comes first on the official server is the one that is heard.
ORDER = [
    ({"status": "kicked"}, {"text": "<x>", "parse_mode": "HTML"}, "can't parse entities"),
    ({"status": "kicked"}, {"text": ""}, "message text is empty"),
    ({"status": "kicked"}, {"text": "x", "message_thread_id": 99}, "bot was kicked"),
    ({"status": "restricted"}, {"text": "x", "message_thread_id": 99}, "message thread not found"),
    (
        {"status": "restricted"},
        {"text": "x", "reply_parameters": {"message_id": 99}},
        "message to be replied not found",
    ),
    (
        {"status": "member"},
        {"text": "x", "message_thread_id": 99, "reply_parameters": {"message_id": 99}},
        "message thread not found",
    ),
    ({"status": "restricted"}, {"text": "x" * 4097}, "not enough rights to send text messages to the chat"),
    ({"status": "restricted"}, {"text": " "}, "not enough rights to send text messages to the chat"),
    ({"status": "member"}, {"text": "x" * 4097}, "message is too long"),
    ({"status": "kicked"}, {"text": "x", "reply_parameters": {"message_id": "x"}}, "can't parse as an integer string"),
    ({"status": "kicked"}, {"text": "x", "reply_parameters": {}}, 'can\'t find field "message_id"'),
    ({"status": "kicked"}, {"text": "<x>", "parse_mode": "HTML", "reply_markup": "{"}, "can't parse entities"),
    ({"status": "kicked"}, {"text": "x" * 4097, "reply_markup": {"inline_keyboard": "x"}}, 'field "inline_keyboard"'),
    ({"status": "restricted"}, {"text": "x", "reply_markup": keyboard([BAD_LINK])}, "not enough rights to send text"),
    ({"status": "member"}, {"text": "x" * 4097, "reply_markup": keyboard([BAD_LINK])}, "inline keyboard button URL"),
    ({"status": "member"}, {"text": "x" * 4097, "reply_markup": keyboard([BAD_DATA])}, "message is too long"),
    ({"status": "member"}, {"text": "x", "reply_markup": keyboard([BAD_DATA])}, "CHAT_WRITE_FORBIDDEN"),
]


@pytest.mark.parametrize(("member", "arguments", "words"), ORDER)
async def test_checks_come_in_the_servers_order(world, member, arguments, words):
    chat = await add(world, forum=True)
    await world.do("chats/change", {"chat": chat, "refuses": "CHAT_WRITE_FORBIDDEN"})
    await set_member(world, chat, user="bot", **member)
    _, description = await world.refusal("sendMessage", chat_id=chat, **arguments)
    assert words in description


async def test_length_is_checked_before_the_block(world):
    await world.do("block", {"person": ADA})
    refusal = await world.refusal("sendMessage", chat_id=ADA, text="x" * 4097)
    assert refusal == (400, "Bad Request: message is too long")


# Who hears what

# What is said in a group, how, and whether a bot in privacy mode hears it.
PRIVACY = [
    ({"text": "hello"}, False),
    ({"text": "hello @sandbox_bot"}, False),
    ({"text": "/latest@sandbox_bot tunnel"}, True),
    ({"text": "/latest@Sandbox_Bot"}, True),
    ({"text": "/latest@other_bot"}, False),
    ({"text": "/latest"}, True),
    ({"text": "try /latest@sandbox_bot"}, False),
    ({"text": "/latest@sandbox_bot", "anonymous": True, "person": ADA}, True),
    ({"text": "hello", "anonymous": True, "person": ADA}, False),
]


@pytest.mark.parametrize("kind", ["group", "supergroup"])
@pytest.mark.parametrize(("said", "expected"), PRIVACY)
async def test_privacy_mode(world, kind, said, expected):
    chat = await add(world, kind)
    await fresh(world)
    await say(world, chat, **said)
    assert await heard(world) == ([said["text"]] if expected else [])
    [record] = await world.records("kind=received")
    assert record["heard"] is expected


async def test_an_administrator_hears_everything(world):
    chat = await add(world, bot="administrator")
    await fresh(world)
    for said, _ in PRIVACY:
        await say(world, chat, **said)
    assert await heard(world) == [said["text"] for said, _ in PRIVACY]


async def test_a_plain_command_is_for_the_bot_that_wrote_last(world):
    await world.do("people", {"first_name": "Other", "id": 77, "is_bot": True, "username": "other_bot"})
    chat = await add(world)
    await set_member(world, chat, "member", user=77)
    await fresh(world)
    await say(world, chat, "/one")
    await world.result("sendMessage", chat_id=chat, text="mine")
    await say(world, chat, "/two")
    await say(world, chat, "other's", person=77)
    await say(world, chat, "/three")
    await set_member(world, chat, "left", user=77)
    await say(world, chat, "/four")
    assert await heard(world) == ["/two", "/four"]


async def test_replies_to_the_bot_are_heard_and_other_replies_are_not(world):
    chat = await add(world)
    mine = await world.result("sendMessage", chat_id=chat, text="mine")
    other = await say(world, chat, "talk")
    await fresh(world)
    await say(world, chat, "to you", reply_to=mine["message_id"])
    await say(world, chat, "to them", reply_to=other["message_id"])
    [(_, message)] = await fresh(world)
    assert (message["text"], message["reply_to_message"]["message_id"]) == ("to you", mine["message_id"])


async def test_an_edit_is_heard_like_what_it_became(world):
    chat = await add(world)
    said = await say(world, chat, "latest")
    await fresh(world)
    for text in ("/latest@sandbox_bot", "never mind"):
        await world.do("edit", {"person": BORIS, "chat": chat, "message_id": said["message_id"], "text": text})
    [(kind, message)] = await fresh(world)
    assert (kind, message["text"]) == ("edited_message", "/latest@sandbox_bot")


async def test_service_messages_are_heard(world):
    chat = await add(world)
    await fresh(world)
    await set_member(world, chat, "member", user=CLARA)
    await world.do("chats/change", {"chat": chat, "title": "Home"})
    await set_member(world, chat, "left", user=CLARA)
    messages = [content for kind, content in await fresh(world) if kind == "message"]
    assert messages[0]["new_chat_members"][0]["id"] == CLARA
    assert (messages[1]["new_chat_title"], messages[1]["chat"]["title"]) == ("Home", "Home")
    assert messages[2]["left_chat_member"]["id"] == CLARA


async def test_privacy_turned_off_counts_from_the_next_joining(world):
    chat = await add(world)
    await world.do("settings", {"can_read_all_group_messages": True})
    await fresh(world)
    await say(world, chat, "unheard")
    await set_member(world, chat, "left")
    await set_member(world, chat, "member")
    await say(world, chat, "heard")
    assert await heard(world) == ["heard"]


async def test_out_of_the_chat_nothing_is_heard(world):
    chat = await add(world)
    await set_member(world, chat, "kicked")
    await fresh(world)
    await say(world, chat, "/latest@sandbox_bot")
    assert await fresh(world) == []


# Who speaks


async def test_an_anonymous_administrator_is_the_group(world):
    chat = await add(world, bot="administrator")
    await set_member(world, chat, "administrator", user=BORIS, anonymous=True, title="Editor")
    await fresh(world)
    await say(world, chat, "hello")
    [(_, message)] = await fresh(world)
    assert message["from"] == {
        "id": 1087968824,
        "is_bot": True,
        "first_name": "Group",
        "username": "GroupAnonymousBot",
    }
    assert (message["sender_chat"], message["author_signature"]) == (message["chat"], "Editor")


async def test_a_member_may_speak_as_a_channel(world):
    chat, channel = await add(world, bot="administrator"), await add(world, "channel")
    await fresh(world)
    await say(world, chat, "hello", person=ADA, as_channel=channel)
    [(_, message)] = await fresh(world)
    assert (message["from"]["id"], message["sender_chat"]["id"]) == (136817688, channel)


async def test_a_channel_post_has_no_sender(world):
    channel = await add(world, "channel")
    await fresh(world)
    post = await say(world, channel, "news", person=ADA)
    await world.do("edit", {"person": ADA, "chat": channel, "message_id": post["message_id"], "text": "old news"})
    (kind, first), (edited_kind, edited) = await fresh(world)
    assert (kind, edited_kind) == ("channel_post", "edited_channel_post")
    assert ("from" in first, first["sender_chat"], edited["text"]) == (False, first["chat"], "old news")


async def test_a_post_is_forwarded_to_the_linked_group(world):
    group, channel = await add(world, bot="administrator"), await add(world, "channel")
    await world.do("chats/link", {"channel": channel, "group": group})
    await fresh(world)
    post = await say(world, channel, "news", person=ADA)
    mine = await world.result("sendMessage", chat_id=channel, text="mine")
    (_, posted), (_, forward), (_, own) = await fresh(world)
    assert posted == post
    assert (forward["from"]["id"], forward["sender_chat"]["id"]) == (777000, channel)
    assert (forward["is_automatic_forward"], forward["text"]) == (True, "news")
    assert forward["forward_origin"] == {
        "type": "channel",
        "date": post["date"],
        "chat": post["chat"],
        "message_id": post["message_id"],
    }
    assert own["forward_origin"]["message_id"] == mine["message_id"]
    assert (await world.result("getChat", chat_id=channel))["linked_chat_id"] == group


CANNOT_SAY = [
    ("supergroup", {"person": CLARA, "text": "x"}, "Clara is not in this chat"),
    ("supergroup", {"person": BORIS, "text": "x", "anonymous": True}, "Boris is no administrator"),
    ("channel", {"person": BORIS, "text": "x"}, "Boris may not post in this channel"),
    ("channel", {"person": CLARA, "text": "x"}, "Clara may not post in this channel"),
    ("group", {"person": BORIS, "text": " "}, "a message needs a text that can be seen"),
    ("supergroup", {"person": BORIS, "text": "x", "reply_to": 99}, "unknown or missing: 99"),
]


@pytest.mark.parametrize(("kind", "said", "words"), CANNOT_SAY)
async def test_what_cannot_be_said_says_why(world, kind, said, words):
    chat = await add(world, kind)
    status, answer = await world.control("send", {"chat": chat, **said})
    assert status == 400
    assert words in answer["error"]


async def test_a_button_is_pressed_in_a_group(world):
    chat = await add(world)
    sent = await world.result("sendMessage", chat_id=chat, text="x", reply_markup=keyboard([OK_BUTTON]))
    await fresh(world)
    body = {"person": BORIS, "chat": chat, "message_id": sent["message_id"], "data": "open"}
    pressed = await world.do("press", body)
    [(kind, query)] = await fresh(world)
    assert (kind, query["id"], query["from"]["id"], query["message"]) == ("callback_query", pressed["id"], BORIS, sent)
