"""The chat page in a real browser: what a person sees, clicks and types."""

import re

import pytest
from playwright.async_api import async_playwright, expect
from sandbox import Sandbox

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
KEYBOARD = {
    "inline_keyboard": [[{"text": "Undo", "callback_data": "undo"}, {"text": "Site", "url": "https://x.example/"}]]
}


@pytest.fixture
async def sandbox():
    async with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
async def browser():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser, sandbox):
    """Ada's page; anything that the browser complains about fails the test."""
    await sandbox.add_person("Ada", 1001)
    context = await browser.new_context(locale="en-GB", timezone_id="Asia/Yerevan", reduced_motion="reduce")
    page = await context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    await page.goto(sandbox.page)
    await expect(page.get_by_test_id("person")).to_have_count(1)
    yield page
    assert complaints == []


async def send(sandbox, text, chat=1001, **more):
    status, body = await sandbox.method("sendMessage", chat_id=chat, text=text, parse_mode="HTML", **more)
    assert status == 200, body
    return body["result"]["message_id"]


def bubbles(page, sender):
    return page.locator(f'[data-testid="message"][data-from="{sender}"]')


async def test_a_newcomer_presses_start(page, sandbox):
    await expect(page.get_by_test_id("hint")).to_contain_text("Say /start")
    await page.get_by_test_id("start").click()
    [record] = await sandbox.wait_for(kind="received")
    assert record["message"]["text"] == "/start"
    await send(sandbox, "Welcome")
    await expect(bubbles(page, "bot")).to_contain_text("Welcome")
    await expect(page.get_by_test_id("hint")).to_be_hidden()


async def test_formatting_is_shown(page, sandbox):
    await send(
        sandbox,
        '<b>Bold</b> <a href="https://x.example/y">link</a> <tg-spoiler>secret</tg-spoiler> '
        '<tg-time unix="1700000000" format="wDT">then</tg-time>\n<pre><code class="language-sh">ls</code></pre>'
        "<blockquote expandable>" + "A long line of the article's text. " * 40 + "</blockquote>",
    )
    bubble = bubbles(page, "bot")
    await expect(bubble.locator("strong")).to_have_text("Bold")
    await expect(bubble.locator("a")).to_have_attribute("href", "https://x.example/y")
    await expect(bubble.locator("pre")).to_have_attribute("data-language", "sh")
    # 22:13:20 UTC is the next day in Yerevan.
    await expect(bubble.locator("time.moment")).to_have_text(re.compile(r"Wed.* 15 November 2023.* 02:13:20"))
    quote = bubble.get_by_test_id("expandable")
    folded = (await quote.bounding_box())["height"]
    await quote.click()
    assert (await quote.bounding_box())["height"] > 2 * folded
    spoiler = bubble.locator(".spoiler")
    await expect(spoiler).to_have_css("color", "rgba(0, 0, 0, 0)")
    await spoiler.click()
    await expect(spoiler).not_to_have_css("color", "rgba(0, 0, 0, 0)")


async def test_outside_text_stays_text(page, sandbox):
    text = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    await sandbox.method("sendMessage", chat_id=1001, text=text)
    await expect(bubbles(page, "bot").locator(".text")).to_have_text(text)
    await expect(page.locator("#log img, #log script")).to_have_count(0)


async def test_a_command_in_a_message_is_sent_by_a_click(page, sandbox):
    await send(sandbox, "Read /article_12")
    await page.get_by_test_id("command").click()
    [record] = await sandbox.wait_for(kind="received")
    assert record["message"]["text"] == "/article_12"


async def test_buttons_press_and_their_answers_are_shown(page, sandbox):
    await send(sandbox, "Followed", reply_markup=KEYBOARD)
    button = page.get_by_test_id("button").filter(has_text="Undo")
    for show_alert, place in ((False, "toast"), (True, "alert")):
        await button.click()
        await expect(button).to_have_attribute("aria-busy", "true")
        _, body = await sandbox.method("getUpdates", offset=-1, timeout=10)
        query = body["result"][-1]["callback_query"]
        assert query["data"] == "undo"
        await sandbox.method("answerCallbackQuery", callback_query_id=query["id"], text="Undone", show_alert=show_alert)
        await expect(page.get_by_test_id(place)).to_contain_text("Undone")
        await expect(button).not_to_have_attribute("aria-busy", "true")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("alert")).to_be_hidden()
    await expect(page.get_by_test_id("button").filter(has_text="Site")).to_have_attribute("target", "_blank")


async def test_an_edit_and_a_deletion_happen_in_place(page, sandbox):
    first = await send(sandbox, "Page 1", reply_markup=KEYBOARD)
    second = await send(sandbox, "Other")
    await expect(bubbles(page, "bot")).to_have_count(2)
    await sandbox.method("editMessageText", chat_id=1001, message_id=first, text="Page 2")
    changed = page.locator(f'[data-message-id="{first}"]')
    await expect(changed.locator(".text")).to_have_text("Page 2")
    await expect(changed.get_by_test_id("button")).to_have_count(0)
    await expect(changed).to_contain_text("edited")
    await sandbox.method("deleteMessage", chat_id=1001, message_id=second)
    await expect(bubbles(page, "bot")).to_have_count(1)


async def test_others_get_unread_badges(page, sandbox):
    await sandbox.add_person("Boris", 1002)
    await sandbox.say(1002, "/latest")
    for number in range(3):
        await send(sandbox, f"Headline {number}", chat=1002)
    boris = page.get_by_test_id("person").filter(has_text="Boris")
    await expect(boris.locator(".badge")).to_have_text("3")
    await boris.click()
    await expect(bubbles(page, "bot")).to_have_count(3)
    await expect(boris.locator(".badge")).to_have_count(0)


async def test_the_menu_of_commands_by_keyboard(page, sandbox):
    commands = [{"command": name, "description": f"about {name}"} for name in ("latest", "search", "subscribe")]
    await sandbox.method("setMyCommands", commands=commands)
    field = page.get_by_test_id("input")
    await field.press_sequentially("/s")
    await expect(page.get_by_test_id("menu").get_by_role("option")).to_have_count(2)
    await field.press("ArrowDown")
    await field.press("ArrowDown")
    await field.press("Enter")
    [record] = await sandbox.wait_for(kind="received")
    assert record["message"]["text"] == "/subscribe"
    await field.press_sequentially("/search")
    await field.press("Tab")
    await field.press_sequentially("tunnel")
    await field.press("Enter")
    [_, record] = await sandbox.wait_for(2, kind="received")
    assert record["message"]["text"] == "/search tunnel"
    await expect(field).to_have_value("")


async def test_a_person_is_added_and_may_block_the_bot(page, sandbox):
    await page.get_by_test_id("add-person").click()
    await page.get_by_test_id("new-name").fill("Անի")
    await page.get_by_test_id("new-add").click()
    await expect(page.get_by_test_id("as")).to_contain_text("Անի")
    await page.get_by_test_id("block").click()
    await expect(page.get_by_test_id("block")).to_have_text("Unblock")
    [_, ani] = await sandbox.people()
    assert (ani["first_name"], ani["blocked"]) == ("Անի", True)


async def test_a_phone_shows_one_column(browser, sandbox):
    await sandbox.add_person("Ada", 1001)
    context = await browser.new_context(viewport={"width": 390, "height": 780}, is_mobile=True, has_touch=True)
    page = await context.new_page()
    await page.goto(sandbox.page)
    await send(sandbox, "x" * 300)
    await expect(bubbles(page, "bot")).to_be_visible()
    await expect(page.get_by_test_id("person")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await page.get_by_role("button", name="Back to people").click()
    await expect(page.get_by_test_id("person")).to_be_visible()
