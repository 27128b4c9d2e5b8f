"""The files of an import become batches of articles, read as they are asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.intake.clean import TextError, clean_line, shown
from bot.intake.dates import DateOrder
from bot.intake.document import DocumentError, read_document
from bot.intake.files import Found, FoundFile, Skipped, Unreadable
from bot.intake.jsonl import read_jsonl
from bot.intake.reading import Reading, Refusal
from storage.models import NewArticle, Source
from storage.text.terms import slug

DOCUMENT_LIMIT = 10_000_000
"""Bytes of one .txt file."""
REFUSED_KEPT = 1_000
BATCH_ARTICLES = 200
_BATCH_CHARACTERS = 1_000_000  # about 2 MB
_BATCH_FILES = 1_000


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


@dataclass(frozen=True, slots=True)
class Origin:
    """Says which source an article is from, and how its dates are read."""

    known: Mapping[str, Source]
    """The store's sources, by name."""
    title: str = ""
    """The source of everything, as the operator named it; empty: see `source`."""
    zone: str = "UTC"
    """IANA zone of sources that are not known."""
    order: DateOrder | None = None

    def source(self, own: str, folder: str) -> Source:
        """The operator's word, else the line's own, else the folder's name. Raises TextError if that makes no name."""
        title = clean_line(self.title or own or folder)
        name = slug(title)
        if not name:
            raise TextError(f"no source: {shown(title)} has no letter or digit; name one with --source")
        return self.known.get(name) or Source(name=name, title=title, zone=self.zone)


@dataclass(slots=True)
class Batch:
    """What was read since the batch before."""

    articles: list[NewArticle] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    refused: list[FileRefusal] = field(default_factory=list)
    refused_in_all: int = 0
    files: int = 0
    skipped: int = 0
    size: int = 0
    characters: int = 0

    def take(self, path: Path, reading: Reading) -> None:
        self.articles += reading.articles
        self.characters += sum(len(article.body) + len(article.title) for article in reading.articles)
        self.sources.update((source.name, source) for source in reading.sources)
        for refusal in reading.refusals:
            self.refuse(path, refusal)

    def refuse(self, path: Path, refusal: Refusal) -> None:
        self.refused_in_all += 1
        if len(self.refused) < REFUSED_KEPT:
            self.refused.append(FileRefusal(_printable(path), refusal.line, refusal.reason))

    @property
    def full(self) -> bool:
        return (
            len(self.articles) >= BATCH_ARTICLES
            or self.characters >= _BATCH_CHARACTERS
            or self.refused_in_all >= REFUSED_KEPT
            or self.files + self.skipped >= _BATCH_FILES
        )


def read_batches(found: Iterator[Found], origin: Origin) -> Iterator[Batch]:
    """Reads as it is asked. No batch is empty of everything but the last."""
    batch = Batch()
    for item in found:
        match item:
            case Skipped():
                batch.skipped += 1
            case Unreadable(path, reason):
                batch.refuse(path, Refusal(0, reason))
            case FoundFile(path):
                for reading, size in _readings(item, origin):
                    batch.take(path, reading)
                    batch.size += size
                    if batch.full:
                        yield batch
                        batch = Batch()
                batch.files += 1
        if batch.full:
            yield batch
            batch = Batch()
    yield batch


def _readings(file: FoundFile, origin: Origin) -> Iterator[tuple[Reading, int]]:
    """The file's readings, each with the bytes it took. A file that cannot be read is a refusal."""
    read = _document if file.path.suffix.lower() == ".txt" else _jsonl
    try:
        yield from read(file, origin)
    except DocumentError as error:
        yield Reading(refusals=(Refusal(error.line, error.reason),)), file.size
    except TextError as error:
        yield Reading(refusals=(Refusal(0, str(error)),)), file.size
    except OSError as error:
        yield Reading(refusals=(Refusal(0, error.strerror or str(error)),)), file.size


def _document(file: FoundFile, origin: Origin) -> Iterator[tuple[Reading, int]]:
    source = origin.source("", file.folder)
    with file.path.open("rb") as stream:
        data = stream.read(DOCUMENT_LIMIT + 1)
    if len(data) > DOCUMENT_LIMIT:
        raise TextError(f"is over {DOCUMENT_LIMIT // 1_000_000} MB: this is not one article page")
    yield read_document(data, source=source, order=origin.order), file.size


def _jsonl(file: FoundFile, origin: Origin) -> Iterator[tuple[Reading, int]]:
    before = 0
    with file.path.open("rb") as stream:
        for reading in read_jsonl(stream, source_of=lambda own: origin.source(own, file.folder), order=origin.order):
            yield reading, stream.tell() - before
            before = stream.tell()


def _printable(path: Path) -> str:
    """A file's name may hold line ends, or bytes that are no text."""
    text = str(path)
    return text if text.isprintable() else shown(text, 300)
