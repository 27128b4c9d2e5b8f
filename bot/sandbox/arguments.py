"""The arguments of a Bot API call. To Telegram every one of them is a string, whatever the encoding."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader
from aiohttp.web import HTTPRequestEntityTooLarge

if TYPE_CHECKING:
    from aiohttp import web

MOST_PARAMETERS = 1024 * 1024  # bytes
MOST_FILES = 50 * 1024 * 1024


# JSON's null where something was to be said: not the same as saying nothing.
NULL: Any = object()


class Refusal(Exception):  # noqa: N818  an answer, not a failure of ours
    """Telegram's "no": what the answer says. `parameters` is the object of that name (ResponseParameters)."""

    def __init__(self, status: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


class Told(NamedTuple):
    """The result "true", with a word about it."""

    description: str


def bad_request(words: str) -> Refusal:
    return Refusal(400, f"Bad Request: {words}")


def too_many_requests(seconds: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


class Arguments:
    """Arguments by name. A missing one, an empty string and a default are the same thing."""

    def __init__(self, values: dict[str, str], files: dict[str, bytes] | None = None) -> None:
        """`files`: what was uploaded, by the names of its parts."""
        self._values = values
        self.files = files or {}

    @classmethod
    def of(cls, values: dict[str, Any]) -> Arguments:
        """Take arguments from a JSON object."""
        return cls({name: _as_text(value) for name, value in values.items()})

    def text(self, name: str) -> str:
        return self._values.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        try:
            return int(self._values.get(name, ""))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        return self._values.get(name, "").lower() in {"true", "yes", "1"}

    def json(self, name: str, error: str) -> Any:
        """Give the JSON value, NULL for null; None if there is none. Raises Refusal with the words of `error`."""
        value = self._values.get(name)
        if not value:
            return None
        try:
            read = json.loads(value)
        except ValueError:
            raise bad_request(error) from None
        return NULL if read is None else read

    def chat(self) -> int | None:
        """The chat this call is about, as far as the arguments tell."""
        return self.integer("chat_id") or None


async def read_arguments(request: web.Request) -> Arguments:
    """Read query string and body (JSON, urlencoded or multipart); the first of equal names wins. Raises Refusal."""
    files: dict[str, bytes] = {}
    values = await _body(request, files)
    for name, value in request.query.items():
        values.setdefault(name, value)
    _check_encoding(values)
    return Arguments(values, files)


async def _body(request: web.Request, files: dict[str, bytes]) -> dict[str, str]:
    if not request.can_read_body:
        return {}
    if request.content_type == "application/json":
        return _from_json(await request.read())
    if request.content_type == "multipart/form-data":
        return await _form(request, files)
    pairs = parse_qsl((await request.read()).decode("utf-8", "surrogateescape"), keep_blank_values=True)
    return dict(reversed(pairs))


async def _form(request: web.Request, files: dict[str, bytes]) -> dict[str, str]:
    """Read a form; files go to `files`. Raises HTTPRequestEntityTooLarge."""
    values: dict[str, str] = {}
    left = {False: MOST_PARAMETERS, True: MOST_FILES}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        is_file = part.filename is not None
        data = await _part(part, left[is_file])
        left[is_file] -= len(data)
        if is_file:
            files.setdefault(part.name, data)
        else:
            values.setdefault(part.name, data.decode("utf-8", "surrogateescape"))
    return values


async def _part(part: BodyPartReader, most: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(65_536):
        data += chunk
        if len(data) > most:
            raise HTTPRequestEntityTooLarge(max_size=most, actual_size=len(data))
    return bytes(data)


def _from_json(body: bytes) -> dict[str, str]:
    try:
        values = json.loads(body) if body.strip() else {}
    except ValueError:
        raise bad_request("can't parse request: wrong JSON object") from None
    if not isinstance(values, dict):
        raise bad_request("can't parse request: JSON object expected")
    return {name: _as_text(value) for name, value in values.items()}


def _as_text(value: Any) -> str:
    # JSON null is the word "null" to the official server, too.
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _check_encoding(values: dict[str, str]) -> None:
    try:
        "".join(values.values()).encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
