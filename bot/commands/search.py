"""/search: what there is, the newest first."""

from datetime import datetime

from bot.commands.desk import Ask, Command, Desk
from bot.render import guidance, lists, words
from bot.render.message import Message
from storage import Cursor, Query, QueryError


async def handle(ask: Ask, desk: Desk) -> Message:
    """The newest articles that the query finds."""
    if not ask.text:
        return guidance.usage(words.HOW_TO_SEARCH, "/search")
    return await results(desk, Query.parse(ask.text), now=ask.now)


async def results(desk: Desk, query: Query, *, now: datetime, cursor: Cursor | None = None) -> Message:
    """A page of what the query finds; when nothing is found, what a shorter query would find."""
    page = await desk.store.articles.search(query, now=now, limit=desk.page_size, cursor=cursor)
    if not page.articles and cursor is None:
        return await nothing(desk, query, now=now)
    return lists.results(page, query, await desk.store.queries.keep(query), followable=_followable(query))


async def nothing(desk: Desk, query: Query, *, now: datetime) -> Message:
    """The answer when nothing is found."""
    wider = await desk.store.articles.widened(query, now=now)
    if wider is None:
        return lists.nothing_found(query)
    return lists.nothing_found(query, wider, await desk.store.queries.keep(wider))


def _followable(query: Query) -> bool:
    try:
        query.check_followable()
    except QueryError:
        return False
    return True


COMMAND = Command("search", "Find news: the newest first", "/search query", handle)
