"""`newscrier run` as a process of its own, against a sandbox."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from measuring import BrokenBenchmarkError, cpu_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from sandbox import Sandbox

READY_SECONDS = 30.0
END_SECONDS = 10.0
WARM_SECONDS = 7.0  # until the bot has loaded what queries need


@dataclass(frozen=True, slots=True)
class Child:
    """A process that said it is ready, and what it took until then."""

    pid: int
    wall: float
    cpu: float


def newscrier(sandbox: Sandbox, database: Path) -> tuple[list[str], dict[str, str]]:
    """The command and its environment."""
    settings = {
        "NEWSCRIER_TOKEN": sandbox.token,
        "NEWSCRIER_API_URL": sandbox.url,
        "NEWSCRIER_METRICS_LISTEN": "off",
        "NEWSCRIER_DATABASE": f"sqlite:///{database}",
    }
    return [sys.executable, "-m", "bot", "run"], settings


@asynccontextmanager
async def running(command: Sequence[str], settings: dict[str, str], folder: Path, ready: str) -> AsyncIterator[Child]:
    """The command as a process that is ready: a line of its standard error has the word `ready`. Ended at the end."""
    started = time.perf_counter()
    # In another folder, where no .env lies.
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **settings}, cwd=folder, stdout=PIPE, stderr=PIPE
    )
    reading: asyncio.Task[None] | None = None
    try:
        async with asyncio.timeout(READY_SECONDS):
            await _said(process, ready)
        child = Child(process.pid, time.perf_counter() - started, cpu_of(process.pid))
        reading = asyncio.create_task(_drained(process))  # a full pipe would stop it
        yield child
    finally:
        await _end(process)
        if reading:
            await reading


async def _said(process: Process, word: str) -> None:
    lines = []
    while line := (await process.stderr.readline()).decode():
        lines.append(line)
        if word in line.split():
            return
    raise BrokenBenchmarkError(f"the process ended and never said {word!r}: {''.join(lines)}")


async def _drained(process: Process) -> None:
    while await process.stderr.read(65_536):
        pass


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
