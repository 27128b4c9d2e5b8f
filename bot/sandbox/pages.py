"""The pages for people: the list of bots, the chat page, what it is made of, and the pictures in it."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from bot.sandbox.bot_api import TOKEN

if TYPE_CHECKING:
    from bot.sandbox.world import Worlds

STATIC = Path(__file__).parent / "static"
PARTS = frozenset(path.name for path in STATIC.iterdir() if path.suffix in {".css", ".js"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
# How each kind of picture that the sandbox takes begins.
PICTURES = {b"\x89PNG": "image/png", b"GIF8": "image/gif", b"RIFF": "image/webp", b"\xff\xd8\xff": "image/jpeg"}


class Pages:
    """The routes, over the worlds of all bots."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.bots),
            web.get("/chat/{token}", self.chat),
            web.get("/chat/{token}/photos/{file_id}", self.photo),
            web.get("/static/{name}", self.static),
        ]

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

    async def photo(self, request: web.Request) -> web.Response:
        """Show a picture as what it is: a picture, whatever else a browser may find in it."""
        data = self._worlds.of(request.match_info["token"]).files.ids.get(request.match_info["file_id"])
        if data is None:
            raise web.HTTPNotFound
        kind = next((kind for begin, kind in PICTURES.items() if data.startswith(begin)), "application/octet-stream")
        # Under one file_id there is always the same picture.
        headers = {**HEADERS, "Cache-Control": "private, max-age=86400, immutable"}
        return web.Response(body=data, content_type=kind, headers=headers)

    async def static(self, request: web.Request) -> web.FileResponse:
        name = request.match_info["name"]
        if name not in PARTS:
            raise web.HTTPNotFound
        return web.FileResponse(STATIC / name, headers=HEADERS)
