"""Chats of every kind: private ones, basic groups, supergroups (also with topics) and channels. No HTTP here."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from bot.sandbox.members import PERMISSIONS, Member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.sandbox.people import Person

Json = dict[str, Any]

KINDS = ("group", "supergroup", "channel")
# Telegram's ranges: a supergroup or channel n is -100 followed by n, a basic group n is -n.
FIRST_GROUP = -4_000_001
FIRST_SUPERGROUP = -1_002_000_000_001
_BASIC = range(-999_999_999_999, 0)
_LARGE = range(-1_997_852_516_352, -1_000_000_000_000)
# An ordinary group lets its members do this much.
USUAL = {right: right not in {"can_change_info", "can_pin_messages", "can_manage_topics"} for right in PERMISSIONS}


@dataclass(slots=True)
class Topic:
    """A thread of a forum. Its id is that of the message that opened it."""

    id: int
    name: str
    icon_color: int = 0x6FB9F0
    closed: bool = False
    # Deleted, and the Bot API server has not yet heard: the next message is refused by Telegram itself.
    vanishing: bool = False
    by_bot: bool = False

    def as_json(self) -> Json:
        return {"message_thread_id": self.id, "name": self.name, "icon_color": self.icon_color}


@dataclass(slots=True)
class Chat:
    """A place for messages; `messages` by id, as the Bot API shows them; `members` by the user's id."""

    id: int
    kind: str
    person: Person | None = None  # whose private chat it is
    title: str = ""
    username: str = ""
    forum: bool = False
    ids: Iterator[int] = field(default_factory=lambda: count(1))
    messages: dict[int, Json] = field(default_factory=dict)
    own: set[int] = field(default_factory=set)  # the ids of what the bot wrote
    gone: set[int] = field(default_factory=set)  # of those, what was deleted
    writers: dict[int, int] = field(default_factory=dict)  # who wrote what the bot did not: message to person
    members: dict[int, Member] = field(default_factory=dict)
    permissions: Json = field(default_factory=dict)  # of ordinary members
    topics: dict[int, Topic] = field(default_factory=dict)
    general_closed: bool = False
    pinned: list[int] = field(default_factory=list)
    linked: int | None = None  # of a channel its discussion group, and the other way round
    known: bool = True  # the bot has met it, and so may name it by its number
    hears_all: bool = False  # the bot joined when its privacy mode was off
    last_bot: int = 0  # which bot wrote last
    upgraded_to: int | None = None
    deleted: bool = False
    now: Callable[[], int] = field(default=lambda: 0)  # seconds since 1970
    # What Telegram itself says to a message, whatever the Bot API server believes: CHAT_WRITE_FORBIDDEN, ...
    refuses: str = ""

    @property
    def large(self) -> bool:
        """A supergroup or channel: with message ids of its own."""
        return self.kind in {"supergroup", "channel"}

    def member(self, user: int) -> Member:
        return self.members.get(user, Member()).at(self.now())

    def everybody(self) -> list[tuple[int, Member]]:
        """Whoever is or was in the chat, as they are now."""
        return [(user, self.member(user)) for user in self.members]

    def may(self, user: int, right: str) -> bool:
        return self.member(user).may(right, self.permissions)

    def open_to(self, user: int) -> bool:
        """Whether somebody sees what is in the chat: whose it is, who is in it, and all if it is public."""
        if self.kind == "private":
            return user == self.id
        return bool(self.username) or self.member(user).present

    def as_json(self) -> Json:
        username = {"username": self.username} if self.username else {}
        if self.person is not None:
            return {"id": self.id, "first_name": self.person.first_name, **username, "type": self.kind}
        forum = {"is_forum": True} if self.forum else {}
        return {"id": self.id, "title": self.title, **username, "type": self.kind, **forum}


def check_id(chat_id: int, kind: str) -> None:
    """Raise ValueError for an id that Telegram gives to no chat of this kind."""
    allowed = _BASIC if kind == "group" else _LARGE
    if chat_id not in allowed:
        raise ValueError(f"the id of a {kind} lies between {allowed[0]} and {allowed[-1]}, not at {chat_id}")
