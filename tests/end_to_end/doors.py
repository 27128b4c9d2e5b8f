"""`newscrier run`, telling each of its steps, and ended by SIGKILL at one of them.

A step is a moment at one of two doors, the store's and Telegram's:

    store: SqliteMailboxes.claim written #1       the first claim: rows are changed, the transaction is not committed
    store: SqliteMailboxes.claim committed #1     it is, and who asked for it does not know yet
    telegram: sendMessage 1001 asked #2           the second message to chat 1001: not a byte is written
    telegram: sendMessage 1001 answered #2        Telegram has answered, and the bot has not seen it

Whatever method writes and whatever is asked is counted, by its name; a transaction that changes nothing is no step.
"""

import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from forks import move_in
from telegram.error import TelegramError

from bot.cli import run
from bot.transport.request import AiohttpRequest
from storage.sqlite.connection import Database, Level


class Steps:
    """Writes each step with its time to a file; at the step `last` the process is killed."""

    def __init__(self, path: Path, last: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._last = last
        self._passed: Counter[str] = Counter()

    def come_to(self, what: str) -> None:
        self._passed[what] += 1
        step = f"{what} #{self._passed[what]}"
        os.write(self._file, f"{time.monotonic()} {step}\n".encode())
        if step == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def live(folder: Path, settings: dict[str, str], told: str, last: str) -> None:
    """Be `newscrier run` until told to stop, or killed at the step `last` ("": at none). The steps go to file `told`.

    For a process of its own: the doors stay wrapped.
    """
    os.nice(5)  # dozens live at once: whoever else is tested meanwhile goes first
    move_in(folder, settings)
    steps = Steps(folder / told, last)
    _watch_the_store(steps)
    _watch_telegram(steps)
    run()


def _watch_the_store(steps: Steps) -> None:
    write = Database.write

    async def watched(self, unit, level=Level.LOOPS):
        # Who awaits this: a method of a port.
        name = f"store: {sys._getframe(1).f_code.co_qualname}"
        changed = False

        def told(connection):
            nonlocal changed
            before = connection.total_changes
            result = unit(connection)
            changed = connection.total_changes > before
            if changed:
                steps.come_to(f"{name} written")
            return result

        result = await write(self, told, level)
        if changed:
            steps.come_to(f"{name} committed")
        return result

    Database.write = watched


def _watch_telegram(steps: Steps) -> None:
    do_request = AiohttpRequest.do_request

    async def watched(self, url, method, request_data=None, *limits, **more):
        to = request_data.json_parameters.get("chat_id", "") if request_data else ""
        name = f"telegram: {url.rpartition('/')[2]} {to}".rstrip()
        steps.come_to(f"{name} asked")
        try:
            answer = await do_request(self, url, method, request_data, *limits, **more)
        except TelegramError:
            steps.come_to(f"{name} answered")
            raise
        steps.come_to(f"{name} answered")
        return answer

    AiohttpRequest.do_request = watched
