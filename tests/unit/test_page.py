"""Articles are read from web pages: `tests/pages` holds pages, and what is expected of each."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.intake.entries import UnreadableError
from bot.intake.page import read_page

PAGES = Path(__file__).parents[1] / "pages"
NOW = datetime(2026, 7, 16, 12, tzinfo=UTC)
NAMES = sorted(path.stem for path in PAGES.glob("*.html"))


def read(name):
    case = json.loads((PAGES / f"{name}.json").read_text("utf-8"))
    page = (PAGES / f"{name}.html").read_bytes()
    return case, lambda: read_page(page, content_type=case["content_type"], url=case["url"], zone=case["zone"], now=NOW)


def plain(value):
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", NAMES)
def test_pages(name):
    case, entry = read(name)
    if "error" in case:
        with pytest.raises(UnreadableError, match=case["error"]):
            entry()
        return
    got = entry()
    assert {field: plain(getattr(got, field)) for field in case["expected"]} == case["expected"]
