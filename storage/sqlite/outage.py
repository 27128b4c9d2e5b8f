"""Telling an operator that the database cannot be used: once, then once a minute, and when it is over."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

AGAIN_SECONDS = 60.0
QUIET_SECONDS = 2.0  # on a full disk some writes still pass: it is over when all have passed for so long

log = logging.getLogger(__name__)


class Outage:
    """One database's bad days. For one thread."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._monotonic = monotonic
        self._since: float | None = None
        self._last = 0.0
        self._said = 0.0

    def failed(self, error: Exception) -> None:
        """Something could not be written or read."""
        now = self._last = self._monotonic()
        if self._since is not None and now - self._said < AGAIN_SECONDS:
            return
        if self._since is None:
            self._since = now
        self._said = now
        log.warning(
            "the database fails; nothing is lost, and what is to be done waits for it",
            extra={"file": str(self._path), "error": str(error), "seconds": round(now - self._since)},
        )

    def worked(self) -> None:
        """Something was written."""
        now = self._monotonic()
        if self._since is None or now - self._last < QUIET_SECONDS:
            return
        seconds = round(now - self._since)
        log.info("the database works again", extra={"file": str(self._path), "seconds": seconds})
        self._since = None
