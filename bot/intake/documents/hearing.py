"""The system says what happens in folders (Linux, inotify(7)).

Loaded when a folder is to be watched: where the library cannot be, folders are only looked through.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Self

from asyncinotify import Inotify, Mask

_EVENTS = (
    Mask.CLOSE_WRITE | Mask.MOVED_TO | Mask.MODIFY | Mask.CREATE | Mask.ONLYDIR | Mask.EXCL_UNLINK | Mask.DONT_FOLLOW
)
# Events with the longest names; with usual ones some ten times as many, which hold up the event loop for milliseconds.
READ_AT_ONCE = 4


class What(Enum):
    """What happened."""

    FINISHED = auto()
    """A file was written to its end, or moved to its place."""
    GROWING = auto()
    """A file is being written."""
    FOLDER = auto()
    """A folder was made, or moved to its place."""
    GONE = auto()
    """The folder itself is gone."""
    LOST = auto()
    """More happened than the system can tell."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What happened in a folder that is listened to."""

    what: What
    watch: int = 0
    """The folder's number."""
    name: str = ""
    """Of what it happened to."""


class Ears:
    """Listens to folders, not to those below them. Made in an event loop; raises OSError when there are too many."""

    def __init__(self) -> None:
        self._inotify = Inotify(cache_size=READ_AT_ONCE)

    def add(self, folder: Path) -> int:
        """Listen to this folder from now on; its number. Raises OSError; ValueError when closed."""
        return self._inotify.add_watch(folder, _EVENTS).wd

    def remove(self, watches: Collection[int]) -> None:
        """Listen to the folders with these numbers no more."""
        for watch in self._inotify.watches:
            if watch.wd in watches:
                with suppress(OSError):  # it is gone, and what says so is still to come
                    self._inotify.rm_watch(watch)

    async def listen(self) -> AsyncIterator[Heard]:
        """What happens, for ever."""
        async for event in self._inotify:
            what = _what(event.mask)
            if what is What.LOST:
                yield Heard(what)
            elif what and event.watch is not None:
                yield Heard(what, event.watch.wd, str(event.name or ""))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._inotify.close()


def _what(mask: Mask) -> What | None:
    if Mask.Q_OVERFLOW in mask:
        return What.LOST
    if Mask.IGNORED in mask:
        return What.GONE
    if Mask.ISDIR in mask:
        return What.FOLDER if mask & (Mask.CREATE | Mask.MOVED_TO) else None
    if mask & (Mask.CLOSE_WRITE | Mask.MOVED_TO):
        return What.FINISHED
    return What.GROWING if Mask.MODIFY in mask else None
