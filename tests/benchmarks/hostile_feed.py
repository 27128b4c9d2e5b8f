"""Read one feed that means harm, and say what it took: `python hostile_feed.py NAME BYTES` writes JSON.

{"cpu": seconds, "peak": megabytes, "entries": how many were kept}
"""

import json
import os
import sys
import time
from datetime import UTC, datetime

from measuring import memory_of

from bot.intake.parsing.entries import UnreadableError
from bot.intake.parsing.feed import read_feed

HEAD = '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><item><title>Before</title></item>'
ITEM = f"{HEAD}<item><title>After</title>"
CROSSED = "&lt;b&gt;" * 450 + "&lt;/i&gt;" * 450
ENTITIES = "".join(f'<!ENTITY a{i + 1} "&a{i};&a{i};">' for i in range(50))
# What begins such a feed, and what is repeated until it has its size.
FLOODS = {
    "elements": (HEAD, "<a/>"),
    "depth": (HEAD, "<a>"),
    "attributes": (f"{HEAD}<a ", 'x="1" y="2" '),
    "ends of nothing": (HEAD, "</a>"),
    "items": (HEAD, "<item><title>a</title></item>"),
    "entities": (f'<!DOCTYPE rss [<!ENTITY a0 "ha">{ENTITIES}]>{ITEM}<description>', "&a50;&a0;"),
    "less-than signs": (HEAD, "< "),
    "sections not closed": (HEAD, "<title><![CDATA[x</title>"),
    "authors": (ITEM, f"<author>{'a' * 180}</author>"),
    "dates": (HEAD, "<item><title>a</title><pubDate>5 of Frimaire 9</pubDate></item>"),
    "one text": (f"{ITEM}<description>", "word "),
    "texts": (HEAD, f"<item><title>a</title><description><![CDATA[{'<p>word</p>' * 500}]]></description></item>"),
    "crossed HTML": (HEAD, f"<item><title>a</title><description>{CROSSED}</description></item>"),
    "line breaks": (HEAD, f"<item><title>a</title><description><![CDATA[{'x.<br>' * 3_000}]]></description></item>"),
    "JSON items": ('{"version":"https://jsonfeed.org/version/1.1","items":[', '{"id":1,"title":"a","tags":["b"]},'),
    "JSON depth": ('{"version":"https://jsonfeed.org/version/1.1","items":[', "["),
}  # fmt: skip


def main() -> None:
    name, size = sys.argv[1], int(sys.argv[2])
    start, part = (text.encode() for text in FLOODS[name])
    data = start + part * ((size - len(start)) // len(part))
    began = time.process_time()
    try:
        kept = len(_entries(data))
    except UnreadableError:
        kept = 0
    took = time.process_time() - began
    print(json.dumps({"cpu": took, "peak": memory_of(os.getpid(), "VmHWM"), "entries": kept}))


def _entries(data: bytes) -> tuple[object, ...]:
    url = "https://feeds.example/feed"
    return read_feed(data, content_type="", url=url, zone="UTC", now=datetime(2025, 7, 20, tzinfo=UTC)).entries


if __name__ == "__main__":
    main()
