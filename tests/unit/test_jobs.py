"""What the bot asks of the processes that read for it is what is done there, and costs it nothing to know."""

import inspect
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from bot.intake.parsing import discovery, feed, opml, page
from bot.intake.parsing.entries import FoundFeed, UnreadableError
from bot.intake.processes import jobs
from bot.intake.processes.workers import Workers

NOW = datetime(2026, 7, 16, tzinfo=UTC)
OPML = b'<opml version="2.0"><body><outline type="rss" xmlUrl="https://shore.example/feed"/></body></opml>'
PAGE = b'<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
HEAVY = ("feedparser", "trafilatura", "htmldate", "dateparser", "lxml", "justext")


@pytest.mark.parametrize("job", [feed.read_feed, page.read_page, discovery.find_feeds, opml.read_opml])
def test_a_job_is_called_as_what_it_stands_for(job):
    assert inspect.signature(getattr(jobs, job.__name__)) == inspect.signature(job)


async def test_jobs_are_done_in_another_process():
    async with Workers() as workers:
        assert await workers.run(jobs.read_opml, OPML) == opml.read_opml(OPML)
        found = await workers.run(jobs.find_feeds, PAGE, content_type="text/html", url="https://shore.example/")
        assert found == (FoundFeed("https://shore.example/feed"),)
        for job in (jobs.read_feed, jobs.read_page):
            with pytest.raises(UnreadableError, match="empty"):
                await workers.run(job, b" ", content_type="", url="https://shore.example/", zone="UTC", now=NOW)
        assert len(workers.pids) == 1


def test_naming_jobs_loads_none_of_the_libraries_that_read():
    named = "bot.intake.processes.jobs, bot.intake.processes.workers"
    code = f"import sys, {named}; print([name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
