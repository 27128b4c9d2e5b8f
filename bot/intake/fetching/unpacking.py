"""What an answer is packed in is taken off piece by piece, within bounds (RFC 9110, Content-Encoding). Pure."""

import zlib
from collections.abc import Iterator
from enum import Enum

PIECE = 2**14
"""Bytes unpacked in one go: a fraction of a millisecond; so many may be lost where something is broken."""
MOST_MEMBERS = 1_000  # RFC 1952 lets a file be many; each costs time, however little it holds
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


class CodingError(ValueError):
    """It is packed in what was not asked for. The message says in what."""


class _State(Enum):
    BEGINNING = 0
    PLAIN = 1
    PACKED = 2
    ENDED = 3


class Unpacker:
    """A body as it arrives, with one layer of gzip or deflate taken off, and never more than `limit` bytes of it.

    What begins like gzip is gzip, and what begins like text is text, whatever the headers say: many of them lie.
    """

    def __init__(self, coding: str, limit: int) -> None:
        """`coding` is the Content-Encoding header. Raises CodingError."""
        self._deflated = _coding_of(coding) == "deflate"
        self._limit = limit
        self._state = _State.BEGINNING
        self._first = b""
        self._inflater = zlib.decompressobj()
        self._members = 0  # parts of a gzip file that were begun
        self._taken = 0
        self._body = bytearray()
        self.cut = False
        """There was more than `limit`: what else comes is not wanted."""
        self.broken = False
        """It cannot be unpacked any further."""

    @property
    def body(self) -> bytes:
        """What was read so far."""
        return bytes(self._body)

    @property
    def size(self) -> int:
        """So many bytes were read so far."""
        return len(self._body)

    @property
    def wants_more(self) -> bool:
        """Whether what else comes would be read."""
        return not (self.cut or self.broken or self._state is _State.ENDED)

    def feed(self, data: bytes) -> Iterator[None]:
        """Take what has come; pauses after each piece, so that the caller may let others work in between."""
        self._taken += len(data)
        while data and self.wants_more:
            if self._state is _State.BEGINNING:
                data = self._begin(self._first + data)
            elif self._state is _State.PLAIN:
                self._keep(data)
                data = b""
                yield
            else:
                data = self._inflate(data)
                yield
        # Packing makes nothing longer: who sends more than may come out sends nothing but wrapping.
        self.cut = self.cut or (self.wants_more and self._taken > self._limit + PIECE)

    def end(self) -> None:
        """Nothing else comes."""
        if self._state is _State.BEGINNING and not self._members:
            self._keep(self._first)
        self.broken = self.broken or (self._state is _State.PACKED and not self.cut)

    def _begin(self, data: bytes) -> bytes:
        """Decide what it is, or what follows in it; what has come of that."""
        self._first = data
        if len(data) < len(_GZIP_MAGIC):
            return b""
        if data.startswith(_GZIP_MAGIC):
            self._state, self._inflater = _State.PACKED, zlib.decompressobj(_GZIP)
            self._members += 1
            self.cut = self._members > MOST_MEMBERS
        elif self._members:
            self._state = _State.ENDED  # other bytes behind it mean nothing
        elif self._deflated and not data.startswith((b"<", b"{")):
            # RFC 9110 means zlib's format; some send the bare stream.
            is_zlib = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2]) % 31 == 0
            self._state, self._inflater = _State.PACKED, zlib.decompressobj(_ZLIB if is_zlib else _RAW)
        else:
            self._state = _State.PLAIN
        self._first = b""
        return data

    def _keep(self, data: bytes) -> None:
        room = self._limit - len(self._body)
        self._body += data if len(data) <= room else data[:room]
        self.cut = self.cut or len(data) > room

    def _inflate(self, data: bytes) -> bytes:
        """Unpack a piece; what is left to unpack."""
        # One byte beyond the limit tells that there is more. Never 0, which means any number.
        most = min(PIECE, self._limit - len(self._body) + 1)
        try:
            self._keep(self._inflater.decompress(data, most))
        except zlib.error:
            self.broken = True
            return b""
        if not self._inflater.eof:
            return self._inflater.unconsumed_tail
        self._state = _State.BEGINNING if self._members else _State.ENDED
        return self._inflater.unused_data


def _coding_of(header: str) -> str:
    layers = [name for name in map(str.strip, header.lower().split(",")) if name not in {"", "identity"}]
    if not layers:
        return ""
    if len(layers) > 1:
        raise CodingError("packed more than once")
    if layers[0] not in {"gzip", "x-gzip", "deflate"}:
        raise CodingError("packed in a way that was not asked for")
    return layers[0]
