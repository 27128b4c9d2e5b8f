"""Jobs for the process that reads outside data: some do what they should, most do what they should not."""

import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.intake.parsing.entries import Entry, UnreadableError

KEPT = []


def entries(count: int, body: str) -> tuple[Entry, ...]:
    return tuple(
        Entry(f"Title {number}", body=body, published=datetime(2026, 7, 16, tzinfo=UTC)) for number in range(count)
    )


def length(data: bytes) -> int:
    return len(data)


def pid() -> int:
    return os.getpid()


def unreadable(why: str) -> str:
    raise UnreadableError(why)


def deep() -> str:
    return deep()


def wrong() -> str:
    raise ValueError("no\x1bsuch thing")


def chatty() -> str:
    print("this is", "no answer")
    os.write(1, b"neither is this" * 10_000)
    print("nor this", file=sys.stderr)
    return "an answer"


def spin() -> str:
    while True:
        pass


def rest() -> str:
    time.sleep(3600)
    return ""


def hog() -> str:
    taken = []
    while True:
        taken.append(bytearray(10_000_000))


def crash() -> str:
    os.abort()


def grow() -> int:
    KEPT.append(b"x" * 150_000_000)
    return os.getpid()


def liar() -> str:
    return Entry("no text")


def say_and_spin(pipe: str) -> str:
    with Path(pipe).open("wb") as says:
        says.write(b".")
    return spin()


def say_and_wait(says: str, hears: str) -> int:
    with Path(says).open("wb") as pipe:
        pipe.write(b".")
    with Path(hears).open("rb") as pipe:
        pipe.read()
    return os.getpid()


def tries(folder: str) -> tuple[str, ...]:
    """What becomes of what this process should not do."""
    attempts = (
        socket.socket,
        lambda: socket.getaddrinfo("localhost", 80),
        lambda: subprocess.run(["/bin/true"], check=False),
        lambda: os.system("/bin/true"),  # noqa: S605  it must not
        os.fork,
        lambda: Path(folder, "written").write_text("anything"),
    )
    return tuple(_outcome(attempt) for attempt in attempts)


def _outcome(attempt) -> str:
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return "done"


def settings() -> tuple[str, ...]:
    return tuple(name for name in os.environ if name.startswith("NEWSCRIER_"))
