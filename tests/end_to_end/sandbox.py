"""Drives a sandbox process: what tests say and do as people, and what they see.

    async with Sandbox.start() as sandbox:
        ada = await sandbox.add_person("Ada")
        await sandbox.say(ada, "/latest")
        [record] = await sandbox.wait_for(chat=ada)
        assert "Peace" in record["message"]["text"]

The protocol is described in `bot/sandbox/control.py`.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Json = dict[str, Any]
Record = dict[str, Any]

TOKEN = "7000000001:sandbox-token-for-tests"


class TooFewRecordsError(AssertionError):
    """What was waited for did not come in time; `records` are those that did."""

    def __init__(self, wanted: str, records: list[Record]) -> None:
        super().__init__(f"wanted {wanted}, got {len(records)}: {[_brief(record) for record in records[-10:]]}")
        self.records = records


class Sandbox:
    """One bot's side of a running sandbox. `url` is the server, `token` the bot's; chats are the ids of people."""

    def __init__(self, url: str, token: str, session: aiohttp.ClientSession, pid: int = 0) -> None:
        self.url = url
        self.token = token
        self.pid = pid
        self._session = session

    @classmethod
    @asynccontextmanager
    async def start(cls, token: str = TOKEN) -> AsyncIterator[Sandbox]:
        """Start a sandbox process; it ends with the context."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.sandbox", "--host", "127.0.0.1", "--port", "0", stdout=asyncio.subprocess.PIPE
        )
        try:
            line = (await process.stdout.readline()).decode()
            if not line.startswith("listening on "):
                raise RuntimeError(f"the sandbox did not start: it said {line!r}")
            async with aiohttp.ClientSession() as session:
                yield cls(line.removeprefix("listening on ").strip(), token, session, process.pid)
        finally:
            await _end(process)

    @property
    def page(self) -> str:
        """Where the chat page is."""
        return f"{self.url}/chat/{self.token}"

    @property
    def api(self) -> str:
        """The Bot API's base for this bot; methods are paths below it."""
        return f"{self.url}/bot{self.token}"

    def other(self, token: str) -> Sandbox:
        """Another bot of the same server, with a world of its own."""
        return Sandbox(self.url, token, self._session, self.pid)

    # People

    async def add_person(self, first_name: str = "Ada", person_id: int | None = None, **more: Any) -> int:
        """Add somebody (`language_code`, `started`); give their id, which is their chat's id."""
        chosen = {} if person_id is None else {"id": person_id}
        person = await self._post("people", {"first_name": first_name, **chosen, **more})
        return person["id"]

    async def add_people(self, count: int, first_id: int = 10_001, **more: Any) -> list[int]:
        answer = await self._post("people/bulk", {"first_id": first_id, "count": count, **more})
        return answer["people"]

    async def people(self) -> list[Json]:
        return (await self._get("people"))["people"]

    async def say(self, person: int, text: str) -> Json:
        """Write to the bot; give the message."""
        return await self._post("send", {"person": person, "text": text})

    async def edit(self, person: int, message_id: int, text: str) -> Json:
        return await self._post("edit", {"person": person, "message_id": message_id, "text": text})

    async def press(self, person: int, message_id: int, data: str) -> str:
        """Press a callback button; give the callback query's id."""
        return (await self._post("press", {"person": person, "message_id": message_id, "data": data}))["id"]

    async def press_button(self, person: int, message: Json, text: str) -> str:
        """Press the button of `message` that says `text`."""
        return await self.press(person, message["message_id"], button(message, text)["callback_data"])

    async def block(self, person: int) -> None:
        await self._post("block", {"person": person})

    async def unblock(self, person: int) -> None:
        await self._post("unblock", {"person": person})

    async def deactivate(self, person: int) -> None:
        await self._post("deactivate", {"person": person})

    # What happened

    async def messages(self, *, chat: int | None = None, after: int = 0, kind: str | None = None) -> list[Record]:
        """Give the records so far, oldest first."""
        return (await self._get("messages", chat=chat, after=after, kind=kind))["records"]

    async def last(self) -> int:
        """The newest record's number: wait `after` it for what comes next."""
        return (await self._get("messages", after=2**62))["last"]

    async def wait_for(
        self, count: int = 1, *, kind: str | None = "sent", chat: int | None = None, after: int = 0, within: float = 30
    ) -> list[Record]:
        """Give the records beyond `after` once there are `count`. Raises TooFewRecordsError after `within` seconds."""
        wanted = {"count": count, "kind": kind, "chat": chat, "after": after}
        status, answer = await self._call("GET", "wait", query={**wanted, "timeout": within}, within=within + 30)
        if status == 408:
            raise TooFewRecordsError(f"{wanted} within {within} s", answer["records"])
        return answer["records"]

    async def ask(self, person: int, text: str, *, within: float = 30) -> Json:
        """Write to the bot and wait for its next message in that chat; give that message."""
        after = await self.last()
        await self.say(person, text)
        records = await self.wait_for(chat=person, after=after, within=within)
        return records[0]["message"]

    async def requests(self) -> Json:
        """Counters: `methods` by method and status, `in_flight` and `max_in_flight` of sends."""
        return await self._get("requests")

    async def reset_requests(self) -> None:
        await self._call("DELETE", "requests")

    async def commands(self, chat: int | None = None) -> list[Json]:
        return (await self._get("commands", chat=chat))["commands"]

    # Bad days

    async def faults(self, *faults: Json) -> None:
        """Put faults in force, each `{"kind": ..., "method": ..., "chat": ..., "times": ...}`."""
        await self._post("faults", list(faults))

    async def clear_faults(self) -> None:
        await self._call("DELETE", "faults")

    async def settings(self, **settings: Any) -> Json:
        """Set `latency`, `limits`, `date_time`, `username`, `name`, `can_join_groups` ..."""
        return await self._post("settings", settings)

    async def revoke(self) -> None:
        await self._post("revoke", {})

    async def kill_after(self, sends: int, pid: int) -> None:
        """SIGKILL `pid` when the bot's nth message from now is taken and recorded, before it is answered."""
        await self._post("stop_after", {"sends": sends, "pid": pid})

    # HTTP

    async def method(self, name: str, **arguments: Any) -> tuple[int, Json]:
        """Call the Bot API raw; give status and body."""
        async with self._session.post(f"{self.api}/{name}", json=arguments) as response:
            return response.status, await response.json()

    async def _get(self, path: str, **query: Any) -> Json:
        return (await self._call("GET", path, query=query))[1]

    async def _post(self, path: str, body: Any) -> Json:
        return (await self._call("POST", path, body=body))[1]

    async def _call(
        self, verb: str, path: str, *, query: Json | None = None, body: Any = None, within: float = 60
    ) -> tuple[int, Json]:
        params = {name: str(value) for name, value in (query or {}).items() if value is not None}
        url = f"{self.url}/sandbox/{self.token}/{path}"
        limit = aiohttp.ClientTimeout(total=within)
        async with self._session.request(verb, url, params=params, json=body, timeout=limit) as response:
            answer = await response.json()
            if response.status not in {200, 408}:
                raise ValueError(f"{verb} {path}: {response.status} {answer}")
            return response.status, answer


def button(message: Json, text: str) -> Json:
    """Give the button of `message` that says `text`."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = [each for row in rows for each in row]
    for each in buttons:
        if each["text"] == text:
            return each
    raise AssertionError(f"no button {text!r} among {[each['text'] for each in buttons]}")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 5)
    except TimeoutError:
        process.kill()
        await process.wait()


def _brief(record: Record) -> str:
    text = record.get("message", record).get("text", "")
    return f"{record['seq']} {record['kind']} {record['chat']}: {text[:60]!r}"
