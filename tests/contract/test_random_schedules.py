"""Random schedules: announcer, two senders, people and kills, in any order, on two stores of one database.

Nothing is lost, nothing comes twice without a kill or an answer that never came, no mailbox sleeps while it is owed
something, order is kept in a mailbox, and what a message counted is what it opens later. Telegram is what
`Box.receive` hears.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from schedule_model import Flight, World, home, wants
from storekeeping import ALWAYS, BOT, LEASE, NOON, SECOND, announcer, article, examples

from storage import Arrival, Cadence, ChatSettings, Delivery, Outcome, Place, Query, Settlement, open_store

SEND = 20 * SECOND
RETRY = 15 * SECOND
SLOT = 20 * SECOND
chats = st.integers(1, 3)
threads = st.sampled_from([0, 0, 0, 1])
places = st.tuples(chats, threads)
queries = st.sampled_from(["*", "peace", "war", "news -war"])
titles = st.sampled_from(["peace", "war", "peace war", "news", "news war", "weather"])
cadences = st.sampled_from([Cadence.INSTANT, Cadence.DAILY])
either = st.integers(0, 1)
few = st.integers(1, 3)
picked = st.integers(0, 99)
UNKNOWN = ("unknown, came", "unknown, lost")
KNOWN = (
    "given",
    "given",
    "given",
    "ahead",
    "failed",
    "throttled",
    "broken off",
    "refused",
    "gone",
    "not allowed",
    "thread gone",
)
ends = st.sampled_from([*KNOWN, *UNKNOWN])


class Schedule(RuleBasedStateMachine):
    """One database, two processes, one model."""

    def __init__(self, engine_url):
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        folder = self.stack.enter_context(TemporaryDirectory())
        self.stores = [self.run(self.stack.enter_async_context(open_store(engine_url(folder)))) for _ in range(2)]
        self.world = World()
        self.now = NOON
        self.count = 0
        self.keys = 0
        self.all_woken = True

    def run(self, work):
        return self.runner.run(work)

    def teardown(self):
        try:
            self.drain()
        finally:
            self.run(self.stack.aclose())
            self.runner.close()

    # Intake and announcer

    @rule(at=either, title=titles, urgent=st.booleans())
    def arrives(self, at, title, urgent):
        self.count += 1
        self.take_in(self.stores[at], str(self.count), f"{title} {self.count}", urgent=urgent)

    @precondition(lambda self: self.count)
    @rule(at=either, title=titles, which=picked)
    def is_corrected(self, at, title, which):
        self.take_in(self.stores[at], str(1 + which % self.count), f"{title} {self.count} corrected at {self.now}")

    @precondition(lambda self: self.count)
    @rule(at=either, words=titles, which=picked)
    def becomes_full(self, at, words, which):
        one = self.picked_article(which)
        if one and not one.withdrawn:
            self.take_in(self.stores[at], one.key, one.title, f"What is known of {words} by {self.now}.")

    @precondition(lambda self: self.count)
    @rule(at=either, which=picked)
    def is_withdrawn(self, at, which):
        one = self.picked_article(which)
        if one:
            assert self.run(self.stores[at].articles.withdraw(one.id)) != one.withdrawn
            self.world.withdrawn(one.id)

    def picked_article(self, which):
        known = list(self.world.articles.values())
        return known[which % len(known)] if known else None

    def take_in(self, store, key, title, body="", *, urgent=False):
        news = [article(title, key=key, body=body, urgent=urgent)]
        (arrival,) = self.run(store.articles.add(news, arrived=self.now, push_since=ALWAYS))
        if arrival is Arrival.KNOWN:
            return
        found = self.run(store.articles.search(Query.parse("*"), now=self.now, limit=999)).articles
        self.world.arrived(next(one for one in found if one.key == key))

    @rule(at=either, limit=few)
    def announce(self, at, limit):
        self.world.announced(self.run(self.announcing(at, limit)).positions)

    async def announcing(self, at, limit):
        lease = await announcer(self.stores[at])
        announced = await self.stores[at].log.announce(lease, now=self.now, limit=limit)
        assert announced
        self.all_woken = self.all_woken and not announced.positions
        return announced

    @rule(at=either, limit=few, place=places, query=queries)
    def announce_while_somebody_subscribes(self, at, limit, place, query):
        async def both():
            return await asyncio.gather(self.announcing(at, limit), self.subscribing(1 - at, place, query))

        announced, subscription = self.run(both())
        self.world.subscribed(place, subscription)
        self.world.announced(announced.positions)

    @rule(at=either, limit=few)
    def wake(self, at, limit):
        self.all_woken = not self.run(self.waking(at, limit))

    async def waking(self, at, limit):
        return await self.stores[at].log.wake(await announcer(self.stores[at]), now=self.now, limit=limit)

    @rule(at=either, title=titles, urgent=st.booleans())
    def publish(self, at, title, urgent):
        self.arrives(at, title, urgent)
        self.announce(at, 9)
        while self.run(self.waking(at, 9)):
            continue
        self.all_woken = True

    # People

    @rule(at=either, place=places, query=queries)
    def subscribe(self, at, place, query):
        self.world.subscribed(place, self.run(self.subscribing(at, place, query)))

    async def subscribing(self, at, place, query):
        added, _ = await self.stores[at].subscriptions.add(Place(BOT, *place), Query.parse(query), now=self.now)
        return added

    @precondition(lambda self: self.world.followed())
    @rule(at=either, which=picked)
    def unsubscribe(self, at, which):
        spot, query, one = self.picked_subscription(1 - at, which)
        del self.world.boxes[spot].follows[query]
        self.run(self.stores[at].subscriptions.remove(one.place, one.id))

    @precondition(lambda self: self.world.followed())
    @rule(at=either, which=picked, cadence=cadences)
    def change_cadence(self, at, which, cadence):
        spot, query, one = self.picked_subscription(1 - at, which)
        left = self.run(self.stores[at].subscriptions.change_cadence(one.place, one.id, cadence, now=self.now))
        assert (left.query, left.cadence) == (query, cadence)
        assert left.id == self.world.changed(spot, query, cadence)

    def picked_subscription(self, at, which):
        followed = self.world.followed()
        spot, query = followed[which % len(followed)]
        subscriptions = self.run(self.stores[at].subscriptions.all(Place(BOT, *spot[:2])))
        (one,) = [one for one in subscriptions if (one.query, one.cadence) == (query, spot[2])]
        assert one.cursor == self.world.boxes[spot].follows[query].cursor
        return spot, query, one

    @precondition(lambda self: self.world.counted)
    @rule(at=either, which=picked, limit=few)
    def open_what_a_message_counted(self, at, which, limit):
        """It is what was counted, in that order, without what was withdrawn since or no longer matches."""
        keys = list(self.world.counted)
        counted = self.world.counted[key := keys[which % len(keys)]]
        pages = [self.run(self.stores[at].mailboxes.more(key, now=self.now, limit=limit))]
        while pages[-1].newer:
            more = self.stores[at].mailboxes.more(key, now=self.now, limit=limit, cursor=pages[-1].newer)
            pages.append(self.run(more))
        opened = [one.id for page in pages for one in page.articles]
        kept = [one for one in counted if not self.world.articles[one.article.id].withdrawn]
        # What matches again only by a query that did not want it when it was counted may be opened, too.
        assert opened == [one.article.id for one in kept if one.article.id in opened]
        assert set(opened) >= {
            one.article.id for one in kept if any(wants(query, self.now_is(one)) for query in one.queries)
        }
        assert pages[0].total == len(counted)

    def now_is(self, one):
        return self.world.articles[one.article.id]

    @rule(at=either, chat=chats, urgent=st.booleans())
    def agree_to_urgent_news(self, at, chat, urgent):
        self.run(self.stores[at].chats.change_settings(BOT, chat, ChatSettings(urgent=urgent), now=self.now))

    @rule(at=either, chat=chats)
    def pause(self, at, chat):
        self.run(self.stores[at].mailboxes.pause(BOT, chat, now=self.now, reason="blocked"))
        self.world.pause(chat)

    @rule(at=either, chat=chats)
    def resume(self, at, chat):
        resumed = self.run(self.stores[at].mailboxes.resume(BOT, chat, now=self.now))
        assert resumed == (chat in self.world.paused)
        self.world.resumed(chat)

    @rule(at=either)
    def retry(self, at):
        chats = [chat for chat, when in self.world.retries.items() if when <= self.now]
        assert self.run(self.stores[at].mailboxes.retry(BOT, now=self.now)) == len(chats)
        for chat in chats:
            self.world.resumed(chat)

    @rule(at=either, place=places)
    def reopen(self, at, place):
        self.run(self.stores[at].mailboxes.reopen(Place(BOT, *place), now=self.now))
        self.world.reopened(place)

    @rule(at=either, chat=chats, to=chats)
    def move(self, at, chat, to):
        self.run(self.stores[at].mailboxes.move(BOT, chat, to, now=self.now))
        self.world.moved(chat, to)

    # Senders

    @rule(at=either, limit=few)
    def claim(self, at, limit):
        claims = [
            one
            for digests in (False, True)
            for one in self.run(
                self.stores[at].mailboxes.claim(BOT, now=self.now, lease=LEASE, limit=limit, digests=digests)
            )
        ]
        for one in claims:
            place = one.mailbox.place
            box = self.world.boxes[place.chat, place.thread, one.mailbox.cadence]
            assert place.chat not in self.world.paused
            assert not box.shut
            self.world.flights.append(Flight(one, box))

    @rule(at=either, limit=few)
    def claim_and_read(self, at, limit):
        known = len(self.world.flights)
        self.claim(at, limit)
        for flight in self.world.flights[known:]:
            self.read_flight(at, flight)

    def flight(self, which, *, read, sent):
        """One of the flights that have come so far; None: there is none."""
        some = [one for one in self.world.flights if bool(one.owed) == read and bool(one.sent) == sent]
        return some[which % len(some)] if some else None

    @rule(at=either, which=picked)
    def read(self, at, which):
        if flight := self.flight(which, read=False, sent=False):
            self.read_flight(at, flight)

    def read_flight(self, at, flight):
        (flight.owed,) = self.run(self.stores[at].mailboxes.owed([flight.claim], now=self.now))
        follows = home(flight.box).follows
        owed = flight.owed
        assert [one for one in owed.urgent if one in owed.articles] == [
            one for one in owed.articles if one in owed.urgent
        ]
        for one in (*owed.articles, *owed.urgent):
            wanting = [follows[query] for query in one.queries if query in follows]
            assert not wanting or not all(each.given_elsewhere(one.article.id) for each in wanting)

    @rule(which=picked, end=ends, shown=few)
    def send(self, which, end, shown=9):
        flight = self.flight(which, read=True, sent=False)
        if flight is None:
            return
        if flight.claim.until - self.now < SEND or not flight.owed.articles:
            end = "let go" if flight.owed.articles else "given"
        if end == "ahead" and not flight.owed.urgent:
            end = "given"
        flight.shown = min(shown, len(flight.owed.articles))
        for one in came(flight, end):
            home(flight.box).receive(one.article.id, one.position, ahead=end == "ahead")
        flight.sent = end
        flight.retry = self.now + RETRY if end == "not allowed" else None
        if end in UNKNOWN:
            self.world.excuse(flight)

    @rule(at=either, which=picked)
    def settle(self, at, which):
        flight = self.flight(which, read=True, sent=True)
        if flight is None:
            return
        self.world.flights.remove(flight)
        self.keys += 1
        settled = settlement(flight, self.keys, self.now)
        mine = self.run(self.stores[at].mailboxes.settle(settled, now=self.now))
        if flight.sent == "given":
            self.world.settled(flight)
            if flight.shown < len(flight.owed.articles):
                self.world.counted[self.keys] = flight.owed.articles[flight.shown :]
        if flight.sent == "ahead":
            home(flight.box).record(flight.owed.urgent)
        if flight.sent in {"broken off", "refused"}:
            home(flight.box).record(flight.owed.articles[:1])
        if flight.sent == "refused":
            home(flight.box).has(flight.owed.articles[0].article.id)
        if flight.sent in {"gone", "not allowed"} and mine:
            self.world.pause(flight.claim.mailbox.place.chat, flight.retry)
        if flight.sent == "thread gone" and mine:
            for box in self.world.at(flight.claim.mailbox.place.chat, flight.claim.mailbox.place.thread):
                box.shut = True

    @rule(which=picked)
    def kill_a_send(self, which):
        if self.world.flights:
            self.kill(self.world.flights[which % len(self.world.flights)])

    @rule(at=either)
    def kill_the_senders_and_start_another(self, at):
        for flight in list(self.world.flights):
            self.kill(flight)
        self.run(self.stores[at].mailboxes.free(BOT, now=self.now))

    def kill(self, flight):
        self.world.flights.remove(flight)
        self.world.excuse(flight)

    # Time

    @rule(seconds=st.integers(1, 9))
    def time_goes_on(self, seconds):
        self.advance(self.now + seconds * SECOND)

    @rule()
    def time_goes_on_until_something_is_due(self):
        due = self.run(self.stores[0].mailboxes.next_due(BOT))
        self.advance(max(self.now, due or self.now))

    def advance(self, now):
        self.now = now
        for flight in self.world.flights:
            if flight.claim.until <= now and flight.sent:
                # Settling took longer than the lease: no better than a kill.
                self.world.excuse(flight)

    # What must hold

    @invariant()
    def a_match_after_the_cursor_is_not_slept_over(self):
        """Once all are woken, something is due while anything is owed to anyone."""
        if self.all_woken and self.world.owing():
            assert self.run(self.stores[0].mailboxes.next_due(BOT)) is not None

    def drain(self):
        """Deliver all that was announced. Nothing new is announced: a mailbox that sleeps stays asleep."""
        for flight in list(self.world.flights):
            self.settle(0, 0) if flight.sent else self.kill(flight)
        while self.run(self.waking(0, 2)):
            continue
        for chat in list(self.world.paused):
            self.resume(0, chat)
        for spot in self.world.boxes:
            self.reopen(0, spot[:2])
        self.deliver_all()
        assert self.world.owing() == {}

    def deliver_all(self):
        for _ in range(100):
            due = self.run(self.stores[1].mailboxes.next_due(BOT))
            if due is None:
                return
            self.advance(max(self.now, due))
            self.claim(1, 9)
            while self.flight(0, read=False, sent=False):
                self.read(1, 0)
            while self.flight(0, read=True, sent=False):
                self.send(0, "given")
            while self.flight(0, read=True, sent=True):
                self.settle(1, 0)
        raise AssertionError("the mailboxes do not come to rest")


def came(flight, end):
    """The articles that a send which ended so has brought."""
    if end == "ahead":
        return flight.owed.urgent
    if end in {"given", "unknown, came"}:
        return flight.owed.articles[: flight.shown]
    return flight.owed.articles[:1] if end == "broken off" else ()


def settlement(flight, key, now):  # noqa: PLR0911  one return for each end
    """As the sender settles a send that ended so."""
    nothing = Settlement(flight.claim, failures=1)
    positions = tuple(one.position for one in flight.owed.articles)
    match flight.sent:
        case "given":
            given = Delivery(positions[: flight.shown], Outcome.SENT, now, message=1)
            if left := len(positions) - flight.shown:
                given = replace(given, key=key, more=left, rest=flight.owed.rest)
            deliveries = (given,) if positions else ()
            return replace(nothing, failures=0, cursors=flight.owed.cursors, deliveries=deliveries)
        case "ahead":
            urgent = Delivery(
                tuple(one.position for one in flight.owed.urgent), Outcome.SENT, now, message=1, aside=True
            )
            return replace(nothing, failures=0, deliveries=(urgent,), slot=now + SLOT)
        case "broken off":
            return replace(nothing, deliveries=(Delivery(positions[:1], Outcome.SENT, now, message=1),))
        case "refused":
            return replace(nothing, deliveries=(Delivery(positions[:1], Outcome.REFUSED, now, reason="no"),))
        case "throttled" | "unknown, came" | "unknown, lost":
            return replace(nothing, opens=now + timedelta(seconds=7))
        case "gone":
            return replace(nothing, paused="blocked")
        case "not allowed":
            return replace(nothing, paused="muted", retry=flight.retry)
        case "thread gone":
            return replace(nothing, shut="no such thread")
    return nothing


def test_under_any_schedule_nothing_is_lost_repeated_forgotten_or_out_of_order(engine_url):
    run_state_machine_as_test(
        lambda: Schedule(engine_url),
        settings=settings(
            max_examples=examples(100), stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
