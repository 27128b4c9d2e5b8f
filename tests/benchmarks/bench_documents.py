"""Documents of all kinds at volume through `newscrier import`, beside only reading them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from bench_import import imported, stored
from corpus import Corpus, version
from measuring import MILLI, Row, Scale, at_least, at_most, expect, remove, spent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from storage import NewArticle

LINES_A_FILE = 1_000
FILES_A_FOLDER = 1_000
# Of a hundred documents so many are saved headlines, so many lines of JSON Lines, the others web pages.
HEADLINES, LINES = 89, 10
PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta property="article:published_time" content="{published}"><link rel="canonical" href="https://news.example/{number}">
<script>{script}</script></head><body><nav><ul>{links}</ul></nav><article><h1>{title}</h1>{body}</article>
<aside><ul>{links}</ul></aside><footer>Contact, privacy</footer></body></html>"""
LINKS = "".join(f'<li><a href="/section/{number}">Section {number}</a></li>' for number in range(60))
SCRIPT = "window.data = {};" * 500
_DATELINE = re.compile(rb"\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}")
_TAG = re.compile(rb"<[^>]*>")


async def run(scale: Scale) -> list[Row]:
    documents = scale.some(100, scale.size)
    folder = _documents(scale, documents)
    database = scale.folder / "documents.db"
    remove(database)
    took = imported(folder, database)
    expect(stored(database), documents, "documents imported")
    remove(database)
    bare = _bare(folder)
    what = f"import {documents:,} documents (.txt {HEADLINES} %, .jsonl {LINES} %, .html {100 - HEADLINES - LINES} %)"
    return [
        Row(f"{what}: a second", "documents", (documents / took.wall,)),
        Row(f"{what}: a second of CPU", "documents", (documents / took.cpu,), goal=at_least(1_000)),
        Row(
            f"{what}: CPU each",
            "ms",
            (took.cpu / documents * MILLI,),
            (bare / documents * MILLI,),
            "reading, json and regular expressions",
        ),
        Row(f"{what}: peak memory of a process", "MB", (took.peak,), goal=at_most(250)),
        *([] if scale.quick else _pages_alone(scale)),
    ]


def _pages_alone(scale: Scale) -> list[Row]:
    pages = 1_000
    folder = scale.folder / f"web-{version()}-{pages}"
    if not folder.exists():
        _write_pages(folder, Corpus(2).articles(pages))
    database = scale.folder / "web.db"
    remove(database)
    took = imported(folder, database)
    expect(stored(database), pages, "pages imported")
    remove(database)
    return [
        Row(f"import {pages:,} web pages: a second", "pages", (pages / took.wall,)),
        Row(f"import {pages:,} web pages: a second of CPU", "pages", (pages / took.cpu,), goal=at_least(20)),
    ]


def _documents(scale: Scale, count: int) -> Path:
    folder = scale.folder / f"documents-{version()}-{count}"
    if folder.exists():
        return folder
    unfinished = folder.with_suffix(".unfinished")
    corpus = Corpus()
    headlines, lines = count * HEADLINES // 100, count * LINES // 100
    _write_headlines(unfinished / "headlines", corpus.articles(headlines, body=False))
    _write_lines(unfinished / "lines", corpus.articles(lines))
    _write_pages(unfinished / "pages", corpus.articles(count - headlines - lines))
    unfinished.rename(folder)
    return folder


def _write_headlines(folder: Path, articles: Iterable[NewArticle]) -> None:
    for number, article in enumerate(articles):
        place = folder / str(number // FILES_A_FOLDER)
        place.mkdir(parents=True, exist_ok=True)
        text = f"{article.title}\n{article.published:%d.%m.%Y %H:%M}\n"
        (place / f"{number}.txt").write_text(text, "utf-8")


def _write_lines(folder: Path, articles: Iterable[NewArticle]) -> None:
    folder.mkdir(parents=True)
    for number, article in enumerate(articles):
        said = {
            "id": article.key,
            "title": article.title,
            "published": article.published.isoformat(),
            "body": article.body,
        }
        with (folder / f"{number // LINES_A_FILE}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(said, ensure_ascii=False) + "\n")


def _write_pages(folder: Path, articles: Iterable[NewArticle]) -> None:
    folder.mkdir(parents=True)
    for number, article in enumerate(articles):
        page = PAGE.format(
            language=article.source[:2],
            title=article.title,
            published=article.published.isoformat(),
            number=number,
            script=SCRIPT,
            links=LINKS,
            body="".join(f"<p>{paragraph}</p>" for paragraph in article.body.split("\n\n")),
        )
        (folder / f"{number}.html").write_text(page, "utf-8")


def _bare(folder: Path) -> float:
    """Seconds of CPU to read the same files, parse the JSON, find the dates and take off the tags."""
    found = 0
    with spent() as took:
        for path in sorted(folder.rglob("*.*")):
            data = path.read_bytes()
            if path.suffix == ".jsonl":
                found += sum("title" in json.loads(line) for line in data.splitlines())
            elif path.suffix == ".txt":
                found += len(_DATELINE.findall(data))
            else:
                found += bool(_TAG.sub(b"", data))
    expect(bool(found), True, "something was read")  # noqa: FBT003  that is what is expected
    return took.cpu
