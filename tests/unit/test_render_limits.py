"""Whatever an article holds, its messages are ones that Telegram takes. Judged by a reader of HTML that is not ours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render import timing, words
from bot.render.article import article_pages, card
from bot.render.buttons import Choose, Follow, OpenArticle, OpenHealth, OpenSources, OpenSubscriptions, decode, owned
from bot.render.clock import ChatClock
from bot.render.digest import digest, digest_as_it_is_now
from bot.render.guidance import (
    about,
    can_deliver_again,
    cannot_deliver,
    channel_follows_nothing,
    channel_welcome,
    group_welcome,
    promoted,
    query_error,
    too_many_questions,
    welcome,
)
from bot.render.lists import (
    more_pushed,
    nothing_found,
    pushed,
    pushed_as_it_is_now,
    results,
    subscribed,
    subscriptions,
    where_to_follow,
)
from bot.render.sources import Line, Shown, health, sources, told
from bot.render.units import clean, units
from bot.transport.outgoing import Capabilities, to_arguments
from storage import (
    EVERYTHING,
    Article,
    Cadence,
    Chat,
    ChatKind,
    ChatSettings,
    Context,
    Cursor,
    Feed,
    OwedArticle,
    Page,
    Pictures,
    Place,
    Query,
    QueryError,
    Question,
    Quiet,
    Source,
    Subscription,
)

KNOWN_TAGS = {"b", "i", "code", "pre", "a", "blockquote", "tg-time"}
MOMENT = datetime(2025, 7, 16, 14, 30, tzinfo=UTC)
PLACE = Place(bot=1, chat=2)


class Parsed(HTMLParser):
    """What Telegram would make of a text: its words, its entities and about their size."""

    def __init__(self, markup):
        super().__init__(convert_charrefs=True)
        self.words, self.open, self.entities, self.size = "", [], 0, 0
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attributes):
        assert tag in KNOWN_TAGS, tag
        self.open.append(tag)
        self.entities += 1
        self.size += 12 + sum(len((value or "").encode()) for _, value in attributes)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, words):
        self.words += words

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def check(message):
    """The limits of TELEGRAM's sendMessage, counted anew."""
    for markup in (message.text.html(), message.text.html(date_times=False)):
        parsed = Parsed(markup)
        assert parsed.open == []
        assert parsed.words == message.text.plain()
        assert len(parsed.words.encode("utf-16-le")) // 2 <= 4_096
        assert parsed.entities <= 100
        assert parsed.size <= 9_500
        assert len(markup.encode()) <= 32_768
    assert message.text.fits
    assert any(letter.isprintable() and not letter.isspace() for letter in message.text.plain())
    check_buttons(message.buttons)


def check_buttons(rows):
    labels = [button for row in rows for button in row]
    assert len(labels) <= 100
    assert all(row and len(row) <= 8 for row in rows)
    for button in labels:
        assert 1 <= len(button.label.encode("utf-16-le")) // 2 <= 64
        assert button.url or decode(button.data)
    assert sum(len((button.label + (button.url or button.data)).encode()) for button in labels) <= 9_000


NASTY = [
    "<b>",
    "</blockquote>",
    "&amp;",
    "&",
    "<!--",
    "<?",
    '"',
    "'",
    "😀",
    "👨‍👩‍👧",
    "🇦🇲",
    "\u202e",
    "\u2067",
    "سلام",
    "Ա",
    "ж" * 40,
    "中" * 40,
    "\0",
    "\ud800",
    "\n\n",
    "\r\n",
    " ",
    "\u200b",
    "e" + "\u0301" * 50,
    "https://example.org/" + "a" * 100,
    "@name #tag /start ",
]
HOSTILE = st.lists(st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=()), max_size=20), max_size=8)
LONG = st.tuples(HOSTILE.map("".join), st.integers(1, 80)).map(lambda parts: parts[0] * parts[1])
LINKS = st.sampled_from(
    [
        "",
        "https://example.org/1",
        "https://example.org/" + "&" * 1_900,
        "https://example.org/" + "'" * 470,
        "https://example.org/" + "ж" * 240,
        "javascript:alert(1)",
        "https://localhost/",
    ]
)
SOURCES = st.builds(Source, name=st.just("wire"), title=LONG, id=st.just(1), zone=st.just("Asia/Yerevan"))
ARTICLES = st.builds(
    Article,
    id=st.integers(1, 2**63 - 1),
    source=SOURCES,
    key=st.just("k"),
    title=LONG,
    published=st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001  bounds are bare
    arrived=st.just(MOMENT),
    newest=st.integers(-(2**62), 2**62),
    body=LONG,
    summary=LONG,
    link=LINKS,
    date_only=st.booleans(),
    authors=st.lists(LONG, max_size=6).map(tuple),
    urgent=st.booleans(),
)
# One hostile article many times over is as bad as many, and quicker to make.
MANY = st.tuples(ARTICLES, st.integers(1, 60)).map(lambda pair: (pair[0],) * pair[1])
TOPICS = st.lists(LONG, max_size=1).map(tuple)
QUERY_TEXTS = st.sampled_from(["*", "armenia peace", "a" * 250, "սեր " * 60, 'title:"<b>" & שלום'])


# Of a bot that opens articles in its own chat: a name has 5 to 32 characters.
USERNAMES = st.sampled_from(["", "a" * 29 + "bot"])
CHANNELS = st.builds(
    Chat,
    bot=st.just(1),
    id=st.just(-(2**52)),
    kind=st.just(ChatKind.CHANNEL),
    title=LONG,
    username=st.sampled_from(["", "a" * 32]),
)
CONTEXTS = st.none() | st.builds(
    lambda words_, cuts: Context(words_, tuple(zip(cuts[::2], cuts[1::2], strict=False))),
    st.text(max_size=200),
    st.lists(st.integers(0, 200), max_size=60, unique=True).map(sorted),
)
OWNER = -(2**52)  # Bot API, Chat.id: at most 52 significant bits
LAST = 2**63 - 1


@settings(deadline=None)
@given(ARTICLES, st.lists(QUERY_TEXTS, max_size=60), USERNAMES)
def test_a_card_fits(article, queries, username):
    check(card(article, tuple(queries), username))


@settings(deadline=None)
@given(ARTICLES, st.lists(QUERY_TEXTS, max_size=60), USERNAMES)
def test_a_photos_card_fits_a_caption(article, queries, username):
    article = replace(article, image="https://example.org/1.jpg")
    message = card(article, tuple(queries), username, Pictures.PHOTO)
    check(message)
    assert message.picture
    assert len(message.text.plain().encode("utf-16-le")) // 2 <= 1_024
    whole = card(article, tuple(queries), username).text.plain()
    # Two units are kept for what a summary from right to left would need.
    if len(whole.encode("utf-16-le")) // 2 <= 1_022:
        assert message.text.plain() == whole
    else:
        # The summary alone is shorter.
        assert [message.text.plain().split("\n\n")[at] for at in (0, -1)] == [whole.split("\n\n")[at] for at in (0, -1)]


@settings(deadline=None)
@given(ARTICLES, MANY, st.integers(0, 50), USERNAMES)
def test_every_page_of_an_article_fits(article, related, page, username):
    check(owned(article_pages(article, related, page, username), OWNER))


@settings(deadline=None)
@given(MANY, st.booleans(), USERNAMES, CONTEXTS)
def test_results_fit(articles, turning, username, context):
    cursor = Cursor(-LAST, newer=True) if turning else None
    page = Page(articles[:10], 1_000, cursor, cursor, more=True)
    ways = [Follow(LAST), Choose(LAST)]
    query = Query.parse('"' + "a" * 250 + '"')
    contexts = [context] * len(articles[:10])
    message = results(page, Question(query), LAST, ways, username=username, contexts=contexts)
    check(owned(message, OWNER))


@settings(deadline=None)
@given(MANY, QUERY_TEXTS, st.integers(0, 10**9), USERNAMES)
def test_a_push_fits_and_counts_what_it_leaves_out(articles, query, more, username):
    owed = tuple(OwedArticle(position, article, (query,)) for position, article in enumerate(articles))
    check_counted(pushed(owed, more, 2**62 - 1, username), owed, more)


@settings(deadline=None)
@given(MANY, st.lists(TOPICS, min_size=1), st.integers(0, 10**9), USERNAMES, st.sampled_from(list(Cadence)[1:]))
def test_a_digest_fits_and_counts_what_it_leaves_out(articles, topics, more, username, cadence):
    owed = tuple(
        OwedArticle(position, replace(article, topics=topics[position % len(topics)]), ("*",))
        for position, article in enumerate(articles)
    )
    check_counted(digest(cadence, MOMENT, owed, more, 2**62 - 1, username), owed, more)


@settings(deadline=None)
@given(MANY, MANY, st.integers(0, 10**9), USERNAMES, st.sampled_from(Cadence))
def test_what_a_message_showed_fits_again_however_long_it_has_become(articles, others, more, username, cadence):
    """Other articles stand for what has been made of the first ones."""

    def about(found, count):
        return tuple(
            OwedArticle(position, replace(found[position % len(found)], topics=(f"t{position // 2}",)), ("*",))
            for position in range(count)
        )

    as_it_is_now = pushed_as_it_is_now
    if cadence is Cadence.INSTANT:
        before, shown = pushed(about(articles, len(articles)), more, LAST, username)
    else:
        before, shown = digest(cadence, MOMENT, about(articles, len(articles)), more, LAST, username)
        as_it_is_now = partial(digest_as_it_is_now, cadence, MOMENT)
    left = len(articles) - len(shown) + more
    assert as_it_is_now(shown, left, LAST, username) == before
    check(as_it_is_now(about(others, len(shown)), left, LAST, username))


def check_counted(given, owed, more):
    message, shown = given
    check(message)
    assert shown == owed[: len(shown)]
    assert shown
    left = len(owed) - len(shown) + more
    assert any(words.open_more(left) == button.label for row in message.buttons for button in row) == (left > 0)
    # As plain text, should the formatting be refused.
    plain = to_arguments(message, Capabilities(), plain=True)
    assert units(plain["text"]) <= 4_096
    has_lost_its_link = left > 0 and message.buttons[0][0].url is not None
    assert plain["text"].endswith(f"… and {left:,} more.") == has_lost_its_link


@settings(deadline=None)
@given(MANY, st.integers(0, 10**9), USERNAMES)
def test_what_a_push_counted_fits(articles, total, username):
    page = Page(articles[:10], total, Cursor(LAST), Cursor(LAST, newer=True))
    check(owned(more_pushed(page, LAST, username), OWNER))


@settings(deadline=None)
@given(MANY, QUERY_TEXTS, st.floats(0, 1e9), st.booleans())
def test_the_answer_to_subscribe_fits(articles, query, rate, new):
    check(owned(subscribed(Subscription(LAST, PLACE, query, 0, MOMENT), articles[:3], rate, new=new), OWNER))


@settings(deadline=None)
@given(st.lists(QUERY_TEXTS, min_size=1, max_size=300), st.integers(0, 50), st.booleans(), st.booleans(), CHANNELS)
def test_any_number_of_subscriptions_fits(queries, page, choosing, private, channel):
    followed = [Subscription(2**63 - number, PLACE, query, 0, MOMENT) for number, query in enumerate(queries, 1)]
    shown = OpenSubscriptions(page, choosing)
    check(subscriptions(followed, shown, private=private, channels=[channel] * 30))
    check(about(subscriptions(followed, shown, private=private), channel))


@settings(deadline=None)
@given(st.lists(st.tuples(QUERY_TEXTS, st.sampled_from(Cadence)), min_size=1, max_size=100), CHANNELS)
def test_how_any_number_of_them_comes_fits(followed, channel):
    chosen = ChatSettings(quiet=Quiet(1380, 420, silent=True), muted_until=MOMENT + timedelta(days=30))
    clock = ChatClock(chosen, ZoneInfo("America/Argentina/ComodRivadavia"), MOMENT)
    subscriptions_ = [Subscription(LAST, PLACE, query, 0, MOMENT, cadence) for query, cadence in followed]
    check(owned(timing.digest(clock, subscriptions_), OWNER))
    check(about(timing.digest(clock, subscriptions_), channel))
    times = timing.times_line(clock, subscriptions_)
    check(subscriptions(subscriptions_, OpenSubscriptions(), private=False, channels=[channel] * 30, times=times))


@settings(deadline=None)
@given(LONG, CHANNELS)
def test_what_is_said_of_time_zones_fits(said, channel):
    zone = "America/Argentina/ComodRivadavia"
    clock = ChatClock(ChatSettings(), ZoneInfo(zone), MOMENT)
    zones = [(zone, 2**32 - 1)] * 12
    for message in (timing.unknown_zone(said, zones, clock), timing.unknown_zone(said, (), clock)):
        check(about(message, channel))
    check(owned(timing.several_zones(zones, clock), OWNER))


@settings(deadline=None)
@given(CHANNELS, MANY, QUERY_TEXTS)
def test_what_is_said_about_a_channel_fits(channel, articles, query):
    check(channel_welcome(channel, LAST))
    check(about(channel_follows_nothing(channel, LAST), channel))
    check(about(subscribed(Subscription(LAST, PLACE, query, 0, MOMENT), articles[:3], 1.0, new=True), channel))
    check(where_to_follow(Query.parse('"' + "a" * 250 + '"'), LAST, [channel] * 30))
    check(welcome(LAST, "a" * 29 + "bot", [channel] * 30))


@given(CHANNELS, st.booleans(), st.booleans())
def test_what_whoever_set_a_chat_up_is_told_fits(chat, whole, gone):
    check(cannot_deliver(chat, whole=whole, gone=gone))
    check(can_deliver_again(chat))
    check(promoted(chat))


FEEDS = st.builds(
    Feed,
    source=SOURCES,
    url=st.sampled_from(["https://" + "a." * 900, "https://u:p@radio.example/", "", "<b>", "https://пример.рф"]),
    added=st.just(MOMENT),
    failures=st.integers(0, 10**6),
    failing_since=st.none() | st.just(MOMENT),
    error=LONG,
    ended=st.just("") | LONG,
    paused=st.booleans(),
)


@settings(deadline=None)
@given(st.lists(SOURCES, max_size=10), st.none() | FEEDS, LONG, st.booleans())
def test_a_page_of_sources_fits(sources_, feed, said, turning):
    lines = [Line(one, "source:" + "ж" * 64, LAST, 1e9, followed=turning, feed=feed) for one in sources_]
    shown = Shown(OpenSources(LAST, 99_998), 999_980, said, more=turning, may_add=turning, in_trouble=10**6)
    check(owned(sources(lines, shown), OWNER))


@settings(deadline=None)
@given(st.tuples(FEEDS, st.integers(1, 10)).map(lambda pair: [pair[0]] * pair[1]), st.booleans())
def test_what_is_said_of_feeds_fits(feeds, more):
    check(health(feeds, OpenHealth(99_998), 10**6, 10**6, more=more))
    check(told(feeds))
    check(told(feeds * 30))


def test_what_is_said_in_a_group_fits():
    check(owned(group_welcome(LAST), OWNER))
    check(too_many_questions("a" * 29 + "bot"))


@given(LONG, st.integers(-5, 5_000), HOSTILE.map("".join), LONG)
def test_a_query_error_fits(typed, position, expected, hint):
    check(query_error(QueryError(typed, position, expected, hint), OpenArticle(1)))


def test_nothing_found_fits():
    other = (Query.parse("b" * 250), 2**63 - 1)
    check(nothing_found(Query.parse("a" * 250), other, other))
    check(nothing_found(EVERYTHING))


@settings(deadline=None)
@given(ARTICLES)
def test_the_pages_of_an_article_hold_all_of_its_text(article):
    whole, page, last = "", 0, False
    while not last:
        message = article_pages(article, (), page)
        quoted = [span.text for span in message.text.spans if any(tag.name == "blockquote" for tag in span.tags)]
        whole += "".join(quoted) or message.text.spans[-1].text
        page += 1
        last = not any(button.data == f"a:{article.id}:{page}" for row in message.buttons for button in row)
    body = "".join(clean(article.body).split())
    assert "".join(whole.split()) == body or not body


@pytest.mark.parametrize("count", [2, 20, 21, 50])
def test_a_push_shows_as_many_ordinary_headlines_as_are_read_with_pleasure(count):
    source = Source("wire", "The Wire", 1)
    article = Article(1, source, "k", "A title of quite ordinary length about something", MOMENT, MOMENT, 1)
    owed = [OwedArticle(position, article, ("*",)) for position in range(count)]
    message, shown = pushed(owed)
    check(message)
    assert len(shown) == min(count, 20)


@settings(deadline=None)
@given(ARTICLES, st.integers(1, 20), st.integers(0, 10**9), QUERY_TEXTS, USERNAMES)
def test_a_push_as_it_is_now_fits_and_shows_all_that_it_showed(article, count, more, query, username):
    message = pushed_as_it_is_now([OwedArticle(1, article, (query,))] * count, more, 2**62 - 1, username)
    check(message)
    if count > 1 or more:
        assert f"{count + more:,} new headline" in message.text.plain()
        labels = [button.label for row in message.buttons for button in row]
        assert labels == ([words.open_more(more)] if more else [])


@settings(deadline=None)
@given(ARTICLES, st.lists(QUERY_TEXTS, max_size=60), USERNAMES)
def test_a_card_below_a_picture_fits(article, queries, username):
    owed = OwedArticle(1, article, tuple(queries))
    message = pushed_as_it_is_now([owed], username=username, caption=True)
    check(message)
    assert message.text.units <= 1_024
    assert bool(message.buttons) == bool(card(article, tuple(queries), username).buttons)


def test_a_push_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="at least one"):
        pushed_as_it_is_now([], 3)


def test_a_push_that_shows_nothing_is_an_error():
    with pytest.raises(ValueError, match="at least one article"):
        pushed([], 3)
