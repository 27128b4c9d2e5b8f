"""The HTTP server: routes, starting and stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from aiohttp import web

from bot.sandbox.bot_api import BotApi
from bot.sandbox.control import Control
from bot.sandbox.pages import Pages
from bot.sandbox.town import furnish
from bot.sandbox.world import Settings, Worlds

if TYPE_CHECKING:
    from types import TracebackType

BIGGEST_REQUEST = 1024 * 1024  # parameters of one call, as on the official server
LONGEST_LINE = 512 * 1024  # of a head: what is too much for Telegram is refused in its own words
# Long polls and event streams are cut after this many seconds when the server stops.
PATIENCE = 0.2


class Server:
    """A sandbox that listens on `url` while its context lasts. Port 0 takes any free one.

    `town`: every bot begins with a few people and chats.
    """

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, settings: Settings | None = None, *, town: bool = False
    ) -> None:
        self._host = host
        self._port = port
        self._runner = web.AppRunner(
            make_app(settings, town=town),
            access_log=None,
            shutdown_timeout=PATIENCE,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port, backlog=1024).start()
        port = self._runner.addresses[0][1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()


def make_app(settings: Settings | None = None, *, town: bool = False) -> web.Application:
    worlds = Worlds(settings, furnish if town else None)
    pages = Pages(worlds)
    app = web.Application(client_max_size=BIGGEST_REQUEST)
    bots = BotApi(worlds)
    app.router.add_route("*", "/bot{token:[^/]+}/{method:[^/]+}", bots.handle)
    app.router.add_get("/file/bot{token:[^/]+}/photos/{file_id}", bots.file)
    app.router.add_routes(Control(worlds).routes())
    app.on_cleanup.append(worlds.close)
    app.router.add_routes(pages.routes())
    return app
