"""What the bot asks of the processes that read for it is what is done there, and costs it nothing to know."""

import inspect
import subprocess
import sys

import pytest

from bot.intake import feed, jobs, page

HEAVY = ("feedparser", "trafilatura", "htmldate", "dateparser", "lxml", "justext")


@pytest.mark.parametrize("job", [feed.read_feed, page.read_page])
def test_a_job_is_called_as_what_it_stands_for(job):
    assert inspect.signature(getattr(jobs, job.__name__)) == inspect.signature(job)


def test_naming_jobs_loads_none_of_the_libraries_that_read():
    code = f"import sys, bot.intake.jobs, bot.intake.workers; print([name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
