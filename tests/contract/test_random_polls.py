"""Random schedules of feeds: operators, readers, two pollers, kills and clocks, in any order, on two stores.

What each feed is, when it is due and by which URLs it is known is what plain code says that it should be; no feed is
in two hands, and none sleeps that is to be polled.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryDirectory

from feedkeeping import add, claim, polled
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from storekeeping import NOON, SECOND, examples

from storage import open_store

urls = st.integers(1, 4).map("https://example.org/{}".format)
called = st.sampled_from(["bell", "wire"])
either = st.integers(0, 1)
few = st.integers(1, 3)
picked = st.integers(0, 99)
LONG_AGO = datetime(1970, 1, 1, tzinfo=NOON.tzinfo)


@dataclass
class Expected:
    """A feed as it should be."""

    name: str
    url: str
    due: datetime | None
    token: str = ""
    """Whose claim it is."""
    leased: datetime | None = None
    paused: bool = False
    ended: bool = False
    removed: bool = False
    answered: datetime = LONG_AGO
    readers: bool = False
    """A reader has added it, and not the operator."""

    @property
    def is_live(self) -> bool:
        return not (self.removed or self.ended)

    @property
    def since(self):
        """Since or from when it is due; None: it sleeps."""
        return self.leased or self.due

    def let_go(self):
        self.token, self.leased = "", None


class Polls(RuleBasedStateMachine):
    """One database, two processes, one model."""

    def __init__(self, engine_url):
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        folder = self.stack.enter_context(TemporaryDirectory())
        self.stores = [self.run(self.stack.enter_async_context(open_store(engine_url(folder)))) for _ in range(2)]
        self.now = NOON
        self.feeds = {}  # by name
        self.known = {}  # URL -> name
        self.joined = set()  # names of what joined another
        self.flights = []

    def run(self, work):
        return self.runner.run(work)

    def teardown(self):
        self.run(self.stack.aclose())
        self.runner.close()

    def named(self, which):
        """One of the feeds, removed ones too."""
        return list(self.feeds.values())[which % len(self.feeds)]

    # Who adds and removes

    @rule(at=either, url=urls, name=called, chat=either)
    def add(self, at, url, name, chat):
        one, mine = self.run(add(self.stores[at], name, url, chat, now=self.now))
        known = self.feeds.get(self.known.get(url))
        if known and known.is_live:
            assert (one.source.name, mine) == (known.name, None)
            return
        expected = known or self.begun(name, url, is_operator=not chat)
        self.feeds[expected.name] = Expected(
            expected.name, expected.url, None, mine.token, mine.until, readers=bool(chat)
        )
        assert (one.source.name, one.url, one.due) == (expected.name, expected.url, self.now)
        self.flights.append(mine)

    def begun(self, name, url, *, is_operator):
        number, free = 1, name
        while free in self.joined or ((there := self.feeds.get(free)) and not (is_operator and there.removed)):
            number += 1
            free = f"{name}-{number}"
        self.known = {address: whose for address, whose in self.known.items() if whose != free} | {url: free}
        return Expected(free, url, None)

    @precondition(lambda self: self.feeds)
    @rule(at=either, url=urls, which=picked)
    def know(self, at, url, which):
        one = self.named(which)
        self.run(self.stores[at].feeds.know(url, one.name))
        its = self.feeds.get(self.known.get(url))
        if not one.removed and (its is None or (its.removed and its.url != url)):
            self.known[url] = one.name

    @precondition(lambda self: self.feeds)
    @rule(at=either, which=picked)
    def remove(self, at, which):
        one = self.named(which)
        assert self.run(self.stores[at].feeds.remove(one.name)) != one.removed
        one.removed, one.due = True, None
        one.let_go()

    @precondition(lambda self: self.feeds)
    @rule(at=either, which=picked, paused=st.booleans())
    def pause(self, at, which, paused):
        one = self.named(which)
        assert self.run(self.stores[at].feeds.pause(one.name, paused=paused, now=self.now)) != one.removed
        if not one.removed:
            one.paused, one.due = paused, None if paused else self.now
            one.ended = one.ended and paused
            one.let_go()

    @precondition(lambda self: self.feeds)
    @rule(at=either, which=picked)
    def poll(self, at, which):
        one = self.named(which)
        is_polled = one.is_live and not one.paused
        assert self.run(self.stores[at].feeds.poll(one.name, now=self.now)) == is_polled
        if is_polled:
            one.due = min(one.due or self.now, self.now)

    # Pollers

    @rule(at=either, limit=few)
    def claim(self, at, limit):
        due = [one for one in self.feeds.values() if one.since and one.since <= self.now]
        due.sort(key=lambda one: one.since)
        claims = self.run(claim(self.stores[at], self.now, limit=limit))
        names = [one.feed.source.name for one in claims]
        assert len(set(names)) == len(names)
        assert [self.feeds[name].since for name in names] == [one.since for one in due[:limit]]
        for mine in claims:
            one = self.feeds[mine.feed.source.name]
            one.due, one.token, one.leased = None, mine.token, mine.until
        self.flights += claims

    @precondition(lambda self: self.flights)
    @rule(at=either, which=picked, end=st.sampled_from(["well", "well", "failed", "ended", "never"]), to=urls)
    def settle(self, at, which, end, to):
        mine = self.flights.pop(which % len(self.flights))
        due = None if end == "never" else self.now + 9 * SECOND
        said = {"failed": {"failed": "no answer"}, "ended": {"ended": "Gone"}}.get(end, {"moved_to": to})
        self.run(self.stores[at].feeds.settle([polled(mine, due=due, **said)], now=self.now))
        one = self.feeds.get(mine.feed.source.name)
        if one is None or one.token != mine.token:
            return
        if end != "failed":
            one.answered = self.now
        one.due, one.ended = min(filter(None, (one.due, due)), default=None), end == "ended"
        one.let_go()
        if one.ended:
            one.due = None
        elif "moved_to" in said:
            self.move(one, mine, to)

    def move(self, one, mine, to):
        """The feed was found at this URL, when it was polled as `mine`."""
        before = mine.feed.answered or LONG_AGO
        is_operators = mine.feed.added_by is None
        other = self.feeds[self.known.get(to, one.name)]
        if other is one:
            one.url = to
            self.known[to] = one.name
        elif other.answered > before and other.is_live and not other.paused:
            if other.readers and is_operators:
                one.url = to
                self.join(other, one)
            else:
                self.join(one, other)
        elif other.removed and (other.readers or is_operators):
            one.url = to
            self.lead(other, one)
        elif other.answered <= before and other.since:
            other.due = min(other.due or self.now, self.now)

    def join(self, gone, left):
        del self.feeds[gone.name]
        self.joined.add(gone.name)
        left.readers = left.readers and gone.readers
        self.lead(gone, left)

    def lead(self, gone, left):
        """The URLs of the one are the other's."""
        self.known = {url: left.name if name == gone.name else name for url, name in self.known.items()}

    @precondition(lambda self: self.flights)
    @rule(at=either, which=picked, seconds=st.integers(0, 9))
    def put_off(self, at, which, seconds):
        mine = self.flights.pop(which % len(self.flights))
        due = self.now + seconds * SECOND
        self.run(self.stores[at].feeds.put_off([(mine, due)]))
        one = self.feeds.get(mine.feed.source.name)
        if one and one.token == mine.token:
            one.due = min(one.due or due, due)
            one.let_go()

    @precondition(lambda self: self.flights)
    @rule(which=picked)
    def kill_a_poll(self, which):
        self.flights.pop(which % len(self.flights))

    @rule(at=either)
    def kill_the_pollers_and_start_another(self, at):
        self.run(self.stores[at].feeds.free())
        self.lose_all()

    def lose_all(self):
        for one in self.feeds.values():
            one.token, one.leased = "", one.leased and LONG_AGO

    # Time

    @rule(seconds=st.integers(1, 20))
    def time_goes_on(self, seconds):
        self.now += seconds * SECOND

    @rule(at=either, seconds=st.integers(1, 20))
    def the_clock_is_set_back(self, at, seconds):
        by = seconds * SECOND
        self.now -= by
        self.run(self.stores[at].feeds.set_back(by=by, now=self.now))
        self.lose_all()
        for one in self.feeds.values():
            if one.due and one.due > self.now:
                one.due = max(one.due - by, self.now)

    # What must hold

    @invariant()
    def each_feed_is_as_it_should_be(self):
        feeds = {one.source.name: one for one in self.run(self.stores[0].feeds.all())}
        expected = {one.name: one for one in self.feeds.values() if not one.removed}
        assert feeds.keys() == expected.keys()
        for name, one in expected.items():
            is_as = (feeds[name].url, feeds[name].due, feeds[name].paused, bool(feeds[name].ended))
            assert is_as == (one.url, one.due, one.paused, one.ended)
        assert len({one.url for one in feeds.values()}) == len(feeds)

    @invariant()
    def none_sleeps_that_is_to_be_polled(self):
        dues = [one.since for one in self.feeds.values() if one.since]
        assert self.run(self.stores[1].feeds.next_due()) == min(dues, default=None)

    @rule(url=urls)
    def find(self, url):
        one = self.feeds.get(self.known.get(url))
        found = self.run(self.stores[0].feeds.find(url))
        assert (found and found.source.name) == (one.name if one and one.is_live else None)


def test_under_any_schedule_each_url_is_one_feed_in_one_hand_and_none_sleeps(engine_url):
    run_state_machine_as_test(
        lambda: Polls(engine_url),
        settings=settings(
            max_examples=examples(20), stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
