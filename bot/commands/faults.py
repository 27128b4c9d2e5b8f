"""Answers to questions that cannot be answered."""

from collections.abc import Callable

from bot.commands.desk import Desk, parsed
from bot.render.buttons import OpenPage, Press
from bot.render.guidance import query_error
from bot.render.message import Message
from storage import QueryError


async def fault(error: QueryError, desk: Desk, offer: Callable[[int], Press] = OpenPage) -> Message:
    """What is wrong with the query, and the hint as a button that does what was asked for."""
    if not error.hint:
        return query_error(error)
    return query_error(error, offer(await desk.store.queries.keep(await parsed(error.hint))))
