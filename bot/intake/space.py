"""Room on the disk: below it nothing more is taken in, so that what is there can still be pushed and written down."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

LEAST_FREE = 200_000_000
"""Bytes. What sending and settling write fits many times over."""
_MORE_TO_GO_ON = 1.05  # what is free goes up and down by itself
_LOOK_SECONDS = 1.0
MB = 1_000_000

log = logging.getLogger(__name__)


class Space:
    """The free space where the database grows, looked at once a second at most.

    One for each process: it says once in the log that intake pauses, and once that it goes on.
    """

    def __init__(
        self,
        folder: Path,
        monotonic: Callable[[], float],
        *,
        least: int = LEAST_FREE,
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        """`least`: so many bytes are kept free. `free`: how many there are below a folder; raises OSError."""
        self._folder = folder
        self._monotonic = monotonic
        self._least = least
        self._free = free
        self._looked = float("-inf")
        self._has_room = True

    def has_room(self) -> bool:
        """Whether articles may be taken in. Where it cannot be told they may: the database says itself that it fails.

        Intake goes on when 5 % more than the least is free.
        """
        now = self._monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            self._look()
        return self._has_room

    @property
    def shortage(self) -> str:
        """What is wrong when there is no room, for an operator."""
        return f"less than {self._least // MB} MB are free on the disk of the database ({self._folder})"

    def _look(self) -> None:
        try:
            free = self._free(self._folder)
        except OSError:
            free = self._least * 2
        had_room, enough = self._has_room, self._least * (1 if self._has_room else _MORE_TO_GO_ON)
        self._has_room = free >= enough
        if had_room and not self._has_room:
            log.warning("nothing is taken in, pushes go on: %s", self.shortage, extra={"free": free})
        elif self._has_room and not had_room:
            log.info("there is room on the disk again: articles are taken in", extra={"free": free})
