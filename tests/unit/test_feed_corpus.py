"""Every feed of `tests/feeds`, each with a trap of its own, against the values that are expected of it."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.intake.parsing.entries import FeedDocument, UnreadableError
from bot.intake.parsing.feed import read_feed

CORPUS = Path(__file__).parents[1] / "feeds"
CASES = sorted(path.name.removesuffix(".expected.json") for path in CORPUS.glob("*.expected.json"))
# What comes after an entry within an entry feedparser gives to neither.
ONLY_OURS = {"broken-nested-entries"}
NOW = datetime(2025, 7, 20, 12, tzinfo=UTC)


def data_of(name: str) -> bytes:
    (path,) = (path for path in CORPUS.glob(f"{name}.*") if not path.name.endswith(".expected.json"))
    return path.read_bytes()


def read(data: bytes, expected: dict[str, Any]) -> FeedDocument:
    return read_feed(
        data,
        content_type=expected.get("content_type", ""),
        url=expected.get("url", "https://feeds.example/news/feed.xml"),
        zone=expected.get("zone", "Asia/Yerevan"),
        now=NOW,
    )


def said(values: dict[str, Any]) -> dict[str, Any]:
    """Values as the tables write them."""
    if values.get("published"):
        values["published"] = values["published"].isoformat()
    if values.get("ttl"):
        values["ttl_minutes"] = values["ttl"].total_seconds() / 60
    if "entries" not in values:
        values["title_length"] = len(values["title"])
    return {
        name: sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }


@pytest.mark.parametrize("name", CASES)
def test_a_feed_says_what_is_expected(name: str) -> None:
    expected = json.loads((CORPUS / f"{name}.expected.json").read_text("utf-8"))
    if "unreadable" in expected:
        with pytest.raises(UnreadableError) as caught:
            read(data_of(name), expected)
        assert str(caught.value) == expected["unreadable"], expected["trap"]
        return
    document = read(data_of(name), expected)
    feed, wanted = said(asdict(document)), expected.get("feed", {})
    assert {field: feed[field] for field in wanted} == wanted, expected["trap"]
    got = [said(asdict(entry)) for entry in document.entries]
    entries = expected["entries"]
    assert [{field: entry[field] for field in stated} for entry, stated in zip(got, entries, strict=False)] == entries
    assert len(got) == len(entries), expected["trap"]
    refusals = [[refusal.line, refusal.reason] for refusal in document.refusals]
    assert refusals == expected.get("refusals", []), expected["trap"]


def test_what_is_taken_while_screening_is_what_feedparser_would_have_read() -> None:
    """An address that all inherit leaves everything to feedparser, and an empty one changes nothing."""
    compared = 0
    for name in CASES:
        data = data_of(name)
        inherited = data.replace(b"<rss ", b'<rss base="" ', 1)
        expected = json.loads((CORPUS / f"{name}.expected.json").read_text("utf-8"))
        if inherited != data and "unreadable" not in expected and name not in ONLY_OURS:
            compared += 1
            assert read(inherited, expected) == read(data, expected), name
    assert compared > 200


def test_the_corpus_is_there() -> None:
    assert len(CASES) >= 150
