"""The process that reads outside data for the bot: `python -m bot.intake.processes.worker MEMORY`, MEMORY in bytes.

It takes requests from its standard input, one after the other, and ends with that. Whoever starts it kills it when it
takes too long. It can open no connection, start no program, write no file and take no more memory than it is given.
"""

import faulthandler
import gc
import importlib
import os
import pickle
import resource
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from bot.intake.parsing.entries import UnreadableError
from bot.intake.processes.wire import ANSWER_LIMIT, READY, Header, Kind, Request

MOST_JOBS = 1_000
"""Then a new process takes over: libraries leak a little."""
GROWN = 140_000_000
"""Likewise when it holds so many bytes after a job: Python and malloc seldom give memory back."""
NICER = 10
FILES = 64
LONGEST_MESSAGE = 10_000
# Audit events (PEP 578) of whatever would talk to others, or run other programs.
_REFUSED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system")


def main() -> None:
    answers = _own_output()
    _confine(int(sys.argv[1]))
    _send(answers, READY.packed())
    done = 0
    last = False
    while not last and (request := _next(sys.stdin.buffer)):
        done += 1
        kind, answer = _answer(request)
        del request
        last = kind is Kind.MEMORY or done == MOST_JOBS or _resident() > GROWN
        _send(answers, Header(kind, last, len(answer)).packed() + answer)
    os._exit(0)  # taking apart what was built up takes time


def _own_output() -> int:
    """The pipe for answers, for nobody else: what anything prints goes to the standard error."""
    answers = os.dup(1)
    os.dup2(2, 1)
    return answers


def _confine(memory: int) -> None:
    # A service manager tells all processes of the service to end: this one ends with the bot.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    faulthandler.enable()
    sys.addaudithook(_refuse)
    sys.dont_write_bytecode = True
    with suppress(OSError):  # a service manager may not allow it
        os.nice(NICER)  # whoever asks the bot something comes first
    with suppress(OSError):  # when the machine's memory is short, the bot is the last to go
        Path("/proc/self/oom_score_adj").write_text("500", "ascii")
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES),
    ):
        resource.setrlimit(limit, (value, value))


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event.startswith(_REFUSED):
        raise PermissionError(f"{event} in the process that reads outside data")


def _next(requests: BinaryIO) -> Request | None:
    try:
        request = pickle.load(requests)  # noqa: S301  # the bot's own word
    except (EOFError, pickle.UnpicklingError):  # the bot has ended, perhaps in the middle of it
        return None
    assert isinstance(request, Request)  # noqa: S101  # likewise
    return request


def _answer(request: Request) -> tuple[Kind, bytes]:
    try:
        kind, answer = _done(request)
    except MemoryError:
        kind, answer = Kind.MEMORY, b""
    if len(answer) > ANSWER_LIMIT:
        return Kind.UNREADABLE, b"there is too much in it"
    return kind, answer


def _done(request: Request) -> tuple[Kind, bytes]:
    try:
        job = getattr(importlib.import_module(request.module), request.job)
        # Who takes longer is killed by it (SIGPROF). It counts what this process uses, not how long others hold it up.
        signal.setitimer(signal.ITIMER_PROF, request.seconds)
        return Kind.VALUE, pickle.dumps(job(*request.args, **request.kwargs), pickle.HIGHEST_PROTOCOL)
    except UnreadableError as error:
        return Kind.UNREADABLE, _message(str(error))
    except RecursionError:
        return Kind.UNREADABLE, b"it is nested too deeply"
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  one input must not end what others wait for
        return Kind.FAILED, _message(traceback.format_exc(limit=-10))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _message(text: str) -> bytes:
    return text[-LONGEST_MESSAGE:].encode("utf-8", "replace")


def _resident() -> int:
    """Bytes that this process holds, after looking for what nobody needs."""
    held = _statm()
    if held <= GROWN:
        return held
    gc.collect()
    return _statm()


def _statm() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()


def _send(answers: int, data: bytes) -> None:
    left = memoryview(data)
    with suppress(BrokenPipeError):  # the bot has ended: there is no next request either
        while left:
            left = left[os.write(answers, left) :]


if __name__ == "__main__":
    main()
