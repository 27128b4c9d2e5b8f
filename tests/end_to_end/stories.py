"""A story: what befalls one bot from its start to its stop, however often it is killed in between.

A killed bot is begun again at once, as systemd does it. What came of it is judged by what the sandbox took and what the
database holds: the bot is asked nothing.
"""

from __future__ import annotations

import asyncio
import math
import signal
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from doors import live
from forks import Fork
from newsroom import Newsroom

from bot.render import words
from storage import Change, NewArticle

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Record, Sandbox

PATIENCE = 60  # seconds that anything may take on a busy machine, the leases of two killed bots included
JOBS = 4  # running the bot, announcing, sending, editing; what is old is cleared away when there is time
LATENCY = 0.05  # so that several requests are under way at once
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
ANSWERS = (words.following(new=True), words.following(new=False), words.GREETING)
BUSY = (
    "SELECT EXISTS (SELECT 1 FROM unannounced) OR (SELECT head > woken_through FROM progress)"
    " OR EXISTS (SELECT 1 FROM mailbox WHERE due_at IS NOT NULL OR lease_until IS NOT NULL)"
    " OR EXISTS (SELECT 1 FROM hold)"
)
OWED = (
    "SELECT chat, position FROM mailbox JOIN subscription ON mailbox_id = mailbox.id JOIN match USING (query_id)"
    " WHERE position > cursor AND position <= (SELECT head FROM progress)"
)


@dataclass
class Life:
    """One process of the bot, from its start to its end."""

    process: Fork
    steps_file: Path
    followed: asyncio.Future[None]
    """Done when the next life has begun."""

    def steps(self) -> list[tuple[float, str]]:
        """When (monotonic) it came to which step, in order."""
        lines = (line.partition(" ") for line in self.steps_file.read_text().splitlines())
        return [(float(at), step) for at, _, step in lines]

    def first_message(self) -> float:
        """When it began to send: no message of its own was taken before, and none of earlier lives later."""
        return min((at for at, step in self.steps() if "sendmessage" in step.lower()), default=math.inf)


class Story:
    """One bot, the people around it, and what they should see. Subclasses tell: `prepare`, `go_on`."""

    titles: ClassVar[tuple[str, ...]]
    """The articles, in order; no title is part of another or of an answer."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        folder.mkdir()
        self.sandbox = sandbox
        self.room = Newsroom(sandbox, folder)
        self.lives: list[Life] = []
        self.asked: dict[int, str] = {}
        self.expected: dict[int, list[str]] = {}
        """Chat -> the titles it should get, in order."""
        self._lost_leases: set[str] = set()

    async def prepare(self) -> None:
        """Whatever there is when the bot starts."""
        raise NotImplementedError

    async def go_on(self) -> None:
        """Whatever happens while it runs; waits for what should come of it."""
        raise NotImplementedError

    async def play(self, *last_steps: str) -> None:
        """Tell it, with lives that end at these steps, and judge it. Raises AssertionError."""
        await self.sandbox.settings(latency=LATENCY)
        await self.prepare()
        try:
            async with asyncio.TaskGroup() as group:
                living = group.create_task(self._live_on([*last_steps, ""]))
                await self.go_on()
                await self._stop(living)
        finally:
            for life in self.lives:
                life.process.close()
        await self.judge()

    @property
    def killed_at(self) -> tuple[str, ...]:
        """The steps at which it was killed."""
        return tuple(life.steps()[-1][1] for life in self.lives[:-1])

    # What stories are made of

    async def ask(self, person: int, text: str) -> None:
        """Say something that should be answered; asked again by whoever has no answer when the bot dies."""
        self.asked[person] = text
        await self.sandbox.say(person, text)

    async def publish(self, *titles: str) -> None:
        """Take articles in, as an import beside the bot does."""
        now = datetime.now(UTC)
        async with self.room.store() as store:
            new = [NewArticle("The Bell", title, title, now) for title in titles]
            await store.articles.add(new, arrived=now, push_since=ALWAYS)

    async def sees(self, chat: int, part: str) -> None:
        """Wait until a message to the chat says this."""
        last = 0
        while True:
            records = await self.sandbox.wait_for(chat=chat, after=last, within=PATIENCE)
            if any(part in text(record) for record in records):
                return
            last = records[-1]["seq"]

    async def all_see(self, title: str) -> None:
        """Wait until all who should have the article have it, and the bot has come to rest."""
        for chat, titles in self.expected.items():
            if title in titles:
                await self.sees(chat, title)
        await self.rest()

    async def rest(self) -> None:
        """Wait until a living bot has its jobs and nothing to do."""
        async with self.room.store() as store, asyncio.timeout(PATIENCE):
            while self._busy():
                await store.changed(Change.DUE, 1)

    # Lives and deaths

    def _begin(self, last: str) -> None:
        steps = f"steps-{len(self.lives) + 1}"
        settings = {"TOKEN": self.sandbox.token, "API_URL": self.sandbox.url, "DATABASE": self.room.database}
        environment = {f"NEWSCRIER_{name}": value for name, value in settings.items()}
        process = Fork(live, self.room.folder, environment, steps, last)
        life = Life(process, self.room.folder / steps, asyncio.get_running_loop().create_future())
        if self.lives:
            self.lives[-1].followed.set_result(None)
        self.lives.append(life)

    async def _live_on(self, last_steps: list[str]) -> None:
        """Begin again after each kill, until the bot is told to stop."""
        self._begin(last_steps.pop(0))
        while code := await self.lives[-1].process.wait():
            assert (code, bool(last_steps)) == (-signal.SIGKILL, True), (self.room.folder / "output.txt").read_text()
            await self._examine()
            self._begin(last_steps.pop(0))

    async def _stop(self, living: asyncio.Task[None]) -> None:
        """Tell the bot to stop; and once more, if it was killed in that and lives again."""
        while not living.done():
            life = self.lives[-1]
            await self.rest()
            # If another has begun meanwhile, this does nothing: a beginner is not ready to be told.
            life.process.terminate()
            done, _ = await asyncio.wait([living, life.followed], timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            assert done, "it does not stop"

    async def _examine(self) -> None:
        """What a kill has left behind: a sound database, in which all follow what they were told they follow."""
        assert self._select("PRAGMA integrity_check") == [("ok",)]
        self._lost_leases |= self._leases()
        followers = self._select("SELECT chat FROM mailbox JOIN subscription ON mailbox_id = mailbox.id")
        for person, question in self.asked.items():
            if any(is_answer(record) for record in await self.sandbox.messages(chat=person, kind="sent")):
                assert (person,) in followers
            else:
                await self.sandbox.say(person, question)

    def _busy(self) -> bool:
        return len(self._leases() - self._lost_leases) < JOBS or self._select(BUSY) != [(0,)]

    def _leases(self) -> set[str]:
        return {token for (token,) in self._select("SELECT token FROM lease WHERE name != 'pruner'")}

    def _select(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.room.folder / "news.db")) as connection:
            return connection.execute(query).fetchall()

    # The judgement

    async def judge(self) -> None:
        """Each got each article once and in order, beside what was in flight at a kill; nobody is owed anything."""
        pushes = [record for record in await self.sandbox.messages(kind="sent") if not is_answer(record)]
        settled = self._select("SELECT chat, message FROM delivery")
        given: dict[int, list[str]] = {chat: [] for chat in self.expected}
        in_flight: list[tuple[int, int, str]] = []
        for record in pushes:
            chat, titles = record["chat"], self._titles(record)
            if (chat, record["message"]["message_id"]) in settled:
                given[chat] += titles
            else:
                in_flight += [(self._life_of(record), chat, title) for title in titles]
        assert given == self.expected
        # A life that was killed may leave one of each behind; the last one was stopped in order, and leaves nothing.
        assert len(in_flight) == len({one for one in in_flight if one[0] < len(self.lives)})
        assert self._select(OWED) == []

    def _life_of(self, record: Record) -> int:
        """In which of its lives the bot sent this."""
        at = record["at"]["monotonic"]
        return max(number for number, life in enumerate(self.lives, 1) if life.first_message() <= at)

    def _titles(self, record: Record) -> list[str]:
        found = [title for title in self.titles if title in text(record)]
        return sorted(found, key=text(record).index)


def text(record: Record) -> str:
    return record["message"]["text"]


def is_answer(record: Record) -> bool:
    """Whether a message is an answer to a person and no push."""
    return any(answer in text(record) for answer in ANSWERS)
