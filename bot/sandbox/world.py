"""A bot's world: its people, their chats, the messages in them. No HTTP here.

Each token has a world of its own. All chats are private so far; a chat's `kind` says so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from bot.sandbox.entities import Formatted, formatted
from bot.sandbox.faults import Assassin, Counters, Faults, Limits
from bot.sandbox.journal import Journal
from bot.sandbox.updates import Updates

Json = dict[str, Any]

FIRST_PERSON = 1001
# Telegram publishes no number; about this many seconds were seen.
QUERY_LIVES = 15.0


@dataclass(slots=True)
class Settings:
    """What a test may set for one bot."""

    username: str = "sandbox_bot"
    name: str = "Sandbox bot"
    can_join_groups: bool = True
    can_read_all_group_messages: bool = False
    supports_inline_queries: bool = False
    date_time: bool = True  # False: an older server, to which <tg-time> is unknown
    latency: float = 0.0  # seconds a call takes, half before and half after it is processed
    query_lives: float = QUERY_LIVES  # seconds in which a pressed button may be answered


@dataclass(slots=True)
class Person:
    """Somebody with Telegram. Their private chat with the bot has their id."""

    id: int
    first_name: str
    language_code: str = "en"
    started: bool = True  # False: never pressed Start, so the bot may not write first
    blocked: bool = False  # has blocked the bot
    deactivated: bool = False  # has deleted the account

    def user(self) -> Json:
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
        }

    def as_json(self) -> Json:
        states = {"started": self.started, "blocked": self.blocked, "deactivated": self.deactivated}
        return {**self.user(), **states}


@dataclass(slots=True)
class Chat:
    """A place for messages; `messages` by id, as the Bot API shows them."""

    id: int
    kind: str
    person: Person
    messages: dict[int, Json] = field(default_factory=dict)

    def as_json(self) -> Json:
        return {"id": self.id, "first_name": self.person.first_name, "type": self.kind}


@dataclass(frozen=True, slots=True)
class Query:
    """A pressed button that waits for its answer until `ends` (seconds of the monotonic clock)."""

    id: str
    chat: int
    message_id: int
    ends: float


@dataclass(slots=True)
class World:
    """Everything that one bot can see."""

    token: str
    settings: Settings = field(default_factory=Settings)
    revoked: bool = False
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)
    updates: Updates = field(default_factory=Updates)
    faults: Faults = field(default_factory=Faults)
    limits: Limits = field(default_factory=Limits)
    counters: Counters = field(default_factory=Counters)
    assassin: Assassin = field(default_factory=Assassin)
    queries: dict[str, Query] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    descriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    # One sequence of message ids for all private chats of a bot, as on Telegram.
    _message_ids: count[int] = field(default_factory=lambda: count(1))
    _query_ids: count[int] = field(default_factory=lambda: count(4_000_000_000_000_000_001))
    _next_person: int = FIRST_PERSON

    @property
    def bot_id(self) -> int:
        return int(self.token.partition(":")[0])

    def bot(self) -> Json:
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": self.settings.name,
            "username": self.settings.username,
        }

    def add_person(self, first_name: str, person_id: int | None = None, **more: Any) -> Person:
        """Add somebody, with the next free id unless one is given. Raises ValueError if the id is taken."""
        if person_id is None:
            person_id = self._free_id()
        if person_id in self.people:
            raise ValueError(f"there is already a person {person_id}")
        person = Person(person_id, first_name, **more)
        self.people[person_id] = person
        self.chats[person_id] = Chat(person_id, "private", person)
        return person

    def say(self, person: Person, text: str) -> Json:
        """A person writes to the bot. Who blocked it unblocks it by that, as in Telegram's own apps.

        Raises ValueError for a text that Telegram would not take.
        """
        written = _written(text)
        if person.deactivated:
            raise ValueError(f"person {person.id} has no account any more")
        self.set_blocked(person, blocked=False)
        person.started = True
        chat = self.chats[person.id]
        message = self._message(chat, person.user(), written)
        self.updates.add("message", message)
        self.journal.add("received", chat.id, message=message)
        return message

    def rewrite(self, person: Person, message_id: int, text: str) -> Json:
        """A person edits what they wrote. Raises KeyError for another message, ValueError for a bad text."""
        chat = self.chats[person.id]
        old = chat.messages[message_id]
        if old["from"]["id"] != person.id:
            raise KeyError(message_id)
        message = self.change(chat, old, _written(text), None)
        self.updates.add("edited_message", message)
        self.journal.add("received", chat.id, message=message)
        return message

    def press(self, person: Person, message_id: int, data: str, now: float) -> Query:
        """A person presses a button of the bot's message. Raises KeyError for any other message."""
        message = self.chats[person.id].messages[message_id]
        if not message["from"]["is_bot"]:
            raise KeyError(message_id)
        query = Query(str(next(self._query_ids)), person.id, message_id, now + self.settings.query_lives)
        self.queries[query.id] = query
        self.updates.add(
            "callback_query",
            {
                "id": query.id,
                "from": person.user(),
                "message": message,
                "chat_instance": str(-person.id),
                "data": data,
            },
        )
        return query

    def set_blocked(self, person: Person, *, blocked: bool) -> None:
        """Block or unblock the bot; it hears of a change through my_chat_member."""
        if person.blocked == blocked:
            return
        person.blocked = blocked
        old, new = (self._member("member"), self._member("kicked"))
        self.updates.add(
            "my_chat_member",
            {
                "chat": self.chats[person.id].as_json(),
                "from": person.user(),
                "date": int(time.time()),
                "old_chat_member": old if blocked else new,
                "new_chat_member": new if blocked else old,
            },
        )

    def send(self, chat: Chat, written: Formatted, *, silent: bool = False, **more: Any) -> Json:
        """The bot writes; `more` are further fields of the message."""
        message = self._message(chat, self.bot(), written, **more)
        self.journal.add("sent", chat.id, message=message, silent=silent)
        return message

    def change(self, chat: Chat, old: Json, written: Formatted, reply_markup: Json | None, **more: Any) -> Json:
        """Give a message another content, in place; the old value stays as it was."""
        kept = {name: value for name, value in old.items() if name not in _CONTENT}
        message = {**kept, "edit_date": int(time.time()), **_content(written), **more}
        if reply_markup:
            message["reply_markup"] = reply_markup
        chat.messages[message["message_id"]] = message
        return message

    def delete(self, chat: Chat, message_id: int) -> None:
        message = chat.messages.pop(message_id)
        self.journal.add("deleted", chat.id, message=message)

    def menu(self, person: Person | None = None) -> list[Json]:
        """The commands a person sees: the nearest scope that has some, their language before none."""
        scopes = ["default"] if person is None else [f"chat {person.id}", "all_private_chats", "default"]
        languages = ["" if person is None else person.language_code, ""]
        lists = (self.commands.get((scope, language)) for scope in scopes for language in languages)
        return next((commands for commands in lists if commands), [])

    def _message(self, chat: Chat, sender: Json, written: Formatted, **more: Any) -> Json:
        message = {
            "message_id": next(self._message_ids),
            "from": sender,
            "chat": chat.as_json(),
            "date": int(time.time()),
            **_content(written),
            **more,
        }
        chat.messages[message["message_id"]] = message
        return message

    def _member(self, status: str) -> Json:
        member: Json = {"user": self.bot(), "status": status}
        return {**member, "until_date": 0} if status == "kicked" else member

    def _free_id(self) -> int:
        while self._next_person in self.people:
            self._next_person += 1
        return self._next_person


# What an edit replaces; the rest of a message stays.
_CONTENT = frozenset({"text", "entities", "reply_markup", "link_preview_options"})


def _content(written: Formatted) -> Json:
    return {"text": written.text, "entities": written.entities} if written.entities else {"text": written.text}


def _written(text: str) -> Formatted:
    written = formatted(text, [])
    if not written.text:
        raise ValueError("a message needs a text that can be seen")
    if len(written.text) > 4096:
        raise ValueError("a message has at most 4096 characters")
    return written


class Worlds:
    """All bots by token; a token is registered by its first use."""

    def __init__(self, settings: Settings | None = None) -> None:
        """`settings`: what every new bot begins with."""
        self._settings = settings or Settings()
        self._worlds: dict[str, World] = {}

    def of(self, token: str) -> World:
        world = self._worlds.get(token)
        if world is None:
            world = self._worlds[token] = World(token, replace(self._settings))
        return world

    def known(self) -> list[World]:
        return list(self._worlds.values())


def with_settings(settings: Settings, changes: Json) -> Settings:
    return replace(settings, **changes)
