"""The Bot API's methods about chats and their members, and what an administrator may remove or pin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.access import find_chat, listed, reachable, readable
from bot.sandbox.arguments import Arguments, Refusal, bad_request
from bot.sandbox.members import Member
from bot.sandbox.rooms import set_member

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat
    from bot.sandbox.world import World

Json = dict[str, Any]

TWO_DAYS = 48 * 3600
MOST_DELETED = 100
# Service messages that tell how a chat or topic came to be stay for ever.
_STAYING = ("group_chat_created", "supergroup_chat_created", "channel_chat_created", "forum_topic_created")

# What ChatFullInfo always carries, and the sandbox gives no meaning to.
_FULL_INFO: Json = {
    "can_send_gift": True,
    "max_reaction_count": 11,
    "accent_color_id": 0,
    "accepted_gift_types": {
        "unlimited_gifts": True,
        "limited_gifts": True,
        "unique_gifts": True,
        "premium_subscription": True,
        "gifts_from_channels": True,
    },
}


async def get_chat(world: World, arguments: Arguments) -> Json:
    chat = readable(world, find_chat(world, arguments))
    full: Json = {**chat.as_json(), **_FULL_INFO, "active_usernames": [chat.username] if chat.username else []}
    if chat.kind in {"group", "supergroup"}:
        full["permissions"] = dict(chat.permissions)
    if chat.linked is not None:
        full["linked_chat_id"] = chat.linked
    if chat.pinned:
        full["pinned_message"] = chat.messages[chat.pinned[-1]]
    return full


async def get_chat_member(world: World, arguments: Arguments) -> Json:
    """Give what somebody is in a chat; whom the bot never met it cannot ask about. Raises Refusal."""
    user = arguments.integer("user_id")
    if user <= 0:
        raise bad_request("invalid user_id specified")
    chat = listed(world, find_chat(world, arguments))
    if user != world.bot_id:
        _check_list(world, chat)
    known = {world.bot_id, chat.id} if chat.kind == "private" else {world.bot_id, *world.people}
    if user not in known:
        raise bad_request("member not found")
    member = Member("member") if chat.kind == "private" else chat.member(user)
    return member.as_json(world.user(user), chat.kind)


async def get_chat_administrators(world: World, arguments: Arguments) -> list[Json]:
    """Give the creator and the administrators; of bots only this one, as the official server does."""
    chat = listed(world, find_chat(world, arguments))
    if chat.kind == "private":
        raise bad_request("there are no administrators in the private chat")
    _check_list(world, chat)
    admins = [(user, member) for user, member in chat.everybody() if member.admin]
    return [
        member.as_json(world.user(user), chat.kind)
        for user, member in admins
        if user == world.bot_id or not world.people[user].is_bot
    ]


async def get_chat_member_count(world: World, arguments: Arguments) -> int:
    chat = listed(world, find_chat(world, arguments))
    if chat.kind == "private":
        return 2
    return sum(member.present for _, member in chat.everybody())


async def leave_chat(world: World, arguments: Arguments) -> bool:
    chat = reachable(world, find_chat(world, arguments))
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    set_member(world, chat, world.bot_id, Member("left"), world.bot())
    return True


async def pin_chat_message(world: World, arguments: Arguments) -> bool:
    """Pin a message; the service message about it is the bot's own, and yet comes as an update."""
    chat = reachable(world, find_chat(world, arguments))
    message = chat.messages.get(arguments.integer("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    _check_pinning(world, chat)
    if message["message_id"] in chat.pinned:
        chat.pinned.remove(message["message_id"])
    chat.pinned.append(message["message_id"])
    pinned = {name: value for name, value in message.items() if name not in {"reply_to_message", "pinned_message"}}
    service = world.message(chat, world.author(chat), {"pinned_message": pinned})
    chat.own.add(service["message_id"])
    world.receive(chat, service)
    return True


async def unpin_chat_message(world: World, arguments: Arguments) -> bool:
    chat = reachable(world, find_chat(world, arguments))
    _check_pinning(world, chat)
    message_id = arguments.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


async def unpin_all_chat_messages(world: World, arguments: Arguments) -> bool:
    chat = reachable(world, find_chat(world, arguments))
    _check_pinning(world, chat)
    chat.pinned.clear()
    return True


async def delete_message(world: World, arguments: Arguments) -> bool:
    if not arguments.text("chat_id"):
        raise bad_request("chat identifier is not specified")
    if not arguments.integer("message_id"):
        raise bad_request("message identifier is not specified")
    chat = reachable(world, find_chat(world, arguments))
    message_id = arguments.integer("message_id")
    if message_id not in chat.messages:
        raise bad_request("message to delete not found")
    _check_deletable(world, chat, message_id)
    world.delete(chat, message_id)
    return True


async def delete_messages(world: World, arguments: Arguments) -> bool:
    """Delete up to 100 messages; those that are not there are passed over, one that must stay refuses them all."""
    ids = _message_ids(arguments)
    chat = reachable(world, find_chat(world, arguments))
    there = [message_id for message_id in dict.fromkeys(ids) if message_id in chat.messages]
    for message_id in there:
        _check_deletable(world, chat, message_id)
    for message_id in there:
        world.delete(chat, message_id)
    return True


def _message_ids(arguments: Arguments) -> list[int]:
    if not arguments.text("message_ids"):
        raise bad_request("message identifiers are not specified")
    ids = arguments.json("message_ids", "can't parse message_ids JSON object")
    if not isinstance(ids, list):
        raise bad_request("expected an Array of message identifiers")
    if len(ids) > MOST_DELETED:
        raise bad_request("too many message identifiers specified")
    if not all(isinstance(message_id, (int, str)) for message_id in ids):
        raise bad_request("message identifier must be a Number")
    numbers = [Arguments.of({"id": message_id}).integer("id") for message_id in ids]
    if any(number <= 0 for number in numbers):
        raise bad_request("invalid message identifier specified")
    if not numbers:
        raise bad_request("message identifiers are not specified")
    return numbers


def _check_list(world: World, chat: Chat) -> None:
    if chat.kind == "channel" and not world.bot_member(chat).admin:
        raise bad_request("member list is inaccessible")


def _check_pinning(world: World, chat: Chat) -> None:
    if chat.kind == "private":
        return
    right = "can_edit_messages" if chat.kind == "channel" else "can_pin_messages"
    allowed = chat.may(world.bot_id, right)
    # In a basic group ordinary members may pin, bots among them may not.
    if not allowed or (chat.kind == "group" and not world.bot_member(chat).admin):
        raise bad_request("not enough rights to manage pinned messages in the chat")


def _check_deletable(world: World, chat: Chat, message_id: int) -> None:
    message = chat.messages[message_id]
    if not _deletable(world, chat, message):
        raise Refusal(400, "Bad Request: message can't be deleted for everyone")


def _deletable(world: World, chat: Chat, message: Json) -> bool:
    """Whether the bot may delete it: its own for two days, as an administrator with the right those of others."""
    if chat.large and any(field in message for field in _STAYING):
        return False
    young: bool = world.clock.unix() - message["date"] <= TWO_DAYS
    if chat.kind == "private":
        return young
    if chat.may(world.bot_id, "can_delete_messages") and world.bot_member(chat).admin:
        return True
    if chat.kind == "channel" and not chat.may(world.bot_id, "can_post_messages"):
        return False
    return young and message["message_id"] in chat.own


CHAT_METHODS = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
}
