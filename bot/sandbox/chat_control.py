"""Groups and channels for `control`: the calls that found them, fill them and speak in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox import migration, rooms, topics
from bot.sandbox.chats import KINDS
from bot.sandbox.members import PERMISSIONS, member_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from bot.sandbox.chats import Chat
    from bot.sandbox.people import Person
    from bot.sandbox.world import World

Json = dict[str, Any]
BOT = "bot"  # stands for the bot's own id


def chat_of(world: World, body: Json, name: str = "chat") -> Chat:
    chat = world.chats.get(int(body[name]))
    if chat is None:
        raise ValueError(f"there is no chat {body[name]}")
    return chat


def person_of(world: World, body: Json, name: str = "person") -> Person:
    person = world.people.get(int(body[name]))
    if person is None:
        raise ValueError(f"there is no person {body[name]}")
    return person


def show(world: World, chat: Chat) -> Json:
    members = {str(user): member.as_json(world.user(user), chat.kind) for user, member in chat.everybody()}
    return {
        **chat.as_json(),
        "members": members,
        "permissions": chat.permissions,
        "topics": [{**topic.as_json(), "closed": topic.closed} for topic in chat.topics.values()],
        "general_closed": chat.general_closed,
        "pinned": chat.pinned,
        "linked": chat.linked,
        "upgraded_to": chat.upgraded_to,
        "deleted": chat.deleted,
        "refuses": chat.refuses,
    }


def add_chat(world: World, body: Json) -> Json:
    if body["kind"] not in KINDS:
        raise ValueError(f"the kind of a chat is one of {', '.join(KINDS)}")
    if body.get("forum") and body["kind"] != "supergroup":
        raise ValueError("only a supergroup can be a forum")
    owner = person_of(world, body, "owner")
    more = {"forum": bool(body.get("forum")), "username": str(body.get("username", ""))}
    chat = world.add_room(body["kind"], str(body["title"]), body.get("id"), **more)
    bot = body.get("bot", "administrator" if chat.kind == "channel" else "member")
    try:
        member = None if bot == "none" else member_of(bot, body.get("rights"))
        rooms.begin(world, chat, owner, [int(user) for user in body.get("members", [])], member)
    except (KeyError, ValueError):
        del world.chats[chat.id]
        raise
    return show(world, chat)


def change_chat(world: World, body: Json) -> Json:
    chat = chat_of(world, body)
    if "title" in body:
        rooms.rename(world, chat, str(body["title"]), _by(world, chat, body, "can_change_info"))
    for name, kind in (("forum", bool), ("username", str), ("refuses", str), ("deleted", bool)):
        if name in body:
            setattr(chat, name, kind(body[name]))
    return show(world, chat)


def set_member(world: World, body: Json) -> Json:
    chat = chat_of(world, body)
    user = world.bot_id if body["user"] == BOT else int(body["user"])
    by = _by(world, chat, body)
    more = {name: body[name] for name in ("anonymous", "title", "inside", "until") if name in body}
    member = member_of(body["status"], body.get("rights"), **more)
    rooms.check_change(chat, by["id"], user, member)
    rooms.set_member(world, chat, user, member, by)
    if body.get("payload"):  # a deep link ?startgroup=payload says this once the bot is in
        rooms.say(world, chat, person_of(world, body, "by"), f"/start@{world.settings.username} {body['payload']}")
    return show(world, chat)


def set_permissions(world: World, body: Json) -> Json:
    chat = chat_of(world, body)
    if unknown := body["permissions"].keys() - set(PERMISSIONS):
        raise ValueError(f"unknown permissions: {', '.join(sorted(unknown))}")
    chat.permissions = {**chat.permissions, **body["permissions"]}
    return show(world, chat)


def upgrade(world: World, body: Json) -> Json:
    chat = chat_of(world, body)
    by = _by(world, chat, body)
    if chat.member(by["id"]).status != "creator":
        raise ValueError("the creator of a group upgrades it")
    return show(world, migration.upgrade(world, chat, by, str(body.get("first", "old")), body.get("id")))


def link(world: World, body: Json) -> Json:
    rooms.link(chat_of(world, body, "channel"), chat_of(world, body, "group"))
    return show(world, chat_of(world, body, "channel"))


def say(world: World, body: Json) -> Json:
    person = person_of(world, body)
    chat = chat_of(world, {"chat": body.get("chat", person.id)})
    manner = rooms.Manner(
        int(body.get("thread") or 0),
        int(body.get("reply_to") or 0),
        anonymous=bool(body.get("anonymous")),
        as_channel=body.get("as_channel"),
    )
    return rooms.say(world, chat, person, str(body["text"]), manner)


def delete(world: World, body: Json) -> Json:
    return rooms.delete(world, chat_of(world, body), int(body["message_id"]))


def open_topic(world: World, body: Json) -> Json:
    chat = chat_of(world, body)
    return topics.open_topic(
        world, chat, {"from": _by(world, chat, body, "can_manage_topics")}, str(body["name"])
    ).as_json()


def close_topic(world: World, body: Json) -> Json:
    return _toggle(world, body, closed=True)


def reopen_topic(world: World, body: Json) -> Json:
    return _toggle(world, body, closed=False)


def delete_topic(world: World, body: Json) -> Json:
    chat = chat_of(world, body)
    thread = int(body["thread"])
    if body.get("unheard"):
        chat.topics[thread].vanishing = True
    else:
        topics.delete_topic(chat, thread)
    return show(world, chat)


def _toggle(world: World, body: Json, *, closed: bool) -> Json:
    chat = chat_of(world, body)
    author = {"from": _by(world, chat, body, "can_manage_topics")}
    topics.set_closed(world, chat, author, int(body.get("thread") or 0), closed=closed)
    return show(world, chat)


def _by(world: World, chat: Chat, body: Json, right: str = "") -> Json:
    """Who did it: `by`, who must have the `right`, or the chat's creator. Raises ValueError."""
    if "by" in body:
        person = person_of(world, body, "by")
        person.check_account()
        if right:
            rooms.check_right(chat, person.id, right)
        return person.user()
    creators = [user for user, member in chat.everybody() if member.status == "creator"]
    if not creators:
        raise ValueError(f"chat {chat.id} has no creator: say who did it, by `by`")
    return world.user(creators[0])


def read_chats(world: World, _: web.Request) -> Json:
    return {"chats": [show(world, chat) for chat in world.chats.values() if chat.kind != "private"]}


CHAT_ACTIONS: dict[str, Callable[[World, Json], Json]] = {
    "send": say,
    "delete": delete,
    "chats": add_chat,
    "chats/change": change_chat,
    "chats/member": set_member,
    "chats/permissions": set_permissions,
    "chats/upgrade": upgrade,
    "chats/link": link,
    "topics": open_topic,
    "topics/close": close_topic,
    "topics/reopen": reopen_topic,
    "topics/delete": delete_topic,
}
