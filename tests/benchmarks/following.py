"""Many chats that follow something, made through the store's own door."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from corpus import NOW
from measuring import expect

from storage import Place, Query, Store

if TYPE_CHECKING:
    from collections.abc import Iterable

AT_ONCE = 200


async def follow(store: Store, bot: int, wanted: Iterable[tuple[int, Query]]) -> None:
    """Let each chat follow its query. Many at once share transactions."""
    rest = iter(wanted)
    while some := list(itertools.islice(rest, AT_ONCE)):
        added = await asyncio.gather(
            *(store.subscriptions.add(Place(bot, chat), query, now=NOW) for chat, query in some)
        )
        expect(sum(new for _, new in added), len(some), "new subscriptions")
