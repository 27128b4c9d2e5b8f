"""The whole program as processes: a sandbox, the bot that runs against it, imports beside it."""

from itertools import count

import aiohttp
import pytest
from newsroom import Newsroom, sandbox_process
from sandbox import Sandbox
from telegram_parser import judge_records

pytest.register_assert_rewrite("stories")  # it judges for the tests


@pytest.fixture(scope="session")
def server():
    """A sandbox process, each test with a world of its own in it; gives its address and its id."""
    with sandbox_process() as running:
        yield running


@pytest.fixture(scope="session")
def numbers():
    """Ids for bots: each test has its own, and so a world of its own."""
    return count(7_000_000_001)


@pytest.fixture
async def sandbox(server, numbers):
    url, pid = server
    async with aiohttp.ClientSession() as session:
        sandbox = Sandbox(url, f"{next(numbers)}:end-to-end", session, pid)
        # As strict as Telegram with who polls in a hurry, and twenty times as fast about it.
        await sandbox.settings(strict_polling=True, pace=0.05)
        yield sandbox
        for kind in ("sent", "edited"):
            judge_records(await sandbox.messages(kind=kind))


@pytest.fixture
async def newsroom(sandbox, tmp_path):
    """The program's processes. None outlives the test; what they said is shown when it fails."""
    async with Newsroom(sandbox, tmp_path) as newsroom:
        yield newsroom
