"""/article: one article to read, by its number or by words of its title."""

import re

from bot.commands.desk import Ask, Command, Desk, opening, parsed
from bot.commands.search import nothing
from bot.render import guidance, words
from bot.render.article import article_pages
from bot.render.message import Message
from storage import Article, Query, QueryError

_NUMBER = re.compile(r"#?(\d{1,18})", re.ASCII)
_RELATED_SHOWN = 5


async def handle(ask: Ask, desk: Desk) -> Message:
    """The article with this number, or the one that these words mean best. Raises NotFound."""
    if not ask.text:
        return guidance.usage(words.HOW_TO_OPEN, "/article")
    if number := _NUMBER.fullmatch(ask.text):
        return await opened(ask, desk, int(number[1]))
    query = await parsed(ask.text)
    best = await _best(ask, desk, query)
    return await nothing(desk, query, now=ask.now) if best is None else await _page(ask, desk, best)


async def opened(ask: Ask, desk: Desk, number: int, page: int = 0) -> Message:
    """A page of the article with this number. Raises NotFound."""
    return await _page(ask, desk, await desk.store.articles.get(number), page)


async def _page(ask: Ask, desk: Desk, article: Article, page: int = 0) -> Message:
    related = await desk.store.articles.related(article, limit=_RELATED_SHOWN)
    return article_pages(article, related, page, opening(ask, desk))


async def _best(ask: Ask, desk: Desk, query: Query) -> Article | None:
    """The newest with all the words in its title, else the newest that the query finds at all."""
    for one in (*await _in_title(ask.text), query):
        page = await desk.store.articles.search(one, now=ask.now, limit=1)
        if page.articles:
            return page.articles[0]
    return None


async def _in_title(text: str) -> tuple[Query, ...]:
    """The query for these words in a title, if they are mere words and it is none too long."""
    if not all(word.isalnum() for word in text.split()):
        return ()
    try:
        return (await parsed(" ".join(f"title:{word}" for word in text.split())),)
    except QueryError:  # of a query that nobody typed
        return ()


COMMAND = Command("article", "Read an article", "/article number or words", handle)
