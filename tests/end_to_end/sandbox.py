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
from judging import judge_sandbox

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
    """One bot's side of a running sandbox. `url` is the server, `token` the bot's; a person's id is their chat's."""

    def __init__(self, url: str, token: str, session: aiohttp.ClientSession, pid: int = 0) -> None:
        self.url = url
        self.token = token
        self.pid = pid
        self._session = session

    @classmethod
    @asynccontextmanager
    async def start(cls, token: str = TOKEN, *, judged: bool = True) -> AsyncIterator[Sandbox]:
        """Start a sandbox process; it ends with the context, and what was sent there is judged, unless that is much."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.sandbox", "--host", "127.0.0.1", "--port", "0", stdout=asyncio.subprocess.PIPE
        )
        try:
            line = (await process.stdout.readline()).decode()
            if not line.startswith("listening on "):
                raise RuntimeError(f"the sandbox did not start: it said {line!r}")
            url = line.removeprefix("listening on ").strip()
            async with aiohttp.ClientSession() as session:
                yield cls(url, token, session, process.pid)
            if judged:
                await asyncio.to_thread(judge_sandbox, url)
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

    async def say(self, person: int, text: str, **where: Any) -> Json:
        """Write to the bot, or in a chat; give the message.

        `where`: `chat`, `thread` (a topic), `reply_to` (a message's id), `anonymous` (an administrator as the group),
        `as_channel`.
        """
        return await self._post("send", {"person": person, "text": text, **_given(where)})

    async def edit(self, person: int, message_id: int, text: str, *, chat: int | None = None) -> Json:
        body = {"person": person, "message_id": message_id, "text": text, **_given({"chat": chat})}
        return await self._post("edit", body)

    async def press(self, person: int, message_id: int, data: str, *, chat: int | None = None) -> str:
        """Press a callback button; give the callback query's id."""
        body = {"person": person, "message_id": message_id, "data": data, **_given({"chat": chat})}
        return (await self._post("press", body))["id"]

    async def press_button(self, person: int, message: Json, text: str) -> str:
        """Press the button of `message` that says `text`, in the chat where it is."""
        data = button(message, text)["callback_data"]
        return await self.press(person, message["message_id"], data, chat=message["chat"]["id"])

    async def toast(self, person: int, message: Json, text: str) -> str:
        """Press the button of `message` that says `text`; give the notice that the person sees, empty for none."""
        after = await self.last()
        await self.press_button(person, message, text)
        [record] = await self.wait_for(kind="answered", chat=message["chat"]["id"], after=after)
        return record.get("text", "")

    async def delete(self, chat: int, message_id: int) -> None:
        """Somebody deletes a message; the bot is not told."""
        await self._post("delete", {"chat": chat, "message_id": message_id})

    async def block(self, person: int) -> None:
        await self._post("block", {"person": person})

    async def unblock(self, person: int) -> None:
        await self._post("unblock", {"person": person})

    async def deactivate(self, person: int) -> None:
        await self._post("deactivate", {"person": person})

    # Groups, supergroups, channels

    async def add_group(self, owner: int, title: str = "Group", *, kind: str = "supergroup", **more: Any) -> int:
        """Found a group; give its id. `kind`: "group" or "supergroup".

        `more`: `members`, `bot` ("member", "administrator", "none"), `rights`, `forum`, `username`, `id`.
        """
        return (await self._post("chats", {"kind": kind, "title": title, "owner": owner, **more}))["id"]

    async def add_channel(self, owner: int, title: str = "Channel", **more: Any) -> int:
        """Found a channel where the bot is an administrator, unless `bot` says "none"; give its id."""
        return (await self._post("chats", {"kind": "channel", "title": title, "owner": owner, **more}))["id"]

    async def chats(self) -> list[Json]:
        """Give the chats that are not private, each with members, topics and the rest of its state."""
        return (await self._get("chats"))["chats"]

    async def change_chat(self, chat: int, **changes: Any) -> Json:
        """Change `title`, `forum`, `username`, `deleted`, `refuses` (what Telegram says to a message)."""
        return await self._post("chats/change", {"chat": chat, **changes})

    async def add_to_chat(self, chat: int, user: int | str = "bot", **more: Any) -> None:
        """Add the bot or a person; `payload` is that of a ?startgroup= link (with `by`, who followed it)."""
        await self._set_member(chat, user, "member", **more)

    async def promote(self, chat: int, user: int | str = "bot", rights: Json | None = None, **more: Any) -> None:
        """Make the bot or a person an administrator: with all rights but promoting unless `rights` say otherwise.

        `more`: `anonymous`, `title`, `by`.
        """
        await self._set_member(chat, user, "administrator", rights=rights, **more)

    async def demote(self, chat: int, user: int | str = "bot", **more: Any) -> None:
        await self._set_member(chat, user, "member", **more)

    async def restrict(self, chat: int, user: int | str = "bot", rights: Json | None = None, **more: Any) -> None:
        """Leave the bot or a person only `rights`: none unless they are given."""
        await self._set_member(chat, user, "restricted", rights=rights or {}, **more)

    async def kick(self, chat: int, user: int | str = "bot", **more: Any) -> None:
        """Ban the bot or a person."""
        await self._set_member(chat, user, "kicked", **more)

    async def remove(self, chat: int, user: int | str = "bot", **more: Any) -> None:
        """Let the bot or a person be out of the chat, without a ban."""
        await self._set_member(chat, user, "left", **more)

    async def permissions(self, chat: int, **permissions: bool) -> None:
        """Set what ordinary members may do, as `can_send_messages=False`."""
        await self._post("chats/permissions", {"chat": chat, "permissions": permissions})

    async def upgrade(self, chat: int, *, first: str = "old", **more: Any) -> int:
        """Make a basic group a supergroup; give the new id. `first`: whose service message comes first."""
        return (await self._post("chats/upgrade", {"chat": chat, "first": first, **more}))["id"]

    async def link(self, channel: int, group: int) -> None:
        """Let a channel's posts be forwarded to a supergroup."""
        await self._post("chats/link", {"channel": channel, "group": group})

    async def add_topic(self, chat: int, name: str = "Topic", **more: Any) -> int:
        """Open a topic; give its thread's id."""
        return (await self._post("topics", {"chat": chat, "name": name, **more}))["message_thread_id"]

    async def close_topic(self, chat: int, thread: int = 0) -> None:
        """Close a topic; 0 is General."""
        await self._post("topics/close", {"chat": chat, "thread": thread})

    async def reopen_topic(self, chat: int, thread: int = 0) -> None:
        await self._post("topics/reopen", {"chat": chat, "thread": thread})

    async def delete_topic(self, chat: int, thread: int, *, unheard: bool = False) -> None:
        """Delete a topic. `unheard`: the next message there is answered by TOPIC_DELETED."""
        await self._post("topics/delete", {"chat": chat, "thread": thread, "unheard": unheard})

    async def _set_member(self, chat: int, user: int | str, status: str, **more: Any) -> None:
        await self._post("chats/member", {"chat": chat, "user": user, "status": status, **_given(more)})

    # What happened

    async def messages(self, *, chat: int | None = None, after: int = 0, kind: str | None = None) -> list[Record]:
        """Give the records so far, oldest first."""
        return (await self._get("messages", chat=chat, after=after, kind=kind))["records"]

    async def brief(self, *, after: int = 0, kind: str = "sent") -> list[Record]:
        """Give the records so far, without what was said in them."""
        return (await self._get("messages", after=after, kind=kind, brief=1))["records"]

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

    async def ask(self, person: int, text: str, *, within: float = 30, **where: Any) -> Json:
        """Write to the bot, `where` as in `say`, and wait for its next message in that chat; give that message."""
        after = await self.last()
        await self.say(person, text, **where)
        records = await self.wait_for(chat=where.get("chat") or person, after=after, within=within)
        return records[0]["message"]

    async def requests(self) -> Json:
        """Counters: `methods` by method and status, `in_flight` and `max_in_flight` of sends."""
        return await self._get("requests")

    async def reset_requests(self) -> None:
        await self._call("DELETE", "requests")

    async def commands(self, chat: int | None = None, person: int | None = None) -> list[Json]:
        """Give the menu a person sees: in private (`chat` is their id), or as `person` in a group."""
        return (await self._get("commands", chat=chat, person=person))["commands"]

    # Bad days

    async def faults(self, *faults: Json) -> None:
        """Put faults in force, each `{"kind": ..., "method": ..., "chat": ..., "times": ...}`."""
        await self._post("faults", list(faults))

    async def clear_faults(self) -> None:
        await self._call("DELETE", "faults")

    async def settings(self, **settings: Any) -> Json:
        """Set `latency`, `limits`, `date_time`, `username`, `name`, `can_join_groups` ..."""
        return await self._post("settings", settings)

    async def put_ahead(self, seconds: float) -> None:
        """Let this bot's Telegram run so many seconds ahead of the real time."""
        await self._post("clock", {"ahead": seconds})

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


def _given(values: Json) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def buttons(message: Json) -> list[Json]:
    """Give the buttons of `message`, row by row."""
    return [each for row in message.get("reply_markup", {}).get("inline_keyboard", []) for each in row]


def labels(message: Json) -> list[str]:
    """Give what the buttons of `message` say."""
    return [each["text"] for each in buttons(message)]


def button(message: Json, text: str) -> Json:
    """Give the button of `message` that says `text`."""
    for each in buttons(message):
        if each["text"] == text:
            return each
    raise AssertionError(f"no button {text!r} among {labels(message)}")


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
