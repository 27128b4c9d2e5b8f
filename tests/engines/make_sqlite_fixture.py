"""Make tests/fixtures/<version>.sqlite: a small store as this version writes it, for later versions to open.

    python tests/engines/make_sqlite_fixture.py

A fixture is made once, when its version is released, and never again: it shows that what people have can be opened.
"""

import asyncio
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "contract"))

from storekeeping import (  # noqa: E402  found by the line above
    BOT,
    DAY,
    LEASE,
    NOON,
    article,
    claim,
    follow,
    give,
    publish,
    settle,
    take_in,
)

from storage import (  # noqa: E402
    Cadence,
    Chat,
    ChatKind,
    ChatSettings,
    Embargo,
    FileSeen,
    NewFeed,
    Pictures,
    Place,
    Polled,
    Query,
    Quiet,
    Settlement,
    Source,
    Store,
    open_store,
)

VERSION = "0.5.0"
NEVER = datetime.max.replace(tzinfo=UTC)
PICTURE = "https://herald.example/talks.jpg"


async def fill(path: Path) -> None:
    """Articles in three languages, subscriptions, some of it delivered, some owed, one unannounced.

    One chat is paused, and in another, of which more is known, a topic is gone. One follows something daily, by a
    clock of its own. One article was withdrawn, and the message that shows another is to be edited. Something was paid
    for. A reader added a feed, which fails; a folder is watched; an urgent article by two authors is held back.
    """
    async with open_store(f"sqlite:///{path}") as store:
        await store.sources.put(Source("herald", "The Velmora Herald", language="en"))
        await follow(store, "*", chat=1)
        await follow(store, "peace -football", chat=2)
        await follow(store, "договор", chat=-1003, thread=4)
        await store.chats.put(Chat(BOT, -1003, ChatKind.GROUP, "Соседи", "neighbours", set_up_by=1))
        await follow(store, "football", chat=-1003, thread=5)
        await store.queries.keep(Query.parse("velmora lang:en"))
        await publish(store, article("Peace talks begin in Velmora", body="They met at noon.", topics=("Politics",)))
        await give(store)
        await store.mailboxes.pause(BOT, 2, now=NOON, reason="bot was blocked by the user")
        await publish(store, "Подписан мирный договор", "Peace and football")
        for one in await claim(store):
            if one.mailbox.place.thread == 5:
                await settle(store, Settlement(one, shut="message thread not found"))
        await store.mailboxes.free(BOT, now=NOON)
        await take_in(store, "Խաղաղության բանակցություններ", "Withdrawn, and said by mistake")
        assert await store.articles.withdraw(5)
        daily = await follow(store, "harvest", chat=3)
        await store.subscriptions.change_cadence(daily.place, daily.id, Cadence.DAILY, now=NOON)
        chosen = ChatSettings(
            "Asia/Yerevan", Quiet(23 * 60, 7 * 60), muted_until=NOON + DAY, pictures=Pictures.PHOTO, urgent=True
        )
        await store.chats.change_settings(BOT, 3, chosen, now=NOON)
        corrected = article("Peace talks begin in Velmora", link="https://herald.example/talks", image=PICTURE)
        await take_in(store, corrected, push_since=NEVER)
        await store.payments.count(BOT, NOON.date(), 12)
        await add_ways_in(store)


async def add_ways_in(store: Store) -> None:
    """What brings articles by itself, and what is to be published later."""
    source = Source("courier", "The Lakeside Courier", language="en")
    wanted = NewFeed("https://courier.example/feed", source, added_by=Place(BOT, 3), topics=("Lake",), full_text=True)
    _, feed_claim = await store.feeds.add(wanted, now=NOON, lease=LEASE)
    assert feed_claim
    failed = Polled(feed_claim, NOON + DAY, DAY, failed="does not answer")
    await store.feeds.settle([failed], now=NOON)
    await store.feeds.know("https://courier.example", "courier")
    folder, _ = await store.folders.add(Path("/srv/inbox"), Source("inbox", "Inbox"), now=NOON)
    await store.folders.note_seen(folder.source.name, [FileSeen("page.txt", 12, 34)])
    held = article("Bridge to open", source="courier", authors=("Ann Lee", "Jo Day"), urgent=True, aliases=("id:7",))
    await store.embargoes.put(Embargo(held, NOON + DAY))


def main() -> None:
    """Write the fixture as one file, without the journal beside it."""
    path = TESTS / "fixtures" / f"{VERSION}.sqlite"
    path.unlink(missing_ok=True)
    asyncio.run(fill(path))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 1024")
        connection.execute("VACUUM")
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
