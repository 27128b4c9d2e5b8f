"""The files of an import become batches of articles, read as they are asked for."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.intake.documents.contents import Part, Pending, printable, read_file, refused
from bot.intake.documents.files import Found, FoundFile, Skipped, Unreadable
from bot.intake.documents.origin import Origin
from bot.intake.documents.saved import Entries
from bot.intake.parsing.entries import ListedFeed
from bot.intake.parsing.reading import Refusal
from bot.intake.processes.threadjobs import ThreadJobs
from storage.models import NewArticle, Source

REFUSED_KEPT = 1_000
BATCH_ARTICLES = 200
_BATCH_CHARACTERS = 1_000_000  # about 2 MB
_BATCH_FILES = 1_000
_MOST_PENDING = 16  # files that are with the workers, or wait for them
_MOST_BYTES_PENDING = 20_000_000


@dataclass(frozen=True, slots=True)
class FileRefusal:
    """Something that was not taken."""

    path: str
    """As named, fit for printing."""
    line: int
    """From 1; 0: the whole file."""
    reason: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.reason}"


@dataclass(slots=True)
class Batch:
    """What was read since the batch before."""

    articles: list[NewArticle] = field(default_factory=list)
    entries: list[Entries] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    feeds: list[tuple[str, ListedFeed]] = field(default_factory=list)
    """With the file that lists each."""
    refused: list[FileRefusal] = field(default_factory=list)
    refused_in_all: int = 0
    files: int = 0
    skipped: int = 0
    size: int = 0
    characters: int = 0
    read_as_entries: int = 0

    def take(self, part: Part) -> None:
        reading = part.reading
        self.articles += reading.articles
        self.characters += sum(len(article.body) + len(article.title) for article in reading.articles)
        self.sources.update((source.name, source) for source in reading.sources)
        if part.entries:
            self.entries.append(part.entries)
            self.read_as_entries += len(part.entries.document.entries)
            self.characters += sum(len(entry.body) for entry in part.entries.document.entries)
        self.feeds += ((part.path, feed) for feed in part.feeds)
        self.files += part.files
        self.skipped += part.skipped
        self.size += part.size
        for refusal in reading.refusals:
            self.refuse(part.path, refusal)

    def refuse(self, path: str, refusal: Refusal) -> None:
        self.refused_in_all += 1
        if len(self.refused) < REFUSED_KEPT:
            self.refused.append(FileRefusal(path, refusal.line, refusal.reason))

    @property
    def full(self) -> bool:
        return (
            len(self.articles) + self.read_as_entries >= BATCH_ARTICLES
            or self.characters >= _BATCH_CHARACTERS
            or self.refused_in_all >= REFUSED_KEPT
            or self.files + self.skipped >= _BATCH_FILES
        )


def read_batches(found: Iterator[Found], origin: Origin, jobs: ThreadJobs) -> Iterator[Batch]:
    """Reads as it is asked. No batch is empty of everything but the last."""
    return batches_of(_parts(found, origin, jobs))


def batches_of(parts: Iterator[Part | Pending]) -> Iterator[Batch]:
    """Likewise."""
    batch = Batch()
    for part in _finished(parts):
        batch.take(part)
        if batch.full:
            yield batch
            batch = Batch()
    yield batch


def _parts(found: Iterator[Found], origin: Origin, jobs: ThreadJobs) -> Iterator[Part | Pending]:
    for item in found:
        match item:
            case Skipped(path):
                yield Part(printable(path), skipped=1)
            case Unreadable(path, reason):
                yield refused(printable(path), reason)
            case FoundFile(path):
                yield from read_file(item, origin, jobs)
                yield Part(printable(path), files=1)


def _finished(parts: Iterator[Part | Pending]) -> Iterator[Part]:
    """The parts as they are made: while the workers are at some, the next are read."""
    pending: deque[Pending] = deque()
    weight = 0
    for part in parts:
        if isinstance(part, Part):
            yield part
            continue
        pending.append(part)
        weight += part.weight
        while len(pending) > _MOST_PENDING or weight > _MOST_BYTES_PENDING:
            first = pending.popleft()
            weight -= first.weight
            yield first.finish()
    while pending:
        yield pending.popleft().finish()
