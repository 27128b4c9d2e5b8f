"""/sources: what there is to follow, found by words; for the people who run the bot how their feeds are doing."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime

from bot.commands.desk import Ask, Command, Desk, of_source, parsed
from bot.render import sources as rendered
from bot.render import words
from bot.render.buttons import OpenHealth, OpenSources
from bot.render.message import Message
from storage import EVERYTHING, Feed, Query, Source

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 8
_LONGEST_WORD = 30


async def handle(ask: Ask, desk: Desk) -> Message:
    """The sources with these words in their titles or names; `failing`: the feeds in trouble, for admins alone."""
    if ask.text.casefold() == words.FAILING and desk.is_admins(ask):
        return await troubled(desk, OpenHealth())
    wanted = " ".join(word[:_LONGEST_WORD] for word in _WORD.findall(ask.text.casefold())[:_MOST_WORDS])
    return await _page(ask, desk, await parsed(wanted) if wanted else EVERYTHING, 0)


async def listed(ask: Ask, desk: Desk, shown: OpenSources) -> Message:
    """A page of the sources. Raises NotFound when the words are no longer kept."""
    return await _page(ask, desk, await desk.store.queries.get(shown.words), shown.page)


async def troubled(desk: Desk, asked: OpenHealth) -> Message:
    """A page of the feeds that fail, have ended or are paused."""
    feeds = await desk.store.feeds.all()
    found = rendered.in_trouble(feeds)
    page = min(asked.page, max(len(found) - 1, 0) // desk.page_size)
    first = page * desk.page_size
    shown, more = found[first : first + desk.page_size], first + desk.page_size < len(found)
    return rendered.health(shown, OpenHealth(page), len(found), len(feeds), more=more)


async def _page(ask: Ask, desk: Desk, wanted: Query, page: int) -> Message:
    # A query of mere words is how what was looked for fits below a button.
    said, size = "" if wanted == EVERYTHING else wanted.text, desk.page_size
    found = (await desk.store.sources.find(said, limit=(page + 1) * size + 1))[page * size :]
    feeds = await desk.store.feeds.all() if desk.is_admins(ask) else []
    shown = rendered.Shown(
        OpenSources(await desk.store.queries.keep(wanted), page),
        page * size + 1,
        said,
        more=len(found) > size,
        may_add=desk.may_add(ask) != 0,
        in_trouble=len(rendered.in_trouble(feeds)),
    )
    return rendered.sources(await _lines(ask, desk, found[:size], feeds), shown)


async def _lines(ask: Ask, desk: Desk, sources: Sequence[Source], feeds: Sequence[Feed]) -> list[rendered.Line]:
    followed = {one.query for one in await desk.store.subscriptions.all(ask.place)}
    by_name = {feed.source.name: feed for feed in feeds}
    lines = (_line(desk, one, followed, by_name.get(one.name), ask.now) for one in sources)
    return list(await asyncio.gather(*lines))


async def _line(desk: Desk, source: Source, followed: set[str], feed: Feed | None, now: datetime) -> rendered.Line:
    query = await of_source(source)
    if query is None:
        return rendered.Line(source, feed=feed)
    return rendered.Line(
        source,
        query.text,
        await desk.store.queries.keep(query),
        await desk.store.articles.per_day(query, now=now),
        followed=query.text in followed,
        feed=feed,
    )


COMMAND = Command("sources", "Where the news comes from, to find and follow", "/sources [words]", handle, of_chats=True)
