"""What Ctrl-C and SIGTERM do to a command at work."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from threading import Timer
from typing import Any, TypeVar

from bot.ending import end_at_once

CLOSE_SECONDS = 5.0  # how long what was broken off may take to close

T = TypeVar("T")


class Interrupted(Exception):  # noqa: N818  it says what happened
    """Ctrl-C has broken the work off."""


def run_until_told(work: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    """Run the work, which ends in its own order once it is told to stop: Ctrl-C, SIGTERM, the terminal closed.

    A second Ctrl-C or SIGTERM ends the process at once.
    """
    try:
        return asyncio.run(_until_told(work))
    finally:
        signal.signal(signal.SIGINT, end_at_once)


async def _until_told(work: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    stopping = asyncio.Event()

    def tell(number: int) -> None:
        # A terminal that closes may say so twice.
        if stopping.is_set() and number != signal.SIGHUP:
            end_at_once(number)
        stopping.set()

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        numbers.append(signal.SIGHUP)
    for number in numbers:
        asyncio.get_running_loop().add_signal_handler(number, tell, number)
    return await work(stopping)


def run_unless_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """Run the work to its end. Ctrl-C breaks it off, once, and then it has 5 s to close. Raises Interrupted."""
    try:
        return asyncio.run(_unless_interrupted(work))
    except (asyncio.CancelledError, KeyboardInterrupt):
        # What is left is to say so.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise Interrupted from None


async def _unless_interrupted(work: Coroutine[Any, Any, T]) -> T:
    doing = asyncio.create_task(work)
    told = False

    def break_off() -> None:
        nonlocal told
        if told:
            return
        told = True
        doing.cancel()
        late = Timer(CLOSE_SECONDS, end_at_once, [signal.SIGINT])
        late.daemon = True
        late.start()

    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, break_off)
    return await doing
