"""Which source an article of a file is from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.intake.parsing.choices import DateOrder
from bot.intake.parsing.clean import TextError, clean_line, shown
from storage.models import Source
from storage.text.terms import slug


@dataclass(frozen=True, slots=True)
class Origin:
    """Says which source an article is from, and how its dates are read."""

    known: Mapping[str, Source]
    """The store's sources, by name."""
    now: Callable[[], datetime]
    title: str = ""
    """The source of everything, as the operator named it; empty: see `source`."""
    folder: Source | None = None
    """The source that a watched folder is."""
    zone: str = "UTC"
    """IANA zone of sources that are not known."""
    order: DateOrder | None = None

    def source(self, own: str, folder: str) -> Source:
        """The operator's word, else the line's own, else the watched folder's, else the folder's name.

        Raises TextError if that makes no name.
        """
        title = clean_line(self.title or own)
        if not title and self.folder:
            return self.folder
        return self._named(title or clean_line(folder))

    def source_of_feed(self, title: str, folder: str) -> Source:
        """Likewise; a saved feed's own word is its title, but in a watched folder it is one of the folder's files."""
        return self.source("" if self.folder else title, folder)

    def _named(self, title: str) -> Source:
        name = slug(title)
        if not name:
            raise TextError(f"no source: {shown(title)} has no letter or digit; name one with --source")
        return self.known.get(name) or Source(name=name, title=title, zone=self.zone)
