"""/search: what there is, the newest or the best first."""

import asyncio
from datetime import datetime

from bot.commands import channels
from bot.commands.desk import Ask, Command, Desk, asked, opening
from bot.render import guidance, lists, words
from bot.render.buttons import Choose, Follow
from bot.render.message import Message
from storage import Context, Cursor, Page, Query, QueryError, Question, context_of


async def handle(ask: Ask, desk: Desk) -> Message:
    """The articles that the question finds, the newest or the best first."""
    if not ask.text:
        return guidance.usage(words.HOW_TO_SEARCH, "/search")
    question = await asked(ask.text)
    question.query.check_dates(ask.now)
    return await results(ask, desk, question)


async def results(ask: Ask, desk: Desk, question: Question, *, cursor: Cursor | None = None) -> Message:
    """A page of what the question finds; when nothing is found, what a similar query would find."""
    query, sort = question.query, question.sort
    page = await desk.store.articles.search(query, now=ask.now, limit=desk.page_size, cursor=cursor, sort=sort)
    if not page.articles and cursor is None:
        return await nothing(desk, query, now=ask.now)
    query_id = await desk.store.queries.keep(query)
    ways = await _ways_to_follow(ask, desk, query, query_id)
    contexts = await asyncio.to_thread(_contexts, query, page) if query.leaves else ()
    return lists.results(page, question, query_id, ways, username=opening(ask, desk), contexts=contexts)


async def nothing(desk: Desk, query: Query, *, now: datetime) -> Message:
    """The answer when nothing is found."""
    spelled = await desk.store.articles.spelled(query, now=now)
    wider = await desk.store.articles.widened(query, now=now)
    return lists.nothing_found(
        query, await _offered(desk, spelled), await _offered(desk, wider if wider != spelled else None)
    )


async def _offered(desk: Desk, query: Query | None) -> lists.Offer | None:
    return (query, await desk.store.queries.keep(query)) if query else None


def _contexts(query: Query, page: Page) -> list[Context | None]:
    return [context_of(query, one) for one in page.articles]


async def _ways_to_follow(ask: Ask, desk: Desk, query: Query, query_id: int) -> list[Follow | Choose]:
    try:
        query.check_followable()
    except QueryError:
        return []
    return [Follow(query_id), Choose(query_id)] if await channels.of_speaker(ask, desk) else [Follow(query_id)]


COMMAND = Command("search", "Find news: the newest first", "/search query", handle)
