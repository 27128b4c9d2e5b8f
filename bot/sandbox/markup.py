"""HTML parse mode: a text with tags becomes a plain text and its spans.

The rules and the words of the errors are those of the Bot API's "HTML style" and of the official server's parser.
Positions are code points here; byte offsets, which the errors name, are counted only when an error is raised.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from bot.sandbox.urls import LinkError, ascii_lower, checked_link, person_of


class MarkupError(ValueError):
    """The text is not valid markup; the message is what Telegram says after "can't parse entities: "."""


class Span(NamedTuple):
    """A formatted stretch of a text, from `start` up to `end` in code points.

    `kind` is a Bot API entity type, `extra` the entity's other fields (`url`, `language`, `unix_time` ...).
    """

    kind: str
    start: int
    end: int
    extra: dict[str, Any]


class _Open(NamedTuple):
    tag: str
    attributes: dict[str, str]
    start: int


KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
CLASSES = {"span": "tg-", "code": "language-"}  # how a class begins that says something
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_SPECIAL = re.compile(r"[<&]")
_SPACES = re.compile(r"[ \t\r\n\v]*")
_TAG_NAME = re.compile(r"[^ \t\r\n\v>]*")
_ATTRIBUTE_NAME = re.compile(r"[^ \t\r\n\v=>/\"']*")
_NAME_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_CHARACTER = re.compile(r"&(?:#[xX]([0-9A-Fa-f]*)|#([0-9]*)|([A-Za-z]*))")
_ID = re.compile(r"-?[1-9][0-9]*")
_UNIX_TIME = re.compile(r"-?[0-9]+")


def parse_html(text: str, *, date_time: bool = True) -> tuple[str, list[Span]]:
    """Read HTML as Telegram does; give the plain text and its spans, in the order in which they end.

    `date_time=False` is an older server, to which `<tg-time>` is unknown. Raises MarkupError.
    """
    return _Reader(text, date_time=date_time).read()


class _Reader:
    """One pass over a text; `_pieces` is the plain text so far, `_length` code points long."""

    __slots__ = ("_date_time", "_length", "_open", "_pieces", "_spans", "_text")

    def __init__(self, text: str, *, date_time: bool) -> None:
        self._text = text
        self._date_time = date_time
        self._pieces: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self._spans: list[Span] = []

    def read(self) -> tuple[str, list[Span]]:
        at = 0
        while special := _SPECIAL.search(self._text, at):
            begin = special.start()
            self._write(self._text[at:begin])
            at = self._character(begin) if special[0] == "&" else self._tag(begin)
        self._write(self._text[at:])
        if self._open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        return _whole("".join(self._pieces)), [_without_language(span) for span in self._spans]

    def _write(self, piece: str) -> None:
        if piece:
            self._pieces.append(piece)
            self._length += len(piece)

    def _character(self, begin: int) -> int:
        character, end = _decode(self._text, begin)
        self._write(character)
        return end

    def _tag(self, begin: int) -> int:
        return self._end_tag(begin) if self._text.startswith("/", begin + 1) else self._start_tag(begin)

    def _start_tag(self, begin: int) -> int:
        end = _end(_TAG_NAME, self._text, begin + 1)
        if end == len(self._text):
            raise MarkupError(f"Unclosed start tag at byte offset {self._byte(begin)}")
        tag = ascii_lower(self._text[begin + 1 : end])
        if tag not in KINDS or (tag == "tg-time" and not self._date_time):
            raise MarkupError(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        attributes, end = self._attributes(tag, begin, end)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self._open.append(_Open(tag, attributes, self._length))
        return end

    def _attributes(self, tag: str, begin: int, at: int) -> tuple[dict[str, str], int]:
        """Read the attributes up to the closing ">"; give them and the position behind it."""
        attributes: dict[str, str] = {}
        while True:
            if self._text.startswith(">", at):
                return attributes, at + 1
            at = _end(_SPACES, self._text, at)
            if self._text.startswith(">", at):
                continue
            end = _end(_ATTRIBUTE_NAME, self._text, at)
            name = self._text[at:end]
            if not name:
                where = self._byte(begin)
                raise MarkupError(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
            value, at = self._attribute_value(tag, begin, _end(_SPACES, self._text, end))
            # One without a value, or with another kind of class, does not take the place of an earlier one.
            if value is not None and (name != "class" or value.startswith(CLASSES.get(tag, ""))):
                attributes[name] = value
            else:
                attributes.setdefault(name, value or "")

    def _attribute_value(self, tag: str, begin: int, at: int) -> tuple[str | None, int]:
        if not self._text.startswith("=", at):
            if at == len(self._text):
                raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
            return None, at  # an attribute may stand without a value
        at = _end(_SPACES, self._text, at + 1)
        if at == len(self._text):
            raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
        value, at = self._quoted(at) if self._text[at] in "'\"" else self._name_token(at)
        if at == len(self._text):
            raise MarkupError(f"Unclosed start tag at byte offset {self._byte(begin)}")
        return value, at

    def _quoted(self, at: int) -> tuple[str, int]:
        close = self._text.find(self._text[at], at + 1)
        if close < 0:
            return "", len(self._text)
        raw = self._text[at + 1 : close]
        return (unescape(raw) if "&" in raw else raw), close + 1

    def _name_token(self, at: int) -> tuple[str, int]:
        end = _end(_NAME_TOKEN, self._text, at)
        if end < len(self._text) and self._text[end] not in " \t\r\n\v>":
            raise MarkupError(f"Unexpected end of name token at byte offset {self._byte(at)}")
        return ascii_lower(self._text[at:end]), end

    def _end_tag(self, begin: int) -> int:
        if not self._open:
            raise MarkupError(f"Unexpected end tag at byte offset {self._byte(begin)}")
        end = _end(_TAG_NAME, self._text, begin + 2)
        found = ascii_lower(self._text[begin + 2 : end])
        end = _end(_SPACES, self._text, end)
        if not self._text.startswith(">", end):
            raise MarkupError(f"Unclosed end tag at byte offset {self._byte(begin)}")
        opened = self._open.pop()
        if found and found != opened.tag:
            where = self._byte(begin)
            raise MarkupError(
                f'Unmatched end tag at byte offset {where}, expected "</{opened.tag}>", found "</{found}>"'
            )
        if opened.tag == "tg-time":
            time_format(opened.attributes.get("format", ""))
        if self._length > opened.start:
            self._close(opened)
        return end + 1

    def _close(self, opened: _Open) -> None:
        kind = KINDS[opened.tag]
        start, end = opened.start, self._length
        if opened.tag in {"code", "pre"} and self._joins(opened):
            return
        if kind == "text_link":
            self._spans += _link(start, end, opened.attributes.get("href") or "".join(self._pieces)[start:end])
            return
        if kind == "blockquote" and "expandable" in opened.attributes:
            kind = "expandable_blockquote"
        if kind == "date_time" and not _unix_time(opened.attributes):
            return
        self._spans.append(Span(kind, start, end, _extra(kind, opened.attributes)))

    def _joins(self, opened: _Open) -> bool:
        """Make `<pre><code class="language-x">` (or the other way round) one span with a language."""
        last = self._spans[-1] if self._spans else None
        if last is None or last.kind not in {"code", "pre"} or last.kind == opened.tag:
            return False
        if (last.start, last.end) != (opened.start, self._length):
            return False
        language = last.extra.get("language") or (_language(opened.attributes) if opened.tag == "code" else "")
        if not language:
            return False
        self._spans[-1] = Span("pre", last.start, last.end, {"language": language})
        return True

    def _byte(self, at: int) -> int:
        return len(self._text[:at].encode())


def unescape(raw: str) -> str:
    """Replace the characters that are written as entities."""
    pieces = []
    at = 0
    while (begin := raw.find("&", at)) >= 0:
        character, end = _decode(raw, begin)
        pieces += [raw[at:begin], character]
        at = end
    return "".join([*pieces, raw[at:]])


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _decode(text: str, begin: int) -> tuple[str, int]:
    """Read the "&" at `begin`; what is no entity of Telegram's stays as it is written."""
    match = _CHARACTER.match(text, begin)
    if match is None:
        return "&", begin + 1
    hexadecimal, decimal, name = match.groups()
    character = NAMED.get(name, "") if name is not None else _numbered(hexadecimal, decimal, match.end() - begin)
    if not character:
        return "&", begin + 1
    return character, match.end() + text.startswith(";", match.end())


def _numbered(hexadecimal: str | None, decimal: str | None, written: int) -> str:
    code = int(hexadecimal or "0", 16) if hexadecimal is not None else int((decimal or "0")[:9])
    # The official parser reads at most nine characters of a numeric reference.
    return chr(code) if 0 < code < 0x10FFFF and written < 10 else ""


def _whole(text: str) -> str:
    """Refuse halves of surrogate pairs that came as references, even where they make a pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MarkupError(
            "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate"
            " code units"
        ) from None
    return text


def _extra(kind: str, attributes: dict[str, str]) -> dict[str, Any]:
    if kind == "date_time":
        return _moment(attributes)
    if kind == "custom_emoji":
        return {"custom_emoji_id": _emoji(attributes)}
    language = _language(attributes) if kind == "code" else ""
    return {"language": language} if language else {}


def _without_language(span: Span) -> Span:
    """Code that no `<pre>` stands around has no language."""
    return span._replace(extra={}) if span.kind == "code" and span.extra else span


def _language(attributes: dict[str, str]) -> str:
    name = attributes.get("class", "")
    return name.removeprefix("language-") if name.startswith("language-") else ""


def _emoji(attributes: dict[str, str]) -> str:
    number = attributes.get("emoji-id", "")
    if not _ID.fullmatch(number) or not -(2**63) <= int(number) < 2**63:
        raise MarkupError("Invalid custom emoji identifier specified")
    return number


def _link(start: int, end: int, url: str) -> list[Span]:
    """Give the link's span, or none for what is no link."""
    try:
        link = checked_link(url)
        link.encode()
    except (LinkError, UnicodeEncodeError):  # the latter: half a character in it
        return []
    person = person_of(url)
    if person is None:
        return [Span("text_link", start, end, {"url": link})]
    return [Span("text_mention", start, end, {"user": {"id": person, "is_bot": False, "first_name": ""}})]


def _moment(attributes: dict[str, str]) -> dict[str, Any]:
    unix, shape = _unix_time(attributes), time_format(attributes.get("format", ""))
    return {"unix_time": unix, "date_time_format": shape} if shape else {"unix_time": unix}


def _unix_time(attributes: dict[str, str]) -> int:
    """Read the number at the beginning as 32 bits; 0 for what is no time after 1970."""
    match = _UNIX_TIME.match(attributes.get("unix", ""))
    number = int(match[0][:25]) % 2**32 if match else 0
    return number if number < 2**31 else 0


def time_format(written: str) -> str:
    """Write a format in Telegram's order: day of the week, date, time; of two lengths the short one counts."""
    letters = written.lower()
    if letters == "r":
        return "r"
    if set(letters) - set("wdt"):
        raise MarkupError("Invalid date format used")
    pairs = ("dD", "tT")
    chosen = [next((letter for letter in pair if letter in written), "") for pair in pairs]
    return "".join(["w" if "w" in letters else "", *chosen])
