"""Fetching, from sites on this machine that behave as each test says: kindly, carelessly or with malice."""

import asyncio
import errno
import gzip
import logging
import re
import socket
import ssl
import threading
import traceback
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import aiohttp
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from bot.intake.fetching.fetch import (
    AddressRefusedError,
    CrowdedError,
    Fetched,
    Fetcher,
    FetchError,
    Limits,
    _Answer,
    _Request,
    _target,
    _Trail,
    user_agent,
)
from bot.intake.parsing.addresses import AddressError, Allowed, Login

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HERE = "127.0.0.1"
HOUR = timedelta(hours=1)
ZEROS = bytes(10**7)


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def host(self):
        return self.headers["host"].rpartition(":")[0]


class Site:
    """Whatever answers at 127.0.0.1 on one port. `pages` are answers by path, or functions (asked, writer)."""

    def __init__(self, pages):
        self.pages = pages
        self.asked = []
        self.connections = set()
        self.closed = asyncio.Event()

    async def serve(self, reader, writer):
        self.connections.add(asyncio.current_task())
        try:
            with suppress(EOFError, asyncio.LimitOverrunError, ConnectionError, asyncio.CancelledError):
                while await self._answer(reader, writer):
                    pass
        finally:
            writer.close()
            self.closed.set()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, reader, writer):
        """Answer one request; whether another may follow."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *fields = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
        method, target, _ = line.split()
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.asked.append(Asked(method, target, headers, body))
        page = self.pages.get(target.partition("?")[0], answer(404))
        if callable(page):
            await page(self.asked[-1], writer)
            return False
        writer.write(page)
        await writer.drain()
        return True

    async def close(self):
        """Hang up on everybody."""
        for connection in self.connections:
            connection.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)


def answer(status=200, body=b"", **headers):
    """A whole answer; Content_Type becomes Content-Type."""
    fields = {"Content-Length": len(body), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body


def redirect(status, location):
    return answer(status, Location=location)


def unfinished(data):
    """The page that writes this and hangs up."""

    async def page(_asked, writer):
        writer.write(data)
        await writer.drain()

    return page


def stalling(data=b""):
    """The page that writes this, and nothing else ever."""

    async def page(_asked, writer):
        writer.write(data)
        await writer.drain()
        await asyncio.Event().wait()

    return page


def endless(head, more):
    """The page that never stops writing."""

    async def page(_asked, writer):
        writer.write(head)
        while True:
            writer.write(more)
            await writer.drain()

    return page


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


CHUNKED = b'HTTP/1.1 200 X\r\nETag: "1"\r\nTransfer-Encoding: chunked\r\n\r\n'
LONG = b'HTTP/1.1 200 X\r\nETag: "1"\r\nLast-Modified: then\r\nContent-Length: 1000\r\n\r\n'

# Long enough for what is sent to arrive; what is not sent is waited for so long.
SOON = 0.5
# Where the names are that tests know.
NAMES = {
    "news.example": [HERE],
    "other.example": [HERE],
    "inside.example": ["10.0.0.1"],
    "both.example": ["10.0.0.1", "::1", HERE, "fe80::1%eth0"],
    "metadata.example": ["169.254.169.254", "fd00:ec2::254"],
    "nowhere.example": [],
}


def looked_up(host):
    if host == "later.example":
        raise socket.gaierror(socket.EAI_AGAIN, "try again")
    if host not in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")
    return NAMES[host]


@asynccontextmanager
async def serving(pages, *, allow=HERE, lookup=looked_up, **limits):
    """A site and a fetcher; `url` makes an address of it."""
    site = Site(pages)
    listener = await asyncio.start_server(site.serve, HERE, 0)
    port = listener.sockets[0].getsockname()[1]
    site.url = lambda path="/", host="news.example": f"http://{host}:{port}{path}"
    fetcher = Fetcher(
        Allowed.parse(allow), user_agent("news@example.org"), lambda: NOW, limits=Limits(**limits), lookup=lookup
    )
    try:
        yield site, fetcher
    finally:
        await fetcher.close()
        listener.close()
        await site.close()


async def test_a_feed_is_fetched():
    page = answer(200, b"<rss/>", Content_Type="application/rss+xml; charset=utf-8", ETag='W/"1"', Last_Modified="then")
    async with serving({"/feed": page}) as (site, fetcher):
        assert await fetcher.get(site.url("/feed?a=1#top")) == Fetched(
            status=200,
            url=site.url("/feed?a=1"),
            body=b"<rss/>",
            content_type="application/rss+xml; charset=utf-8",
            etag='W/"1"',
            modified="then",
        )
    [asked] = site.asked
    assert (asked.method, asked.target) == ("GET", "/feed?a=1")
    assert re.fullmatch(r"Newscrier/\d+\.\d+\.\d+ \(\+news@example\.org\)", asked.headers["user-agent"])
    assert asked.headers["accept-encoding"] == "gzip, deflate"
    assert "application/rss+xml" in asked.headers["accept"]
    assert not asked.headers.keys() & {"if-none-match", "if-modified-since", "authorization", "cookie", "connection"}


def test_who_gives_no_contact_gives_the_name_alone():
    assert re.fullmatch(r"Newscrier/\d+\.\d+\.\d+", user_agent(""))


async def test_what_was_said_the_last_time_is_given_word_for_word():
    async with serving({"/": answer(304), "/new": answer(304, ETag='"2"')}) as (site, fetcher):
        same = await fetcher.get(site.url(), etag='W/"1"', modified="Thu, 1 Jan 1970 00:00:00 UTC", accept="text/html")
        assert (same.status, same.body, same.cut) == (304, b"", False)
        assert (same.etag, same.modified) == ('W/"1"', "Thu, 1 Jan 1970 00:00:00 UTC")
        assert (await fetcher.get(site.url("/new"), etag='"1"')).etag == '"2"'
    headers = site.asked[0].headers
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('W/"1"', "Thu, 1 Jan 1970 00:00:00 UTC")
    assert headers["accept"] == "text/html"


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 429, 500, 503, 599])
async def test_a_status_is_a_value(status):
    async with serving({"/": answer(status, ETag='"1"')}) as (site, fetcher):
        assert (await fetcher.get(site.url())).status == status


async def test_what_headers_say_about_asking_again():
    pages = {
        "/": answer(
            200, b"x", Cache_Control="max-age=300", Age="100", Expires="0", Link='</hub>; rel="hub", <//[bad>; rel=self'
        ),
        "/busy": answer(429, Retry_After="120"),
        "/closed": answer(503, Retry_After="Thu, 26 Nov 2026 13:00:00 GMT"),
        "/old": answer(200, Expires="Thu, 26 Nov 2026 13:00:00 GMT", Link="<https://news.example/feed>; rel=self"),
    }
    async with serving(pages) as (site, fetcher):
        fresh = await fetcher.get(site.url())
        assert (fresh.max_age, fresh.retry_after) == (timedelta(seconds=200), None)
        assert (fresh.hub, fresh.topic) == (site.url("/hub"), "")
        assert (await fetcher.get(site.url("/busy"))).retry_after == timedelta(minutes=2)
        assert (await fetcher.get(site.url("/closed"))).retry_after == HOUR
        old = await fetcher.get(site.url("/old"))
        assert (old.max_age, old.topic) == (HOUR, "https://news.example/feed")


MOVES = [  # the redirects of /0, /1 ...; which page is to be asked from now on
    ([301], "/1"),
    ([308], "/1"),
    ([302], ""),
    ([303], ""),
    ([307], ""),
    ([301, 308, 301], "/3"),
    ([301, 302], "/1"),
    ([302, 301], ""),
    ([301, 307, 301], "/1"),
    ([301] * 5, "/5"),
]


@pytest.mark.parametrize(("statuses", "moved"), MOVES)
async def test_redirects_are_followed_and_the_permanent_ones_told(statuses, moved):
    pages = {f"/{number}": redirect(status, f"/{number + 1}") for number, status in enumerate(statuses)}
    last = f"/{len(statuses)}"
    async with serving(pages | {last: answer(200, b"news")}) as (site, fetcher):
        got = await fetcher.get(site.url("/0"))
        assert (got.status, got.body, got.url) == (200, b"news", site.url(last))
        assert got.moved_to == (moved and site.url(moved))


async def test_redirects_end():
    pages = {f"/{number}": redirect(302, f"/{number + 1}") for number in range(10)}
    pages |= {"/a": redirect(301, "/b"), "/b": redirect(301, "a"), "/self": redirect(302, "#here")}
    async with serving(pages) as (site, fetcher):
        with pytest.raises(FetchError, match="redirects more than 5 times"):
            await fetcher.get(site.url("/0"))
        assert len(site.asked) == 6
        for circle in ("/a", "/self"):
            with pytest.raises(FetchError, match="redirects in a circle"):
                await fetcher.get(site.url(circle))


async def test_who_is_redirected_to_a_host_where_others_wait_may_have_little_patience():
    goes_on, begun = asyncio.Event(), asyncio.Event()

    async def slow(_asked, writer):
        begun.set()
        await goes_on.wait()
        writer.write(answer(200, b"news"))
        await writer.drain()

    async with serving({"/slow": slow, "/here": redirect(302, "/more"), "/more": answer(200)}, each_host=1) as (
        site,
        fetcher,
    ):
        there = site.url("/slow", "other.example")
        site.pages["/away"] = redirect(302, there)
        first = asyncio.create_task(fetcher.get(there))
        await begun.wait()
        with pytest.raises(CrowdedError, match=r"^it redirects to other\.example, where all places are taken$"):
            await fetcher.get(site.url("/away"), patience=0.01)
        assert (await fetcher.get(site.url("/here"), patience=0.0)).status == 200  # it stays where it was
        patient = asyncio.create_task(fetcher.get(site.url("/away")))
        goes_on.set()
        assert [got.body for got in await asyncio.gather(first, patient)] == [b"news"] * 2
        assert (await fetcher.get(site.url("/away"), patience=0.01)).status == 200


async def test_a_redirect_to_nowhere_is_its_status():
    async with serving({"/": answer(301), "/choose": redirect(300, "/")}) as (site, fetcher):
        assert (await fetcher.get(site.url())).status == 301
        assert (await fetcher.get(site.url("/choose"))).status == 300


ADA = Login("ada", "secret")
TRAILS = [  # from https://a.example/: status and target of each redirect; whether ada signs in there; where it moved
    ([(301, "https://a.example/b")], ADA, "https://ada:secret@a.example/b"),
    ([(302, "https://a.example/b")], ADA, ""),
    ([(301, "https://a.example:8443/b")], None, "https://a.example:8443/b"),
    ([(301, "https://www.a.example/")], None, "https://www.a.example/"),
    ([(301, "https://www.a.example/"), (301, "https://a.example/b")], None, "https://a.example/b"),
    # Without TLS it is followed, and neither signed in to nor remembered.
    ([(301, "http://a.example/")], None, ""),
    ([(301, "https://a.example/b"), (301, "http://a.example/b")], None, "https://ada:secret@a.example/b"),
    ([(301, "http://a.example/"), (301, "https://a.example/b")], None, ""),
]


@pytest.mark.parametrize(("redirects", "login", "moved"), TRAILS)
def test_who_is_asked_next_and_as_whom(redirects, login, moved):
    trail = _Trail(URL("https://a.example/"), ADA)
    for status, target in redirects:
        trail.follow(status, URL(target))
    assert (str(trail.url), trail.login, trail.moved_to) == (redirects[-1][1], login, moved)


def test_what_was_sent_under_tls_is_not_sent_on_without():
    answered = _Answer(URL("https://a.example/"), 307, CIMultiDictProxy(CIMultiDict(Location="http://a.example/b")))
    with pytest.raises(AddressError, match="what is sent under TLS stays under it"):
        _target(answered, _Request("POST", {}, 1, {"a": "b"}))
    assert _target(answered, _Request("GET", {}, 1)) == URL("http://a.example/b")


REFUSED = [  # addresses, PORT being one at which all would be answered
    ("http://127.0.0.2:PORT/", "127.0.0.2 is not on the public internet"),
    ("http://[::1]:PORT/", "::1 is not on the public internet"),
    ("http://[::ffff:127.0.0.2]:PORT/", "is not on the public internet"),
    ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is not on the public internet"),
    ("http://127.2:PORT/", "no host that could be asked"),
    ("http://2130706434:PORT/", "no host that could be asked"),
    ("http://0x7f.0.0.2:PORT/", "no host that could be asked"),
    ("http://inside.example:PORT/", "inside.example is at 10.0.0.1, which is not on the public internet"),
    ("http://metadata.example/", "metadata.example is at 169.254.169.254, which"),
    ("http://nowhere.example/", "nowhere.example is not on the public internet"),
    ("file:///etc/passwd", "only http and https"),
    ("ftp://127.0.0.1/", "only http and https"),
    ("gopher://127.0.0.1:PORT/", "only http and https"),
    ("http://127.0.0.1:22/", "port 22 is not the web's"),
]


@pytest.mark.parametrize(("address", "why"), REFUSED)
async def test_what_is_not_public_is_refused_wherever_it_stands(address, why):
    async with serving({}) as (site, fetcher):
        port = site.url().rpartition(":")[2].strip("/")
        second = await asyncio.start_server(site.serve, "127.0.0.2", int(port))
        target = address.replace("PORT", port)
        site.pages |= {"/moved": redirect(301, target), "/sent": redirect(307, target)}
        async with second:
            for refused in (
                fetcher.get(target),
                fetcher.get(site.url("/moved")),
                fetcher.post(site.url("/sent"), {"a": "b"}),
            ):
                with pytest.raises(AddressRefusedError, match=why):
                    await refused
    assert {asked.target for asked in site.asked} == {"/moved", "/sent"}


async def test_of_two_addresses_only_the_public_one_is_connected_to():
    async with serving({"/": answer(200, b"news")}) as (site, fetcher):
        assert (await fetcher.get(site.url("/", "both.example"))).body == b"news"


async def test_an_admitted_name_may_be_anywhere_and_no_other_name_there():
    async with serving({"/": answer(200, b"news")}, allow="news.example") as (site, fetcher):
        assert (await fetcher.get(site.url())).body == b"news"
        with pytest.raises(AddressRefusedError):
            await fetcher.get(site.url("/", "other.example"))
        with pytest.raises(AddressRefusedError):
            await fetcher.get(site.url("/", HERE))


async def test_a_name_that_moves_inside_is_refused_there():
    where = [HERE]
    async with serving({"/": answer(200, b"news")}, lookup=lambda _: where) as (site, fetcher):
        assert (await fetcher.get(site.url())).body == b"news"
        where[:] = ["10.0.0.1"]
        with pytest.raises(AddressRefusedError, match=r"news\.example is at 10\.0\.0\.1"):
            await fetcher.get("http://news.example:81/")


async def test_a_name_is_looked_up_once_in_a_while():
    names = []

    def lookup(host):
        names.append(host)
        return [HERE]

    async with serving({"/": answer(200, b"news")}, lookup=lookup) as (site, fetcher):
        await asyncio.gather(*[fetcher.get(site.url()) for _ in range(5)])
        await fetcher.get(site.url())
    assert names == ["news.example"]


async def test_nothing_is_connected_to_but_through_the_gate():
    async with serving({}) as (_, fetcher):
        for address in ("10.0.0.1", "::1"):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with pytest.raises(AddressError):
                fetcher._gate.socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 80)))
        connector = fetcher._opened(is_kept=True).connector
        assert (connector._resolver, connector._socket_factory) == (fetcher._gate, fetcher._gate.socket)


async def test_credentials_go_where_they_belong_and_nowhere_else():
    async with serving({}) as (site, fetcher):
        site.pages |= {
            "/0": redirect(301, "/1"),
            "/1": redirect(301, site.url("/2", "other.example")),
            "/2": redirect(301, site.url("/3").replace("//", "//mallory:theirs@")),
            "/3": answer(200, b"news"),
            "/here": redirect(308, "/3"),
        }
        got = await fetcher.get(site.url("/0").replace("//", "//ada:s%C3%A9cret@"))
        assert [asked.headers.get("authorization") for asked in site.asked] == [
            *["Basic YWRhOnPDqWNyZXQ="] * 2,  # ada:sécret
            *[None] * 2,
        ]
        assert (got.url, got.moved_to) == (site.url("/3"), site.url("/3"))
        got = await fetcher.get(site.url("/here").replace("//", "//ada:secret@"))
        assert (got.url, got.moved_to) == (site.url("/3"), site.url("/3").replace("//", "//ada:secret@"))
        assert "secret" not in repr(got)


async def test_no_failure_shows_credentials(caplog):
    caplog.set_level(logging.DEBUG)
    pages = {
        "/closed": unfinished(b""),
        "/junk": unfinished(b"junk\r\n\r\n"),
        "/loop": redirect(302, "/loop"),
        "/br": answer(200, b"x", Content_Encoding="br"),
        "/inside": redirect(302, "http://10.0.0.1/?token=secret"),
        "/file": redirect(302, "file://ada:secret@example.org/"),
        "/bad": redirect(302, "http://ada:secret@[::1/?token=secret"),
        "/silent": stalling(),
    }
    async with serving(pages, total=SOON) as (site, fetcher):
        login = "//ada:secret@"
        urls = [site.url(path) for path in pages]
        urls += [
            "http://unknown.example/",
            "http://inside.example/",
            "http://10.0.0.1/",
            "ftp://a.example/",
            "http://[/",
        ]
        for url in urls:
            with pytest.raises(FetchError) as raised:
                await fetcher.get(f"{url.replace('//', login)}?token=secret")
            shown = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
            # The lines of this file are in the traceback, too.
            assert "secret" not in re.sub(r"(?m)^ {4}.*$", "", shown)
    assert "secret" not in caplog.text


BROKEN_OFF = [
    (unfinished(LONG + b"<rss>"), b"<rss>"),
    (unfinished(CHUNKED + chunk(b"<rss>") + b"ff\r\n<item>"), b"<rss><item>"),
    (stalling(LONG + b"<rss>"), b"<rss>"),
    (stalling(CHUNKED + chunk(b"<rss>")), b"<rss>"),
    (answer(200, gzip.compress(b"<rss>" * 10_000)[:80], Content_Encoding="gzip", ETag="1"), None),
]


@pytest.mark.parametrize(("page", "body"), BROKEN_OFF)
async def test_of_an_answer_that_breaks_off_what_came_is_read_and_nothing_remembered(page, body):
    async with serving({"/": page}, total=SOON) as (site, fetcher):
        got = await fetcher.get(site.url())
        assert (got.status, got.cut, got.etag, got.modified) == (200, True, "", "")
        assert got.body == body or (body is None and got.body.startswith(b"<rss><rss>"))


FAILURES = [
    (unfinished(b""), "closed the connection before it answered"),
    (unfinished(b"HTTP/1.1 200 X\r\nETag: 1"), "closed the connection before it answered"),
    (unfinished(b"junk\r\n\r\n"), "answered what is not HTTP"),
    (unfinished(b"SSH-2.0-x\r\n"), "answered what is not HTTP|closed the connection"),
    (unfinished(LONG), "broke off"),
    (stalling(), "did not answer within 0.5 s"),
    (stalling(b"HTTP/1.1 100 Continue\r\n\r\n"), "did not answer within 0.5 s"),
    (stalling(LONG), "did not answer within 0.5 s"),
    (answer(200, b"x", X="y" * 100_000), "answered what is not HTTP, or too much of it"),
    (endless(b"HTTP/1.1 200 X\r\n", b"X: y\r\n" * 1_000), "answered what is not HTTP, or too much of it"),
    (endless(b"HTTP/1.1 200 X\r\nX: ", b"y" * 10_000), "answered what is not HTTP, or too much of it"),
    (endless(b"", b"HTTP/1.1 103 X\r\n\r\n" * 1_000), "answered what is not HTTP, or too much of it"),
    (answer(200, b"x", Content_Encoding="br"), "packed in a way that was not asked for"),
    (answer(200, b"x", Content_Encoding="gzip, gzip"), "packed more than once"),
    (answer(200, b"\x1f\x8bnonsense", Content_Encoding="gzip"), "cannot be unpacked"),
]


@pytest.mark.parametrize(("page", "why"), FAILURES)
async def test_where_there_is_no_answer_the_reason_is_said(page, why):
    async with serving({"/": page}, total=SOON) as (site, fetcher):
        with pytest.raises(FetchError, match=why):
            await fetcher.get(site.url())


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://unknown.example/", "there is no host named unknown.example"),
        ("http://later.example/", "the name later.example cannot be looked up now"),
    ],
)
async def test_where_nothing_can_be_asked_the_reason_is_said(address, why):
    async with serving({"/": answer()}) as (site, fetcher):
        with pytest.raises(FetchError, match=why):
            await fetcher.get(address.replace("PORT", site.url().rpartition(":")[2].strip("/")))


async def test_where_there_is_no_tls_that_is_said():
    async def plain(_reader, writer):
        writer.write(answer())
        writer.close()

    async with await asyncio.start_server(plain, HERE, 0) as listener, serving({}) as (_, fetcher):
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(FetchError, match=r"news\.example and this machine found no common TLS"):
            await fetcher.get(f"https://news.example:{port}/")


def untrusted():
    error = ssl.SSLCertVerificationError("its words may be long")
    error.verify_message = "certificate has expired"
    return aiohttp.ClientConnectorCertificateError(None, error)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (untrusted(), "the TLS certificate of a.example is not valid: certificate has expired"),
        (aiohttp.ConnectionTimeoutError(), "a.example could not be reached within 10 s"),
        (
            OSError(errno.ECONNRESET, "http://ada:secret@a.example"),
            "a.example closed the connection before it answered",
        ),
        (
            aiohttp.ClientConnectorError(None, OSError(errno.EHOSTUNREACH, "http://ada:secret@a.example")),
            "a.example could not be connected to: no route to host",
        ),
        (
            aiohttp.ClientConnectorError(None, OSError("Multiple exceptions: ...")),
            "a.example could not be connected to: no way there",
        ),
    ],
)
async def test_what_cannot_be_made_to_happen_here_has_its_words(error, why):
    async with serving({}) as (_, fetcher):
        assert fetcher._reason(error, "a.example") == why


async def test_where_nobody_listens_that_is_said():
    async with serving({}) as (site, fetcher):
        pass
    with pytest.raises(FetchError, match=r"news\.example could not be connected to: connection refused"):
        await fetcher.get(site.url())
    await fetcher.close()


async def test_a_look_up_that_hangs_takes_no_longer_than_an_answer_may():
    hanging = threading.Event()

    def lookup(_host):
        hanging.wait()
        return []

    try:
        async with serving({}, lookup=lookup, total=0.05) as (site, fetcher):
            with pytest.raises(FetchError, match="did not answer within"):
                await fetcher.get(site.url())
    finally:
        hanging.set()


async def test_a_body_that_never_ends_is_read_to_the_limit():
    pages = {
        "/plain": endless(b"HTTP/1.1 200 X\r\nETag: 1\r\n\r\n", b"y" * 10_000),
        "/chunked": endless(CHUNKED, chunk(b"y" * 10_000)),
        "/large": answer(200, b"y" * 300_000, ETag="1"),
    }
    async with serving(pages) as (site, fetcher):
        for path in pages:
            site.closed.clear()
            got = await fetcher.get(site.url(path), limit=123_456)
            assert (got.body, got.cut) == (b"y" * 123_456, True)
            assert got.etag.strip('"') == "1"  # of what is longer than the limit no more is wanted
            await site.closed.wait()  # hung up on


@pytest.mark.parametrize("drop", [b"1\r\ny\r\n", b"1;%b\r\ny\r\n" % (b"x" * 100)])
async def test_who_sends_a_byte_at_a_time_is_not_heard_to_the_limit(drop):
    async with serving({"/": endless(CHUNKED, drop * 1_000)}) as (site, fetcher):
        got = await fetcher.get(site.url())
        assert got.cut
        assert 10_000 < len(got.body) < 30_000
        await site.closed.wait()


async def test_a_bomb_is_read_to_the_limit():
    # RFC 1951: after a full flush a stretch can be repeated. Ten gigabytes in ten megabytes.
    packer = gzip.zlib.compressobj(wbits=-15)
    stretch = packer.compress(ZEROS) + packer.flush(gzip.zlib.Z_FULL_FLUSH)
    sent = []

    async def page(_asked, writer):
        writer.write(b"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10])
        for _ in range(1_000):
            writer.write(stretch)
            await writer.drain()
            sent.append(len(stretch))

    async with serving({"/": page}) as (site, fetcher):
        got = await fetcher.get(site.url(), limit=2 * 2**20)
        assert (got.body, got.cut) == (bytes(2 * 2**20), True)
        await site.closed.wait()
    assert len(sent) < 1_000


async def test_no_more_than_two_ask_one_host_and_others_do_not_wait():
    freed = asyncio.Event()
    under_way = []

    async def slow(asked, writer):
        under_way.append(asked.host)
        await freed.wait()
        writer.write(answer(200, b"news"))
        await writer.drain()

    pages = {"/slow": slow, "/": answer(200, b"quick")}
    async with serving(pages) as (site, fetcher), serving(pages) as (port, _):
        # One host, on whatever port.
        waiting = [asyncio.create_task(fetcher.get(one.url("/slow"))) for one in (site, port) * 5]
        for _ in range(20):
            assert (await fetcher.get(site.url("/", "other.example"))).body == b"quick"
        assert under_way == ["news.example"] * 2
        freed.set()
        assert [got.body for got in await asyncio.gather(*waiting)] == [b"news"] * 10


async def test_no_more_ask_together_than_may():
    reached, freed = asyncio.Event(), asyncio.Event()
    under_way = []

    async def slow(asked, writer):
        under_way.append(asked.host)
        if len(under_way) == 3:
            reached.set()
        await freed.wait()
        writer.write(answer(200, b"news"))
        await writer.drain()

    hosts = [f"news{number}.example" for number in range(9)]
    async with serving({"/": slow}, together=3, lookup=lambda _: [HERE]) as (site, fetcher):
        waiting = [asyncio.create_task(fetcher.get(site.url("/", host))) for host in hosts]
        await reached.wait()
        for _ in range(200):
            await asyncio.sleep(0)
        assert under_way == hosts[:3]
        freed.set()
        assert len(await asyncio.gather(*waiting)) == 9
    assert fetcher._hosts._hosts == {}


async def test_waiting_for_a_place_takes_nothing_from_the_time():
    async with serving({"/silent": stalling(), "/": answer(200, b"news")}, total=SOON) as (site, fetcher):
        silent = [asyncio.create_task(fetcher.get(site.url("/silent"))) for _ in range(2)]
        await asyncio.sleep(0)
        # It comes to its turn when the others have used up all of their time.
        assert (await fetcher.get(site.url())).body == b"news"
        assert all(isinstance(end, FetchError) for end in await asyncio.gather(*silent, return_exceptions=True))


async def test_large_bodies_are_read_a_few_at_a_time():
    freed = asyncio.Event()

    async def slow(_asked, writer):
        writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 200000\r\n\r\n" + b"y" * 150_000)
        await freed.wait()
        writer.write(b"y" * 50_000)
        await writer.drain()

    pages = {"/slow": slow, "/large": answer(200, b"z" * 200_000), "/": answer(200, b"news")}
    async with serving(pages, small=100_000, large=1) as (site, fetcher):
        first = asyncio.create_task(fetcher.get(site.url("/slow", "other.example")))
        while not fetcher._large.locked():
            await fetcher.get(site.url())
        second = asyncio.create_task(fetcher.get(site.url("/large")))
        for _ in range(20):
            assert (await fetcher.get(site.url())).body == b"news"
        assert not second.done()
        freed.set()
        assert [len(got.body) for got in await asyncio.gather(first, second)] == [200_000] * 2
        assert not fetcher._large.locked()


async def test_who_stops_waiting_gives_the_place_back():
    reached = asyncio.Event()

    async def silent_page(_asked, _writer):
        reached.set()
        await asyncio.Event().wait()

    async with serving({"/silent": silent_page, "/": answer(200, b"news")}, each_host=1) as (site, fetcher):
        silent = asyncio.create_task(fetcher.get(site.url("/silent")))
        await reached.wait()
        silent.cancel()
        assert (await fetcher.get(site.url())).body == b"news"
        assert silent.cancelled()


async def test_connections_are_kept_unless_too_many_are_open():
    pages = {"/": answer(200, b"news"), "/same": answer(304)}
    async with serving(pages, open=1, lookup=lambda _: [HERE]) as (site, fetcher):
        for number, path in enumerate(("/", "/same") * 5):
            await fetcher.get(site.url(path))
            await fetcher.get(site.url(path, f"news{number}.example"))
            assert fetcher._gate.open_sockets < 5  # some of them closing
        said = [(asked.host, asked.headers.get("connection")) for asked in site.asked]
        assert said[:2] == [("news.example", None), ("news0.example", None)]
        assert {told for _, told in said[2:]} == {"close"}
    assert fetcher._gate.open_sockets == 0


async def test_cookies_are_not_kept():
    async with serving({"/": answer(200, Set_Cookie="a=b")}) as (site, fetcher):
        await fetcher.get(site.url())
        await fetcher.get(site.url())
    assert all("cookie" not in asked.headers for asked in site.asked)


async def test_a_form_is_sent():
    pages = {"/hub": answer(202), "/moved": redirect(307, "/hub"), "/for-good": redirect(308, "/hub")}
    pages |= {"/see": redirect(303, "/hub"), "/found": redirect(302, "/hub")}
    async with serving(pages) as (site, fetcher):
        fields = {"hub.mode": "subscribe", "hub.topic": "https://news.example/?a=1&b=ü"}
        for path, status, moved in (
            ("/hub", 202, ""),
            ("/moved", 202, ""),
            ("/for-good", 202, site.url("/hub")),
            ("/see", 303, ""),
            ("/found", 302, ""),
        ):
            got = await fetcher.post(site.url(path), fields)
            assert (got.status, got.moved_to) == (status, moved)
    for asked in site.asked:
        assert (asked.method, asked.headers["content-type"]) == ("POST", "application/x-www-form-urlencoded")
        assert dict(parse_qsl(asked.body.decode("ascii"))) == fields


async def test_closing_twice_is_closing():
    async with serving({"/": answer(200, b"news")}) as (site, fetcher):
        await fetcher.close()
        await fetcher.get(site.url())
        await fetcher.close()
        await fetcher.close()
