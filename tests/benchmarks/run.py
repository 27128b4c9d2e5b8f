"""What Newscrier costs, beside what a bare driver or library costs in the same run.

    .venv/bin/python tests/benchmarks/run.py [--quick] [--size N] [--keep FOLDER] [NAME...]

Prints a table: what, ours, the baseline, the ratio, the goal. Two figures are p50 and p99. Goals are for a quiet
machine; times are CPU time where they can be, which other work on the machine changes little. `--quick` measures too
little to judge by: starting up and cold caches weigh too much in it.

    import      files into the store
    documents   files of all kinds into the store: saved headlines, JSON Lines, web pages
    folder      from a file dropped into a watched folder to the message, and many at once
    intake      an article into a store that holds many
    feeds       feeds into entries, and feeds that mean harm
    fetch       rounds of asking feeds for what is new
    polling     rounds of the poller: asking, taking in what is new, recording how it ended
    search      questions to the store, by kind of query
    turn        a chat's turn in the store
    overload    more news for many chats than can be sent
    fanout      an article for very many chats, and what others notice meanwhile
    announce    one article against many followed queries
    push        from an article to Telegram's messages
    way         from publication to the message, by POST, and how much can be posted
    feedway     from a feed to the message, by WebSub and by polling
    start       start to ready, and memory when idle
    kills       what is lost and repeated when it is killed or stopped in the middle of pushing, amid faults
    hostile     feeds and pages made to cost time and memory, and what others notice meanwhile
    outages     a database and a clock that fail it: what is lost, how soon it goes on
"""

from __future__ import annotations

import argparse
import asyncio
import compileall
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.append(str(Path(__file__).parents[1]))  # who judges what is sent
sys.path.append(str(Path(__file__).parents[1] / "end_to_end"))  # the sandbox's driver

import bench_announce
import bench_documents
import bench_fanout
import bench_feed_way
import bench_feeds
import bench_fetch
import bench_folder
import bench_hostile
import bench_import
import bench_intake
import bench_outages
import bench_overload
import bench_polling
import bench_push
import bench_search
import bench_start
import bench_turn
import bench_way
from measuring import Row, Scale, table
from rich.console import Console

import bot
import storage

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCHMARKS = {
    "import": bench_import.run,
    "documents": bench_documents.run,
    "folder": bench_folder.run,
    "intake": bench_intake.run,
    "feeds": bench_feeds.run,
    "fetch": bench_fetch.run,
    "polling": bench_polling.run,
    "search": bench_search.run,
    "turn": bench_turn.run,
    "overload": bench_overload.run,
    "fanout": bench_fanout.run,
    "announce": bench_announce.run,
    "push": bench_push.run,
    "way": bench_way.run,
    "feedway": bench_feed_way.run,
    "start": bench_start.run,
    "hostile": bench_hostile.run,
    "kills": bench_outages.kills,
    "outages": bench_outages.outages,
}
SIZE = 100_000
QUICK_SIZE = 1_200


def main() -> None:
    options = _options()
    for package in (bot, storage):  # as pip does when it installs: what is started is not compiled each time
        compileall.compile_dir(Path(package.__file__).parent, quiet=2)
    size = options.size or (QUICK_SIZE if options.quick else SIZE)
    with _place(options.keep) as folder:
        scale = Scale(size, options.quick, folder)
        scale.folder.mkdir(parents=True, exist_ok=True)
        rows = asyncio.run(_run(options.names or list(BENCHMARKS), scale))
    Console(width=170, highlight=False).print(table(rows, judged=not options.quick))


@contextmanager
def _place(kept: Path | None) -> Iterator[Path]:
    """The folder to keep files in; else one that is gone afterwards."""
    if kept:
        yield kept.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="newscrier-benchmarks-") as folder:
        yield Path(folder)


async def _run(names: list[str], scale: Scale) -> list[Row]:
    rows = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += await BENCHMARKS[name](scale)
    return rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small figures, in a minute")
    parser.add_argument("--size", type=int, help=f"articles, followed queries ({SIZE:,}; with --quick fewer)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep made-up news and stores there for other runs")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; default: all")
    options = parser.parse_args()
    for name in options.names:
        if name not in BENCHMARKS:
            parser.error(f"{name!r} is none of {', '.join(BENCHMARKS)}")
    return options


if __name__ == "__main__":
    main()
