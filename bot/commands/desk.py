"""What a command is given and what it is: a question, the means to answer it, and its line in the table."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

from bot.render.message import Message
from bot.waiting import UnderWay
from storage import Chat, ChatKind, Feed, Place, Query, QueryError, Question, Source, Store


@dataclass(frozen=True, slots=True)
class Ask:
    """A question as it came in, or a press of a button: then `text` is its data."""

    place: Place
    """What it is about: where it was asked, unless `about` says otherwise."""
    text: str
    """What stands after the command, without white space around it."""
    now: datetime
    chat: Chat
    """Where it was asked."""
    speaker: int
    """Who asks: a person, or the chat in whose name somebody speaks; 0: nobody that Telegram names."""
    about: Chat | None = None
    """The channel that it is about, asked for in private."""

    @property
    def private(self) -> bool:
        """Whether the chat is one person's own."""
        return self.chat.kind is ChatKind.PRIVATE


class Hindrance(Enum):
    """Why somebody may not change what a chat follows."""

    NOT_ADMIN = "not an administrator"
    CANNOT_POST = "the bot may not post there"
    NOT_TOLD = "Telegram does not say"


class Rights(Protocol):
    """Who may change what a chat follows, by Telegram's word."""

    async def hindrance(self, chat: Chat, speaker: int) -> Hindrance | None:
        """Why the speaker may not change what the chat follows; None: they may."""

    async def find(self, username: str) -> Chat | Hindrance | None:
        """The group or channel of this public name (without @); None: there is none that the bot can see.

        NOT_TOLD when Telegram does not say.
        """


class FeedHindrance(Enum):
    """Why nothing can be followed at an address."""

    NO_ADDRESS = "it is no address"
    NOT_ALLOWED = "it may not be fetched"
    UNREACHABLE = "it does not answer"
    NO_FEED = "there is no feed"
    NOT_NOW = "nothing is fetched at present"


class Feeds(Protocol):
    """Feeds by their addresses, as people send them: with or without a scheme, with a name and a password."""

    async def known(self, address: str) -> Feed | FeedHindrance | None:
        """The feed that is known by this address, without a look at it; None: there is none."""

    async def introduce(self, address: str, place: Place, most: int | None) -> tuple[Feed, bool] | FeedHindrance:
        """The feed at this address, or on the page there, polled from now on; and whether it is new.

        Many who ask for one that is new get the same. Takes some seconds, and never more than a minute. Raises TooMany
        when the place's chat has added `most` others already; None: any number.
        """


@dataclass(frozen=True, slots=True)
class Desk:
    """What answering needs."""

    store: Store
    username: str
    """The bot's, without @."""
    rights: Rights
    feeds: Feeds
    page_size: int = 7
    """Headlines on a page of results, at most 10."""
    zone: str = "UTC"
    """IANA zone of the chats that have chosen none."""
    admins: frozenset[int] = frozenset()
    """The people who run the bot."""
    pays: bool = False
    """Whether messages may be paid for."""
    reader_feeds: int = 0
    """So many new feeds may be added from a chat by others than the admins."""
    unsettled: UnderWay = field(default_factory=UnderWay)
    """Deliveries that are not written down yet, by the keys that open what they count."""

    def is_admins(self, ask: Ask) -> bool:
        """Whether it is asked in the own chat of somebody who runs the bot."""
        return ask.private and ask.speaker in self.admins

    def may_add(self, ask: Ask) -> int | None:
        """How many feeds whoever asks may add from where they ask; None: any number."""
        return None if ask.speaker in self.admins else self.reader_feeds


def opening(ask: Ask, desk: Desk) -> str:
    """For `render`: the bot's username where readers cannot write, so that articles open in their own chats."""
    return desk.username if ask.chat.kind is ChatKind.CHANNEL else ""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: how it is called, how it is explained, and what answers it."""

    name: str
    description: str
    """For the menu and /help; at most 256 characters (Bot API, BotCommand)."""
    usage: str
    """How it is typed."""
    handle: Callable[[Ask, Desk], Awaitable[Message]]
    aliases: tuple[str, ...] = ()
    """Other names, known from other bots."""
    of_chats: bool = False
    """It is about what a chat follows: in private it may name a channel, `@name`, before all else."""
    changes: bool = False
    """It changes what a chat follows: administrators alone may say it."""
    takes_addresses: bool = False
    """What stands after it may be an address of the web, with a name and a password in it."""
    of_admins: bool = False
    """It is for the people who run the bot, in private; for all others there is no such command."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What comes of a press: a short notice to the person who pressed, and a message."""

    toast: str = ""
    message: Message | None = None
    """Takes the place of the pressed one, or is sent if it is `new`."""
    new: bool = False


async def parsed(text: str) -> Query:
    """The query that somebody typed. Raises QueryError."""
    return await asyncio.to_thread(Query.parse, text)  # a dictionary may have to be loaded first


async def of_source(source: Source) -> Query | None:
    """The query for all that comes from the source; None: its name cannot be asked for."""
    try:
        return await parsed(f'source:"{source.name}"')
    except QueryError:
        return None


async def asked(text: str) -> Question:
    """The question that somebody typed. Raises QueryError."""
    return await asyncio.to_thread(Question.parse, text)  # likewise
