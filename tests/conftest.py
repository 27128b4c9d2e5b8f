"""What holds for all suites."""

from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

# Most of the time tests wait for Telegram's pace: two cores keep three workers.
WORKERS = 3

# Who measures seconds, and who loads the machine: one worker runs them all, so none is beside another.
ALONE = {"test_faults", "test_kill", "test_kill_every_step", "test_pushes", "test_quick"}

# How long an example takes is the machine's affair: what is measured is measured by benchmarks.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")


class Scheduling(LoadFileScheduling):
    """A file's tests go to one worker, which then sets up but once what they share."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "alone" if Path(file).stem in ALONE else file


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Workers for folders of tests; whoever runs a file, or wants to see its output, does it in one process."""
    folders = any(Path(argument).is_dir() for argument in config.args)
    return WORKERS if folders and config.option.capture != "no" else 0


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    return Scheduling(config, log)
