"""Law four: under load messages get fuller, not later, and a backlog is bounded by the number of chats."""

import pytest
from storekeeping import BOT, LEASE, NOON, SECOND, claim, follow, publish, settle

from storage import Claim, Delivery, Outcome, Owed, Settlement

CHATS, ARTICLES, A_TURN = 200, 60, 3
BETWEEN = 10 * SECOND
SHOWN = 20


def sent(one: Claim, owing: Owed, now, key: int) -> Settlement:
    """A message that shows some of what is owed, and counts the rest under the key."""
    shown = tuple(each.position for each in owing.articles[:SHOWN])
    more = len(owing.articles) - len(shown) + owing.more
    delivery = Delivery(shown, Outcome.SENT, now, message=1)
    if more:
        delivery = Delivery(shown, Outcome.SENT, now, message=1, key=key, more=more, rest=owing.rest)
    return Settlement(one, owing.cursors, (delivery,))


class Flood:
    """An article each ten seconds, and too few turns for all chats meanwhile."""

    def __init__(self, store):
        self.store = store
        self.now = NOON
        self.keys: dict[int, int] = {}
        """Key -> chat."""
        self.shown: dict[int, list[int]] = {chat: [] for chat in range(1, CHATS + 1)}
        """Chat -> positions."""
        self.turns: list[int] = []

    async def run(self) -> None:
        for chat in self.shown:
            await follow(self.store, chat=chat)
        for number in range(ARTICLES):
            await publish(self.store, f"News {number}", now=self.now)
            await self.serve()
        while await self.store.mailboxes.next_due(BOT):
            await self.serve()

    async def serve(self) -> None:
        claims = await claim(self.store, self.now, limit=A_TURN)
        for one, owing in zip(claims, await self.store.mailboxes.owed(claims, now=self.now), strict=True):
            settlement = sent(one, owing, self.now, key=len(self.turns) + 1)
            [delivery] = settlement.deliveries
            chat = one.mailbox.place.chat
            self.turns.append(chat)
            self.shown[chat] += delivery.positions
            if delivery.key:
                self.keys[delivery.key] = chat
            assert await settle(self.store, settlement, self.now)
        self.now += BETWEEN


@pytest.fixture
async def flood(store):
    made = Flood(store)
    await made.run()
    return made


async def test_a_flood_loses_nothing_and_gives_nothing_twice(store, flood):
    given = {chat: list(positions) for chat, positions in flood.shown.items()}
    for key, chat in flood.keys.items():
        page = await store.mailboxes.more(key, now=NOON, limit=ARTICLES)
        given[chat] += [int(one.title.removeprefix("News ")) + 1 for one in page.articles]
    assert flood.keys
    assert {chat: sorted(positions) for chat, positions in given.items()} == {
        chat: list(range(1, ARTICLES + 1)) for chat in given
    }


async def test_in_a_flood_messages_get_fuller_and_turns_stay_fair(flood):
    # A turn for each chat takes longer than all articles: whoever has a second was served before the last came.
    assert len(flood.turns) == CHATS + A_TURN * (ARTICLES - 1)
    first = flood.turns[:CHATS]
    assert sorted(first) == sorted(flood.shown)
    assert flood.turns[CHATS:] == first[: len(flood.turns) - CHATS]


async def test_however_much_a_chat_is_owed_it_is_due_once(store):
    for chat in range(CHATS):
        await follow(store, chat=chat)
    for number in range(5):
        await publish(store, f"News {number}", now=NOON + number * SECOND)
    now = NOON + 5 * SECOND
    claims = await claim(store, now, limit=5 * CHATS)
    assert sorted(one.mailbox.place.chat for one in claims) == list(range(CHATS))
    assert await claim(store, now, limit=5 * CHATS) == []
    assert await store.mailboxes.next_due(BOT) == now + LEASE
