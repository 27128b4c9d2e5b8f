"""The program's processes as forks of one that has imported everything: a start costs some 50 ms, not half a second.

What a fork does is `newscrier`'s own from its first line on; that the program also starts by itself, as an operator
starts it, is seen wherever a test launches it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path
    from typing import Any

# What runs the tests is loaded again by each fork, and so it is imported too.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["pytest", "bot.cli", "bot.service", "bot.inlets", "bot.programs", "bot.web", "bot.metrics", "storage.sqlite"]
)


class Fork:
    """A process that was begun as a fork, with the face of asyncio's processes."""

    def __init__(self, target: Callable[..., object], *arguments: Any) -> None:
        self._process = _context.Process(target=target, args=arguments)
        self._process.start()
        self._over: asyncio.Event | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for its end; give the exit code."""
        loop = asyncio.get_running_loop()
        if self._over is None:
            self._over = asyncio.Event()
            loop.add_reader(self._process.sentinel, self._end)
        await self._over.wait()
        return self.returncode

    def close(self) -> None:
        """End it however it stands."""
        self._process.kill()
        self._process.join()

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self._process.join()
        self._over.set()


def move_in(folder: Path, environment: dict[str, str], output: int | None = None) -> None:
    """Let this process be in the folder, with this environment besides; what it says goes to that file.

    None: to `output.txt` in the folder.
    """
    os.chdir(folder)
    os.environ.update(environment)
    if output is None:
        output = os.open("output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())


async def fork(
    program: Callable[..., object], *arguments: str, environment: dict[str, str], folder: Path
) -> tuple[Fork, asyncio.StreamReader]:
    """Begin the program with these words on its command line; what it says comes to the reader."""
    said, saying = multiprocessing.Pipe(duplex=False)
    process = Fork(_live, program, arguments, environment, folder, saying)
    saying.close()
    reader = asyncio.StreamReader()
    pipe = os.fdopen(os.dup(said.fileno()), "rb")
    said.close()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return process, reader


def _live(
    program: Callable[..., object],
    arguments: tuple[str, ...],
    environment: dict[str, str],
    folder: Path,
    saying: Connection,
) -> None:
    os.environ.clear()
    move_in(folder, environment, saying.fileno())
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)
    saying.close()
    sys.argv = ["newscrier", *arguments]
    program()
