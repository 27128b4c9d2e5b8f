"""JSON Feed (jsonfeed.org, 1.0 and 1.1).

Read are also feeds with something after their end, feeds that break off (the items until then), and feeds that do not
say their version.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.intake.parsing.rawfeed import Kind, RawEntry, RawFeed, RawText
from bot.intake.parsing.screen import ENTRIES_LIMIT, SIZE_LIMIT, TEXT_LIMIT

_BRACKETS_LIMIT = 200_000
_LIST_LIMIT = 100
_VERSION = re.compile(r"version/([0-9](?:\.[0-9]{1,2})?)")
_BRACKET = re.compile(r"[\[{]")
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_MEMBER = re.compile(r'"(title|home_page_url|feed_url|language|version)"\s*:\s*("(?:[^"\\]|\\.)*+")')


class NoJsonFeedError(ValueError):
    """JSON, but no feed."""


@dataclass(frozen=True, slots=True)
class _Document:
    head: dict[str, Any]
    items: list[dict[str, Any]]
    cut: bool


def read_json(text: str) -> RawFeed:
    """What a feed says whose text begins with `{`. Raises NoJsonFeedError."""
    document = _document(text)
    head = document.head
    people = _people(head)
    items = list(_within(document.items))
    return RawFeed(
        kind=_kind(_text(head, "version")),
        entries=[_entry(item, people) for item in items],
        title=RawText(_text(head, "title")),
        link=_text(head, "home_page_url"),
        language=_text(head, "language"),
        hub=next((_text(hub, "url") for hub in _dicts(head.get("hubs")) if _text(hub, "url")), ""),
        topic=_text(head, "feed_url"),
        cut=document.cut or len(items) < len(document.items),
    )


def _kind(version: str) -> str:
    found = _VERSION.search(version)
    return f"json feed {found[1]}" if found else "json feed"


def _within(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Items until their texts are too much in all; a text that is too long by itself is cut."""
    size = 0
    for item in items:
        if size > SIZE_LIMIT:
            return
        kept = {name: value[:TEXT_LIMIT] if isinstance(value, str) else value for name, value in item.items()}
        size += sum(len(value) for value in kept.values() if isinstance(value, str))
        yield kept


def _entry(item: dict[str, Any], people: list[str]) -> RawEntry:
    html, text = _text(item, "content_html"), _text(item, "content_text")
    contents = [RawText(html)] if html.strip() else [RawText(text, Kind.PLAIN)] if text.strip() else []
    summary = _text(item, "summary")
    attachments = [(_text(one, "url"), "image/" in _text(one, "mime_type")) for one in _dicts(item.get("attachments"))]
    pictures = [url for url, is_picture in attachments if is_picture]
    # Who has no page of the episode can hear it.
    sounds = [url for url, is_picture in attachments if not is_picture]
    return RawEntry(
        id=_number(item, "id"),
        titles=[RawText(_number(item, "title"))],
        links=[_text(item, "url"), _text(item, "external_url"), *_address(_text(item, "id")), *sounds],
        dates=[given for name in ("date_published", "date_modified") if (given := _number(item, name))],
        contents=contents,
        summaries=[RawText(summary)] if summary.strip() else [],
        authors=_people(item) or people,
        topics=[_text(item, "tags"), *(tag for tag in _list(item.get("tags")) if isinstance(tag, str))],
        languages=[_text(item, "language")],
        images=[given for given in (_text(item, "image"), _text(item, "banner_image"), *pictures) if given],
    )


def _people(values: dict[str, Any]) -> list[str]:
    """1.1 has a list, 1.0 one author."""
    several = values.get("authors")
    people = [_name(one) for one in _list([several] if isinstance(several, dict | str) else several)]
    people += [_text(one, "name") for one in _dicts([values.get("author")])]
    return [name for name in (*people, _text(values, "author")) if name]


def _name(author: Any) -> str:
    """An author is an object by the book."""
    return _text(author if isinstance(author, dict) else {"name": author}, "name")


def _number(values: dict[str, Any], name: str) -> str:
    """Text, or a number as text."""
    value = values.get(name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return _text(values, name)


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    # JSON can escape half a character.
    return value.encode(errors="ignore").decode() if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value[:_LIST_LIMIT] if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _address(id_: str) -> list[str]:
    """An item without an address may be called by it."""
    return [id_] if id_.lower().startswith(("http:", "https:")) else []


def _document(text: str) -> _Document:
    text, cut = _bounded(text)
    try:
        head, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return _broken(text)
    if not isinstance(head, dict):
        raise NoJsonFeedError
    items = head.get("items")
    if not isinstance(items, list) or not ("jsonfeed" in str(head.get("version", "")).lower() or _are_entries(items)):
        raise NoJsonFeedError
    half = ENTRIES_LIMIT // 2
    ends = items if len(items) <= ENTRIES_LIMIT else items[:half] + items[-half:]
    kept = [item for item in ends if isinstance(item, dict)]
    return _Document(head, kept, cut or len(items) > ENTRIES_LIMIT)


def _bounded(text: str) -> tuple[str, bool]:
    """As much of the text as holds a bounded number of values."""
    last = next(islice(_BRACKET.finditer(text), _BRACKETS_LIMIT, None), None)
    return (text[: last.start()], True) if last else (text, False)


def _are_entries(items: list[Any]) -> bool:
    known = {"id", "url", "title", "content_html", "content_text", "date_published"}
    return any(isinstance(item, dict) and len(known & item.keys()) > 1 for item in items[:ENTRIES_LIMIT])


def _broken(text: str) -> _Document:
    """A feed that breaks off, or is broken: what it says of itself before its items, and the items until there."""
    start = _ITEMS.search(text)
    if not start:
        raise NoJsonFeedError
    head = {found[1]: _string(found[2]) for found in _MEMBER.finditer(text, 0, start.start())}
    items = list(islice(_whole(text, start.end()), ENTRIES_LIMIT))
    if not items or not ("jsonfeed" in head.get("version", "") or _are_entries(items)):
        raise NoJsonFeedError
    return _Document(head, items, cut=True)


def _whole(text: str, at: int) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(strict=False)
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if isinstance(item, dict):
            yield item


def _string(source: str) -> str:
    try:
        return str(json.loads(source, strict=False))
    except ValueError:
        return ""
