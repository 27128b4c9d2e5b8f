"""SIGKILL at every step of a bot's life: every push still arrives, and only what was in flight comes twice.

`doors.py` says what a step is. Each story is told once to its end to learn its steps, and then once for each of them
with a kill right there, some dozens at a time: most of it is waiting for the dead bot's leases to end. What a kill does
under the load of many chats is in `test_kill.py`.

Left out are later renewals of leases: they come by the clock, more or fewer of them. The first of each lease comes as
soon as it is gained. A step that a story comes to only sometimes is tried three times; how many there must be is said.
"""

import asyncio
import re
from collections import Counter

import pytest
from stories import Story

AT_ONCE = 16  # beside other tests, whose bots need some of the machine, too
TRIES = 3
CLOCKWORK = re.compile(r"store: SqliteLeases\.renew \w+ #(?![123]$)")
FERRY, ZEBRA = "The ferry is back", "A zebra in the harbour"
MIDWAY = "store: SqliteMailboxes.settle written #1"
TOO_LONG = {"kind": "error", "status": 400, "description": "Bad Request: message is too long"}
MOVED = {"kind": "error", "status": 400, "description": "Bad Request: group chat was upgraded to a supergroup chat"}
BLOCKED = {"kind": "error", "status": 403, "description": "Forbidden: bot was blocked by the user"}


class TwoArticles(Story):
    """Three chats get two articles; a person begins to follow in between, and gets the second."""

    titles = (FERRY, ZEBRA)

    async def prepare(self):
        ada, bob, self.eve = await self.sandbox.add_people(3)
        group = await self.sandbox.add_group(ada)
        self.expected = {chat: [FERRY, ZEBRA] for chat in (ada, bob, group)} | {self.eve: [ZEBRA]}
        await self.room.follow([ada, bob, group])
        await self.publish(FERRY)
        await self.ask(self.eve, "/subscribe zebra")

    async def go_on(self):
        await self.sees(self.eve, "following")
        await self.all_see(FERRY)
        await self.publish(ZEBRA)
        await self.all_see(ZEBRA)


class Hindered(Story):
    """One chat is throttled, one has blocked the bot and comes back, two groups moved: one into a chat that follows."""

    titles = (FERRY,)

    async def prepare(self):
        ada, self.bob = await self.sandbox.add_people(2)
        groups = [await self.sandbox.add_group(ada, kind="group") for _ in range(2)]
        moved = [await self.sandbox.add_group(ada) for _ in range(2)]
        # They were greeted long ago.
        await self.sandbox.method("deleteWebhook", drop_pending_updates=True)
        self.expected = {chat: [FERRY] for chat in (ada, self.bob, *moved)}
        await self.room.follow([ada, self.bob, *groups, moved[0]])
        await self.sandbox.faults(
            {"kind": "429", "retry_after": 1, "method": "sendMessage", "chat": ada, "times": 1},
            {**BLOCKED, "method": "sendMessage", "chat": self.bob, "times": 1},
            *(
                {**MOVED, "parameters": {"migrate_to_chat_id": to}, "method": "sendMessage", "chat": group}
                for group, to in zip(groups, moved, strict=True)
            ),
        )
        await self.publish(FERRY)

    async def go_on(self):
        for chat in self.expected.keys() - {self.bob}:
            await self.sees(chat, FERRY)
        await self.rest()
        await self.ask(self.bob, "/start")
        await self.sees(self.bob, FERRY)


class OneByOne(Story):
    """A list is refused and sent one by one, all of which is settled at the end."""

    titles = (FERRY, ZEBRA)

    async def prepare(self):
        (ada,) = await self.sandbox.add_people(1)
        self.expected = {ada: [FERRY, ZEBRA]}
        await self.room.follow([ada])
        await self.sandbox.faults({**TOO_LONG, "method": "sendMessage", "times": 1})
        await self.publish(FERRY, ZEBRA)

    async def go_on(self):
        await self.all_see(ZEBRA)


STORIES = [
    # A story, the kills before the one at every step, and the steps at which it must have been killed.
    (TwoArticles, (), {"store": 40, "telegram": 31}),
    (TwoArticles, (MIDWAY,), {"store": 34, "telegram": 25}),
    (Hindered, (), {"store": 42, "telegram": 33}),
    (OneByOne, (), {"store": 18, "telegram": 17}),
]


class Sweep:
    """Tells stories, so many at a time, and keeps what went wrong. After the first error no further one is begun."""

    def __init__(self, sandbox, folder, numbers):
        self.errors = []
        self._sandbox = sandbox
        self._folder = folder
        self._numbers = numbers
        self._places = asyncio.Semaphore(AT_ONCE)

    async def kill_at_every_step(self, kind, before, least):
        """Kill at each step of the last life, when those before it ended at the steps `before`.

        Raises AssertionError when fewer than `least` were come to.
        """
        calm = await self.tell(kind, *before)
        if self.errors:
            return
        steps = [step for _, step in calm.lives[-1].steps() if not CLOCKWORK.match(step)]
        came = await asyncio.gather(*(self.kill_at(kind, *before, step) for step in steps))
        kills = Counter(step.partition(":")[0] for step, killed in zip(steps, came, strict=True) if killed)
        print(f"{kind.__name__} after {before}: killed at {dict(kills)} of {len(steps)} steps")
        assert self.errors or kills >= Counter(least)

    async def kill_at(self, kind, *last_steps):
        """Kill at exactly these steps. Whether it came to them: told again, a story may differ by a step."""
        for _ in range(TRIES):
            story = await self.tell(kind, *last_steps)
            if self.errors or story.killed_at == last_steps:
                return True
        return False

    async def tell(self, kind, *last_steps):
        """Tell a story in a world of its own."""
        async with self._places:
            if self.errors:
                return None
            number = next(self._numbers)
            story = kind(self._sandbox.other(f"{number}:story"), self._folder / str(number))
            try:
                await story.play(*last_steps)
            except Exception as error:  # noqa: BLE001  shown with the others
                error.add_note(f"in {kind.__name__} with kills at {last_steps}; see {story.room.folder}")
                self.errors.append(error)
            return story


@pytest.mark.timeout(480)  # some 500 lives, most of whose time is waiting
async def test_at_every_step(sandbox, tmp_path, numbers):
    sweep = Sweep(sandbox, tmp_path, numbers)
    await asyncio.gather(*(sweep.kill_at_every_step(*story) for story in STORIES))
    if sweep.errors:
        raise ExceptionGroup("stories that did not end well", sweep.errors)
