"""What the bot and its worker process say to each other, through a pipe in each direction.

A request is a pickle: the bot's own word, which the worker trusts. An answer is a header and so many bytes.
"""

import builtins
import io
import pickle
import struct
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum, StrEnum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

ANSWER_LIMIT = 32_000_000
"""Bytes of one answer."""
_HEADER = struct.Struct(">c?I")
HEADER_SIZE = _HEADER.size
# A time is made of these, whatever the job has promised.
_TIMES = (datetime, timedelta, timezone)


class Kind(StrEnum):
    """What came of a job."""

    VALUE = "v"
    UNREADABLE = "u"
    """The job has raised UnreadableError: its message."""
    MEMORY = "m"
    """It took more memory than there is. Nothing follows."""
    FAILED = "f"
    """The job has failed in a way that it should not: the traceback."""


class ForeignError(ValueError):
    """An answer is not what the job has promised."""


@dataclass(frozen=True, slots=True)
class Request:
    """A job for the worker."""

    module: str
    job: str
    seconds: float
    """Of CPU, at most."""
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Header:
    """What comes before an answer's bytes."""

    kind: Kind
    last: bool
    """The worker ends after this one."""
    size: int
    """Bytes that follow."""

    def packed(self) -> bytes:
        return _HEADER.pack(self.kind.encode(), self.last, self.size)

    @classmethod
    def unpacked(cls, data: bytes) -> "Header":
        """Raises ForeignError: it is none, or promises more than an answer may have."""
        kind, last, size = _HEADER.unpack(data)
        if size > ANSWER_LIMIT:
            raise ForeignError(f"an answer of {size:,} bytes")
        try:
            return cls(Kind(kind.decode("ascii", "replace")), last, size)
        except ValueError as error:
            raise ForeignError(f"an answer of no kind that there is: {kind!r}") from error


READY = Header(Kind.VALUE, last=False, size=0)
"""What the worker says first: it takes requests."""


class _Chunks:
    """A file that keeps what is written to it as it is: long bytes are not copied."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.written.append(data)
        return len(data)


def pack_request(request: Request) -> Sequence[bytes]:
    """The request's bytes, in pieces. Long bytes in it are pieces of their own, not copied."""
    chunks = _Chunks()
    pickle.Pickler(chunks, pickle.HIGHEST_PROTOCOL).dump(request)
    return chunks.written


class _Steps(io.RawIOBase):
    """Bytes as a file of Python's own.

    Reading it lets other threads run between two frames of a pickle (64 kB), which `pickle.loads` never does: the event
    loop would stand still until a long answer is made into values.
    """

    def __init__(self, data: bytes) -> None:
        self._left = memoryview(data)

    def read(self, size: int = -1) -> bytes:
        taken = bytes(self._left if size < 0 else self._left[:size])
        self._left = self._left[len(taken) :]
        return taken

    def readline(self, _size: int | None = -1) -> bytes:
        """No pickle of the newer protocols has lines."""
        raise ForeignError("an answer of an old make")


class _Unpickler(pickle.Unpickler):
    """Makes values of the given classes alone. It imports nothing."""

    def __init__(self, data: bytes, classes: Mapping[tuple[str, str], type]) -> None:
        super().__init__(_Steps(data))
        self._classes = classes

    def find_class(self, module: str, name: str) -> type:
        try:
            return self._classes[module, name]
        except KeyError:
            raise ForeignError(f"an answer with a {module}.{name}") from None


def unpack_value(data: bytes, promised: Any) -> Any:
    """The value of an answer, of the type that the job's signature promises.

    Whoever sends it has read hostile bytes, and may have been taken over by them. A pickle can call whatever it can
    name: this one can name the value classes within the promised type, and times, and nothing else. What comes out is
    looked through, too: a number in the place of a text would fail far from here. Raises ForeignError.
    """
    try:
        value = _Unpickler(data, _classes(promised)).load()
    except ForeignError:
        raise
    except Exception as error:  # made-up bytes make `pickle`, and the classes it calls, fail in any way
        raise ForeignError(f"an answer that cannot be read: {error!r:.200}") from error
    if not _check_of(promised)(value):
        raise ForeignError(f"an answer that is no {promised}")
    return value


@cache
def promised_by(job: Callable[..., Any]) -> Any:
    """The type of what the job gives back."""
    return get_type_hints(job)["return"]


@cache
def _classes(promised: Any) -> Mapping[tuple[str, str], type]:
    found = {*_TIMES, *_within(promised)}
    return {(each.__module__, each.__qualname__): each for each in found}


def _within(hint: Any) -> Iterator[type]:
    """The value classes that a type is made of."""
    if is_dataclass(hint) and isinstance(hint, type):
        yield hint
        for inner in _fields(hint).values():
            yield from _within(inner)
    elif isinstance(hint, type) and issubclass(hint, Enum):
        yield hint
    for inner in get_args(hint):
        yield from _within(inner)


@cache
def _fields(cls: type) -> Mapping[str, Any]:
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in fields(cls)}


@cache
def _check_of(hint: Any) -> Callable[[Any], bool]:
    """Says whether a value is of the type. Knows what values of ours are made of; anything else is of no type."""
    inner = get_args(hint)
    match get_origin(hint):
        case types.UnionType:
            checks = [_check_of(one) for one in inner]
            return lambda value: any(check(value) for check in checks)
        case builtins.tuple if inner[1:] == (...,):
            return _check_of_all(tuple, _check_of(inner[0]))
        case builtins.frozenset:
            return _check_of_all(frozenset, _check_of(inner[0]))
        case builtins.tuple:
            return _check_of_each([_check_of(one) for one in inner])
        case _:
            return _check_of_class(hint)


def _check_of_class(hint: Any) -> Callable[[Any], bool]:
    if is_dataclass(hint) and isinstance(hint, type):
        return _check_of_fields(hint)
    if hint is datetime:
        return lambda value: type(value) is datetime and value.tzinfo is not None
    cls = types.NoneType if hint is None else hint
    return lambda value: type(value) is cls


def _check_of_all(cls: type[tuple[Any, ...] | frozenset[Any]], check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: type(value) is cls and all(check(one) for one in value)


def _check_of_each(checks: Sequence[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        if type(value) is not tuple or len(value) != len(checks):
            return False
        return all(check(one) for check, one in zip(checks, value, strict=True))

    return check


def _check_of_fields(cls: type) -> Callable[[Any], bool]:
    checks = [(name, _check_of(hint)) for name, hint in _fields(cls).items()]

    def check(value: Any) -> bool:
        if type(value) is not cls:
            return False
        # A pickle may leave out a field.
        return all(check(getattr(value, name, ...)) for name, check in checks)

    return check
