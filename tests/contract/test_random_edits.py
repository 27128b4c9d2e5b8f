"""Corrections, withdrawals, sends, edits and kills in any order, on two stores of one database.

In the end every message of the last 48 hours that the store knows of shows its articles as they are. Telegram is
`Schedule.told`: what each message says.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from storekeeping import ALWAYS, BOT, HOUR, LEASE, NOON, SECOND, announcer, article, examples, follow

from storage import Claim, Delivery, Edit, Fate, Outcome, Owed, Settlement, open_store

SEND = 20 * SECOND
CHATS = (1, 2, 3)
keys = st.sampled_from("abc")
either = st.integers(0, 1)
few = st.integers(1, 3)
picked = st.integers(0, 99)
ends = st.sampled_from(["edited", "edited", "edited", "put off", "unknown"])

Said = tuple[tuple[str, bool], ...]
"""Of each article in a message its title, and whether it says that it was withdrawn."""


@dataclass
class Send:
    """A mailbox's claim on its way."""

    claim: Claim
    owed: Owed
    message: int = 0


@dataclass
class Change:
    """A message's edit on its way."""

    edit: Edit
    said: Said
    end: str = ""


@dataclass
class Telegram:
    """What its messages say, and when they were sent."""

    said: dict[int, Said] = field(default_factory=dict)
    articles: dict[int, tuple[str, ...]] = field(default_factory=dict)
    sent: dict[int, object] = field(default_factory=dict)


class Schedule(RuleBasedStateMachine):
    """One database, two processes, one model."""

    def __init__(self, engine_url):
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        folder = self.stack.enter_context(TemporaryDirectory())
        self.stores = [self.run(self.stack.enter_async_context(open_store(engine_url(folder)))) for _ in range(2)]
        self.now = NOON
        self.count = 0
        self.news: dict[str, tuple[str, bool]] = {}
        self.telegram = Telegram()
        self.recorded: set[int] = set()
        self.sends: list[Send] = []
        self.changes: list[Change] = []
        for chat in CHATS:
            self.run(follow(self.stores[0], "*", chat))

    def run(self, work):
        return self.runner.run(work)

    def teardown(self):
        try:
            self.drain()
        finally:
            self.run(self.stack.aclose())
            self.runner.close()

    # What there is to know

    @rule(at=either, key=keys)
    def is_new_or_corrected(self, at, key):
        self.count += 1
        title = f"Title {self.count}"
        news = [article(title, key=key)]
        self.run(self.stores[at].articles.add(news, arrived=self.now, push_since=ALWAYS))
        self.news[key] = (title, False)

    @rule(at=either, key=keys)
    def is_withdrawn(self, at, key):
        title, gone = self.news.get(key, ("", True))
        assert self.run(self.stores[at].articles.withdraw_key("herald", key)) != gone
        if title:
            self.news[key] = (title, True)

    @rule(at=either, key=keys, withdrawn=st.booleans())
    def is_changed_and_all_messages_are_found(self, at, key, withdrawn):
        self.is_withdrawn(at, key) if withdrawn else self.is_new_or_corrected(at, key)
        for _ in range(9):
            self.messages_are_looked_for(at, 9)

    @rule(at=either)
    def is_announced(self, at):
        self.run(self.announcing(self.stores[at]))

    async def announcing(self, store):
        lease = await announcer(store)
        while (await store.log.announce(lease, now=self.now, limit=2)).waiting:
            pass
        while await store.log.wake(lease, now=self.now, limit=9):
            pass

    # Messages

    @rule(at=either, limit=few)
    def is_claimed(self, at, limit):
        store = self.stores[at]
        claims = self.run(store.mailboxes.claim(BOT, now=self.now, lease=LEASE, limit=limit))
        for claim, owed in zip(claims, self.run(store.mailboxes.owed(claims, now=self.now)), strict=True):
            self.sends.append(Send(claim, owed))

    @precondition(lambda self: self.sends)
    @rule(which=picked)
    def is_sent(self, which):
        one = self.sends[which % len(self.sends)]
        if one.message or not one.owed.articles or one.claim.until - self.now < SEND:
            return
        one.message = len(self.telegram.said) + 1
        articles = [each.article for each in one.owed.articles]
        self.telegram.said[one.message] = tuple((each.title, False) for each in articles)
        self.telegram.articles[one.message] = tuple(each.key for each in articles)
        self.telegram.sent[one.message] = self.now

    @rule(at=either, key=keys)
    def is_on_its_way_to_some(self, at, key):
        """Whatever there is: new, announced, claimed, sent, and not settled."""
        self.is_new_or_corrected(at, key)
        self.is_announced(at)
        self.is_claimed(at, 3)
        for which in range(len(self.sends)):
            self.is_sent(which)

    @rule(at=either, key=keys)
    def is_given_to_all(self, at, key):
        self.is_on_its_way_to_some(at, key)
        while self.sends:
            self.is_settled(at, 0)

    @precondition(lambda self: self.sends)
    @rule(at=either, which=picked)
    def is_settled(self, at, which):
        one = self.sends.pop(which % len(self.sends))
        # With nothing left to send it is done.
        settlement = Settlement(one.claim, cursors={} if one.owed.articles else one.owed.cursors)
        if one.message:
            positions = tuple(each.position for each in one.owed.articles)
            sent = Delivery(positions, Outcome.SENT, self.telegram.sent[one.message], one.message)
            settlement = replace(settlement, cursors=one.owed.cursors, deliveries=(sent,))
            self.recorded.add(one.message)
        self.run(self.stores[at].mailboxes.settle(settlement, now=self.now))

    # Edits

    @rule(at=either, limit=few)
    def messages_are_looked_for(self, at, limit):
        self.run(self.stores[at].deliveries.find_touched(now=self.now, limit=limit))

    @rule(at=either, limit=few)
    def an_edit_is_claimed(self, at, limit):
        store = self.stores[at]
        edits = self.run(store.deliveries.claim(BOT, now=self.now, lease=LEASE, limit=limit))
        for edit, showing in zip(edits, self.run(store.deliveries.now_showing(edits)), strict=True):
            assert edit.message in self.recorded
            assert edit.sent == self.telegram.sent[edit.message]
            said = tuple((one.article.title, one.article.withdrawn) for one in showing)
            self.changes.append(Change(edit, said))

    @precondition(lambda self: self.changes)
    @rule(which=picked, end=ends)
    def is_edited(self, which, end):
        one = self.changes[which % len(self.changes)]
        if one.end:
            return
        if one.edit.until - self.now < SEND:
            one.end = "put off"
            return
        one.end = end
        if end != "put off":
            assert self.now - one.edit.sent < 48 * HOUR
            self.telegram.said[one.edit.message] = one.said

    @precondition(lambda self: self.recorded)
    @rule(at=either, key=keys, changed=st.booleans())
    def is_changed_and_its_edits_are_on_their_way(self, at, key, changed):
        self.is_changed_and_all_messages_are_found(at, key, withdrawn=not changed)
        self.an_edit_is_claimed(at, 3)
        for which in range(len(self.changes)):
            self.is_edited(which, "edited")

    @precondition(lambda self: self.changes)
    @rule(at=either, which=picked)
    def the_edit_is_settled(self, at, which):
        one = self.changes.pop(which % len(self.changes))
        deliveries = self.stores[at].deliveries
        if one.end == "edited":
            self.run(deliveries.settle(one.edit, fate=Fate.EDITED, now=self.now))
        else:
            self.run(deliveries.put_off(one.edit, until=self.now + 2 * SECOND, failed=True))

    # Kills and time

    @rule(at=either)
    def all_are_killed(self, at):
        self.sends.clear()
        self.changes.clear()
        self.run(self.stores[at].mailboxes.free(BOT, now=self.now))
        self.run(self.stores[at].deliveries.free(BOT))

    @precondition(lambda self: self.changes)
    @rule(which=picked)
    def an_edit_is_never_heard_of_again(self, which):
        self.changes.pop(which % len(self.changes))

    @rule(by=st.sampled_from([SECOND, SECOND, 9 * SECOND, LEASE, 20 * HOUR]))
    def time_goes_on(self, by):
        self.now += by

    # In the end

    def drain(self):
        while self.sends:
            self.is_settled(0, 0)
        while self.changes:
            self.the_edit_is_settled(0, 0)
        self.run(self.announcing(self.stores[0]))
        for _ in range(99):
            self.now += LEASE
            for _ in range(9):
                self.messages_are_looked_for(1, 9)
            self.is_claimed(1, 9)
            self.an_edit_is_claimed(0, 9)
            if not self.sends and not self.changes:
                break
            for which in range(len(self.sends)):
                self.is_sent(which)
            while self.sends:
                self.is_settled(1, 0)
            for which in range(len(self.changes)):
                self.is_edited(which, "edited")
            while self.changes:
                self.the_edit_is_settled(1, 0)
        else:
            raise AssertionError("the edits do not come to rest")
        self.judge()

    def judge(self):
        young = [message for message in self.recorded if self.now - self.telegram.sent[message] < 48 * HOUR - LEASE]
        said = {message: self.telegram.said[message] for message in young}
        assert said == {message: tuple(self.news[key] for key in self.telegram.articles[message]) for message in young}


def test_whatever_happens_every_message_comes_to_show_its_articles_as_they_are(engine_url):
    run_state_machine_as_test(
        lambda: Schedule(engine_url),
        settings=settings(
            max_examples=examples(60), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
