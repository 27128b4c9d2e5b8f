"""JSON Lines that may still be written: whole lines are read, each once; the last one waits for its end."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from bot.intake.documents.contents import Content, Part, Pending, printable, read_content
from bot.intake.documents.files import Kind
from bot.intake.documents.origin import Origin
from bot.intake.parsing.reading import Refusal
from bot.intake.processes.threadjobs import ThreadJobs

_COMPARED = 1_000


@dataclass(slots=True)
class Tail:
    """How far a file was read."""

    place: int = 0
    """Bytes."""
    lines: int = 0
    before: bytes = b""
    """The last bytes before `place`: where they are others, it is another file."""
    waits: bool = field(default=False)
    """There is a line without an end after it."""


class _WholeLines(io.RawIOBase):
    """The lines of a stream from a place on. A last one without an end is there only if it is an object, or `final`."""

    def __init__(self, stream: BinaryIO, tail: Tail, *, final: bool) -> None:
        self._stream = stream
        self._tail = tail
        self._final = final

    def readline(self, size: int | None = -1, /) -> bytes:
        limit = -1 if size is None else size
        line = self._stream.readline(limit)
        if line and not line.endswith(b"\n") and len(line) != limit and not self._final and not _is_object(line):
            self._tail.waits = True
            return b""
        self._tail.place += len(line)
        self._tail.lines += line.endswith(b"\n")
        return line


def read_growing(file: Path, origin: Origin, jobs: ThreadJobs, tail: Tail, *, final: bool) -> Iterator[Part | Pending]:
    """What was written to the file since `tail`, which is brought up to date. Raises OSError.

    `final`: it has rested, and its last line is as whole as it will be.
    """
    with file.open("rb") as stream:
        _go_on(stream, tail)
        tail.waits = False
        lines = tail.lines
        content = Content(
            printable(file),
            Kind.LINES,
            file.parent.name,
            _WholeLines(stream, tail, final=final),  # type: ignore[arg-type]  # lines are all that is asked for
            0,
            packed=True,
            modified=datetime.now(UTC),
        )
        for part in read_content(content, origin, jobs):
            yield _further_down(part, lines) if isinstance(part, Part) and lines else part
        stream.seek(max(0, tail.place - _COMPARED))
        tail.before = stream.read(min(tail.place, _COMPARED))


def _go_on(stream: BinaryIO, tail: Tail) -> None:
    """Go to where the file was read to; to its beginning if it is another file by now."""
    stream.seek(max(0, tail.place - _COMPARED))
    if stream.read(min(tail.place, _COMPARED)) != tail.before:
        tail.place = tail.lines = 0
    stream.seek(tail.place)


def _further_down(part: Part, lines: int) -> Part:
    refusals = tuple(Refusal(refusal.line + lines, refusal.reason) for refusal in part.reading.refusals)
    return replace(part, reading=replace(part.reading, refusals=refusals))


def _is_object(line: bytes) -> bool:
    """Whether a line is whole though nothing ends it: an object that is cut is none."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
