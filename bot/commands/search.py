"""/search: what there is, the newest first."""

from datetime import datetime

from bot.commands import channels
from bot.commands.desk import Ask, Command, Desk, opening, parsed
from bot.render import guidance, lists, words
from bot.render.buttons import Choose, Follow
from bot.render.message import Message
from storage import Cursor, Query, QueryError


async def handle(ask: Ask, desk: Desk) -> Message:
    """The newest articles that the query finds."""
    if not ask.text:
        return guidance.usage(words.HOW_TO_SEARCH, "/search")
    return await results(ask, desk, await parsed(ask.text))


async def results(ask: Ask, desk: Desk, query: Query, *, cursor: Cursor | None = None) -> Message:
    """A page of what the query finds; when nothing is found, what a shorter query would find."""
    page = await desk.store.articles.search(query, now=ask.now, limit=desk.page_size, cursor=cursor)
    if not page.articles and cursor is None:
        return await nothing(desk, query, now=ask.now)
    query_id = await desk.store.queries.keep(query)
    ways = await _ways_to_follow(ask, desk, query, query_id)
    return lists.results(page, query, query_id, ways, opening(ask, desk))


async def nothing(desk: Desk, query: Query, *, now: datetime) -> Message:
    """The answer when nothing is found."""
    wider = await desk.store.articles.widened(query, now=now)
    if wider is None:
        return lists.nothing_found(query)
    return lists.nothing_found(query, wider, await desk.store.queries.keep(wider))


async def _ways_to_follow(ask: Ask, desk: Desk, query: Query, query_id: int) -> list[Follow | Choose]:
    try:
        query.check_followable()
    except QueryError:
        return []
    return [Follow(query_id), Choose(query_id)] if await channels.of_speaker(ask, desk) else [Follow(query_id)]


COMMAND = Command("search", "Find news: the newest first", "/search query", handle)
