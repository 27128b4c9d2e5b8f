"""The side of people and tests: JSON over HTTP at `/sandbox/<TOKEN>/...`.

Bodies of POST are JSON objects with `Content-Type: application/json` (which no foreign web page can send here unasked).
A fault of the caller is answered by 400 or 404 with `{"error": "..."}`.

    GET    /bot                          {"id", "username", "name", "description", "settings": {...}}
    GET    /people                       {"people": [person ...]}
    POST   /people                       {"id"?, "first_name", "language_code"?, "started"?} -> person
    POST   /people/bulk                  {"first_id", "count", "language_code"?, "started"?} -> {"people": [ids]}
    POST   /send                         {"person", "text"} -> message; unblocks, as Telegram's own apps do
    POST   /edit                         {"person", "message_id", "text"} -> message
    POST   /press                        {"person", "message_id", "data"} -> {"id": of the callback query}
    POST   /block /unblock /deactivate   {"person"} -> person
    GET    /messages?chat=&after=&kind=  {"records": [record ...], "last": seq}
    GET    /wait?after=&kind=&chat=&count=1&timeout=30   the same, once there are `count`; 408 at the timeout
    GET    /events?chat=&after=          the records as server-sent events, each with its seq as id
    GET    /requests                     {"methods": {method: {status: n}}, "in_flight" and "max_in_flight" of sends,
                                         "polling": a getUpdates waits now, "pending": updates not yet confirmed}
    DELETE /requests                     counts from nothing again
    GET    /commands?chat=               {"commands": [...]}: the menu, or what this person's menu shows
    POST   /faults                       a list of faults (`faults.Fault`) -> {}
    DELETE /faults                       {}
    POST   /settings                     any of `world.Settings`, and "limits": {"per_second", "per_chat_per_second"}
    POST   /revoke                       {}: every call is answered by 401 from now on
    POST   /stop_after                   {"sends": n, "pid"}: SIGKILL when the nth sendMessage from now is recorded

A person is `{"id", "is_bot", "first_name", "language_code", "started", "blocked", "deactivated"}`; the id is
the private chat's id too. A record is `{"seq", "at": {"monotonic", "unix"}, "kind", "chat", ...}`: kinds `sent`,
`edited`, `deleted` and `received` carry `message`, `sent` also `silent`; `answered` carries `callback_query_id`,
`message_id`, `text`, `show_alert`, `url`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.faults import FAULTS, Fault, Limits
from bot.sandbox.journal import KINDS, Wanted
from bot.sandbox.world import Person, Settings, with_settings

if TYPE_CHECKING:
    from bot.sandbox.world import World, Worlds

Json = dict[str, Any]
Action = Callable[["World", Json], Json]

LONGEST_WAIT = 600.0
MOST_PEOPLE = 1_000_000
# A comment this often keeps an event stream alive and shows when the reader has gone.
HEARTBEAT = 15.0


class BadControlError(ValueError):
    """The caller asked for something that cannot be; the message says what."""


class Control:
    """The routes, over the worlds of all bots."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds

    def routes(self) -> list[web.RouteDef]:
        at = "/sandbox/{token}"
        return [
            web.get(f"{at}/events", self._events),
            web.get(f"{at}/wait", self._wait),
            web.get(f"{at}/{{what}}", self._read),
            web.post(f"{at}/faults", self._add_faults),
            web.delete(f"{at}/{{what}}", self._clear),
            web.post(f"{at}/{{action:.+}}", self._act),
        ]

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
            return _json(action(self._world(request), body))
        except KeyError as error:
            return _error(400, f"unknown or missing: {error.args[0]}")
        except (ValueError, TypeError) as error:
            return _error(400, str(error))

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
        with journal.listen() as queue:
            await stream.prepare(request)
            # What arrived while the answer was prepared is in the queue too: the past ends at `last`.
            last = journal.last
            for record in journal.read(wanted):
                await stream.write(_event(record))
            await stream.write(f'event: ready\ndata: {{"last": {last}}}\n\n'.encode())
            coming = wanted._replace(after=max(last, wanted.after))
            while True:
                await _pass_on(stream, queue, coming)

    def _world(self, request: web.Request) -> World:
        return self._worlds.of(request.match_info["token"])


async def _pass_on(stream: web.StreamResponse, queue: asyncio.Queue[Json], wanted: Wanted) -> None:
    try:
        record = await asyncio.wait_for(queue.get(), HEARTBEAT)
    except TimeoutError:
        await stream.write(b": still here\n\n")
        return
    if wanted.fits(record):
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


def _person(world: World, body: Json) -> Person:
    person = world.people.get(int(body["person"]))
    if person is None:
        raise BadControlError(f"there is no person {body['person']}")
    return person


def add_person(world: World, body: Json) -> Json:
    more = {name: body[name] for name in ("language_code", "started") if name in body}
    return world.add_person(str(body["first_name"]), body.get("id"), **more).as_json()


def add_people(world: World, body: Json) -> Json:
    first, number = int(body["first_id"]), int(body["count"])
    if not 0 < number <= MOST_PEOPLE:
        raise BadControlError(f"count must be 1 to {MOST_PEOPLE}")
    more = {name: body[name] for name in ("language_code", "started") if name in body}
    ids = range(first, first + number)
    return {"people": [world.add_person(f"Person {person_id}", person_id, **more).id for person_id in ids]}


def say(world: World, body: Json) -> Json:
    return world.say(_person(world, body), str(body["text"]))


def rewrite(world: World, body: Json) -> Json:
    return world.rewrite(_person(world, body), int(body["message_id"]), str(body["text"]))


def press(world: World, body: Json) -> Json:
    message_id = int(body["message_id"])
    query = world.press(_person(world, body), message_id, str(body["data"]), time.monotonic())
    return {"id": query.id}


def block(world: World, body: Json) -> Json:
    person = _person(world, body)
    world.set_blocked(person, blocked=True)
    return person.as_json()


def unblock(world: World, body: Json) -> Json:
    person = _person(world, body)
    world.set_blocked(person, blocked=False)
    return person.as_json()


def deactivate(world: World, body: Json) -> Json:
    person = _person(world, body)
    person.deactivated = True
    return person.as_json()


def change_settings(world: World, body: Json) -> Json:
    known = {field.name for field in fields(Settings)}
    unknown = body.keys() - known - {"limits"}
    if unknown:
        raise BadControlError(f"unknown settings: {', '.join(sorted(unknown))}")
    if "limits" in body:
        limits = body["limits"] or {}
        world.limits = Limits(limits.get("per_second"), limits.get("per_chat_per_second"))
    world.settings = with_settings(world.settings, {name: value for name, value in body.items() if name in known})
    return asdict(world.settings)


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
    return {"records": world.journal.read(wanted), "last": world.journal.last}


def read_requests(world: World, _: web.Request) -> Json:
    return {**world.counters.as_json(), "polling": world.updates.polling, "pending": len(world.updates)}


def read_commands(world: World, request: web.Request) -> Json:
    chat = request.query.get("chat", "")
    person = world.people.get(int(chat)) if chat.isdigit() else None
    return {"commands": world.menu(person)}


READERS: dict[str, Callable[[World, web.Request], Json]] = {
    "bot": read_bot,
    "people": read_people,
    "messages": read_messages,
    "requests": read_requests,
    "commands": read_commands,
}
ACTIONS: dict[str, Action] = {
    "people": add_person,
    "people/bulk": add_people,
    "send": say,
    "edit": rewrite,
    "press": press,
    "block": block,
    "unblock": unblock,
    "deactivate": deactivate,
    "settings": change_settings,
    "revoke": revoke,
    "stop_after": stop_after,
}


def _json(value: Json, status: int = 200) -> web.Response:
    body = json.dumps(value, ensure_ascii=False).encode()
    return web.Response(status=status, body=body, content_type="application/json")


def _error(status: int, words: str) -> web.Response:
    return _json({"error": words}, status)
