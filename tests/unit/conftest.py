"""What unit tests share: whatever they render is judged by Telegram's own parser; intake and a site that it reads."""

import pytest
import pytest_asyncio
from feed_site import desk, serving
from judging import judge_markup

from bot.intake.processes.workers import Workers
from bot.render.message import Message
from bot.render.text import Text


@pytest.fixture(autouse=True)
def rendered(monkeypatch):
    """Judge, at the end of a test, every message that it made and every text that it wrote as HTML."""
    html, made = Text.html, Message.__init__
    seen = set()

    def written(text, *arguments, **options):
        result = html(text, *arguments, **options)
        seen.add(result)
        return result

    def noted(message, *arguments, **options):
        made(message, *arguments, **options)
        seen.update((html(message.text), html(message.text, date_times=False)))

    monkeypatch.setattr(Text, "html", written)
    monkeypatch.setattr(Message, "__init__", noted)
    yield
    judge_markup(seen)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers():
    """The processes that read feeds: starting one takes a while."""
    async with Workers() as workers:
        yield workers


@pytest_asyncio.fixture(loop_scope="module")
async def site():
    """A site on this machine, which answers as it is told."""
    async with serving() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def at(tmp_path, workers):
    """All of intake, with a store of its own."""
    async with desk(tmp_path, workers) as made:
        yield made
