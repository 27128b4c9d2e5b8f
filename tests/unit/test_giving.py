"""How a mailbox is given what it is owed: as a photo, or as words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import givers
import pytest
from telegram.error import BadRequest, TimedOut

from bot.push.giving import Clocks
from bot.transport.verdicts import Unknown
from storage import (
    Article,
    Cadence,
    ChatSettings,
    Claim,
    Mailbox,
    Owed,
    OwedArticle,
    Pictures,
    Place,
    Source,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PICTURE = "https://example.org/1.jpg"
ARTICLE = Article(
    1, Source("bell", "The Bell", 1), "k", "Ferry", NOON, NOON, 1, link="https://example.org/1", image=PICTURE
)


class Size:
    file_id = "AgAC"


class Photo:
    message_id = 7
    photo = (Size,)


class Bot:
    """Takes everything but what `refuses` says of photos; `sent` is what it was asked to send."""

    username = "news_bot"

    def __init__(self, refuses=None):
        self.sent = []
        self.refuses = refuses

    async def send_photo(self, *, photo, **_rest):
        self.sent.append(photo)
        if self.refuses:
            raise self.refuses
        return Photo

    async def do_api_request(self, _method, arguments, **_rest):
        self.sent.append("preview" if "is_disabled" not in arguments["link_preview_options"] else "words")
        return {"message_id": 8}


def giver(bot):
    return givers.giver(bot, Clocks(now=lambda: NOON, monotonic=lambda: 0.0))


def a_claim(pictures=Pictures.PHOTO, **mailbox):
    settings = ChatSettings(pictures=pictures)
    return Claim(Mailbox(3, Place(1, 5), **mailbox), "token", NOON + timedelta(seconds=30), settings)


@pytest.mark.parametrize(
    ("claim", "sent"),
    [
        (a_claim(), PICTURE),
        (a_claim(Pictures.PREVIEW), "preview"),
        (a_claim(Pictures.NONE), "words"),
        # It may have been the picture that was not taken the last time.
        (a_claim(failures=1), "preview"),
        # A digest that comes to one headline is a card.
        (a_claim(cadence=Cadence.DAILY), PICTURE),
        (a_claim(Pictures.PREVIEW, cadence=Cadence.DAILY), "preview"),
    ],
)
async def test_how_one_headline_is_given(claim, sent):
    bot = Bot()
    given = await giver(bot).give(claim, Owed((OwedArticle(1, ARTICLE, ("*",)),)))
    assert bot.sent == [sent]
    [delivery] = given.deliveries
    assert (delivery.photo, delivery.message) == ((True, 7) if sent == PICTURE else (False, 8))


@pytest.mark.parametrize("cadence", [Cadence.INSTANT, Cadence.DAILY])
async def test_lists_and_digests_have_no_pictures(cadence):
    bot = Bot()
    owed = Owed(tuple(OwedArticle(number, replace(ARTICLE, id=number), ("*",)) for number in (1, 2)))
    await giver(bot).give(a_claim(cadence=cadence), owed)
    assert bot.sent == ["words"]


async def test_a_picture_has_its_name_the_second_time():
    bot = Bot()
    one = giver(bot)
    for _ in range(2):
        await one.give(a_claim(), Owed((OwedArticle(1, ARTICLE, ("*",)),)))
    assert bot.sent == [PICTURE, "AgAC"]


@pytest.mark.parametrize(
    "words",
    [
        "Failed to get http url content",
        "Wrong type of the web page content",
        "Wrong file identifier/http url specified",
        "Photo_invalid_dimensions",
        "Image_process_failed",
        "Webpage_curl_failed",
        "Webpage_media_empty",
        "File is too big",
        "Message caption is too long",
        "Something that nobody has seen yet",
        "Not enough rights to send photos to the chat",
        "Chat_send_photos_forbidden",
    ],
)
async def test_whatever_is_wrong_with_a_picture_the_headline_goes_at_once(words):
    bot = Bot(BadRequest(words))
    one = giver(bot)
    for _ in range(2):
        given = await one.give(a_claim(), Owed((OwedArticle(1, ARTICLE, ("*",)),)))
        assert [delivery.photo for delivery in given.deliveries] == [False]
    # The picture is not tried a second time.
    assert bot.sent == [PICTURE, "preview", "preview"]


async def test_a_picture_that_an_answer_did_not_come_for_holds_up_no_other_chat():
    bot = Bot(TimedOut())
    one = giver(bot)
    given = [await one.give(a_claim(), Owed((OwedArticle(1, ARTICLE, ("*",)),))) for _ in range(2)]
    assert isinstance(given[0].stopped, Unknown)
    assert given[1].stopped is None
    assert bot.sent == [PICTURE, "preview"]


async def test_one_that_telegram_has_is_not_what_holds_it_up():
    bot = Bot()
    one = giver(bot)
    for refuses in (None, TimedOut(), None):
        bot.refuses = refuses
        await one.give(a_claim(), Owed((OwedArticle(1, ARTICLE, ("*",)),)))
    assert bot.sent == [PICTURE, "AgAC", "AgAC"]
