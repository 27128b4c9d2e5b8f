import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.parsing.choices import DateOrder
from bot.intake.parsing.clean import BODY_LIMIT, TextError
from bot.intake.parsing.jsonl import LINE_LIMIT, LineError, read_jsonl, read_line
from storage import NewArticle, Source

MORNING = datetime(2023, 12, 6, 9, 34, tzinfo=UTC)
LEAST = {"title": "The ferry is back", "published": "2023-12-06T09:34:00Z"}


def source_of(own: str) -> Source:
    if own == "nowhere":
        raise TextError("no source")
    return Source(name=own.lower() or "bell", title=own or "The Bell", zone="UTC")


def read(line: Any, order: DateOrder | None = None) -> NewArticle:
    data = line if isinstance(line, bytes) else json.dumps(line).encode()
    return read_line(data, source_of=source_of, order=order)[1]


def test_a_line_of_the_least() -> None:
    assert read(LEAST) == NewArticle(
        source="bell",
        key="title:7f11d14a58ca1434:2023-12-06",
        title="The ferry is back",
        published=MORNING,
    )


def test_a_line_of_everything() -> None:
    line = LEAST | {
        "body": "One.\r\n\r\n\r\nTwo\ttabs.",
        "summary": " Short. ",
        "link": "https://bell.example/1?utm_source=x",
        "image": " https://bell.example/1.jpg",
        "id": 17,
        "topics": ["Lake Irrin", "economy", "Economy", "!"],
        "language": "en-GB",
        "source": "Gazette",
        "authors": ["Ada  Lovelace", "Ada Lovelace", " ", "x" * 201, "Grace Hopper"],
        "urgent": True,
        "unknown": {"a": [1]},
    }
    assert read(line) == NewArticle(
        source="gazette",
        key="id:17",
        title="The ferry is back",
        published=MORNING,
        body="One.\n\nTwo tabs.",
        summary="Short.",
        link="https://bell.example/1?utm_source=x",
        topics=("lake-irrin", "economy"),
        language="en",
        image="https://bell.example/1.jpg",
        authors=("Ada Lovelace", "Grace Hopper"),
        urgent=True,
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"text": "Text"}, {"body": "Text"}),
        ({"body": "Body", "text": "Text"}, {"body": "Body"}),
        ({"body": None, "text": "Text"}, {"body": "Text"}),
        ({"url": "http://a.example/b#c"}, {"link": "http://a.example/b#c", "key": "link:http://a.example/b"}),
        ({"topics": "Sport"}, {"topics": ("sport",)}),
        ({"topics": None, "id": None, "language": None, "summary": None}, {"topics": ()}),
        ({"topics": [f"t{n}" for n in range(30)]}, {"topics": tuple(f"t{n}" for n in range(20))}),
        ({"published": "6 декабря 2023"}, {"published": MORNING.replace(hour=0, minute=0), "date_only": True}),
        ({"title": " <b>&amp;\u202e\0 \ud83d"}, {"title": "<b>&amp;\u202e\u202c"}),
        ({"body": "half \udc00 gone"}, {"body": "half gone"}),
        ({"title": "🚢"}, {"title": "🚢"}),
        ({"body": "\U0001f6a2" * BODY_LIMIT}, {"body": "🚢" * (BODY_LIMIT)}),
    ],
)
def test_keys_of_a_line(more: dict[str, Any], expected: dict[str, Any]) -> None:
    article = read(LEAST | more)
    assert {name: getattr(article, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON: Expecting property name enclosed in double quotes at character 2"),
        (b"nonsense", "not JSON: Expecting value at character 1"),
        (b'{"title": "\xff"}', "byte 0xFF is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "4300 digits"),
        (b"x" * (LINE_LIMIT + 1), "over 8,000,000 bytes"),
        ([], "expected an object such as"),
        ("title", "expected an object such as"),
        (None, "expected an object such as"),
        ({}, "title: must be there; published: must be there"),
        (LEAST | {"title": None}, "title: must be there"),
        (LEAST | {"title": ""}, "title: there is nothing to see in the title"),
        (LEAST | {"title": "\ud800"}, "title: there is nothing to see in the title"),
        (LEAST | {"title": 7}, "title: expected text"),
        (LEAST | {"title": "x" * 1_001}, "title: the title has 1,001 characters"),
        (LEAST | {"published": 1701855240}, "published: expected text"),
        (
            LEAST | {"published": "06/12/2023"},
            "published: '06/12/2023' does not say whether the day or the month comes first: add --dates day|month",
        ),
        (LEAST | {"published": "soon"}, "published: 'soon' is not a date"),
        (
            LEAST | {"link": "javascript:alert(1)"},
            "link: the link 'javascript:alert(1)' is not an http or https address",
        ),
        (
            LEAST | {"image": "file:///etc/passwd"},
            "image: the link 'file:///etc/passwd' is not an http or https address",
        ),
        (LEAST | {"topics": 7}, "topics: expected a list of names, or one name"),
        (LEAST | {"topics": ["a", 7]}, "topics.1: expected text"),
        (LEAST | {"id": True}, "id: expected text"),
        (LEAST | {"id": "x" * 2_001}, "id: has 2,001 characters"),
        (LEAST | {"language": "English"}, "language: the language 'English' is not a code of two letters"),
        (LEAST | {"source": "nowhere"}, "no source"),
    ],
)
def test_a_line_is_refused_with_its_reason(line: Any, reason: str) -> None:
    with pytest.raises(LineError) as caught:
        read(line)
    assert reason in str(caught.value)


def test_order_of_day_and_month() -> None:
    assert read(LEAST | {"published": "06/12/2023"}, DateOrder.DAY).published == datetime(2023, 12, 6, tzinfo=UTC)


def test_a_bad_line_costs_only_itself() -> None:
    lines = [
        b"\xef\xbb\xbf" + json.dumps(LEAST).encode(),
        b"",
        b"{",
        b" \r",
        json.dumps(LEAST | {"id": 2}).encode() + b"\r",
    ]
    (reading,) = read_jsonl(io.BytesIO(b"\n".join(lines)), source_of=source_of)
    assert [article.key for article in reading.articles] == ["title:7f11d14a58ca1434:2023-12-06", "id:2"]
    assert [refusal.line for refusal in reading.refusals] == [3]
    assert reading.sources == (Source(name="bell", title="The Bell"),)


def test_a_line_that_is_too_long_is_passed_over() -> None:
    good = json.dumps(LEAST).encode()
    data = b"\n".join([good, b"x" * (2 * LINE_LIMIT + 5), good, b"y" * (LINE_LIMIT + 1), b"y" * LINE_LIMIT])
    readings = list(read_jsonl(io.BytesIO(data), source_of=source_of))
    assert sum(len(reading.articles) for reading in readings) == 2
    assert [refusal.line for reading in readings for refusal in reading.refusals] == [2, 4, 5]


class Endless(io.RawIOBase):
    """A stream that counts what was taken of it, and never ends."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        line = json.dumps(LEAST | {"body": "x" * 400}).encode() + b"\n"
        self.taken += len(line)
        buffer[: len(line)] = line
        return len(line)


def test_a_stream_is_read_as_it_is_asked_for() -> None:
    endless = Endless()
    readings = read_jsonl(io.BufferedReader(endless, 4096), source_of=source_of)
    assert len(next(readings).articles) == 200
    assert endless.taken < 200_000


def test_big_lines_are_handed_on_soon() -> None:
    data = (json.dumps(LEAST | {"body": "x" * 400_000}).encode() + b"\n") * 12
    readings = list(read_jsonl(io.BytesIO(data), source_of=source_of))
    assert [len(reading.articles) for reading in readings] == [5, 5, 2]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = [
    "title",
    "published",
    "body",
    "text",
    "summary",
    "link",
    "url",
    "image",
    "id",
    "topics",
    "language",
    "source",
    "other",
]


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_any_object_is_an_article_or_a_line_error(more: dict[str, Any]) -> None:
    try:
        article = read(LEAST | more)
    except LineError as error:
        assert str(error).isprintable()  # noqa: PT017  either outcome is right
        return
    (article.title + article.body + article.summary + article.link + article.key).encode()
    assert article.title
    assert article.published.tzinfo is UTC


@given(st.binary(max_size=100))
def test_any_bytes_are_readings(data: bytes) -> None:
    for reading in read_jsonl(io.BytesIO(data), source_of=source_of):
        assert not reading.articles
        assert len(reading.refusals) <= 100
