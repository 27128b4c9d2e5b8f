"""The HTTP server: routes, static files, starting and stopping."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from aiohttp import web

from bot.sandbox.bot_api import TOKEN, BotApi
from bot.sandbox.control import Control
from bot.sandbox.world import Settings, Worlds

if TYPE_CHECKING:
    from types import TracebackType

STATIC = Path(__file__).parent / "static"
BIGGEST_REQUEST = 1024 * 1024  # parameters of one call, as on the official server
LONGEST_LINE = 512 * 1024  # of a head: what is too much for Telegram is refused in its own words
# Long polls and event streams are cut after this many seconds when the server stops.
PATIENCE = 0.2

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Server:
    """A sandbox that listens on `url` while its context lasts. Port 0 takes any free one."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, settings: Settings | None = None) -> None:
        self._host = host
        self._port = port
        self._runner = web.AppRunner(
            make_app(settings),
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


def make_app(settings: Settings | None = None) -> web.Application:
    worlds = Worlds(settings)
    pages = _Pages(worlds)
    app = web.Application(client_max_size=BIGGEST_REQUEST)
    bots = BotApi(worlds)
    app.router.add_route("*", "/bot{token:[^/]+}/{method:[^/]+}", bots.handle)
    app.router.add_get("/file/bot{token:[^/]+}/photos/{file_id}", bots.file)
    app.router.add_routes(Control(worlds).routes())
    app.on_cleanup.append(worlds.close)
    app.router.add_get("/", pages.bots)
    app.router.add_get("/chat/{token}", pages.chat)
    app.router.add_get("/static/{name}", pages.static)
    return app


class _Pages:
    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds

    async def bots(self, _: web.Request) -> web.Response:
        """Go to the only bot, or list what there is."""
        worlds = self._worlds.known()
        if len(worlds) == 1:
            raise web.HTTPFound(f"/chat/{quote(worlds[0].token)}")
        items = "".join(
            f'<li><a href="/chat/{quote(world.token)}">{escape(world.settings.name)}</a></li>' for world in worlds
        )
        page = (STATIC / "bots.html").read_text("utf-8").replace("<!-- bots -->", items)
        return web.Response(text=page, content_type="text/html", headers=HEADERS)

    async def chat(self, request: web.Request) -> web.FileResponse:
        if not TOKEN.fullmatch(request.match_info["token"]):
            raise web.HTTPNotFound(text="a bot's token looks like 123456:ABC")
        return web.FileResponse(STATIC / "index.html", headers=HEADERS)

    async def static(self, request: web.Request) -> web.FileResponse:
        name = request.match_info["name"]
        if name not in {"page.css", "page.js", "render.js"}:
            raise web.HTTPNotFound
        return web.FileResponse(STATIC / name, headers=HEADERS)
