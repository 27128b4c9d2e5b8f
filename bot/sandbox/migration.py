"""A basic group becomes a supergroup (Bot API, Message.migrate_to_chat_id and migrate_from_chat_id)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.people import ANONYMOUS

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat
    from bot.sandbox.world import World

Json = dict[str, Any]

ORDERS = ("old", "new")


def upgrade(world: World, old: Chat, by: Json, first: str = "old", new_id: int | None = None) -> Chat:
    """Give the supergroup: members and administrators come along, messages stay behind under the old id.

    Both chats tell of it; `first` says which of them does so first. Raises ValueError for what is no basic group.
    """
    if old.kind != "group" or old.upgraded_to is not None or old.deleted:
        raise ValueError(f"chat {old.id} is no basic group that could be upgraded")
    if first not in ORDERS:
        raise ValueError('first is the chat that tells first: "old" or "new"')
    new = world.add_room("supergroup", old.title, new_id)
    new.members, new.permissions = dict(old.members), dict(old.permissions)
    new.known, new.hears_all, new.last_bot = old.known, old.hears_all, old.last_bot
    told = [
        (old, world.message(old, {"from": by}, {"migrate_to_chat_id": new.id})),
        (new, _first_message(world, old, new)),
    ]
    for chat, message in told if first == "old" else reversed(told):
        world.receive(chat, message)
    old.upgraded_to = new.id
    return new


def _first_message(world: World, old: Chat, new: Chat) -> Json:
    author = {"from": ANONYMOUS, "sender_chat": new.as_json()}
    return world.message(new, author, {"migrate_from_chat_id": old.id})
