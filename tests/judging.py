"""Every text that a test sends or renders goes through Telegram's own parser, when the test ends."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from telegram_parser import judge, judge_records

from bot.sandbox.entities import formatted
from bot.sandbox.markup import parse_html

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, Any]

JUDGED = ("sent", "edited", "answered")


def judge_sandbox(url: str) -> None:
    """Judge what all bots of a sandbox have sent, edited and answered. Raises AssertionError, TelegramError.

    It waits for the sandbox: one that runs in the caller's own event loop is judged in a thread.
    """
    for token in _read(f"{url}/sandbox")["bots"]:
        for kind in JUDGED:
            records = _read(f"{url}/sandbox/{token}/messages?kind={kind}")["records"]
            judge_records(records)
            judge_markup(_inline(records))


def judge_markup(texts: Iterable[str]) -> None:
    """Judge HTML that nobody has sent: it is right, and Telegram makes of it what the sandbox does."""
    for text in texts:
        written = formatted(*parse_html(text))
        if written.text:
            judge(text, "HTML", written.text, written.entities, finding=False)


def _inline(records: list[Json]) -> Iterable[str]:
    """The texts of inline results, as HTML."""
    for record in records:
        for result in record.get("results", []):
            content = result["input_message_content"]
            written = content["message_text"]
            yield written if content.get("parse_mode", "").lower() == "html" else escape(written, quote=False)


def _read(url: str) -> dict[str, Any]:
    with urlopen(url, timeout=60) as response:  # noqa: S310  a sandbox of ours
        return json.load(response)
