"""Outside data is read in processes that can be killed: it may be made to cost whoever reads it hours, or gigabytes.

A process is started when there is something to read, a second one when somebody has waited for the first for long. It
ends when there is nothing to do for a while. A job that takes too long, or too much memory, ends with its process; the
others never notice but by waiting.
"""

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar

from bot.intake.parsing.clean import clean_line
from bot.intake.parsing.entries import NoReaderError, UnreadableError
from bot.intake.processes.wire import (
    HEADER_SIZE,
    READY,
    ForeignError,
    Header,
    Kind,
    Request,
    pack_request,
    promised_by,
    unpack_value,
)

MOST = 2
SECONDS = 10.0
MEMORY = 320_000_000
IDLE_SECONDS = 60.0
PATIENCE_SECONDS = 0.25
"""So long somebody waits for a busy process before another is started: most jobs take less than a start."""
START_SECONDS = 60.0
"""A process that does not take requests by then will never do."""
HELD_UP = 3
"""So many times as long as it may use the processor, a job may take in all: the machine may be busy."""
_PIECE = 256 * 1024  # more than a pipe takes: between two of them the event loop goes on
_IN_LOOP = 32 * 1024  # an answer's bytes that are made into values at once: 4 ms, however many they are
_LOGGED = 20_000  # bytes of what one process says on its standard error
_MESSAGE = 500
# What a process needs of the bot's environment. The bot's own settings, its token first, are none of its business.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "HOME", "LD_LIBRARY_PATH", "VIRTUAL_ENV")

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class WorkersClosedError(Exception):
    """Nothing is read any longer: the bot ends."""


class _Process:
    """One process: idle, at a job or ending."""

    def __init__(self, process: Process) -> None:
        self._process = process
        assert process.stdin is not None  # noqa: S101  it was started with three pipes
        assert process.stdout is not None  # noqa: S101  likewise
        assert process.stderr is not None  # noqa: S101  likewise
        self._requests, self._answers, self._said = process.stdin, process.stdout, process.stderr
        self._asked = asyncio.Lock()
        self._telling = asyncio.create_task(self._tell(), name="what a reader says")
        self._idle: asyncio.TimerHandle | None = None

    @classmethod
    async def started(cls, memory: int) -> "_Process":
        """Raises OSError."""
        # In a group of its own: Ctrl-C in a terminal is for the bot, which ends it.
        command = (sys.executable, "-P", "-m", "bot.intake.processes.worker", str(memory))
        return cls(
            await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, process_group=0, env=_environment()
            )
        )

    async def ready(self) -> None:
        """Wait until it takes requests. Raises EOFError, TimeoutError and ForeignError."""
        async with self._asked, asyncio.timeout(START_SECONDS):
            said = Header.unpacked(await self._answers.readexactly(HEADER_SIZE))
        if said != READY:
            raise ForeignError("no greeting")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    async def ask(self, pieces: Sequence[bytes]) -> tuple[Header, bytes]:
        """The answer to a request. Raises EOFError or ConnectionError when the process ends, and ForeignError."""
        async with self._asked:
            for piece in pieces:
                for start in range(0, len(piece), _PIECE):
                    self._requests.write(piece[start : start + _PIECE])
                    await self._requests.drain()
            header = Header.unpacked(await self._answers.readexactly(HEADER_SIZE))
            return header, await self._answers.readexactly(header.size)

    def rest(self, seconds: float, then: "Callable[[_Process], None]") -> None:
        """There is nothing to do; if that lasts for so long, `then` is called."""
        self._idle = asyncio.get_running_loop().call_later(seconds, then, self)

    def wake(self) -> None:
        """It is no longer idle."""
        if self._idle:
            self._idle.cancel()

    async def end(self) -> int:
        """Kill it, and wait until it is gone. The exit code; a signal's number is negative."""
        self.wake()
        if not self.has_ended:
            with suppress(ProcessLookupError):
                # Process.kill looks first whether it has ended, which takes its exit code from who waits for that.
                os.kill(self.pid, signal.SIGKILL)
        async with self._asked:  # who waits for an answer learns that there is none
            self._requests.close()
            while await self._answers.read(_PIECE):
                pass
        await self._telling
        return await self._process.wait()

    async def _tell(self) -> None:
        """Log what it says, for whoever looks for a fault; not without end."""
        logged = 0
        while said := await self._said.read(_LOGGED):
            if logged < _LOGGED:
                log.debug("a reader says", extra={"text": said[: _LOGGED - logged].decode("utf-8", "replace")})
                logged += len(said)


def _environment() -> dict[str, str]:
    """It finds the same modules, and no setting of the bot."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(str(Path(place).absolute()) for place in sys.path)}


async def _value(header: Header, answer: bytes, promised: Any) -> Any:
    if header.kind is not Kind.VALUE:
        return answer.decode("utf-8", "replace")
    if len(answer) <= _IN_LOOP:
        return unpack_value(answer, promised)
    return await asyncio.to_thread(unpack_value, answer, promised)


class Workers:
    """Runs jobs that read outside data. Made and used in one event loop."""

    def __init__(  # noqa: PLR0913  all that bounds them
        self,
        *,
        most: int = MOST,
        seconds: float = SECONDS,
        memory: int = MEMORY,
        idle_seconds: float = IDLE_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        rooms: Sequence[str] = ("bot.intake",),
    ) -> None:
        """`most` processes; `seconds` of CPU a job; `memory`: bytes of address space a process, its programs and all.

        `rooms`: the packages and modules whose functions may be run.
        """
        self._most = most
        self._seconds = seconds
        self._memory = memory
        self._idle_seconds = idle_seconds
        self._patience_seconds = patience_seconds
        self._rooms = tuple(rooms)
        self._places = 0  # taken: by processes that are being started, that run and that are ending
        self._none_left = asyncio.Event()
        self._none_left.set()
        self._processes: set[_Process] = set()
        self._idle: list[_Process] = []  # who was busy last stands last and is asked first: the others may end
        self._queue: deque[tuple[asyncio.Future[_Process | None], float]] = deque()  # and since when
        self._hurry: asyncio.TimerHandle | None = None
        self._endings: set[asyncio.Task[int]] = set()
        self._closed = False

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the job gives back, made in another process. Who comes first is served first.

        `job` is a function of a module in one of the rooms. What it is given can be pickled; what it gives back is made
        of frozen values, texts, numbers and times, as its signature says.

        Raises UnreadableError: the job has; it took too long, or too much memory; it has failed, or its process has;
        NoReaderError: no process can be started. Raises WorkersClosedError. Cancelled, it ends the job and its process.
        """
        request = self._request(job, args, kwargs)
        promised = promised_by(job)
        process = await self._take()
        try:
            async with asyncio.timeout(self._seconds * HELD_UP):
                header, answer = await process.ask(pack_request(request))
                value = await _value(header, answer, promised)
        except TimeoutError:
            self._drop(process)
            raise self._too_long() from None
        except (EOFError, ConnectionError):
            raise await self._died(process) from None
        except ForeignError as error:
            self._drop(process)
            log.warning("a reader gave a wrong answer", extra={"error": str(error)})
            raise UnreadableError("the reader gave a wrong answer") from error
        except BaseException:
            self._drop(process)
            raise
        if header.last:
            self._drop(process)
        else:
            self._pass_on(process)
        return self._told(header.kind, value, request.job)  # type: ignore[no-any-return]  # it conforms to T

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that there are."""
        return tuple(sorted(process.pid for process in self._processes if not process.has_ended))

    async def close(self) -> None:
        """End all processes at once. Who waits for one gets WorkersClosedError."""
        self._closed = True
        if self._hurry:
            self._hurry.cancel()
        while self._queue:
            waiting, _ = self._queue.popleft()
            if not waiting.done():
                waiting.set_exception(WorkersClosedError())
        for process in tuple(self._processes):
            self._drop(process)
        await self._none_left.wait()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _request(self, job: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
        module, name = job.__module__, job.__qualname__
        if not any(f"{module}.".startswith(f"{room}.") for room in self._rooms) or "." in name:
            raise ValueError(f"{module}.{name} is no job that reads outside data")
        return Request(module, name, self._seconds, args, kwargs)

    def _told(self, kind: Kind, value: Any, job: str) -> Any:
        match kind:
            case Kind.VALUE:
                return value
            case Kind.UNREADABLE:
                raise UnreadableError(clean_line(value[:_MESSAGE]))
            case Kind.MEMORY:
                raise UnreadableError(f"reading it takes more than {self._memory / 1e6:,.0f} MB of memory")
            case Kind.FAILED:
                log.error("a reader failed", extra={"job": job, "trace": value})
                raise UnreadableError(f"the reader failed: {clean_line(value.strip().splitlines()[-1])[:_MESSAGE]}")

    def _too_long(self) -> UnreadableError:
        return UnreadableError(f"reading it takes longer than {self._seconds:g} seconds")

    async def _died(self, process: _Process) -> Exception:
        """Why there was no answer."""
        self._drop(process)
        code = await process.end()
        if self._closed:
            return WorkersClosedError()
        if code == -signal.SIGPROF:
            return self._too_long()
        log.warning("a reader ended unexpectedly", extra={"code": code})
        return UnreadableError("the reader ended unexpectedly")

    async def _take(self) -> _Process:
        """A process with nothing to do, for the caller alone."""
        self._must_be_open()
        while self._idle:
            process = self._idle[-1]
            if process.has_ended:  # by itself, or somebody's hand
                self._drop(process)
                continue
            self._idle.pop()
            process.wake()
            return process
        if not self._places:
            self._take_place()
            return await self._start()
        return await self._wait() or await self._start()

    async def _wait(self) -> _Process | None:
        """A process that comes free, or None: the caller has a place and starts one."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[_Process | None] = loop.create_future()
        self._queue.append((waiting, loop.time()))
        self._watch_queue()
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled() and not waiting.exception():
                self._pass_on(waiting.result())
            raise

    async def _start(self) -> _Process:
        """A new process, in a place that was taken for it."""
        try:
            self._must_be_open()
            process = await _Process.started(self._memory)
        except OSError as error:
            self._pass_on(None)
            log.warning("no reader can be started", extra={"error": str(error)})
            raise NoReaderError(f"no reader can be started: {error.strerror}") from error
        except BaseException:
            self._pass_on(None)
            raise
        self._processes.add(process)
        try:
            await process.ready()
            self._must_be_open()
        except (EOFError, TimeoutError, ForeignError) as error:
            self._drop(process)
            self._must_be_open()
            log.warning("a reader does not start", extra={"error": repr(error)})
            raise NoReaderError("no reader can be started") from error
        except BaseException:
            self._drop(process)
            raise
        return process

    def _must_be_open(self) -> None:
        if self._closed:
            raise WorkersClosedError

    def _take_place(self) -> None:
        self._places += 1
        self._none_left.clear()

    def _pass_on(self, process: _Process | None) -> None:
        """The process, or the place for one, is for who has waited longest."""
        if process and process not in self._processes:  # it was ended meanwhile
            return
        while self._queue:
            waiting, _ = self._queue.popleft()
            if not waiting.done():
                waiting.set_result(process)
                return
        if process:
            self._idle.append(process)
            process.rest(self._idle_seconds, self._drop)
            return
        self._places -= 1
        if not self._places:
            self._none_left.set()

    def _drop(self, process: _Process) -> None:
        """End the process; then its place is for others."""
        if process not in self._processes:
            return
        self._processes.remove(process)
        if process in self._idle:
            self._idle.remove(process)
        ending = asyncio.create_task(process.end(), name="end a reader")
        self._endings.add(ending)
        ending.add_done_callback(self._has_ended)

    def _has_ended(self, ending: asyncio.Task[int]) -> None:
        self._endings.discard(ending)
        self._pass_on(None)

    def _watch_queue(self) -> None:
        """Start another process when who waits longest has done so for long."""
        if self._hurry or not self._queue or self._places >= self._most:
            return
        loop = asyncio.get_running_loop()
        self._hurry = loop.call_at(self._queue[0][1] + self._patience_seconds, self._look_at_queue)

    def _look_at_queue(self) -> None:
        self._hurry = None
        while self._queue and self._queue[0][0].done():  # given up
            self._queue.popleft()
        if not self._queue or self._places >= self._most:
            return
        waiting, since = self._queue[0]
        if asyncio.get_running_loop().time() >= since + self._patience_seconds:
            self._queue.popleft()
            self._take_place()
            waiting.set_result(None)
        self._watch_queue()
