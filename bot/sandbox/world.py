"""A bot's world: its people, their chats, the messages in them. No HTTP here.

Each token has a world of its own. What happens in groups and channels is in `rooms`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from bot.sandbox.chats import FIRST_GROUP, FIRST_SUPERGROUP, USUAL, Chat, check_id
from bot.sandbox.clock import Clock
from bot.sandbox.entities import Formatted, formatted
from bot.sandbox.faults import Assassin, Counters, Faults
from bot.sandbox.inline import Inline
from bot.sandbox.journal import Journal
from bot.sandbox.limits import Limits, Unsent
from bot.sandbox.members import Member
from bot.sandbox.people import ANONYMOUS, Person
from bot.sandbox.photos import Files
from bot.sandbox.privacy import SERVICE, hears
from bot.sandbox.updates import Updates
from bot.sandbox.webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

FIRST_PERSON = 1001
TWO_DAYS = 48 * 3600
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
    custom_emoji: bool = False  # True: its owner has Premium, or it has a name from Fragment
    date_time: bool = True  # False: an older server, to which <tg-time> is unknown
    latency: float = 0.0  # seconds a call takes, half before and half after it is processed
    query_lives: float = QUERY_LIVES  # seconds in which a pressed button may be answered
    strict_polling: bool = False  # True: who asks for the same again in a hurry is kept waiting
    pace: float = 1.0  # pauses (webhooks, hurried polling) are this many times as long as Telegram's


@dataclass(frozen=True, slots=True)
class Query:
    """A pressed button that waits for its answer until `ends` (seconds of the world's clock)."""

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
    clock: Clock = field(default_factory=Clock)
    updates: Updates = field(init=False)
    webhook: Webhook = field(default_factory=Webhook)
    next_webhook: float = float("-inf")  # from when on the next one may be set
    faults: Faults = field(default_factory=Faults)
    limits: Limits = field(default_factory=Limits)
    unsent: Unsent = field(default_factory=Unsent)
    counters: Counters = field(default_factory=Counters)
    assassin: Assassin = field(default_factory=Assassin)
    queries: dict[str, Query] = field(default_factory=dict)
    files: Files = field(default_factory=Files)
    inline: Inline = field(default_factory=Inline)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    descriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    # One sequence of message ids for all private chats and basic groups of a bot, as on Telegram.
    _message_ids: count[int] = field(default_factory=lambda: count(1))
    _query_ids: count[int] = field(default_factory=lambda: count(4_000_000_000_000_000_001))
    _next_person: int = FIRST_PERSON
    _group_ids: count[int] = field(default_factory=lambda: count(FIRST_GROUP, -1))
    _supergroup_ids: count[int] = field(default_factory=lambda: count(FIRST_SUPERGROUP, -1))

    def __post_init__(self) -> None:
        self.updates = Updates(self.clock.now)

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
        chat = Chat(person_id, "private", person, username=person.username, ids=self._message_ids)
        self.chats[person_id] = chat
        return person

    def add_room(self, kind: str, title: str, chat_id: int | None = None, **more: Any) -> Chat:
        """Add a group, supergroup or channel without members. Raises ValueError for an id that cannot be."""
        if chat_id is None:
            chat_id = next(self._group_ids if kind == "group" else self._supergroup_ids)
        check_id(chat_id, kind)
        if chat_id in self.chats:
            raise ValueError(f"there is already a chat {chat_id}")
        chat = self.chats[chat_id] = Chat(
            chat_id, kind, title=title, permissions=dict(USUAL), now=self.clock.unix, **more
        )
        if kind == "group":
            chat.ids = self._message_ids
        return chat

    def user(self, user_id: int) -> Json:
        """Give the bot or a person as the Bot API shows them. Raises KeyError."""
        return self.bot() if user_id == self.bot_id else self.people[user_id].user()

    def bot_member(self, chat: Chat) -> Member:
        return chat.member(self.bot_id)

    def say(self, person: Person, text: str, **more: Any) -> Json:
        """A person writes to the bot. Who blocked it unblocks it by that, as in Telegram's own apps.

        `more` are further fields of the message. Raises ValueError for a text that Telegram would not take.
        """
        written = written_by_hand(text)
        person.check_account()
        self.set_blocked(person, blocked=False)
        person.started = True
        chat = self.chats[person.id]
        message = self.message(chat, {"from": person.user()}, {**content(written), **more}, writer=person.id)
        self.receive(chat, message)
        return message

    def rewrite(self, chat: Chat, person: Person, message_id: int, text: str) -> Json:
        """A person edits a message. Raises KeyError for one that is not theirs, ValueError for a bad text."""
        old = chat.messages[message_id]
        person.check_account()
        if not self._may_rewrite(chat, person, message_id):
            raise KeyError(message_id)
        if chat.kind != "channel" and self.clock.unix() - old["date"] > TWO_DAYS:
            raise ValueError("a message is edited within two days")
        message = self.change(chat, old, written_by_hand(text), None)
        self.receive(chat, message, edited=True)
        return message

    def press(self, chat: Chat, person: Person, message_id: int, data: str, now: float) -> Query:
        """A person presses a button of the bot's message. Raises KeyError for any other message.

        They may have done so just before it was deleted: then the bot hears of a message that it cannot reach.
        """
        person.check_account()
        if not chat.open_to(person.id):
            raise ValueError(f"{person.first_name} is not in this chat")
        lost = {"chat": chat.as_json(), "message_id": message_id, "date": 0}
        message = lost if message_id in chat.gone else chat.messages[message_id]
        if message_id not in chat.own | chat.gone:
            raise KeyError(message_id)
        query = Query(str(next(self._query_ids)), chat.id, message_id, now + self.settings.query_lives)
        self.queries[query.id] = query
        self.updates.add(
            "callback_query",
            {
                "id": query.id,
                "from": person.user(),
                "message": message,
                "chat_instance": str(-chat.id),
                "data": data,
            },
        )
        return query

    def set_blocked(self, person: Person, *, blocked: bool) -> None:
        """Block or unblock the bot; it hears of a change through my_chat_member."""
        if person.blocked == blocked:
            return
        person.blocked = blocked
        old, new = Member("member"), Member("kicked")
        if not blocked:
            old, new = new, old
        self.tell_of_member("my_chat_member", self.chats[person.id], self.bot_id, (old, new), person.user())

    def tell_of_member(self, kind: str, chat: Chat, user_id: int, change: tuple[Member, Member], by: Json) -> None:
        """The update about a member's old and new state: `my_chat_member` about the bot, `chat_member` about others."""
        old, new = (member.as_json(self.user(user_id), chat.kind) for member in change)
        about = {"chat": chat.as_json(), "from": by, "date": self.clock.unix()}
        self.updates.add(kind, {**about, "old_chat_member": old, "new_chat_member": new})

    def author(self, chat: Chat) -> Json:
        """Who stands on a message of the bot: itself, the channel, or the group if it is an anonymous admin."""
        if chat.kind == "channel":
            return {"sender_chat": chat.as_json()}
        if self.bot_member(chat).anonymous:
            return {"from": ANONYMOUS, "sender_chat": chat.as_json()}
        return {"from": self.bot()}

    def publish(self, chat: Chat, fields: Json, *, silent: bool = False, raw: Json | None = None) -> Json:
        """The bot's message with these fields: text, picture, keyboard, whatever it consists of.

        `raw`: the text as it was handed in, for the journal.
        """
        message = self.message(chat, self.author(chat), fields)
        chat.own.add(message["message_id"])
        chat.last_bot = self.bot_id
        self.journal.add("sent", chat.id, message=message, silent=silent, raw=raw)
        return message

    def change(self, chat: Chat, old: Json, written: Formatted, reply_markup: Json | None, **more: Any) -> Json:
        """Give a message another content, in place; the old value stays as it was."""
        markup = {"reply_markup": reply_markup} if reply_markup else {}
        return self.replace(chat, old, {**content(written), **more, **markup})

    def replace(self, chat: Chat, old: Json, fields: Json) -> Json:
        """Give a message these fields for its content, in place."""
        kept = {name: value for name, value in old.items() if name not in CONTENT}
        message = {**kept, "edit_date": self.clock.unix(), **fields}
        chat.messages[message["message_id"]] = message
        return message

    def delete(self, chat: Chat, message_id: int) -> None:
        message = chat.messages.pop(message_id)
        if message_id in chat.own:
            chat.own.remove(message_id)
            chat.gone.add(message_id)
        if message_id in chat.pinned:
            chat.pinned.remove(message_id)
        self.journal.add("deleted", chat.id, message=message)

    def message(self, chat: Chat, author: Json, fields: Json, *, writer: int = 0) -> Json:
        """Store a message; who hears of it is another question. `writer`: the person behind the author."""
        message = {
            "message_id": next(chat.ids),
            **author,
            "chat": chat.as_json(),
            "date": self.clock.unix(),
            **fields,
        }
        chat.messages[message["message_id"]] = message
        if writer:
            chat.writers[message["message_id"]] = writer
        return message

    def receive(self, chat: Chat, message: Json, *, edited: bool = False) -> bool:
        """Record what somebody wrote, and hand it to the bot if it may hear it. Gives whether it did."""
        kind = "channel_post" if chat.kind == "channel" else "message"
        heard = hears(chat, message, self.bot_id, self.settings.username, self.bots_in(chat))
        if heard:
            self.updates.add(f"edited_{kind}" if edited else kind, message)
        record = "service" if any(field in message for field in SERVICE) else "received"
        # Who writes as a group or a channel does not show in the message.
        writer = chat.writers.get(message["message_id"])
        self.journal.add(record, chat.id, message=message, heard=heard, **({"writer": writer} if writer else {}))
        return heard

    def bots_in(self, chat: Chat) -> set[int]:
        others = {user for user in chat.members if user in self.people and self.people[user].is_bot}
        return {user for user in {self.bot_id, *others} if chat.member(user).present}

    def _may_rewrite(self, chat: Chat, person: Person, message_id: int) -> bool:
        own = chat.writers.get(message_id) == person.id
        if chat.kind != "channel":
            return own and chat.open_to(person.id)
        return message_id not in chat.own and chat.may(person.id, "can_post_messages" if own else "can_edit_messages")

    def _free_id(self) -> int:
        while self._next_person in self.people:
            self._next_person += 1
        return self._next_person


# What an edit replaces; the rest of a message stays.
CONTENT = ("text", "entities", "photo", "caption", "caption_entities", "link_preview_options", "reply_markup")


def content(written: Formatted) -> Json:
    """Give the fields of a message that is a text."""
    return {"text": written.text, "entities": written.entities} if written.entities else {"text": written.text}


def written_by_hand(text: str) -> Formatted:
    """Give a text as an app would send it. Raises ValueError for one that it would not."""
    written = formatted(text, [])
    if not written.text:
        raise ValueError("a message needs a text that can be seen")
    if len(written.text) > 4096:
        raise ValueError("a message has at most 4096 characters")
    return written


class Worlds:
    """All bots by token; a token is registered by its first use."""

    def __init__(self, settings: Settings | None = None, begin: Callable[[World], None] | None = None) -> None:
        """`settings`: what every new bot begins with; `begin` fills its world."""
        self._settings = settings or Settings()
        self._begin = begin
        self._worlds: dict[str, World] = {}

    def of(self, token: str) -> World:
        world = self._worlds.get(token)
        if world is None:
            world = self._worlds[token] = World(token, replace(self._settings))
            if self._begin is not None:
                self._begin(world)
        return world

    async def close(self, _: object = None) -> None:
        """End what the worlds do by themselves."""
        for world in self._worlds.values():
            world.webhook.stop()

    def known(self) -> list[World]:
        return list(self._worlds.values())


def with_settings(settings: Settings, changes: Json) -> Settings:
    return replace(settings, **changes)
