"""What a message calls for: which command, with which words after it."""

import re
from dataclasses import dataclass

from bot.commands import search
from bot.commands.desk import Command
from bot.commands.table import find

_CALL = re.compile(r"/(\w{1,64})(?:@(\w+))?(?:\s+(.*))?", re.ASCII | re.DOTALL)
_ARTICLE = re.compile(r"article_(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Call:
    """A command and what was said to it; `command` is None for a name that we do not have."""

    name: str
    text: str
    command: Command | None


def read_call(said: str, username: str, *, private: bool) -> Call | None:
    """The call in a message; None when it is not for us.

    In a private chat everything is for us, and what is no command is a search. Elsewhere only commands are, and
    those of unknown names only when they are addressed to us.
    """
    parts = _CALL.fullmatch(said.strip())
    if parts is None:
        return Call(search.COMMAND.name, said.strip(), search.COMMAND) if private and said.strip() else None
    name, addressee, text = parts[1].lower(), parts[2] or "", (parts[3] or "").strip()
    if addressee and addressee.lower() != username.lower():
        return None
    if number := _ARTICLE.fullmatch(name):
        name, text = "article", number[1]
    command = find(name)
    return Call(name, text, command) if command or private or addressee else None
