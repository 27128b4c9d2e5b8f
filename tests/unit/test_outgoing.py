"""From our messages to the Bot API's arguments, and what becomes of a message whose formatting is refused."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from telegram.error import BadRequest, Forbidden, TimedOut

from bot.render.message import Button, Message
from bot.render.text import bold, date_time
from bot.transport.outgoing import Capabilities, deliver, to_arguments
from bot.transport.verdicts import verdict_of

MESSAGE = Message(
    bold("News <1>") + " " + date_time(86_400, "t", "00:00 UTC"),
    (
        (Button("Read", url="https://example.org/"), Button("More", data="a:1:0")),
        (Button("Site", url="https://e.org"),),
    ),
    preview="https://example.org/",
)
FORMATTED = '<b>News &lt;1&gt;</b> <tg-time unix="86400" format="t">00:00 UTC</tg-time>'
WITHOUT_TIMES = "<b>News &lt;1&gt;</b> 00:00 UTC"
PLAIN = "News <1> 00:00 UTC"
NO_TIMES = BadRequest('Can\'t parse entities: unsupported start tag "tg-time" at byte offset 23')
NO_HTML = BadRequest("Can't parse entities: unexpected end tag at byte offset 3")


class Server:
    """Answers each call with the next of `answers`, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.texts = []

    async def __call__(self, *, text, **_rest):
        self.texts.append(text)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def keys(arguments):
    return [
        [(key.text, key.url, key.callback_data) for key in row] for row in arguments["reply_markup"].inline_keyboard
    ]


def test_arguments():
    arguments = to_arguments(MESSAGE, Capabilities())
    assert arguments["text"] == FORMATTED
    assert arguments["parse_mode"] == "HTML"
    assert arguments["link_preview_options"].to_dict() == {"url": "https://example.org/", "prefer_small_media": True}
    assert keys(arguments) == [
        [("Read", "https://example.org/", None), ("More", None, "a:1:0")],
        [("Site", "https://e.org", None)],
    ]


def test_a_large_preview():
    options = to_arguments(replace(MESSAGE, large=True), Capabilities())["link_preview_options"]
    assert options.to_dict() == {"url": "https://example.org/", "prefer_large_media": True}


@pytest.mark.parametrize(("plain", "caption", "mode"), [(False, FORMATTED, "HTML"), (True, PLAIN, None)])
def test_arguments_of_a_picture(plain, caption, mode):
    message = replace(MESSAGE, picture="https://example.org/1.jpg")
    arguments = to_arguments(message, Capabilities(), plain=plain)
    assert arguments.keys() == {"photo", "caption", "parse_mode", "reply_markup"}
    assert (arguments["photo"], arguments["caption"]) == ("https://example.org/1.jpg", caption)
    assert arguments["parse_mode"] == mode


def test_arguments_of_bare_words():
    arguments = to_arguments(Message(bold("Hi")), Capabilities())
    assert arguments["link_preview_options"].to_dict() == {"is_disabled": True}
    assert arguments["reply_markup"] is None


def test_plain_arguments_hold_nothing_to_take_offence_at():
    arguments = to_arguments(MESSAGE, Capabilities(), plain=True)
    assert (arguments["text"], arguments["parse_mode"]) == (PLAIN, None)
    assert keys(arguments) == [[("More", None, "a:1:0")]]


@pytest.mark.parametrize(
    ("button", "said"),
    [
        (Button("8 more", url="https://t.me/news_bot?start=m_7"), "Hi\n\nAnd 8 more."),
        (Button("8 more", data="m:7"), "Hi"),
    ],
)
def test_what_a_link_would_open_is_said_where_it_cannot_be_shown(button, said):
    message = Message(bold("Hi"), ((button,),), without_links="And 8 more.")
    assert to_arguments(message, Capabilities(), plain=True)["text"] == said
    assert to_arguments(message, Capabilities())["text"] == "<b>Hi</b>"


@pytest.mark.parametrize(
    ("answers", "texts"),
    [
        ((7,), [FORMATTED]),
        ((NO_TIMES, 7), [FORMATTED, WITHOUT_TIMES]),
        ((NO_HTML, 7), [FORMATTED, PLAIN]),
        ((NO_TIMES, NO_HTML, 7), [FORMATTED, WITHOUT_TIMES, PLAIN]),
        ((BadRequest("Entities_too_long"), 7), [FORMATTED, PLAIN]),
        ((BadRequest("Button_url_invalid"), 7), [FORMATTED, PLAIN]),
    ],
)
async def test_refused_formatting_goes_once_more(answers, texts):
    server = Server(*answers)
    assert await deliver(server, MESSAGE, Capabilities()) == 7
    assert server.texts == texts


@pytest.mark.parametrize(
    ("description", "markup"),
    [
        ("Unsupported parse_mode", True),
        ("Inline keyboard expected", True),
        ("Object expected as reply markup", True),
        ("Reply markup is too long", True),
        ("Reply_markup_too_long", True),
        ("Message text is empty", False),
        ("Message is not modified: the new content and reply markup are exactly the same", False),
    ],
)
async def test_what_a_verdict_calls_markup_is_what_goes_once_more_as_plain_text(description, markup):
    error = BadRequest(description)
    server = Server(error, error)
    with pytest.raises(BadRequest):
        await deliver(server, MESSAGE, Capabilities())
    assert server.texts == ([FORMATTED, PLAIN] if markup else [FORMATTED])
    assert verdict_of(error, datetime.now(UTC), 0).markup is markup


@pytest.mark.parametrize(
    ("answers", "times"),
    [
        ((BadRequest("Message is too long"),), 1),
        ((BadRequest("Message is not modified: specified new message content and reply markup are the same"),), 1),
        ((BadRequest("Chat not found"),), 1),
        ((Forbidden("Forbidden: bot was blocked by the user"),), 1),
        ((TimedOut(),), 1),
        ((NO_HTML, NO_HTML), 2),
        ((NO_TIMES, NO_TIMES, NO_TIMES), 3),
    ],
)
async def test_what_plain_text_does_not_mend_is_raised(answers, times):
    server = Server(*answers)
    with pytest.raises(type(answers[-1]), match=str(answers[-1].message[:10])):
        await deliver(server, MESSAGE, Capabilities())
    assert len(server.texts) == times


async def test_date_times_are_switched_off_once_for_all(caplog):
    capabilities = Capabilities()
    await deliver(Server(NO_TIMES, 7), MESSAGE, capabilities)
    server = Server(7)
    await deliver(server, MESSAGE, capabilities)
    assert server.texts == [WITHOUT_TIMES]
    # One that was under way meanwhile is told to try again too, without a second line in the log.
    assert capabilities.learn(NO_TIMES)
    assert sum("date-times are off" in record.getMessage() for record in caplog.records) == 1
    assert not capabilities.learn(NO_HTML)
