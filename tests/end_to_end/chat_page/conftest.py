"""One browser for a module; each test has a world and pages of its own."""

import os
import shutil

import aiohttp
import pytest
import pytest_asyncio
from looking import ARGUMENTS, Screen
from playwright.async_api import async_playwright
from sandbox import Sandbox

CHROMIUM = shutil.which("chromium")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    # Where a missing browser must not go unnoticed, the tests fail instead.
    if CHROMIUM is None and "CI" not in os.environ:
        pytest.skip("there is no chromium here")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(server, numbers):
    url, pid = server
    async with aiohttp.ClientSession() as session:
        yield Sandbox(url, f"{next(numbers)}:page", session, pid)


@pytest_asyncio.fixture(loop_scope="module")
async def screen(browser, sandbox):
    """Opens pages; anything that the browser complains about on one of them fails the test."""
    async with Screen(browser, sandbox) as screen:
        yield screen
    assert screen.complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def ada(sandbox):
    return await sandbox.add_person("Ada", 1001)


@pytest_asyncio.fixture(loop_scope="module")
async def boris(sandbox):
    return await sandbox.add_person("Boris", 1002)
