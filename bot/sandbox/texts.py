"""The text of a call: parse mode or entities, length, what else belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.arguments import Arguments, bad_request
from bot.sandbox.entities import EntityError, Formatted, formatted, spans_of
from bot.sandbox.markup import MarkupError, Span, parse_html

if TYPE_CHECKING:
    from bot.sandbox.world import Settings

Json = dict[str, Any]

MOST_CHARACTERS = 4096  # after parsing and trimming
MOST_CAPTION = 1024
MOST_BYTES = 32_768  # before parsing
MOST_ENTITY_BYTES = 9500
ENTITY_BYTES = 12  # kind, offset, length


def read_text(arguments: Arguments, settings: Settings) -> Formatted:
    """Read `text` with `parse_mode` or `entities`; it is not measured yet. Raises Refusal."""
    if not arguments.text("text"):
        raise bad_request("message text is empty")
    return _read("text", "entities", arguments, settings)


def read_caption(arguments: Arguments, settings: Settings) -> Formatted:
    """Read `caption` likewise; it may be empty. Raises Refusal."""
    return _read("caption", "caption_entities", arguments, settings)


def raw_text(arguments: Arguments, name: str = "text") -> Json:
    """Give the text as it was handed in: what it became can be compared with what Telegram makes of it."""
    raw = {"text": arguments.text(name), "parse_mode": arguments.text("parse_mode")}
    entities = arguments.text("entities" if name == "text" else "caption_entities")
    return {**raw, "entities": entities} if entities else raw


def check_length(written: Formatted, too_long: str) -> None:
    """Sends and edits say "too long" in different words, so they hand theirs in. Raises Refusal."""
    if not written.text:
        raise bad_request("text must be non-empty")
    if len(written.text) > MOST_CHARACTERS:
        raise bad_request(too_long)


def check_caption(written: Formatted, too_long: str) -> None:
    """Raises Refusal."""
    if len(written.text) > MOST_CAPTION:
        raise bad_request(too_long)


def check_entities(written: Formatted) -> None:
    """Measure what the formatting takes up; Telegram itself does, last of all. Raises Refusal."""
    # The limit is not published; Telegram's author calls 9,500 bytes a good approximation.
    if not written.entities:
        return
    links = sum(len(each["url"].encode()) + 4 for each in written.entities if "url" in each)
    if len(written.entities) * ENTITY_BYTES + links > MOST_ENTITY_BYTES:
        raise bad_request("ENTITIES_TOO_LONG")


def read_preview(arguments: Arguments) -> Json:
    """Give the message's field `link_preview_options`, if the call has one. Raises Refusal."""
    options = arguments.json("link_preview_options", "can't parse link preview options JSON object")
    if options is None:
        return {}
    if not isinstance(options, dict):
        raise bad_request("object expected as link preview options")
    return {"link_preview_options": options}


def _read(name: str, entities: str, arguments: Arguments, settings: Settings) -> Formatted:
    raw = arguments.text(name)
    if len(raw) * 4 > MOST_BYTES and len(raw.encode()) > MOST_BYTES:
        raise bad_request("text is too long")
    mode = arguments.text("parse_mode").lower()
    if mode not in {"", "none", "html"}:
        raise bad_request("unsupported parse_mode")
    try:
        if mode == "html":
            return _allowed(formatted(*parse_html(raw, date_time=settings.date_time)), settings)
        return _allowed(formatted(raw, _handed_in(raw, entities, arguments)), settings)
    except MarkupError as error:
        # The official server begins the parser's sentence with a capital, as here.
        raise bad_request(f"can't parse entities: {error}") from None
    except EntityError as error:
        raise bad_request(str(error)) from None


def _allowed(written: Formatted, settings: Settings) -> Formatted:
    """Leave out what is not paid for: of custom emoji the plain ones stay."""
    if settings.custom_emoji:
        return written
    return written._replace(entities=[each for each in written.entities if each["type"] != "custom_emoji"])


def _handed_in(raw: str, name: str, arguments: Arguments) -> list[Span]:
    entities = arguments.json(name, "can't parse entities JSON object")
    if entities is None:
        return []
    if not isinstance(entities, list):
        raise bad_request("expected an Array of entities")
    try:
        return spans_of(raw, entities)
    except (KeyError, TypeError):
        raise bad_request("can't parse MessageEntity: wrong or missing field") from None
