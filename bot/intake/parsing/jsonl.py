"""JSON Lines become articles: one JSON object a line, in UTF-8, read as a stream.

    {"title": "...", "published": "2023-12-06T09:34:00+04:00", "body": "...", "link": "https://..."}

`title` and `published` must be there; given.py says what else there may be.
"""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from pydantic import Field, ValidationError

from bot.intake.parsing.choices import DateOrder
from bot.intake.parsing.clean import TextError
from bot.intake.parsing.given import GivenArticle, GivenError, SourceOf, Words, parsed, reasons
from bot.intake.parsing.reading import Reading, Refusal
from storage.models import NewArticle, Source

LINE_LIMIT = 8_000_000
"""Bytes. A text of 500,000 characters fits, also when all of it is escaped."""
_LINES_AT_ONCE = 200
_BYTES_AT_ONCE = 2_000_000


class LineError(ValueError):
    """A line is not an article. The message says why."""


class _Line(GivenArticle):
    published: Words = Field()


def read_jsonl(stream: BinaryIO, *, source_of: SourceOf, order: DateOrder | None = None) -> Iterator[Reading]:
    """The articles of a stream, about 200 lines or 2 MB at a time. A line that is refused costs only itself."""
    articles: list[NewArticle] = []
    sources: dict[str, Source] = {}
    refusals: list[Refusal] = []
    lines = size = 0
    for number, data in _lines(stream):
        try:
            source, article = read_line(data, source_of=source_of, order=order)
            articles.append(article)
            sources[source.name] = source
        except LineError as error:
            refusals.append(Refusal(number, str(error)))
        lines, size = lines + 1, size + len(data)
        if lines >= _LINES_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield Reading(tuple(articles), tuple(refusals), tuple(sources.values()))
            articles, sources, refusals = [], {}, []
            lines = size = 0
    yield Reading(tuple(articles), tuple(refusals), tuple(sources.values()))


def read_line(data: bytes, *, source_of: SourceOf, order: DateOrder | None = None) -> tuple[Source, NewArticle]:
    """The article of one line, and its source. Raises LineError."""
    if len(data) > LINE_LIMIT:
        raise LineError(f"the line has over {LINE_LIMIT:,} bytes")
    try:
        line = _Line.model_validate(parsed(data))
        source = source_of(line.source)
        return source, line.article(source, line.moment(source.zone, order))
    except ValidationError as error:
        raise LineError(reasons(error)) from error
    except (GivenError, TextError) as error:
        raise LineError(str(error)) from error


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers; of one that is too long, only as much as shows it."""
    number = 0
    while data := stream.readline(LINE_LIMIT + 1):
        number += 1
        rest = data
        while len(rest) > LINE_LIMIT and not rest.endswith(b"\n"):
            rest = stream.readline(LINE_LIMIT + 1)
        if number == 1:
            data = data.removeprefix(codecs.BOM_UTF8)
        if data.strip():
            yield number, data
