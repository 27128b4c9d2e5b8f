"""How a run of whole folders is shared out among workers; one file, or one test, needs none.

A file's tests go to one worker, which sets up once what they share. Files that measure seconds come first, one by one,
while the other workers have nothing to do: what is measured must be the bot's pace, not what neighbours leave of it.
Then come the longest files and those that mostly wait, then what only computes, and last what loads the whole machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    import pytest
    from xdist.workermanage import WorkerController

# Most of the time tests wait for Telegram's pace: two cores keep four workers.
WORKERS = 4

MEASURING = ("test_pace", "test_faults", "test_sandbox_updates", "test_stopping", "test_demo")
LONGEST = ("test_run", "test_groups", "test_kill", "test_bad_days", "test_standing_by", "test_edits", "test_channels")
LOUD = ("test_kill_every_step", "test_quick")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Workers for folders of tests; whoever runs a file, or wants to see what it says, does it in one process."""
    folders = any(Path(argument).is_dir() for argument in config.args)
    return WORKERS if folders and config.option.capture != "no" else 0


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> QuietFirst:
    return QuietFirst(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order in which files are handed out."""
    first = MEASURING + LONGEST

    def place(item: pytest.Item) -> tuple[int, bool]:
        name = item.path.stem
        turn = first.index(name) if name in first else len(first) + (name in LOUD)
        return turn, "end_to_end" not in item.path.parts

    items.sort(key=place)


class QuietFirst(LoadFileScheduling):
    """Hands out files, those that measure to one worker, and nothing to others until they are done."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "measuring" if Path(file).stem in MEASURING else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self._measuring() in (None, node):
            super()._assign_work_unit(node)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        measured = self._measuring()
        super().mark_test_complete(node, item_index, duration)
        if measured and not self._measuring():
            for each in self.nodes * 2:  # a worker keeps its last test until it knows what follows: give it two files
                self._reschedule(each)

    def _measuring(self) -> WorkerController | None:
        """The worker that measures, until it has done."""
        for node, files in self.assigned_work.items():
            if not all(files.get("measuring", {}).values()):
                return node
        return None
