"""What a Bot API server does on bad days: faults on demand, counting."""

from __future__ import annotations

import os
import signal
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

BEFORE = frozenset({"429", "500", "502", "504", "error", "reset_before", "hang_before"})
AFTER = frozenset({"reset_after", "hang_after", "broken_json"})
FAULTS = BEFORE | AFTER | {"latency"}


@dataclass(slots=True)
class Fault:
    """One fault in force; `None` fits any method, any chat, any number of times."""

    kind: str
    method: str | None = None
    chat: int | None = None
    times: int | None = None
    retry_after: int = 1
    seconds: float = 0.05
    status: int = 400
    description: str = "Bad Request"
    parameters: Json | None = None

    def fits(self, method: str, chat: int | None) -> bool:
        return self.method in (None, method) and self.chat in (None, chat)


class Faults:
    """The faults in force, oldest first; a fault with `times` wears off."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, faults: list[Fault]) -> None:
        self._faults += faults

    def clear(self) -> None:
        self._faults = []

    @property
    def in_force(self) -> list[Fault]:
        return list(self._faults)

    def take(self, method: str, chat: int | None) -> tuple[float, Fault | None]:
        """Give the seconds to wait and the fault that strikes this call."""
        if not self._faults:
            return 0.0, None
        delay = 0.0
        struck: Fault | None = None
        for fault in self._faults:
            if not fault.fits(method, chat) or (struck is not None and fault.kind != "latency"):
                continue
            _use(fault)
            if fault.kind == "latency":
                delay += fault.seconds
            else:
                struck = fault
        self._faults = [fault for fault in self._faults if fault.times != 0]
        return delay, struck


def _use(fault: Fault) -> None:
    if fault.times is not None:
        fault.times -= 1


class Counters:
    """Answers by method and status, and how many sends were under way at once."""

    def __init__(self) -> None:
        self._answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._in_flight = 0
        self._most_in_flight = 0

    def answered(self, method: str, status: str) -> None:
        """Count one answer; `status` is the HTTP status, or "none" where the connection ended without one."""
        self._answers[method][status] += 1

    @contextmanager
    def under_way(self, method: str) -> Iterator[None]:
        if method != "sendMessage":
            yield
            return
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            yield
        finally:
            self._in_flight -= 1

    def reset(self) -> None:
        self._answers.clear()
        self._most_in_flight = self._in_flight

    def as_json(self) -> Json:
        methods = {method: dict(statuses) for method, statuses in self._answers.items()}
        return {"methods": methods, "in_flight": self._in_flight, "max_in_flight": self._most_in_flight}


class Assassin:
    """Kills a process at an exact message: what a crash test needs."""

    def __init__(self) -> None:
        self._left = 0
        self._pid = 0

    def hire(self, pid: int, sends: int) -> None:
        self._pid, self._left = pid, sends

    def sent(self) -> None:
        """One more message is accepted and recorded; its answer is not yet written."""
        if not self._left:
            return
        self._left -= 1
        if not self._left:
            _kill(self._pid)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
