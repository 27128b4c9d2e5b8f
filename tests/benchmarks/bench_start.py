"""Start to ready, and memory and CPU when idle, of `newscrier run` and of a bot of python-telegram-bot alone."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import bare_application
from measuring import MILLI, Row, Scale, at_most, at_most_times, cpu_of, memory_of, remove
from running import WARM_SECONDS, newscrier, running
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence

STARTS = 7


async def run(scale: Scale) -> list[Row]:
    database = scale.folder / "started.db"
    theirs: list[Started] = []
    ours: list[Started] = []
    async with Sandbox.start() as sandbox:
        bare = [sys.executable, str(Path(bare_application.__file__)), sandbox.url, sandbox.token]
        async with Sandbox.start() as other:
            # By turns: what else the machine does weighs on both.
            for _ in range(scale.some(1, STARTS)):
                theirs.append(await _started(scale, bare, {}))
                remove(database)
                ours.append(await _started(scale, *newscrier(other, database)))
            their_idle = await _idle(scale, bare, {})
            our_idle = await _idle(scale, *newscrier(other, database))
    remove(database)
    beside = "bare PTB Application"
    return [
        Row("start to ready: CPU", "ms", (_cpu(ours),), (_cpu(theirs),), beside, at_most_times(1.8)),
        Row("start to ready: wall", "ms", (_wall(ours),), (_wall(theirs),), beside),
        Row("idle: memory", "MB", (our_idle.memory,), (their_idle.memory,), beside, at_most(100)),
        Row("idle: CPU of a core", "%", (our_idle.cpu * 100,), (their_idle.cpu * 100,), beside),
    ]


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds from the start to ready."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Idle:
    """What is held and used while nothing happens."""

    memory: float
    """Megabytes."""
    cpu: float
    """Seconds a second."""


def _cpu(starts: Sequence[Started]) -> float:
    return median(start.cpu for start in starts) * MILLI


def _wall(starts: Sequence[Started]) -> float:
    return median(start.wall for start in starts) * MILLI


async def _started(scale: Scale, command: Sequence[str], settings: dict[str, str]) -> Started:
    async with running(command, settings, scale.folder, "running") as child:
        return Started(child.cpu, child.wall)


async def _idle(scale: Scale, command: Sequence[str], settings: dict[str, str]) -> Idle:
    seconds = scale.some(1, 5)
    async with running(command, settings, scale.folder, "running") as child:
        await asyncio.sleep(scale.some(0, 1) * WARM_SECONDS)  # what follows the start
        before = cpu_of(child.pid)
        await asyncio.sleep(seconds)
        return Idle(memory_of(child.pid), (cpu_of(child.pid) - before) / seconds)
