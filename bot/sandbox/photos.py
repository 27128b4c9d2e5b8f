"""Photos: from where they come, what Telegram takes, and their sizes (Bot API, "Sending files").

A picture is measured by its header (PNG, JPEG, GIF, WebP); it is not decoded.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.arguments import Arguments, bad_request
from bot.sandbox.urls import LinkError, checked_link

if TYPE_CHECKING:
    from bot.sandbox.world import World

Json = dict[str, Any]

MOST_UPLOADED = 10 * 1024 * 1024
MOST_FETCHED = 5 * 1024 * 1024
MOST_DOWNLOADED = 20 * 1024 * 1024
MOST_SIDES = 10_000  # width and height together
MOST_RATIO = 20
SMALL = 320
PATIENCE = 20.0  # seconds to fetch a picture
_LOCAL = ("http://127.0.0.1:", "http://localhost:")


@dataclass(slots=True)
class Files:
    """What was uploaded or fetched, by file_id and by path."""

    ids: dict[str, bytes] = field(default_factory=dict)
    sizes: dict[str, list[Json]] = field(default_factory=dict)

    def add(self, data: bytes) -> list[Json]:
        """Keep a picture; give its sizes as the Bot API shows them. Raises Refusal for what is none."""
        measured = measure(data)
        if measured is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        width, height = measured
        if width + height > MOST_SIDES or max(width, height) > MOST_RATIO * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        unique = sha256(data).hexdigest()[:15]
        file_id = f"AgACAgI{unique}"
        self.ids[file_id] = data
        self.sizes[file_id] = [_size(file_id, unique, width, height, len(data))]
        return self.sizes[file_id]


class Source(NamedTuple):
    """Where a photo comes from: what was uploaded, or else a link or a file_id."""

    upload: bytes | None
    name: str


def photo_source(arguments: Arguments) -> Source:
    """Read `photo`. Raises Refusal."""
    source = _source(arguments, arguments.text("photo"), "photo")
    if source is None:
        raise bad_request("there is no photo in the request")
    return source


def media_source(arguments: Arguments) -> tuple[Source, Arguments]:
    """Read `media` (InputMediaPhoto); give where the photo is, and its caption as arguments. Raises Refusal."""
    if not arguments.text("media"):
        raise bad_request('parameter "media" is required')
    media = arguments.json("media", "can't parse input media JSON object")
    if not isinstance(media, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    written = Arguments.of(media)
    source = _source(arguments, written.text("media"))
    if source is None:
        raise bad_request("can't parse InputMedia: media not found")
    if written.text("type") != "photo":
        raise bad_request(f'can\'t parse InputMedia: type "{written.text("type")}" is unsupported')
    return source, written


def _source(arguments: Arguments, name: str, part: str = "") -> Source | None:
    """`part`: where an upload is if nothing is named."""
    attached = name.startswith("attach://")
    upload = arguments.files.get(name.removeprefix("attach://") if attached else part)
    if name and not attached:
        return Source(None, name)
    return None if upload is None else Source(upload, "")


async def get_file(world: World, arguments: Arguments) -> Json:
    data = world.files.ids.get(arguments.text("file_id"))
    if data is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(data) > MOST_DOWNLOADED:
        raise bad_request("file is too big")
    [size] = world.files.sizes[arguments.text("file_id")]
    kept = {name: size[name] for name in ("file_id", "file_unique_id", "file_size")}
    return {**kept, "file_path": path_of(arguments.text("file_id"))}


def path_of(file_id: str) -> str:
    return f"photos/{file_id}"


async def take(world: World, source: Source) -> list[Json]:
    """Take a photo into the world's files, or find it there; give its sizes. Raises Refusal."""
    if source.upload is not None:
        if not source.upload:
            raise bad_request("file must be non-empty")
        if len(source.upload) > MOST_UPLOADED:
            raise bad_request("file is too big")
        return world.files.add(source.upload)
    if source.name in world.files.sizes:
        return world.files.sizes[source.name]
    return world.files.add(await _fetched(source.name))


async def _fetched(source: str) -> bytes:
    """Fetch a picture from this machine; in place of one from elsewhere draw one. Raises Refusal.

    Nothing leaves this machine. Whose host ends in .invalid (RFC 2606) cannot be fetched.
    """
    if source.startswith(_LOCAL):
        return await _fetched_here(source)
    if "." not in source:
        raise bad_request("wrong remote file identifier specified: Wrong character in the string")
    try:
        url = checked_link(source)
    except LinkError:
        raise bad_request("wrong file identifier/HTTP URL specified") from None
    if (urlsplit(url).hostname or "").endswith(".invalid"):
        raise bad_request("failed to get HTTP URL content")
    return _drawn(sha256(url.encode()).digest()[:3])


def _drawn(colour: bytes) -> bytes:
    """A picture of one colour (red, green, blue), as PNG."""
    width, height = 640, 360
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0),
        b"IDAT": zlib.compress((b"\0" + colour * width) * height),
        b"IEND": b"",
    }
    chunks = (struct.pack(">I", len(data)) + kind + data for kind, data in parts.items())
    sums = (struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts.items())
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk + check for chunk, check in zip(chunks, sums, strict=True))


async def _fetched_here(url: str) -> bytes:
    limit = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with aiohttp.ClientSession(timeout=limit) as session, session.get(url) as response:
            return await _body(response)
    except (TimeoutError, aiohttp.ClientError):
        raise bad_request("failed to get HTTP URL content") from None


async def _body(response: aiohttp.ClientResponse) -> bytes:
    if response.status != 200:
        raise bad_request("failed to get HTTP URL content")
    if not response.content_type.startswith("image/"):
        raise bad_request("wrong type of the web page content")
    data = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        data += chunk
        if len(data) > MOST_FETCHED:
            raise bad_request("failed to get HTTP URL content")
    return bytes(data)


def _size(file_id: str, unique: str, width: int, height: int, size: int) -> Json:
    return {"file_id": file_id, "file_unique_id": unique, "file_size": size, "width": width, "height": height}


def measure(data: bytes) -> tuple[int, int] | None:
    """Give width and height of a picture; None for what is none."""
    for read in (_png, _gif, _webp, _jpeg):
        try:
            size = read(data)
        except (struct.error, IndexError):
            return None
        if size is not None:
            return size if min(size) > 0 else None
    return None


def _png(data: bytes) -> tuple[int, int] | None:
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _gif(data: bytes) -> tuple[int, int] | None:
    if data[:6] not in {b"GIF87a", b"GIF89a"}:
        return None
    width, height = struct.unpack("<HH", data[6:10])
    return width, height


def _webp(data: bytes) -> tuple[int, int] | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    if data[12:16] == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", data[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """Go from segment to segment until one has the frame (ITU T.81, B.1.1.3: 0xC0 to 0xCF but for three)."""
    if data[:3] != b"\xff\xd8\xff":
        return None
    at = 2
    while data[at] == 0xFF:
        kind = data[at + 1]
        if 0xC0 <= kind <= 0xCF and kind not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
