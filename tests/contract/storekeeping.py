"""Short words for what the contract's tests do with a store: take articles in, let chats follow, announce, deliver."""

import os
from datetime import UTC, datetime, timedelta

from storage import Claim, Delivery, Lease, NewArticle, Outcome, Owed, Place, Query, Settlement, Store, Subscription

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LEASE = 30 * SECOND
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
BOT = 7


def examples(usual: int) -> int:
    """How many examples of a property to try: `CONTRACT_EFFORT` times the usual number."""
    return usual * int(os.environ.get("CONTRACT_EFFORT", "1"))


def article(title: str = "Peace talks begin", **values) -> NewArticle:
    given = {"source": "herald", "key": title, "published": NOON - HOUR, **values}
    return NewArticle(title=title, **given)


async def take_in(store: Store, *articles: NewArticle | str, arrived=NOON, push_since=ALWAYS):
    news = [article(one) if isinstance(one, str) else one for one in articles]
    return await store.articles.add(news, arrived=arrived, push_since=push_since)


async def found(store: Store, query: str = "*", now=NOON, limit=100):
    page = await store.articles.search(Query.parse(query), now=now, limit=limit)
    return [one.title for one in page.articles]


async def the_article(store: Store, title: str):
    """The stored article with this very title."""
    page = await store.articles.search(Query.parse("*"), now=NOON, limit=1000)
    return next(one for one in page.articles if one.title == title)


async def follow(store: Store, query: str = "*", chat: int = 1, *, thread=0, bot=BOT, now=NOON) -> Subscription:
    return (await store.subscriptions.add(Place(bot, chat, thread), Query.parse(query), now=now))[0]


async def announcer(store: Store) -> Lease:
    """The announcer's lease, taken over from whoever has it: each ends as it begins."""
    lease = await store.leases.gain("announcer", now=NOON, duration=0 * SECOND)
    assert lease
    return lease


async def announce(store: Store, lease: Lease | None = None, now=NOON) -> list[int]:
    """Announce all there is, waking nobody. Returns the positions."""
    lease = lease or await announcer(store)
    await refile(store, lease)
    positions, waiting = [], True
    while waiting:
        announced = await store.log.announce(lease, now=now, limit=20)
        assert announced
        positions += announced.positions
        waiting = announced.waiting
    await store.leases.release(lease)
    return positions


async def refile(store: Store, lease: Lease, limit=100) -> int:
    """File anew what is to be filed anew. Returns in how many chunks."""
    chunks = 1
    while await store.log.refile(lease, limit=limit):
        chunks += 1
    return chunks


async def wake(store: Store, now=NOON, limit=1000) -> int:
    """Wake all there is. Returns in how many chunks."""
    lease = await announcer(store)
    chunks = 1
    while await store.log.wake(lease, now=now, limit=limit):
        chunks += 1
    await store.leases.release(lease)
    return chunks


async def publish(store: Store, *articles: NewArticle | str, now=NOON) -> list[int]:
    """Take the articles in, announce them and wake who follows them. Returns their positions."""
    await take_in(store, *articles, arrived=now)
    positions = await announce(store, now=now)
    await wake(store, now)
    return positions


async def claim(store: Store, now=NOON, *, bot=BOT, limit=100, lease=LEASE) -> list[Claim]:
    """Claim whatever is due: pushes, then digests."""
    claims = [
        await store.mailboxes.claim(bot, now=now, lease=lease, limit=limit, digests=digests)
        for digests in (False, True)
    ]
    return [one for some in claims for one in some]


async def claim_one(store: Store, now=NOON) -> Claim:
    """The one claim there is to be had."""
    (one,) = await claim(store, now)
    return one


async def owed(store: Store, one: Claim, now=NOON) -> Owed:
    (owing,) = await store.mailboxes.owed([one], now=now)
    return owing


def titles(owing: Owed) -> list[str]:
    return [one.article.title for one in owing.articles]


def delivered(one: Claim, owing: Owed, now=NOON, **values) -> Settlement:
    """The settlement of a claim all of whose articles were sent."""
    positions = tuple(each.position for each in owing.articles)
    deliveries = (Delivery(positions, Outcome.SENT, now, message=1),) if positions else ()
    return Settlement(one, cursors=owing.cursors, deliveries=deliveries, **values)


async def settle(store: Store, settlement: Settlement, now=NOON) -> bool:
    return await store.mailboxes.settle(settlement, now=now)


async def give(store: Store, now=NOON, *, bot=BOT) -> dict[int, list[str]]:
    """Deliver what is due at `now`, once. Returns chat -> titles given, of those chats that were given any."""
    given: dict[int, list[str]] = {}
    for one in await claim(store, now, bot=bot):
        owing = await owed(store, one, now)
        assert await settle(store, delivered(one, owing, now), now)
        if owing.articles:
            given.setdefault(one.mailbox.place.chat, []).extend(titles(owing))
    return given


async def give_all(store: Store, now=NOON, *, bot=BOT) -> dict[int, list[str]]:
    """Deliver until nothing is due, letting time go on. Returns chat -> titles given."""
    given: dict[int, list[str]] = {}
    while (due := await store.mailboxes.next_due(bot)) is not None:
        now = max(now, due)
        for chat, some in (await give(store, now, bot=bot)).items():
            given.setdefault(chat, []).extend(some)
    return given
