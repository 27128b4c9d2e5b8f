"""What benchmarks measure with, and the rows they give."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from bot.waiting import doing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

MICRO = 1e6
MILLI = 1e3


class BrokenBenchmarkError(AssertionError):
    """What was measured is not what was meant to be: its time means nothing."""


def expect(got: object, wanted: object, what: str) -> None:
    """Raise BrokenBenchmarkError unless they are equal: a benchmark that does nothing is fast."""
    if got != wanted:
        raise BrokenBenchmarkError(f"{what}: {got}, expected {wanted}")


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured."""

    size: int
    """Articles in a store; followed queries of one."""
    quick: bool
    folder: Path
    """Where files may lie; what lies there already may be used again."""

    def some(self, quick: int, whole: int) -> int:
        """So many of something that `size` does not set."""
        return quick if self.quick else whole


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached, by the last of our figures or by its ratio to the baseline's."""

    least: float = -math.inf
    most: float = math.inf
    ratio: bool = False

    def __str__(self) -> str:
        sign, value = ("≥", self.least) if self.most == math.inf else ("≤", self.most)
        return f"{sign} {_figure(value)}{'x' if self.ratio else ''}"

    def met(self, row: Row) -> bool:
        """Whether the row reaches it."""
        figures = row.ratios if self.ratio else row.ours
        return self.least <= figures[-1] <= self.most


def at_least(value: float) -> Goal:
    return Goal(least=value)


def at_most(value: float) -> Goal:
    return Goal(most=value)


def at_most_times(value: float) -> Goal:
    """Like `at_most`, of the ratio to the baseline."""
    return Goal(most=value, ratio=True)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Several figures are p50 and p99."""

    what: str
    unit: str
    ours: tuple[float, ...]
    baseline: tuple[float, ...] = ()
    beside: str = ""
    """What the baseline is."""
    goal: Goal | None = None

    @property
    def ratios(self) -> tuple[float, ...]:
        return tuple(ours / base if base else math.inf for ours, base in zip(self.ours, self.baseline, strict=False))


def table(rows: Sequence[Row], *, judged: bool) -> Table:
    """The rows, for rich to print; `judged`: with whether each goal is met."""
    shown = Table("what", "ours", "baseline", "ratio", "goal", "", box=None, pad_edge=False)
    for row in rows:
        verdict = _verdict(row) if judged else ""
        baseline = f"{_figures(row.baseline)} ({row.beside})" if row.baseline else ""
        ratio = f"{_figures(row.ratios)}x" if row.baseline else ""
        shown.add_row(row.what, f"{_figures(row.ours)} {row.unit}", baseline, ratio, str(row.goal or ""), verdict)
    return shown


def _verdict(row: Row) -> str:
    if row.goal is None:
        return ""
    return "met" if row.goal.met(row) else "MISSED"


def _figures(values: Sequence[float]) -> str:
    return " / ".join(map(_figure, values))


def _figure(value: float) -> str:
    """Three significant digits."""
    if not math.isfinite(value):
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spread(seconds: Sequence[float], factor: float = MILLI) -> tuple[float, float]:
    """p50 and p99."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return ordered[round(0.5 * last)] * factor, ordered[round(0.99 * last)] * factor


@dataclass(slots=True)
class Spent:
    """Seconds that a block took."""

    wall: float = 0.0
    cpu: float = 0.0
    """Of all threads of this process."""


@contextmanager
def spent() -> Iterator[Spent]:
    """Measure the block; the figures are there when it has ended."""
    figures = Spent()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield figures
    finally:
        figures.wall, figures.cpu = time.perf_counter() - wall, time.process_time() - cpu


@asynccontextmanager
async def loop_watched(seconds: list[float]) -> AsyncIterator[None]:
    """Note the CPU that the event loop's thread takes between two looks: a busy machine changes little of it."""

    async def look() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.001)
            seconds.append(time.thread_time() - before)

    async with doing(look()):
        yield


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used, ended threads too (Linux)."""
    # The clock's number, as clock_getcpuclockid(3) makes it: the inverted pid, and 2 for the time it was scheduled.
    return time.clock_gettime((~pid << 3) | 2)


def memory_of(pid: int, field: str = "VmRSS") -> float:
    """Megabytes that a process holds (VmRSS) or has held at most (VmHWM); Linux."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise BrokenBenchmarkError(f"process {pid} has no {field}")


def remove(database: Path) -> None:
    """Delete a SQLite file and what lies beside it."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
