"""The chat page for everybody: by keyboard alone, through a screen reader, on a small phone, in light and in dark."""

import re
from pathlib import Path

import pytest
import pytest_asyncio
from looking import KEYBOARD, PHONE, bubbles, chats, panel, send
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="module")

NARROW = {**PHONE, "viewport": {"width": 360, "height": 640}}
CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
RICH = (
    "<b>Headline</b> <i>italics</i> <a href='https://x.example/'>link</a> /article_12 #tag <code>code</code>\n"
    f"<pre>{LONG}{LONG}</pre><blockquote>A quote</blockquote>{LONG}"
)


@pytest_asyncio.fixture(loop_scope="module")
async def town(sandbox, ada, boris):
    """Chats of every kind, with something of everything in them."""
    group = await sandbox.add_group(boris, f"Circle {LONG}", kind="group", members=[ada])
    forum = await sandbox.add_group(ada, "Town hall", members=[boris], forum=True)
    channel = await sandbox.add_channel(boris, "Notebook", members=[ada])
    topic = await sandbox.add_topic(forum, f"Sport {LONG}")
    await sandbox.close_topic(forum, topic)
    for chat in (ada, group, channel):
        number = await send(sandbox, RICH, chat=chat, reply_markup=KEYBOARD)
    question = await sandbox.say(ada, "/latest #news", chat=group)
    await sandbox.say(boris, f"Look {LONG}", chat=group, reply_to=question["message_id"])
    await sandbox.say(boris, "Unread", chat=forum)
    await sandbox.method("pinChatMessage", chat_id=channel, message_id=number)
    await sandbox.faults({"kind": "500", "method": "sendMessage", "times": 3})
    return {"private": (ada,), "group": (group,), "forum": (forum,), "topic": (forum, topic), "channel": (channel,)}


# By keyboard alone


async def tab_to(page, name, *, back=False):
    """Go on by the Tab key until what is called so has the focus."""
    for _ in range(60):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        focused = await page.evaluate(
            "(document.activeElement.ariaLabel ?? document.activeElement.textContent).replace(/\\s+/g, ' ')"
        )
        if name in focused:
            return
    raise AssertionError(f"the Tab key does not come to {name!r}")


async def test_everything_goes_by_keyboard(screen, sandbox, ada, boris):
    chat = await sandbox.add_group(ada, "Circle", members=[boris])
    page = await screen.open(ada)
    await expect(page.get_by_test_id("input")).to_be_focused()
    await walk_to_another_person_and_chat(page)
    await walk_through_messages(page)
    await send(sandbox, "Press", chat=chat, reply_markup=KEYBOARD)
    await expect(bubbles(page, "bot")).to_have_count(1)
    await tab_to(page, "Undo", back=True)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("button").first).to_have_attribute("aria-busy", "true")
    await walk_to_the_panel_and_back(page)
    await page.keyboard.press("Alt+ArrowUp")
    await expect(page.locator("#title")).to_have_text("Sandbox bot")


async def walk_to_another_person_and_chat(page):
    press = page.keyboard.press
    await tab_to(page, "You are", back=True)
    await press("Enter")
    await expect(page.get_by_test_id("person").first).to_be_focused()
    await press("ArrowDown")
    await press("Enter")
    await expect(page.get_by_test_id("me")).to_contain_text("Boris")
    await expect(page.get_by_test_id("input")).to_be_focused()
    await tab_to(page, "Circle", back=True)
    await press("ArrowUp")
    await expect(page.get_by_test_id("chat").first).to_be_focused()
    await press("ArrowDown")
    await expect(chats(page, "Circle")).to_be_focused()
    await press("Enter")
    await expect(page.get_by_test_id("input")).to_be_focused()


async def walk_through_messages(page):
    press, write, said = page.keyboard.press, page.keyboard.type, bubbles(page, "person")
    for number, text in enumerate(("First", "Second"), 1):
        await write(text)
        await press("Enter")
        await expect(said).to_have_count(number)
    await tab_to(page, "You,", back=True)
    await press("ArrowUp")
    await press("Enter")
    await expect(page.get_by_role("menuitem", name="Reply")).to_be_focused()
    await press("Escape")
    await expect(said.first).to_be_focused()
    await press("Enter")
    await press("Enter")
    await write("A third")
    await press("Enter")
    await expect(said.last.get_by_test_id("reply")).to_contain_text("First")
    await press("ArrowUp")
    await expect(page.get_by_test_id("about")).to_contain_text("Edit message")
    await press("End")
    await write(", and last")
    await press("Enter")
    await expect(said.last).to_contain_text("A third, and last")


async def walk_to_the_panel_and_back(page):
    press = page.keyboard.press
    await tab_to(page, "Chat info", back=True)
    await press("Enter")
    await tab_to(page, "Adaowner")
    await press("Enter")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await press("Escape")
    await expect(page.get_by_test_id("member").first).to_be_focused()
    await press("Escape")
    await expect(page.get_by_test_id("panel")).to_be_hidden()
    await expect(page.get_by_test_id("info")).to_be_focused()


async def test_the_focus_stays_while_things_change(screen, sandbox, ada):
    page = await screen.open(ada)
    number = await send(sandbox, "Page 1", reply_markup=KEYBOARD)
    button = page.get_by_test_id("button").filter(has_text="Undo")
    await button.focus()
    await sandbox.method("editMessageText", chat_id=ada, message_id=number, text="Page 2", reply_markup=KEYBOARD)
    await expect(bubbles(page, "bot")).to_contain_text("Page 2")
    await expect(button).to_be_focused()
    await chats(page, "Page 2").focus()
    await send(sandbox, "Another")
    await expect(chats(page, "Another")).to_be_focused()


# Through a screen reader


async def test_parts_have_their_roles_and_names(screen, ada, town):
    page = await screen.open(ada, *town["group"])
    await expect(page.get_by_role("navigation", name="Chats")).to_be_visible()
    await expect(page.get_by_role("main")).to_be_visible()
    await expect(page.get_by_role("list", name="Chats").get_by_role("button")).to_have_count(4)
    log = page.get_by_role("log", name=re.compile("Conversation: Circle"))
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log.get_by_role("article", name="Boris")).to_have_count(1)
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    await page.get_by_role("button", name="Chat info").click()
    await expect(page.get_by_role("complementary", name="Chat info").get_by_role("heading")).not_to_have_count(0)


@pytest.mark.parametrize("place", ["private", "group", "forum", "topic", "channel"])
async def test_whatever_is_used_has_a_name(screen, ada, town, place):
    page = await screen.open(ada, *town[place])
    await panel(page)
    await expect(page.get_by_test_id("faults")).to_be_visible()
    tree = await page.locator("body").aria_snapshot()
    used = re.findall(r"- \'?(button|link|combobox|textbox|searchbox|spinbutton|checkbox|img|article)\b(.*)", tree)
    assert len(used) > 15
    assert [kind for kind, rest in used if ' "' not in rest and kind != "article"] == []


# On a small phone


@pytest.mark.parametrize("place", ["private", "group", "forum", "topic", "channel"])
async def test_a_small_phone_has_room_for_it(screen, ada, town, place):
    page = await screen.open(ada, *town[place], **NARROW)
    assert await overflow(page) == []
    assert await small_targets(page) == []
    if place != "forum":
        await panel(page)
        await expect(page.get_by_test_id("faults")).to_be_visible()
        assert await overflow(page) == []
        assert await small_targets(page) == []


async def overflow(page):
    """What stands out at the side of the window."""
    return await page.evaluate(
        """() => ["html", "#list", "#scroll", "#panel-body"].filter((name) => {
            const node = document.querySelector(name);
            return node.checkVisibility() && node.scrollWidth > Math.min(node.clientWidth, 360);
        })"""
    )


async def small_targets(page):
    """What is too small for a finger; words within a text are as high as their line."""
    return await page.evaluate(
        """() => [...document.querySelectorAll("button, select, input, .check, a.key")].filter((node) => {
            if (!node.checkVisibility() || node.closest(".text") || node.matches(".check input")) return false;
            const box = node.getBoundingClientRect();
            return Math.min(box.width, box.height) < 40;
        }).map((node) => node.outerHTML.slice(0, 90))"""
    )


# In light and in dark


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["private", "group", "topic", "channel"])
async def test_words_stand_out(screen, ada, town, place, scheme):
    page = await screen.open(ada, *town[place], color_scheme=scheme)
    await panel(page)
    await expect(page.get_by_test_id("faults")).to_be_visible()
    # What the mouse is over counts, too.
    await page.locator("#list [aria-current]").hover()
    weak, seen = await page.evaluate(CONTRAST)
    assert seen > 40
    assert weak == []
