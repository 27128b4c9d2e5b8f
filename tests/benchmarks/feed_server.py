"""A server of feeds that costs little, for benchmarks: `python feed_server.py [growing]`. Says `listening on PORT`.

Whoever knows that the feed is '"1"' is told that nothing has changed; anybody else gets it, gzipped. `growing`: each
time with one more entry, and as it is.
"""

import asyncio
import gzip
import itertools
import random
import sys
from collections.abc import Callable

WORDS = (
    "ferry",
    "strike",
    "harbour",
    "council",
    "budget",
    "comet",
    "winter",
    "bridge",
    "museum",
    "market",
    "valley",
    "train",
)
UNCHANGED = (
    b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nCache-Control: max-age=300\r\n'
    b"Date: Thu, 26 Nov 2026 12:00:00 GMT\r\n\r\n"
)


def feed(newest: str = "", *, entries: int = 30, gzipped: bool = True) -> bytes:
    """So many entries of made-up news, and the newest, as an answer."""
    chosen = random.Random(8)  # noqa: S311  made-up news
    items = "".join(
        f"<item><title>{' '.join(chosen.choices(WORDS, k=9))}</title><guid>https://news.example/{number}</guid>"
        f"<description>{' '.join(chosen.choices(WORDS, k=60))}</description></item>"
        for number in range(entries)
    )
    body = f"<rss version='2.0'><channel><title>News</title>{newest}{items}</channel></rss>".encode()
    head = 'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Type: application/rss+xml\r\n'
    if gzipped:
        body, head = gzip.compress(body), f"{head}Content-Encoding: gzip\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def newest(number: int) -> str:
    """An entry that was not there before."""
    return f"<item><title>Late news, number {number}</title><guid>https://news.example/late/{number}</guid></item>"


class Serving(asyncio.Protocol):
    """A connection."""

    def __init__(self, changed: Callable[[], bytes]) -> None:
        self._changed = changed
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, _, self._asked = self._asked.partition(b"\r\n\r\n")
            self._transport.write(UNCHANGED if b'If-None-Match: "1"' in head else self._changed())


async def main() -> None:
    once, numbers = feed(), itertools.count()
    changed = (lambda: feed(newest(next(numbers)), gzipped=False)) if "growing" in sys.argv else (lambda: once)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Serving(changed), "127.0.0.1", 0, backlog=1_000)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
