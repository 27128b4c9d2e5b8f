"""One message's edit: what it is to show now, and what came of showing it."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.push.giving import SEND_SECONDS, SEND_TIME, Clocks
from bot.render.digest import digest_as_it_is_now
from bot.render.lists import pushed_as_it_is_now
from bot.transport.limiter import Turn
from bot.transport.outgoing import Capabilities, deliver
from bot.transport.pacing import Priority
from bot.transport.verdicts import (
    ChatDeleted,
    ChatGone,
    ChatMoved,
    NotAllowed,
    NotYet,
    Refused,
    RetryAt,
    Sent,
    ThreadClosed,
    ThreadGone,
    TokenRevoked,
    Unknown,
    Verdict,
    shows_it_already,
    verdict_of,
)
from storage import Cadence, Edit, Fate, OwedArticle, Pictures

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """The message is as it should be; UNCHANGED: it stays as it is, nothing can be done."""

    fate: Fate = Fate.UNCHANGED


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing in this chat can be edited before `at`."""

    at: datetime
    failed: bool = True


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """Nothing can be edited in this chat."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """The token is not valid any more."""


Ending = Done | Later | OutOfReach | Revoked


@dataclass(frozen=True, slots=True)
class Mender:
    """Who brings a message up to date."""

    bot: ExtBot[Turn]
    capabilities: Capabilities
    clocks: Clocks
    deletes: bool = False
    """What shows a withdrawn article alone is deleted; else it says that it was withdrawn."""

    async def mend(self, edit: Edit, showing: Sequence[OwedArticle], zone: ZoneInfo) -> Ending:
        """Let the message show this, in its turn. `zone`: the chat's."""
        if not showing:
            return Done()
        is_withdrawn = any(one.article.withdrawn for one in showing)
        if self.deletes and is_withdrawn and len(showing) == 1 and not edit.more:
            deleted = await self._tried(edit, self._delete)
            if not isinstance(deleted, Refused):
                return _ending(deleted, Fate.DELETED, self.clocks.now())
        verdict = await self._tried(edit, partial(self._edit, showing, zone))
        if isinstance(verdict, Refused) and not verdict.gone:
            log.error("an edit was refused", extra={"chat": edit.place.chat, "reason": verdict.reason})
        return _ending(verdict, Fate.WITHDRAWN if is_withdrawn else Fate.EDITED, self.clocks.now())

    async def _tried(self, edit: Edit, call: Callable[..., Awaitable[object]]) -> Verdict:
        left = (edit.until - SEND_TIME - self.clocks.now()).total_seconds()
        turn = Turn(Priority.EDIT, deadline=self.clocks.monotonic() + left)
        where = {"chat_id": edit.place.chat, "message_id": edit.message}
        try:
            await call(edit, **where, read_timeout=SEND_SECONDS, rate_limit_args=turn)
        except TelegramError as error:
            if not shows_it_already(error):
                return verdict_of(error, self.clocks.now(), edit.failures)
        return Sent(edit.message)

    async def _delete(self, _edit: Edit, **where: Any) -> None:
        await self.bot.delete_message(**where)

    async def _edit(self, showing: Sequence[OwedArticle], zone: ZoneInfo, edit: Edit, **where: Any) -> None:
        # As it was sent: in groups and channels each reader opens the article for themselves.
        username = "" if edit.place.chat > 0 else self.bot.username
        if edit.cadence is Cadence.INSTANT:
            again = pushed_as_it_is_now
        else:
            again = partial(digest_as_it_is_now, edit.cadence, edit.sent.astimezone(zone))
        preview = edit.pictures is not Pictures.NONE
        message = again(showing, edit.more, edit.key, username, preview=preview, caption=edit.photo)
        change = self._caption if edit.photo else self.bot.edit_message_text
        await deliver(partial(change, **where), message, self.capabilities)

    async def _caption(self, *, text: str, link_preview_options: object, **where: Any) -> None:  # noqa: ARG002  a picture has none
        await self.bot.edit_message_caption(caption=text, **where)


def _ending(verdict: Verdict, fate: Fate, now: datetime) -> Ending:  # noqa: PLR0911  one for each kind
    """What a verdict means for an edit. Pure."""
    match verdict:
        case Sent():
            return Done(fate)
        case NotYet(at=at):
            return Later(at or now, failed=False)
        case RetryAt(at=at, throttled=throttled):
            return Later(at, failed=not throttled)
        case Unknown(at=at):
            return Later(at)
        case ChatGone() | ChatDeleted() | NotAllowed() | ChatMoved():
            # What a group was sent before it moved belongs to the old chat, where nothing can be edited.
            return OutOfReach()
        case Refused() | ThreadGone() | ThreadClosed():
            return Done()
        case TokenRevoked():
            return Revoked()
