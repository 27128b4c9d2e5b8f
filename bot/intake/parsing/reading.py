"""What became of one piece of input."""

from dataclasses import dataclass

from storage.models import NewArticle, Source


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line of the input that could not be taken, and why."""

    line: int
    """From 1; 0: the whole file."""
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The articles found in some input, and what of it was refused."""

    articles: tuple[NewArticle, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    sources: tuple[Source, ...] = ()
    """The sources of the articles, each once."""
