"""May the bot do this here? The official server's checks, in its order and in its words.

A send asks: is the chat known, may it be reached, is there such a topic, is there the message it answers, has the bot
the right to write (`place`)? Then the text is measured. Then Telegram itself has its say: flood, block, closed topic
(`accept`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.sandbox.arguments import Arguments, Refusal, bad_request, too_many_requests
from bot.sandbox.topics import thread_fields

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat, Topic
    from bot.sandbox.world import World

Json = dict[str, Any]

GENERAL = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is to go. `fields` are the message's own about it: thread and what it answers."""

    chat: Chat
    topic: Topic | None
    fields: Json


class Reply(NamedTuple):
    """Which message is answered, 0 for none; whether it may be missing."""

    message_id: int
    optional: bool


def find_chat(world: World, arguments: Arguments) -> Chat:
    """Find the chat of `chat_id`, a number or an @username (of groups and channels only). Raises Refusal."""
    name = arguments.text("chat_id")
    if not name:
        raise bad_request("chat_id is empty")
    if name.startswith("@"):
        return _by_username(world, name.removeprefix("@").lower())
    chat = world.chats.get(arguments.integer("chat_id"))
    if chat is None or not chat.known:
        raise bad_request("chat not found")
    return chat


def _by_username(world: World, username: str) -> Chat:
    for chat in world.chats.values():
        if chat.kind != "private" and chat.username and chat.username.lower() == username:
            chat.known = True
            return chat
    raise bad_request("chat not found")


def readable(world: World, chat: Chat) -> Chat:
    """Check that the bot may look at a chat. A public one and an old basic group are open to all. Raises Refusal."""
    if not chat.large:
        return chat
    member = world.bot_member(chat)
    if member.status == "kicked":
        raise Refusal(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
    if not member.present and not chat.username:
        raise Refusal(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
    return chat


def listed(world: World, chat: Chat) -> Chat:
    """Check that the bot may ask for a chat's members: of a basic group only its own members may. Raises Refusal."""
    return reachable(world, chat) if chat.kind == "group" else readable(world, chat)


def reachable(world: World, chat: Chat) -> Chat:
    """Check that the bot may change anything in a chat. Raises Refusal."""
    if chat.person is not None:
        if chat.person.deactivated:
            raise Refusal(403, "Forbidden: user is deactivated")
        return chat
    if chat.upgraded_to is not None:
        moved = {"migrate_to_chat_id": chat.upgraded_to}
        raise Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", moved)
    if chat.deleted:
        # A supergroup or channel that is gone is one that the bot is not in.
        words = "the group chat was deleted" if chat.kind == "group" else f"bot is not a member of the {chat.kind} chat"
        raise Refusal(403, f"Forbidden: {words}")
    member = world.bot_member(chat)
    if member.status == "kicked":
        raise Refusal(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
    if not member.present:
        raise Refusal(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
    return chat


def place(world: World, arguments: Arguments, right: str = "can_send_messages", what: str = "text messages") -> Place:
    """Find where a message goes: all of the Bot API server's checks but those of the content. Raises Refusal."""
    answered = read_reply(arguments)
    chat = reachable(world, find_chat(world, arguments))
    topic = _topic(chat, arguments)
    reply = _replied(chat, answered)
    if topic is None and reply is not None and reply.get("is_topic_message"):
        topic = chat.topics.get(reply["message_thread_id"])  # an answer stays in the topic of the question
    _check_rights(world, chat, right, what)
    return Place(chat, topic, thread_fields(chat, topic, reply))


def accept(world: World, where: Place, arguments: Arguments) -> None:
    """Ask Telegram itself, after the Bot API server: flood, block, closed topic. Raises Refusal."""
    flood(world, where.chat, paying=arguments.flag("allow_paid_broadcast"))
    admit(world, where)


def admit(world: World, where: Place) -> None:
    """Check all that Telegram itself checks beside the flood. Raises Refusal."""
    chat = where.chat
    if chat.person is not None:
        _check_person(world, chat)
    if chat.refuses:
        raise bad_request(chat.refuses)
    _check_topic(world, where)


def flood(world: World, chat: Chat, *, paying: bool = False) -> None:
    """Count a message or an edit against the limits. Raises Refusal."""
    if paying and world.limits.broke(world.clock.now()):
        raise bad_request("BALANCE_TOO_LOW")
    away = world.limits.take(chat.id, world.clock.now(), group=chat.kind != "private", paying=paying)
    if away:
        raise too_many_requests(away)


def read_reply(arguments: Arguments) -> Reply:
    """Read which message a call answers. Raises Refusal."""
    parameters = arguments.json("reply_parameters", "can't parse reply parameters JSON object")
    if parameters is None:
        return Reply(arguments.integer("reply_to_message_id"), optional=arguments.flag("allow_sending_without_reply"))
    if not isinstance(parameters, dict):
        raise bad_request("object expected as reply parameters")
    if "message_id" not in parameters:
        raise bad_request('can\'t find field "message_id"')
    answered = Arguments.of(parameters)
    if not re.fullmatch("-?[0-9]+", answered.text("message_id")):
        raise bad_request(f'can\'t parse as an integer string "{answered.text("message_id")}"')
    return Reply(answered.integer("message_id"), optional=answered.flag("allow_sending_without_reply"))


def _replied(chat: Chat, reply: Reply) -> Json | None:
    """Give the message that is answered, if any. Raises Refusal."""
    message = chat.messages.get(reply.message_id)
    if message is None and reply.message_id > 0 and not reply.optional:
        raise bad_request("message to be replied not found")
    return message


def _topic(chat: Chat, arguments: Arguments) -> Topic | None:
    """Give the topic of `message_thread_id`. Where there are no topics, the argument is passed over without a word."""
    thread = arguments.integer("message_thread_id")
    if not chat.forum or thread <= 0:
        return None
    topic = chat.topics.get(thread)
    if topic is None:  # General, too, is no thread to the Bot API
        raise bad_request("message thread not found")
    return topic


def _check_rights(world: World, chat: Chat, right: str, what: str) -> None:
    if chat.kind == "private":
        return
    if chat.kind == "channel":
        if not chat.may(world.bot_id, "can_post_messages"):
            raise bad_request("need administrator rights in the channel chat")
        return
    if not chat.may(world.bot_id, right):
        raise bad_request(f"not enough rights to send {what} to the chat")


def _check_person(world: World, chat: Chat) -> None:
    person = world.people[chat.id]
    if person.is_bot:
        raise Refusal(403, "Forbidden: the bot can't send messages to the bot")
    if person.blocked:
        raise Refusal(403, "Forbidden: bot was blocked by the user")
    if not person.started:
        raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")


def _check_topic(world: World, where: Place) -> None:
    chat, topic = where.chat, where.topic
    if topic is not None and topic.vanishing:
        del chat.topics[topic.id]
        raise bad_request("TOPIC_DELETED")
    closed = topic.closed if topic is not None else chat.forum and chat.general_closed
    if closed and not chat.may(world.bot_id, "can_manage_topics") and not (topic and topic.by_bot):
        raise bad_request("TOPIC_CLOSED")
