"""JSON Lines become articles: one JSON object a line, in UTF-8, read as a stream.

    {"title": "...", "published": "2023-12-06T09:34:00+04:00", "body": "...", "link": "https://..."}

`title` and `published` must be there. There may be `body` (or `text`), `summary`, `link` (or `url`), `image` (the
address of a picture), `id`, `topics` (a list of up to 20, or one name), `language` and `source`. Null counts as absent;
other keys are passed over.
"""

import codecs
import json
from collections.abc import Callable, Iterator
from typing import Annotated, Any, BinaryIO
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic import model_validator as validates
from pydantic_core import ErrorDetails

from bot.intake.clean import SUMMARY_LIMIT, TextError, clean_body, clean_language, clean_line, clean_link, clean_title
from bot.intake.dates import DateError, DateOrder, parse_moment
from bot.intake.keys import key_of
from bot.intake.reading import Reading, Refusal
from storage.models import NewArticle, Source
from storage.text.terms import slug

LINE_LIMIT = 8_000_000
"""Bytes. A text of 500,000 characters fits, also when all of it is escaped."""
TOPICS_LIMIT = 20
ID_LIMIT = 2_000
_LINES_AT_ONCE = 200
_BYTES_AT_ONCE = 2_000_000
_EXPECTED = {
    "missing": "must be there",
    "string_type": "expected text",
    "tuple_type": "expected a list of names, or one name",
    "model_type": 'expected an object such as {"title": "...", "published": "2023-12-06 09:34"}',
}

SourceOf = Callable[[str], Source]
"""The source for the name that a line gives itself; empty: it gives none. Raises TextError when there is none."""


class LineError(ValueError):
    """A line is not an article. The message says why."""


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
        line = _Line.model_validate(_parsed(data))
        source = source_of(line.source)
        return source, _article(line, source, order)
    except ValidationError as error:
        raise LineError("; ".join(map(_reason, error.errors(include_url=False)[:3]))) from error
    except DateError as error:
        raise LineError(f"published: {error}") from error
    except TextError as error:
        raise LineError(str(error)) from error


def _without_surrogates(value: Any) -> Any:
    # JSON can escape half a character; pydantic refuses what cannot be encoded.
    return value.encode(errors="ignore").decode() if isinstance(value, str) and not value.isascii() else value


def _number_as_text(value: Any) -> Any:
    return str(value) if type(value) is int else value


def _one_as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _clean_id(text: str) -> str:
    id_ = clean_line(text)
    if len(id_) > ID_LIMIT:
        raise TextError(f"has {len(id_):,} characters: at most {ID_LIMIT:,} are taken")
    return id_


def _topic_names(names: tuple[str, ...]) -> tuple[str, ...]:
    slugs = dict.fromkeys(filter(None, map(slug, names)))
    return tuple(slugs)[:TOPICS_LIMIT]


def _clean_summary(text: str) -> str:
    return clean_body(text, SUMMARY_LIMIT)


_Text = Annotated[str, BeforeValidator(_without_surrogates)]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    title: Annotated[_Text, AfterValidator(clean_title)]
    published: _Text
    body: Annotated[_Text, AfterValidator(clean_body)] = Field("", validation_alias=AliasChoices("body", "text"))
    summary: Annotated[_Text, AfterValidator(_clean_summary)] = ""
    link: Annotated[_Text, AfterValidator(clean_link)] = Field("", validation_alias=AliasChoices("link", "url"))
    image: Annotated[_Text, AfterValidator(clean_link)] = ""
    id: Annotated[_Text, BeforeValidator(_number_as_text), AfterValidator(_clean_id)] = ""
    topics: Annotated[tuple[_Text, ...], BeforeValidator(_one_as_list), AfterValidator(_topic_names)] = ()
    language: Annotated[_Text, AfterValidator(clean_language)] = ""
    source: Annotated[_Text, AfterValidator(clean_line)] = ""

    @validates(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        return {key: given for key, given in value.items() if given is not None} if isinstance(value, dict) else value


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


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode().rstrip())
    except UnicodeDecodeError as error:
        raise LineError(f"byte 0x{data[error.start]:02X} is not UTF-8: save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise LineError(f"not JSON: {error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise LineError("not an article: nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise LineError(f"not an article: {error}") from error


def _article(line: _Line, source: Source, order: DateOrder | None) -> NewArticle:
    moment = parse_moment(line.published, zone=ZoneInfo(source.zone), order=order)
    return NewArticle(
        source=source.name,
        key=key_of(source, title=line.title, published=moment.published, id_=line.id, link=line.link),
        title=line.title,
        published=moment.published,
        body=line.body,
        summary=line.summary,
        link=line.link,
        topics=line.topics,
        language=line.language,
        date_only=moment.date_only,
        image=line.image,
    )


def _reason(error: ErrorDetails) -> str:
    """What pydantic found, in words for the operator."""
    reason = _EXPECTED.get(error["type"]) or str(error.get("ctx", {}).get("error", error["msg"]))
    place = ".".join(map(str, error["loc"]))
    return f"{place}: {reason}" if place else reason
