"""What holds for all suites."""

from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

# Most of the time tests wait for Telegram's pace: two cores keep three workers.
WORKERS = 3

# One worker runs these, none beside another: first who measures seconds, then who loads the machine.
ONE_BY_ONE = ("test_faults", "test_kill", "test_pushes", "test_kill_every_step", "test_quick")

# How long an example takes is the machine's affair: what is measured is measured by benchmarks.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")


def stem(nodeid: str) -> str:
    """The name of a test's file, without what it ends in."""
    return Path(nodeid.partition("::")[0]).stem


class Scheduling(LoadFileScheduling):
    """A file's tests go to one worker, which sets up once what they share."""

    def _split_scope(self, nodeid: str) -> str:
        return "one by one" if stem(nodeid) in ONE_BY_ONE else super()._split_scope(nodeid)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Workers for folders of tests; whoever runs a file, or wants to see what it says, does it in one process."""
    folders = any(Path(argument).is_dir() for argument in config.args)
    return WORKERS if folders and config.option.capture != "no" else 0


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who measures begins, and beside it those who mostly wait; what only computes comes last."""

    def place(item: pytest.Item) -> tuple[int, bool]:
        name = stem(item.nodeid)
        turn = ONE_BY_ONE.index(name) if name in ONE_BY_ONE else len(ONE_BY_ONE)
        return turn, "end_to_end" not in item.path.parts

    items.sort(key=place)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests have recorded as "shown", whichever process they ran in."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "shown":
                terminalreporter.write_line(text)
