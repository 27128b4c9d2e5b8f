"""`newscrier import`: articles a second, CPU and memory, beside writing the same rows with bare sqlite3."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import child
from corpus import Corpus, version, write_pages
from measuring import MILLI, Row, Scale, at_least, at_most, expect, remove, spent

from storage.sqlite.index import document
from storage.sqlite.rows import by_ids
from storage.text.terms import article_terms

if TYPE_CHECKING:
    from pathlib import Path

HEADLINES_A_PAGE = 10


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import of some files took."""

    wall: float
    cpu: float
    peak: float
    """Megabytes."""


async def run(scale: Scale) -> list[Row]:
    return [
        *_measured(scale, "headlines", scale.some(550, scale.size // 11 * 11), body=False, goal=2_000),
        *_measured(scale, "full articles", scale.some(100, scale.size // 10), body=True, goal=300),
    ]


def _measured(scale: Scale, name: str, count: int, *, body: bool, goal: float) -> list[Row]:
    pages = _pages(scale, count, body=body)
    database = scale.folder / "imported.db"
    remove(database)
    took = imported(pages, database)
    expect(stored(database), count, f"{name} imported")
    bare = _bare(scale.folder / "bare.db", database)
    remove(database)
    remove(scale.folder / "bare.db")
    return [
        Row(f"import {count:,} {name}: a second of CPU", "articles", (count / took.cpu,), goal=at_least(goal)),
        Row(f"import {count:,} {name}: a second", "articles", (count / took.wall,)),
        Row(
            f"import {count:,} {name}: CPU each",
            "ms",
            (took.cpu / count * MILLI,),
            (bare / count * MILLI,),
            "sqlite3 executemany",
        ),
        Row(f"import {count:,} {name}: peak memory", "MB", (took.peak,), goal=at_most(200)),
    ]


def _pages(scale: Scale, count: int, *, body: bool) -> Path:
    folder = scale.folder / f"pages-{version()}-{count}-{'full' if body else 'headlines'}"
    if not folder.exists():
        unfinished = folder.with_suffix(".unfinished")
        listed = 0 if body else HEADLINES_A_PAGE
        write_pages(unfinished, Corpus().articles(count, body=body), headlines_a_page=listed)
        unfinished.rename(folder)
    return folder


def imported(pages: Path, database: Path) -> Imported:
    """Import the folder by a process of its own."""
    report = database.with_suffix(".json")
    command = [sys.executable, "-m", "bot", "import", str(pages)]
    environment = {**os.environ, "NEWSCRIER_DATABASE": f"sqlite:///{database}", "NEWSCRIER_LOG_LEVEL": "warning"}
    subprocess.run(
        [sys.executable, child.__file__, str(report), *command],
        env=environment,
        cwd=pages,  # no .env of the checkout is read
        stdout=subprocess.DEVNULL,
        check=True,
    )
    figures = json.loads(report.read_text("ascii"))
    report.unlink()
    expect(figures["status"], 0, "exit code of newscrier import")
    return Imported(figures["wall"], figures["cpu"], figures["peak"])


def stored(database: Path) -> int:
    """How many articles there are."""
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM article").fetchone()[0])


def _bare(path: Path, database: Path) -> float:
    """Seconds of CPU to write the same rows and the same index, 100 articles to a transaction."""
    took = 0.0
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(path, isolation_level=None)) as target:
        target.execute("PRAGMA journal_mode = WAL")
        target.execute("PRAGMA synchronous = NORMAL")
        for (schema,) in source.execute("SELECT sql FROM sqlite_schema WHERE name IN ('article', 'terms_1', 'source')"):
            target.execute(schema)
        rows = source.execute("SELECT * FROM article ORDER BY id")
        while chunk := rows.fetchmany(100):
            articles = by_ids(source, [row[0] for row in chunk])
            documents = [(article.newest, document(article_terms(article))) for article in articles.values()]
            with spent() as chunk_took:
                target.execute("BEGIN")
                target.executemany(f"INSERT INTO article VALUES ({', '.join('?' * len(chunk[0]))})", chunk)  # noqa: S608
                target.executemany("INSERT INTO terms_1 (rowid, document) VALUES (?, ?)", documents)
                target.execute("COMMIT")
            took += chunk_took.cpu
    return took
