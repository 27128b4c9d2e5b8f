"""Files an operator names become articles in the store.

Files are read and parsed in one thread, one batch ahead of the store, so memory stays bounded however much there is.
Each batch is stored as a whole or not at all: an import that is broken off can simply be run again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bot.intake.batches import BATCH_ARTICLES, REFUSED_KEPT, Batch, FileRefusal, Origin, read_batches
from bot.intake.dates import DateOrder
from bot.intake.files import Total, find_files, total
from storage.models import Arrival, NewArticle, Source
from storage.ports import Store


class Push(StrEnum):
    """Which of the imported articles are news to push."""

    NEW = "new"
    """Those published in the last 24 hours."""
    ALL = "all"
    NONE = "none"

    def since(self, now: datetime) -> datetime:
        """The moment from which on articles are pushed, for `Articles.add`."""
        if self is Push.NEW:
            return now - timedelta(hours=24)
        return datetime.min.replace(tzinfo=UTC) if self is Push.ALL else datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What an operator can say about an import."""

    source: str = ""
    """The source of everything; empty: what a line says itself, else the name of the folder that the file lies in."""
    push: Push = Push.NEW
    order: DateOrder | None = None
    """Which number comes first in dates such as 06/12/2023; None: such dates are refused."""
    zone: str = "UTC"
    """IANA zone for sources that the store does not know yet."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of an import."""

    by_source: Mapping[str, Mapping[Arrival, int]]
    """Source name -> how many articles arrived how; only those that occurred."""
    refused: tuple[FileRefusal, ...]
    """The first 1,000."""
    refused_in_all: int
    files: int
    """Files that were read."""
    skipped: int
    """Files in folders that are of no kind we read."""

    def count(self, *arrivals: Arrival) -> int:
        """How many articles arrived in one of these ways."""
        return sum(counts.get(arrival, 0) for counts in self.by_source.values() for arrival in arrivals)

    @property
    def taken(self) -> int:
        """Articles that were new, became full or were corrected."""
        return self.count(Arrival.NEW, Arrival.FULL, Arrival.CHANGED)

    @property
    def known(self) -> int:
        """Articles with nothing new in them."""
        return self.count(Arrival.KNOWN)


class Progress(Protocol):
    """Who watches an import. Called in the event loop."""

    def start(self, total: Total | None) -> None:
        """It begins, with so much to read; None: too much to count."""

    def advance(self, *, files: int, size: int, articles: int) -> None:
        """So many more files were finished, bytes read and articles stored or found known."""


class NoProgress:
    """Nobody watches."""

    def start(self, total: Total | None) -> None:
        """Nothing to do."""

    def advance(self, *, files: int, size: int, articles: int) -> None:
        """Nothing to do."""


async def import_paths(
    store: Store,
    paths: Sequence[Path],
    options: ImportOptions,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> ImportReport:
    """Read `.txt` pages and `.jsonl` files, or folders of them, into the store.

    What cannot be read is in the report, with file, line and reason; everything else is taken. Importing twice changes
    nothing. Cancelled between batches, it leaves the store as after the last of them. Raises StorageError.
    """
    tally = _Tally(progress or NoProgress())
    tally.progress.start(await asyncio.to_thread(total, paths))
    known = {source.name: source for source in await store.sources.all()}
    since = options.push.since(now())
    origin = Origin(dict(known), options.source, options.zone, options.order)
    batches = read_batches(find_files(paths), origin)
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, "import") as reader:
        coming = loop.run_in_executor(reader, next, batches, None)
        while batch := await coming:
            coming = loop.run_in_executor(reader, next, batches, None)
            await _store_sources(store, batch, known)
            for some in _slices(batch.articles):
                tally.count(some, await store.articles.add(some, arrived=now(), push_since=since))
            tally.note(batch)
    return tally.report()


@dataclass(slots=True)
class _Tally:
    """Adds up what became of all batches, and tells who watches."""

    progress: Progress
    by_source: dict[str, Counter[Arrival]] = field(default_factory=dict)
    refused: list[FileRefusal] = field(default_factory=list)
    refused_in_all: int = 0
    files: int = 0
    skipped: int = 0

    def count(self, articles: Sequence[NewArticle], arrivals: Sequence[Arrival]) -> None:
        for article, arrival in zip(articles, arrivals, strict=True):
            self.by_source.setdefault(article.source, Counter())[arrival] += 1
        self.progress.advance(files=0, size=0, articles=len(articles))

    def note(self, batch: Batch) -> None:
        self.refused += batch.refused[: REFUSED_KEPT - len(self.refused)]
        self.refused_in_all += batch.refused_in_all
        self.files += batch.files
        self.skipped += batch.skipped
        self.progress.advance(files=batch.files, size=batch.size, articles=0)

    def report(self) -> ImportReport:
        return ImportReport(self.by_source, tuple(self.refused), self.refused_in_all, self.files, self.skipped)


async def _store_sources(store: Store, batch: Batch, known: dict[str, Source]) -> None:
    for name, source in batch.sources.items():
        if name not in known:
            known[name] = await store.sources.put(source)


def _slices(articles: Sequence[NewArticle]) -> Iterator[Sequence[NewArticle]]:
    """One page can list more articles than belong into one transaction."""
    return (articles[start : start + BATCH_ARTICLES] for start in range(0, len(articles), BATCH_ARTICLES))
