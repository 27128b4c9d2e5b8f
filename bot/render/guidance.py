"""What helps people ask: the welcome, the help, and what was wrong with a question."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.render import words
from bot.render.buttons import Follow, OpenPage, OpenSubscriptions, Press, aimed, button, channel_rows
from bot.render.links import add_link, chat_link
from bot.render.message import Button, Message, rows
from bot.render.pieces import shown
from bot.render.text import Text, block, bold, code, text
from bot.render.units import cut, isolated, one_line
from storage import Chat, QueryError

_BEFORE_FAULT = 24  # letters of the query shown before the fault
_AFTER_FAULT = 12
_LONGEST_NAME = 128  # units of a chat's title; Telegram allows no more


def welcome(everything_id: int, username: str, channels: Sequence[Chat] = ()) -> Message:
    """The answer to /start; `everything_id` is the id of the query for everything, `username` the bot's.

    What is followed in `channels` may be opened.
    """
    greeting = bold(words.GREETING)
    asking = Text.joined("\n", (words.GREETING_ASK, words.GREETING_FOLLOW))
    buttons = (
        (button(words.OPEN_LATEST, OpenPage(everything_id)),),
        (button(words.FOLLOW_ALL, Follow(everything_id)),),
        (Button(words.ADD_TO_GROUP, url=add_link(username)),),
        *channel_rows(channels, OpenSubscriptions()),
    )
    return Message(Text.joined("\n\n", (greeting, asking, _examples("/search"), words.GREETING_HELP)), buttons)


def group_welcome(everything_id: int) -> Message:
    """What the bot says in a group, or in a channel that asks; `everything_id` as for `welcome`."""
    example = code(f"/subscribe {words.EXAMPLE_QUERIES[0]}")
    admins = Text.joined(" ", (words.GROUP_ADMINS, example))
    said = Text.joined("\n\n", (bold(words.GROUP_GREETING), admins + "\n" + words.GROUP_READERS))
    return Message(said, ((button(words.FOLLOW_ALL, Follow(everything_id)),),))


def channel_welcome(chat: Chat, everything_id: int) -> Message:
    """To whoever let the bot post in a channel: how to choose what it follows. `everything_id` as for `welcome`."""
    return _how_to_choose(bold(words.may_post(_named(chat))), chat, everything_id)


def channel_follows_nothing(chat: Chat, everything_id: int) -> Message:
    """What a channel follows, when that is nothing yet. `everything_id` as for `welcome`."""
    return _how_to_choose(text(words.FOLLOWS_NOTHING), chat, everything_id)


def about(message: Message, chat: Chat) -> Message:
    """A message about another chat than the one it is in: it says so, and its buttons are about that chat."""
    heading = bold(f"📢 {_named(chat)}")
    return replace(aimed(message, chat.id), text=heading + "\n" + message.text)


def too_many_questions(username: str) -> Message:
    """The one notice in a chat that asks too much; `username` is the bot's."""
    return sentence(words.too_many_questions(chat_link(username)))


def promoted(chat: Chat) -> Message:
    """To whoever made the bot an administrator of a group."""
    return sentence(words.promoted(_named(chat)))


def cannot_deliver(chat: Chat, *, whole: bool, gone: bool) -> Message:
    """To whoever set the chat up: nothing can be delivered there, or (not `whole`) to a topic of it.

    `gone`: the bot is out of the chat, or the topic deleted; else it may not write there, or the topic is closed.
    """
    match whole, gone:
        case True, True:
            said = words.removed
        case True, False:
            said = words.may_not_write
        case False, True:
            said = words.topic_gone
        case _:
            said = words.topic_closed
    return sentence(said(_named(chat)))


def can_deliver_again(chat: Chat) -> Message:
    """To whoever set the chat up."""
    return sentence(words.may_write_again(_named(chat)))


def help_page(commands: Mapping[str, Sequence[tuple[str, str]]]) -> Message:
    """The answer to /help: how each command is typed and what it does, by heading; the query language by example."""
    listed = (
        Text.joined("\n", (bold(heading), *(f"{usage} – {description}" for usage, description in under)))
        for heading, under in commands.items()
    )
    language = (code(example) + f"  {meaning}" for example, meaning in words.QUERY_EXAMPLES)
    parts: tuple[Text | str, ...] = (
        *listed,
        Text.joined("\n", (bold(words.LANGUAGE), *language)),
        words.WHAT_YOU_SEARCH,
        Text.joined(" ", (words.IN_COMPANY, code(words.CHANNEL_EXAMPLE))),
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
    return Message(Text.joined("\n", (*parts, f"{words.TRY_THIS} " + code(hint))), buttons)


def sentence(said: str) -> Message:
    """Plain words."""
    return Message(text(said))


def _how_to_choose(beginning: Text, chat: Chat, everything_id: int) -> Message:
    said = beginning + "\n" + words.how_to_choose(chat.username)
    return Message(said, ((button(words.FOLLOW_ALL, Follow(everything_id), target=chat.id),),))


def _named(chat: Chat) -> str:
    """The chat's title on one line, kept apart from its neighbours."""
    return isolated(cut(one_line(chat.title), _LONGEST_NAME) or words.UNTITLED)


def _examples(command: str) -> Text:
    return Text.joined("\n", (code(f"{command} {query}") for query in words.EXAMPLE_QUERIES))


def _place(error: QueryError) -> str:
    """The part of the query around the fault, with a caret under it."""
    # Each kind of space is one wide, so that the caret stays under its letter.
    letters = "".join(one_line(letter) or " " for letter in error.text)
    position = min(max(error.position, 0), len(letters))
    # A "…" in place of one letter would save nothing.
    start = position - _BEFORE_FAULT if position > _BEFORE_FAULT + 1 else 0
    end = position + _AFTER_FAULT if position + _AFTER_FAULT + 1 < len(letters) else len(letters)
    before = ("…" if start else "") + letters[start:position]
    after = letters[position:end] + ("…" if end < len(letters) else "")
    return f"{before}{after}\n{' ' * _width(before)}^"


def _width(words_: str) -> int:
    """How many columns the words take in a font of fixed width."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF") for letter in words_
    )
