"""What people do in groups and channels: found them, come and go, write. No HTTP here.

What Telegram's own apps would not let them do is a ValueError, whoever is not there a KeyError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.sandbox.members import Member, lasting
from bot.sandbox.people import ANONYMOUS, CHANNEL, TELEGRAM
from bot.sandbox.topics import thread_fields
from bot.sandbox.world import content, written_by_hand

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat, Topic
    from bot.sandbox.people import Person
    from bot.sandbox.world import World

Json = dict[str, Any]


# What a forwarded post does not take along; the rest is its content.
_ABOUT = frozenset({"message_id", "sender_chat", "chat", "date", "edit_date", "reply_to_message", "author_signature"})


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody writes: in which topic, answering what, as whom."""

    thread: int = 0  # a topic's id
    reply_to: int = 0  # a message's id
    anonymous: bool = False  # an administrator, as the group
    as_channel: int | None = None  # a member, as this channel


def begin(world: World, chat: Chat, owner: Person, people: list[int], bot: Member | None) -> None:
    """Fill a new chat: its owner, its members, and the bot unless it is None."""
    chat.members[owner.id] = Member("creator")
    for user in people:
        world.user(user)
        chat.members[user] = Member("member")
    chat.known = bot is not None
    if bot is None:
        return
    _change(world, chat, world.bot_id, bot, owner.user())
    if chat.kind == "group":
        world.receive(chat, world.message(chat, {"from": owner.user()}, {"group_chat_created": True}))
    elif chat.kind == "supergroup":
        _tell_of_coming(world, chat, world.bot_id, owner.user(), came=True)


def set_member(world: World, chat: Chat, user: int, member: Member, by: Json) -> None:
    """Change a member's status or rights, with all that Telegram tells the bot about it."""
    before = chat.member(user)
    _change(world, chat, user, member, by)
    if chat.kind != "channel" and before.present != member.present:
        _tell_of_coming(world, chat, user, by, came=member.present)


def check_change(chat: Chat, by: int, user: int, member: Member) -> None:
    """Who may make somebody what: people come and go by themselves, the rest needs a right. Raises ValueError."""
    old = chat.member(user)
    if by == user and member.status in {"left", "member"} and old.status != "kicked":
        return
    if old.admin or member.admin:
        right = "can_promote_members"
    else:
        right = "can_invite_users" if member.status == "member" and old.status == "left" else "can_restrict_members"
    check_right(chat, by, right)


def check_right(chat: Chat, by: int, right: str) -> None:
    """Raises ValueError."""
    if not chat.may(by, right):
        raise ValueError(f"person {by} may not do this here: they lack {right}")


def _change(world: World, chat: Chat, user: int, member: Member, by: Json) -> None:
    if chat.kind == "group" and member.status == "restricted":
        raise ValueError("a basic group restricts nobody: upgrade it to a supergroup")
    if chat.kind == "channel" and member.present and not member.admin and world.user(user)["is_bot"]:
        raise ValueError("a bot in a channel is its administrator")
    world.user(user)
    old, member = chat.member(user), lasting(member, world.clock.unix())
    chat.members[user] = member
    if user == world.bot_id:
        _bot_changed(world, chat, (old, member), by)
    elif world.bot_member(chat).admin:
        world.tell_of_member("chat_member", chat, user, (old, member), by)


def _bot_changed(world: World, chat: Chat, change: tuple[Member, Member], by: Json) -> None:
    old, new = change
    if new.present and not old.present:
        chat.known = True
        # A change of the privacy mode counts from the next time it is added.
        chat.hears_all = world.settings.can_read_all_group_messages
    world.tell_of_member("my_chat_member", chat, world.bot_id, change, by)


def _tell_of_coming(world: World, chat: Chat, user: int, by: Json, *, came: bool) -> None:
    shown = world.user(user)
    if came:
        fields = {"new_chat_member": shown, "new_chat_participant": shown, "new_chat_members": [shown]}
    else:
        fields = {"left_chat_member": shown, "left_chat_participant": shown}
    world.receive(chat, world.message(chat, {"from": by}, fields))


def say(world: World, chat: Chat, person: Person, text: str, manner: Manner | None = None) -> Json:
    """Somebody writes in a chat. In a channel that is a post, which is forwarded to the group linked to it."""
    manner = manner or Manner()
    reply = chat.messages[manner.reply_to] if manner.reply_to else None
    if chat.kind == "private":
        return world.say(person, text, **thread_fields(chat, None, reply))
    person.check_account()
    _check_alive(chat)
    topic = chat.topics[manner.thread] if manner.thread else None
    author = _author(world, chat, person, manner)
    _check_may_write(chat, topic, person, author)
    fields = {**content(written_by_hand(text)), **thread_fields(chat, topic, reply)}
    message = world.message(chat, author, fields, writer=person.id)
    if person.is_bot:
        chat.last_bot = person.id
    world.receive(chat, message)
    if chat.kind == "channel" and chat.linked is not None:
        _forward(world, chat, world.chats[chat.linked], message)
    return message


def delete(world: World, chat: Chat, message_id: int) -> Json:
    """Somebody deletes a message; the bot is not told."""
    message = chat.messages[message_id]
    world.delete(chat, message_id)
    return message


def rename(world: World, chat: Chat, title: str, by: Json) -> None:
    """Give a group or channel another title."""
    chat.title = title
    author = {"sender_chat": chat.as_json()} if chat.kind == "channel" else {"from": by}
    world.receive(chat, world.message(chat, author, {"new_chat_title": title}))


def link(channel: Chat, group: Chat) -> None:
    """Make a supergroup the place where a channel's posts are discussed."""
    if channel.kind != "channel" or group.kind != "supergroup":
        raise ValueError("a channel is linked to a supergroup")
    channel.linked, group.linked = group.id, channel.id


def _check_may_write(chat: Chat, topic: Topic | None, person: Person, author: Json) -> None:
    as_group = author.get("sender_chat", {}).get("id") == chat.id
    if not as_group and not chat.may(person.id, "can_send_messages"):
        raise ValueError(f"{person.first_name} may not write in this chat")
    closed = topic.closed if topic else chat.forum and chat.general_closed
    if closed and not chat.may(person.id, "can_manage_topics"):
        raise ValueError("the topic is closed")


def _author(world: World, chat: Chat, person: Person, manner: Manner) -> Json:
    member = chat.member(person.id)
    if chat.kind == "channel":
        if not member.may("can_post_messages", {}):
            raise ValueError(f"{person.first_name} may not post in this channel")
        return {"sender_chat": chat.as_json()}
    if not member.present:
        raise ValueError(f"{person.first_name} is not in this chat")
    if manner.as_channel is not None:
        channel = world.chats[manner.as_channel]
        if channel.kind != "channel" or channel.member(person.id).status != "creator":
            raise ValueError(f"chat {channel.id} is no channel of {person.first_name}'s")
        return {"from": CHANNEL, "sender_chat": channel.as_json()}
    if not (manner.anonymous or member.anonymous):
        return {"from": person.user()}
    if not member.admin:
        raise ValueError(f"{person.first_name} is no administrator, and so cannot be anonymous")
    signature = {"author_signature": member.title} if member.title else {}
    return {"from": ANONYMOUS, "sender_chat": chat.as_json(), **signature}


def _forward(world: World, channel: Chat, group: Chat, post: Json) -> None:
    where = {"chat": channel.as_json(), "message_id": post["message_id"]}
    origin = {"type": "channel", "date": post["date"], **where}
    kept = {name: value for name, value in post.items() if name not in _ABOUT}
    author = {"from": TELEGRAM, "sender_chat": channel.as_json()}
    fields: Json = {**kept, "forward_origin": origin, "is_automatic_forward": True}
    world.receive(group, world.message(group, author, fields))


def forward_own(world: World, chat: Chat, message: Json) -> None:
    """Forward the bot's own post to the group that is linked to its channel, as Telegram does by itself."""
    if chat.kind == "channel" and chat.linked is not None:
        _forward(world, chat, world.chats[chat.linked], message)


def _check_alive(chat: Chat) -> None:
    if chat.upgraded_to is not None:
        raise ValueError(f"this group is now {chat.upgraded_to}")
    if chat.deleted:
        raise ValueError("this chat was deleted")
