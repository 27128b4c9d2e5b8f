"""Topics of forums: opening, closing, deleting them, and which thread a message belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.chats import Topic

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat
    from bot.sandbox.world import World

Json = dict[str, Any]

COLORS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)


def thread_fields(chat: Chat, topic: Topic | None, reply: Json | None) -> Json:
    """Give a message's fields about its thread and what it answers.

    A topic's messages are marked by `is_topic_message`. A reply elsewhere in a supergroup carries the id of the first
    message of its chain as `message_thread_id`, without that mark.
    """
    if topic is not None:
        opening = reply or chat.messages.get(topic.id)
        answered = {} if opening is None else {"reply_to_message": without_reply(opening)}
        return {"message_thread_id": topic.id, "is_topic_message": True, **answered}
    if reply is None:
        return {}
    answered = {"reply_to_message": without_reply(reply)}
    if chat.kind != "supergroup":
        return answered
    in_topic = {"is_topic_message": True} if reply.get("is_topic_message") else {}
    return {"message_thread_id": reply.get("message_thread_id", reply["message_id"]), **in_topic, **answered}


def without_reply(message: Json) -> Json:
    return {name: value for name, value in message.items() if name != "reply_to_message"}


def open_topic(world: World, chat: Chat, author: Json, name: str, color: int = COLORS[0]) -> Topic:
    """Open a topic; its service message gives it its id. Raises ValueError where there are no topics."""
    if not chat.forum:
        raise ValueError(f"chat {chat.id} is not a forum")
    shown = {"name": name, "icon_color": color}
    message = world.message(chat, author, {"forum_topic_created": shown, "is_topic_message": True})
    # A message in a topic knows its thread, and the first one is the thread.
    message["message_thread_id"] = message["message_id"]
    topic = Topic(message["message_id"], name, color, by_bot=_is_bot(world, author))
    chat.topics[topic.id] = topic
    _served(world, chat, message, author)
    return topic


def set_closed(world: World, chat: Chat, author: Json, thread: int, *, closed: bool) -> None:
    """Close or reopen a topic; 0 is General. Raises KeyError for a topic that is not there."""
    field = "forum_topic_closed" if closed else "forum_topic_reopened"
    if thread:
        topic = chat.topics[thread]
        topic.closed = closed
        fields: Json = {field: {}, **thread_fields(chat, topic, None)}
    else:
        chat.general_closed = closed
        fields = {field: {}}
    _served(world, chat, world.message(chat, author, fields), author)


def delete_topic(chat: Chat, thread: int) -> None:
    """Delete a topic with its messages; nobody is told. Raises KeyError for a topic that is not there."""
    del chat.topics[thread]
    for message_id, message in list(chat.messages.items()):
        if message.get("message_thread_id") == thread:
            del chat.messages[message_id]
            chat.own.discard(message_id)
    chat.pinned = [message_id for message_id in chat.pinned if message_id in chat.messages]


def _served(world: World, chat: Chat, message: Json, author: Json) -> None:
    if _is_bot(world, author):
        chat.own.add(message["message_id"])
    world.receive(chat, message)


def _is_bot(world: World, author: Json) -> bool:
    return bool(author.get("from", {}).get("id") == world.bot_id)
