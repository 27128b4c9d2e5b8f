"""Files an operator names become articles in the store, and lists of feeds become sources.

Files are read in one thread, one batch ahead of the store, so memory stays bounded however much there is; HTML and XML
are read in as many processes beside it as there are processors. Each batch is stored as a whole or not at all: an
import that is broken off can simply be run again.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.intake.documents.batches import BATCH_ARTICLES, REFUSED_KEPT, Batch, FileRefusal, read_batches
from bot.intake.documents.files import Total, find_files, total
from bot.intake.documents.listing import add_listed
from bot.intake.documents.origin import Origin
from bot.intake.documents.saved import articles_of
from bot.intake.parsing.addresses import AddressError, shown_url
from bot.intake.parsing.choices import DateOrder, Push
from bot.intake.parsing.reading import Refusal
from bot.intake.processes.threadjobs import ThreadJobs
from bot.intake.processes.workers import Workers
from bot.intake.space import Space
from storage.models import Arrival, NewArticle, Source
from storage.ports import Store

READERS_LIMIT = 8
"""Each takes some 100 MB."""


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
    feeds_added: int = 0
    """Feeds of lists that are polled from now on."""
    feeds_known: int = 0
    """Feeds of lists that were polled already."""
    stopped: str = ""
    """Why it went no further; empty: it came to its end."""

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


async def import_paths(  # noqa: PLR0913  what is read, how, and who watches
    store: Store,
    paths: Sequence[Path],
    options: ImportOptions,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
    space: Space | None = None,
) -> ImportReport:
    """Read files of the kinds of `files.Kind`, or folders of them, into the store.

    What cannot be read is in the report, with file, line and reason; everything else is taken. Importing twice changes
    nothing. Cancelled between batches, it leaves the store as after the last of them. It stops when the disk has no
    room (`space`), and the report says so. Raises StorageError.
    """
    tally = _Tally(progress or NoProgress())
    tally.progress.start(await asyncio.to_thread(total, paths))
    known = {source.name: source for source in await store.sources.all()}
    origin = Origin(dict(known), now, title=options.source, zone=options.zone, order=options.order)
    taker = _Taker(store, known, options, now, tally)
    loop = asyncio.get_running_loop()
    async with Workers(most=_readers(), patience_seconds=0) as workers:
        # The jobs are stopped first: the thread may wait for one.
        with ThreadPoolExecutor(1, "import") as reader, ThreadJobs(workers) as jobs:
            batches = read_batches(find_files(paths), origin, jobs)
            coming = loop.run_in_executor(reader, next, batches, None)
            while batch := await coming:
                if space and not space.has_room():
                    tally.stopped = space.shortage
                    break
                coming = loop.run_in_executor(reader, next, batches, None)
                await taker.take(batch)
    return tally.report()


def _readers() -> int:
    """How many processes read HTML and XML at a time."""
    return min(len(os.sched_getaffinity(0)), READERS_LIMIT)


@dataclass(slots=True)
class _Tally:
    """Adds up what became of all batches, and tells who watches."""

    progress: Progress
    by_source: dict[str, Counter[Arrival]] = field(default_factory=dict)
    refused: list[FileRefusal] = field(default_factory=list)
    refused_in_all: int = 0
    files: int = 0
    skipped: int = 0
    feeds_added: int = 0
    feeds_known: int = 0
    stopped: str = ""

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
        return ImportReport(
            self.by_source,
            tuple(self.refused),
            self.refused_in_all,
            self.files,
            self.skipped,
            self.feeds_added,
            self.feeds_known,
            self.stopped,
        )


@dataclass(slots=True)
class _Taker:
    """Puts batches into the store."""

    store: Store
    known: dict[str, Source]
    options: ImportOptions
    now: Callable[[], datetime]
    tally: _Tally
    since: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.since = self.options.push.since(self.now())

    async def take(self, batch: Batch) -> None:
        for name, source in batch.sources.items():
            if name not in self.known:
                self.known[name] = await self.store.sources.put(source)
        articles = list(batch.articles)
        for entries in batch.entries:
            articles += await articles_of(self.store, entries, now=self.now())
        for some in _slices(articles):
            arrivals = await self.store.articles.add(some, arrived=self.now(), push_since=self.since)
            self.tally.count(some, arrivals)
        for path, listed in batch.feeds:
            try:
                new = await add_listed(self.store, listed, zone=self.options.zone, now=self.now())
            except AddressError as error:
                batch.refuse(path, Refusal(0, f"the feed {shown_url(listed.url)} is not added: {error}"))
            else:
                self.tally.feeds_added += new
                self.tally.feeds_known += not new
        self.tally.note(batch)


def _slices(articles: Sequence[NewArticle]) -> Iterator[Sequence[NewArticle]]:
    """One page can list more articles than belong into one transaction."""
    return (articles[start : start + BATCH_ARTICLES] for start in range(0, len(articles), BATCH_ARTICLES))
