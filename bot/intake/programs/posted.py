"""What programs say becomes articles and corrections, or the reason why one is none. Pure."""

import codecs
from collections.abc import Sequence
from dataclasses import fields
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError
from pydantic import model_validator as validates

from bot.intake.parsing.clean import shown
from bot.intake.parsing.given import Given, GivenArticle, GivenError, Title, Words, parsed, reasons
from bot.intake.parsing.handed import Corrected, Handed, NotRead

MOST_ARTICLES = 1_000
"""In one call."""
_LARGEST_CHAT = 2**52  # Bot API, Chat.id: at most 52 significant bits
_PARTS = [one.name for one in fields(Handed)]
_OF_CORRECTIONS = {"model_type": 'expected an object such as {"title": "..."}'}


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("expected a whole number")  # noqa: TRY004  pydantic takes it for what is wrong with the value
    return value


class Posted(GivenArticle):
    """An article as a program hands it in."""

    published: Words = Field(
        "", description="When it was published, such as `2025-07-16T09:34:00+04:00`. Left out: now, or `publish_at`."
    )
    publish_at: Words = Field(
        "",
        description="Not to be found or announced before this moment; one that is past is now. "
        "Posted again it is held until the new moment: give an `id` or a `link`, by which it is known to be the same.",
    )
    preview_to: Annotated[int, BeforeValidator(_no_flag)] = Field(
        0,
        ge=-_LARGEST_CHAT,
        le=_LARGEST_CHAT,
        description="The id of a chat: it is shown there as it would be pushed, and nothing else is done with it.",
    )


class Correction(Given):
    """What is to be otherwise. What is left out stays."""

    title: Title | None = Field(None, description="Its headline.")
    publish_at: Words = Field("", description="Of one that is held: until when.")

    @validates(mode="before")
    @classmethod
    def _nothing_else(cls, value: Any) -> Any:
        # Elsewhere what is not known is passed over; here somebody would wait for it to change.
        others = [name for name in value if name not in _CORRECTED] if isinstance(value, dict) else []
        if others:
            raise ValueError(f"{shown(others[0])} cannot be corrected")
        return value


_CORRECTED = {*Correction.model_fields, "text", "url"}


def read_articles(data: bytes, *, lines: bool) -> list[Handed | str]:
    """The articles of a request, or why one is none: an object, a list, `{"articles": [...]}`, or JSON Lines.

    Raises GivenError when nothing can be read of it, TooManyError.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    if lines:
        found = [line for line in data.splitlines() if line.strip()]
        _count(found)
        return [_read_line(line) for line in found]
    said = parsed(data)
    if isinstance(said, dict) and isinstance(said.get("articles"), list):
        said = said["articles"]
    given = said if isinstance(said, list) else [said]
    _count(given)
    return [_read(one) for one in given]


class TooManyError(ValueError):
    """More articles than one call takes."""


def _count(given: Sequence[object]) -> None:
    if len(given) > MOST_ARTICLES:
        raise TooManyError(f"{len(given):,} articles: at most {MOST_ARTICLES:,} are taken in one call")


def _read_line(line: bytes) -> Handed | str:
    try:
        return _read(parsed(line))
    except GivenError as error:
        return str(error)


def _read(given: Any) -> Handed | str:
    try:
        posted = Posted.model_validate(given)
        return Handed(**{name: getattr(posted, name) for name in _PARTS})
    except ValidationError as error:
        return reasons(error)


def read_correction(data: bytes) -> Corrected:
    """The correction that a request brings. Raises GivenError."""
    try:
        correction = Correction.model_validate(parsed(data))
        return Corrected(**{name: getattr(correction, name) for name in correction.model_fields_set})
    except ValidationError as error:
        raise GivenError(reasons(error, _OF_CORRECTIONS)) from error


def articles_or_why(data: bytes, *, lines: bool) -> tuple[Handed | str, ...] | NotRead:
    """`read_articles` for the process that reads long requests: out of it come values alone."""
    try:
        return tuple(read_articles(data, lines=lines))
    except TooManyError as error:
        return NotRead(str(error), too_many=True)
    except GivenError as error:
        return NotRead(str(error))


def correction_or_why(data: bytes) -> Corrected | NotRead:
    """Likewise `read_correction`."""
    try:
        return read_correction(data)
    except GivenError as error:
        return NotRead(str(error))
