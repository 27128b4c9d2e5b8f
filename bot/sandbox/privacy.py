"""What a bot gets to see of a group (Telegram, "Privacy mode"). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.people import ANONYMOUS, CHANNEL

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat

Json = dict[str, Any]

SERVICE = (
    "new_chat_members",
    "left_chat_member",
    "new_chat_title",
    "group_chat_created",
    "supergroup_chat_created",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "forum_topic_created",
    "forum_topic_closed",
    "forum_topic_reopened",
)
_STAND_INS = frozenset({ANONYMOUS["id"], CHANNEL["id"]})


def hears(chat: Chat, message: Json, bot_id: int, username: str, bots: set[int]) -> bool:
    """Whether the bot gets `message`; `bots` are the ids of all bots that are in the chat."""
    if chat.kind == "private":
        return True
    if not chat.member(bot_id).present:
        return False
    if chat.kind == "channel" or any(field in message for field in SERVICE):
        return True
    sender = message.get("from", {})
    if sender.get("is_bot") and sender["id"] not in _STAND_INS:
        return False
    if chat.member(bot_id).admin or chat.hears_all:
        return True
    return _answers(chat, message) or _commanded(chat, message, bot_id, username, bots)


def _answers(chat: Chat, message: Json) -> bool:
    reply = message.get("reply_to_message", {})
    # Everything in a topic points at the message that opened it, without being meant for its author.
    return "forum_topic_created" not in reply and reply.get("message_id") in chat.own


def _commanded(chat: Chat, message: Json, bot_id: int, username: str, bots: set[int]) -> bool:
    first = next(iter(message.get("entities", [])), None)
    if first is None or first["type"] != "bot_command" or first["offset"]:
        return False
    _, at, addressee = message["text"][: first["length"]].partition("@")
    if at:
        return bool(addressee.lower() == username.lower())
    return chat.last_bot == bot_id or bots == {bot_id}
