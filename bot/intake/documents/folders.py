"""Watched folders: a file dropped there is an article within a second, whoever dropped it and however.

The system says when a file was written to its end or moved into its place (inotify), and it is read. Beside that the
folders are looked through from time to time: of other machines' writing on a shared disk nothing is said, nor of what
happened while the bot was down. A file that is found so is read when it has rested, for it may not be finished; JSON
Lines need not rest, since lines are finished one by one. What was read is remembered, and read again when it changes.
"""

import asyncio
import heapq
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from bot.intake.documents.dropped import (
    Dropped,
    State,
    find_dropped,
    is_passed_over,
    is_read,
    is_remote,
    look_up,
    noted,
)
from bot.intake.documents.files import Kind, kind_of
from bot.intake.documents.intray import Intray, Item
from bot.intake.processes.threadjobs import ThreadJobs
from bot.intake.processes.workers import Workers
from bot.waiting import until_ended
from storage import Change, FileSeen, Folder, Store, StoreUnavailable

if TYPE_CHECKING:
    from bot.intake.documents.hearing import Ears

LOOK_SECONDS = 10.0
LOOKING_SHARE = 20  # looking takes a twentieth of the time at most
REST_SECONDS = 2.0
"""So long a file that was found must be left alone before it is read; where the system says that one is finished, a
file that was not is read once more."""
REMOTE_REST_SECONDS = 10.0
HEARD_REST_SECONDS = 0.5
"""Likewise, of what came with a folder that was made or moved there: those who write it are on this machine."""
GROWING_SECONDS = 0.2  # lines that are written one by one are read together
RETRY_SECONDS = 1.0
AT_ONCE = 200  # files
THREADS = 8
log = logging.getLogger(__name__)


def open_ears() -> "Ears":
    """What hears what happens in folders. Raises OSError when there are too many, ImportError, MemoryError."""
    # Where memory may not be both written and run, the library may not load: what else the bot does goes on.
    from bot.intake.documents.hearing import Ears  # noqa: PLC0415

    return Ears()


@dataclass(slots=True)
class Watched:
    """A folder that is watched."""

    folder: Folder
    seen: dict[str, State]
    """By paths as they are noted."""
    rest: float
    """Seconds."""
    is_there: bool = True
    entered: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The folders below it that are watched, and which they are (device, inode)."""
    barred: set[str] = field(default_factory=set)
    """Those that could not be read, which was said."""


class FolderWatch:
    """Takes in what is dropped into the watched folders."""

    def __init__(  # noqa: PLR0913  all that it works with
        self,
        store: Store,
        workers: Workers,
        now: Callable[[], datetime],
        *,
        zone: str,
        has_room: Callable[[], bool],
        count: Callable[[str, str], None] = lambda _way, _became: None,
        ears: "Callable[[], Ears]" = open_ears,
        look_seconds: float = LOOK_SECONDS,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        """`zone` (IANA): of new sources' times that name none. `has_room`: whether articles may be taken in.

        `count` is told the way in and what became of each article. `ears` gives what hears what happens in folders.
        """
        self._open_ears = ears
        self._store = store
        self._workers = workers
        self._now = now
        self._zone = zone
        self._has_room = has_room
        self._count = count
        self._look_seconds = look_seconds
        self._rest_seconds = rest_seconds
        self._watched: dict[str, Watched] = {}
        self._places: dict[int, tuple[str, str]] = {}  # watch -> the name of the source, the folder below its folder
        self._resting: list[tuple[float, int, str, Dropped, bool]] = []  # a heap: until when, and one after the other
        self._number = 0
        self._some_rest = asyncio.Event()
        self._growing: set[tuple[str, str]] = set()
        self._unwatched = False  # that not everything can be watched was said

    async def run(self) -> None:
        """Watch until cancelled. What the store refuses is tried again."""
        loop = asyncio.get_running_loop()
        pool = ThreadPoolExecutor(THREADS, "folders")
        with self._hearing() as ears, ThreadJobs(self._workers) as jobs:
            self._ears = ears
            self._loop = loop
            self._pool = pool
            self._tray = Intray(
                self._store,
                jobs,
                pool,
                self._now,
                zone=self._zone,
                has_room=self._has_room,
                count=self._count,
                waits=self._let_rest,
            )
            tasks = [
                asyncio.create_task(self._tray.run(), name="take what was dropped"),
                *([asyncio.create_task(self._listen(ears), name="hear what is dropped")] if ears else []),
                asyncio.create_task(self._wait_for_rest(), name="wait for files to rest"),
                asyncio.create_task(self._look_again(), name="look for what was dropped"),
            ]
            try:
                async with until_ended(tasks):
                    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                    for task in tasks:
                        task.cancel()
            finally:
                jobs.stop()
                pool.shutdown(wait=False, cancel_futures=True)
            for task in tasks:
                if not task.cancelled():
                    task.result()  # none ends by itself but with an error

    @contextmanager
    def _hearing(self) -> Iterator["Ears | None"]:
        """None: there are none to be had, and the folders are only looked through."""
        try:
            ears = self._open_ears()
        except (OSError, ImportError, MemoryError) as error:
            log.warning(
                "folders cannot be watched: what is dropped is found when they are looked through",
                extra={"error": str(error)},
            )
            yield None
            return
        with ears:
            yield ears

    async def _look_again(self) -> None:
        while True:
            begun = self._loop.time()
            try:
                await self._look()
                wait = max(self._look_seconds, LOOKING_SHARE * (self._loop.time() - begun))
                await self._store.changed(Change.FOLDERS, wait)
            except StoreUnavailable as error:
                log.debug("watching folders waits for the database", extra={"error": str(error)})
                await asyncio.sleep(RETRY_SECONDS)

    async def _look(self) -> None:
        """Look through all folders."""
        folders = {folder.source.name: folder for folder in await self._store.folders.all() if not folder.paused}
        for name in self._watched.keys() - folders.keys():
            self._leave(name)
        if folders:
            self._tray.known = {source.name: source for source in await self._store.sources.all()}
        for name, folder in folders.items():
            if name not in self._watched:
                self._watched[name] = await self._begun(folder)
            self._watched[name].folder = folder
            await self._look_through(self._watched[name], "", self._watched[name].rest)

    async def _begun(self, folder: Folder) -> Watched:
        seen = await self._store.folders.seen(folder.source.name)
        remote = await self._loop.run_in_executor(self._pool, is_remote, folder.path)
        log.info("watching a folder", extra={"source": folder.source.name, "folder": str(folder.path)})
        return Watched(
            folder,
            await self._loop.run_in_executor(self._pool, _states, seen),
            max(self._rest_seconds, REMOTE_REST_SECONDS) if remote else self._rest_seconds,
        )

    def _leave(self, name: str) -> None:
        """Watch this folder no more."""
        del self._watched[name]
        # A thread that looks through another folder may add to it.
        mine = {place for place, (whose, _) in tuple(self._places.items()) if whose == name}
        if self._ears:
            self._ears.remove(mine)
        for place in mine:
            del self._places[place]

    async def _look_through(self, watched: Watched, below: str, rest: float) -> None:
        """Find what is to be read in the folder, or in one below it; `rest`: seconds that it must be left alone."""
        others = [other.folder.path for other in self._watched.values() if other is not watched]
        name = watched.folder.source.name
        try:
            found, gone = await self._loop.run_in_executor(self._pool, self._found, watched, below, others)
        except OSError as error:
            if not below and watched.is_there:
                watched.is_there = False
                log.warning(
                    "a watched folder cannot be read: it is looked for again and again",
                    extra={"source": name, "folder": str(watched.folder.path), "error": error.strerror},
                )
            return
        if not watched.is_there:
            watched.is_there = True
            log.info("a watched folder is there again", extra={"source": name})
        if gone:
            await self._store.folders.forget_seen(name, gone)
            for number, path in enumerate(gone):
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
                watched.seen.pop(path, None)
        now = self._now().timestamp()
        for number, file in enumerate(found):
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)  # others' turn: there may be a hundred thousand
            if kind_of_path(file.path) is Kind.LINES or now - file.state.modified / 1e9 > rest:
                self._take(watched, file.path)
            else:
                self._rest(name, file, rest, final=False)

    def _found(self, watched: Watched, below: str, others: list[Path]) -> tuple[list[Dropped], list[str]]:
        """What is to be read, and what was read and is not there any more."""

        def enter(folder: str, status: os.stat_result) -> None:
            which = (status.st_dev, status.st_ino)
            if watched.entered.get(folder) != which and self._is_watching(watched, folder):
                watched.entered[folder] = which

        def barred(folder: str, error: OSError) -> None:
            if folder not in watched.barred and not isinstance(error, FileNotFoundError):
                watched.barred.add(folder)
                log.warning(
                    "a folder in a watched folder cannot be read",
                    extra={"folder": str(watched.folder.path / folder), "error": error.strerror},
                )

        found = list(find_dropped(watched.folder.path, below, others, enter, barred))
        there = {noted(file.path) for file in found}
        # A folder with nothing in it may be one whose disk is not there.
        gone = [path for path in tuple(watched.seen) if path not in there] if there and not below else []
        return [file for file in found if watched.seen.get(noted(file.path)) != file.state], gone

    def _is_watching(self, watched: Watched, folder: str) -> bool:
        """Whether the system says what happens in this folder."""
        if self._ears is None:
            return False
        try:
            watch = self._ears.add(watched.folder.path / folder)
        except (FileNotFoundError, NotADirectoryError):
            return False  # it is gone, which is found and said when it is looked into
        except (OSError, ValueError) as error:  # ValueError: it was closed meanwhile
            if not self._unwatched:
                self._unwatched = True
                log.warning(
                    "not every folder can be watched: what is dropped there is found when it is looked through",
                    extra={"folder": str(watched.folder.path / folder), "error": str(error)},
                )
            return False
        self._places[watch] = watched.folder.source.name, folder
        return True

    async def _listen(self, ears: "Ears") -> None:
        from bot.intake.documents.hearing import What  # noqa: PLC0415  see `open_ears`

        async for heard in ears.listen():
            name, folder = self._places.get(heard.watch, ("", ""))
            watched = self._watched.get(name)
            path = f"{folder}/{heard.name}" if folder else heard.name
            match heard.what:
                case What.LOST:
                    await self._look_at_all()
                case _ if watched is None:
                    continue
                case What.GONE:
                    del self._places[heard.watch]
                    watched.entered.pop(folder, None)
                case What.FOLDER if not is_passed_over(heard.name):
                    await self._look_through(watched, path, min(watched.rest, HEARD_REST_SECONDS))
                case What.FINISHED if is_read(path):
                    self._take(watched, path)
                case What.GROWING if is_read(path) and kind_of_path(path) is Kind.LINES:
                    self._take_soon(watched, path)

    async def _look_at_all(self) -> None:
        log.info("more was dropped at once than the system tells: the folders are looked through")
        try:
            for watched in tuple(self._watched.values()):
                await self._look_through(watched, "", min(watched.rest, HEARD_REST_SECONDS))
        except StoreUnavailable as error:  # the next look finds it
            log.debug("watching folders waits for the database", extra={"error": str(error)})

    def _take(self, watched: Watched, path: str, *, final: bool = False) -> None:
        self._tray.put(Item(watched.folder, watched.seen, path, final))

    def _take_soon(self, watched: Watched, path: str) -> None:
        key = watched.folder.source.name, path
        if key in self._growing:
            return
        self._growing.add(key)

        def take() -> None:
            self._growing.discard(key)
            if self._watched.get(key[0]) is watched:
                self._take(watched, path)

        self._loop.call_later(GROWING_SECONDS, take)

    def _let_rest(self, name: str, file: Dropped, *, final: bool) -> None:
        """Read the file when it has been left alone for a while; `final`: its last line, too."""
        if watched := self._watched.get(name):
            self._rest(name, file, watched.rest, final=final)

    def _rest(self, name: str, file: Dropped, seconds: float, *, final: bool) -> None:
        self._number += 1
        heapq.heappush(self._resting, (self._loop.time() + seconds, self._number, name, file, final))
        self._some_rest.set()

    async def _wait_for_rest(self) -> None:
        while True:
            await self._some_rest.wait()
            left = self._resting[0][0] - self._loop.time()
            if left > 0:
                await asyncio.sleep(left)
            rested = []
            while self._resting and self._resting[0][0] <= self._loop.time():
                rested.append(heapq.heappop(self._resting))
            if not self._resting:
                self._some_rest.clear()
            for _, _, name, file, final in rested:
                await self._look_whether_rested(name, file, final=final)

    async def _look_whether_rested(self, name: str, file: Dropped, *, final: bool) -> None:
        watched = self._watched.get(name)
        if watched is None or (not final and watched.seen.get(noted(file.path)) == file.state):
            return
        now = await self._loop.run_in_executor(self._pool, look_up, watched.folder.path, file.path)
        if now is None:
            return
        if now.state == file.state:
            self._take(watched, file.path, final=final)
        else:
            self._let_rest(name, now, final=final)


def _states(seen: Mapping[str, FileSeen]) -> dict[str, State]:
    return {path: State(file.size, file.modified) for path, file in seen.items()}


def kind_of_path(path: str) -> Kind | None:
    """`files.kind_of`."""
    return kind_of(PurePosixPath(path))
