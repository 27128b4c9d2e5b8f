"""What helps people ask: the welcome, the help, and what was wrong with a question."""

import unicodedata
from collections.abc import Sequence

from bot.render import words
from bot.render.buttons import Follow, OpenPage, Press, button
from bot.render.message import Message, rows
from bot.render.pieces import question, shown
from bot.render.text import Text, block, bold, code, text
from bot.render.units import one_line
from storage import QueryError

_BEFORE_FAULT = 24  # letters of the query shown before the fault
_AFTER_FAULT = 12


def welcome(everything_id: int) -> Message:
    """The answer to /start; `everything_id` is the id of the query for everything."""
    greeting = bold(words.GREETING)
    asking = Text.joined("\n", (words.GREETING_ASK, words.GREETING_FOLLOW))
    buttons = (
        (button(words.OPEN_LATEST, OpenPage(everything_id)),),
        (button(words.FOLLOW_ALL, Follow(everything_id)),),
    )
    return Message(Text.joined("\n\n", (greeting, asking, _examples("/search"), words.GREETING_HELP)), buttons)


def help_page(commands: Sequence[tuple[str, str]]) -> Message:
    """The answer to /help: how each command is typed and what it does, and the query language by example."""
    listed = (f"{usage} – {description}" for usage, description in commands)
    language = (code(example) + f"  {meaning}" for example, meaning in words.QUERY_EXAMPLES)
    parts = (
        Text.joined("\n", (bold(words.COMMANDS), *listed)),
        Text.joined("\n", (bold(words.LANGUAGE), *language)),
        words.WHAT_YOU_SEARCH,
    )
    return Message(Text.joined("\n\n", parts))


def usage(how: str, command: str) -> Message:
    """How a command wants to be typed, with examples."""
    return Message(how + "\n" + _examples(command))


def query_error(error: QueryError, offer: Press | None = None) -> Message:
    """What is wrong with a query and where; `offer` is what a press on the hint does."""
    place = block(_place(error))
    parts = (words.CANNOT_READ + "\n" + place + "\n" + words.expected(one_line(error.expected), error.position),)
    hint = shown(error.hint)
    if not hint:
        return Message(Text.joined("\n", parts))
    buttons = rows((button(hint, offer),)) if offer else ()
    return Message(Text.joined("\n", (*parts, f"{words.TRY_THIS} " + question(error.hint))), buttons)


def sentence(said: str) -> Message:
    """Plain words."""
    return Message(text(said))


def _examples(command: str) -> Text:
    return Text.joined("\n", (code(f"{command} {query}") for query in words.EXAMPLE_QUERIES))


def _place(error: QueryError) -> str:
    """The part of the query around the fault, with a caret under it."""
    # Each kind of space is one wide, so that the caret stays under its letter.
    letters = "".join(one_line(letter) or " " for letter in error.text)
    position = min(max(error.position, 0), len(letters))
    start = max(position - _BEFORE_FAULT, 0)
    before = ("…" if start else "") + letters[start:position]
    after = letters[position : position + _AFTER_FAULT]
    more = "…" if position + _AFTER_FAULT < len(letters) else ""
    return f"{before}{after}{more}\n{' ' * _width(before)}^"


def _width(words_: str) -> int:
    """How many columns the words take in a font of fixed width."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF") for letter in words_
    )
