"""What lies in a watched folder, and which of it is to be read."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.intake.documents.files import kind_of

# What programs call a file that they have not finished yet, or keep beside the real one.
UNFINISHED = (".part", ".tmp", ".crdownload", ".partial", ".filepart", "~")
# File systems of other machines (and what stands in for them): nothing is told of what is written there elsewhere.
_REMOTE = ("nfs", "cifs", "smb", "fuse", "9p", "ceph", "gluster", "afs", "virtiofs", "vboxsf", "lustre", "ncpfs")


@dataclass(frozen=True, slots=True)
class State:
    """A file as it is at a moment. Another state is another content."""

    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970, by the clock of whoever keeps the file."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file in a watched folder."""

    path: str
    """Below the folder."""
    state: State
    changed: float
    """When it came to lie there, or was written: seconds since 1970."""


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of this name is none of ours: it is hidden, or not finished."""
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


def is_read(path: str) -> bool:
    """Whether the file at this path below a watched folder would be read."""
    parts = PurePosixPath(path).parts
    return not any(map(is_passed_over, parts)) and kind_of(PurePosixPath(path)) is not None


def noted(path: str) -> str:
    """The path as it is remembered: a name may hold bytes that are no text, which no database keeps."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode()


def look_up(root: Path, path: str) -> Dropped | None:
    """The file at this path below the folder; None: there is none, or it is no plain file."""
    try:
        status = (root / path).stat(follow_symlinks=False)
    except OSError:
        return None
    return _dropped(path, status) if stat.S_ISREG(status.st_mode) else None


def find_dropped(
    root: Path,
    below: str,
    others: Iterable[Path],
    enter: Callable[[str, os.stat_result], None],
    barred: Callable[[str, OSError], None],
) -> Iterator[Dropped]:
    """The files to read below a folder, or below one in it. Links are not followed, `others` not entered.

    `enter` is called with each folder before it is looked into, `barred` with those that cannot be. Raises OSError when
    the first cannot be read.
    """
    apart = {str(other) for other in others}
    pending = [below]
    while pending:
        folder = pending.pop()
        try:
            enter(folder, (root / folder).stat())
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    if is_passed_over(entry.name):
                        continue
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if entry.path not in apart:
                            pending.append(path)
                    elif kind_of(PurePosixPath(path)) and entry.is_file(follow_symlinks=False):
                        yield from _found(entry, path)
        except OSError as error:
            if folder == below:
                raise
            barred(folder, error)


def is_remote(folder: Path) -> bool:
    """Whether the folder may be written to without this machine being told."""
    try:
        device = folder.stat().st_dev
        wanted = f"{os.major(device)}:{os.minor(device)}"
        # proc(5), mountinfo: ... major:minor ... - type source options
        for line in Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines():
            fields = line.split()
            if fields[2] == wanted:
                return fields[fields.index("-") + 1].startswith(_REMOTE)
    except (OSError, ValueError, IndexError):
        return True
    return True


def _found(entry: "os.DirEntry[str]", path: str) -> Iterator[Dropped]:
    try:
        yield _dropped(path, entry.stat(follow_symlinks=False))
    except OSError:  # it is gone again
        return


def _dropped(path: str, status: os.stat_result) -> Dropped:
    return Dropped(path, State(status.st_size, status.st_mtime_ns), status.st_ctime)
