"""`python -m bot.sandbox`: the sandbox as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import signal
import sys
import threading

from bot.sandbox.server import Server
from bot.sandbox.world import Settings

FREEZE_SECONDS = 1.0


def main() -> None:
    usual = Settings()
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="A Telegram on this machine.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes any free one (default)")
    parser.add_argument("--name", default=usual.name, help="name of a new bot (default: %(default)s)")
    parser.add_argument("--username", default=usual.username, help="its username (default: %(default)s)")
    parser.add_argument("--town", action="store_true", help="begin with a few people, a group, a forum and a channel")
    parser.add_argument("--until-eof", action="store_true", help="end when standard input does, so with who started it")
    options = parser.parse_args()
    settings = Settings(name=options.name, username=options.username)
    try:
        asyncio.run(serve(Server(options.host, options.port, settings, town=options.town), until_eof=options.until_eof))
    except OSError as error:  # the port is taken, the address is not ours
        sys.exit(f"{parser.prog}: {error.strerror or error}")


async def serve(server: Server, *, until_eof: bool = False) -> None:
    """Serve until SIGTERM or SIGINT; print the address once it answers."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if until_eof:
        threading.Thread(target=_read_to_eof, args=(loop, stopping), daemon=True).start()
    async with server:
        print(f"listening on {server.url}", flush=True)  # noqa: T201  who starts us reads this line
        sparing = asyncio.create_task(_spare_what_is_kept(), name="spare what is kept")
        await stopping.wait()
        sparing.cancel()


async def _spare_what_is_kept() -> None:
    """Keep the garbage collector from what stays: it would look through all that was ever sent, while others wait."""
    while True:
        await asyncio.sleep(FREEZE_SECONDS)
        gc.freeze()


def _read_to_eof(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    # Not through sys.stdin, whose lock the end of the program would wait for.
    while os.read(0, 4096):
        continue
    with contextlib.suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(stopping.set)


if __name__ == "__main__":
    main()
