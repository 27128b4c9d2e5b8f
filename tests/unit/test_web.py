"""What programs ask by HTTP, asked by a real client of the real application on a real store."""

import asyncio
import gzip
import html
import io
import json
import logging
import re
import shlex
import tracemalloc
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import yarl
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.intake.documents.saved import Entries, articles_of
from bot.intake.parsing.entries import Entry, FeedDocument
from bot.intake.processes.workers import Workers
from bot.intake.programs.bodies import SHORT, Bodies
from bot.intake.programs.describing import describe, page
from bot.intake.programs.embargo import keep_released
from bot.intake.programs.posted import MOST_ARTICLES, read_articles
from bot.intake.programs.posting import MOST_PREVIEWS, Posting
from bot.metrics import CONTENT_TYPE, Metrics
from bot.programs import Programs
from bot.web import BODY_LIMIT, LONG, LONG_AT_ONCE, Health, Numbers, body_of, make_app
from storage import Change, NotFound, Query, Source, open_store

KEY = "a-key-for-tests-0123"
MEMORY = 150_000_000  # of addresses, with the process's own programs
NOON = datetime(2025, 7, 16, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FERRY = {"source": "The Bell", "id": "42", "title": "The ferry is back"}
README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SHAPES = describe("1")["components"]["schemas"]


@dataclass
class Newsdesk:
    """A store, a clock, a disk, chats, and a client that says the key."""

    store: object
    client: TestClient
    posting: Posting
    metrics: Metrics
    workers: Workers
    now: datetime = NOON
    has_room: bool = True
    introduced: bool = True
    chats: list = field(default_factory=list)
    refused_chats: dict = field(default_factory=dict)

    async def ask(self, method, path, body=None, *, key=KEY, kind="application/json", **more):
        data = None if body is None else io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        headers = {"Authorization": f"Bearer {key}", "Content-Type": kind, **more.pop("headers", {})}
        async with self.client.request(method, path, data=data, headers=headers, **more) as response:
            return response.status, await response.json(), response.headers

    async def post(self, body, path="/articles", **more):
        status, said, _ = await self.ask("POST", path, body, **more)
        assert_fits(said, {"$ref": "Outcomes"} if "articles" in said else {"$ref": "Error"})
        return status, said

    async def take(self, body, **more):
        """Hand in what is taken; what is said of each."""
        status, said = await self.post(body, **more)
        assert status == 200, said
        return said["articles"]

    async def refuse(self, body, **more):
        """Hand in what is refused; why each was."""
        status, said = await self.post(body, **more)
        assert status == 400, said
        return [one["reason"] for one in said["articles"]]

    async def found(self, words="*"):
        page_ = await self.store.articles.search(Query.parse(words), now=self.now, limit=50)
        return [article.title for article in page_.articles]

    async def show(self, chat, article):
        self.chats.append((chat, article))
        return self.refused_chats.get(chat, "")


def assert_fits(said, schema):
    """What is said has the documented shape (of JSON Schema, as much as our description uses)."""
    if "$ref" in schema:
        schema = SHAPES[schema["$ref"].rpartition("/")[2]]
    kinds = {"object": dict, "array": list, "string": str, "integer": int}
    if "type" in schema:
        assert type(said) is kinds[schema["type"]], said
    if "enum" in schema:
        assert said in schema["enum"]
    if "minimum" in schema:
        assert said >= schema["minimum"]
    if schema.get("format") == "date-time":
        assert datetime.fromisoformat(said).tzinfo
    for one in said if isinstance(said, list) else ():
        assert_fits(one, schema["items"])
    if isinstance(said, dict):
        assert set(schema.get("required", ())) <= said.keys() <= schema["properties"].keys()
        for name, value in said.items():
            assert_fits(value, schema["properties"][name])


@asynccontextmanager
async def opened(folder):
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(f"sqlite:///{folder}/web.sqlite"))
        workers = await stack.enter_async_context(Workers(memory=MEMORY))
        metrics = Metrics()
        posting = Posting(
            store,
            lambda: desk.now,
            zone="Asia/Yerevan",
            preview=lambda *shown: desk.show(*shown),  # noqa: PLW0108  the desk is made below
            count=metrics.arrived,
        )
        programs = Programs(posting, Bodies(workers), KEY, lambda: desk.has_room, "1.2.3")
        health = Health(store, is_introduced=lambda: desk.introduced)
        routes = [*programs.routes(), *health.routes(), *Numbers(metrics.text, CONTENT_TYPE).routes()]
        app = make_app(routes, metrics.answered)
        client = await stack.enter_async_context(TestClient(TestServer(app)))
        desk = Newsdesk(store, client, posting, metrics, workers)
        yield desk


@pytest.fixture
async def desk(tmp_path):
    async with opened(tmp_path) as desk:
        yield desk


# Publishing


async def test_an_article_is_taken_once_and_found(desk):
    new = {
        "index": 0,
        "status": "new",
        "source": "the-bell",
        "key": "id:42",
        "path": "/articles/the-bell/id%3A42",
        "id": 1,
    }
    assert await desk.take(FERRY) == [new]
    assert await desk.take([FERRY]) == [{**new, "status": "known"}]
    article = await desk.store.articles.get(1)
    assert (article.title, article.published, article.arrived) == ("The ferry is back", NOON, NOON)
    assert (article.source.title, article.source.zone) == ("The Bell", "Asia/Yerevan")
    assert await desk.store.changed(Change.ARTICLES, 0)


async def test_everything_that_may_be_said_is_kept(desk):
    said = {
        "title": " The  ferry ",
        "text": "One.\nTwo.",
        "summary": "Short.",
        "url": "https://bell.example/1",
        "image": "https://bell.example/1.jpg",
        "topics": ["Sport", "Lake Irrin"],
        "authors": "Ada  Lovelace",
        "language": "EN-gb",
        "published": "2025-07-15 10:00",
        "urgent": True,
        "id": 7,
        "source": "Bell",
        "unknown": None,
    }
    [one] = await desk.take({"articles": [said]})
    article = await desk.store.articles.get(one["id"])
    assert (article.title, article.body, article.summary) == ("The ferry", "One.\n\nTwo.", "Short.")
    assert (article.link, article.image) == ("https://bell.example/1", "https://bell.example/1.jpg")
    assert (article.topics, article.authors) == (("sport", "lake-irrin"), ("Ada Lovelace",))
    assert (article.language, article.urgent, article.key) == ("en", True, "id:7")
    assert article.published == datetime(2025, 7, 15, 6, tzinfo=UTC)  # in Yerevan


async def test_times_without_a_zone_are_in_the_sources(desk):
    await desk.store.sources.put(Source("bell", "Bell", zone="America/New_York"))
    [one] = await desk.take({"title": "x", "source": "BELL", "published": "2025-07-15 10:00"})
    article = await desk.store.articles.get(one["id"])
    assert (article.published, article.source.title) == (datetime(2025, 7, 15, 14, tzinfo=UTC), "Bell")


@pytest.mark.parametrize(
    "same",
    [
        {"id": "1"},
        {"link": "https://bell.example/1?utm_source=x"},
        {"published": "2025-07-16T09:00:00Z"},  # its title and its day
        {},  # now
    ],
)
async def test_the_same_said_many_times_at_once_is_one_article(desk, same):
    said = {"source": "Bell", "title": "The ferry", "body": "It sails.", **same}
    answers = await asyncio.gather(*(desk.take([said, said]) for _ in range(4)))
    statuses = sorted(one["status"] for answer in answers for one in answer)
    assert statuses == ["known"] * 7 + ["new"]
    assert {one["id"] for answer in answers for one in answer} == {1}


async def test_a_headline_becomes_full_and_is_corrected(desk):
    statuses = [(await desk.take({**FERRY, **more}))[0]["status"] for more in ({}, {"body": "x"}, {"title": "y"}, {})]
    assert statuses == ["new", "full", "changed", "changed"]


async def test_what_says_no_id_is_what_a_feed_has_brought_under_its_link(desk):
    link = "https://lake.example/bridge"
    source = await desk.store.sources.put(Source("lake-radio", "Lake Radio", zone="Asia/Yerevan"))
    document = FeedDocument("rss 2.0", (Entry("Bridge opens", id="g1", link=link, published=NOON),))
    await desk.store.articles.add(
        await articles_of(desk.store, Entries(document, source, NOON), now=NOON), arrived=NOON
    )
    first = {"source": "Lake Radio", "title": "Bridge opens", "published": NOON.isoformat()}
    later = {"publish_at": (NOON + 60 * MINUTE).isoformat()}
    for said, became in [
        ({"link": link}, "known"),
        ({}, "known"),
        ({"link": "http://www.lake.example/bridge/", "text": "Cars pass."}, "full"),
        ({"link": f"{link}?utm_source=x", "title": "Bridge is open"}, "changed"),
        ({"link": link, "title": "Bridge closes", **later}, "held"),
    ]:
        (told,) = await desk.take({**first, **said})
        assert (told["status"], told["key"] == "id:g1") == (became, became != "held")
    desk.now += 61 * MINUTE
    await desk.posting.release()
    assert await desk.found() == ["Bridge closes"]
    for said in ({"link": link, "id": "other"}, {"link": "https://lake.example/other", "title": "Another"}):
        assert (await desk.take({**first, **said}))[0]["status"] == "new"


async def test_what_is_refused_costs_the_others_nothing(desk):
    body = b'\xef\xbb\xbf{"title": "a"}\n\nnonsense\r\n{"title": ""}\n[]\n{"title": "b", "source": "Other"}'
    status, said = await desk.post(body, "/articles?source=The%20Bell", kind="application/x-ndjson; charset=utf-8")
    assert status == 400
    assert said["counts"] == {"new": 2, "refused": 3}
    assert [one["index"] for one in said["articles"]] == [0, 1, 2, 3, 4]
    assert [one.get("reason", one.get("source")) for one in said["articles"]] == [
        "the-bell",
        "not JSON: Expecting value at character 1",
        "title: there is nothing to see in the title",
        'expected an object such as {"title": "...", "published": "2023-12-06 09:34"}',
        "other",
    ]
    assert await desk.found() == ["b", "a"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"source": None}, r"source: must be there, here or as \?source= in the address"),
        ({"source": "!"}, "source: '!' has no letter or digit"),
        ({"source": "x" * 201}, "source: has 201 characters: at most 200 are taken"),
        ({"title": None}, "title: must be there"),
        ({"title": 1}, "title: expected text"),
        ({"title": "x" * 1001}, "title: the title has 1,001 characters: at most 1,000 are taken"),
        ({"body": []}, "body: expected text"),
        ({"text": {}}, "text: expected text"),
        ({"link": "ftp://bell.example"}, "link: the link 'ftp://bell.example' is not an http or https address"),
        ({"url": "https://a:b@bell.example"}, "url: the link .* holds a name or password before its host"),
        ({"image": "x"}, "image: the link 'x' is not an http or https address"),
        ({"language": "english"}, "language: the language 'english' is not a code of two letters .*"),
        ({"topics": 1}, "topics: expected a list of names, or one name"),
        ({"topics": ["", 1, *[2] * 99_999]}, "topics.1: expected text"),
        ({"authors": {}}, "authors: expected a list of names, or one name"),
        ({"urgent": "perhaps"}, "urgent: expected true or false"),
        ({"urgent": []}, "urgent: expected true or false"),
        ({"published": "yesterday"}, "published: 'yesterday' is not a date such as .*"),
        ({"published": "06/12/2023"}, "published: '06/12/2023' does not say whether the day or the month .*"),
        ({"publish_at": "soon"}, "publish_at: 'soon' is not a date such as .*"),
        ({"publish_at": 5}, "publish_at: expected text"),
        ({"preview_to": "Ada"}, "preview_to: expected a whole number"),
        ({"preview_to": True}, "preview_to: expected a whole number"),
        ({"preview_to": 2**53}, "preview_to: .* less than or equal to .*"),
        ({"id": "x" * 2001}, "id: has 2,001 characters: at most 2,000 are taken"),
        ({"title": 1, "body": 1}, "body: expected text; title: expected text"),
    ],
)
async def test_why_an_article_is_refused(desk, said, reason):
    [given] = await desk.refuse({**FERRY, **said})
    assert re.fullmatch(reason, given), given
    assert await desk.found() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON: Expecting value at character 1"),
        (b"{", "not JSON: .* at character 2"),
        (b'"\xff"', "byte 0xFF is not UTF-8: .*"),
        (b"[" * 100_000, "not an article: nested too deeply"),
        (b'{"title": ' + b"9" * 5000 + b"}", "not an article: .*"),
    ],
)
async def test_why_nothing_can_be_read(desk, body, reason):
    status, said = await desk.post(body)
    assert status == 400
    assert re.fullmatch(reason, said["error"]), said


async def test_what_a_call_takes(desk):
    assert (await desk.post([]))[1] == {"counts": {}, "articles": []}
    status, said = await desk.post([0] * (MOST_ARTICLES + 1))
    assert (status, said) == (413, {"error": "1,001 articles: at most 1,000 are taken in one call"})
    assert (await desk.post(b"1\n" * 1001, kind="application/jsonl"))[0] == 413
    too_much = b'{"title": "%s"}' % (b"x" * BODY_LIMIT)
    assert await desk.post(too_much) == (413, {"error": "the request has over 10 MB"})
    # However small it was made.
    assert (await desk.post(gzip.compress(too_much), headers={"Content-Encoding": "gzip"}))[0] == 413
    assert (await desk.post(gzip.compress(json.dumps(FERRY).encode()), headers={"Content-Encoding": "gzip"}))[0] == 200


async def test_what_is_made_up_to_take_memory_is_refused(desk):
    status, said = await desk.post(b"[" + b"[]," * 2_000_000 + b"[]]")
    assert (status, said) == (400, {"error": "reading it takes more than 150 MB of memory"})


async def test_a_long_request_that_nobody_can_read_now_may_be_made_again(desk):
    await desk.workers.close()
    long = json.dumps({**FERRY, "body": "It sails. " * SHORT}).encode()
    for method, path in (("POST", "/articles"), ("PATCH", "/articles/the-bell/id:42")):
        status, said, headers = await desk.ask(method, path, long)
        assert (status, said, headers["Retry-After"]) == (503, {"error": "nothing so long can be read now"}, "5")
    assert (await desk.take(FERRY))[0]["status"] == "new"


@pytest.mark.parametrize(
    ("coding", "body", "answer"),
    [
        ("gzip", b"\x1f\x8bnone", (400, {"error": "the body broke off, or cannot be unpacked"})),
        ("gzip", gzip.compress(b"[]", mtime=0)[:-9], (400, {"error": "the body broke off, or cannot be unpacked"})),
        ("br", b"[]", (415, {"error": "expected application/json or application/x-ndjson, in UTF-8, plain or gzip"})),
        (
            "gzip, gzip",
            b"[]",
            (415, {"error": "expected application/json or application/x-ndjson, in UTF-8, plain or gzip"}),
        ),
    ],
)
async def test_what_cannot_be_unpacked(desk, caplog, coding, body, answer):
    assert await desk.post(body, headers={"Content-Encoding": coding}) == answer
    assert caplog.records == []


async def test_what_nobody_wants_is_not_unpacked(desk):
    ask = b"POST /articles HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone"
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.client.port)
    for _ in range(2):
        writer.write(ask)
        # Who unpacks it finds that it cannot be, and hangs up.
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 401 ")
    writer.close()


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json; charset=UTF-8", 200),
        ("application/x-www-form-urlencoded", 200),  # as curl -d says
        ("application/news+json", 200),
        ("text/plain", 200),
        ("application/x-ndjson", 200),
        ("application/json; charset=utf-16", 415),
        ("multipart/form-data", 415),
        ("text/html", 415),
    ],
)
async def test_what_it_may_be_written_in(desk, kind, status):
    answered, said = await desk.post(FERRY, kind=kind)
    assert answered == status
    assert status == 200 or said == {
        "error": "expected application/json or application/x-ndjson, in UTF-8, plain or gzip"
    }


# Who may


@pytest.mark.parametrize(
    "header",
    [None, "", KEY, f"Basic {KEY}", "Bearer", "Bearer ", f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", "Bearer \xff"],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/articles"), ("PATCH", "/articles/a/b"), ("DELETE", "/articles/a/b")]
)
async def test_who_does_not_know_the_key_is_told_what_to_say(desk, header, method, path):
    headers = {} if header is None else {"Authorization": header}
    async with desk.client.request(method, path, json=FERRY, headers=headers) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="newscrier"'
        assert await response.json() == {"error": "say the key: Authorization: Bearer KEY"}
    assert await desk.found() == []


async def test_bearer_is_read_in_any_case(desk):
    async with desk.client.post("/articles", json=FERRY, headers={"Authorization": f"bearer  {KEY} "}) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/articles", (405, "this address does not take this method", "POST")),
        ("POST", "/articles/a/b", (405, "this address does not take this method", "DELETE,PATCH")),
        ("GET", "/nothing", (404, "there is nothing at this address", None)),
        ("POST", "/articles/", (404, "there is nothing at this address", None)),
    ],
)
async def test_wrong_addresses_and_methods(desk, method, path, answer):
    status, said, headers = await desk.ask(method, path, {})
    assert (status, said["error"], headers.get("Allow")) == answer


async def test_no_room_and_no_store_mean_later(desk):
    [one] = await desk.take(FERRY)
    desk.has_room = False
    for method, path in (("POST", "/articles"), ("PATCH", one["path"])):
        status, said, headers = await desk.ask(method, path, {"title": "x"})
        assert (status, headers["Retry-After"]) == (503, "5")
        assert said == {"error": "the disk is nearly full: nothing is taken in until there is room"}
    assert (await desk.ask("DELETE", one["path"]))[0] == 200
    desk.has_room = True
    await desk.store.close()
    for method, path in (("POST", "/articles"), ("PATCH", one["path"]), ("DELETE", one["path"])):
        status, said, headers = await desk.ask(method, path, {**FERRY} if method == "POST" else {})
        assert (status, headers["Retry-After"], said) == (503, "5", {"error": "the store cannot be used now"})


# Corrections and withdrawals


@pytest.mark.parametrize(
    "id_",
    ["42", "a/b", "a//b", "../a", ".", "%", "%2F", "a?b#c", "ֆ ու", "🦊", "a:b", "+", "a&b=c", "x" * 600, "\\", "{a}"],
)
async def test_any_id_has_an_address(desk, id_):
    [one] = await desk.take({**FERRY, "id": id_})
    for path in {one["path"], f"/articles/the-bell/id:{quote(id_, safe='')}"}:
        status, said, _ = await desk.ask("PATCH", path, {"title": f"Corrected {len(path)}"})
        assert (status, said["status"], said["key"], said["id"]) == (200, "changed", one["key"], 1)
    assert (await desk.ask("DELETE", one["path"]))[1] == {
        "status": "withdrawn",
        **{name: one[name] for name in ("source", "key", "path", "id")},
    }


async def test_links_and_titles_have_addresses_too(desk):
    link, bare = await desk.take(
        [{"title": "a", "link": "https://b.example/a?b=c"}, {"title": "b"}], path="/articles?source=b"
    )
    named = f"/articles/b/link:{quote('https://B.example/a?utm_source=y&b=c#d', safe='')}"
    for path in (link["path"], named):
        assert (await desk.ask("DELETE", path))[1]["id"] == link["id"]
    assert (await desk.ask("DELETE", bare["path"]))[1]["id"] == bare["id"]


async def test_a_correction_changes_what_it_says_alone(desk):
    [one] = await desk.take(
        {**FERRY, "body": "It sails.", "topics": "sport", "language": "hy", "published": "2025-07-15"}
    )
    correction = {"title": "The ferry sails", "topics": ["news"], "summary": None}
    for status in ("changed", "known"):
        answer = await desk.ask("PATCH", one["path"], correction)
        assert (answer[0], answer[1]["status"]) == (200, status)
    article = await desk.store.articles.get(one["id"])
    assert (article.title, article.body, article.topics) == ("The ferry sails", "It sails.", ("news",))
    assert (article.language, article.date_only) == ("hy", True)
    assert "no correction" in answer[1]["reason"]


@pytest.mark.parametrize(
    ("correction", "reason"),
    [
        ({"titel": "x"}, "'titel' cannot be corrected"),
        ({"title": "x", "published": "2025-07-16", "id": "1"}, "'published' cannot be corrected"),
        ({"\ud800": 1}, r"'\\ud800' cannot be corrected"),
        ({"x" * 1000: 1}, "'x{60}'... cannot be corrected"),
        ({"title": ""}, "title: there is nothing to see in the title"),
        ({"publish_at": "2030-01-01"}, "publish_at: it is published already"),
        ([], "expected an object.*"),
        (b"{", "not JSON: .*"),
    ],
)
async def test_what_cannot_be_corrected(desk, correction, reason):
    [one] = await desk.take(FERRY)
    status, said, _ = await desk.ask("PATCH", one["path"], correction)
    assert status == 400
    assert re.fullmatch(reason, said["error"]), said


async def test_what_is_not_there_is_neither_corrected_nor_withdrawn(desk):
    await desk.take(FERRY)
    for path in (
        "/articles/the-bell/id:43",
        "/articles/nobody/id:42",
        "/articles/the-bell/42",
        "/articles/the-bell/id:",
    ):
        for method in ("PATCH", "DELETE"):
            status, said, _ = await desk.ask(method, path, {"title": "x"})
            assert (status, said) == (404, {"error": "there is no such article"})


async def test_what_is_withdrawn_stays_so_until_there_is_something_new(desk):
    [one] = await desk.take(FERRY)
    for _ in range(2):
        assert (await desk.ask("DELETE", one["path"]))[0] == 200
    with pytest.raises(NotFound):
        await desk.store.articles.get(1)
    [again] = await desk.take(FERRY)
    assert (again["status"], again["reason"][:15]) == ("known", "it is withdrawn")
    status, said, _ = await desk.ask("PATCH", one["path"], {"title": "x"})
    assert (status, said["error"]) == (400, "it is withdrawn: only a new version, posted, brings it back")
    assert (await desk.take({**FERRY, "title": "It is back"}))[0]["status"] == "changed"
    assert await desk.found() == ["It is back"]


# Embargoes


async def test_what_is_held_is_neither_found_nor_announced_before_its_time(desk):
    [one] = await desk.take({**FERRY, "publish_at": "2025-07-16 16:10"})  # in Yerevan
    assert (one["status"], one["publish_at"], "id" in one) == ("held", "2025-07-16T12:10:00+00:00", False)
    desk.now = NOON + 10 * MINUTE - timedelta(microseconds=1)
    await desk.posting.release()
    assert await desk.found() == []
    assert not await desk.store.changed(Change.ARTICLES, 0)
    desk.now = NOON + 10 * MINUTE
    await desk.posting.release()
    article = await desk.store.articles.get(1)
    assert (article.published, article.source.title, article.key) == (desk.now, "The Bell", one["key"])
    assert await desk.store.changed(Change.ARTICLES, 0)
    assert await desk.store.embargoes.next() is None


async def test_an_old_article_of_a_new_source_is_announced_when_it_was_held(desk):
    await desk.take({**FERRY, "publish_at": "2025-07-16T13:00Z", "published": "2020-01-01"})
    desk.now = NOON + 60 * MINUTE
    await desk.posting.release()
    assert (await desk.store.articles.get(1)).published.year == 2019  # in Yerevan it was the first of January
    assert await desk.store.changed(Change.ARTICLES, 0)


async def test_fractions_of_a_second_are_waited_for(desk):
    [whole, half] = await desk.take([{**FERRY, "id": at, "publish_at": f"2025-07-16T13:00:00.{at}Z"} for at in "05"])
    assert [whole["publish_at"][11:19], half["publish_at"][11:19]] == ["13:00:00", "13:00:01"]


async def test_a_past_moment_is_now(desk):
    [one] = await desk.take({**FERRY, "publish_at": "2025-07-16T11:00Z"})
    assert one["status"] == "new"
    assert (await desk.store.articles.get(1)).published == NOON - 60 * MINUTE


async def test_killed_before_it_is_lifted_it_is_published_once(desk):
    await desk.take({**FERRY, "publish_at": "2025-07-16T13:00Z"})
    desk.now = NOON + 60 * MINUTE
    [held] = await desk.store.embargoes.over(now=desk.now, limit=9)
    # As far as a release that was killed came.
    await desk.store.articles.add([held.article], arrived=desk.now)
    desk.now += MINUTE
    await desk.posting.release()
    assert (await desk.store.articles.get(1)).revision == 1
    assert await desk.store.embargoes.next() is None
    assert 'newscrier_articles_total{became="known",way="embargo"} 1.0' in desk.metrics.text().decode()


async def test_what_is_said_last_of_what_is_held_counts(desk):
    later = {**FERRY, "publish_at": "2025-07-16T13:00Z"}
    await desk.take(later)
    [one] = await desk.take({**later, "publish_at": "2025-07-16T15:00Z", "title": "Later"})
    assert (one["status"], await desk.store.embargoes.next()) == ("held", NOON + 180 * MINUTE)
    [one] = await desk.take({**FERRY, "title": "Now"})
    assert (one["status"], await desk.store.embargoes.next(), await desk.found()) == ("new", None, ["Now"])
    # Of one call, too.
    one, other = await desk.take([{**later, "title": "Old"}, {**FERRY, "title": "Again"}])
    assert (one["status"], other["status"], await desk.store.embargoes.next()) == ("held", "changed", None)
    await desk.take([{**FERRY, "title": "Once more"}, {**later, "title": "At last"}])
    assert (await desk.found(), await desk.store.embargoes.next()) == (["Once more"], NOON + 60 * MINUTE)


async def test_what_is_due_does_not_wait_for_a_large_call(desk):
    await desk.take({**FERRY, "publish_at": "2025-07-16T12:01Z"})
    many = read_articles(
        json.dumps([{"source": "Sky", "title": f"Star {n}"} for n in range(1_000)]).encode(), lines=False
    )
    taking = asyncio.create_task(desk.posting.take(many))
    while not await desk.found():
        pass
    desk.now += 2 * MINUTE
    await desk.posting.release()
    assert not taking.done()
    assert await desk.found("ferry") == ["The ferry is back"]
    assert {one.became.value for one in await taking} == {"new"}


async def test_what_is_held_is_corrected_and_put_off(desk):
    [one] = await desk.take({**FERRY, "publish_at": "2025-07-16T13:00Z", "body": "It sails."})
    for _ in range(2):
        correction = {"title": "The ferry sails", "publish_at": "2025-07-16T14:00Z"}
        status, said, _ = await desk.ask("PATCH", one["path"], correction)
        assert (status, said["status"], said["publish_at"]) == (200, "held", "2025-07-16T14:00:00+00:00")
    held = await desk.store.embargoes.get("the-bell", "id:42")
    assert (held.article.title, held.article.body) == ("The ferry sails", "It sails.")
    assert held.article.published == held.until == NOON + 120 * MINUTE
    # A moment that is past publishes it.
    status, said, _ = await desk.ask("PATCH", one["path"], {"publish_at": "2025-07-16T10:00Z"})
    assert (status, said["status"], said["id"]) == (200, "new", 1)
    assert (await desk.found(), await desk.store.embargoes.next()) == (["The ferry sails"], None)


async def test_what_is_held_and_withdrawn_is_never_published(desk):
    [one] = await desk.take({**FERRY, "publish_at": "2025-07-16T13:00Z"})
    assert (await desk.ask("DELETE", one["path"]))[1]["status"] == "withdrawn"
    assert (await desk.ask("DELETE", one["path"]))[0] == 404
    desk.now = NOON + 120 * MINUTE
    await desk.posting.release()
    assert await desk.found() == []


async def test_what_is_held_is_released_by_itself_once_there_is_room(desk):
    looked = asyncio.Event()

    def has_room():
        looked.set()
        return desk.has_room

    await desk.take({**FERRY, "publish_at": "2025-07-16T13:00Z"})
    desk.now, desk.has_room = NOON + 60 * MINUTE, False
    releasing = asyncio.create_task(
        keep_released(desk.store, desk.posting.release, lambda: desk.now, has_room=has_room)
    )
    try:
        await looked.wait()
        assert await desk.found() == []
        desk.has_room = True
        # What is held anew is a reason to look at once.
        await desk.take({**FERRY, "id": "43", "publish_at": "2025-07-16T15:00Z"})
        async with asyncio.timeout(20):
            while await desk.found() != ["The ferry is back"]:
                await desk.store.changed(Change.ARTICLES, 1)
    finally:
        releasing.cancel()
        await asyncio.wait([releasing])


# Previews


async def test_a_preview_is_shown_and_nothing_is_stored(desk):
    desk.refused_chats[7] = "the chat cannot be written to: blocked"
    status, said = await desk.post([{**FERRY, "body": "It sails.", "preview_to": chat} for chat in (42, -1001, "7")])
    assert status == 400
    assert [one["status"] for one in said["articles"]] == ["previewed", "previewed", "refused"]
    assert said["articles"][2]["reason"] == desk.refused_chats[7]
    assert [chat for chat, _ in desk.chats] == [42, -1001, 7]
    article = desk.chats[0][1]
    assert (article.title, article.body, article.source.title) == ("The ferry is back", "It sails.", "The Bell")
    assert (await desk.found(), await desk.store.sources.all()) == ([], [])
    assert await desk.store.embargoes.next() is None


async def test_a_whole_call_is_shown(desk):
    status, said = await desk.post([FERRY] * (MOST_PREVIEWS + 1), "/articles?preview_to=42")
    assert (status, said["counts"]) == (400, {"previewed": MOST_PREVIEWS, "refused": 1})
    assert said["articles"][-1]["reason"] == f"at most {MOST_PREVIEWS} are shown in one call"
    assert (await desk.post(FERRY, "/articles?preview_to=Ada"))[1]["error"].startswith(
        "preview_to: expected a chat's id"
    )


# Monitoring and the pages


async def test_whether_it_is_well(desk):
    assert (await desk.ask("GET", "/healthz", key=""))[:2] == (200, {"alive": True})
    assert (await desk.ask("GET", "/readyz", key=""))[:2] == (200, {"ready": True, "store": True, "telegram": True})
    desk.introduced = False
    assert (await desk.ask("GET", "/readyz"))[:2] == (503, {"ready": False, "store": True, "telegram": False})
    await desk.store.close()
    assert (await desk.ask("GET", "/readyz"))[:2] == (503, {"ready": False, "store": False, "telegram": False})
    assert (await desk.ask("GET", "/healthz"))[0] == 200


async def test_what_monitoring_reads(desk):
    for number in (41, 42):
        desk.metrics.watch("answers", "What is asked for at the moment.", lambda number=number: number)
    await desk.post([FERRY, FERRY, {}])
    await desk.ask("DELETE", "/articles/no/thing")
    await desk.ask("PROPFIND", "/any")
    async with desk.client.get("/metrics") as response:
        assert response.headers["Content-Type"] == CONTENT_TYPE
        lines = (await response.text()).splitlines()
    assert 'newscrier_articles_total{became="new",way="post"} 1.0' in lines
    assert 'newscrier_articles_total{became="refused",way="post"} 1.0' in lines
    assert 'newscrier_requests_total{method="POST",route="/articles",status="400"} 1.0' in lines
    assert 'newscrier_requests_total{method="DELETE",route="/articles/{source}/{key}",status="404"} 1.0' in lines
    assert 'newscrier_requests_total{method="other",route="",status="404"} 1.0' in lines
    assert "newscrier_answers 42.0" in lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)


async def test_the_pages_explain_what_there_is(desk):
    status, said, _ = await desk.ask("GET", "/openapi.json", key="")
    assert (status, said["openapi"], said["info"]["version"]) == (200, "3.1.0", "1.2.3")
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(said)))
    assert named == said["components"]["schemas"].keys()
    routes = {(method, path) for path, methods in said["paths"].items() for method in methods if method != "parameters"}
    ours = {
        (route.method.lower(), route.resource.canonical)
        for route in desk.client.app.router.routes()
        if route.resource.canonical.startswith("/articles")
    }
    assert routes == ours
    async with desk.client.get("/") as response:
        text = await response.text()
        assert response.content_type == "text/html"
    assert text == page(said)
    for name in (*SHAPES["Posted"]["properties"], *SHAPES["Outcome"]["properties"]["status"]["enum"]):
        assert name in text
    assert not re.search(r"<script|<link|src=|https?://(?!127\.0\.0\.1)", text)


@pytest.mark.parametrize("where", ["README", "page"])
async def test_the_commands_that_are_shown_work(desk, where):
    text = README if where == "README" else html.unescape(page(describe("1")))
    shown = re.findall(r"^(?:<pre>)?(curl (?:.|\n)*?)(?:\n```|</pre>)$", text, re.MULTILINE)
    commands = [shlex.split(command.replace("\\\n", "").replace("$NEWSCRIER_INTAKE_KEY", KEY)) for command in shown]
    assert [len(command) for command in commands] == ([6] if where == "README" else [6, 8, 6])
    for command in commands:
        options = dict(zip(command[4::2], command[5::2], strict=True))
        path = command[3].removeprefix("http://127.0.0.1:8080")
        async with desk.client.request(
            options.get("-X", "POST"),
            yarl.URL(path, encoded=True),
            data=options.get("-d"),
            headers=[command[2].split(": "), ("Content-Type", "application/x-www-form-urlencoded")],
        ) as response:
            assert response.status == 200, await response.text()


async def test_the_key_is_in_no_log(desk, caplog):
    caplog.set_level(logging.DEBUG)
    await desk.post(FERRY)
    await desk.ask("GET", "/nothing", headers={"Authorization": "Bearer wrong-key-0123456789"})
    desk.refused_chats = None  # a fault of ours
    status, said, _ = await desk.ask("POST", "/articles", {**FERRY, "preview_to": 1})
    assert (status, said) == (500, {"error": "something is wrong here: the log says what"})
    assert "a request has failed" in caplog.text
    assert KEY not in caplog.text
    assert "wrong-key" not in caplog.text


# Anything


TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # halves of characters, too
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
MOMENTS = st.sampled_from(["2025-07-16", "2025-07-16T13:00Z", "16.07.2030 10:00", "soon"])
LIKELY = {
    "title": st.text(max_size=30),
    "source": st.sampled_from(["Bell", "bell", "Other", ""]),
    "id": st.text(max_size=4) | st.integers(0, 3),
    "publish_at": MOMENTS,
    "published": MOMENTS,
    "preview_to": st.integers(-5, 5),
}
FIELDS = [*SHAPES["Posted"]["properties"], "text", "url", "nothing"]
ANYTHING_OF = st.fixed_dictionaries({}, optional={name: LIKELY.get(name, JSON) | JSON for name in FIELDS})
GOOD = st.fixed_dictionaries(
    {"title": st.text(min_size=1, max_size=9), "source": st.just("Bell")},
    optional={"id": LIKELY["id"], "publish_at": MOMENTS},
)
BODIES = JSON | ANYTHING_OF | st.lists(ANYTHING_OF | GOOD, max_size=4) | GOOD


async def answers_as_documented(desk, body):
    status, said = await desk.post(body)
    assert status in ((200, 400) if "articles" in said else (400,)), said
    for one in said.get("articles", []):
        if "path" in one:
            status, again, _ = await desk.ask("PATCH", one["path"], {"body": "More."})
            assert (status, again["key"]) == (200, one["key"])
            assert_fits(again, {"$ref": "Outcome"})
            status, again, _ = await desk.ask("PATCH", one["path"], body)
            assert_fits(again, {"$ref": "Outcome" if status == 200 else "Error"})
            assert status in {200, 400}


def test_any_json_is_answered_as_documented(tmp_path):
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        desk = runner.run(stack.enter_async_context(opened(tmp_path)))

        @settings(max_examples=150)
        @given(BODIES)
        def check(body):
            runner.run(answers_as_documented(desk, body))

        try:
            check()
        finally:
            runner.run(stack.aclose())


async def in_parts():
    yield b"a"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (lambda: bytes(LONG + 1), {}),
        (in_parts, {}),
        (lambda: gzip.compress(b"a"), {"Content-Encoding": "gzip"}),
    ],
    ids=["long", "of a length that nobody says", "packed"],
)
async def test_few_long_bodies_are_in_memory_at_once_and_short_ones_wait_for_none(body, headers):
    goes_on, came, inside, most = asyncio.Event(), asyncio.Queue(), 0, 0

    async def hold(request):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        came.put_nowait(None)
        await goes_on.wait()
        await request.read()
        inside -= 1
        return web.Response()

    async def short(request):
        return web.Response(text=await request.text())

    app = make_app([web.post("/long", hold), web.post("/short", short)])
    async with TestClient(TestServer(app)) as client:

        async def post():
            async with client.post("/long", data=body(), headers=headers) as response:
                return response.status

        posts = [asyncio.create_task(post()) for _ in range(LONG_AT_ONCE + 2)]
        for _ in range(LONG_AT_ONCE):
            await came.get()
        async with client.post("/short", data=b"news") as response:
            assert await response.text() == "news"
        goes_on.set()
        assert await asyncio.gather(*posts) == [200] * len(posts)
    assert most == LONG_AT_ONCE


async def test_what_was_read_is_not_kept_with_its_connection():
    together, body = asyncio.Barrier(3), bytes(5_000_000)

    async def read(request):
        await together.wait()  # so that each comes by a connection of its own
        return web.Response(text=str(len(await body_of(request))))

    async with TestClient(TestServer(make_app([web.post("/", read)]))) as client:

        async def post():
            async with client.post("/", data=io.BytesIO(body)) as response:
                return await response.text()

        tracemalloc.start()
        try:
            assert await asyncio.gather(*[post() for _ in range(3)]) == ["5000000"] * 3
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert kept < len(body)
