"""Which article an entry is, poll after poll, whatever its feed does to guids, links, titles and dates."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.intake.feeds.sameness import keys_of, name_entries
from bot.intake.feeds.taking import article_of
from bot.intake.parsing.entries import Entry, FeedDocument
from storage import Arrival, Feed, Source, open_store

SOURCE = Source(name="herald", title="The Herald", id=1, zone="Asia/Yerevan")
FEED = Feed(source=SOURCE, url="https://herald.example/feed", added=datetime(2026, 1, 1, tzinfo=UTC))
NOON = datetime(2026, 11, 23, 8, tzinfo=UTC)  # noon in Yerevan
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NUMBERS = count(1)
NEW, CHANGED = Arrival.NEW, Arrival.CHANGED


class Desk:
    """A store, and a source of its own for each run of polls."""

    def __init__(self, folder):
        self._runner = asyncio.Runner()
        self._opening = open_store(f"sqlite:///{folder}/sameness.sqlite")
        self._store = self._run(self._opening.__aenter__())
        self._source = SOURCE

    def _run(self, work):
        return self._runner.run(work)

    def close(self):
        self._run(self._opening.__aexit__(None, None, None))
        self._runner.close()

    def begin(self):
        """A feed that nothing is known of."""
        self._source = self._run(self._store.sources.put(replace(SOURCE, name=f"herald-{next(NUMBERS)}", id=0)))
        return self

    def poll(self, entries, now=NOON, site="https://herald.example/"):
        """Take a document in; how many articles were NEW and CHANGED."""
        return self._run(self._poll(FeedDocument("rss 2.0", tuple(entries), link=site), now))

    async def _poll(self, document, now):
        source, articles = self._source, self._store.articles
        known = await articles.known(source.name, keys_of(document, source))
        named = name_entries(document, source, known, now=now, feed_url=FEED.url)
        feed = replace(FEED, source=source)
        arrivals = await articles.add([article_of(one, feed, document, now, None) for one in named], arrived=now)
        return arrivals.count(NEW), arrivals.count(CHANGED)

    def known_by(self, keys):
        """How many of these keys the store knows."""
        return len(self._run(self._store.articles.known(self._source.name, keys)))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("sameness"))
    yield desk
    desk.close()


def entry(title="Bridge opens", id="g1", link="https://herald.example/bridge", at=NOON, **more):  # noqa: A002
    return Entry(title=title, id=id, link=link, published=at, **more)


def many(**same):
    """Five entries of which each has its own everything, but for what is the `same`."""
    own = [
        {"title": f"Story {n}", "id": f"g{n}", "link": f"https://herald.example/{n}", "at": NOON - n * HOUR}
        for n in range(5)
    ]
    return [entry(**{**one, **same}) for one in own]


def regiven(entries):
    """The same under new guids."""
    return [replace(one, id=f"again-{next(NUMBERS)}") for one in entries]


def edited(entries):
    """The same, the first under another title."""
    return [replace(entries[0], title="The bridge is open"), *entries[1:]]


E = entry()
# Polls one after the other, each a document's entries; NEW and CHANGED of each.
SCENARIOS = {
    "nothing happens": ([[E], [E]], [(1, 0), (0, 0)]),
    "another guid each time": ([[entry(id=f"g{n}")] for n in range(4)], [(1, 0), (0, 0), (0, 0), (0, 0)]),
    "another guid each time, no link": ([[entry(id=f"g{n}", link="")] for n in range(3)], [(1, 0), (0, 0), (0, 0)]),
    "one guid for all": ([many(id="x"), many(id="x")], [(5, 0), (0, 0)]),
    "one guid for all, one of them edited": (
        [many(id="x"), [entry(title="Story 0, updated", id="x", link="https://herald.example/0"), *many(id="x")[1:]]],
        [(5, 0), (0, 1)],
    ),
    "one guid for all, one at a time": (
        [[entry(f"Story {n}", "x", f"https://herald.example/{n}", NOON + n * DAY)] for n in range(4)],
        [(1, 0)] * 4,
    ),
    "one guid for all, one at a time, on one day": (
        [
            [entry(title, "x", f"https://herald.example/{n}", NOON + n * HOUR, summary=f"About {title}.")]
            for n, title in enumerate(["Bridge opens", "Mayor speaks to the press", "Rain in the north", "The lake is"])
        ]
        * 2,
        [(1, 0)] * 4 + [(0, 0)] * 4,
    ),
    "one guid for all, one at a time, on one day, and one is edited": (
        [
            [entry(id="x")],
            [entry("Mayor speaks", "x", "https://herald.example/mayor", NOON + HOUR)],
            [entry("Mayor spoke", "x", "https://herald.example/mayor", NOON + HOUR)],
        ],
        [(1, 0), (1, 0), (0, 1)],
    ),
    "one guid, and all of it is edited but a word": (
        [[E], [entry("A new bridge for the town", link="https://herald.example/new-bridge", at=NOON + HOUR)]],
        [(1, 0), (0, 1)],
    ),
    "one guid, and all is edited but the time": (
        [[E], [entry("Cars may pass", link="https://herald.example/cars")]],
        [(1, 0), (0, 1)],
    ),
    "one guid, and all is edited but the link": (
        [[E], [entry("Cars may pass", at=NOON + HOUR)]],
        [(1, 0), (0, 1)],
    ),
    "a guid of its own, and all of it is edited": (
        [many(), [entry("Cars may pass", "g0", "https://herald.example/cars", NOON + HOUR), *many()[1:]]],
        [(5, 0), (0, 1)],
    ),
    "one guid for all, without links, one at a time": (
        [[entry(f"Story {n}", "x", "", NOON + n * DAY)] for n in range(4)],
        [(1, 0)] * 4,
    ),
    "one guid for all, a new one among them": ([many(id="x")[1:], many(id="x")], [(4, 0), (1, 0)]),
    "one guid alone, then for all": ([many(id="x")[:1], many(id="x")], [(1, 0), (4, 0)]),
    "https": ([[E], [entry(id="", link="http://herald.example/bridge")]], [(1, 0), (0, 0)]),
    "https in guid and link": (
        [
            [entry(id="http://herald.example/bridge", link="http://herald.example/bridge")],
            [entry(id="https://www.herald.example/bridge/", link="https://www.herald.example/bridge/")],
        ],
        [(1, 0), (0, 0)],
    ),
    "a slash, www": (
        [[entry(id="")], [entry(id="", link="https://www.herald.example/bridge/")], [entry(id="")]],
        [(1, 0), (0, 0), (0, 0)],
    ),
    "a slash and another title": (
        [[entry(id="")], [entry("Bridge open", id="", link="https://herald.example/bridge/")]],
        [(1, 0), (0, 1)],
    ),
    "tracking in the link": (
        [[entry(id="", link=f"https://herald.example/bridge?utm_source=rss&utm_id={n}")] for n in range(3)],
        [(1, 0), (0, 0), (0, 0)],
    ),
    "the guid is the link, with tracking": (
        [
            [entry(f"Bridge {n}", f"https://herald.example/b?utm_id={n}", f"https://herald.example/b?utm_id={n}")]
            for n in (1, 1, 2)
        ],
        [(1, 0), (0, 0), (0, 1)],
    ),
    "another order": ([many(), many()[::-1]], [(5, 0), (0, 0)]),
    "the title is edited": ([[E], [entry("Bridge opens at last")]], [(1, 0), (0, 1)]),
    "the link is edited": ([[E], [entry(link="https://herald.example/bridge-2")]], [(1, 0), (0, 1)]),
    "the link is edited, without guids": (
        [[entry(id="")], [entry(id="", link="https://herald.example/bridge-2")]],
        [(1, 0), (0, 1)],
    ),
    "the date is edited": ([[E], [entry(at=NOON + 3 * DAY)], [entry(at=NOON + 5 * DAY)]], [(1, 0), (0, 0), (0, 0)]),
    "the date is edited, without guids": ([[entry(id="")], [entry(id="", at=NOON + 3 * DAY)]], [(1, 0), (0, 0)]),
    "guid and title are edited": (
        [[E], [entry("Bridge open", "g2")], [entry("Bridge open", "g2")]],
        [(1, 0), (0, 1), (0, 0)],
    ),
    "title and link are edited": (
        [[E], [entry("Bridge open", link="https://herald.example/bridge-open")]],
        [(1, 0), (0, 1)],
    ),
    "title and date are edited": ([[E], [entry("Bridge open", at=NOON + DAY)]], [(1, 0), (0, 1)]),
    "the site moves: other guids and links": (
        [many(), [replace(one, id=f"n{one.id}", link=f"https://new.example{one.link[-2:]}") for one in many()]],
        [(5, 0), (0, 5)],
    ),
    "the same headline on two days": (
        [
            [entry("Weather today", "w1", "https://herald.example/w1")],
            [entry("Weather today", "w2", "https://herald.example/w2", NOON + DAY)],
        ],
        [(1, 0), (1, 0)],
    ),
    "the same headline on two days, and nothing else": (
        [[entry("Weather today", "", "")], [entry("Weather today", "", "", NOON + DAY)]],
        [(1, 0), (1, 0)],
    ),
    "the same headline on two days, in one document": (
        [[entry("Weather today", f"w{n}", f"https://herald.example/w{n}", NOON - n * DAY) for n in range(3)]],
        [(3, 0)],
    ),
    "the same headline twice a day, one after the other": (
        [
            [entry("Weather today", "w1", "https://herald.example/w1")],
            [entry("Weather today", "w2", "https://herald.example/w2", NOON + 6 * HOUR)],
        ],
        [(1, 0), (1, 0)],
    ),
    "a live blog": (
        [[entry(f"Live: {n} votes", at=NOON + n * HOUR)] for n in range(30)],
        [(1, 0)] + [(0, 1)] * 29,
    ),
    "two entries with one link": (
        [[E, entry("Mayor speaks", "g2", at=NOON + HOUR)]] * 2,
        [(2, 0), (0, 0)],
    ),
    "two entries with one link, without guids": (
        [[entry(id=""), entry("Mayor speaks", "", at=NOON + HOUR)]] * 2,
        [(2, 0), (0, 0)],
    ),
    "two entries with one link, one after the other": (
        [[E], [entry("Mayor speaks", "g2", at=NOON + 2 * DAY)]],
        [(1, 0), (1, 0)],
    ),
    "all link to the site": (
        [many(link="https://www.herald.example", id=""), many(link="https://www.herald.example", id="")],
        [(5, 0), (0, 0)],
    ),
    "all link to the site, one at a time": (
        [[one] for one in many(link="https://herald.example/", id="")],
        [(1, 0)] * 5,
    ),
    "one article twice in a document": ([[E, E], [E]], [(1, 0), (0, 0)]),
    "one article twice, in two versions": (
        [[entry(summary="Short."), entry("Bridge opens now", summary="A longer summary.")]],
        [(1, 0)],
    ),
    "places on a page": (
        [[entry(f"Item {n}", "", f"https://herald.example/live#item-{n}") for n in range(3)]] * 2,
        [(3, 0), (0, 0)],
    ),
    "links to comments": (
        [[entry(id="", link="https://herald.example/bridge#comments")], [entry(id="")]],
        [(1, 0), (0, 0)],
    ),
    "without dates": ([[entry(at=None)], [entry(at=None)], [entry("Bridge open", at=None)]], [(1, 0), (0, 0), (0, 1)]),
    "without dates, under other guids each time, and one is edited": (
        [many(at=None), regiven(many(at=None)), edited(regiven(many(at=None)))],
        [(5, 0), (0, 0), (0, 1)],
    ),
    "nothing but a title": ([[entry("Bridge opens", "", "", None)]] * 3, [(1, 0), (0, 0), (0, 0)]),
    "a date appears": ([[entry(at=None, id="")], [entry(id="")]], [(1, 0), (0, 0)]),
    "guids appear": ([[entry(id="")], [E], [entry("Bridge open")]], [(1, 0), (0, 0), (0, 1)]),
    "guids disappear": ([[E], [entry(id="")], [entry("Bridge open", id="")]], [(1, 0), (0, 0), (0, 1)]),
    "a day, then the time": (
        [[entry(at=NOON - 12 * HOUR, date_only=True, id="")], [entry(id="", link="https://herald.example/b2")]],
        [(1, 0), (0, 1)],
    ),
}


@pytest.mark.parametrize(("polls", "expected"), SCENARIOS.values(), ids=SCENARIOS)
def test_poll_after_poll(store, polls, expected):
    desk = store.begin()
    assert [desk.poll(entries, NOON + n * DAY) for n, entries in enumerate(polls)] == expected


def test_what_was_dropped_and_comes_back_after_a_hundred_days_is_known(store):
    desk = store.begin()
    assert desk.poll(many()) == (5, 0)
    assert desk.poll(many()[:1], NOON + DAY) == (0, 0)
    assert desk.poll(many(), NOON + 100 * DAY) == (0, 0)
    assert desk.poll([replace(one, id=f"{one.id}-2") for one in many()], NOON + 200 * DAY) == (0, 0)


def test_guids_that_change_each_time_leave_nothing_behind(store):
    desk = store.begin()
    for n in range(10):
        assert desk.poll([replace(one, id=f"{n}-{one.id}") for one in many()]) == (0 if n else 5, 0)
    assert desk.known_by([f"id:{n}-g{story}" for n in range(10) for story in range(5)]) == 5


STORIES = [
    Entry(
        title=f"Story {n}",
        id=f"https://herald.example/?p={n}",
        link=f"https://herald.example/story-{n}",
        published=NOON - n * 7 * HOUR,
    )
    for n in range(8)
]
# What feeds do to an entry from one poll to the next, by what of it stays: that is enough to know it by.
ANY = [lambda e, _: e, lambda e, n: replace(e, summary=f"Edition {n}")]
GUIDS = [lambda e, n: replace(e, id=f"{e.id}&v={n}"), lambda e, _: replace(e, id="")]
LINKS = [lambda e, n: replace(e, link=f"{e.link}-{n}"), lambda e, _: replace(e, link="")]
TITLES = [lambda e, n: replace(e, title=f"{e.title} ({n})")]
TIMES = [lambda e, n: replace(e, published=e.published + timedelta(minutes=n))]
SAME_LINKS = [
    lambda e, n: replace(e, link=f"{e.link}?utm_campaign={n}"),
    lambda e, _: replace(e, link=e.link.replace("https://", "http://www.") + "/"),
]
KEEPING = {
    "guid": ANY + LINKS + TITLES + TIMES + SAME_LINKS,
    "link": ANY + GUIDS + TITLES + TIMES + SAME_LINKS,
    "title": ANY + GUIDS + LINKS + SAME_LINKS,
}


@settings(max_examples=40)
@given(st.sampled_from(sorted(KEEPING)), st.data())
def test_each_story_is_new_once_whatever_is_done_to_it(store, kept, data):
    """The oracle knows which story each entry was made of."""
    desk, told = store.begin(), set()
    changes = st.lists(st.tuples(st.integers(0, 7), st.lists(st.sampled_from(KEEPING[kept]), max_size=3)), max_size=6)
    for n in range(data.draw(st.integers(1, 5))):
        drawn = dict(data.draw(changes))
        entries = []
        for story, doings in drawn.items():
            made = STORIES[story]
            for do in doings:
                made = do(made, n)
            entries.append(made)
        if kept != "guid" and len(entries) > 1 and data.draw(st.booleans()):
            entries = [replace(one, id="urn:herald") for one in entries]
        new, changed = desk.poll(entries, NOON + n * HOUR)
        assert new == len(drawn.keys() - told)
        assert changed <= len(drawn.keys() & told)
        told |= drawn.keys()
