"""The Bot API's methods about forum topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.access import find_chat, flood, reachable
from bot.sandbox.arguments import Arguments, bad_request
from bot.sandbox.topics import COLORS, delete_topic, open_topic, set_closed

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat, Topic
    from bot.sandbox.world import World

Json = dict[str, Any]

NAME_CHARACTERS = 128


async def create_forum_topic(world: World, arguments: Arguments) -> Json:
    chat = _forum(world, arguments)
    if not chat.may(world.bot_id, "can_manage_topics"):
        raise bad_request("not enough rights to create a topic")
    name = arguments.text("name").strip()[:NAME_CHARACTERS]
    if not name:
        raise bad_request("title must be non-empty")
    color = arguments.integer("icon_color", COLORS[0])
    if color not in COLORS:
        raise bad_request("invalid icon color specified")
    flood(world, chat)  # a new topic is a message, too
    return open_topic(world, chat, world.author(chat), name, color).as_json()


async def close_forum_topic(world: World, arguments: Arguments) -> bool:
    return _toggle(world, arguments, closed=True)


async def reopen_forum_topic(world: World, arguments: Arguments) -> bool:
    return _toggle(world, arguments, closed=False)


async def close_general_forum_topic(world: World, arguments: Arguments) -> bool:
    return _toggle_general(world, arguments, closed=True)


async def reopen_general_forum_topic(world: World, arguments: Arguments) -> bool:
    return _toggle_general(world, arguments, closed=False)


async def delete_forum_topic(world: World, arguments: Arguments) -> bool:
    chat = _forum(world, arguments)
    topic = _topic(chat, arguments)
    if not chat.may(world.bot_id, "can_delete_messages") and not topic.by_bot:
        raise bad_request("not enough rights to delete the topic")
    delete_topic(chat, topic.id)
    return True


def _toggle(world: World, arguments: Arguments, *, closed: bool) -> bool:
    chat = _forum(world, arguments)
    topic = _topic(chat, arguments)
    if not chat.may(world.bot_id, "can_manage_topics") and not topic.by_bot:
        raise bad_request("not enough rights to edit the topic")
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    set_closed(world, chat, world.author(chat), topic.id, closed=closed)
    return True


def _toggle_general(world: World, arguments: Arguments, *, closed: bool) -> bool:
    chat = _forum(world, arguments)
    if not chat.may(world.bot_id, "can_manage_topics"):
        raise bad_request("not enough rights to edit the topic")
    if chat.general_closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    set_closed(world, chat, world.author(chat), 0, closed=closed)
    return True


def _forum(world: World, arguments: Arguments) -> Chat:
    chat = reachable(world, find_chat(world, arguments))
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    return chat


def _topic(chat: Chat, arguments: Arguments) -> Topic:
    topic = chat.topics.get(arguments.integer("message_thread_id"))
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


TOPIC_METHODS = {
    "createForumTopic": create_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": reopen_forum_topic,
    "deleteForumTopic": delete_forum_topic,
    "closeGeneralForumTopic": close_general_forum_topic,
    "reopenGeneralForumTopic": reopen_general_forum_topic,
}
