"""The text of a call: parse mode or entities, length, what else belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.arguments import Arguments, bad_request
from bot.sandbox.entities import Formatted, formatted, spans_of
from bot.sandbox.markup import MarkupError, Span, parse_html

if TYPE_CHECKING:
    from bot.sandbox.world import Settings

Json = dict[str, Any]

MOST_CHARACTERS = 4096  # after parsing and trimming
MOST_BYTES = 32_768  # before parsing


def read_text(arguments: Arguments, settings: Settings) -> Formatted:
    """Read `text` with `parse_mode` or `entities`; it is not measured yet. Raises Refusal."""
    raw = arguments.text("text")
    if not raw:
        raise bad_request("message text is empty")
    if len(raw) * 4 > MOST_BYTES and len(raw.encode()) > MOST_BYTES:
        raise bad_request("text is too long")
    text, spans = _parsed(raw, arguments, settings)
    return formatted(text, spans)


def check_length(written: Formatted, too_long: str) -> None:
    """Sends and edits say "too long" in different words, so they hand theirs in. Raises Refusal."""
    if not written.text:
        raise bad_request("text must be non-empty")
    if len(written.text) > MOST_CHARACTERS:
        raise bad_request(too_long)


def read_preview(arguments: Arguments) -> Json:
    """Give the message's field `link_preview_options`, if the call has one. Raises Refusal."""
    options = arguments.json("link_preview_options", "can't parse link preview options JSON object")
    if options is None:
        return {}
    if not isinstance(options, dict):
        raise bad_request("object expected as link preview options")
    return {"link_preview_options": options}


def _parsed(raw: str, arguments: Arguments, settings: Settings) -> tuple[str, list[Span]]:
    mode = arguments.text("parse_mode").lower()
    if mode in {"", "none"}:
        return raw, _handed_in(raw, arguments)
    if mode != "html":
        raise bad_request("unsupported parse_mode")
    try:
        return parse_html(raw, date_time=settings.date_time)
    except MarkupError as error:
        # The official server begins the parser's sentence with a capital, as here.
        raise bad_request(f"can't parse entities: {error}") from None


def _handed_in(raw: str, arguments: Arguments) -> list[Span]:
    entities = arguments.json("entities", "can't parse entities JSON object")
    if entities is None:
        return []
    if not isinstance(entities, list):
        raise bad_request("expected an Array of entities")
    try:
        return spans_of(raw, entities)
    except (KeyError, TypeError):
        raise bad_request("can't parse MessageEntity: wrong or missing field") from None
