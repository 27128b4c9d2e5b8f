"""Following what is published at an address, and finding sources, against a real store."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.commands.addresses import Pasted, looks_like_one, pasted
from bot.commands.answering import answer, press
from bot.commands.calls import read_call
from bot.commands.desk import Ask, Desk, FeedHindrance, Hindrance
from bot.render import words
from bot.render.buttons import Key, OpenHealth, OpenSources, encode
from bot.render.links import shown_host
from storage import (
    Chat,
    ChatKind,
    NewArticle,
    NewFeed,
    Place,
    Polled,
    Query,
    QueryError,
    Source,
    open_store,
)

NOW = datetime(2025, 7, 16, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
ADA, BORIS, OPERATOR = 42, 43, 99
GROUP = Chat(1, -7, ChatKind.GROUP, "Home")
CHANNEL = Chat(1, -8, ChatKind.CHANNEL, "Bay News", "bay_news")
URL = "https://radio.example/feed"
SECRET = "https://ada:s3cret@radio.example/feed"


@dataclass
class Web:
    """The port `Feeds` over a store: a small web of feeds by their addresses, and what hinders at others."""

    store: object
    feeds: dict[str, str] = field(default_factory=lambda: {URL: "Radio Gorvane", SECRET: "Radio Gorvane"})
    hindrances: dict[str, FeedHindrance] = field(default_factory=dict)
    looked_at: list[str] = field(default_factory=list)

    async def known(self, address):
        if self.hindrances.get(address) is FeedHindrance.NO_ADDRESS:
            return FeedHindrance.NO_ADDRESS
        return await self.store.feeds.find(address)

    async def introduce(self, address, place, most):
        self.looked_at.append(address)
        if address in self.hindrances:
            return self.hindrances[address]
        title = self.feeds[address]
        wanted = NewFeed(address, Source(title.lower().replace(" ", "-"), title), place)
        feed, claim = await self.store.feeds.add(wanted, now=NOW, lease=LEASE, most=most)
        if claim:
            first = NewArticle(feed.source.name, "1", f"News of {title}", NOW, body="It rained.")
            await self.store.articles.add([first], arrived=NOW)
        return feed, claim is not None


@pytest.fixture
async def store(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/news.db") as opened:
        yield opened


@pytest.fixture
def web(store):
    return Web(store)


@pytest.fixture
def desk(store, web):
    return Desk(store, "news_bot", None, web, page_size=2, admins=frozenset({OPERATOR}), reader_feeds=2)


async def say(desk, said, person=ADA):
    call = read_call(said, desk.username, private=True)
    return await answer(call, an_ask(call.text, person), desk)


async def push_button(desk, data, person=ADA):
    return await press(an_ask(data if isinstance(data, str) else encode(Key(data)), person), desk)


def an_ask(text, person):
    chat = Chat(1, person, ChatKind.PRIVATE, "Ada")
    return Ask(Place(1, person), text=text, now=NOW, chat=chat, speaker=person)


async def followed(desk, person=ADA):
    return [one.query for one in await desk.store.subscriptions.all(Place(1, person))]


def labels(message):
    return [[one.label for one in row] for row in message.buttons]


def button(message, label):
    return next(one.data for row in message.buttons for one in row if label == one.label)


async def add_feed(store, name, *, failed="", ended="", at=NOW, **fields):
    """A feed that was polled once."""
    wanted = NewFeed(f"https://u:pw@{name}.example/rss?key=k", Source(name, name.title()), **fields)
    feed, claim = await store.feeds.add(wanted, now=at, lease=LEASE)
    polled = Polled(claim, None if ended else at + LEASE, LEASE, failed=failed, ended=ended)
    await store.feeds.settle([polled], now=at)
    return feed.source.name


async def test_who_follows_a_source_whose_feed_has_joined_another_is_told_of_that(desk, store):
    for name in ("old", "radio"):
        await add_feed(store, name)
    later = NOW + timedelta(minutes=1)
    claims = await store.feeds.claim(now=later, lease=LEASE, limit=2)
    moved = {"moved_to": "https://u:pw@radio.example/rss?key=k"}
    await store.feeds.settle(
        [Polled(one, None, LEASE, **(moved if one.feed.source.name == "old" else {})) for one in claims], now=later
    )
    assert "Radio" in (await say(desk, "/subscribe source:old")).text.plain()
    assert await followed(desk) == ["source:radio"]


# What is an address


@pytest.mark.parametrize(
    ("said", "address"),
    [
        (URL, URL),
        (f"  <{URL}> ", URL),
        (f"“{URL}”.", URL),
        (f"({URL}),", URL),
        ("https://radio.example/feed_(new)", "https://radio.example/feed_(new)"),
        ("HTTP://Radio.Example", "HTTP://Radio.Example"),
        ("feed:https://radio.example/x", "feed:https://radio.example/x"),
        ("feed://radio.example/x", "feed://radio.example/x"),
        ("feed:radio.example/x", "radio.example/x"),
        ("www.radio.example", "www.radio.example"),
        ("ftp://radio.example", "ftp://radio.example"),
        ("http://localhost/", "http://localhost/"),
        ("https://пример.рф/лента", "https://пример.рф/лента"),
    ],
)
def test_an_address_is_told_from_a_query(said, address):
    assert pasted(said) == Pasted(address)


QUERIES = [
    "",
    "*",
    "armenia peace",
    "source:radio",
    "feed",
    "feed:economy",
    "www",
    "www.",
    "U.S./China",
    "and/or",
    "TCP/IP 9.11/2001",
    "node.js",
    "example.org/feed",
    "title:www",
    "www.example.org scandal",
    "after:2025-07-01",
    "a: b //c",
    "3:2",
]


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_is_taken_for_an_address(query):
    assert pasted(query) is None


@pytest.mark.parametrize("said", [f"{URL} sport", f"sport {URL}", f"{URL} {URL}"])
def test_an_address_among_words_is_not_alone(said):
    assert pasted(said) == Pasted(URL, alone=False)


@pytest.mark.parametrize(
    ("address", "has_login"),
    [
        (SECRET, True),
        ("feed:https://a@b.example", True),
        ("www.a.example/@b", False),
        ("https://b.example/@ada", False),
        ("https://b.example?to=a@b.example", False),
        ("feed:a:b@c.example", True),
    ],
)
def test_a_login_is_seen(address, has_login):
    assert Pasted(address).has_login == has_login


@pytest.mark.parametrize(
    ("address", "host"),
    [
        (SECRET, "radio.example"),
        ("feed:https://a:b@Radio.example:8080/x?y=z#w", "Radio.example"),
        ("feed://radio.example", "radio.example"),
        ("www.radio.example/feed", "www.radio.example"),
        ("https://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("https://radio.example/to?url=https://a:b@c.example", "radio.example"),
        ("https://ada:s3/cret@radio.example", ""),
        ("https://ada:s3cret\\@radio.example/", "radio.example"),
        ("https://ada:s3cret", ""),
        ("https://", ""),
        ("", ""),
        ("https://<b>.example", ""),
    ],
)
def test_of_an_address_the_host_alone_is_shown(address, host):
    assert shown_host(address) == host


@pytest.mark.parametrize(("query", "looks"), [("radio.example/feed", True), ("example.org", True), ("3.14", False)])
def test_what_may_be_an_address_without_its_scheme(query, looks):
    assert looks_like_one(query) == looks


# Following one


async def test_a_reader_follows_what_is_published_at_an_address(desk, web):
    message = await say(desk, f"/subscribe <{URL}>")
    said = message.text.plain()
    assert said.startswith("🔔 Now following Radio Gorvane · source:radio-gorvane\nAbout one a day.")
    assert "News of Radio Gorvane" in said
    assert await followed(desk) == ["source:radio-gorvane"]
    assert web.looked_at == [URL]
    again = await say(desk, f"/sub {URL}")
    assert again.text.plain().startswith("🔔 Already following Radio Gorvane · ")
    changed = await push_button(desk, button(message, "Daily"))
    assert "Radio Gorvane · source:radio-gorvane" in changed.message.text.plain()


async def test_what_is_known_is_followed_by_anybody_without_a_look(desk, web):
    await say(desk, f"/subscribe {URL}", OPERATOR)
    nobody_adds = replace(desk, reader_feeds=0)
    assert "Now following" in (await say(nobody_adds, f"/subscribe {URL}")).text.plain()
    assert web.looked_at == [URL]


async def test_where_readers_add_none_the_admins_do(desk, web):
    nobody_adds = replace(desk, reader_feeds=0)
    assert (await say(nobody_adds, f"/subscribe {URL}")).text.plain() == words.ADMINS_ADD_FEEDS
    assert (web.looked_at, await followed(desk)) == ([], [])
    assert "Now following" in (await say(nobody_adds, f"/subscribe {URL}", OPERATOR)).text.plain()


async def test_a_chat_adds_as_many_as_it_may(desk, web):
    urls = [f"https://{name}.example" for name in ("a", "b", "c")]
    web.feeds.update((url, f"Site {number}") for number, url in enumerate(urls))
    for url in urls[:2]:
        await say(desk, f"/subscribe {url}")
    assert (await say(desk, f"/subscribe {urls[2]}")).text.plain() == words.too_many_feeds(2)
    assert web.looked_at == urls[:2]
    assert await followed(desk) == ["source:site-0", "source:site-1"]
    # The limit is a chat's, and not the admins'.
    assert "Now following" in (await say(desk, f"/subscribe {urls[2]}", BORIS)).text.plain()
    for url in (f"{url}/more" for url in urls):
        web.feeds[url] = f"More of {url}"
        assert "Now following" in (await say(desk, f"/subscribe {url}", OPERATOR)).text.plain()


async def test_who_adds_one_too_many_at_the_same_time_is_told_so(desk, web):
    """Another of the chat's came between the look and the end."""
    web.feeds["https://a.example"] = "A"
    await say(desk, f"/subscribe {URL}")

    class Late:
        known = web.known

        async def introduce(self, address, place, _most):
            return await web.introduce(address, place, 1)

    late = replace(desk, feeds=Late())
    assert (await say(late, "/subscribe https://a.example")).text.plain() == words.too_many_feeds(1)


@pytest.mark.parametrize(
    ("hindrance", "said"),
    [
        (FeedHindrance.NO_ADDRESS, words.NO_ADDRESS),
        (FeedHindrance.NOT_ALLOWED, words.not_allowed("radio.example")),
        (FeedHindrance.UNREACHABLE, words.unreachable("radio.example")),
        (FeedHindrance.NO_FEED, words.no_feed("radio.example")),
        (FeedHindrance.NOT_NOW, words.not_now("radio.example")),
    ],
)
async def test_what_hinders_is_said_in_simple_words(desk, web, hindrance, said):
    web.hindrances[URL] = hindrance
    assert (await say(desk, f"/subscribe {URL}")).text.plain() == said
    assert await followed(desk) == []


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        (f"{URL} sport", words.ONE_ADDRESS),
        (f"{URL} {URL}", words.ONE_ADDRESS),
        ("https://radio.example/" + "a" * 2_000, words.ADDRESS_TOO_LONG),
    ],
)
async def test_what_is_no_one_address_is_not_looked_at(desk, web, said, answered):
    assert (await say(desk, f"/subscribe {said}")).text.plain() == answered
    assert (await say(desk, f"/subscribe {said}", OPERATOR)).text.plain() == answered
    assert web.looked_at == []


@pytest.mark.parametrize(
    "said", [f"/{name} {{}}" for name in ("subscribe", "unsubscribe", "search", "latest", "article", "sources", "x")]
)
async def test_credentials_are_never_shown_nor_kept(desk, web, said):
    for hindrance in (*FeedHindrance, None):
        web.hindrances = {SECRET: hindrance} if hindrance else {}
        message = await say(desk, said.format(SECRET))
        shown = message.text.plain() + str(labels(message))
        assert "s3cret" not in shown
        assert "ada" not in shown
        assert (words.HOLDS_A_LOGIN in shown) == ("subscribe" in said)
    assert not any("s3cret" in query for query in await followed(desk))


async def test_an_address_is_no_search(desk):
    assert (await say(desk, URL)).text.plain() == words.AN_ADDRESS
    assert (await say(desk, f"/search {URL}")).text.plain() == words.AN_ADDRESS


async def test_a_query_that_looks_like_an_address_is_followed_and_a_word_is_said_about_it(desk):
    message = await say(desk, "/subscribe radio.example/feed")
    assert message.text.plain().endswith(f"{words.NO_EXAMPLE}\n{words.IF_AN_ADDRESS}")
    assert await followed(desk) == ['"radio example feed"']
    assert words.IF_AN_ADDRESS not in (await say(desk, "/subscribe radio")).text.plain()


async def test_what_brings_nothing_for_now_is_followed_and_said_to_be_so(desk, store):
    for name in ("late", "idle", "well"):
        await add_feed(store, name, failed="timed out" if name == "late" else "")
        await store.feeds.know(f"https://{name}.example", name)
    await store.feeds.pause("idle", paused=True, now=NOW)
    for name, state in (("late", words.FAILS_NOW), ("idle", words.PAUSED_NOW), ("well", words.NO_EXAMPLE)):
        said = (await say(desk, f"/subscribe https://{name}.example")).text.plain()
        assert said.startswith(f"🔔 Now following {name.title()} · ")
        assert said.endswith(state)


async def test_an_address_is_unsubscribed_from(desk):
    await say(desk, f"/subscribe {URL}")
    assert (await say(desk, f"/unsubscribe {URL}")).text.plain() == "🔕 No longer following source:radio-gorvane"
    assert await followed(desk) == []
    nothing = words.address_not_followed("radio.example")
    assert (await say(desk, f"/unsubscribe {URL}")).text.plain() == nothing
    assert (await say(desk, "/unsubscribe https://radio.example/other")).text.plain() == nothing


class Rights:
    """Boris alone runs the group and the channel."""

    async def hindrance(self, _chat, speaker):
        return None if speaker == BORIS else Hindrance.NOT_ADMIN

    async def find(self, _username):
        return CHANNEL


def in_group(text, person):
    return Ask(Place(1, GROUP.id, 3), text, NOW, GROUP, person)


async def test_in_a_group_its_administrators_follow_addresses(desk, web):
    ours = replace(desk, rights=Rights())
    call = read_call(f"/subscribe {URL}", "news_bot", private=False)
    refused = await answer(call, in_group(call.text, ADA), ours)
    assert refused.text.plain() == words.ADMINS_ONLY
    assert web.looked_at == []
    followed_ = await answer(call, in_group(call.text, BORIS), ours)
    assert "Now following" in followed_.text.plain()
    assert (await desk.store.feeds.find(URL)).added_by == Place(1, GROUP.id, 3)


async def test_in_a_group_anybody_browses_and_its_administrators_choose(desk, store):
    await store.sources.put(Source("bell", "The Bell"))
    ours = replace(desk, rights=Rights())
    listed = await answer(read_call("/sources", "news_bot", private=False), in_group("", ADA), ours)
    data = button(listed, "🔔 1")
    assert (await press(in_group(data, ADA), ours)).toast == words.ADMINS_ONLY
    assert (await press(in_group(data, BORIS), ours)).message.text.plain().startswith("🔔 Now following The Bell · ")


async def test_for_a_channel_addresses_and_sources_are_chosen_in_private(desk):
    ours = replace(desk, rights=Rights())
    message = await say(ours, f"/subscribe @bay_news {URL}", BORIS)
    assert message.text.plain().startswith("📢 Bay News\n🔔 Now following Radio Gorvane")
    assert (await desk.store.feeds.find(URL)).added_by == Place(1, CHANNEL.id)
    listed = await say(ours, "/sources @bay_news radio", BORIS)
    assert "1. Radio Gorvane ✓ followed here" in listed.text.plain()
    assert (await say(ours, "/unsub @bay_news 1", BORIS)).text.plain().startswith("📢 Bay News\n🔕 ")
    listed = await say(ours, "/sources @bay_news radio", BORIS)
    pressed = await push_button(ours, button(listed, "🔔 1"), BORIS)
    assert pressed.message.text.plain().startswith("📢 Bay News\n🔔 Now following")
    assert [one.query for one in await desk.store.subscriptions.all(Place(1, CHANNEL.id))] == ["source:radio-gorvane"]


# Finding sources


async def test_sources_are_listed_in_pages_and_followed_by_their_buttons(desk, store):
    for name in ("bell", "harbour-times", "wire"):
        await store.sources.put(Source(name, name.title()))
    await say(desk, "/subscribe source:bell")
    first = await say(desk, "/sources")
    assert first.text.plain() == (
        "📡 Sources\n\n"
        "1. Bell ✓ followed here\nsource:bell · None in the last 30 days.\n\n"
        "2. Harbour-Times\nsource:harbour-times · None in the last 30 days.\n\n"
        f"{words.HOW_TO_CHOOSE_SOURCE}\n{words.HOW_TO_ADD}"
    )
    assert labels(first) == [["🔔 2"], ["▸"]]
    pressed = await push_button(desk, button(first, "🔔 2"))
    assert pressed.new
    assert await followed(desk) == ["source:bell", "source:harbour-times"]
    second = await push_button(desk, button(first, "▸"))
    assert "3. Wire\n" in second.message.text.plain()
    assert labels(second.message) == [["🔔 3"], ["◂"]]
    assert not second.new
    back = (await push_button(desk, button(second.message, "◂"))).message
    assert "2. Harbour-Times ✓ followed here" in back.text.plain()


async def test_sources_are_found_by_words_on_every_page(desk, store):
    for name in ("radio-gorvane", "radio-marrem", "radio-tessel", "bell"):
        await store.sources.put(Source(name, name.replace("-", " ").title()))
    first = await say(desk, "/sources  RADIO")
    assert first.text.plain().startswith("📡 Sources · radio\n\n1. Radio Gorvane\n")
    second = (await push_button(desk, button(first, "▸"))).message
    assert "3. Radio Tessel" in second.text.plain()
    assert "Bell" not in second.text.plain()
    assert labels(second) == [["🔔 3"], ["◂"]]


@pytest.mark.parametrize("said", ["zebra", "<b> OR -x", "title:zebra", "a " * 50, "ж" * 300, "_", "¿?"])
async def test_whatever_words_there_are_they_are_looked_for(desk, store, said):
    await store.sources.put(Source("bell", "The Bell"))
    message = await say(desk, f"/sources {said}")
    if any(letter.isalnum() for letter in said):
        assert message.text.plain().startswith("I know no source called “")
    else:
        assert "1. The Bell" in message.text.plain()


async def test_who_may_add_none_is_not_told_how(desk):
    nobody_adds = replace(desk, reader_feeds=0)
    assert (await say(nobody_adds, "/sources")).text.plain() == words.no_source("")
    assert words.HOW_TO_ADD in (await say(nobody_adds, "/sources", OPERATOR)).text.plain()
    assert words.HOW_TO_ADD in (await say(desk, "/sources")).text.plain()


async def test_a_page_that_is_not_there_leads_back(desk, store):
    await store.sources.put(Source("bell", "The Bell"))
    kept = await store.queries.keep(Query.parse("bell"))
    pressed = await push_button(desk, OpenSources(kept, 9))
    assert pressed.message.text.plain().startswith(words.NOTHING_MORE)
    assert labels(pressed.message) == [["◂"]]
    assert (await push_button(desk, OpenSources(99))).toast == words.TOO_OLD


async def test_a_source_whose_name_nobody_can_type_is_listed_all_the_same(desk, store):
    await store.sources.put(Source("—", "Dash"))
    with pytest.raises(QueryError):
        Query.parse('source:"—"')
    message = await say(desk, "/sources")
    assert "1. Dash\n" in message.text.plain()
    assert labels(message) == []


# How feeds are doing


async def trouble(store):
    await add_feed(store, "well")
    await add_feed(store, "late", failed="timed out", at=NOW - timedelta(hours=1))
    await add_feed(store, "later", failed="<b>HTTP 503</b>\n" + "x" * 500, at=NOW - timedelta(days=2))
    await add_feed(store, "gone", ended="it answers 410: gone for good")
    await add_feed(store, "idle")
    await store.feeds.pause("idle", paused=True, now=NOW)


async def test_admins_see_how_feeds_are_doing(desk, store):
    await trouble(store)
    many = replace(desk, page_size=9)
    listed = await say(many, "/sources", OPERATOR)
    for line in ("1. ⛔ Gone\n", "2. ⏸ Idle\n", "3. ⚠️ Late\n", "4. ⚠️ Later\n", "5. Well\n"):
        assert line in listed.text.plain()
    health = (await push_button(many, button(listed, words.in_trouble(4)), OPERATOR)).message
    assert health == await say(many, "/sources failing", OPERATOR)
    said = health.text.plain()
    assert said.startswith("4 of 5 feeds in trouble\n\n⚠️ Later · later\nlater.example · fails since 14 Jul 2025")
    assert "⚠️ Late · late\nlate.example · fails since 16 Jul 2025, 11:00 UTC, 1 try: timed out" in said
    assert "⛔ Gone · gone\ngone.example · ended: it answers 410: gone for good" in said
    assert said.endswith("⏸ Idle · idle\nidle.example · paused by you")
    assert "pw" not in said
    assert "rss" not in said


async def test_the_feeds_in_trouble_come_in_pages(desk, store):
    await trouble(store)
    first = await say(desk, "/sources failing", OPERATOR)
    second = await push_button(desk, button(first, "▸"), OPERATOR)
    assert "Gone" in second.message.text.plain()
    assert labels(second.message) == [["◂"]]
    assert (await push_button(desk, OpenHealth(99_999), OPERATOR)).message == second.message


async def test_readers_see_nothing_of_it(desk, store):
    await trouble(store)
    listed = await say(desk, "/sources")
    assert "⛔" not in listed.text.plain()
    assert "trouble" not in str(labels(listed))
    assert (await say(desk, "/sources failing")).text.plain().startswith(words.no_source("failing"))
    assert (await push_button(desk, OpenHealth())).toast == words.TOO_OLD
    # Nor does a group in which an admin asks.
    said = await answer(read_call("/sources", "news_bot", private=False), in_group("", OPERATOR), desk)
    assert "⛔" not in said.text.plain()


async def test_all_is_well(desk, store):
    assert (await say(desk, "/sources failing", OPERATOR)).text.plain() == words.NO_FEEDS
    await add_feed(store, "well")
    assert (await say(desk, "/sources failing", OPERATOR)).text.plain() == words.ALL_WELL


async def test_stats_count_feeds(desk, store):
    assert "feeds" not in (await say(desk, "/stats", OPERATOR)).text.plain()
    await trouble(store)
    assert "3 feeds polled, 2 of them failing: /sources failing" in (await say(desk, "/stats", OPERATOR)).text.plain()
