"""The files that an operator names, or that lie in the folders named."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePath

_COUNTED = 200_000


class Kind(Enum):
    """What is in a file, by the end of its name."""

    DOCUMENT = (".txt",)
    """An article page saved as text, with the headlines that it lists."""
    LINES = (".jsonl", ".ndjson")
    """JSON Lines: an article a line."""
    PAGE = (".html", ".htm", ".xhtml")
    """An article page as the web has it."""
    FEED = (".xml", ".rss", ".atom", ".rdf", ".json")
    """A feed that was saved; an .xml may be a list of feeds."""
    LIST = (".opml",)
    """A list of feeds."""
    ARCHIVE = (".zip",)
    """Files of the other kinds."""


SUFFIXES = {suffix: kind for kind in Kind for suffix in kind.value}
_USUAL = [kind.value[0] for kind in Kind]
READ = f"{', '.join(_USUAL[:-1])} and {_USUAL[-1]}"
"""The usual names of files, for people."""


def kind_of(path: PurePath) -> Kind | None:
    """What is in the file of this name; None: nothing that is read."""
    return SUFFIXES.get(path.suffix.lower())


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read."""

    path: Path
    size: int
    """Bytes."""
    folder: str
    """The name of the folder it lies in; empty: that is the root folder."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file in a folder that is of no kind we read."""

    path: Path


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What was named cannot be read, or a folder below it."""

    path: Path
    reason: str


Found = FoundFile | Skipped | Unreadable


@dataclass(frozen=True, slots=True)
class Total:
    """How much there is to read."""

    files: int
    size: int
    """Bytes."""


def find_files(paths: Sequence[Path]) -> Iterator[Found]:
    """What lies at and below the paths, in their order: a folder's files by name, then its folders by name.

    What is hidden (a name with a leading dot) is passed over unless named itself. Links are followed; a folder that was
    visited already, by whatever way, is not visited again.
    """
    visited: set[tuple[int, int]] = set()
    for path in paths:
        yield from _named(path, visited)


def total(paths: Sequence[Path]) -> Total | None:
    """How much `find_files` finds to read; None when it is more than 200,000 files, which take too long to count."""
    files = size = 0
    for found in find_files(paths):
        if isinstance(found, FoundFile):
            files, size = files + 1, size + found.size
        if files > _COUNTED:
            return None
    return Total(files, size)


def _named(path: Path, visited: set[tuple[int, int]]) -> Iterator[Found]:
    try:
        if path.is_dir():
            yield from _walk(path, path.resolve().name, visited)
        elif not path.is_file():
            yield Unreadable(
                path, "is neither a file nor a folder" if path.exists() else "there is no such file or folder"
            )
        elif kind_of(path) is None:
            yield Unreadable(path, f"only {READ} files are read")
        else:
            yield FoundFile(path, path.stat().st_size, path.parent.resolve().name)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        yield Unreadable(path, _why(error))


def _walk(root: Path, name: str, visited: set[tuple[int, int]]) -> Iterator[Found]:
    """The content of a folder and of all below it; at any time only one folder's names are kept."""
    pending = [(root, name)]
    while pending:
        folder, name = pending.pop()
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in visited:
                continue
            visited.add((status.st_dev, status.st_ino))
            files, folders = _content(folder)
        except OSError as error:
            yield Unreadable(folder, _why(error))
            continue
        for file in files:
            yield _file(folder / file, name)
        pending += [(folder / below, below) for below in reversed(folders)]


def _content(folder: Path) -> tuple[list[str], list[str]]:
    """Names of files and of folders, sorted."""
    files: list[str] = []
    folders: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                (folders if _is_folder(entry) else files).append(entry.name)
    return sorted(files), sorted(folders)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _file(path: Path, folder: str) -> Found:
    if kind_of(path) is None:
        return Skipped(path)
    try:
        status = path.stat()
    except OSError as error:
        return Unreadable(path, _why(error))
    return FoundFile(path, status.st_size, folder) if stat.S_ISREG(status.st_mode) else Skipped(path)


def _why(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
