"""A zip archive's files, read one after the other. Nothing of it is written anywhere, so no name in it can do harm.

Whatever the archive says of itself, bounds hold for what comes out of it: how many files, how many bytes, and how many
times its own size. Only what is stored as it is or deflated (APPNOTE 4.4.5: methods 0 and 8) is read: the others can
make a few bytes into gigabytes at one go.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

MEMBERS_LIMIT = 100_000
DIRECTORY_LIMIT = 30_000_000
"""Bytes of the list of its files, which is read as a whole."""
TOTAL_LIMIT = 10_000_000_000
"""Bytes that come out of one archive."""
RATIO_LIMIT = 200
"""So many times its own size; prose shrinks to a third, the most repetitive JSON Lines to a fiftieth."""
_ALWAYS = 50_000_000  # bytes: whatever the ratio
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1  # APPNOTE 4.4.4, bit 0
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError, ValueError)
# The end of the list of files (APPNOTE 4.3.16), which says how many there are and how long their list is; before it,
# where that takes more room or might have, the same in larger figures (4.3.14) and where that stands (4.3.15).
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_LARGE_END = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_SIZE = 20
_LOCATOR_MARK = b"PK\x06\x07"
_LONGEST_END = _LARGE_END.size + _LOCATOR_SIZE + _END.size + 0xFFFF
_PIECE = 65_536


class ArchiveError(ValueError):
    """An archive, or a file in it, cannot be read. The message says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive."""

    path: PurePosixPath
    """Its name, as the archive has it: only to be shown."""
    packed: int
    """Bytes of the archive that it takes."""
    modified: datetime
    """Without a zone."""
    info: zipfile.ZipInfo

    @property
    def folder(self) -> str:
        """The name of the folder that it lies in; empty: it lies in none."""
        folder = self.path.parent.name
        return "" if folder == ".." else folder


class Archive:
    """An archive that is open."""

    def __init__(self, zipped: zipfile.ZipFile, size: int) -> None:
        self._zipped = zipped
        self._left = min(TOTAL_LIMIT, max(_ALWAYS, size * RATIO_LIMIT))

    def members(self) -> Iterator[Member]:
        """Its files, in the archive's order, without hidden ones (a name with a leading dot, on whatever level)."""
        for info in self._zipped.infolist():
            path = PurePosixPath(info.filename.replace("\\", "/"))
            if not info.is_dir() and not any(_is_hidden(part) for part in path.parts):
                yield Member(path, info.compress_size, _moment(info), info)

    @contextmanager
    def opened(self, member: Member) -> Iterator[BinaryIO]:
        """What is in one of its files, as a stream. Raises ArchiveError, also while it is read."""
        if member.info.flag_bits & _ENCRYPTED:
            raise ArchiveError("is encrypted")
        if member.info.compress_type not in _METHODS:
            raise ArchiveError(f"is packed in a way that is not read (method {member.info.compress_type}): use deflate")
        with _faults_named():
            packed = self._zipped.open(member.info)
        with packed:
            yield io.BufferedReader(_Unpacked(packed, self), _PIECE)

    def spend(self, size: int) -> None:
        """Count what has come out of it. Raises ArchiveError when it is too much."""
        self._left -= size
        if self._left < 0:
            raise ArchiveError(f"over {RATIO_LIMIT} times its size, or 10 GB, comes out of the archive: not read on")

    @property
    def is_spent(self) -> bool:
        """Whether more came out of it than is read."""
        return self._left < 0


@contextmanager
def open_archive(path: Path, *, most: int = MEMBERS_LIMIT) -> Iterator[Archive]:
    """The archive at this path. Raises ArchiveError when it is none, is cut, or lists over `most` files; OSError."""
    with path.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        _check_list(stream, size, most)
        try:
            with _faults_named():
                zipped = zipfile.ZipFile(stream)
        except ArchiveError as error:
            raise ArchiveError(f"is no zip archive, or not all of one ({error})") from error
        with zipped:
            if len(zipped.filelist) > most:  # whatever its list has said
                raise ArchiveError(f"lists more than {most:,} files")
            yield Archive(zipped, size)


class _Unpacked(io.RawIOBase):
    """A file's bytes as they come out, counted."""

    def __init__(self, packed: IO[bytes], archive: Archive) -> None:
        self._packed = packed
        self._archive = archive

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the base says Any
        with _faults_named():
            data = self._packed.read(len(buffer))
        self._archive.spend(len(data))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def _faults_named() -> Iterator[None]:
    """What a broken archive makes the libraries raise is an ArchiveError."""
    try:
        yield
    except _FAULTS as error:
        raise ArchiveError(f"is broken: {error}") from error


def _check_list(stream: BinaryIO, size: int, most: int) -> None:
    """Look how long the list of files is before all of it is read."""
    stream.seek(max(0, size - _LONGEST_END))
    end = stream.read()
    at = end.rfind(_END_MARK, 0, max(0, len(end) - _END.size + len(_END_MARK)))
    if at < 0:
        raise ArchiveError("is no zip archive, or not all of one")
    files, length = _END.unpack_from(end, at)[4:6]
    locator = at - _LOCATOR_SIZE
    if locator >= _LARGE_END.size and end.startswith(_LOCATOR_MARK, locator):
        files, length = _LARGE_END.unpack_from(end, locator - _LARGE_END.size)[7:9]
    if files > most or length > DIRECTORY_LIMIT:
        raise ArchiveError(f"lists more than {most:,} files")


def _is_hidden(part: str) -> bool:
    return part.startswith(".") and part not in {".", ".."}


def _moment(info: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*info.date_time)  # noqa: DTZ001  the format knows no zones
    except ValueError:
        return datetime(1980, 1, 1)  # noqa: DTZ001  likewise: its first day
