"""Whoever added a feed is told how it is doing: against a real store, the real library and its limiter."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from telegram.ext import ExtBot
from telegram.request import BaseRequest

from bot.commands.telling import Teller
from bot.transport.limiter import Limiter
from bot.transport.outgoing import Capabilities
from bot.transport.pacing import Pacing
from storage import EVERYTHING, Chat, ChatKind, NewFeed, Place, Polled, Query, Source, open_store

NOW = datetime(2025, 7, 16, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
ADA, GROUP, CHANNEL, OWNER, OPERATORS = 42, -1007, -1008, 55, (98, 99)
HERE = Place(1, ADA)
UNREACHED = (502, "Bad Gateway")
SLOWLY = (429, "Too Many Requests: retry after 7")
BLOCKED = (403, "Forbidden: bot was blocked by the user")
ODD = (400, "Bad Request: chat not found")


class Server(BaseRequest):
    """The Bot API as far as it is asked here. `faults`: chat -> its answer to every message."""

    def __init__(self):
        self.sent, self.faults = [], {}

    async def initialize(self):
        pass

    async def shutdown(self):
        pass

    @property
    def read_timeout(self):
        return 5.0

    async def do_request(self, url, method, request_data=None, **_timeouts):  # noqa: ARG002  its signature is the library's
        arguments = request_data.parameters
        if url.endswith("/getMe"):
            me = {"id": 1, "is_bot": True, "first_name": "News", "username": "news_bot"}
            return 200, json.dumps({"ok": True, "result": me}).encode()
        if fault := self.faults.get(arguments["chat_id"]):
            status, description = fault
            return status, json.dumps({"ok": False, "error_code": status, "description": description}).encode()
        self.sent.append(arguments)
        chat = {"id": arguments["chat_id"], "type": "private"}
        return 200, json.dumps({"ok": True, "result": {"message_id": 1, "date": 1, "chat": chat}}).encode()


@pytest.fixture
async def store(tmp_path):
    async with open_store(f"sqlite:///{tmp_path}/news.db") as opened:
        yield opened


@pytest.fixture
def server():
    return Server()


@pytest.fixture
async def teller(store, server):
    limiter = Limiter(Pacing(1_000), clock=time.monotonic, chance=lambda: 0.0)
    bot = ExtBot("1:made-up", request=server, get_updates_request=Server(), rate_limiter=limiter)
    async with bot:
        await limiter.initialize()
        yield Teller(store, bot, Capabilities(), frozenset(OPERATORS), lambda: NOW)
        await limiter.shutdown()


async def a_feed(store, name="radio", added_by=HERE, *, failed="", ended="", follow=True):
    """A feed after a poll, followed where it was added."""
    title = f"Radio <{name}>"
    feed, claim = await store.feeds.add(
        NewFeed(f"https://{name}.example", Source(name, title), added_by), now=NOW, lease=LEASE
    )
    await store.feeds.settle([Polled(claim, None if ended else NOW, LEASE, failed=failed, ended=ended)], now=NOW)
    if added_by and follow:
        await store.subscriptions.add(added_by, Query.parse(f"source:{name}"), now=NOW)
    return await store.feeds.get(feed.source.name)


def texts(server):
    return [(sent["chat_id"], sent["text"]) for sent in server.sent]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (
            {"failed": "HTTP 503 <busy>"},
            "⚠️ Radio &lt;radio&gt; has not worked for a day: HTTP 503 &lt;busy&gt;. I keep trying.",
        ),
        ({"ended": "it is gone"}, "⛔ Radio &lt;radio&gt; has ended: it is gone. Nothing more will come from it."),
        ({}, "✓ Radio &lt;radio&gt; works again."),
    ],
)
async def test_whoever_added_a_feed_is_told_quietly(teller, server, store, how, said):
    feed = await a_feed(store, **how)
    assert await teller.tell([feed]) == [feed]
    assert texts(server) == [(ADA, said)]
    assert server.sent[0]["disable_notification"] is True


async def test_all_that_is_to_be_said_in_a_chat_is_said_at_once(teller, server, store):
    feeds = [await a_feed(store, f"radio-{number}", failed="timed out") for number in range(12)]
    feeds.append(await a_feed(store, "bell", ended="gone"))
    assert await teller.tell(feeds) == feeds
    [(chat, said)] = texts(server)
    assert chat == ADA
    lines = said.split("\n")
    assert lines[0] == "⚠️ 12 sources have not worked for a day. I keep trying:"
    assert lines[1] == "• Radio &lt;radio-0&gt;: timed out"
    assert lines[11:] == ["… and 2 more.", "", "⛔ Radio &lt;bell&gt; has ended: gone. Nothing more will come from it."]


async def test_the_admins_are_told_of_what_nobody_else_added(teller, server, store):
    feed = await a_feed(store, added_by=None, failed="timed out")
    server.faults[OPERATORS[0]] = UNREACHED
    assert await teller.tell([feed]) == [feed]  # one of them is enough
    assert [chat for chat, _ in texts(server)] == [OPERATORS[1]]


async def test_a_group_is_told_in_its_topic_and_of_a_channel_who_set_it_up(teller, server, store):
    await store.chats.put(Chat(1, GROUP, ChatKind.GROUP, "Home"))
    await store.chats.put(Chat(1, CHANNEL, ChatKind.CHANNEL, "Bay News", set_up_by=OWNER))
    in_topic = await a_feed(store, "one", Place(1, GROUP, 3), failed="timed out")
    in_channel = await a_feed(store, "two", Place(1, CHANNEL), failed="timed out")
    assert await teller.tell([in_topic, in_channel]) == [in_topic, in_channel]
    assert [(sent["chat_id"], sent.get("message_thread_id")) for sent in server.sent] == [(GROUP, 3), (OWNER, None)]


@pytest.mark.parametrize(
    ("query", "is_told"),
    [
        ("*", True),
        ("source:radio sport", True),
        ("(source:radio OR source:x) -a", True),
        ("armenia", False),
        ("* -source:radio", False),
        ("source:radio-2", False),
    ],
)
async def test_who_follows_it_no_more_is_told_nothing(teller, server, store, query, is_told):
    feed = await a_feed(store, failed="timed out", follow=False)
    await store.subscriptions.add(HERE, Query.parse(query), now=NOW)
    assert await teller.tell([feed]) == [feed]
    assert bool(server.sent) == is_told


async def test_what_another_bot_was_asked_for_is_not_ours_to_tell(teller, server, store):
    feed = await a_feed(store, added_by=Place(2, ADA), failed="timed out")
    await store.subscriptions.add(HERE, EVERYTHING, now=NOW)
    assert await teller.tell([feed]) == [feed]
    assert server.sent == []


@pytest.mark.parametrize(("fault", "counts"), [(BLOCKED, True), (ODD, True), (UNREACHED, False), (SLOWLY, False)])
async def test_a_chat_that_cannot_be_written_to_counts_as_told(teller, server, store, fault, counts):
    feed, other = await a_feed(store, failed="timed out"), await a_feed(store, "bell", Place(1, OWNER), failed="x")
    server.faults[ADA] = fault
    assert await teller.tell([feed, other]) == ([feed, other] if counts else [other])
    assert [chat for chat, _ in texts(server)] == [OWNER]
