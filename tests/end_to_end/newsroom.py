"""Newscrier's own processes, as an operator starts them: `run`, and commands such as `import` beside it.

async with Newsroom(sandbox, tmp_path) as newsroom:
    bot = await newsroom.start()
    await newsroom.import_(news("The ferry is back"))
    assert await bot.stop() == 0
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import clocked
from forks import Fork, fork
from judging import judge_sandbox
from telegram_parser import judge_records

from bot.cli import main
from bot.demo import TOKEN as DEMO
from bot.intake.documents.importing import ImportOptions, import_paths
from bot.intake.parsing.choices import Push
from storage import Place, Query, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from sandbox import Sandbox

    from storage import Store

Json = dict[str, Any]


@contextmanager
def sandbox_process(port: int = 0) -> Iterator[tuple[str, int]]:
    """Run a sandbox; give its address and its process id. What was sent there is judged at the end."""
    command = [sys.executable, "-m", "bot.sandbox", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("listening on "), line
            url = line.removeprefix("listening on ").strip()
            yield url, process.pid
            judge_sandbox(url)
        finally:
            process.terminate()


class Program:
    """A process of ours; `lines` is what it has said so far, on either stream."""

    def __init__(self, name: str, process: asyncio.subprocess.Process | Fork, said: asyncio.StreamReader) -> None:
        self.name = name
        self.process = process
        self._said = said
        self.lines: list[str] = []
        self._more = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, *arguments: str, environment: dict[str, str], folder: Path) -> Self:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            env=environment,
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return cls(" ".join(arguments), process, process.stdout)

    @classmethod
    async def fork(
        cls, *arguments: str, environment: dict[str, str], folder: Path, program: Callable[..., object] = main
    ) -> Self:
        """Start it as a fork, which is sooner done."""
        process, said = await fork(program, *arguments, environment=environment, folder=folder)
        return cls(" ".join(arguments), process, said)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    async def said(self, part: str, *, times: int = 1, within: float = 30) -> str:
        """Wait for the line that holds `part` (for the nth such line); give it."""

        def found() -> list[str]:
            return [line for line in self.lines if part in line]

        async with asyncio.timeout(within), self._more:
            await self._more.wait_for(lambda: len(found()) >= times or self._reading.done())
        assert len(found()) >= times, f"{self.name} never said {part!r} but:\n{self.output}"
        return found()[times - 1]

    async def ended(self, within: float = 30) -> int:
        """Wait for its end; give the exit code."""
        async with asyncio.timeout(within):
            await asyncio.shield(self._reading)  # it goes on for whoever closes this, should the time not be enough
            return await self.process.wait()

    async def stop(self, within: float = 30) -> int:
        """End it as systemd does; give the exit code."""
        self.process.terminate()
        return await self.ended(within)

    async def kill(self) -> None:
        """End it as a power cut does."""
        if self.process.returncode is None:
            self.process.kill()
        assert await self.ended() == -signal.SIGKILL

    async def close(self) -> None:
        """End it however it stands; show what it said."""
        if self.process.returncode is None:
            self.process.kill()
        await self._reading
        await self.process.wait()
        print(f"--- {self.name} ended with {self.process.returncode}:\n{self.output}")

    async def _read(self) -> None:
        try:
            while line := await self._said.readline():
                async with self._more:
                    self.lines.append(line.decode().rstrip("\n"))
                    self._more.notify_all()
        finally:
            # Woken once more when nothing can follow.
            asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(self._wake()))

    async def _wake(self) -> None:
        async with self._more:
            self._more.notify_all()


class Newsroom:
    """One operator's machine: a folder, a database in it, and what runs there."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.database = f"sqlite:///{folder / 'news.db'}"
        self.programs: list[Program] = []
        self._files = count(1)
        self._seen: list[Json] = []  # what happened in the sandboxes of demos
        self._watching: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for program in self.programs:
            await program.close()
        await asyncio.gather(*self._watching)
        if kind is None:
            judge_records(self._seen)

    @property
    def bot(self) -> int:
        return int(self.sandbox.token.partition(":")[0])

    async def launch(self, *arguments: str, **settings: str) -> Program:
        """Start `newscrier ARGUMENTS`, with `settings` in place of the usual ones (api_url="..."; "" for none)."""
        program = await Program.start(*arguments, environment=self._environment(settings), folder=self.folder)
        self.programs.append(program)
        if arguments[0] == "demo":
            self._watching.append(asyncio.create_task(self._watch(program)))
        return program

    async def start(self, **settings: str) -> Program:
        """Start the bot and wait until Telegram has answered it."""
        return await self._started("run", settings=settings)

    async def start_clocked(self) -> Program:
        """Start the bot on a machine whose clock can be set, by `set_clock`."""
        self.set_clock(0)
        return await self._started(str(self.folder / "ahead"), settings={}, program=clocked.main)

    async def _started(
        self, *arguments: str, settings: dict[str, str], program: Callable[..., object] = main
    ) -> Program:
        bot = await Program.fork(
            *arguments, environment=self._environment(settings), folder=self.folder, program=program
        )
        self.programs.append(bot)
        await bot.said("running")
        return bot

    def set_clock(self, ahead: float) -> None:
        """Let that machine's clock be so many seconds ahead of ours."""
        (self.folder / "ahead.new").write_text(str(ahead))
        (self.folder / "ahead.new").rename(self.folder / "ahead")

    async def run(self, *arguments: str, within: float = 60, **settings: str) -> tuple[int, str]:
        """Run a command to its end; give its exit code and what it said."""
        program = await self.launch(*arguments, **settings)
        return await program.ended(within), program.output

    async def import_(self, *articles: Json, push: str = "all") -> None:
        """Take articles in, by a process of its own."""
        code, output = await self.run("import", str(self._written(articles)), "--push", push, "--source", "The Bell")
        assert code == 0, output

    async def publish(self, *articles: Json, push: str = "all") -> None:
        """Take articles in as `import_` does, but in this process, which is sooner done."""
        options = ImportOptions("The Bell", Push(push))
        async with self.store() as store:
            report = await import_paths(store, [self._written(articles)], options, now=lambda: datetime.now(UTC))
        assert not report.refused

    def _written(self, articles: Iterable[Json]) -> Path:
        path = self.folder / f"articles-{next(self._files)}.jsonl"
        path.write_text("".join(f"{json.dumps(article, ensure_ascii=False)}\n" for article in articles))
        return path

    def store(self) -> AbstractAsyncContextManager[Store]:
        """Open the database in this process."""
        return open_store(self.database)

    async def follow(self, chats: Iterable[int], query: str = "*") -> None:
        """Let each chat follow the query, past the bot."""
        async with self.store() as store:
            for chat in chats:
                await store.subscriptions.add(Place(self.bot, chat), Query.parse(query), now=datetime.now(UTC))

    def outcomes(self) -> list[tuple[int, str, str]]:
        """Read how deliveries ended: chat, outcome and reason of each, oldest first."""
        with closing(sqlite3.connect(self.folder / "news.db")) as connection:
            return connection.execute("SELECT chat, outcome, reason FROM delivery ORDER BY id").fetchall()

    async def _watch(self, demo: Program) -> None:
        """Note what happens in a demo's sandbox, which is gone before the test ends."""
        try:
            line = await demo.said("The bot is at ")
        except AssertionError:  # a demo that never began
            return
        url = re.search(r"http://127\.0\.0\.1:\d+", line)[0]
        with suppress(aiohttp.ClientError):  # so it ends, with the sandbox
            async for record in happening(f"{url}/sandbox/{DEMO}/events"):
                self._seen.append(record)

    def _environment(self, settings: dict[str, str]) -> dict[str, str]:
        usual = {
            "token": self.sandbox.token,
            "database": self.database,
            "api_url": self.sandbox.url,
            "metrics_listen": "off",
        }
        ours = {f"NEWSCRIER_{name.upper()}": value for name, value in (usual | settings).items()}
        others = {name: value for name, value in os.environ.items() if not name.startswith("NEWSCRIER_")}
        return others | ours | {"TERM": "dumb", "PYTHONUNBUFFERED": "1"}


async def happening(url: str) -> AsyncIterator[Json]:
    """The records of a sandbox, past and to come, for as long as it runs."""
    endless = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(timeout=endless) as session, session.get(url) as events:
        async for line in events.content:
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))


def news(title: str, body: str = "", *, hours_ago: float = 0, **more: Any) -> Json:
    """An article as a line of JSON Lines."""
    published = datetime.now(UTC) - timedelta(hours=hours_ago)
    return {"title": title, "published": published.isoformat(), "body": body, **more}
