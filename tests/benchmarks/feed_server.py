"""A server of feeds that costs little, for the fetcher's benchmark: `python feed_server.py`. Says `listening on PORT`.

Whoever knows that the feed is '"1"' is told that nothing has changed; anybody else gets it, gzipped.
"""

import asyncio
import gzip
import random

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


def feed() -> bytes:
    """Thirty entries of made-up news, as an answer."""
    chosen = random.Random(8)  # noqa: S311  made-up news
    items = "".join(
        f"<item><title>{' '.join(chosen.choices(WORDS, k=9))}</title><guid>https://news.example/{number}</guid>"
        f"<description>{' '.join(chosen.choices(WORDS, k=60))}</description></item>"
        for number in range(30)
    )
    body = gzip.compress(f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode())
    head = 'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Type: application/rss+xml\r\nContent-Encoding: gzip\r\n'
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Serving(asyncio.Protocol):
    """A connection."""

    def __init__(self, changed: bytes) -> None:
        self._changed = changed
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, _, self._asked = self._asked.partition(b"\r\n\r\n")
            self._transport.write(UNCHANGED if b'If-None-Match: "1"' in head else self._changed)


async def main() -> None:
    changed = feed()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Serving(changed), "127.0.0.1", 0, backlog=1_000)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
