"""A newcomer's first minutes: the demo's page in a real browser, from subscribing to an opened article."""

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from bot.render import words

ARTEFACTS = Path(__file__).parents[2] / "artefacts"
CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
# Where a missing browser must not go unnoticed, the test fails instead.
needs_chromium = pytest.mark.skipif(CHROMIUM is None and "CI" not in os.environ, reason="there is no chromium here")


@pytest.fixture
async def page(newsroom):
    """The demo's page; anything that the browser complains about fails the test."""
    demo = await newsroom.launch("demo", "--no-browser", "--every", "5")
    address = re.search(r"http://\S+", await demo.said("The bot is at "))[0]
    complaints = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(
            viewport={"width": 1100, "height": 820}, locale="en-GB", timezone_id="Asia/Yerevan", reduced_motion="reduce"
        )
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        await page.goto(address)
        yield page
        await browser.close()
    assert complaints == []
    assert await demo.stop() == 0


def answers(page):
    return page.locator('[data-testid="message"][data-from="bot"]')


async def say(page, text):
    """Send a message; give the bubble that answers it."""
    before = await answers(page).count()
    await page.get_by_test_id("input").fill(text)
    await page.keyboard.press("Enter")
    await expect(answers(page)).not_to_have_count(before)
    return answers(page).nth(before)


@needs_chromium
async def test_a_newcomer_looks_around(page):
    # One chat of every kind, the private one first.
    await expect(page.get_by_test_id("chat")).to_have_count(4)
    await expect(page.locator("#title")).to_have_text("Newscrier")
    await page.get_by_test_id("start").click()
    await expect(answers(page).last).to_contain_text(words.GREETING)

    followed = await say(page, "/subscribe")
    await expect(followed).to_contain_text(f"{words.following(new=True)} {words.EVERYTHING}")
    push = answers(page).nth(2)
    await expect(push.get_by_test_id("button").filter(has_text=words.READ)).to_be_visible(timeout=20_000)
    # No more of them come between the questions.
    await followed.get_by_test_id("button").filter(has_text=words.UNDO).click()
    await expect(followed).to_contain_text(words.not_following(undone=True))

    found = await say(page, "/search railway OR ferry OR opera")
    first = await found.locator(".text").inner_text()
    await found.get_by_test_id("button").filter(has_text=words.OLDER).click()
    await expect(found.get_by_test_id("button").filter(has_text=words.NEWER)).to_be_visible()
    assert await found.locator(".text").inner_text() != first

    number = re.search(r"/article_\d+", await found.locator(".text").inner_text())[0]
    before = await answers(page).count()
    await found.get_by_test_id("command").filter(has_text=re.compile(f"^{number}$")).click()
    article = answers(page).nth(before)
    await expect(article.locator("strong").first).not_to_be_empty()
    await expect(article.locator("time.moment")).to_be_visible()

    ARTEFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTEFACTS / "demo.png")
