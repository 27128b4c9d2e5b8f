"""Answers to questions that cannot be answered."""

from collections.abc import Callable

from bot.commands.desk import Desk, asked
from bot.render.buttons import OpenPage, Press
from bot.render.guidance import query_error
from bot.render.message import Message
from storage import QueryError


async def fault(error: QueryError, desk: Desk, offer: Callable[[int], Press] | None = None) -> Message:
    """What is wrong with the query, and the hint as a button: it does what `offer` says, or opens it."""
    if not error.hint:
        return query_error(error)
    question = await asked(error.hint)
    kept = await desk.store.queries.keep(question.query)
    return query_error(error, offer(kept) if offer else OpenPage(kept, sort=question.sort))
