"""Whether a database's file is still where it was opened.

SQLite goes on with a file that was removed or moved: nobody who opens the path would find what it writes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BESIDE = ("-wal", "-shm")  # its latest commits, and where in them what stands


def beside(path: Path) -> list[Path]:
    """The files that belong to the database at this path while it is open."""
    return [path.with_name(path.name + suffix) for suffix in BESIDE]


class Whereabouts:
    """Knows the files of an open database. Made when they are open."""

    def __init__(self, path: Path) -> None:
        self.name = path.absolute()
        """By which it is opened."""
        self.path = self.name.resolve()
        """Where it lies. A name may be a link, which SQLite follows: what belongs to the database lies there, too."""
        self._known = {file: _identity(file) for file in (self.name, self.path, *beside(self.path))}

    def fault(self) -> str:
        """What is wrong and what to do, for an operator; nothing when all is in its place."""
        for file, known in self._known.items():
            now = _identity(file)
            if now == known:
                continue
            if now is None:
                return f"{file} is gone: move it back, or stop Newscrier, which then writes it there again"
            return f"another file is at {file}: move that away and the right one back, or stop Newscrier"
        return ""

    def clear(self) -> None:
        """If the database is gone, take away what it has left there: to a new one at the path that would be poison.

        Not while there are commits in it.
        """
        wal, _ = beside(self.path)
        if _identity(self.path) is not None or not _is_empty(wal):
            return
        for file in beside(self.path):
            if _identity(file) == self._known[file]:
                with suppress(OSError):  # what cannot be taken away stays: all of it is in the database by now
                    file.unlink()

    @contextmanager
    def others_kept(self) -> Iterator[None]:
        """Keep what other processes have put beside the database while connections close.

        SQLite removes files by their names: whoever has moved the database away and back may have written since.
        """
        kept = [(_linked(file), file) for file in beside(self.path) if _identity(file) not in {None, self._known[file]}]
        try:
            yield
        finally:
            for link, file in kept:
                if file.exists():
                    link.unlink()
                else:
                    link.rename(file)

    @property
    def is_taken(self) -> bool:
        """Whether others use the database with files of their own beside it: then ours must not be written into it."""
        return self.is_there and any(_identity(file) not in {None, self._known[file]} for file in beside(self.path))

    @property
    def is_there(self) -> bool:
        """Whether the database itself is at its path."""
        return _identity(self.path) == self._known[self.path]

    @property
    def is_found(self) -> bool:
        """Whether who opens the name finds it there."""
        return self.is_there and _identity(self.name) == self._known[self.name]


def _is_empty(file: Path) -> bool:
    """Whether there is nothing in the file, or none."""
    try:
        return file.stat().st_size == 0
    except OSError:
        return True


def _linked(file: Path) -> Path:
    """Another name for the file."""
    link = file.with_name(f"{file.name}.kept-{os.getpid()}")
    link.unlink(missing_ok=True)
    os.link(file, link)
    return link


def _identity(file: Path) -> tuple[int, int] | None:
    """What tells one file from all others; None: there is none, or none that can be looked at."""
    try:
        found = os.stat(file)  # noqa: PTH116  asked before each commit: a third of what Path.stat takes
    except OSError:  # it is not there, or a disk or a folder on the way to it fails
        return None
    return found.st_dev, found.st_ino
