"""What a command is given and what it is: a question, the means to answer it, and its line in the table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.render.message import Message
from storage import Place, Store


@dataclass(frozen=True, slots=True)
class Ask:
    """A question as it came in, or a press of a button: then `text` is its data."""

    place: Place
    text: str
    """What stands after the command, without white space around it."""
    now: datetime
    private: bool
    """Whether the chat is one person's own."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What answering needs."""

    store: Store
    username: str
    """The bot's, without @."""
    page_size: int = 7
    """Headlines on a page of results, at most 10."""


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


@dataclass(frozen=True, slots=True)
class Pressed:
    """What comes of a press: a short notice to the person who pressed, and a message."""

    toast: str = ""
    message: Message | None = None
    """Takes the place of the pressed one, or is sent if it is `new`."""
    new: bool = False
