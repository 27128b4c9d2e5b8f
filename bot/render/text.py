"""Formatted text as a value. Telegram's HTML is made here, and escaped here and nowhere else.

The limits are those of the Bot API (sendMessage, "Formatting options") and of its server, some of them stated nowhere.
"""

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from bot.render.units import clean, cut, units

MOST_UNITS = 4096
MOST_CAPTION_UNITS = 1024
MOST_ENTITIES = 100  # what is beyond loses its formatting without a word
MOST_BYTES = 32_768  # of HTML, before it is parsed
MOST_ENTITY_BYTES = 9_500  # "a good approximation", says the server's author
_ENTITY_BYTES = 20  # type, offset, length, and what a time needs


@dataclass(frozen=True, slots=True)
class Tag:
    """One kind of formatting: an HTML tag that Telegram knows. An attribute without a value is written bare."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def opening(self) -> str:
        """The tag as it begins, attributes escaped."""
        return f"<{self.name}{''.join(_attribute(name, value) for name, value in self.attributes)}>"

    @property
    def closing(self) -> str:
        """The tag as it ends."""
        return f"</{self.name}>"

    @property
    def size(self) -> int:
        """About how many bytes the entity takes on Telegram's side."""
        return _ENTITY_BYTES + sum(len(value.encode()) for _, value in self.attributes)


@dataclass(frozen=True, slots=True)
class Span:
    """Words that are formatted alike; `tags` from the outermost in."""

    text: str
    tags: tuple[Tag, ...] = ()

    def html(self, *, date_times: bool) -> str:
        """The span as Telegram's HTML."""
        tags = [tag for tag in self.tags if date_times or tag.name != "tg-time"]
        words = html.escape(self.text, quote=False)
        return "".join(tag.opening for tag in tags) + words + "".join(tag.closing for tag in reversed(tags))


@dataclass(frozen=True, slots=True)
class Text:
    """Formatted text: spans one after another. Add texts, or plain strings, with `+`."""

    spans: tuple[Span, ...] = ()

    def __add__(self, other: "Text | str") -> "Text":
        return Text(self.spans + text(other).spans)

    def __radd__(self, other: str) -> "Text":
        return text(other) + self

    def __bool__(self) -> bool:
        return bool(self.spans)

    def plain(self) -> str:
        """The words alone."""
        return "".join(span.text for span in self.spans)

    def html(self, date_times: bool = True) -> str:  # noqa: FBT001, FBT002  reads well as the only argument
        """Telegram's HTML. Without `date_times` a moment is its words: not every Bot API server knows the tag."""
        return "".join(span.html(date_times=date_times) for span in self.spans)

    @property
    def units(self) -> int:
        """The length that counts: UTF-16 units once Telegram has parsed the text."""
        return units(self.plain())

    @property
    def fits(self) -> bool:
        """Whether one message can hold this text with all its formatting."""
        tags = [tag for span in self.spans for tag in span.tags]
        return (
            self.units <= MOST_UNITS
            and len(tags) <= MOST_ENTITIES
            and sum(tag.size for tag in tags) <= MOST_ENTITY_BYTES
            and len(self.html().encode()) <= MOST_BYTES
        )

    def cut(self, most: int) -> "Text":
        """This text, or a beginning of it that ends with "…", in at most `most` UTF-16 units."""
        if self.units <= most:
            return self
        if most <= 0:
            return Text()
        kept: list[Span] = []
        for span in self.spans:
            if units(span.text) >= most:
                return Text((*kept, _cut_span(span, most)))
            kept.append(span)
            most -= units(span.text)
        return Text(tuple(kept))

    def within(self, tag: Tag) -> "Text":
        """This text with `tag` around each of its spans."""
        return Text(tuple(Span(span.text, (tag, *span.tags)) for span in self.spans))

    @classmethod
    def joined(cls, separator: "Text | str", parts: Iterable["Text | str"]) -> Self:
        """The parts that are not empty, with the separator between them."""
        between = text(separator).spans
        spans: list[Span] = []
        for part in filter(None, map(text, parts)):
            spans += (*between, *part.spans) if spans else part.spans
        return cls(tuple(spans))


def text(words: Text | str) -> Text:
    """Plain words as text."""
    if isinstance(words, Text):
        return words
    cleaned = clean(words)
    return Text((Span(cleaned),)) if cleaned else Text()


def bold(words: Text | str) -> Text:
    """Bold."""
    return text(words).within(Tag("b"))


def italic(words: Text | str) -> Text:
    """Italic."""
    return text(words).within(Tag("i"))


def code(words: str) -> Text:
    """Words of fixed width, copied when they are tapped."""
    return text(words).within(Tag("code"))


def block(words: str) -> Text:
    """A block of lines of fixed width."""
    return text(words).within(Tag("pre"))


def link(words: Text | str, href: str) -> Text:
    """Words that open `href`; just the words when it is empty."""
    return text(words).within(Tag("a", (("href", clean(href)),))) if href else text(words)


def quote(words: str, *, expandable: bool = False) -> Text:
    """A quote in a block of its own; an expandable one shows three lines until it is tapped."""
    return text(words).within(Tag("blockquote", (("expandable", ""),) if expandable else ()))


def date_time(unix: int, form: str, fallback: str) -> Text:
    """A moment that each reader sees in their own zone and language.

    `form` (Bot API, "Date-time entity formatting"): "r", or any of w, then d or D, then t or T.
    """
    return text(fallback).within(Tag("tg-time", (("unix", str(unix)), ("format", form))))


def _attribute(name: str, value: str) -> str:
    # Always between double quotes, so that single ones may stand.
    escaped = html.escape(value, quote=False).replace('"', "&quot;")
    return f' {name}="{escaped}"' if value else f" {name}"


def _cut_span(span: Span, most: int) -> Span:
    # Half a date is no date: its words may be cut, its meaning may not.
    tags = tuple(tag for tag in span.tags if tag.name != "tg-time")
    return Span(cut(span.text + "…", most), tags)
