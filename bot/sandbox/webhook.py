"""Webhooks: updates are brought to the bot (Bot API, setWebhook).

Plain HTTP is allowed to this machine only, so that tests need no certificates.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.arguments import Arguments, Told, bad_request, too_many_requests

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.sandbox.world import World

Json = dict[str, Any]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PORTS = frozenset({443, 80, 88, 8443})
USUAL_CONNECTIONS = 40
MOST_CONNECTIONS = 100
PATIENCE = 60.0  # seconds for an answer
LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 3600

SECRET_CHARACTERS = 256
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"

_SECRET = re.compile(r"[A-Za-z0-9_-]*")


@dataclass(slots=True)
class Webhook:
    """Where updates go, and what went wrong there last."""

    url: str = ""
    secret: str = ""
    connections: int = USUAL_CONNECTIONS
    last_error: str = ""
    last_error_date: int = 0
    _work: asyncio.Task[None] | None = None

    def start(self, world: World, execute: Callable[[str, Arguments], Awaitable[Any]]) -> None:
        self.stop()
        self._work = asyncio.create_task(_Delivery(world, self, execute).run())

    def stop(self) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work = None

    def is_like(self, other: Webhook) -> bool:
        return (self.url, self.secret, self.connections) == (other.url, other.secret, other.connections)

    def failed(self, words: str) -> None:
        self.last_error, self.last_error_date = words, int(time.time())


def set_webhook(world: World, arguments: Arguments, execute: Callable[[str, Arguments], Awaitable[Any]]) -> Told:
    """Set where updates go, or nowhere with an empty url; a waiting getUpdates ends. Raises Refusal.

    `execute` carries out a method that the bot answers an update with. What is there already stays; anything else goes
    before the new url is looked at.
    """
    url = arguments.text("url")
    if not url:
        return _remove(world, arguments)
    _check_pause(world)
    wanted = _wanted(arguments)
    drop = arguments.flag("drop_pending_updates")
    if wanted.is_like(world.webhook) and not drop:
        allow_updates(world, arguments)
        return Told("Webhook is already set")
    world.updates.interrupt("terminated by setWebhook request")
    _remove(world, arguments)
    _check(wanted)
    allow_updates(world, arguments)
    world.webhook = wanted
    wanted.start(world, execute)
    return Told("Webhook was set")


async def delete_webhook(world: World, arguments: Arguments) -> Told:
    return _remove(world, arguments)


def allow_updates(world: World, arguments: Arguments) -> None:
    """Remember `allowed_updates`; what is no list of words says nothing, and is not refused."""
    try:
        allowed = json.loads(arguments.text("allowed_updates") or "null")
    except ValueError:
        return
    if isinstance(allowed, list) and all(isinstance(kind, str) for kind in allowed):
        world.updates.allow([kind.lower() for kind in allowed])


def _remove(world: World, arguments: Arguments) -> Told:
    was_set = bool(world.webhook.url)
    world.webhook.stop()
    world.webhook = Webhook()
    if arguments.flag("drop_pending_updates"):
        world.updates.clear()
    return Told("Webhook was deleted" if was_set else "Webhook is already deleted")


def _check_pause(world: World) -> None:
    """A webhook is set once a second. Raises Refusal."""
    now = world.clock.now()
    if now < world.next_webhook:
        raise too_many_requests(1)
    world.next_webhook = now + 1


def _wanted(arguments: Arguments) -> Webhook:
    connections = arguments.integer("max_connections", USUAL_CONNECTIONS)
    secret = arguments.text("secret_token")
    return Webhook(arguments.text("url"), secret, min(max(connections, 1), MOST_CONNECTIONS))


async def get_webhook_info(world: World, _: Arguments) -> Json:
    hook = world.webhook
    info: Json = {"url": hook.url, "has_custom_certificate": False, "pending_update_count": len(world.updates)}
    if hook.url:
        info["max_connections"] = hook.connections
    if hook.last_error:
        info |= {"last_error_date": hook.last_error_date, "last_error_message": hook.last_error}
    allowed = world.updates.allowed
    return info if allowed is None else {**info, "allowed_updates": allowed}


def _check(hook: Webhook) -> None:
    """Raises Refusal."""
    try:
        parts = urlsplit(hook.url)
        port = parts.port
    except ValueError:
        raise bad_request("invalid webhook URL specified") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise bad_request("invalid webhook URL specified")
    if len(hook.secret) > SECRET_CHARACTERS:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(hook.secret):
        raise bad_request("secret token contains unallowed characters")
    local = parts.hostname in LOOPBACK
    if parts.scheme != "https" and not local:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not local and (port or 443) not in PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


class _Delivery:
    """Brings updates: in order within a chat, up to so many at once. What fails is brought again, later and later."""

    def __init__(self, world: World, hook: Webhook, execute: Callable[[str, Arguments], Awaitable[Any]]) -> None:
        self._world = world
        self._hook = hook
        self._execute = execute
        self._queues: defaultdict[str, deque[Json]] = defaultdict(deque)
        self._seen: set[int] = set()
        self._slots = asyncio.Semaphore(hook.connections)

    async def run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as tasks:
            while True:
                self._world.updates.arrived.clear()
                for update in self._world.updates.waiting():
                    self._take(update, session, tasks)
                await self._world.updates.arrived.wait()

    def _take(self, update: Json, session: aiohttp.ClientSession, tasks: asyncio.TaskGroup) -> None:
        if update["update_id"] in self._seen:
            return
        self._seen.add(update["update_id"])
        name = queue_of(update)
        queue = self._queues[name]
        queue.append(update)
        if len(queue) == 1:
            tasks.create_task(self._bring_all(name, session))

    async def _bring_all(self, name: str, session: aiohttp.ClientSession) -> None:
        queue = self._queues[name]
        while queue:
            await self._bring(queue[0], session)
            queue.popleft()
        del self._queues[name]

    async def _bring(self, update: Json, session: aiohttp.ClientSession) -> None:
        """Bring one update until it is taken."""
        pause = 1.0
        while True:
            async with self._slots:
                wait = await self._brought(update, session, pause)
            if wait is None:
                self._world.updates.confirm(update["update_id"])
                self._seen.discard(update["update_id"])
                return
            await asyncio.sleep(wait * self._world.settings.pace)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _brought(self, update: Json, session: aiohttp.ClientSession, pause: float) -> float | None:
        """Give None once it is taken, or the seconds until it is to be brought again: at once the first time."""
        secret = {"X-Telegram-Bot-Api-Secret-Token": self._hook.secret} if self._hook.secret else {}
        again = 0.0 if pause == 1.0 else pause
        try:
            async with session.post(self._hook.url, json=update, headers=secret, allow_redirects=False) as response:
                if 200 <= response.status < 300:
                    await self._answer(response)
                    return None
                self._hook.failed(f"Wrong response from the webhook: {response.status} {response.reason}")
                after = response.headers.get("Retry-After", "")
                return max(float(min(int(after), LONGEST_RETRY_AFTER)) if after.isdigit() else 0.0, again)
        except (aiohttp.ClientError, TimeoutError):
            self._hook.failed("Connection failed")
            return again

    async def _answer(self, response: aiohttp.ClientResponse) -> None:
        """Carry out the method that the bot answered with, if any; what becomes of it nobody learns."""
        body = await response.read()
        try:
            values = json.loads(body) if body.strip().startswith(b"{") else {}
        except ValueError:
            return
        method = values.pop("method", None)
        if isinstance(method, str):
            await self._execute(method, Arguments.of(values))


def queue_of(update: Json) -> str:
    """What comes one after another: messages of one chat, callbacks and queries of one person."""
    content = next(value for name, value in update.items() if name != "update_id")
    if "chat" in content:
        return f"chat {content['chat']['id']}"
    return f"user {content['from']['id']}" if "from" in content else "other"
