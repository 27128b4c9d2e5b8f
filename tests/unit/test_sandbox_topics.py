"""Forum topics of the sandbox by raw HTTP: threads, closing, deleting, and the chats that know no topics."""

import pytest
from sandbox_http import ADA, running
from sandbox_rooms import BORIS, add, fresh, heard, say, set_member

NOT_FOUND = (400, "Bad Request: message thread not found")
CLOSED = (400, "Bad Request: TOPIC_CLOSED")


@pytest.fixture
async def world():
    async with running() as world:
        yield world


@pytest.fixture
async def forum(world):
    return await add(world, forum=True)


@pytest.fixture
async def thread(world, forum):
    return (await world.do("topics", {"chat": forum, "name": "Economy"}))["message_thread_id"]


async def send(world, chat, **more):
    return await world.result("sendMessage", chat_id=chat, text="x", **more)


async def refused(world, chat, **more):
    return await world.refusal("sendMessage", chat_id=chat, text="x", **more)


async def test_a_message_goes_into_its_topic(world, forum, thread):
    sent = await send(world, forum, message_thread_id=thread)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (thread, True)
    # Everything in a topic points at the message that opened it.
    assert sent["reply_to_message"]["forum_topic_created"] == {"name": "Economy", "icon_color": 0x6FB9F0}
    general = await send(world, forum)
    assert ("message_thread_id" in general, "is_topic_message" in general) == (False, False)


@pytest.mark.parametrize("wrong", [1, 999])
async def test_a_thread_that_is_none(world, forum, wrong):
    assert await refused(world, forum, message_thread_id=wrong) == NOT_FOUND


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
@pytest.mark.parametrize("thread", [1, 7, 999])
async def test_where_there_are_no_topics_a_thread_means_nothing(world, kind, thread):
    chat = await add(world, kind)
    assert "message_thread_id" not in await send(world, chat, message_thread_id=thread)


async def test_a_forum_switched_off_takes_everything_in_the_main_chat(world, forum, thread):
    await world.do("chats/change", {"chat": forum, "forum": False})
    assert "message_thread_id" not in await send(world, forum, message_thread_id=thread)


async def test_a_closed_topic_refuses_who_may_not_manage_topics(world, forum, thread):
    await world.do("topics/close", {"chat": forum, "thread": thread})
    assert await refused(world, forum, message_thread_id=thread) == CLOSED
    await send(world, forum)
    await set_member(world, forum, "administrator", rights={"can_manage_topics": False})
    assert await refused(world, forum, message_thread_id=thread) == CLOSED
    await set_member(world, forum, "administrator", rights={"can_manage_topics": True})
    await send(world, forum, message_thread_id=thread)
    await set_member(world, forum, "member")
    await world.do("topics/reopen", {"chat": forum, "thread": thread})
    await send(world, forum, message_thread_id=thread)


async def test_general_can_be_closed_too(world, forum, thread):
    await world.do("topics/close", {"chat": forum, "thread": 0})
    assert await refused(world, forum) == CLOSED
    await send(world, forum, message_thread_id=thread)
    await world.do("topics/reopen", {"chat": forum, "thread": 0})
    await send(world, forum)


async def test_a_closed_topic_can_still_be_edited_in(world, forum, thread):
    sent = await send(world, forum, message_thread_id=thread)
    await world.do("topics/close", {"chat": forum, "thread": thread})
    await world.result("editMessageText", chat_id=forum, message_id=sent["message_id"], text="y")


async def test_a_deleted_topic_is_gone_with_its_messages(world, forum, thread):
    sent = await send(world, forum, message_thread_id=thread)
    await world.do("topics/delete", {"chat": forum, "thread": thread})
    assert await refused(world, forum, message_thread_id=thread) == NOT_FOUND
    refusal = await world.refusal("editMessageText", chat_id=forum, message_id=sent["message_id"], text="y")
    assert refusal == (400, "Bad Request: message to edit not found")
    await send(world, forum)


async def test_a_deletion_that_the_server_has_yet_to_hear_of(world, forum, thread):
    await world.do("topics/delete", {"chat": forum, "thread": thread, "unheard": True})
    refusals = [await refused(world, forum, message_thread_id=thread) for _ in range(2)]
    assert refusals == [(400, "Bad Request: TOPIC_DELETED"), NOT_FOUND]


async def test_topics_are_told_of(world, forum):
    await fresh(world)
    thread = (await world.do("topics", {"chat": forum, "name": "Sport"}))["message_thread_id"]
    await world.do("topics/close", {"chat": forum, "thread": thread})
    await world.do("topics/reopen", {"chat": forum, "thread": thread})
    opened, closed, reopened = [message for _, message in await fresh(world)]
    assert opened["forum_topic_created"] == {"name": "Sport", "icon_color": 0x6FB9F0}
    assert (opened["message_id"], opened["message_thread_id"], opened["is_topic_message"]) == (thread, thread, True)
    assert (closed["forum_topic_closed"], closed["message_thread_id"]) == ({}, thread)
    assert (reopened["forum_topic_reopened"], reopened["message_thread_id"]) == ({}, thread)


# What people say in threads


async def test_what_is_said_in_a_topic_carries_its_thread(world, forum, thread):
    await fresh(world)
    said = await say(world, forum, "/latest@sandbox_bot", thread=thread)
    [(_, message)] = await fresh(world)
    assert message == said
    assert (message["message_thread_id"], message["is_topic_message"]) == (thread, True)
    answer = await send(world, forum, message_thread_id=thread, reply_parameters={"message_id": said["message_id"]})
    assert answer["reply_to_message"]["message_id"] == said["message_id"]


async def test_an_answer_stays_in_the_topic_of_the_question(world, forum, thread):
    said = await say(world, forum, "x", thread=thread)
    reply = {"message_id": said["message_id"]}
    answer = await send(world, forum, reply_parameters=reply)
    assert (answer["message_thread_id"], answer["is_topic_message"]) == (thread, True)
    await world.do("topics/close", {"chat": forum, "thread": thread})
    assert await refused(world, forum, reply_parameters=reply) == CLOSED
    lost = {"message_id": 999, "allow_sending_without_reply": True}
    assert await refused(world, forum, message_thread_id=thread, reply_parameters=lost) == CLOSED


async def test_a_topic_of_the_bots_own_does_not_lift_its_privacy(world, forum):
    await set_member(world, forum, "administrator")
    topic = await world.result("createForumTopic", chat_id=forum, name="News")
    await set_member(world, forum, "member")
    await fresh(world)
    await say(world, forum, "just talk", thread=topic["message_thread_id"])
    assert await heard(world) == []


async def test_a_chain_of_replies_has_a_thread_that_is_no_topic(world):
    chat = await add(world, bot="administrator")
    root = await say(world, chat, "root")
    first = await say(world, chat, "first", reply_to=root["message_id"])
    answer = await send(world, chat, reply_parameters={"message_id": first["message_id"]})
    assert [message.get("message_thread_id") for message in (root, first, answer)] == [
        None,
        root["message_id"],
        root["message_id"],
    ]
    assert not any("is_topic_message" in message for message in (root, first, answer))


async def test_replies_in_basic_groups_have_no_thread(world):
    chat = await add(world, "group")
    root = await say(world, chat, "root")
    assert "message_thread_id" not in await say(world, chat, "reply", reply_to=root["message_id"])


async def test_nobody_speaks_in_a_closed_topic(world, forum, thread):
    await world.do("topics/close", {"chat": forum, "thread": thread})
    body = {"chat": forum, "person": BORIS, "text": "x", "thread": thread}
    assert await world.control("send", body) == (400, {"error": "the topic is closed"})
    await say(world, forum, "x", person=ADA, thread=thread)


# The methods


async def test_an_administrator_bot_opens_closes_and_deletes_topics(world, forum):
    await set_member(world, forum, "administrator")
    await fresh(world)
    topic = await world.result("createForumTopic", chat_id=forum, name=" Armenia ", icon_color=16766590)
    thread = topic["message_thread_id"]
    assert topic == {"message_thread_id": thread, "name": "Armenia", "icon_color": 16766590}
    about = {"chat_id": forum, "message_thread_id": thread}
    assert await world.result("closeForumTopic", **about) is True
    assert await world.refusal("closeForumTopic", **about) == (400, "Bad Request: TOPIC_NOT_MODIFIED")
    assert await world.result("reopenForumTopic", **about) is True
    assert await world.result("closeGeneralForumTopic", chat_id=forum) is True
    assert await world.result("reopenGeneralForumTopic", chat_id=forum) is True
    # Its own service messages come as updates, unlike all else that it writes.
    fields = [next(field for field in message if "forum_topic" in field) for _, message in await fresh(world)]
    assert fields == [
        "forum_topic_created",
        "forum_topic_closed",
        "forum_topic_reopened",
        "forum_topic_closed",
        "forum_topic_reopened",
    ]
    assert await world.result("deleteForumTopic", **about) is True
    assert await world.refusal("deleteForumTopic", **about) == (400, "Bad Request: TOPIC_ID_INVALID")


METHODS = [
    ("createForumTopic", {"name": "x"}, "not enough rights to create a topic"),
    ("closeForumTopic", {}, "not enough rights to edit the topic"),
    ("reopenForumTopic", {}, "not enough rights to edit the topic"),
    ("deleteForumTopic", {}, "not enough rights to delete the topic"),
    ("closeGeneralForumTopic", {}, "not enough rights to edit the topic"),
    ("reopenGeneralForumTopic", {}, "not enough rights to edit the topic"),
]


@pytest.mark.parametrize("case", METHODS)
async def test_topics_are_managed_by_who_has_the_right(world, forum, thread, case):
    method, arguments, words = case
    about = {"chat_id": forum, "message_thread_id": thread, **arguments}
    assert await world.refusal(method, **about) == (400, f"Bad Request: {words}")
    plain = await add(world)
    refusal = await world.refusal(method, **{**about, "chat_id": plain})
    assert refusal == (400, "Bad Request: the chat is not a forum")
    await set_member(world, forum, "kicked")
    refusal = await world.refusal(method, **about)
    assert refusal == (403, "Forbidden: bot was kicked from the supergroup chat")


BAD_TOPICS = [
    ({"name": " "}, "title must be non-empty"),
    ({"name": "x", "icon_color": 5}, "invalid icon color specified"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD_TOPICS)
async def test_a_topic_that_cannot_be_opened(world, forum, arguments, words):
    await set_member(world, forum, "administrator")
    refusal = await world.refusal("createForumTopic", chat_id=forum, **arguments)
    assert refusal == (400, f"Bad Request: {words}")


async def test_only_supergroups_have_topics(world):
    status, answer = await world.control("chats", {"kind": "group", "title": "x", "owner": ADA, "forum": True})
    assert (status, answer) == (400, {"error": "only a supergroup can be a forum"})
    plain = await add(world)
    status, answer = await world.control("topics", {"chat": plain, "name": "x"})
    assert (status, answer) == (400, {"error": f"chat {plain} is not a forum"})
