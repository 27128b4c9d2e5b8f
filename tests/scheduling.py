"""How a run of whole folders is shared out among workers; one file, or one test, needs none.

A file's tests go to one worker, which sets up once what they share. The longest files, most of whose time is waiting,
are begun first; what only computes comes last.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

# Most of the time tests wait for Telegram's pace: two cores keep five workers.
WORKERS = 5

LONGEST = (
    *("test_kill_every_step", "test_quick", "test_groups", "test_run", "test_bad_days"),
    "test_upgrade",  # short: the first worker keeps it until the longest is done
    *("test_kill", "test_edits", "test_channels", "test_pushes", "test_check", "test_walk", "test_standing_by"),
    *("test_random_schedules", "test_schedules", "test_page_looks"),
)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Workers for folders of tests; whoever runs a file, or wants to see what it says, does it in one process."""
    folders = any(Path(argument).is_dir() for argument in config.args)
    return WORKERS if folders and config.option.capture != "no" else 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order in which files are handed out."""

    def place(item: pytest.Item) -> tuple[int, bool]:
        name = item.path.stem
        turn = LONGEST.index(name) if name in LONGEST else len(LONGEST)
        return turn, "end_to_end" not in item.path.parts

    items.sort(key=place)
