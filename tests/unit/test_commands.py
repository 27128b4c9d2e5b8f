"""Questions in, answers out, against a real store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.commands.answering import answer, press
from bot.commands.calls import Call, read_call
from bot.commands.desk import Ask, Desk, Pressed
from bot.commands.table import COMMANDS, find
from bot.render import words
from bot.render.buttons import Follow, Key, OpenArticle, OpenMore, OpenPage, OpenSubscriptions, Undo, Unfollow, encode
from storage import (
    EVERYTHING,
    Chat,
    ChatKind,
    Delivery,
    NewArticle,
    Outcome,
    Place,
    Query,
    Question,
    Settlement,
    open_store,
)

NOW = datetime(2025, 7, 16, 12, 0, tzinfo=UTC)
HERE = Place(bot=1, chat=42)
ELSEWHERE = Place(bot=1, chat=43)
TITLES = (
    "Armenia and Azerbaijan talk about peace",
    "Football: Armenia wins at home",
    "Harvest of apricots begins",
    "Peace treaty is near, says minister",
    "Trains run to Gyumri again",
)


@pytest.fixture
async def store(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/news.db") as opened:
        yield opened


@pytest.fixture
async def desk(store):
    """A desk over five headlines, the last the newest, an hour apart; the first has a text."""
    articles = [
        NewArticle(
            source="wire",
            key=str(number),
            title=title,
            published=NOW - timedelta(hours=len(TITLES) - number),
            body="They met today. They will meet again." if number == 0 else "",
            topics=("sport",) if "Football" in title else (),
        )
        for number, title in enumerate(TITLES)
    ]
    await store.articles.add(articles, arrived=NOW, push_since=NOW)
    return Desk(store, username="news_bot", rights=None, feeds=None, page_size=2)


def an_ask(text, place):
    """A person's, in private, where nobody else's rights are asked for."""
    chat = Chat(place.bot, place.chat, ChatKind.PRIVATE, "Ani")
    return Ask(place, text=text, now=NOW, chat=chat, speaker=place.chat)


async def say(desk, said, place=HERE):
    """The answer to a message."""
    call = read_call(said, desk.username, private=True)
    return await answer(call, an_ask(call.text, place), desk)


async def push_button(desk, data, place=HERE):
    return await press(an_ask(data if isinstance(data, str) else encode(Key(data)), place), desk)


def titles(message):
    return [title for title in reversed(TITLES) if title in message.text.plain()]


def button(message, label):
    return next(one for row in message.buttons for one in row if label in one.label)


async def followed(desk, place=HERE):
    return [one.query for one in await desk.store.subscriptions.all(place)]


async def number_of(desk, title):
    page = await desk.store.articles.search(EVERYTHING, now=NOW, limit=10)
    return next(article.id for article in page.articles if article.title == title)


# What a message calls for


@pytest.mark.parametrize(
    ("said", "name", "text"),
    [
        ("/latest", "latest", ""),
        ("/LATEST@News_Bot  armenia ", "latest", "armenia"),
        ("/search armenia\npeace", "search", "armenia\npeace"),
        ("/sub armenia", "sub", "armenia"),
        ("/article_123", "article", "123"),
        ("/Article_5@news_bot", "article", "5"),
        ("/nonsense x", "nonsense", "x"),
        (" just words ", "search", "just words"),
        ("/ slash", "search", "/ slash"),
        ("/новости", "search", "/новости"),
    ],
)
def test_what_a_message_calls_for(said, name, text):
    assert read_call(said, "news_bot", private=True) == Call(name, text, find(name))


@pytest.mark.parametrize("said", ["/latest@other_bot", "  "])
def test_what_is_not_for_us(said):
    assert read_call(said, "news_bot", private=True) is None


@pytest.mark.parametrize(
    ("said", "ours"),
    [("words", False), ("/nonsense", False), ("/nonsense@news_bot", True), ("/latest", True), ("/sub@news_bot", True)],
)
def test_among_others_only_commands_are_for_us(said, ours):
    assert (read_call(said, "news_bot", private=False) is not None) == ours


# The table


def test_the_table_keeps_telegram_s_rules_and_has_each_name_once():
    names = [name for command in COMMANDS for name in (command.name, *command.aliases)]
    assert len(set(names)) == len(names)
    for command in COMMANDS:
        assert command.name.isascii()
        assert 1 <= len(command.name) <= 32
        assert command.name.islower()
        assert 1 <= len(command.description) <= 256
        assert command.usage.startswith(f"/{command.name}")


@pytest.mark.parametrize(
    ("alias", "name"), [("sub", "subscribe"), ("unsub", "unsubscribe"), ("list", "subscriptions"), ("HELP", "help")]
)
def test_other_names(alias, name):
    assert find(alias) is find(name)


async def test_help_comes_from_the_table(desk):
    said = (await say(desk, "/help")).text.plain()
    explained = [command for command in COMMANDS if command.name not in {"help", "start"}]
    assert len(explained) >= 12
    for command in explained:
        assert f"{command.usage} – {command.description}" in said
    for example, _ in words.QUERY_EXAMPLES:
        assert example in said


def test_every_example_in_the_help_is_a_query():
    for example in (*words.EXAMPLE_QUERIES, *(example for example, _ in words.QUERY_EXAMPLES)):
        assert Question.parse(example)


async def test_an_unknown_command_gets_a_hint(desk):
    assert (await say(desk, "/lates")).text.plain() == words.unknown_command("lates", "latest")
    assert "mean" not in (await say(desk, "/zzzz")).text.plain()


# /stats


async def test_who_runs_the_bot_is_told_how_it_is_doing(desk):
    await say(desk, "/subscribe armenia")
    ours = replace(desk, admins=frozenset({HERE.chat}))
    said = (await say(ours, "/stats")).text.plain()
    assert "1 private, 0 groups, 0 channels" in said
    assert "5, 5 of them from the last 24 hours" in said
    assert "Stars" not in said
    await desk.store.payments.count(HERE.bot, NOW.date(), 25)
    assert "25 paid for today (UTC), 2.5 Stars" in (await say(replace(ours, pays=True), "/stats")).text.plain()


async def test_for_all_others_there_are_no_stats(desk):
    ours = replace(desk, admins=frozenset({HERE.chat}))
    unknown = words.unknown_command("stats", "start")
    assert (await say(desk, "/stats")).text.plain() == unknown
    assert (await say(ours, "/stats", ELSEWHERE)).text.plain() == unknown
    group = Ask(ELSEWHERE, text="", now=NOW, chat=Chat(1, 43, ChatKind.GROUP, "Home"), speaker=HERE.chat)
    assert (await answer(read_call("/stats", "news_bot", private=False), group, ours)).text.plain() == unknown
    assert "stats" not in {command.name for command in COMMANDS}
    assert "/stats" not in (await say(ours, "/help")).text.plain()


# /start


async def test_start_welcomes_with_buttons_that_work(desk):
    message = await say(desk, "/start")
    assert words.GREETING in message.text.plain()
    latest = await push_button(desk, button(message, "Latest").data)
    assert titles(latest.message) == [TITLES[4], TITLES[3]]


async def test_start_with_a_payload_opens_what_it_names(desk):
    article = await number_of(desk, TITLES[2])
    assert titles(await say(desk, f"/start a_{article}")) == [TITLES[2]]


async def test_start_shows_nobody_what_others_have_asked(desk):
    query = await desk.store.queries.keep(Query.parse("football"))
    message = await say(desk, f"/start q_{query}")
    assert words.GREETING in message.text.plain()
    assert titles(message) == []


@pytest.mark.parametrize("payload", ["a_999", "x_1", "a_", "a_1x", "a_" + "9" * 40, "promo", "a_-1"])
async def test_any_other_payload_is_a_welcome(desk, payload):
    assert words.GREETING in (await say(desk, f"/start {payload}")).text.plain()


# What a push counted


async def test_what_a_push_counted_opens_below_it_and_turns_in_place(desk):
    await count_some(desk, key=77)
    first = await push_button(desk, OpenMore(77))
    assert (titles(first.message), first.new) == ([TITLES[3], TITLES[2]], True)
    second = await push_button(desk, button(first.message, words.ON_TO_NEWER).data)
    assert (titles(second.message), second.new) == ([TITLES[4]], False)
    assert words.ON_TO_NEWER not in [one.label for row in second.message.buttons for one in row]
    back = await push_button(desk, button(second.message, words.BACK_TO_OLDER).data)
    assert (titles(back.message), back.new) == (titles(first.message), False)


async def test_a_link_opens_what_a_push_counted(desk):
    await count_some(desk, key=77)
    assert titles(await say(desk, "/start m_77")) == [TITLES[3], TITLES[2]]


@pytest.mark.parametrize("key", ["78", "0", "9" * 19])
async def test_what_is_no_longer_kept_is_said_to_be_so(desk, key):
    assert (await say(desk, f"/start m_{key}")).text.plain() == words.MORE_GONE
    if int(key) < 2**63:
        assert await push_button(desk, OpenMore(int(key))) == Pressed(words.MORE_GONE)


async def count_some(desk, key):
    """A push to elsewhere that showed the first two headlines and counted the other three."""
    store = desk.store
    await store.subscriptions.add(ELSEWHERE, EVERYTHING, now=NOW)
    lease = await store.leases.gain("announcer", now=NOW, duration=timedelta(seconds=5))
    again = [NewArticle("wire", str(number), f"{title}!", NOW) for number, title in enumerate(TITLES)]
    await store.articles.add(again, arrived=NOW, push_since=NOW - timedelta(days=1))
    await store.log.announce(lease, now=NOW, limit=9)
    await store.log.wake(lease, now=NOW, limit=9)
    [claim] = await store.mailboxes.claim(ELSEWHERE.bot, now=NOW, lease=timedelta(seconds=30), limit=9)
    [owed] = await store.mailboxes.owed([claim], now=NOW)
    shown = tuple(one.position for one in owed.articles[:2])
    delivery = Delivery(shown, Outcome.SENT, NOW, message=1, key=key, more=3, rest=owed.rest)
    await store.mailboxes.settle(Settlement(claim, cursors=owed.cursors, deliveries=(delivery,)), now=NOW)


# /latest and /search


async def test_latest_is_the_newest_in_pages_that_turn_in_place(desk):
    first = await say(desk, "/latest")
    assert titles(first) == [TITLES[4], TITLES[3]]
    second = await push_button(desk, button(first, "Older").data)
    assert (titles(second.message), second.new, second.toast) == ([TITLES[2], TITLES[1]], False, "")
    third = await push_button(desk, button(second.message, "Older").data)
    assert titles(third.message) == [TITLES[0]]
    assert words.OLDER not in [one.label for row in third.message.buttons for one in row]
    back = await push_button(desk, button(third.message, "Newer").data)
    assert titles(back.message) == titles(second.message)


async def test_latest_of_a_query(desk):
    assert titles(await say(desk, "/latest armenia")) == [TITLES[1], TITLES[0]]


@pytest.mark.parametrize("said", ["/search armenia -football", "armenia -football"])
async def test_search_by_command_or_by_just_typing(desk, said):
    message = await say(desk, said)
    assert titles(message) == [TITLES[0]]
    assert "1 found" in message.text.plain()
    assert f"/article_{await number_of(desk, TITLES[0])}" in message.text.plain()


async def test_search_without_a_query_says_how(desk):
    said = (await say(desk, "/search")).text.plain()
    assert words.HOW_TO_SEARCH in said
    assert f"/search {words.EXAMPLE_QUERIES[0]}" in said


async def test_nothing_found_offers_fewer_words(desk):
    message = await say(desk, "/search armenia zebra")
    assert words.NOTHING_FOUND in message.text.plain()
    wider = await push_button(desk, button(message, "armenia").data)
    assert titles(wider.message) == [TITLES[1], TITLES[0]]


async def test_nothing_found_offers_another_spelling(desk):
    message = await say(desk, "/search armenai")
    meant = await push_button(desk, button(message, "Did you mean: armenia?").data)
    assert meant.message.text.plain().startswith("🔎 armenia · ")


async def test_best_first_and_back(desk):
    message = await say(desk, "/search sort:best armenia")
    assert "best first" in message.text.plain()
    newest = await push_button(desk, button(message, words.SORT_NEWEST).data)
    assert "best first" not in newest.message.text.plain()
    best = await push_button(desk, button(newest.message, words.SORT_BEST).data)
    assert best.message == message


@pytest.mark.parametrize("command", ["/latest", "/subscribe"])
async def test_only_a_search_has_an_order(desk, command):
    message = await say(desk, f"{command} sort:best armenia")
    assert "no sort: here: only a search has an order" in message.text.plain()
    assert button(message, "armenia").data.startswith("f:" if command == "/subscribe" else "p:")


async def test_the_hint_of_a_search_keeps_its_order(desk):
    message = await say(desk, "/search (armenia sort:best")
    assert "best first" in (await push_button(desk, button(message, "armenia").data)).message.text.plain()


async def test_exclusions_only_are_offered_with_everything_else(desk):
    message = await say(desk, "/search -armenia")
    pressed = await push_button(desk, button(message, "* -armenia").data)
    assert pressed.message.text.plain().startswith("🔎 * -armenia · ")


@pytest.mark.parametrize("command", ["/search", "/latest"])
async def test_dates_to_come_are_told_apart_from_nothing_found(desk, command):
    message = await say(desk, f"{command} armenia after:2999-01-01")
    assert "a date that has come" in message.text.plain()
    assert button(message, "armenia").data.startswith("p:")


async def test_nothing_at_all(desk):
    message = await say(desk, "/search zebra")
    assert words.NOTHING_FOUND in message.text.plain()
    assert message.buttons == ()


async def test_an_empty_store_says_so(store):
    assert (await say(Desk(store, "news_bot", rights=None, feeds=None), "/latest")).text.plain() == words.NOTHING_YET


@pytest.mark.parametrize("command", ["/search", "/latest", "/article", "/subscribe", "/unsubscribe"])
async def test_a_faulty_query_is_explained(desk, command):
    said = (await say(desk, f"{command} armenia OR")).text.plain()
    assert said.startswith(f"{words.CANNOT_READ}\narmenia OR\n")
    assert "I expected" in said


async def test_the_hint_of_a_faulty_query_is_a_button(desk):
    searched = await say(desk, "/search -football")
    found = await push_button(desk, searched.buttons[0][0].data)
    assert titles(found.message) == [TITLES[4], TITLES[3]]
    wanted = await say(desk, "/subscribe -football")
    await push_button(desk, wanted.buttons[0][0].data)
    assert await followed(desk) == ["* -football"]


# /article


async def test_an_article_by_number_in_every_way_of_writing_it(desk):
    number = await number_of(desk, TITLES[0])
    messages = [await say(desk, said) for said in (f"/article {number}", f"/article_{number}", f"/article #{number}")]
    assert messages[0] == messages[1] == messages[2]
    assert messages[0].text.plain().startswith(TITLES[0])
    assert "They met today. They will meet again." in messages[0].text.plain()


async def test_an_article_by_words_of_its_title_before_newer_ones_that_only_mention_them(desk):
    later = NewArticle("wire", "later", "Something else", NOW, body="On apricots, too.")
    await desk.store.articles.add([later], arrived=NOW, push_since=NOW)
    assert (await say(desk, "/article apricots")).text.plain().startswith(TITLES[2])
    assert (await say(desk, "/article too")).text.plain().startswith("Something else")
    assert (await say(desk, "/article topic:sport")).text.plain().startswith(TITLES[1])


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("armenia OR harvest", TITLES[2]),
        ("armenia AND azerbaijan", TITLES[0]),
        ("Azerbaijan " * 16, TITLES[0]),  # with title: before each over 256 characters
    ],
)
async def test_words_that_make_no_query_of_titles_are_searched_for_as_they_are(desk, said, found):
    assert titles(await say(desk, f"/article {said}")) == [found]


async def test_an_article_that_is_not_there(desk):
    assert (await say(desk, "/article 999")).text.plain() == words.no_article(999)
    assert words.NOTHING_FOUND in (await say(desk, "/article zebra")).text.plain()
    assert words.NOTHING_FOUND in (await say(desk, "/article " + "9" * 25)).text.plain()
    assert words.HOW_TO_OPEN in (await say(desk, "/article")).text.plain()


async def test_related_articles_follow(desk):
    said = (await say(desk, f"/article {await number_of(desk, TITLES[0])}")).text.plain()
    related = await desk.store.articles.related(
        await desk.store.articles.get(await number_of(desk, TITLES[0])), limit=5
    )
    assert all(f"/article_{one.id}" in said for one in related)


async def test_a_button_opens_an_article_in_place(desk):
    pressed = await push_button(desk, OpenArticle(await number_of(desk, TITLES[0])))
    assert titles(pressed.message) == [TITLES[0]]
    assert not pressed.new


# /subscribe, /unsubscribe, /subscriptions


async def test_subscribe_says_what_to_expect_and_can_be_undone(desk):
    message = await say(desk, "/subscribe Armenia")
    said = message.text.plain()
    assert said.startswith("🔔 Now following armenia\nAbout ")
    assert titles(message) == [TITLES[1], TITLES[0]]
    assert await followed(desk) == ["armenia"]
    undone = await push_button(desk, button(message, "Undo").data)
    assert undone.message.text.plain() == "🔕 Undone. Not following armenia"
    assert await followed(desk) == []
    again = await push_button(desk, button(undone.message, "Follow again").data)
    assert again.new
    assert await followed(desk) == ["armenia"]


async def test_subscribe_without_a_query_follows_everything_and_shows_three(desk):
    message = await say(desk, "/sub")
    assert await followed(desk) == ["*"]
    assert titles(message) == [TITLES[4], TITLES[3], TITLES[2]]


async def test_subscribing_twice_says_so_and_offers_no_undo(desk):
    await say(desk, "/subscribe armenia")
    message = await say(desk, "/subscribe ARMENIA")
    assert message.text.plain().startswith("🔔 Already following armenia\n")
    assert words.UNDO not in [one.label for row in message.buttons for one in row]
    assert await followed(desk) == ["armenia"]


async def test_who_follows_as_much_as_may_be_is_told_so(desk):
    for number in range(100):
        await desk.store.subscriptions.add(HERE, Query.parse(f"word{number}"), now=NOW)
    told = "This chat follows 100 searches, and no more are allowed. End one with /unsubscribe first."
    assert (await say(desk, "/subscribe armenia")).text.plain() == told
    kept = await desk.store.queries.keep(Query.parse("armenia"))
    assert (await push_button(desk, Follow(kept))).toast == told
    assert len(await followed(desk)) == 100


@pytest.mark.parametrize("query", ["armenia after:7d", "armenia before:2025-01-01"])
async def test_what_nobody_can_follow_is_explained(desk, query):
    message = await say(desk, f"/subscribe {query}")
    assert message.text.plain().startswith(words.CANNOT_READ)
    assert await followed(desk) == []
    kept = await desk.store.queries.keep(Query.parse(query))
    pressed = await push_button(desk, Follow(kept))
    assert pressed.new
    assert pressed.message == message


async def test_results_that_nobody_can_follow_have_no_button_for_it(desk):
    assert button(await say(desk, "/search armenia"), "Follow").data
    message = await say(desk, "/search armenia after:2d")
    assert titles(message)
    assert "🔔" not in "".join(one.label for row in message.buttons for one in row)


async def test_the_follow_button_of_results(desk):
    data = button(await say(desk, "/search peace"), "Follow").data
    pressed = await push_button(desk, data)
    assert pressed.new
    assert pressed.message.text.plain().startswith("🔔 Now following peace\n")
    again = await push_button(desk, data)
    assert (again.message, again.toast) == (None, words.FOLLOWED_ALREADY)


async def test_subscriptions_are_listed_and_ended_by_their_buttons(desk):
    for query in ("armenia", "peace", ""):
        await say(desk, f"/subscribe {query}")
    message = await say(desk, "/list")
    assert "1. armenia\n2. peace\n3. everything" in message.text.plain()
    pressed = await push_button(desk, button(message, "✕ 2").data)
    assert "1. armenia\n2. everything" in pressed.message.text.plain()
    assert (pressed.toast, pressed.new) == (words.ENDED, False)
    assert await followed(desk) == ["armenia", "*"]


async def test_unsubscribe_alone_offers_a_button_for_each(desk):
    for query in ("armenia", "peace"):
        await say(desk, f"/subscribe {query}")
    message = await say(desk, "/unsubscribe")
    pressed = await push_button(desk, button(message, "armenia").data)
    assert [one.label for row in pressed.message.buttons for one in row] == ["✕ peace"]
    last = await push_button(desk, button(pressed.message, "peace").data)
    assert words.FOLLOWS_NOTHING in last.message.text.plain()
    assert await followed(desk) == []


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("/unsubscribe Peace", ["armenia", "2025", "*"]),
        ("/unsub 1", ["peace", "2025", "*"]),
        ("/unsub #2", ["armenia", "2025", "*"]),
        ("/unsub 2025", ["armenia", "peace", "*"]),
        ("/unsub *", ["armenia", "peace", "2025"]),
        ("/unsub everything", ["armenia", "peace", "2025"]),
        ("/unsub 9", ["armenia", "peace", "2025", "*"]),
        ("/unsub football", ["armenia", "peace", "2025", "*"]),
    ],
)
async def test_unsubscribe_by_query_or_number(desk, said, left):
    for query in ("armenia", "peace", "2025", ""):
        await say(desk, f"/subscribe {query}")
    message = await say(desk, said)
    assert await followed(desk) == left
    assert ("not followed here" in message.text.plain()) == (len(left) == 4)


async def test_nobody_ends_another_chat_s_subscription(desk):
    await say(desk, "/subscribe armenia", ELSEWHERE)
    [theirs] = await desk.store.subscriptions.all(ELSEWHERE)
    for data in (Undo(theirs.id), Unfollow(theirs.id)):
        assert (await push_button(desk, data)).toast == words.ENDED_ALREADY
    assert await followed(desk, ELSEWHERE) == ["armenia"]


# Buttons


async def test_a_subscription_that_is_gone_was_ended_already(desk):
    await say(desk, "/subscribe armenia")
    pressed = await push_button(desk, Unfollow(99, OpenSubscriptions()))
    assert pressed.toast == words.ENDED_ALREADY
    assert "1. armenia" in pressed.message.text.plain()


@pytest.mark.parametrize(
    ("data", "toast"),
    [
        ("", words.TOO_OLD),
        ("more:7:🎈", words.TOO_OLD),
        (OpenPage(99), words.TOO_OLD),
        (Follow(99), words.TOO_OLD),
        (OpenArticle(99), words.GONE),
        (OpenArticle(0), words.PREVIEWED),
        (Undo(99), words.ENDED_ALREADY),
        (OpenPage(-(2**63) + 1), words.TOO_OLD),
        (OpenArticle(2**63 - 1), words.GONE),
    ],
)
async def test_a_button_that_leads_nowhere_says_so(desk, data, toast):
    pressed = await push_button(desk, data)
    assert (pressed.toast, pressed.message) == (toast, None)


COMMAND_LINES = ["/start", "/latest", "/search a", "/article 1", "/sub", "/unsub", "/list"]
COMMAND_LINES += ["/digest", "/digest daily", "/quiet 23-7", "/mute 1h", "/unmute", "/timezone UTC", "/pictures photo"]
COMMAND_LINES += ["/urgent on"]


@pytest.mark.parametrize("said", COMMAND_LINES)
async def test_without_a_database_people_are_asked_to_come_back(desk, said):
    await desk.store.close()
    assert (await say(desk, said)).text.plain() == words.TRY_LATER
    assert (await push_button(desk, OpenArticle(1))).toast == words.TRY_LATER
