"""Hubs send what is new: who asks, who confirms, who signs, through the real server."""

import asyncio
import hashlib
import hmac
import logging
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from feed_site import DAY, HOUR, MINUTE, NOON, item, rss

from bot.intake.feeds.introducing import Wanted
from bot.intake.feeds.websub import MOST_AT_ONCE, is_signed
from bot.web import Calls, make_app
from storage import NewFeed, Polled, Source

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOPIC = "https://herald.example/feed.xml"
BRIDGE = item("Bridge opens", guid="1", at=NOON - HOUR)
MAYOR = item("Mayor speaks", guid="2", at=NOON)


class Hub:
    """A hub: what it was asked, and how it speaks to our server."""

    def __init__(self, at, site, session, server):
        self.at, self.site = at, site
        self.asked = []
        self.status = 202
        self._session, self._server = session, server
        site.answers["/hub"] = self._answer

    async def _answer(self, request):
        self.asked.append(dict(await request.post()))
        return web.Response(status=self.status)

    @property
    def path(self):
        callback = self.asked[-1]["hub.callback"]
        assert callback.startswith("https://news.example/websub/herald/")
        return urlsplit(callback).path

    def feed(self, *items):
        links = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="hub" href="{self.site.url}/hub"/>'
        itself = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="self" href="{TOPIC}"/>'
        return rss(*items, more=links + itself)

    async def confirm(self, path=None, **changed):
        query = {"mode": "subscribe", "topic": TOPIC, "challenge": "c<1>", "lease_seconds": "864000", **changed}
        params = {f"hub.{name}": value for name, value in query.items()}
        async with self._session.get(self._server + (path or self.path), params=params) as response:
            return response.status, await response.text(), response.content_type

    async def send(self, document, *, method="sha256", secret=None, path=None):
        body = document.encode()
        key = self.asked[-1]["hub.secret"] if secret is None else secret
        signature = f"{method}={hmac.new(key.encode(), body, method).hexdigest()}"
        headers = {"X-Hub-Signature": signature} if key else {}
        async with self._session.post(self._server + (path or self.path), data=body, headers=headers) as response:
            return response.status


@pytest_asyncio.fixture(loop_scope="module")
async def hub(at, site):
    runner = web.AppRunner(make_app(Calls(at.hubs).routes()))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        hub = Hub(at, site, session, f"http://127.0.0.1:{runner.addresses[0][1]}")
        site.answers["/feed.xml"] = hub.feed(BRIDGE)
        await at.introducer.introduce(f"{site.url}/feed.xml", Wanted(name="herald"))
        await polled(at)
        yield hub
    await runner.cleanup()


async def polled(at, after=HOUR):
    at.clock.now += after
    await at.poller.poll_due()
    return await at.store.feeds.get("herald")


async def test_a_hub_that_a_feed_names_is_asked_and_confirmed_and_the_feed_is_polled_seldom(at, hub):
    assert hub.asked[0] == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": hub.asked[0]["hub.callback"],
        "hub.lease_seconds": "864000",
        "hub.secret": hub.asked[0]["hub.secret"],
    }
    assert len(hub.asked[0]["hub.secret"]) >= 32
    assert await hub.confirm() == (200, "c<1>", "text/plain")
    assert (await at.store.feeds.get("herald")).hub_until == at.clock.now + 10 * DAY
    feed = await polled(at)
    assert feed.due == at.clock.now + HOUR
    assert len(hub.asked) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": "https://other.example/feed"},
        {"mode": "unsubscribe"},
        {"mode": ""},
        {"challenge": ""},
        {"path": "/websub/herald/0123"},
        {"path": "/websub/other/0123"},
    ],
)
async def test_what_was_not_asked_for_is_not_confirmed(at, hub, wrong):
    status, text, _ = await hub.confirm(**wrong)
    assert status == 404
    assert "c<1>" not in text
    assert (await at.store.feeds.get("herald")).hub_until is None


async def test_what_a_hub_sends_is_taken_once_and_the_poll_brings_it_no_second_time(at, site, hub):
    await hub.confirm()
    await at.unannounced()
    at.clock.now += MINUTE
    assert await hub.send(hub.feed(MAYOR)) == 202
    assert await at.titles() == ["Mayor speaks", "Bridge opens"]
    assert await at.unannounced() == 1
    came = at.clock.now
    assert (await at.store.feeds.get("herald")).renewed == came
    at.clock.now += MINUTE
    assert await hub.send(hub.feed(MAYOR)) == 202
    assert (await at.store.feeds.get("herald")).renewed == came
    site.answers["/feed.xml"] = hub.feed(MAYOR, BRIDGE)
    await polled(at)
    assert await at.unannounced() == 0


@pytest.mark.parametrize("secret", ["", "wrong"])
async def test_what_is_not_signed_by_the_hub_is_ignored(at, hub, secret):
    await hub.confirm()
    assert await hub.send(hub.feed(MAYOR), secret=secret) == 202
    assert await at.titles() == ["Bridge opens"]


async def test_what_cannot_be_read_is_fetched_at_once(at, site, hub):
    await hub.confirm()
    site.answers["/feed.xml"] = hub.feed(MAYOR, BRIDGE)
    assert await hub.send("something has changed") == 202
    await polled(at, MINUTE)
    assert await at.titles() == ["Mayor speaks", "Bridge opens"]


async def test_a_lease_is_renewed_before_it_ends_under_the_same_address(at, hub):
    await hub.confirm()
    await polled(at, 7 * DAY)
    assert len(hub.asked) == 1
    await polled(at, DAY + HOUR)
    assert len(hub.asked) == 2
    assert hub.asked[0] == hub.asked[1]
    await hub.confirm(lease_seconds="99999999")
    assert (await at.store.feeds.get("herald")).hub_until == at.clock.now + 30 * DAY


async def test_a_hub_that_says_nothing_is_asked_again_some_hours_later(at, hub):
    await polled(at)
    assert len(hub.asked) == 1
    await polled(at, 6 * HOUR)
    assert len(hub.asked) == 2


async def test_a_hub_that_hangs_keeps_few_polls_and_is_asked_by_the_others_after_their_next(at, site):
    goes_on = asyncio.Event()

    async def slow(_request):
        await goes_on.wait()
        return web.Response(status=202)

    site.answers["/slow"] = slow
    for number in range(MOST_AT_ONCE + 1):
        wanted = NewFeed(f"{site.url}/{number}", Source(f"herald-{number}", "The Herald"))
        await at.store.feeds.add(wanted, now=NOON, lease=0 * DAY)
    claims = await at.store.feeds.claim(now=NOON, lease=DAY, limit=100)
    polls = [Polled(claim, NOON, HOUR, hub=f"{site.url}/slow", hub_topic=TOPIC) for claim in claims]
    asking = [asyncio.create_task(at.hubs.ask(polled)) for polled in polls[:-1]]
    while site.count("/slow") < 2:
        site.came.clear()
        await site.came.wait()
    await at.hubs.ask(polls[-1])
    assert not any(task.done() for task in asking)
    goes_on.set()
    await asyncio.gather(*asking)
    assert site.count("/slow") == MOST_AT_ONCE
    await at.hubs.ask(polls[-1])
    assert site.count("/slow") == MOST_AT_ONCE + 1


async def test_another_hub_is_asked_at_once(at, site, hub):
    await hub.confirm()
    first = hub.path
    site.answers["/other"] = site.answers["/hub"]
    site.answers["/feed.xml"] = hub.feed(BRIDGE).replace("/hub", "/other")
    feed = await polled(at)
    assert (len(hub.asked), feed.hub, feed.hub_until) == (2, f"{site.url}/other", None)
    assert (await hub.confirm(path=first))[0] == 404
    assert (await hub.confirm())[0] == 200


async def test_a_hub_that_does_not_want_to_is_left_alone_for_a_day(at, hub):
    await hub.confirm()
    assert (await hub.confirm(mode="denied", reason="no such topic"))[0] == 200
    assert (await at.store.feeds.get("herald")).hub_until is None
    await polled(at, 20 * HOUR)
    assert len(hub.asked) == 1
    await polled(at, 5 * HOUR)
    assert len(hub.asked) == 2


async def test_a_removed_feed_is_gone_for_its_hub_and_a_paused_one_takes_nothing(at, hub):
    await hub.confirm()
    await at.store.feeds.pause("herald", paused=True, now=at.clock.now)
    assert await hub.send(hub.feed(MAYOR)) == 202
    assert await at.titles() == ["Bridge opens"]
    await at.store.feeds.remove("herald")
    assert await hub.send(hub.feed(MAYOR)) == 410
    assert await hub.send(hub.feed(MAYOR), path="/websub/nobody/1") == 410


async def test_secrets_are_never_logged(at, hub, caplog):
    caplog.set_level(logging.DEBUG)
    hub.status = 500
    await polled(at, 7 * HOUR)
    await hub.confirm()
    await hub.send("nonsense")
    logged = "".join(f"{record.__dict__}" for record in caplog.records if not record.name.startswith("aio"))
    assert hub.asked[-1]["hub.secret"] not in logged


METHODS = ("md5", "sha1", "sha256", "sha384", "sha512")
SIGNED = {method: hmac.new(b"key", b"body", method).hexdigest() for method in METHODS}


@pytest.mark.parametrize(
    ("signature", "good"),
    [
        *((f"{method}={digest}", method != "md5") for method, digest in SIGNED.items()),
        (f"SHA256={SIGNED['sha256'].upper()}", True),
        (f"sha256={SIGNED['sha1']}", False),
        (f"sha256={hashlib.sha256(b'body').hexdigest()}", False),
        ("sha256=", False),
        ("sha256", False),
        ("=é", False),
        ("sha1=é", False),
        ("", False),
    ],
)
async def test_signatures(signature, good):
    assert is_signed(b"body", signature, "key") is good
    assert not is_signed(b"body", signature, "")
