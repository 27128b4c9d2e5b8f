"""Short words for what the contract's tests do with feeds."""

from storekeeping import HOUR, LEASE, NOON

from storage import FeedClaim, NewFeed, Place, Polled, Source, Store

URL = "https://herald.example/feed"


def new_feed(name: str = "herald", url: str = "", chat: int = 0, **values) -> NewFeed:
    """A feed that a chat of bot 7 adds; 0: the operator."""
    address = url or f"https://{name}.example/feed"
    return NewFeed(address, Source(name, name.title()), Place(7, chat) if chat else None, **values)


def polled(claim: FeedClaim, now=NOON, **values) -> Polled:
    return Polled(claim, **({"due": now + HOUR, "interval": HOUR} | values))


async def add(store: Store, name: str = "herald", url: str = "", chat: int = 0, *, now=NOON, most=None, **values):
    return await store.feeds.add(new_feed(name, url, chat, **values), now=now, lease=LEASE, most=most)


async def added(store: Store, *names: str, now=NOON) -> None:
    """Add feeds of these names, and poll each once."""
    for name in names:
        _, claim = await add(store, name, now=now)
        assert claim
        await store.feeds.settle([polled(claim, now)], now=now)


async def claim(store: Store, now=NOON, *, limit=100, lease=LEASE) -> list[FeedClaim]:
    return await store.feeds.claim(now=now, lease=lease, limit=limit)


async def claim_one(store: Store, now=NOON) -> FeedClaim:
    (one,) = await claim(store, now)
    return one


async def settle(store: Store, claim: FeedClaim, now=NOON, **values) -> None:
    await store.feeds.settle([polled(claim, now, **values)], now=now)


def names(claims: list[FeedClaim]) -> list[str]:
    return [one.feed.source.name for one in claims]
