"""Whoever names an address gets the feed that is there, fetched once for all who ask."""

import asyncio

import pytest
import pytest_asyncio
from aiohttp import web
from feed_site import DAY, HOUR, MINUTE, NOON, desk, item, rss, serving

from bot.intake.feeds.introducing import Hindrance, IntroductionError, Wanted
from storage import Change, Place, TooMany

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>News</body></html>'
FEED = rss(
    item("Bridge opens", guid="1", at=NOON - HOUR),
    item("Mayor speaks", guid="2", at=NOON - 2 * DAY),
    title="The Herald",
)


@pytest_asyncio.fixture(loop_scope="module")
async def site():
    async with serving() as site:
        site.answers = {"/feed.xml": FEED, "/": PAGE}
        yield site


async def test_a_feed_is_fetched_once_and_its_entries_are_there(at, site):
    introduced = await at.introducer.introduce(f"{site.url}/feed.xml", Wanted(zone="Asia/Yerevan"))

    feed = introduced.feed
    assert introduced.new
    assert (feed.source.name, feed.source.title, feed.source.zone) == ("the-herald", "The Herald", "Asia/Yerevan")
    assert await at.titles() == ["Bridge opens", "Mayor speaks"]
    assert await at.unannounced() == 1  # the other is older than a day
    assert NOON + MINUTE <= feed.due <= NOON + HOUR
    assert site.count("/feed.xml") == 1


async def test_a_page_leads_to_its_feed_and_is_an_address_of_it(at, site):
    first = await at.introducer.introduce(f"{site.url}/", Wanted())
    asked = len(site.asked)
    again = await at.introducer.introduce(site.url.upper().replace("HTTP", "http") + "/#top", Wanted())

    assert first.feed.url == f"{site.url}/feed.xml"
    assert (again.feed.source, again.new) == (first.feed.source, False)
    assert len(site.asked) == asked == 2


async def test_a_site_that_names_no_feed_is_tried_in_the_usual_places(at, site):
    site.answers = {"/": "<html><body>Welcome</body></html>", "/rss": FEED}
    introduced = await at.introducer.introduce(site.url, Wanted())
    assert introduced.feed.url == f"{site.url}/rss"


async def test_an_address_without_a_scheme_is_tried_with_both(at, site):
    introduced = await at.introducer.introduce(f"{site.url.removeprefix('http://')}/feed.xml", Wanted())
    assert introduced.feed.url == f"{site.url}/feed.xml"


async def test_a_feed_is_known_with_and_without_tls(at, site):
    first = await at.introducer.introduce(f"{site.url}/feed.xml", Wanted())
    secure = f"{site.url}/feed.xml".replace("http://", "https://")
    again = await at.introducer.introduce(secure, Wanted())
    assert (again.feed.source, again.new) == (first.feed.source, False)
    assert (await at.introducer.known(secure)).source == first.feed.source


async def test_what_moved_for_good_is_known_by_both_addresses(at, site):
    site.answers["/old"] = lambda _: web.Response(status=301, headers={"Location": "/feed.xml"})
    introduced = await at.introducer.introduce(f"{site.url}/old", Wanted())
    assert introduced.feed.url == f"{site.url}/feed.xml"
    assert (await at.store.feeds.find(f"{site.url}/old")).source == introduced.feed.source


async def test_fifty_chats_at_once_are_one_fetch_and_one_source(at, site):
    site.hold.clear()
    chats = [Place(7, number) for number in range(1, 51)]
    asking = [
        asyncio.create_task(at.introducer.introduce(f"{site.url}/feed.xml", Wanted(added_by=chat, most=1)))
        for chat in chats
    ]
    await site.came.wait()
    site.hold.set()
    answers = await asyncio.gather(*asking)

    assert site.count("/feed.xml") == 1
    assert len({answer.feed.source.id for answer in answers}) == len(await at.store.feeds.all()) == 1
    assert sum(answer.new for answer in answers) == 1
    # It counts for one chat alone: all others may still add their own.
    site.answers["/other.xml"] = rss(item("Rain", guid="9"), title="Weather")
    adder = next(chat for chat, answer in zip(chats, answers, strict=True) if answer.new)
    with pytest.raises(TooMany):
        await at.introducer.introduce(f"{site.url}/other.xml", Wanted(added_by=adder, most=1))
    other = next(chat for chat in chats if chat != adder)
    assert (await at.introducer.introduce(f"{site.url}/other.xml", Wanted(added_by=other, most=1))).new


async def test_who_comes_while_it_is_read_finds_its_news(at, site):
    first = asyncio.create_task(at.introducer.introduce(f"{site.url}/feed.xml", Wanted()))
    await at.store.changed(Change.FEEDS, 10)
    second = await at.introducer.introduce(f"{site.url}/feed.xml", Wanted())
    assert not second.new
    assert await at.titles() == ["Bridge opens", "Mayor speaks"]
    await first


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("ftp://example.org/feed", Hindrance.NO_ADDRESS),
        ("two words", Hindrance.NO_ADDRESS),
        ("http://127.0.0.2/feed", Hindrance.REFUSED),
        ("/missing", Hindrance.UNREACHABLE),
        ("/text", Hindrance.NO_FEED),
        ("/private", Hindrance.REFUSED),
    ],
)
async def test_what_stands_in_the_way_is_said(at, site, path, kind):
    site.answers = {
        "/text": "<html><body>Only words</body></html>",
        "/private": lambda _: web.Response(status=302, headers={"Location": "http://169.254.169.254/"}),
    }
    with pytest.raises(IntroductionError) as refused:
        await at.introducer.introduce(f"{site.url}{path}" if path.startswith("/") else path, Wanted())
    assert refused.value.kind is kind
    assert str(refused.value).count("no feed") == (kind is Hindrance.NO_FEED)
    assert await at.store.feeds.all() == []


async def test_credentials_are_used_and_never_said(at, site):
    seen = []

    def private(request):
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(text=FEED, content_type="application/rss+xml")

    site.answers["/private.xml"] = private
    url = f"{site.url}/private.xml".replace("http://", "http://ann:secret@")
    introduced = await at.introducer.introduce(url, Wanted())
    assert seen == ["Basic YW5uOnNlY3JldA=="]
    assert introduced.feed.url == url
    site.answers.clear()
    with pytest.raises(IntroductionError) as refused:
        await at.introducer.introduce(url.replace("private", "other"), Wanted())
    assert "secret" not in str(refused.value)


async def test_what_takes_too_long_is_given_up_for_all_who_wait(tmp_path, workers, site):
    site.hold.clear()
    async with desk(tmp_path, workers, look_seconds=0.05) as at:
        asking = (at.introducer.introduce(f"{site.url}/feed.xml", Wanted()) for _ in range(3))
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert {(one.kind, str(one)) for one in answers} == {
            (Hindrance.UNREACHABLE, "what is there did not come within 0.05 s")
        }
    site.hold.set()
