"""What is in a file, by its kind, becomes articles; a list of feeds becomes feeds.

Text is read where it is, HTML and XML in the workers: what is written in those can cost whoever reads it hours.
"""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePath
from typing import BinaryIO, TypeVar
from zoneinfo import ZoneInfo

from bot.intake.documents.archives import Archive, ArchiveError, Member, open_archive
from bot.intake.documents.files import FoundFile, Kind, kind_of
from bot.intake.documents.origin import Origin
from bot.intake.documents.saved import Entries
from bot.intake.parsing.clean import TextError, shown
from bot.intake.parsing.document import DocumentError, read_document
from bot.intake.parsing.entries import Entry, FeedDocument, ListedFeed, UnreadableError
from bot.intake.parsing.jsonl import read_jsonl
from bot.intake.parsing.reading import Reading, Refusal
from bot.intake.processes.jobs import read_feed, read_opml, read_page
from bot.intake.processes.threadjobs import ThreadJobs

WHOLE_LIMIT = 10_000_000
"""Bytes of a file that is read as a whole."""
# A list of feeds is often saved as .xml.
_LIST = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:<[?!][^>]*>\s*)*<opml\b", re.IGNORECASE)
_SNIFFED = 4_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what is in a file."""

    path: str
    """The file's, and that of the file in it, fit for printing."""
    reading: Reading = field(default_factory=Reading)
    entries: Entries | None = None
    """What may be known already, by other names: the store is to be asked."""
    feeds: tuple[ListedFeed, ...] = ()
    size: int = 0
    """Bytes of the file that it took."""
    files: int = 0
    """How many were finished with it."""
    skipped: int = 0
    """How many are of no kind that is read."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A part that is being made in a worker."""

    weight: int
    """Bytes that it holds until then."""
    finish: Callable[[], Part]
    """Waits until it is made."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be read: a file, or a file in an archive."""

    path: str
    """Fit for printing."""
    kind: Kind
    folder: str
    """The name of the folder that it lies in."""
    stream: BinaryIO
    size: int
    """Bytes; in an archive as it is packed."""
    packed: bool
    modified: datetime
    """Without a zone: it is said without one."""

    def written(self, zone: str) -> datetime:
        """When it was written; in this zone (IANA) if it is said without one."""
        moment = self.modified if self.modified.tzinfo else self.modified.replace(tzinfo=ZoneInfo(zone))
        return moment.astimezone(UTC)

    def whole(self, what: str) -> bytes:
        """All of it. Raises TextError when that is too much."""
        data = self.stream.read(WHOLE_LIMIT + 1)
        if len(data) > WHOLE_LIMIT:
            raise TextError(f"is over {WHOLE_LIMIT // 1_000_000} MB: this is not one {what}")
        return data


def read_file(file: FoundFile, origin: Origin, jobs: ThreadJobs) -> Iterator[Part | Pending]:
    """What is in the file. What cannot be read is a part that says why."""
    path = printable(file.path)
    kind = kind_of(file.path)
    try:
        if kind is Kind.ARCHIVE:
            yield from _archive(file, path, origin, jobs)
        elif kind:
            with file.path.open("rb") as stream:
                written = datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC)
                content = Content(path, kind, file.folder, stream, file.size, packed=False, modified=written)
                yield from read_content(content, origin, jobs)
    except ArchiveError as error:
        yield refused(path, str(error), size=file.size)
    except OSError as error:
        yield refused(path, error.strerror or str(error), size=file.size)


def read_content(content: Content, origin: Origin, jobs: ThreadJobs) -> Iterator[Part | Pending]:
    """Likewise. Raises ArchiveError, OSError."""
    try:
        match content.kind:
            case Kind.DOCUMENT:
                yield _document(content, origin)
            case Kind.LINES:
                yield from _lines(content, origin)
            case Kind.PAGE:
                yield _page(content, origin, jobs)
            case Kind.FEED:
                data = content.whole("feed")
                is_list = _LIST.match(data, 0, _SNIFFED)
                yield _list(content, data, jobs) if is_list else _feed(content, data, origin, jobs)
            case Kind.LIST:
                yield _list(content, content.whole("list of feeds"), jobs)
            case Kind.ARCHIVE:
                yield refused(content.path, "an archive in an archive is not read", size=content.size)
    except DocumentError as error:
        yield refused(content.path, error.reason, line=error.line, size=content.size)
    except TextError as error:
        yield refused(content.path, str(error), size=content.size)


def refused(path: str, reason: str, *, line: int = 0, size: int = 0) -> Part:
    """The part that says why nothing was taken of it."""
    return Part(path, Reading(refusals=(Refusal(line, reason),)), size=size)


def printable(path: PurePath) -> str:
    """A file's name may hold line ends, or bytes that are no text."""
    text = str(path)
    return text if text.isprintable() else shown(text, 300)


def _archive(file: FoundFile, path: str, origin: Origin, jobs: ThreadJobs) -> Iterator[Part | Pending]:
    left = file.size
    with open_archive(file.path) as archive:
        for member in archive.members():
            kind = kind_of(member.path)
            if kind is None:
                yield Part(path, skipped=1)
                continue
            inside = f"{path}/{printable(member.path)}"
            left -= member.packed
            try:
                yield from _member(archive, member, kind, inside, file.path.stem, origin, jobs)
            except ArchiveError as error:
                yield refused(inside, str(error), size=member.packed)
            if archive.is_spent:
                break
    yield Part(path, size=max(0, left))


def _member(  # noqa: PLR0913, PLR0917  what was found where, and how it is read
    archive: Archive, member: Member, kind: Kind, path: str, folder: str, origin: Origin, jobs: ThreadJobs
) -> Iterator[Part | Pending]:
    with archive.opened(member) as stream:
        content = Content(
            path, kind, member.folder or folder, stream, member.packed, packed=True, modified=member.modified
        )
        yield from read_content(content, origin, jobs)


def _document(content: Content, origin: Origin) -> Part:
    source = origin.source("", content.folder)
    reading = read_document(content.whole("article page"), source=source, order=origin.order)
    return Part(content.path, reading, size=content.size)


def _lines(content: Content, origin: Origin) -> Iterator[Part]:
    before = 0
    readings = read_jsonl(content.stream, source_of=lambda own: origin.source(own, content.folder), order=origin.order)
    for reading in readings:
        after = before if content.packed else content.stream.tell()
        yield Part(content.path, reading, size=after - before)
        before = after
    yield Part(content.path, size=content.size if content.packed else 0)


def _page(content: Content, origin: Origin, jobs: ThreadJobs) -> Pending:
    source = origin.source("", content.folder)
    data = content.whole("article page")
    reading = jobs.begin(read_page, data, content_type="", url="", zone=source.zone, now=origin.now())

    def entries(entry: Entry) -> Part:
        found = Entries(FeedDocument("page", (entry,)), source, content.written(source.zone))
        return Part(content.path, Reading(sources=(source,)), found, size=content.size)

    return _pending(content, len(data), reading, entries)


def _feed(content: Content, data: bytes, origin: Origin, jobs: ThreadJobs) -> Pending:
    def read_in(zone: str) -> Future[FeedDocument]:
        return jobs.begin(read_feed, data, content_type="", url="", zone=zone, now=origin.now())

    def entries(document: FeedDocument) -> Part:
        source = origin.source_of_feed(document.title, content.folder)
        if source.zone != zone:  # who it is, it says itself
            document = read_in(source.zone).result()
        found = Entries(document, source, content.written(source.zone))
        # A place in a feed is no line of a file.
        refusals = tuple(
            Refusal(0, f"entry {refusal.line}: {refusal.reason}" if refusal.line else refusal.reason)
            for refusal in document.refusals
        )
        sources = (source,) if document.entries else ()
        return Part(content.path, Reading((), refusals, sources), found, size=content.size)

    zone = origin.folder.zone if origin.folder else origin.zone
    return _pending(content, len(data), read_in(zone), entries)


def _list(content: Content, data: bytes, jobs: ThreadJobs) -> Pending:
    def feeds(listed: tuple[ListedFeed, ...]) -> Part:
        return Part(content.path, feeds=listed, size=content.size)

    return _pending(content, len(data), jobs.begin(read_opml, data), feeds)


def _pending(content: Content, weight: int, reading: Future[T], made: Callable[[T], Part]) -> Pending:
    def finish() -> Part:
        try:
            return made(reading.result())
        except (UnreadableError, TextError) as error:
            return refused(content.path, str(error), size=content.size)

    return Pending(weight, finish)
