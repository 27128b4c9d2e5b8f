"""What headers say about asking again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.fetching.answers import (
    LONGEST,
    LONGEST_KEPT,
    kept,
    links_of,
    max_age,
    moment_of,
    retry_after,
    until_expiry,
)

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ("Thu, 26 Nov 2026 12:00:00 GMT", NOON),
        ("Thursday, 26-Nov-26 12:00:00 GMT", NOON),
        ("Thu Nov 26 12:00:00 2026", NOON),
        ("Thu, 26 Nov 2026 16:00:00 +0400", NOON),
        ("Thu, 26 Nov 2026 12:00:00 -0000", NOON),
        ("", None),
        ("0", None),
        ("never", None),
        ("Thu, 32 Nov 2026 12:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:00:00 -1200", None),
        ("Thu, 26 Nov 99999999999 12:00:00 GMT", None),
        ("Thu, " * 1_000, None),
    ],
)
def test_a_date(header, moment):
    assert moment_of(header) == moment


@pytest.mark.parametrize(
    ("header", "date", "wait"),
    [
        ("120", "", 120 * SECOND),
        (" 0 ", "", timedelta()),
        ("Thu, 26 Nov 2026 13:00:00 GMT", "", HOUR),
        ("Thu, 26 Nov 2026 11:00:00 GMT", "", timedelta()),
        # The server's clock is an hour slow, and it means two.
        ("Thu, 26 Nov 2026 13:00:00 GMT", "Thu, 26 Nov 2026 11:00:00 GMT", 2 * HOUR),
        ("Thu, 26 Nov 2026 13:00:00 GMT", "nonsense", HOUR),
        ("999999999999", "", LONGEST),
        ("9" * 5_000, "", None),
        ("Thu, 26 Nov 9999 13:00:00 GMT", "", LONGEST),
        ("-1", "", None),
        ("1.5", "", None),
        ("soon", "", None),
        ("", "", None),
    ],
)
def test_how_long_to_leave_it_alone(header, date, wait):
    assert retry_after(header, date, NOON) == wait


@pytest.mark.parametrize(
    ("control", "age", "fresh"),
    [
        ("max-age=300", "", 300 * SECOND),
        ("public, Max-Age=300", "", 300 * SECOND),
        ('max-age="300"', "", 300 * SECOND),
        ("max-age=300, s-maxage=7", "", 300 * SECOND),
        ("public,s-maxage=7", "", 7 * SECOND),
        ("max-age=, s-maxage=7", "", 7 * SECOND),
        ("x-max-age=300", "", None),
        ("max-age=300", "100", 200 * SECOND),
        ("max-age=300", "400", timedelta()),
        ("max-age=300", "nonsense", 300 * SECOND),
        ("max-age=999999999999", "", LONGEST),
        (f"max-age={'9' * 5_000}", "", None),
        ("max-age=-1", "", None),
        ("no-cache", "", timedelta()),
        ("max-age=300, no-store", "", timedelta()),
        ("public", "", None),
        ("", "", None),
        (", ,=,", "", None),
    ],
)
def test_how_long_it_is_fresh(control, age, fresh):
    assert max_age(control, age) == fresh


@pytest.mark.parametrize(
    ("expires", "date", "fresh"),
    [
        ("Thu, 26 Nov 2026 13:00:00 GMT", "", HOUR),
        ("Thu, 26 Nov 2026 13:00:00 GMT", "Thu, 26 Nov 2026 12:30:00 GMT", HOUR / 2),
        ("Thu, 26 Nov 2026 11:00:00 GMT", "", timedelta()),
        ("Fri, 26 Nov 9999 11:00:00 GMT", "", LONGEST),
        ("0", "", timedelta()),
    ],
)
def test_until_when_it_is_fresh(expires, date, fresh):
    assert until_expiry(expires, date, NOON) == fresh


@pytest.mark.parametrize(
    ("headers", "hub", "topic"),
    [
        (['<https://hub.example/>; rel="hub"'], ["https://hub.example/"], []),
        (
            ["<https://hub.example/>; rel=hub, <https://a.example/>;rel=self"],
            ["https://hub.example/"],
            ["https://a.example/"],
        ),
        (['<a>; rel="HUB  self"; type="x"'], ["a"], ["a"]),
        (['<a>; type="x"; Rel = "self"', "<b>; rel=hub", "<c>; rel=hub"], ["b", "c"], ["a"]),
        (["<a,b;c>; rel=hub"], ["a,b;c"], []),
        (["<a>; rel=hubbub", "<b>; rev=hub", "hub", "<", "<>", "; rel=hub", "<a; rel=hub"], [], []),
        ([], [], []),
    ],
)
def test_links(headers, hub, topic):
    assert list(links_of(headers, "hub")) == hub
    assert list(links_of(headers, "self")) == topic


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ('W/"abc"', 'W/"abc"'),
        ('"ünï"', '"ünï"'),
        ("a" * LONGEST_KEPT, "a" * LONGEST_KEPT),
        ("a" * (LONGEST_KEPT + 1), ""),
        ("a\udcff", ""),
        ("a\x00", ""),
        ("a\r\nb", ""),
        ("", ""),
    ],
)
def test_what_can_be_sent_back_is_kept(header, value):
    assert kept(header) == value


@given(st.text())
def test_no_header_breaks_it(text):
    for read in (
        lambda: retry_after(text, text, NOON),
        lambda: max_age(text, text),
        lambda: until_expiry(text, text, NOON),
    ):
        time = read()
        assert time is None or timedelta() <= time <= LONGEST
    assert kept(text) in {text, ""}
    list(links_of([text, f"<{text}>; rel={text}"], "hub"))
