"""What Telegram's answer to an edit means for the message."""

import warnings
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.push.giving import Clocks
from bot.push.mending import Done, Later, Mender, OutOfReach, Revoked
from bot.transport.limiter import TooLate
from bot.transport.outgoing import Capabilities
from bot.transport.pacing import Priority
from storage import Article, Cadence, Edit, Fate, OwedArticle, Place, Source

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ARTICLE = Article(1, Source("wire", "The Wire", 1), "k", "Peace", NOON, NOON, 1)
GONE = Article(1, Source("wire", "The Wire", 1), "k", "Peace", NOON, NOON, 1, withdrawn=True)


with warnings.catch_warnings(action="ignore"):  # of the library's, about how it will be read one day
    THROTTLED = RetryAfter(7)
NOT_THERE = BadRequest("Message to edit not found")


class Bot:
    """Answers each call with the next of these."""

    id = 7
    username = "news_bot"

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []

    async def _called(self, name, **arguments):
        self.calls.append((name, arguments))
        if self.answers and (answer := self.answers.pop(0)):
            raise answer

    async def edit_message_text(self, **arguments):
        await self._called("text", **arguments)

    async def edit_message_caption(self, **arguments):
        await self._called("caption", **arguments)

    async def delete_message(self, **arguments):
        await self._called("delete", **arguments)


async def mended(bot, *showing, chat=5, photo=False, deletes=False, more=0):
    edit = Edit(1, Place(7, chat), Cadence.INSTANT, 33, NOON, "token", NOON + 30 * SECOND, photo=photo, more=more)
    mender = Mender(bot, Capabilities(), Clocks(lambda: NOON, lambda: 100.0), deletes=deletes)
    return await mender.mend(edit, [OwedArticle(1, one, ("*",)) for one in showing], ZoneInfo("UTC"))


ANSWERS = [
    (None, Done(Fate.EDITED)),
    (
        BadRequest(
            "Message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message"
        ),
        Done(Fate.EDITED),
    ),
    (NOT_THERE, Done()),
    (BadRequest("Message can't be edited"), Done()),
    (BadRequest("There is no text in the message to edit"), Done()),
    (BadRequest("Message_too_long"), Done()),
    (BadRequest("Topic_closed"), Done()),
    (BadRequest("Message thread not found"), Done()),
    (THROTTLED, Later(NOON + 7 * SECOND, failed=False)),
    (TimedOut(), Later(NOON + SECOND)),
    (NetworkError("Bad Gateway"), Later(NOON + SECOND)),
    (TooLate("not in time"), Later(NOON, failed=False)),
    (TooLate("not in time", 9.0), Later(NOON + 9 * SECOND, failed=False)),
    (Forbidden("bot was blocked by the user"), OutOfReach()),
    (Forbidden("not enough rights to send text messages to the chat"), OutOfReach()),
    (ChatMigrated(-100), OutOfReach()),
    (InvalidToken(), Revoked()),
]


@pytest.mark.parametrize(("answer", "ending"), ANSWERS, ids=str)
async def test_an_answer_has_its_meaning(answer, ending):
    assert await mended(Bot(answer), ARTICLE) == ending


async def test_an_edit_waits_behind_all_others_and_is_not_made_late():
    bot = Bot()
    await mended(bot, ARTICLE)
    [(name, arguments)] = bot.calls
    turn = arguments["rate_limit_args"]
    assert (name, arguments["chat_id"], arguments["message_id"]) == ("text", 5, 33)
    assert (turn.priority, turn.deadline) == (Priority.EDIT, 110.0)


async def test_a_picture_has_its_caption_edited():
    bot = Bot()
    assert await mended(bot, ARTICLE, photo=True) == Done(Fate.EDITED)
    [(name, arguments)] = bot.calls
    assert name == "caption"
    assert arguments["caption"].startswith("<b>Peace</b>")
    assert not {"text", "link_preview_options"} & arguments.keys()


@pytest.mark.parametrize(("chat", "opener"), [(5, "/article_1"), (-5, "https://t.me/news_bot?start=a_1")])
async def test_where_others_read_along_each_opens_an_article_for_themselves(chat, opener):
    bot = Bot()
    await mended(bot, ARTICLE, ARTICLE, chat=chat)
    assert opener in bot.calls[0][1]["text"]


async def test_a_message_of_which_nothing_is_known_any_more_is_left_as_it_is():
    bot = Bot()
    assert await mended(bot) == Done()
    assert bot.calls == []


@pytest.mark.parametrize(
    ("showing", "deletes", "more", "calls", "fate"),
    [
        ((GONE,), False, 0, ["text"], Fate.WITHDRAWN),
        ((GONE,), True, 0, ["delete"], Fate.DELETED),
        ((GONE,), True, 1, ["text"], Fate.WITHDRAWN),
        ((GONE, GONE), True, 0, ["text"], Fate.WITHDRAWN),
        ((GONE, ARTICLE), True, 0, ["text"], Fate.WITHDRAWN),
        ((ARTICLE,), True, 0, ["text"], Fate.EDITED),
    ],
)
async def test_only_what_shows_a_withdrawn_article_alone_is_deleted(showing, deletes, more, calls, fate):
    bot = Bot()
    assert await mended(bot, *showing, deletes=deletes, more=more) == Done(fate)
    assert [name for name, _ in bot.calls] == calls


@pytest.mark.parametrize(
    ("answers", "calls", "ending"),
    [
        ((BadRequest("Message can't be deleted for everyone"),), ["delete", "text"], Done(Fate.WITHDRAWN)),
        ((THROTTLED,), ["delete"], Later(NOON + 7 * SECOND, failed=False)),
        (
            (BadRequest("Message to delete not found"), BadRequest("Message to edit not found")),
            ["delete", "text"],
            Done(),
        ),
    ],
)
async def test_what_cannot_be_deleted_is_marked(answers, calls, ending):
    bot = Bot(*answers)
    assert await mended(bot, GONE, deletes=True) == ending
    assert [name for name, _ in bot.calls] == calls
