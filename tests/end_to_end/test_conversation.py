"""What people say to the running bot, and what they are answered, through the real library."""

import aiohttp
import pytest
import pytest_asyncio
from newsroom import Newsroom, news
from sandbox import Sandbox, button, labels

from bot.render import words

pytestmark = pytest.mark.asyncio(loop_scope="module")

PARAGRAPH = "The committee met on the quay and spoke about the colour of the boat until the lamps were lit. "
LONG = "\n\n".join(f"Part {number}. {PARAGRAPH * 4}" for number in range(1, 16))
ODD = '<b>Goats & "Co"</b> 🐐 &lt;win&gt; \u202bשלום\u200f!\u202c'
FERRY = [f"The ferry makes trip number {number}" for number in range(1, 17)]
ARTICLES = [
    *(news(title, f"It left at {5 + place}.", hours_ago=200 - place) for place, title in enumerate(FERRY)),
    news("A treaty about apricots is signed in Marrem", LONG, hours_ago=100, link="https://bell.example/treaty"),
    news("Apricots of Marrem win a prize", "They were ripe.", hours_ago=99, topics=["harvest"]),
    news("A soup for four thousand", "It was hot.", hours_ago=98, topics=["harvest"]),
    news(ODD, "", hours_ago=97),
]
TREATY, PRIZE, SOUP, GOATS = range(17, 21)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(server, numbers):
    url, pid = server
    async with aiohttp.ClientSession() as session:
        yield Sandbox(url, f"{next(numbers)}:conversation", session, pid)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def newsroom(sandbox, tmp_path_factory):
    """One bot for all of these tests; each talks to it as somebody else."""
    async with Newsroom(sandbox, tmp_path_factory.mktemp("newsroom")) as newsroom:
        await newsroom.import_(*ARTICLES, push="none")
        await newsroom.start()
        yield newsroom


@pytest.fixture(autouse=True)
def _log(newsroom):
    """Show what the bot said during a test that fails."""
    bot = newsroom.programs[-1]
    before = len(bot.lines)
    yield
    print("\n".join(bot.lines[before:]))


@pytest_asyncio.fixture(loop_scope="module")
async def ada(sandbox, newsroom):  # noqa: ARG001  the bot must be there
    return await sandbox.add_person("Ada")


async def pressed(sandbox, person, message, label):
    """Press a button; give the message as it is then."""
    after = await sandbox.last()
    await sandbox.press_button(person, message, label)
    [record] = await sandbox.wait_for(kind="edited", chat=person, after=after)
    assert record["message"]["message_id"] == message["message_id"]
    return record["message"]


async def toast(sandbox, person, message, data):
    """Press a button with this data; give the notice that the person sees."""
    after = await sandbox.last()
    await sandbox.press(person, message["message_id"], data)
    [record] = await sandbox.wait_for(kind="answered", chat=person, after=after)
    return record["text"]


def titles(message):
    """The titles in a list, in order: what is bold on a line of its own."""
    lines = message["text"].split("\n")
    return [line for line in lines if line in FERRY]


async def test_start_greets_and_offers_the_first_steps(sandbox, ada):
    welcome = await sandbox.ask(ada, "/start")
    assert words.GREETING in welcome["text"]
    assert labels(welcome) == [words.OPEN_LATEST, words.FOLLOW_ALL, words.ADD_TO_GROUP]
    latest = await pressed(sandbox, ada, welcome, words.OPEN_LATEST)
    assert words.LATEST in latest["text"]


async def test_start_with_a_payload_opens_the_article_it_names(sandbox, ada):
    article = await sandbox.ask(ada, f"/start a_{SOUP}")
    assert article["text"].startswith("A soup for four thousand")


@pytest.mark.parametrize("payload", ["a_999999", "q_1", "x", "a_0000000000000000000000001", "𝟙"])
async def test_start_with_a_payload_that_leads_nowhere_greets(sandbox, ada, payload):
    assert words.GREETING in (await sandbox.ask(ada, f"/start {payload}"))["text"]


async def test_help_names_every_command_of_the_menu(sandbox, ada):
    said = (await sandbox.ask(ada, "/help"))["text"]
    menu = [command["command"] for command in await sandbox.commands(ada)]
    asking = {"latest", "search", "article", "subscribe", "unsubscribe", "subscriptions", "sources", "help", "start"}
    assert asking | {"digest", "quiet", "mute", "unmute", "timezone", "pictures", "urgent"} == set(menu)
    assert [name for name in menu if f"/{name}" not in said] == ["help", "start"]


async def test_latest_is_turned_page_by_page_in_place(sandbox, ada):
    first = await sandbox.ask(ada, "/latest ferry")
    assert titles(first) == FERRY[:8:-1]
    assert words.NEWER not in labels(first)
    second = await pressed(sandbox, ada, first, words.OLDER)
    assert titles(second) == FERRY[8:1:-1]
    third = await pressed(sandbox, ada, second, words.OLDER)
    assert titles(third) == [FERRY[1], FERRY[0]]
    assert words.OLDER not in labels(third)
    back = await pressed(sandbox, ada, third, words.NEWER)
    assert titles(back) == titles(second)
    again = await pressed(sandbox, ada, back, words.NEWER)
    assert (again["text"], labels(again)) == (first["text"], labels(first))


async def test_latest_alone_is_everything_newest_first(sandbox, ada):
    latest = (await sandbox.ask(ada, "/latest"))["text"]
    order = [latest.index(title) for title in ("Goats", "A soup", "Apricots of", "A treaty", FERRY[-1])]
    assert order == sorted(order)


@pytest.mark.parametrize(
    "said", ["/search apricots -treaty", "apricots -treaty", "/SEARCH@Sandbox_bot apricots -treaty"]
)
async def test_search_finds(sandbox, ada, said):
    found = await sandbox.ask(ada, said)
    assert f"/article_{PRIZE}" in found["text"]
    assert f"/article_{TREATY}" not in found["text"]
    assert words.found(1, more=False) in found["text"]
    assert labels(found) == [words.FOLLOW]


async def test_search_that_finds_nothing_offers_fewer_words(sandbox, ada):
    empty = await sandbox.ask(ada, "/search apricots zeppelin")
    assert words.NOTHING_FOUND in empty["text"]
    found = await pressed(sandbox, ada, empty, "🔎 apricots")
    assert f"/article_{PRIZE}" in found["text"]


async def test_search_for_what_nobody_wrote_says_so(sandbox, ada):
    empty = await sandbox.ask(ada, "/search zeppelin")
    assert words.NOTHING_FOUND in empty["text"]
    assert labels(empty) == []


async def test_a_faulty_query_is_told_where_and_what_to_do(sandbox, ada):
    said = (await sandbox.ask(ada, '/search goats "and soup'))["text"].split("\n")
    assert said[1:3] == ['goats "and soup', "      ^"]
    assert said[3].startswith("At character 7 I expected ")


async def test_a_query_of_exclusions_offers_one_that_works(sandbox, ada):
    refused = await sandbox.ask(ada, "/search -ferry")
    found = await pressed(sandbox, ada, refused, "* -ferry")
    assert "A soup" in found["text"]
    assert "ferry" not in found["text"].partition("\n")[2]


@pytest.mark.parametrize(
    "said", [f"/article {PRIZE}", f"/article_{PRIZE}", f"/article #{PRIZE}", "/article marrem prize"]
)
async def test_an_article_is_opened_by_number_or_words(sandbox, ada, said):
    article = (await sandbox.ask(ada, said))["text"]
    assert article.startswith("Apricots of Marrem win a prize\nThe Bell · ")
    assert "They were ripe." in article
    assert f"A soup for four thousand /article_{SOUP}" in article  # its topic
    assert f"/article_{TREATY}" in article  # its words


@pytest.mark.parametrize(
    ("said", "answered"),
    [("/article 999999", words.no_article(999_999)), ("/article zeppelin", words.NOTHING_FOUND)],
)
async def test_an_article_that_is_not_there(sandbox, ada, said, answered):
    assert answered in (await sandbox.ask(ada, said))["text"]


async def test_a_long_article_is_read_page_by_page(sandbox, ada):
    page = await sandbox.ask(ada, f"/article {TREATY}")
    assert {"expandable_blockquote", "date_time"} <= {entity["type"] for entity in page["entities"]}
    assert button(page, words.READ)["url"] == "https://bell.example/treaty"
    read = page["text"]
    for number in range(2, 20):
        if words.page(number) + " ▸" not in labels(page):
            break
        page = await pressed(sandbox, ada, page, words.page(number) + " ▸")
        read += page["text"]
    assert [part for part in range(1, 16) if f"Part {part}." not in read] == []
    assert words.RELATED in page["text"]
    first = await pressed(sandbox, ada, page, "◂ " + words.page(number - 2))
    assert first["text"] != page["text"]


async def test_subscribe_shows_examples_and_can_be_undone(sandbox, ada):
    followed = await sandbox.ask(ada, "/subscribe ferry")
    assert f"{words.following(new=True)} ferry" in followed["text"]
    assert titles(followed) == FERRY[:-4:-1]
    assert labels(followed) == ["✓ At once", "Hourly", "Daily", "Weekly", words.UNDO]
    assert "1. ferry" in (await sandbox.ask(ada, "/subscriptions"))["text"]
    undone = await pressed(sandbox, ada, followed, words.UNDO)
    assert f"{words.not_following(undone=True)} ferry" in undone["text"]
    assert words.FOLLOWS_NOTHING in (await sandbox.ask(ada, "/subscriptions"))["text"]
    after = await sandbox.last()
    await sandbox.press_button(ada, undone, words.FOLLOW_AGAIN)
    [again] = await sandbox.wait_for(chat=ada, after=after)
    assert words.following(new=True) in again["message"]["text"]


async def test_subscriptions_are_ended_by_buttons(sandbox, ada):
    for query in ("", " ferry", " source:the-bell -ferry"):
        await sandbox.ask(ada, f"/sub{query}")
    choice = await sandbox.ask(ada, "/unsubscribe")
    assert labels(choice) == [f"✕ {words.EVERYTHING}", "✕ ferry", "✕ source:the-bell -ferry"]
    left = await pressed(sandbox, ada, choice, "✕ ferry")
    assert labels(left) == [f"✕ {words.EVERYTHING}", "✕ source:the-bell -ferry"]
    listed = await sandbox.ask(ada, "/list")
    shorter = await pressed(sandbox, ada, listed, "✕ 1")
    assert "1. source:the-bell -ferry" in shorter["text"]
    assert words.not_following(undone=False) in (await sandbox.ask(ada, "/unsub 1"))["text"]
    assert words.FOLLOWS_NOTHING in (await sandbox.ask(ada, "/subscriptions"))["text"]


async def test_a_button_of_a_stranger_ends_nothing(sandbox, ada):
    followed = await sandbox.ask(ada, "/subscribe ferry")
    eve = await sandbox.add_person("Eve")
    own = await sandbox.ask(eve, "/subscribe soup")
    stolen = button(followed, words.UNDO)["callback_data"]
    assert await toast(sandbox, eve, own, stolen) == words.ENDED_ALREADY
    assert "1. ferry" in (await sandbox.ask(ada, "/subscriptions"))["text"]


@pytest.mark.parametrize(
    ("said", "answered"), [("/zeppelin", words.unknown_command("zeppelin", "")), ("/serch x", "Did you mean /search?")]
)
async def test_an_unknown_command_is_pointed_to_the_help(sandbox, ada, said, answered):
    assert answered in (await sandbox.ask(ada, said))["text"]


@pytest.mark.parametrize(
    "data", ["p", "p:", "p:999999", "a:1:-1", "zz:1", "p:1:2:3:4", "f:99999999999999999999", "u:1", "💥", "p:1:1:1 "]
)
async def test_a_button_that_is_old_or_made_up_is_answered(sandbox, ada, data):
    message = await sandbox.ask(ada, "/help")
    assert await toast(sandbox, ada, message, data) == words.TOO_OLD


async def test_an_edited_message_is_not_answered_again(sandbox, ada):
    said = await sandbox.say(ada, "/search soup")
    await sandbox.wait_for(chat=ada)
    await sandbox.edit(ada, said["message_id"], "/search ferry")
    await sandbox.ask(ada, "/help")
    answers = await sandbox.messages(chat=ada, kind="sent")
    assert len(answers) == 2


async def test_two_people_do_not_wait_for_each_other(sandbox, ada):
    bob = await sandbox.add_person("Bob")
    await sandbox.faults({"kind": "latency", "method": "sendMessage", "chat": ada, "seconds": 4, "times": 1})
    after = await sandbox.last()
    await sandbox.say(ada, "/latest")
    await sandbox.say(bob, "/latest")
    records = await sandbox.wait_for(2, after=after)
    assert [record["chat"] for record in records] == [bob, ada]


async def test_odd_titles_arrive_intact(sandbox, ada):
    for said in ("/search goats", f"/article {GOATS}"):
        answer = await sandbox.ask(ada, said)
        line = next(line for line in answer["text"].split("\n") if "Goats" in line)
        assert line.strip("\u2068\u2069") == '<b>Goats & "Co"</b> 🐐 &lt;win&gt; שלום\u200f!'
        assert {entity["type"] for entity in answer["entities"]} <= {
            "bold",
            "code",
            "date_time",
            "bot_command",
            "italic",
        }


async def test_a_server_that_knows_no_date_times_is_answered_all_the_same(sandbox, numbers, tmp_path):
    old = sandbox.other(f"{next(numbers)}:old-server")
    await old.settings(date_time=False)
    async with Newsroom(old, tmp_path) as newsroom:
        await newsroom.import_(*ARTICLES[:3], push="none")
        bot = await newsroom.start()
        ada = await old.add_person("Ada")
        for _ in range(2):
            answer = await old.ask(ada, "/latest")
            assert FERRY[2] in answer["text"]
            assert " UTC · /article_3" in answer["text"]
            assert {entity["type"] for entity in answer["entities"]} == {"bold", "bot_command"}
        assert await bot.stop() == 0
    assert bot.output.count("date-times are off") == 1
    assert "plain text" not in bot.output
