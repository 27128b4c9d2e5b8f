"""Random schedules of two feeds that become one: whoever follows either is given each story once."""

import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from random import Random

from feedkeeping import add, polled
from storekeeping import (
    BOT,
    DAY,
    LEASE,
    MINUTE,
    NOON,
    announce,
    article,
    delivered,
    examples,
    owed,
    settle,
    titles,
    wake,
)

from storage import Cadence, Place, Query, open_store

OLD, NEW = "http://herald.example/feed", "https://herald.example/feed"
FOLLOWED = {
    1: ("source:old", Cadence.INSTANT),
    2: ("source:old", Cadence.DAILY),
    3: ("source:herald", Cadence.INSTANT),
    4: ("story source:old", Cadence.DAILY),
}


class Town:
    """A site with one document, a store, and what chats were given."""

    def __init__(self, store):
        self.store = store
        self.now = NOON
        self.document = []
        self.brought = {"old": set(), "herald": set()}
        self.has_moved = False
        self.given = {chat: Counter() for chat in FOLLOWED}

    async def begin(self, *, added_by=0):
        for name, url, chat in (("herald", NEW, added_by), ("old", OLD, 0)):
            _, mine = await add(self.store, name, url, chat)
            await self.store.feeds.settle([polled(mine)], now=NOON)
        for chat, (query, cadence) in FOLLOWED.items():
            await self.store.subscriptions.add(Place(BOT, chat), Query.parse(query), now=NOON, cadence=cadence)

    async def publish(self):
        self.document.append(f"Story {len(self.document)}")

    async def poll(self, name):
        await self.store.feeds.poll(name, now=self.now)
        for mine in await self.store.feeds.claim(now=self.now, lease=LEASE, limit=2):
            source = mine.feed.source.name
            new = [title for title in self.document if title not in self.brought[source]]
            self.brought[source].update(new)
            await self.store.articles.add([article(title, source=source) for title in new], arrived=self.now)
            moved_to = NEW if mine.feed.url == OLD and self.has_moved else ""
            one = polled(mine, due=self.now + 7 * DAY, renewed=bool(new), moved_to=moved_to)
            await self.store.feeds.settle([one], now=self.now)

    async def announce(self):
        await announce(self.store, now=self.now)
        await wake(self.store, self.now)

    async def deliver(self, *, digests):
        for one in await self.store.mailboxes.claim(BOT, now=self.now, lease=LEASE, limit=9, digests=digests):
            owing = await owed(self.store, one, self.now)
            await settle(self.store, delivered(one, owing, self.now), self.now)
            self.given[one.mailbox.place.chat].update(titles(owing))

    async def choose(self, random):
        chat, cadence = random.choice(list(FOLLOWED)), random.choice([Cadence.INSTANT, Cadence.DAILY])
        [one] = await self.store.subscriptions.all(Place(BOT, chat))
        await self.store.subscriptions.change_cadence(one.place, one.id, cadence, now=self.now)

    async def step(self, random):
        self.now += timedelta(seconds=random.choice([1, 5, 61]))
        doings = [
            self.publish,
            lambda: self.poll("old"),
            lambda: self.poll("herald"),
            self.announce,
            lambda: self.deliver(digests=False),
            lambda: self.deliver(digests=True),
            lambda: self.choose(random),
        ]
        await random.choices(doings, weights=[3, 4, 4, 4, 4, 1, 1])[0]()

    async def end(self):
        """Let all that is left come."""
        for _ in range(3):
            self.now += MINUTE
            for one in await self.store.feeds.all():
                await self.poll(one.source.name)
            await self.announce()
            await self.deliver(digests=True)
            await self.deliver(digests=False)


async def test_under_any_schedule_each_story_is_given_once(engine_url):
    for seed in range(examples(4)):
        random = Random(seed)  # noqa: S311  no secret
        async with AsyncExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            town = Town(await stack.enter_async_context(open_store(engine_url(folder))))
            added_by = random.choice([0, 9])
            await town.begin(added_by=added_by)
            for number in range(60):
                town.has_moved = number >= 20
                await town.step(random)
            await town.end()
            left = "old" if added_by else "herald"
            assert [one.source.name for one in await town.store.feeds.all()] == [left], seed
            once = Counter(town.document)
            assert town.given == dict.fromkeys(FOLLOWED, once), seed
