"""Which article an entry is, poll after poll, whatever its feed does to guids, links, titles and dates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.intake.entries import Entry, FeedDocument
from bot.intake.sameness import keys_of, name_entries
from bot.intake.taking import article_of
from storage import Arrival, Article, Feed, Source

SOURCE = Source(name="herald", title="The Herald", id=1, zone="Asia/Yerevan")
FEED = Feed(source=SOURCE, url="https://herald.example/feed", added=datetime(2026, 1, 1, tzinfo=UTC))
NOON = datetime(2026, 11, 23, 8, tzinfo=UTC)  # noon in Yerevan
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NEW, CHANGED = Arrival.NEW, Arrival.CHANGED


class Memory:
    """What a store would know: plain dictionaries that keep the promises of `Articles.add` and `known`."""

    def __init__(self):
        self.articles = {}  # by key
        self.aliases = {}

    def known(self, keys):
        found = {key: self.articles.get(key) or self.articles.get(self.aliases.get(key)) for key in keys}
        return {key: article for key, article in found.items() if article}

    def poll(self, entries, now=NOON, site="https://herald.example/"):
        """Take a document in; how many articles were NEW and CHANGED."""
        document = FeedDocument("rss 2.0", tuple(entries), link=site)
        known = self.known(keys_of(document, SOURCE))
        named = name_entries(document, SOURCE, known, now=now, feed_url=FEED.url)
        arrivals = [self._add(article_of(one, FEED, document, now, None), now) for one in named]
        return arrivals.count(NEW), arrivals.count(CHANGED)

    def _add(self, new, now):
        old = self.articles.get(new.key)
        self.aliases.update(dict.fromkeys(new.aliases, new.key))
        if old is None:
            self.articles[new.key] = Article(
                id=len(self.articles) + 1,
                source=SOURCE,
                key=new.key,
                title=new.title,
                published=min(new.published, now).replace(microsecond=0),
                arrived=now,
                newest=0,
                link=new.link,
                summary=new.summary,
                body=new.body,
                date_only=new.date_only,
            )
            return NEW
        said = [(old.title, new.title), (old.link, new.link), (old.summary, new.summary), (old.body, new.body)]
        if not any(now_ and now_ != before for before, now_ in said):
            return Arrival.KNOWN
        self.articles[new.key] = replace(
            old,
            title=new.title,
            link=new.link or old.link,
            summary=new.summary or old.summary,
            body=new.body or old.body,
        )
        return CHANGED


def entry(title="Bridge opens", id="g1", link="https://herald.example/bridge", at=NOON, **more):  # noqa: A002
    return Entry(title=title, id=id, link=link, published=at, **more)


def many(**same):
    """Five entries of which each has its own everything, but for what is the `same`."""
    own = [
        {"title": f"Story {n}", "id": f"g{n}", "link": f"https://herald.example/{n}", "at": NOON - n * HOUR}
        for n in range(5)
    ]
    return [entry(**{**one, **same}) for one in own]


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
def test_poll_after_poll(polls, expected):
    memory = Memory()
    assert [memory.poll(entries, NOON + n * DAY) for n, entries in enumerate(polls)] == expected


def test_what_was_dropped_and_comes_back_after_a_hundred_days_is_known():
    memory = Memory()
    assert memory.poll(many()) == (5, 0)
    assert memory.poll(many()[:1], NOON + DAY) == (0, 0)
    assert memory.poll(many(), NOON + 100 * DAY) == (0, 0)
    assert memory.poll([replace(one, id=f"{one.id}-2") for one in many()], NOON + 200 * DAY) == (0, 0)


def test_guids_that_change_each_time_leave_nothing_behind():
    memory = Memory()
    for n in range(50):
        memory.poll([replace(one, id=f"{n}-{one.id}") for one in many()])
    assert len(memory.aliases) < 50


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


@settings(max_examples=100)
@given(st.sampled_from(sorted(KEEPING)), st.data())
def test_each_story_is_new_once_whatever_is_done_to_it(kept, data):
    """The oracle knows which story each entry was made of."""
    memory, told = Memory(), set()
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
        new, changed = memory.poll(entries, NOON + n * HOUR)
        assert new == len(drawn.keys() - told)
        assert changed <= len(drawn.keys() & told)
        told |= drawn.keys()
