"""What people's messages and presses become on the wire, through the real python-telegram-bot."""

import asyncio
import json
import logging
from datetime import UTC, datetime

import pytest
from telegram import Update
from telegram.ext import ApplicationBuilder
from telegram.request import BaseRequest

from bot.commands.desk import Desk, FeedHindrance
from bot.commands.handlers import add_handlers, set_menu
from bot.commands.ordering import ChatUpdates
from bot.commands.rights import TelegramRights
from bot.commands.table import COMMANDS
from bot.render import words
from bot.transport.outgoing import Capabilities
from storage import NewArticle, Place, open_store

NOW = datetime(2025, 7, 16, 12, 0, tzinfo=UTC)
ME = {"id": 1, "is_bot": True, "first_name": "News", "username": "news_bot"}
ANI = {"id": 42, "is_bot": False, "first_name": "Ani"}
PRIVATE = {"id": 42, "type": "private", "first_name": "Ani"}
GROUP = {"id": -1007, "type": "supergroup", "title": "Reading", "is_forum": True}
CHANNEL = {"id": -1008, "type": "channel", "title": "C"}
ELSEWHERE = {"type": "user", "date": 1_752_667_200, "sender_user": ANI}
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
)


class Server(BaseRequest):
    """The Bot API as far as it is asked here. `faults`: method -> (status, description) of its next answers."""

    def __init__(self):
        self.calls, self.faults = [], {}
        self.typing = asyncio.Event()

    async def initialize(self):
        pass

    async def shutdown(self):
        pass

    @property
    def read_timeout(self):
        return 5.0

    async def do_request(self, url, method, request_data=None, **_timeouts):  # noqa: ARG002  its signature is the library's
        name = url.rsplit("/", 1)[-1]
        arguments = request_data.parameters if request_data else {}
        if name == "getMe":
            return 200, json.dumps({"ok": True, "result": ME}).encode()
        self.calls.append((name, arguments))
        if name == "sendChatAction":
            self.typing.set()
        if self.faults.get(name):
            status, description = self.faults[name].pop(0)
            return status, json.dumps({"ok": False, "error_code": status, "description": description}).encode()
        return 200, json.dumps({"ok": True, "result": self._result(name, arguments)}).encode()

    def _result(self, name, arguments):
        if name in {"answerCallbackQuery", "setMyCommands", "sendChatAction"}:
            return True
        if name == "getChatMember":
            return {"user": ANI, "status": "creator", "is_anonymous": False}
        chat = {"id": arguments["chat_id"], "type": "private"}
        return {"message_id": 1000, "date": 1, "chat": chat, "from": ME, "text": arguments["text"]}

    @property
    def names(self):
        return [name for name, _ in self.calls]


CHANGES = {"subscribe", "unsubscribe", "digest", "quiet", "mute", "unmute", "timezone", "pictures", "urgent"}


@pytest.fixture
async def store(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/news.db") as opened:
        articles = [NewArticle("wire", str(n), f"Headline {n}", NOW, body="Text. " * n) for n in range(1, 4)]
        await opened.articles.add(articles, arrived=NOW, push_since=NOW)
        yield opened


@pytest.fixture
def server():
    return Server()


@pytest.fixture
async def application(server, store):
    builder = ApplicationBuilder().token("1:made-up").request(server).get_updates_request(Server())
    made = builder.concurrent_updates(ChatUpdates()).build()
    desk = Desk(store, "news_bot", TelegramRights(made.bot), None, page_size=2)
    add_handlers(made, desk=lambda: desk, clock=lambda: NOW, capabilities=Capabilities())
    async with made:
        yield made


def a_message(text, chat=PRIVATE, **fields):
    return {"message_id": 5, "date": 1_752_667_200, "chat": chat, "from": ANI, "text": text, **fields}


async def receive(application, **update):
    await application.process_update(Update.de_json({"update_id": 9, **update}, application.bot))


async def press(application, data, **fields):
    message = {**a_message("old"), "from": ME, **fields}
    query = {"id": "77", "from": ANI, "chat_instance": "1", "message": message, "data": data}
    await receive(application, callback_query=query)


async def test_a_command_is_answered_where_it_was_asked(application, server):
    await receive(application, message=a_message("/latest"))
    [(name, sent)] = server.calls
    assert (name, sent["chat_id"], sent["parse_mode"]) == ("sendMessage", 42, "HTML")
    assert "<b>Headline 3</b>" in sent["text"]
    assert "message_thread_id" not in sent
    assert "reply_parameters" not in sent


async def test_who_waits_for_long_sees_that_there_is_something_to_come(application, server, store):
    application.handlers.clear()

    class Slow:
        async def known(self, _address):
            return None

        async def introduce(self, _address, _place, _most):
            await server.typing.wait()
            return FeedHindrance.NO_FEED

    desk = Desk(store, "news_bot", TelegramRights(application.bot), Slow(), reader_feeds=1)
    add_handlers(application, desk=lambda: desk, clock=lambda: NOW, capabilities=Capabilities(), patience=0.0)
    asked = a_message("/subscribe https://radio.example", GROUP, message_thread_id=3, is_topic_message=True)
    await receive(application, message=asked)
    assert server.names == ["getChatMember", "sendChatAction", "sendMessage"]
    assert server.calls[1][1] == {"chat_id": -1007, "message_thread_id": 3, "action": "typing"}


async def test_whoever_gets_an_answer_has_not_blocked_the_bot(application, store):
    await store.mailboxes.pause(1, 42, now=NOW, reason="blocked")
    await receive(application, message=a_message("/help"))
    assert not await store.mailboxes.resume(1, 42, now=NOW)  # it was paused no more


async def test_whoever_gets_no_answer_stays_paused(application, server, store):
    await store.mailboxes.pause(1, 42, now=NOW, reason="blocked")
    server.faults["sendMessage"] = [(403, "Forbidden: bot was blocked by the user")]
    await receive(application, message=a_message("/help"))
    assert await store.mailboxes.resume(1, 42, now=NOW)


async def test_in_a_topic_the_answer_is_a_reply_in_that_topic(application, server, store):
    asked = a_message("/subscribe@news_bot headline", GROUP, message_thread_id=3, is_topic_message=True)
    await receive(application, message=asked)
    [(asked, _), (_, sent)] = server.calls
    assert asked == "getChatMember"
    assert (sent["chat_id"], sent["message_thread_id"]) == (-1007, 3)
    assert sent["reply_parameters"]["message_id"] == 5
    assert [one.query for one in await store.subscriptions.all(Place(1, -1007, 3))] == ["headline"]


async def test_a_reply_chain_is_no_place_of_its_own(application, server, store):
    await receive(application, message=a_message("/subscribe headline", GROUP, message_thread_id=3))
    assert "message_thread_id" not in server.calls[-1][1]
    assert len(await store.subscriptions.all(Place(1, -1007))) == 1


@pytest.mark.parametrize(
    "update",
    [
        {"message": a_message("hello all", GROUP)},
        {"message": a_message("/latest@other_bot", GROUP)},
        {"edited_message": {**a_message("/latest"), "edit_date": 1_752_667_300}},
        {"edited_channel_post": {**a_message("/latest", CHANNEL), "edit_date": 1_752_667_300}},
        {"message": a_message("/latest", GROUP, forward_origin=ELSEWHERE)},
        {"message": a_message("/start@news_bot new", GROUP)},
    ],
)
async def test_what_is_not_for_us_is_left_alone(application, server, update):
    await receive(application, **update)
    assert server.calls == []


async def test_a_press_is_acknowledged_and_edits_in_place(application, server):
    await press(application, "a:3:0")
    assert server.names == ["answerCallbackQuery", "editMessageText"]
    assert "text" not in server.calls[0][1]
    edited = server.calls[1][1]
    assert (edited["chat_id"], edited["message_id"]) == (42, 5)
    assert "<b>Headline 3</b>" in edited["text"]


@pytest.mark.parametrize("data", ["nonsense", "p:99"])
async def test_an_old_button_says_so_and_changes_nothing(application, server, data):
    await press(application, data)
    assert server.calls == [("answerCallbackQuery", {"callback_query_id": "77", "text": words.TOO_OLD})]


async def test_a_press_that_follows_sends_anew(application, server, store):
    await receive(application, message=a_message("headline"))
    follow = server.calls[0][1]["reply_markup"]["inline_keyboard"][-1][0]["callback_data"]
    server.calls.clear()
    await press(application, follow)
    assert server.names == ["answerCallbackQuery", "sendMessage"]
    assert [one.query for one in await store.subscriptions.all(Place(1, 42))] == ["headline"]


async def test_an_edit_that_changes_nothing_is_a_success(application, server, caplog):
    server.faults["editMessageText"] = [(400, NOT_MODIFIED)]
    await press(application, "a:3:0")
    assert server.names == ["answerCallbackQuery", "editMessageText"]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("fault", ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"])
async def test_a_message_that_is_gone_is_sent_anew(application, server, fault):
    server.faults["editMessageText"] = [(400, f"Bad Request: {fault}")]
    await press(application, "a:3:0")
    assert server.names == ["answerCallbackQuery", "editMessageText", "sendMessage"]


async def test_a_message_we_cannot_reach_is_sent_anew(application, server):
    await press(application, "a:3:0", date=0)
    assert server.names == ["answerCallbackQuery", "sendMessage"]


async def test_a_press_that_is_acknowledged_too_late_still_works(application, server):
    server.faults["answerCallbackQuery"] = [(400, "Bad Request: query is too old and response timeout expired")]
    await press(application, "a:3:0")
    assert server.names == ["answerCallbackQuery", "editMessageText"]


async def test_a_fault_of_ours_is_logged_with_its_chat_and_answered(application, server, store, caplog):
    # A clock that has stopped: what no question survives.
    application.handlers.clear()
    desk = Desk(store, "news_bot", TelegramRights(application.bot), None)
    add_handlers(application, desk=lambda: desk, clock=lambda: None, capabilities=Capabilities())
    await receive(application, message=a_message("/subscribe headline"))
    assert server.calls[0][1]["text"] == words.FAILED
    await receive(application, message=a_message("/latest"))
    follow = server.calls[1][1]["reply_markup"]["inline_keyboard"][-1][0]["callback_data"]
    await press(application, follow)
    assert server.calls[2] == ("answerCallbackQuery", {"callback_query_id": "77", "text": words.FAILED})
    assert len(server.calls) == 3
    failures = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(failures) == 2
    assert all(record.chat == 42 and record.exc_info for record in failures)


@pytest.mark.parametrize(
    ("fault", "apologies"),
    [
        ((403, "Forbidden: bot was blocked by the user"), 0),
        ((400, "Bad Request: not enough rights to send text messages to the chat"), 0),
        ((400, "Bad Request: TOPIC_CLOSED"), 0),
        ((400, "Bad Request: chat not found"), 0),
        ((400, "Bad Request: message is too long"), 1),
        ((500, "Internal Server Error"), 0),
    ],
)
async def test_an_answer_that_cannot_be_sent(application, server, caplog, fault, apologies):
    caplog.set_level(logging.INFO)
    server.faults["sendMessage"] = [fault]
    await receive(application, message=a_message("/latest"))
    assert server.names == ["sendMessage"] * (1 + apologies)
    assert any(getattr(record, "chat", 0) == 42 for record in caplog.records)
    if apologies:
        assert server.calls[-1][1]["text"] == words.FAILED


async def test_a_server_without_date_times_gets_none_from_then_on(application, server):
    fault = 'Bad Request: can\'t parse entities: Unsupported start tag "tg-time" at byte offset 60'
    server.faults["sendMessage"] = [(400, fault)]
    for _ in range(2):
        await receive(application, message=a_message("/latest"))
    assert ["tg-time" in arguments["text"] for _, arguments in server.calls] == [True, False, False]


async def test_the_menu_is_the_table(application, server):
    await set_menu(application.bot)
    shown = {
        sent.get("scope", {"type": "default"})["type"]: [
            (one["command"], one["description"]) for one in sent["commands"]
        ]
        for _, sent in server.calls
    }
    everything = [(command.name, command.description) for command in COMMANDS]
    asked = [(command.name, command.description) for command in COMMANDS if not command.changes]
    assert {"latest", "subscriptions"} < {name for name, _ in asked}
    assert {name for name, _ in everything} - {name for name, _ in asked} == CHANGES
    assert server.names == ["setMyCommands"] * 3
    assert shown == {"default": everything, "all_group_chats": asked, "all_chat_administrators": everything}


async def test_being_added_is_answered_once_however_often_it_is_told(application, server, store):
    group = {"id": -1009, "type": "supergroup", "title": "Boats"}
    added = {
        "chat": group,
        "from": ANI,
        "date": 1_752_667_200,
        "old_chat_member": {"user": ME, "status": "left"},
        "new_chat_member": {"user": ME, "status": "member"},
    }
    gone = {**added, "old_chat_member": added["new_chat_member"], "new_chat_member": added["old_chat_member"]}
    for change in (added, added):
        await receive(application, my_chat_member=change)
    assert [sent["chat_id"] for _, sent in server.calls] == [-1009]
    await receive(application, my_chat_member=gone)
    assert await store.chats.paused(1, -1009)
    await receive(application, my_chat_member=added)
    assert [sent["chat_id"] for _, sent in server.calls] == [-1009, 42, -1009]
    assert not await store.chats.paused(1, -1009)


async def test_a_group_that_moved_is_not_greeted_anew(application, server):
    old = {"id": -7, "type": "group", "title": "Boats"}
    new = {"id": -1009, "type": "supergroup", "title": "Boats"}
    added = {
        "from": ANI,
        "date": 1_752_667_200,
        "old_chat_member": {"user": ME, "status": "left"},
        "new_chat_member": {"user": ME, "status": "member"},
    }
    await receive(application, my_chat_member={"chat": old, **added})
    service = {"message_id": 6, "date": 1_752_667_200, "chat": old, "from": ANI, "migrate_to_chat_id": -1009}
    await receive(application, message=service)
    await receive(application, my_chat_member={"chat": new, **added})
    assert [sent["chat_id"] for _, sent in server.calls] == [-7]
