"""An article shown to one chat as it would be pushed there: nothing is stored, and nothing is owed for it."""

from collections.abc import Callable
from datetime import timedelta

from bot.push.giving import SEND_TIME, Giver
from bot.transport.verdicts import (
    ChatDeleted,
    ChatGone,
    ChatMoved,
    NotAllowed,
    NotYet,
    RetryAt,
    Unknown,
    Verdict,
)
from storage import Article, Claim, Mailbox, Outcome, Owed, OwedArticle, Place, Store

TURN_SECONDS = timedelta(seconds=10)
"""How long it waits for its turn among all that is sent."""


class Previews:
    """Shows articles to chats."""

    def __init__(self, store: Store, giver: Giver, *, is_introduced: Callable[[], bool]) -> None:
        """`is_introduced`: whether Telegram has told who the bot is."""
        self._store = store
        self._giver = giver
        self._is_introduced = is_introduced

    async def show(self, chat: int, article: Article) -> str:
        """Show the article to the chat. Empty: done; else why it was not. Raises StoreUnavailable."""
        if not self._is_introduced():
            return "Telegram has not answered the bot yet"
        place = Place(self._giver.bot.id, chat)
        settings = await self._store.chats.settings(place.bot, chat)
        until = self._giver.clocks.now() + SEND_TIME + TURN_SECONDS
        claim = Claim(Mailbox(0, place), token="", until=until, settings=settings)
        given = await self._giver.give(claim, Owed((OwedArticle(0, article, ()),)))
        if given.stopped:
            return why_not(given.stopped)
        [delivery] = given.deliveries
        return "" if delivery.outcome is Outcome.SENT else f"Telegram refuses it: {delivery.reason}"


def why_not(stopped: Verdict) -> str:
    """Why a chat was not reached, for who asked for it."""
    match stopped:
        case ChatGone() | ChatDeleted() | NotAllowed():
            why = f"the chat cannot be written to: {stopped.reason}"
        case ChatMoved(chat=chat):
            why = f"the chat has moved: it is {chat} now"
        case RetryAt(throttled=False):
            # Also what a server that has just started says of chats that are there.
            why = "Telegram does not know the chat, or fails at the moment"
        case NotYet() | RetryAt():
            why = "the chat, or Telegram, takes nothing more at the moment: try again later"
        case Unknown():
            why = "Telegram has not answered: it may have been shown"
        case _:
            why = "it was not shown"
    return why
