"""An article as JSON gives it, in a line or in a request: checked and cleaned.

There is `title` and, in a line, `published`. There may be `body` (or `text`), `summary`, `link` (or `url`), `image`
(the address of a picture), `id`, `authors` and `topics` (lists of up to 20, or one name), `language`, `source` and
`urgent`. Null counts as absent; other keys are passed over.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    ValidationError,
)
from pydantic import model_validator as validates
from pydantic_core import ErrorDetails

from bot.intake.parsing.choices import DateOrder
from bot.intake.parsing.clean import (
    SUMMARY_LIMIT,
    TextError,
    clean_body,
    clean_language,
    clean_line,
    clean_link,
    clean_title,
)
from bot.intake.parsing.dates import DateError, Moment, parse_moment
from bot.intake.parsing.handed import Handed
from bot.intake.parsing.keys import key_of
from storage.models import NewArticle, Source
from storage.text.terms import slug

TOPICS_LIMIT = 20
AUTHORS_LIMIT = 20
NAME_LIMIT = 200
ID_LIMIT = 2_000
REASONS_SHOWN = 3
_EXPECTED = {
    "missing": "must be there",
    "string_type": "expected text",
    "tuple_type": "expected a list of names, or one name",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "model_type": 'expected an object such as {"title": "...", "published": "2023-12-06 09:34"}',
}

SourceOf = Callable[[str], Source]
"""The source for the name that an article gives itself; empty: it gives none. Raises TextError when there is none."""


class GivenError(ValueError):
    """What was given is not an article. The message says why."""


def _without_surrogates(value: Any) -> Any:
    # JSON can escape half a character; pydantic refuses what cannot be encoded.
    return value.encode(errors="ignore").decode() if isinstance(value, str) and not value.isascii() else value


def _number_as_text(value: Any) -> Any:
    return str(value) if type(value) is int else value


def _one_as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def clean_id(text: str) -> str:
    """What a source calls an article, as one clean line; may be empty. Raises TextError for one that is too long."""
    id_ = clean_line(text)
    if len(id_) > ID_LIMIT:
        raise TextError(f"has {len(id_):,} characters: at most {ID_LIMIT:,} are taken")
    return id_


def _topic_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return _first(filter(None, map(slug, names)), TOPICS_LIMIT)


def _author_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return _first((name for name in map(clean_line, names) if 0 < len(name) <= NAME_LIMIT), AUTHORS_LIMIT)


def _first(names: Iterable[str], most: int) -> tuple[str, ...]:
    """The first of them, each once. There may be millions: no more than these are made."""
    found: dict[str, None] = {}
    for name in names:
        found[name] = None
        if len(found) == most:
            break
    return tuple(found)


def _clean_summary(text: str) -> str:
    return clean_body(text, SUMMARY_LIMIT)


Words = Annotated[str, BeforeValidator(_without_surrogates)]
"""Text that can be encoded."""
Title = Annotated[Words, AfterValidator(clean_title)]
Names = Annotated[tuple[Words, ...], FailFast(), BeforeValidator(_one_as_list)]
"""Names; of a million that are none, one is said."""


class Given(BaseModel):
    """What may be said of an article."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    body: Annotated[Words, AfterValidator(clean_body)] = Field(
        "",
        validation_alias=AliasChoices("body", "text"),
        description="Its text, a paragraph a line. Without one it is a headline only. `text` is read, too.",
    )
    summary: Annotated[Words, AfterValidator(_clean_summary)] = Field("", description="A summary of your own.")
    link: Annotated[Words, AfterValidator(clean_link)] = Field(
        "",
        validation_alias=AliasChoices("link", "url"),
        description="Its page: an http or https address. `url` is read, too.",
    )
    image: Annotated[Words, AfterValidator(clean_link)] = Field("", description="The address of its picture.")
    topics: Annotated[Names, AfterValidator(_topic_names)] = Field(
        (), description="Labels, 20 at most; one may stand without a list."
    )
    language: Annotated[Words, AfterValidator(clean_language)] = Field(
        "", description="ISO 639-1, such as `en`. Left out it is told from the words."
    )
    authors: Annotated[Names, AfterValidator(_author_names)] = Field(
        (), description="Who wrote it, 20 at most; one may stand without a list."
    )
    urgent: bool = Field(
        default=False, description="Passes digests and quiet hours in chats that have agreed to urgent news."
    )

    @validates(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        return {key: given for key, given in value.items() if given is not None} if isinstance(value, dict) else value


class GivenArticle(Given):
    """A whole article."""

    title: Title = Field(description="Its headline.")
    published: Words = Field("", description="When it was published.")
    id: Annotated[Words, BeforeValidator(_number_as_text), AfterValidator(clean_id)] = Field(
        "", description="What you call it. The same id of the same source is the same article."
    )
    source: Annotated[Words, AfterValidator(clean_line)] = Field(
        "", description="Who publishes it: a title or a name, such as `Radio Gorvane`."
    )

    def moment(self, zone: str, order: DateOrder | None) -> Moment:
        """When it was published, as it says. Raises GivenError."""
        return read_moment("published", self.published, zone, order)

    def article(self, source: Source, moment: Moment) -> NewArticle:
        """It, as an article of this source published at this moment."""
        return article_of(self, source, moment)


def article_of(given: GivenArticle | Handed, source: Source, moment: Moment) -> NewArticle:
    """What was given, as an article of this source published at this moment."""
    return NewArticle(
        source=source.name,
        key=key_of(source, title=given.title, published=moment.published, id_=given.id, link=given.link),
        title=given.title,
        published=moment.published,
        body=given.body,
        summary=given.summary,
        link=given.link,
        topics=given.topics,
        language=given.language,
        date_only=moment.date_only,
        image=given.image,
        authors=given.authors,
        urgent=given.urgent,
    )


def read_moment(field: str, text: str, zone: str, order: DateOrder | None = None) -> Moment:
    """The moment that a field names; a time without a zone is read in `zone` (IANA). Raises GivenError."""
    try:
        return parse_moment(text, zone=ZoneInfo(zone), order=order)
    except DateError as error:
        raise GivenError(f"{field}: {error}") from error


def parsed(data: bytes) -> Any:
    """What the JSON says. Raises GivenError."""
    try:
        return json.loads(data.decode().rstrip())
    except UnicodeDecodeError as error:
        raise GivenError(f"byte 0x{data[error.start]:02X} is not UTF-8: save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise GivenError(f"not JSON: {error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise GivenError("not an article: nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise GivenError(f"not an article: {error}") from error


def reasons(error: ValidationError, expected: Mapping[str, str] | None = None) -> str:
    """What pydantic found, in words for whoever gave it: the first three. `expected`: other words, by kind of error."""
    found = error.errors(include_url=False, include_input=False)[:REASONS_SHOWN]
    return "; ".join(_reason(one, _EXPECTED | dict(expected or {})) for one in found)


def _reason(error: ErrorDetails, expected: Mapping[str, str]) -> str:
    reason = expected.get(error["type"]) or str(error.get("ctx", {}).get("error", error["msg"]))
    place = ".".join(map(str, error["loc"]))
    return f"{place}: {reason}" if place else reason
