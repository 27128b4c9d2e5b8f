"""The side of people and tests: JSON over HTTP at `/sandbox/<TOKEN>/...`.

Bodies of POST are JSON objects with `Content-Type: application/json` (which no foreign web page can send here unasked).
A fault of the caller is answered by 400 or 404 with `{"error": "..."}`.

    GET    /sandbox (of the server)      {"bots": [token ...]}: all that have ever called or been looked at
    GET    /bot                          {"id", "username", "name", "description", "settings": {...}}
    GET    /people                       {"people": [person ...]}
    POST   /people                       {"id"?, "first_name", "language_code"?, "started"?, "username"?, "is_bot"?}
                                         -> person; `is_bot`: another bot
    POST   /people/bulk                  {"first_id", "count", "language_code"?, "started"?} -> {"people": [ids]}
    POST   /send                         {"person", "text", "chat"?, "thread"?, "reply_to"?, "anonymous"?,
                                         "as_channel"?} -> message. Without `chat` in private, where it unblocks, as
                                         Telegram's own apps do. `thread`: a topic; `anonymous`: an administrator as
                                         the group; `as_channel`: as this channel. In a channel it is a post
    POST   /edit                         {"person", "message_id", "text", "chat"?} -> message
    POST   /press                        {"person", "message_id", "data", "chat"?} -> {"id": of the callback query}
    POST   /delete                       {"chat", "message_id"} -> message: a person deletes it; the bot is not told
    POST   /block /unblock /deactivate   {"person"} -> person
    GET    /messages?chat=&after=&kind=&brief=  {"records": [record ...], "last": seq}; with `brief=1` without what was
                                         said in them
    GET    /wait?after=&kind=&chat=&count=1&timeout=30   the same, once there are `count`; 408 at the timeout
    GET    /events?chat=&after=          the records as server-sent events, each with its seq as id; with `mentions=1`
                                         also events "mention", of what is not kept: {"kind": "action", "chat",
                                         "thread", "action"} (the bot is typing), {"kind": "changed"} (people, chats
                                         or the bot's menu are no longer what they were)
    GET    /requests                     {"methods": {method: {status: n}}, "in_flight" and "max_in_flight" of sends,
                                         "polling": a getUpdates waits now, "pending": updates not yet confirmed,
                                         "paid": messages beyond the free ones (allow_paid_broadcast)}
    DELETE /requests                     counts from nothing again
    GET    /commands?chat=&person=       {"commands": [...]}: the menu, or what this person's menu shows in that chat
    POST   /faults                       a list of faults (`faults.Fault`) -> {}
    GET    /faults                       {"faults": [those in force]}
    DELETE /faults                       {}
    POST   /settings                     any of `world.Settings`, and "limits": {"per_second", "per_chat_per_second",
                                         "per_group_per_minute", "penalty", "paid_per_second", "stars"}: asking
                                         before retry_after has passed makes it `penalty` times longer
    POST   /start                        {"person", "payload"?} -> message: the person opens t.me/bot?start=payload
    POST   /inline                       {"person", "query", "offset"?} -> {"id", "cached", "results"? ...}: typed after
                                         the bot's name; where an answer is kept, it is there at once
    POST   /inline/choose                {"person", "id", "result_id"} -> message: they send this result to the bot
    POST   /clock                        {"ahead": seconds} -> {}: this world's clock runs so far ahead of the real one
    POST   /revoke                       {}: every call is answered by 401 from now on
    POST   /stop_after                   {"sends": n, "pid"}: SIGKILL when the nth sendMessage from now is recorded

Groups, supergroups and channels; each call gives the chat: the Bot API's Chat with `members` (ChatMember by id),
`permissions`, `topics`, `general_closed`, `pinned`, `linked`, `upgraded_to`, `deleted`, `refuses`. `by` is who does
it, the creator unless it is said. What Telegram tells the bot about it comes as updates and as records of the kind
`service`.

    GET    /chats                        {"chats": [chat ...]}
    POST   /chats                        {"kind": "group" | "supergroup" | "channel", "title", "owner": person,
                                         "members"?: [person ...], "bot"?: "member" | "administrator" | "none",
                                         "rights"?: the bot's, "forum"?, "username"?, "id"?}
    POST   /chats/change                 {"chat", "title"?, "forum"?, "username"?, "deleted"?, "by"?,
                                         "refuses"?: what Telegram says to a message, as "CHAT_WRITE_FORBIDDEN"}
    POST   /chats/member                 {"chat", "user": person | "bot", "status": "administrator" | "member" |
                                         "restricted" | "left" | "kicked" | "creator", "rights"?: {right: bool},
                                         "anonymous"?, "title"?, "inside"?, "until"?, "by"?, "payload"?}; an
                                         administrator has all rights but promoting unless `rights` say otherwise, a
                                         restricted one those in `rights`; `payload`: added by ?startgroup=payload
    POST   /chats/permissions            {"chat", "permissions": {permission: bool}}: of ordinary members
    POST   /chats/upgrade                {"chat", "first"?: "old" | "new", "id"?, "by"?} -> the supergroup; `first`
                                         is the chat whose service message comes first
    POST   /chats/link                   {"channel", "group"}: its posts are forwarded there -> the channel
    POST   /topics                       {"chat", "name", "by"?} -> {"message_thread_id", "name", "icon_color"}
    POST   /topics/close /topics/reopen  {"chat", "thread": 0 for General, "by"?}
    POST   /topics/delete                {"chat", "thread", "unheard"?}; `unheard`: the next message there is answered
                                         by TOPIC_DELETED, as the Bot API server has yet to hear of it

A person is `{"id", "is_bot", "first_name", "language_code", "started", "blocked", "deactivated"}`; the id is
the private chat's id too. A record is `{"seq", "at": {"monotonic", "unix"}, "kind", "chat", ...}`: kinds `sent`,
`edited`, `deleted`, `received` and `service` carry `message`, `sent` also `silent`, the last two also `heard`
(whether the bot got it) and `writer` (the person behind it, if there is one); `answered` carries `callback_query_id`,
`message_id`, `text`, `show_alert`, `url`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.chat_control import CHAT_ACTIONS, chat_of, person_of, read_chats
from bot.sandbox.faults import FAULTS, Fault
from bot.sandbox.journal import KINDS, Wanted
from bot.sandbox.limits import Limits
from bot.sandbox.menus import menu
from bot.sandbox.person_control import PERSON_ACTIONS
from bot.sandbox.world import Settings, with_settings

if TYPE_CHECKING:
    from bot.sandbox.world import World, Worlds

Json = dict[str, Any]
Action = Callable[["World", Json], Json]

LONGEST_WAIT = 600.0
MOST_PEOPLE = 1_000_000
# A comment this often keeps an event stream alive and shows when the reader has gone.
HEARTBEAT = 15.0


_BRIEF = ("seq", "at", "kind", "chat")
LIMITS = frozenset({"per_second", "per_chat_per_second", "per_group_per_minute", "penalty", "paid_per_second", "stars"})


class BadControlError(ValueError):
    """The caller asked for something that cannot be; the message says what."""


class Control:
    """The routes, over the worlds of all bots."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds

    def routes(self) -> list[web.RouteDef]:
        at = "/sandbox/{token}"
        return [
            web.get("/sandbox", self._bots),
            web.get(f"{at}/events", self._events),
            web.get(f"{at}/wait", self._wait),
            web.get(f"{at}/{{what}}", self._read),
            web.post(f"{at}/faults", self._add_faults),
            web.delete(f"{at}/{{what}}", self._clear),
            web.post(f"{at}/{{action:.+}}", self._act),
        ]

    async def _bots(self, _: web.Request) -> web.Response:
        return _json({"bots": [world.token for world in self._worlds.known()]})

    async def _read(self, request: web.Request) -> web.Response:
        reader = READERS.get(request.match_info["what"])
        if reader is None:
            return _error(404, f"there is nothing at {request.path}")
        try:
            return _json(reader(self._world(request), request))
        except BadControlError as error:
            return _error(400, str(error))

    async def _act(self, request: web.Request) -> web.Response:
        action = ACTIONS.get(request.match_info["action"])
        if action is None:
            return _error(404, f"there is nothing at {request.path}")
        try:
            body = await _body(request)
            if not isinstance(body, dict):
                raise BadControlError("the body must be a JSON object")
            answer = action(self._world(request), body)
        except KeyError as error:
            return _error(400, f"unknown or missing: {error.args[0]}")
        except (ValueError, TypeError) as error:
            return _error(400, str(error))
        if request.match_info["action"] not in RECORDED:
            self._world(request).journal.mention("changed")
        return _json(answer)

    async def _add_faults(self, request: web.Request) -> web.Response:
        try:
            body = await _body(request)
            self._world(request).faults.add([_fault(fault) for fault in (body if isinstance(body, list) else [body])])
        except (ValueError, TypeError) as error:
            return _error(400, str(error))
        return _json({})

    async def _clear(self, request: web.Request) -> web.Response:
        world = self._world(request)
        clear = {"faults": world.faults.clear, "requests": world.counters.reset}.get(request.match_info["what"])
        if clear is None:
            return _error(404, f"there is nothing to delete at {request.path}")
        clear()
        return _json({})

    async def _wait(self, request: web.Request) -> web.Response:
        try:
            count = int(request.query.get("count", 1))
            timeout = min(float(request.query.get("timeout", 30)), LONGEST_WAIT)
            wanted = _wanted(request)
        except ValueError as error:
            return _error(400, str(error))
        world = self._world(request)
        records, enough = await world.journal.wait(wanted, count, timeout)
        return _json({"records": records, "last": world.journal.last}, status=200 if enough else 408)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        journal = self._world(request).journal
        try:
            wanted = _wanted(request)
        except ValueError as error:
            return _error(400, str(error))
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        # A page that is closed shows itself when it is written to.
        with journal.listen() as queue, suppress(ConnectionResetError):
            await stream.prepare(request)
            # What arrived while the answer was prepared is in the queue too: the past ends at `last`.
            last = journal.last
            for record in journal.read(wanted):
                await stream.write(_event(record))
            await stream.write(f'event: ready\ndata: {{"last": {last}}}\n\n'.encode())
            coming = wanted._replace(after=max(last, wanted.after))
            mentions = bool(request.query.get("mentions"))
            while True:
                await _pass_on(stream, queue, coming, mentions=mentions)
        return stream

    def _world(self, request: web.Request) -> World:
        return self._worlds.of(request.match_info["token"])


async def _pass_on(stream: web.StreamResponse, queue: asyncio.Queue[Json], wanted: Wanted, *, mentions: bool) -> None:
    try:
        record = await asyncio.wait_for(queue.get(), HEARTBEAT)
    except TimeoutError:
        await stream.write(b": still here\n\n")
        return
    if "seq" not in record:
        if mentions:
            await stream.write(f"event: mention\ndata: {json.dumps(record)}\n\n".encode())
    elif wanted.fits(record):
        await stream.write(_event(record))


def _event(record: Json) -> bytes:
    return f"id: {record['seq']}\ndata: {json.dumps(record, ensure_ascii=False)}\n\n".encode()


def _wanted(request: web.Request) -> Wanted:
    kind = request.query.get("kind") or None
    if kind is not None and kind not in KINDS:
        raise BadControlError(f"unknown kind {kind!r}; the kinds are {', '.join(KINDS)}")
    chat = request.query.get("chat")
    after = request.headers.get("Last-Event-ID") or request.query.get("after") or 0
    return Wanted(int(after), kind, int(chat) if chat else None)


async def _body(request: web.Request) -> Any:
    if request.content_type != "application/json":
        raise BadControlError("the body must be JSON, with Content-Type: application/json")
    return json.loads(await request.read() or b"{}")


def _fault(fault: Any) -> Fault:
    if not isinstance(fault, dict) or fault.get("kind") not in FAULTS:
        raise BadControlError(f"a fault is an object with a kind of {', '.join(sorted(FAULTS))}")
    return Fault(**fault)


def add_person(world: World, body: Json) -> Json:
    more = {name: body[name] for name in ("language_code", "started", "username", "is_bot") if name in body}
    return world.add_person(str(body["first_name"]), body.get("id"), **more).as_json()


def add_people(world: World, body: Json) -> Json:
    first, number = int(body["first_id"]), int(body["count"])
    if not 0 < number <= MOST_PEOPLE:
        raise BadControlError(f"count must be 1 to {MOST_PEOPLE}")
    more = {name: body[name] for name in ("language_code", "started") if name in body}
    ids = range(first, first + number)
    return {"people": [world.add_person(f"Person {person_id}", person_id, **more).id for person_id in ids]}


def rewrite(world: World, body: Json) -> Json:
    person = person_of(world, body)
    chat = chat_of(world, {"chat": body.get("chat", person.id)})
    return world.rewrite(chat, person, int(body["message_id"]), str(body["text"]))


def press(world: World, body: Json) -> Json:
    person = person_of(world, body)
    chat = chat_of(world, {"chat": body.get("chat", person.id)})
    query = world.press(chat, person, int(body["message_id"]), str(body["data"]), world.clock.now())
    return {"id": query.id}


def block(world: World, body: Json) -> Json:
    person = person_of(world, body)
    world.set_blocked(person, blocked=True)
    return person.as_json()


def unblock(world: World, body: Json) -> Json:
    person = person_of(world, body)
    world.set_blocked(person, blocked=False)
    return person.as_json()


def deactivate(world: World, body: Json) -> Json:
    person = person_of(world, body)
    person.deactivated = True
    return person.as_json()


def change_settings(world: World, body: Json) -> Json:
    known = {field.name for field in fields(Settings)}
    unknown = body.keys() - known - {"limits"}
    if unknown:
        raise BadControlError(f"unknown settings: {', '.join(sorted(unknown))}")
    if "limits" in body:
        world.limits = _limits(body["limits"] or {})
    world.settings = with_settings(world.settings, {name: value for name, value in body.items() if name in known})
    return asdict(world.settings)


def _limits(limits: Json) -> Limits:
    if unknown := limits.keys() - LIMITS:
        raise BadControlError(f"unknown limits: {', '.join(sorted(unknown))}")
    return Limits(**limits)


def revoke(world: World, _: Json) -> Json:
    world.revoked = True
    return {}


def stop_after(world: World, body: Json) -> Json:
    sends, pid = int(body["sends"]), int(body["pid"])
    if sends < 1 or pid < 2:
        raise BadControlError("sends must be 1 or more, and pid the id of a process")
    world.assassin.hire(pid, sends)
    return {}


def read_bot(world: World, _: web.Request) -> Json:
    description = world.descriptions.get(("description", ""), "")
    return {**world.bot(), "name": world.settings.name, "description": description, "settings": asdict(world.settings)}


def read_people(world: World, _: web.Request) -> Json:
    return {"people": [person.as_json() for person in world.people.values()]}


def read_messages(world: World, request: web.Request) -> Json:
    try:
        wanted = _wanted(request)
    except ValueError as error:
        raise BadControlError(str(error)) from None
    records = world.journal.read(wanted)
    if request.query.get("brief"):
        records = [{name: record[name] for name in _BRIEF} for record in records]
    return {"records": records, "last": world.journal.last}


def read_requests(world: World, _: web.Request) -> Json:
    counted = {"polling": world.updates.polling, "pending": len(world.updates), "paid": world.limits.paid}
    return {**world.counters.as_json(), **counted}


def read_faults(world: World, _: web.Request) -> Json:
    return {"faults": [asdict(fault) for fault in world.faults.in_force]}


def read_commands(world: World, request: web.Request) -> Json:
    chat = world.chats.get(_number(request, "chat"))
    person = world.people.get(_number(request, "person") or _number(request, "chat"))
    return {"commands": menu(world, person, chat)}


def _number(request: web.Request, name: str) -> int:
    try:
        return int(request.query.get(name, 0))
    except ValueError:
        return 0


READERS: dict[str, Callable[[World, web.Request], Json]] = {
    "bot": read_bot,
    "people": read_people,
    "messages": read_messages,
    "requests": read_requests,
    "commands": read_commands,
    "chats": read_chats,
    "faults": read_faults,
}
ACTIONS: dict[str, Action] = {
    **PERSON_ACTIONS,
    "people": add_person,
    "people/bulk": add_people,
    **CHAT_ACTIONS,
    "edit": rewrite,
    "press": press,
    "block": block,
    "unblock": unblock,
    "deactivate": deactivate,
    "settings": change_settings,
    "revoke": revoke,
    "stop_after": stop_after,
}


# What these do is a record of the journal, or nothing that stays.
RECORDED = frozenset({"send", "edit", "delete", "press", "start", "inline", "inline/choose"})


def _json(value: Json, status: int = 200) -> web.Response:
    body = json.dumps(value, ensure_ascii=False).encode()
    return web.Response(status=status, body=body, content_type="application/json")


def _error(status: int, words: str) -> web.Response:
    return _json({"error": words}, status)
