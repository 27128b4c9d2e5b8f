"""Inline queries: typed by a person, answered by the bot, a result chosen (Bot API, answerInlineQuery)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from bot.sandbox.arguments import NULL, Arguments, bad_request
from bot.sandbox.keyboard import check_buttons, read_keyboard, settled
from bot.sandbox.texts import check_entities, check_length, read_text

if TYPE_CHECKING:
    from bot.sandbox.people import Person
    from bot.sandbox.world import World

Json = dict[str, Any]

LIVES = 10.0  # seconds in which a query may be answered; Telegram publishes no number
QUERY_CHARACTERS = 256
MOST_RESULTS = 50
ID_BYTES = 64
OFFSET_BYTES = 64
CACHE_TIME = 300  # seconds

_START = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass(frozen=True, slots=True)
class InlineQuery:
    """What a person typed after the bot's name; `ends` on the world's clock."""

    id: str
    person: int
    query: str
    offset: str
    ends: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Results as the bot gave them, by id, with the message that each becomes; `ends` on the world's clock."""

    shown: Json
    messages: dict[str, Json]
    ends: float


@dataclass(slots=True)
class Inline:
    """Queries that wait, answers that were given, and those that are kept for others who ask the same."""

    queries: dict[str, InlineQuery] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    cache: dict[tuple[int, str, str], Answer] = field(default_factory=dict)
    ids: count[int] = field(default_factory=lambda: count(5_000_000_000_000_000_001))


def ask(world: World, person: Person, query: str, offset: str = "") -> Json:
    """A person types `@bot query`. Gives the query's id, and the answer if one is kept. Raises ValueError."""
    if not world.settings.supports_inline_queries:
        raise ValueError("this bot answers no inline queries: set supports_inline_queries")
    person.check_account()
    query = query[:QUERY_CHARACTERS]
    asked = InlineQuery(str(next(world.inline.ids)), person.id, query, offset, world.clock.now() + LIVES)
    kept = world.inline.cache.get((person.id, query, offset)) or world.inline.cache.get((0, query, offset))
    if kept is not None and kept.ends > world.clock.now():
        world.inline.answers[asked.id] = kept
        return {"id": asked.id, "cached": True, **kept.shown}
    world.inline.queries[asked.id] = asked
    about = {"from": person.user(), "chat_type": "sender", "query": query, "offset": offset}
    world.updates.add("inline_query", {"id": asked.id, **about})
    return {"id": asked.id, "cached": False}


def choose(world: World, person: Person, query_id: str, result_id: str) -> Json:
    """A person sends one of the results to their chat with the bot. Raises KeyError for one that is not there."""
    answer = world.inline.answers[query_id]
    fields = answer.messages[result_id]
    chat = world.chats[person.id]
    message = world.message(chat, {"from": person.user()}, {**fields, "via_bot": world.bot()})
    world.updates.add(
        "chosen_inline_result",
        {"result_id": result_id, "from": person.user(), "query": answer.shown["query"]},
    )
    world.receive(chat, message)
    return message


async def answer_inline_query(world: World, arguments: Arguments) -> bool:
    """Results are kept for everybody who asks the same, unless they are personal. Raises Refusal."""
    results = arguments.json("results", "can't parse JSON encoded inline query results")
    results = [] if results in (None, NULL) else results
    if not isinstance(results, list):
        raise bad_request("expected an Array of inline query results")
    if len(results) > MOST_RESULTS:
        raise bad_request("too many inline query results specified")
    messages = [_message(world, result) for result in results]
    if len(arguments.text("next_offset").encode()) > OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    _check_button(arguments)
    _check_ids([result["id"] for result in results])
    query = world.inline.queries.pop(arguments.text("inline_query_id"), None)
    if query is None or query.ends < world.clock.now():
        raise bad_request(_TOO_OLD)
    seconds = arguments.integer("cache_time", CACHE_TIME)
    shown = {"query": query.query, "results": results, "next_offset": arguments.text("next_offset")}
    by_id = {result["id"]: message for result, message in zip(results, messages, strict=True)}
    answer = Answer(shown, by_id, world.clock.now() + max(seconds, 0))
    world.inline.answers[query.id] = answer
    whose = query.person if arguments.flag("is_personal") else 0
    world.inline.cache[(whose, query.query, query.offset)] = answer
    world.journal.add("answered", query.person, inline_query_id=query.id, **shown)
    return True


def _message(world: World, result: Any) -> Json:
    """Give the fields of the message that a result becomes: an article's text. Raises Refusal."""
    if not isinstance(result, dict):
        raise bad_request("can't parse inline query result: expected an Object")
    if result.get("type") != "article":
        raise bad_request("can't parse inline query result: unsupported inline query result type specified")
    if not isinstance(result.get("id"), str):
        raise bad_request("can't parse inline query result: Can't find field \"id\"")
    if not isinstance(result.get("title"), str):
        raise bad_request("can't parse inline query result: Can't find field \"title\"")
    content = result.get("input_message_content")
    if not isinstance(content, dict):
        raise bad_request("can't parse inline query result: Input message content is not specified")
    said = {"text": str(content.get("message_text", "")), "parse_mode": str(content.get("parse_mode", ""))}
    shown = {"reply_markup": result["reply_markup"]} if "reply_markup" in result else {}
    arguments = Arguments.of({**said, **shown})
    written = read_text(arguments, world.settings)
    check_length(written, "MESSAGE_TOO_LONG")
    markup = read_keyboard(arguments)
    keyboard = settled(markup) if markup and "inline_keyboard" in markup else None
    check_entities(written)
    check_buttons(None, keyboard)
    entities = {"entities": written.entities} if written.entities else {}
    return {"text": written.text, **entities, **({"reply_markup": keyboard} if keyboard else {})}


def _check_ids(ids: list[str]) -> None:
    if any(not 0 < len(each.encode()) <= ID_BYTES for each in ids):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")


def _check_button(arguments: Arguments) -> None:
    button = arguments.json("button", "can't parse inline query results button JSON object")
    if not isinstance(button, dict) or "web_app" in button:
        return
    if not _START.fullmatch(str(button.get("start_parameter", ""))):
        raise bad_request("START_PARAM_INVALID")


INLINE_METHODS = {"answerInlineQuery": answer_inline_query}
