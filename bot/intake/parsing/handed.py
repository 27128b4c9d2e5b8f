"""What programs say, checked and cleaned: the values that come out of the process that reads long requests."""

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Handed:
    """An article as a program has handed it in. See `posted.Posted` for what each part means."""

    title: str
    body: str = ""
    summary: str = ""
    link: str = ""
    image: str = ""
    topics: tuple[str, ...] = ()
    language: str = ""
    authors: tuple[str, ...] = ()
    urgent: bool = False
    id: str = ""
    source: str = ""
    published: str = ""
    publish_at: str = ""
    preview_to: int = 0


@dataclass(frozen=True, slots=True)
class Corrected:
    """What is to be otherwise of an article. None: it was not said, and stays."""

    title: str | None = None
    body: str | None = None
    summary: str | None = None
    link: str | None = None
    image: str | None = None
    topics: tuple[str, ...] | None = None
    language: str | None = None
    authors: tuple[str, ...] | None = None
    urgent: bool | None = None
    publish_at: str | None = None

    def said(self) -> dict[str, Any]:
        """What was said, by its name."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class NotRead:
    """Nothing could be read of a request."""

    why: str
    too_many: bool = False
    """There are more articles than one call takes."""
