"""Start to ready, and memory and CPU when idle, of `newscrier run` and of a bot of python-telegram-bot alone."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import bare_application
from measuring import MILLI, Row, Scale, at_most, at_most_times, cpu_of, memory_of, remove
from running import WARM_SECONDS, newscrier, running
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence


async def run(scale: Scale) -> list[Row]:
    database = scale.folder / "started.db"
    remove(database)
    async with Sandbox.start() as sandbox:
        bare = [sys.executable, str(Path(bare_application.__file__)), sandbox.url, sandbox.token]
        async with Sandbox.start() as other:
            theirs = await _measured(scale, bare, {})
            ours = await _measured(scale, *newscrier(other, database))
    remove(database)
    beside = "bare PTB Application"
    return [
        Row("start to ready: CPU", "ms", (ours[0] * MILLI,), (theirs[0] * MILLI,), beside, at_most_times(1.8)),
        Row("start to ready: wall", "ms", (ours[1] * MILLI,), (theirs[1] * MILLI,), beside),
        Row("idle: memory", "MB", (ours[2],), (theirs[2],), beside, at_most(100)),
        Row("idle: CPU of a core", "%", (ours[3] * 100,), (theirs[3] * 100,), beside),
    ]


async def _measured(
    scale: Scale, command: Sequence[str], settings: dict[str, str]
) -> tuple[float, float, float, float]:
    """CPU and wall seconds to ready, megabytes when idle, seconds of CPU a second when idle."""
    idle = scale.some(1, 5)
    async with running(command, settings, scale.folder, "running") as child:
        await asyncio.sleep(scale.some(0, 1) * WARM_SECONDS)  # what follows the start
        before = cpu_of(child.pid)
        await asyncio.sleep(idle)
        return child.cpu, child.wall, memory_of(child.pid), (cpu_of(child.pid) - before) / idle
