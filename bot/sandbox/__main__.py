"""`python -m bot.sandbox`: the sandbox as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import signal

from bot.sandbox.server import Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="A Telegram on this machine.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes any free one (default)")
    options = parser.parse_args()
    asyncio.run(serve(options.host, options.port))


async def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; print the address once it answers."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with Server(host, port) as server:
        print(f"listening on {server.url}", flush=True)  # noqa: T201  who starts us reads this line
        await stopping.wait()


if __name__ == "__main__":
    main()
