"""The chat page in a real browser, in a private chat: what a person sees, clicks and types."""

import asyncio
import re
import struct
import sys
import zlib

import aiohttp
import pytest
import pytest_asyncio
from looking import KEYBOARD, PHONE, Screen, become, bubbles, chats, choose, say, send
from playwright.async_api import expect
from sandbox import Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def page(screen, ada):
    return await screen.open(ada)


async def received(sandbox, count=1):
    """Wait for so many messages of people; give the newest."""
    return (await sandbox.wait_for(count, kind="received"))[-1]["message"]


async def test_somebody_is_there_from_the_beginning(screen, sandbox):
    page = await screen.open(0)
    await expect(page.get_by_test_id("me")).to_contain_text("Ada")
    [person] = await sandbox.people()
    assert page.url.split("#")[1] == "0"
    await page.get_by_test_id("chat").click()
    assert page.url.split("#")[1] == f"{person['id']}/{person['id']}"


async def test_a_newcomer_presses_start(page, sandbox):
    await sandbox.method("setMyDescription", description="News of the islands")
    await expect(page.get_by_test_id("hint")).to_contain_text("News of the islands")
    await expect(page.get_by_test_id("hint")).to_contain_text("Say /start")
    await page.get_by_test_id("start").click()
    assert (await received(sandbox))["text"] == "/start"
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
    await sandbox.add_group(1001, text)
    await sandbox.method("sendMessage", chat_id=1001, text=text)
    await expect(bubbles(page, "bot").locator(".text")).to_have_text(text)
    await expect(chats(page, text)).to_have_count(2)
    await expect(page.locator("body script, body img")).to_have_count(0)


async def test_a_command_in_a_message_is_sent_by_a_click(page, sandbox):
    await send(sandbox, "Read /article_12")
    await page.get_by_test_id("command").click()
    assert (await received(sandbox))["text"] == "/article_12"


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
    await expect(chats(page, "Page 2")).to_have_count(1)


async def test_own_messages_are_edited_and_deleted(page, sandbox):
    await say(page, "Fery")
    mine = bubbles(page, "person")
    await choose(page, mine, "Edit")
    await expect(page.get_by_test_id("input")).to_have_value("Fery")
    await say(page, "Ferry")
    await expect(mine.locator(".text")).to_have_text("Ferry")
    await expect(mine).to_contain_text("edited")
    await page.get_by_test_id("input").press("ArrowUp")
    await expect(page.get_by_test_id("about")).to_contain_text("Edit message")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("input")).to_have_value("")
    await choose(page, mine, "Delete")
    await expect(mine).to_have_count(0)
    assert len(await sandbox.messages(kind="deleted")) == 1


async def test_a_reply_shows_what_it_answers_and_leads_there(page, sandbox):
    number = await send(sandbox, "Which ferry?")
    for _ in range(30):
        await send(sandbox, "line\n" * 4)
    await page.locator(f'[data-message-id="{number}"] .text').dispatch_event("contextmenu", {"clientX": 9})
    await page.get_by_role("menuitem", name="Reply").click()
    await expect(page.get_by_test_id("about")).to_contain_text("Which ferry?")
    await say(page, "The big one")
    assert (await received(sandbox))["reply_to_message"]["message_id"] == number
    await expect(page.get_by_test_id("about")).to_be_hidden()
    question = page.locator(f'[data-message-id="{number}"]')
    await expect(question).not_to_be_in_viewport()
    await bubbles(page, "person").get_by_test_id("reply").click()
    await expect(question).to_be_in_viewport()
    await expect(question).to_be_focused()


async def test_a_photo_is_shown_with_its_caption(page, sandbox):
    form = aiohttp.FormData({"chat_id": "1001", "caption": "The <b>ferry</b>", "parse_mode": "HTML"})
    form.add_field("photo", picture(80, 40), filename="ferry.png")
    async with aiohttp.ClientSession() as session, session.post(f"{sandbox.api}/sendPhoto", data=form) as response:
        assert response.status == 200
    bubble = bubbles(page, "bot")
    await expect(bubble.locator("strong")).to_have_text("ferry")
    image = bubble.get_by_role("img", name="Photo")
    await expect(image).to_be_visible()
    await expect(image).to_have_js_property("naturalWidth", 80)
    address = await image.get_attribute("src")
    assert address.startswith("/chat/")
    await expect(chats(page, "Photo: The ferry")).to_have_count(1)


async def test_a_hidden_photo_is_shown_by_a_press(page, sandbox):
    form = aiohttp.FormData({"chat_id": "1001", "has_spoiler": "true"})
    form.add_field("photo", picture(80, 40), filename="ferry.png")
    async with aiohttp.ClientSession() as session, session.post(f"{sandbox.api}/sendPhoto", data=form) as response:
        assert response.status == 200
    image = page.get_by_role("img", name="Photo without a caption")
    await expect(image).to_have_css("filter", "blur(28px)")
    await page.get_by_role("button", name="Hidden photo, press to show").click()
    await expect(image).to_have_css("filter", "none")


async def test_texts_are_copied(screen, sandbox, ada):
    page = await screen.open(ada, permissions=["clipboard-read", "clipboard-write"])
    keys = {"inline_keyboard": [[{"text": "Copy the query", "copy_text": {"text": "ferry -strike"}}]]}
    await send(sandbox, "A <b>whole</b> text", reply_markup=keys)
    await page.get_by_test_id("button").click()
    await expect(page.get_by_test_id("toast")).to_have_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == "ferry -strike"
    await choose(page, bubbles(page, "bot"), "Copy text")
    async with asyncio.timeout(30):
        while await page.evaluate("navigator.clipboard.readText()") != "A whole text":
            pass


async def test_the_bot_is_typing(page, sandbox):
    subtitle = page.get_by_test_id("subtitle")
    await expect(subtitle).to_have_text("bot")
    await sandbox.method("sendChatAction", chat_id=1001, action="typing")
    await expect(subtitle).to_have_text("typing …")
    await expect(chats(page, "typing …")).to_have_count(1)
    await send(sandbox, "Here")
    await expect(subtitle).to_have_text("bot")


async def test_a_deep_link_is_followed_on_the_page(page, sandbox):
    link = "https://t.me/sandbox_bot?start=article_12"
    keys = {"inline_keyboard": [[{"text": "Read here", "url": link}]]}
    await send(sandbox, f'<a href="{link}">in words</a>', reply_markup=keys)
    await page.get_by_test_id("button").click()
    assert (await received(sandbox))["text"] == "/start article_12"
    await page.get_by_role("link", name="in words").click()
    assert (await received(sandbox, 2))["text"] == "/start article_12"
    assert len(page.context.pages) == 1


async def test_an_answer_may_lead_to_a_deep_link(page, sandbox):
    await send(sandbox, "Followed", reply_markup=KEYBOARD)
    await page.get_by_test_id("button").filter(has_text="Undo").click()
    _, body = await sandbox.method("getUpdates", offset=-1, timeout=10)
    query = body["result"][-1]["callback_query"]["id"]
    await sandbox.method("answerCallbackQuery", callback_query_id=query, url="https://t.me/sandbox_bot?start=more")
    assert (await received(sandbox))["text"] == "/start more"


async def test_everybody_has_their_own_unread_messages(page, sandbox, boris):
    await sandbox.say(boris, "/latest")
    for number in range(3):
        await send(sandbox, f"Headline {number}", chat=boris)
    await expect(page.get_by_test_id("me").get_by_test_id("unread")).to_have_text("3 unread for others")
    await become(page, "Boris")
    await expect(bubbles(page, "bot")).to_have_count(3)
    await expect(page.locator(".unread")).to_have_text("Unread messages")
    await expect(page.get_by_test_id("unread")).to_have_count(0)
    await expect(chats(page, "Headline 2")).to_have_count(1)


async def test_two_windows_show_two_people(page, screen, sandbox, boris):
    other = await screen.open(boris)
    await send(sandbox, "For Ada")
    await send(sandbox, "For Boris", chat=boris)
    await expect(bubbles(page, "bot")).to_have_text([re.compile("For Ada")])
    await expect(bubbles(other, "bot")).to_have_text([re.compile("For Boris")])
    await expect(other.get_by_test_id("me")).to_contain_text("Boris")


@pytest.mark.usefixtures("boris")
async def test_a_draft_waits_in_its_chat(page):
    await page.get_by_test_id("input").fill("half a tho")
    await expect(page.get_by_test_id("me")).to_contain_text("Ada")
    await become(page, "Boris")
    await expect(page.get_by_test_id("input")).to_have_value("")
    await become(page, "Ada")
    await expect(page.get_by_test_id("input")).to_have_value("half a tho")


async def test_the_menu_of_commands_by_keyboard(page, sandbox):
    commands = [{"command": name, "description": f"about {name}"} for name in ("latest", "search", "subscribe")]
    await sandbox.method("setMyCommands", commands=commands)
    field = page.get_by_test_id("input")
    await field.press_sequentially("/s")
    await expect(page.get_by_test_id("menu").get_by_role("option")).to_have_count(2)
    await field.press("ArrowDown")
    await field.press("ArrowDown")
    await field.press("Enter")
    assert (await received(sandbox))["text"] == "/subscribe"
    await field.press_sequentially("/search")
    await expect(page.get_by_test_id("menu").get_by_role("option")).to_have_count(1)
    await field.press("Tab")
    await field.press_sequentially("tunnel")
    await field.press("Enter")
    assert (await received(sandbox, 2))["text"] == "/search tunnel"
    await expect(field).to_have_value("")


async def test_what_is_refused_is_said_and_stays_written(page, screen):
    unseen = "\u200b"
    await say(page, unseen)
    await expect(page.get_by_test_id("toast")).to_contain_text("a text that can be seen")
    await expect(page.get_by_test_id("input")).to_have_value(unseen)
    [complaint] = screen.complaints
    assert "400" in complaint
    screen.complaints.clear()


async def test_who_has_no_account_cannot_write(page, sandbox):
    await sandbox.deactivate(1001)
    await expect(page.get_by_test_id("silence")).to_contain_text("This account is deleted")
    await expect(page.get_by_test_id("input")).to_be_hidden()


async def test_a_person_is_added(page, sandbox):
    await page.get_by_test_id("me").click()
    await page.get_by_test_id("add-person").click()
    await page.get_by_test_id("new-name").fill("Անի")
    await page.get_by_test_id("new-add").click()
    await expect(page.get_by_test_id("me")).to_contain_text("Անի")
    [_, ani] = await sandbox.people()
    assert (ani["first_name"], ani["started"]) == ("Անի", False)
    await page.get_by_test_id("start").click()
    await expect(bubbles(page, "person")).to_contain_text("/start")


async def test_thousands_of_messages_are_shown_in_portions(screen, sandbox, ada):
    for number in range(700):
        await sandbox.say(ada, f"note {number}")
    page = await screen.open(ada)
    notes = bubbles(page, "person")
    await expect(notes).to_have_count(300)
    await expect(notes.last).to_contain_text("note 699")
    # Who scrolls to the button gets more by that; who comes to it by keyboard presses it.
    await page.get_by_test_id("older").dispatch_event("click")
    await expect(notes).to_have_count(600)
    await expect(notes.first).to_contain_text("note 100")
    await expect(page.locator(".day")).to_have_count(1)
    await page.locator("#scroll").evaluate("node => node.scrollTo(0, 0)")
    await expect(notes).to_have_count(700)
    await expect(page.get_by_test_id("older")).to_be_hidden()


async def test_who_looks_back_is_not_carried_away(page, sandbox):
    for number in range(30):
        await send(sandbox, f"{number}\n" * 4)
    await expect(bubbles(page, "bot").last).to_be_in_viewport()
    await page.locator("#scroll").evaluate("node => node.scrollTo(0, 0)")
    await expect(bubbles(page, "bot").last).not_to_be_in_viewport()
    await send(sandbox, "The newest")
    down = page.get_by_role("button", name="To the newest message")
    await expect(down).to_be_visible()
    await expect(bubbles(page, "bot").last).not_to_be_in_viewport()
    await down.click()
    await expect(bubbles(page, "bot").last).to_be_in_viewport()
    await expect(down).to_be_hidden()


async def test_a_long_press_opens_what_can_be_done(screen, sandbox, ada):
    page = await screen.open(ada, **PHONE)
    await send(sandbox, "Press me")
    box = await bubbles(page, "bot").locator(".bubble").bounding_box()
    finger = await page.context.new_cdp_session(page)
    point = {"x": box["x"] + 10, "y": box["y"] + 10}
    await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    await expect(page.get_by_role("menuitem", name="Reply")).to_be_visible()
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await page.get_by_role("menuitem", name="Reply").tap()
    await expect(page.get_by_test_id("about")).to_contain_text("Press me")


async def test_an_edit_of_an_old_message_stays_out_of_sight(page, sandbox, ada):
    first = await sandbox.say(ada, "note")
    for number in range(320):
        await sandbox.say(ada, f"note {number}")
    await page.reload()
    await expect(bubbles(page, "person")).to_have_count(300)
    await sandbox.edit(ada, first["message_id"], "changed")
    await send(sandbox, "And on")
    await expect(bubbles(page, "bot")).to_have_count(1)
    await expect(page.get_by_text("changed")).to_have_count(0)


async def test_the_line_breaks(browser):
    server = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot.sandbox", stdout=asyncio.subprocess.PIPE)
    url = (await server.stdout.readline()).decode().split()[-1]
    async with aiohttp.ClientSession() as session, Screen(browser, Sandbox(url, "1:line", session)) as screen:
        page = await screen.open(0)
        await expect(page.get_by_test_id("subtitle")).to_have_text("bot")
        server.kill()
        await server.wait()
        await expect(page.get_by_test_id("subtitle")).to_have_text("connecting …")


async def test_a_phone_shows_one_column(screen, sandbox, ada):
    page = await screen.open(ada, **PHONE)
    await send(sandbox, "x" * 300)
    await expect(bubbles(page, "bot")).to_be_visible()
    await expect(page.get_by_test_id("chat")).to_be_hidden()
    await page.get_by_role("button", name="Back to chats").click()
    await expect(page.get_by_test_id("chat")).to_be_visible()
    await page.get_by_test_id("chat").click()
    await expect(bubbles(page, "bot")).to_be_visible()


def picture(width, height):
    """A grey PNG."""
    rows = (b"\0" + b"\x80" * width) * height
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
