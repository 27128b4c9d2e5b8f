"""Telegram's own parser, TDLib, as a judge of what the sandbox makes of a text (tests only).

TDLib's static requests read HTML, settle entities against each other and find links, but never trim: a judgement
says where the sandbox's trimmed text begins in TDLib's.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import tdjson

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, Any]

KINDS = {
    "textEntityTypeBold": "bold",
    "textEntityTypeItalic": "italic",
    "textEntityTypeUnderline": "underline",
    "textEntityTypeStrikethrough": "strikethrough",
    "textEntityTypeSpoiler": "spoiler",
    "textEntityTypeCode": "code",
    "textEntityTypePre": "pre",
    "textEntityTypePreCode": "pre",
    "textEntityTypeBlockQuote": "blockquote",
    "textEntityTypeExpandableBlockQuote": "expandable_blockquote",
    "textEntityTypeTextUrl": "text_link",
    "textEntityTypeMentionName": "text_mention",
    "textEntityTypeCustomEmoji": "custom_emoji",
    "textEntityTypeDateTime": "date_time",
    "textEntityTypeMention": "mention",
    "textEntityTypeHashtag": "hashtag",
    "textEntityTypeCashtag": "cashtag",
    "textEntityTypeBotCommand": "bot_command",
    "textEntityTypeUrl": "url",
    "textEntityTypeEmailAddress": "email",
    "textEntityTypePhoneNumber": "phone_number",
    "textEntityTypeBankCardNumber": "bank_card",
}
SPLITTABLE = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
FOUND = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email"})
MOST_ENTITIES = 100
# The Bot API shows none of these.
NOT_SHOWN = frozenset({"phone_number", "bank_card"})
# Characters that are formatting to parseMarkdown, through which alone entities are settled.
_NEUTRAL = {ord(character): "x" for character in "*_~|`[]()"}


class TelegramError(ValueError):
    """Telegram does not take the text; the message is its own."""


class Reading(NamedTuple):
    """A text with its entities in TDLib's shape (offsets in UTF-16 code units)."""

    text: str
    entities: list[Json]


@cache
def _library() -> Any:
    """The library, its log silenced before anything else."""
    tdjson.td_execute(json.dumps({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}).encode())
    return tdjson


def execute(request: Json) -> Json:
    """Run a static request. Raises TelegramError."""
    answer = json.loads(_library().td_execute(json.dumps(request).encode()))
    if answer["@type"] == "error":
        raise TelegramError(answer["message"])
    return answer


def version() -> str:
    return execute({"@type": "getOption", "name": "version"})["value"]


def read_html(text: str) -> Reading:
    """Read HTML; nothing is settled or found yet. Raises TelegramError."""
    answer = execute({"@type": "parseTextEntities", "text": text, "parse_mode": {"@type": "textParseModeHTML"}})
    return Reading(answer["text"], answer["entities"])


def settled(reading: Reading) -> Reading:
    """Settle entities against each other; Markdown's markers come back as "x"."""
    formatted = {"@type": "formattedText", "text": reading.text.translate(_NEUTRAL), "entities": reading.entities}
    answer = execute({"@type": "parseMarkdown", "text": formatted})
    return Reading(answer["text"], answer["entities"])


def found(text: str) -> list[Json]:
    """What Telegram finds in a plain text by itself, as the Bot API shows it."""
    answer = execute({"@type": "getTextEntities", "text": text})
    entities = [shown(entity) for entity in answer["entities"] if entity["type"]["@type"] in KINDS]
    return [entity for entity in entities if entity["type"] not in NOT_SHOWN]


def judge(
    raw: str,
    parse_mode: str,
    text: str,
    entities: list[Json],
    given: list[Json] | None = None,
    *,
    finding: bool = True,
) -> None:
    """Compare what the sandbox made of `raw` with what Telegram makes of it. Raises AssertionError, TelegramError.

    `given`: the entities that were handed in with it. Without `finding`, what Telegram finds by itself is not compared:
    in letters of all planes it depends on the year of one's Unicode.
    """
    given = [taken(each) for each in given or [] if each["type"] not in FOUND]
    reading = read_html(raw) if parse_mode.lower() == "html" else Reading(raw, given)
    whole = settled(reading)
    neutral = text.translate(_NEUTRAL)
    own = [shown(entity) for entity in whole.entities]
    cut = _leading(whole.text, own)
    assert whole.text.rstrip(" \n")[cut:] == neutral, (raw, text)
    expected = _trimmed(own, cut, len(text.encode("utf-16-le")) // 2)
    if not any(each["type"] == "custom_emoji" for each in entities):  # a bot whose owner has no Premium
        expected = [each for each in expected if each["type"] != "custom_emoji"]
    kept = [each for each in entities if each["type"] not in FOUND]
    if len(expected) > MOST_ENTITIES:  # TDLib's own limit comes after what it shows us
        assert len(kept) == MOST_ENTITIES, (raw, entities)
        assert set(_stretches(kept)) <= set(_stretches(expected)), (raw, entities)
        return
    assert _stretches(expected) == _stretches(kept), (raw, entities)
    if not finding:
        return
    firm = [each for each in expected if each["type"] not in SPLITTABLE]
    free = [each for each in found(text) if not any(_collide(each, other) for other in firm)]
    assert free == [each for each in entities if each["type"] in FOUND], (raw, entities)


def judge_records(records: list[Json]) -> None:
    """Judge every text that the sandbox took. Raises AssertionError, TelegramError."""
    seen = set()
    for record in records:
        raw = record.get("raw")
        key = json.dumps(raw)
        if not raw or key in seen:
            continue
        seen.add(key)
        message = record["message"]
        name = "caption" if "photo" in message else "text"
        entities = message.get("entities" if name == "text" else "caption_entities", [])
        given = json.loads(raw.get("entities") or "[]")
        judge(raw["text"], raw["parse_mode"], message.get(name, ""), entities, given)


def _leading(text: str, entities: list[Json]) -> int:
    """How many spaces and newlines are cut at the beginning: up to the first entity."""
    blank = len(text) - len(text.lstrip(" \n"))
    return min([blank, *(entity["offset"] for entity in entities)])


def _trimmed(entities: list[Json], cut: int, size: int) -> list[Json]:
    moved = [
        {**each, "offset": each["offset"] - cut, "length": min(each["length"], size - each["offset"] + cut)}
        for each in entities
    ]
    return [each for each in moved if each["length"] > 0]


def _stretches(entities: Iterable[Json]) -> list[str]:
    """Entities, their pieces joined: what the server finds by itself may have cut them."""
    joined: list[Json] = []
    for each in sorted(entities, key=lambda each: (each["type"], each["offset"])):
        last = joined[-1] if joined else None
        if last and last["type"] == each["type"] and each["type"] in SPLITTABLE and _end(last) == each["offset"]:
            last["length"] += each["length"]
            continue
        joined.append(dict(each))
    return [json.dumps(each, sort_keys=True) for each in joined]


def _collide(found: Json, other: Json) -> bool:
    if found["offset"] >= _end(other) or other["offset"] >= _end(found):
        return False
    return not (other["type"] in QUOTES and other["offset"] <= found["offset"] and _end(found) <= _end(other))


def _end(entity: Json) -> int:
    return entity["offset"] + entity["length"]


def shown(entity: Json) -> Json:
    """An entity of TDLib's in the Bot API's shape."""
    kind = entity["type"]
    place = {"offset": entity["offset"], "length": entity["length"], "type": KINDS[kind["@type"]]}
    return {**place, **_extra(kind)}


def taken(entity: Json) -> Json:
    """An entity of the Bot API's in TDLib's shape: shown() the other way round."""
    name = next(name for name, kind in KINDS.items() if kind == entity["type"])
    if entity["type"] == "pre" and entity.get("language"):
        name = "textEntityTypePreCode"
    fields = {each: entity[each] for each in ("url", "language", "custom_emoji_id", "unix_time") if each in entity}
    if "user" in entity:
        fields["user_id"] = entity["user"]["id"]
    if entity["type"] == "date_time":
        fields["formatting_type"] = _formatting(entity.get("date_time_format", ""))
    return {"offset": entity["offset"], "length": entity["length"], "type": {"@type": name, **fields}}


def _formatting(shape: str) -> Json | None:
    if not shape:
        return None
    if shape == "r":
        return {"@type": "dateTimeFormattingTypeRelative"}

    def precision(short: str, long: str) -> Json:
        length = "Short" if short in shape else "Long" if long in shape else "None"
        return {"@type": f"dateTimePartPrecision{length}"}

    precisions = {"time_precision": precision("t", "T"), "date_precision": precision("d", "D")}
    return {"@type": "dateTimeFormattingTypeAbsolute", "show_day_of_week": "w" in shape, **precisions}


def _extra(kind: Json) -> Json:
    match kind["@type"]:
        case "textEntityTypeTextUrl":
            return {"url": kind["url"]}
        case "textEntityTypePreCode":
            return {"language": kind["language"]} if kind["language"] else {}
        case "textEntityTypeCustomEmoji":
            return {"custom_emoji_id": str(kind["custom_emoji_id"])}
        case "textEntityTypeMentionName":
            return {"user": {"id": kind["user_id"], "is_bot": False, "first_name": ""}}
        case "textEntityTypeDateTime":
            shape = _time_format(kind.get("formatting_type"))
            return {"unix_time": kind["unix_time"], **({"date_time_format": shape} if shape else {})}
    return {}


def _time_format(kind: Json | None) -> str:
    if kind is None:
        return ""
    if kind["@type"] == "dateTimeFormattingTypeRelative":
        return "r"
    letters = {"dateTimePartPrecisionNone": "", "dateTimePartPrecisionShort": "s", "dateTimePartPrecisionLong": "l"}
    date = {"": "", "s": "d", "l": "D"}[letters[kind["date_precision"]["@type"]]]
    time = {"": "", "s": "t", "l": "T"}[letters[kind["time_precision"]["@type"]]]
    return ("w" if kind["show_day_of_week"] else "") + date + time
