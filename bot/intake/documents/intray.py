"""What was dropped into watched folders is read and stored: the short first, the long in turns.

Short texts are taken together, as many as have come: ten thousand dropped at once are few transactions. Pages and feeds
wait for the workers beside them. What is long is read piece by piece, so that no file, however large, holds up the
others.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Protocol, TypeVar

from bot.intake.documents.batches import BATCH_ARTICLES, Batch, FileRefusal, batches_of
from bot.intake.documents.contents import Part, Pending, printable, read_file, refused
from bot.intake.documents.dropped import Dropped, State, look_up, noted
from bot.intake.documents.files import FoundFile, Kind, kind_of
from bot.intake.documents.growing import Tail, read_growing
from bot.intake.documents.origin import Origin
from bot.intake.documents.saved import articles_of
from bot.intake.processes.threadjobs import ThreadJobs
from storage import FileSeen, Folder, NewArticle, Source, Store, StoreUnavailable

SHORT = 200_000
"""Bytes of a file that is read at one go."""
TOGETHER = 50  # short texts
TOPICS_LIMIT = 20
PAGES_AT_ONCE = 4
LONG_AT_ONCE = 8
TURNS = 2
FIRST_READ = timedelta(hours=24)  # so much of what lay there before is news
RETRY_SECONDS = 1.0
WAY = "folder"
TAILS_KEPT = 1_000
REFUSALS_A_MINUTE = 100
MINUTE = 60.0
_LONG = (Kind.ARCHIVE,)
_IN_WORKERS = (Kind.PAGE, Kind.FEED, Kind.LIST)

log = logging.getLogger(__name__)

T = TypeVar("T")


class Waits(Protocol):
    """Lets a file rest, and puts it into the tray again."""

    def __call__(self, name: str, file: Dropped, *, final: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Item:
    """A file to be read."""

    folder: Folder
    seen: dict[str, State] = field(repr=False, compare=False)
    """What was read in the folder, by paths as they are noted. Brought up to date."""
    path: str
    """Below the folder."""
    final: bool = False
    """It has rested: its last line, too, is as whole as it will be."""

    @property
    def key(self) -> tuple[str, str]:
        """Which file it is."""
        return self.folder.source.name, self.path


@dataclass(slots=True)
class _Read:
    """What was read of some files of one folder."""

    folder: Folder
    since: datetime | None
    """From when on what they bring is pushed, for `Articles.add`."""
    files: list[tuple[Item, Dropped]] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    long: list[Item] = field(default_factory=list)
    """What turned out to be too long to be read at one go."""
    unfinished: list[Dropped] = field(default_factory=list)
    """JSON Lines whose last line has no end yet."""
    articles: int = 0
    refused: int = 0


class Intray:
    """Files of watched folders that are to be read, each once however often it is put in."""

    def __init__(  # noqa: PLR0913  all that it works with
        self,
        store: Store,
        jobs: ThreadJobs,
        pool: Executor,
        now: Callable[[], datetime],
        *,
        zone: str,
        has_room: Callable[[], bool],
        count: Callable[[str, str], None],
        waits: Waits,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._pool = pool
        self._now = now
        self._zone = zone
        self._has_room = has_room
        self._count = count
        self._waits = waits
        self.known: Mapping[str, Source] = {}
        """The store's sources, by name."""
        self._queued: dict[tuple[str, str], Item] = {}
        self._reading: set[tuple[str, str]] = set()
        self._again: dict[tuple[str, str], Item] = {}
        self._short: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._in_workers: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._long: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._turns = asyncio.Semaphore(TURNS)
        self._tails: OrderedDict[tuple[str, str], Tail] = OrderedDict()
        self._refusals = _Said()

    def put(self, item: Item) -> None:
        """Have the file read; once more if that is under way."""
        kind = kind_of(PurePosixPath(item.path))
        if kind in _IN_WORKERS:
            self._put(item, self._in_workers)
        else:
            self._put(item, self._long if kind in _LONG else self._short)

    def _put(self, item: Item, queue: asyncio.Queue[tuple[str, str]]) -> None:
        if item.key in self._reading:
            self._again[item.key] = item
        elif item.key in self._queued:
            if item.final:
                self._queued[item.key] = item
        else:
            self._queued[item.key] = item
            queue.put_nowait(item.key)

    async def run(self) -> None:
        """Read and store until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._take_short())
            for _ in range(PAGES_AT_ONCE):
                tasks.create_task(self._take_each(self._in_workers, asyncio.Semaphore()))
            for _ in range(LONG_AT_ONCE):
                tasks.create_task(self._take_each(self._long, self._turns))

    async def _take_short(self) -> None:
        """Take short texts, those that have come together."""
        while True:
            keys = [await self._short.get()]
            while len(keys) < TOGETHER and not self._short.empty():
                keys.append(self._short.get_nowait())
            items = [self._begin(key) for key in keys]
            long: list[Item] = []
            try:
                await self._until_there_is_room()
                for some in _by_folder(items):
                    long += await self._take_together(some)
            finally:
                for item in items:
                    self._end(item)
            for item in long:
                self._put(item, self._long)

    async def _take_together(self, items: Sequence[Item]) -> list[Item]:
        """Take these of one folder. Returns those that are too long for that."""
        long: list[Item] = []
        try:
            for read in await self._in_thread(self._read_short, items):
                await self._keep(read)
                long += read.long
        except Exception as error:
            if len(items) == 1:
                await self._pass_over(items[0], error)
                return []
            log.debug("files are taken one by one", exc_info=True, extra={"files": len(items)})
            for item in items:
                self._tails.pop(item.key, None)
            return [item for one in items for item in await self._take_together([one])]
        return long

    async def _pass_over(self, item: Item, error: Exception) -> None:
        """Say that there was a fault of ours in taking a file in: it must not keep others from being taken."""
        log.error("a file of a watched folder could not be taken in", exc_info=error, extra={"file": item.path})
        self._tails.pop(item.key, None)
        # Not noted in the store: a newer version may do better.
        if file := await self._in_thread(look_up, item.folder.path, item.path):
            item.seen[noted(item.path)] = file.state

    async def _take_each(self, queue: asyncio.Queue[tuple[str, str]], turns: asyncio.Semaphore) -> None:
        """Take files one by one, each piece in its turn."""
        while True:
            item = self._begin(await queue.get())
            try:
                await self._until_there_is_room()
                await self._take_long(item, turns)
            except Exception as error:  # noqa: BLE001  it is said
                await self._pass_over(item, error)
            finally:
                self._end(item)

    async def _take_long(self, item: Item, turns: asyncio.Semaphore) -> None:
        file = await self._in_thread(look_up, item.folder.path, item.path)
        if file is None or not _is_news(item, file):
            return
        read = self._nothing_read(item, file)
        batches = batches_of(self._parts(item, file, read))
        while True:
            await self._until_there_is_room()
            async with turns:
                batch = await self._in_thread(next, batches, None)
                if batch is None:
                    break
                await self._store_batch(read, batch)
        read.files.append((item, file))
        await self._keep(read)

    def _begin(self, key: tuple[str, str]) -> Item:
        self._reading.add(key)
        return self._queued.pop(key)

    def _end(self, item: Item) -> None:
        self._reading.discard(item.key)
        if again := self._again.pop(item.key, None):
            self.put(again)

    async def _until_there_is_room(self) -> None:
        while not self._has_room():  # noqa: ASYNC110  it is a disk that is asked
            await asyncio.sleep(RETRY_SECONDS)

    async def _in_thread(self, work: Callable[..., Any], *arguments: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)

    def _read_short(self, items: Sequence[Item]) -> list[_Read]:
        """Read these files of one folder, what lay there when it was added apart from the rest."""
        reads: dict[bool, _Read] = {}
        for item in items:
            file = look_up(item.folder.path, item.path)
            if file is None or not _is_news(item, file):
                continue
            read = reads.setdefault(_was_there(item, file), self._nothing_read(item, file))
            if file.state.size > SHORT:
                read.long.append(item)
            else:
                read.files.append((item, file))
        for read in reads.values():
            read.batches += batches_of(part for item, file in read.files for part in self._parts(item, file, read))
        return list(reads.values())

    def _nothing_read(self, item: Item, file: Dropped) -> _Read:
        return _Read(item.folder, self._now() - FIRST_READ if _was_there(item, file) else None)

    def _parts(self, item: Item, file: Dropped, read: _Read) -> Iterator[Part | Pending]:
        path = item.folder.path / item.path
        origin = Origin(self.known, self._now, folder=item.folder.source, zone=self._zone)
        if kind_of(path) is not Kind.LINES:
            yield from read_file(FoundFile(path, file.state.size, path.parent.name), origin, self._jobs)
            return
        tail = self._tail(item)
        try:
            yield from read_growing(path, origin, self._jobs, tail, final=item.final)
        except OSError as error:
            yield refused(printable(path), error.strerror or str(error))
        if tail.waits:
            read.unfinished.append(file)

    def _tail(self, item: Item) -> Tail:
        tail = self._tails.setdefault(item.key, Tail())
        self._tails.move_to_end(item.key)
        if len(self._tails) > TAILS_KEPT:
            self._tails.popitem(last=False)
        return tail

    async def _keep(self, read: _Read) -> None:
        """Store what was read, and note that it was."""
        for batch in read.batches:
            await self._store_batch(read, batch)
        name = read.folder.source.name
        if not read.files:
            return
        seen = [FileSeen(noted(item.path), file.state.size, file.state.modified) for item, file in read.files]
        await _persist(lambda: self._store.folders.note_seen(name, seen))
        for item, file in read.files:
            item.seen[noted(item.path)] = file.state
        for file in read.unfinished:
            self._waits(name, file, final=True)
        log.info(
            "taken from a watched folder",
            extra={"source": name, "files": len(read.files), "articles": read.articles, "refused": read.refused},
        )

    async def _store_batch(self, read: _Read, batch: Batch) -> None:
        for path in dict.fromkeys(path for path, _ in batch.feeds):
            batch.refused.append(FileRefusal(path, 0, "feeds are added by `newscrier import`, not by dropping a list"))
        for refusal in batch.refused:
            self._refusals.say(read.folder, refusal)
        read.refused += max(batch.refused_in_all, len(batch.refused))
        for source in batch.sources.values():
            if source.name not in self.known and source.name != read.folder.source.name:
                stored = await _persist(partial(self._store.sources.put, source))
                self.known = {**self.known, source.name: stored}
        articles = [_labelled(article, read.folder) for article in batch.articles]
        for entries in batch.entries:
            found = await _persist(partial(articles_of, self._store, entries, now=self._now()))
            articles += [_labelled(article, read.folder) for article in found]
        for start in range(0, len(articles), BATCH_ARTICLES):
            some = articles[start : start + BATCH_ARTICLES]
            arrivals = await _persist(
                partial(self._store.articles.add, some, arrived=self._now(), push_since=read.since)
            )
            for arrival in arrivals:
                self._count(WAY, arrival.value)
        read.articles += len(articles)


class _Said:
    """Logs what was refused, so many a minute at most: a folder may be full of what is no news."""

    def __init__(self) -> None:
        self._since = float("-inf")
        self._said = 0
        self._unsaid = 0

    def say(self, folder: Folder, refusal: FileRefusal) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._since >= MINUTE:
            if self._unsaid:
                log.warning("more was refused in watched folders", extra={"refused": self._unsaid})
            self._since, self._said, self._unsaid = now, 0, 0
        if self._said < REFUSALS_A_MINUTE:
            self._said += 1
            log.warning("refused: %s", refusal, extra={"source": folder.source.name})
        else:
            self._unsaid += 1


async def _persist(work: Callable[[], Awaitable[T]]) -> T:
    """Have the store do it, as often as it takes."""
    while True:
        try:
            return await work()
        except StoreUnavailable as error:
            log.debug("a watched folder waits for the database", extra={"error": str(error)})
            await asyncio.sleep(RETRY_SECONDS)


def _by_folder(items: Iterable[Item]) -> list[list[Item]]:
    folders: dict[str, list[Item]] = {}
    for item in items:
        folders.setdefault(item.folder.source.name, []).append(item)
    return list(folders.values())


def _is_news(item: Item, file: Dropped) -> bool:
    return item.final or item.seen.get(noted(item.path)) != file.state


def _was_there(item: Item, file: Dropped) -> bool:
    """Whether the file lay there when its folder was added."""
    return file.changed < item.folder.added.timestamp()


def _labelled(article: NewArticle, folder: Folder) -> NewArticle:
    if not folder.topics:
        return article
    return replace(article, topics=tuple(dict.fromkeys((*folder.topics, *article.topics)))[:TOPICS_LIMIT])
