"""Forums and channels on the chat page."""

import re

import pytest
import pytest_asyncio
from looking import become, bubbles, chats, panel, say, send, surely
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def forum(sandbox, ada, boris):
    """Boris's forum, with Ada in it."""
    return await sandbox.add_group(boris, "Town hall", members=[ada], forum=True)


def topics(page, name=""):
    return page.get_by_test_id("topic").filter(has_text=name)


async def test_a_forum_shows_its_topics_first(screen, sandbox, ada, boris, forum):
    sport = await sandbox.add_topic(forum, "Sport")
    await sandbox.say(boris, "Who won?", chat=forum, thread=sport)
    page = await screen.open(ada)
    await chats(page, "Town hall").click()
    await expect(topics(page)).to_have_text([re.compile("General"), re.compile("Sport.*Boris: Who won?")])
    await expect(page.get_by_test_id("hint")).to_contain_text("Choose a topic")
    field = page.get_by_test_id("input")
    await expect(field).to_be_hidden()
    await topics(page, "Sport").click()
    await expect(field).to_be_visible()
    assert (await field.bounding_box())["height"] >= 40  # a whole line, though it was hidden before
    await page.get_by_role("button", name="Back to all chats").click()
    await expect(chats(page, "Town hall")).to_be_focused()
    await expect(page.get_by_test_id("topic")).to_have_count(0)


async def test_a_topic_is_a_conversation_of_its_own(screen, sandbox, ada, forum):
    sport, economy = [await sandbox.add_topic(forum, name) for name in ("Sport", "Economy")]
    page = await screen.open(ada, forum, sport)
    await expect(page.get_by_test_id("service")).to_have_text("Boris created the topic “Sport”")
    await send(sandbox, "Two to one", chat=forum, message_thread_id=sport)
    await send(sandbox, "Flour is dear", chat=forum, message_thread_id=economy)
    await send(sandbox, "To all", chat=forum)
    await expect(bubbles(page, "bot")).to_have_text([re.compile("Two to one")])
    await expect(topics(page, "Economy").get_by_test_id("unread")).to_have_text("1 unread")
    await expect(topics(page, "General").get_by_test_id("unread")).to_have_text("1 unread")
    await expect(topics(page, "Sport").get_by_test_id("unread")).to_have_count(0)
    await say(page, "/latest")
    [record] = await sandbox.wait_for(chat=forum, kind="received")
    assert record["message"]["message_thread_id"] == sport
    await topics(page, "General").click()
    await expect(bubbles(page, "bot")).to_have_text([re.compile("To all")])
    await expect(page.get_by_test_id("subtitle")).to_have_text("Town hall")


async def test_typing_is_shown_in_its_topic(screen, sandbox, ada, forum):
    sport = await sandbox.add_topic(forum, "Sport")
    page = await screen.open(ada, forum, 0)
    await sandbox.method("sendChatAction", chat_id=forum, message_thread_id=sport, action="typing")
    await expect(topics(page, "Sport")).to_contain_text("Sandbox bot is typing …")
    await expect(page.get_by_test_id("subtitle")).to_have_text("Town hall")


async def test_a_closed_topic_says_so(screen, sandbox, ada, forum):
    sport = await sandbox.add_topic(forum, "Sport")
    page = await screen.open(ada, forum, sport)
    await expect(page.get_by_test_id("input")).to_be_visible()
    await sandbox.close_topic(forum, sport)
    await expect(page.get_by_test_id("silence")).to_contain_text("The topic is closed")
    await expect(page.get_by_test_id("input")).to_be_hidden()
    await expect(topics(page, "Sport")).to_contain_text("closed")
    await expect(page.get_by_test_id("service").last).to_have_text("Boris closed the topic “Sport”")
    await become(page, "Boris")
    await expect(page.get_by_test_id("input")).to_be_visible()


async def test_the_panel_keeps_topics(screen, sandbox, boris, forum):
    page = await screen.open(boris, forum, 0)
    info = await panel(page)
    await info.get_by_label("New topic").fill("Sport")
    await info.get_by_role("button", name="Add", exact=True).click()
    await topics(page, "Sport").click()
    await expect(page.get_by_test_id("service")).to_have_count(1)
    await info.get_by_role("button", name="Close Sport").click()
    await info.get_by_role("button", name="Reopen Sport").click()
    await info.get_by_role("button", name="Close Sport").wait_for()
    await expect(page.get_by_test_id("service").last).to_have_text("Boris reopened the topic “Sport”")
    await info.get_by_role("button", name="Close General").click()
    await expect(topics(page, "General")).to_contain_text("closed")
    await info.get_by_role("button", name="Delete Sport").click()
    await surely(page)
    await expect(topics(page, "Sport")).to_have_count(0)
    await expect(page.get_by_test_id("hint")).to_contain_text("Choose a topic")
    [chat] = await sandbox.chats()
    assert (chat["topics"], chat["general_closed"]) == ([], True)


async def test_a_forum_is_founded_on_the_page(screen, sandbox, ada):
    page = await screen.open(ada)
    await page.get_by_test_id("new-chat").click()
    await page.get_by_role("menuitem", name="New forum").click()
    await page.get_by_test_id("room-name").fill("Town hall")
    await page.get_by_test_id("room-add").click()
    await expect(topics(page)).to_have_text([re.compile("General")])
    [chat] = await sandbox.chats()
    assert chat["is_forum"]


async def test_subscribers_read_and_the_owner_posts(screen, sandbox, ada, boris):
    channel = await sandbox.add_channel(ada, "Notebook", members=[boris])
    page = await screen.open(ada, channel)
    await expect(page.get_by_test_id("subtitle")).to_have_text("3 subscribers")
    await say(page, "Day one")
    await send(sandbox, "Day two", chat=channel)
    await expect(page.get_by_test_id("message").locator(".text")).to_have_text(["Day one", "Day two"])
    await expect(page.locator(".byline, .mine")).to_have_count(0)
    assert "from" not in (await sandbox.messages(chat=channel))[0]["message"]
    await become(page, "Boris")
    await expect(page.get_by_test_id("silence")).to_have_text(re.compile("You can only read here"))
    await expect(page.get_by_test_id("input")).to_be_hidden()
    await expect(page.get_by_test_id("message")).to_have_count(2)


async def test_a_link_to_a_channel_opens_it_for_its_subscribers(screen, sandbox, ada, boris):
    await sandbox.add_channel(ada, "Notebook", username="adas_notebook")
    page = await screen.open(ada)
    for person in (ada, boris):
        await send(sandbox, "https://t.me/adas_notebook", chat=person)
    await page.get_by_role("link").click()
    await expect(page.locator("#title")).to_have_text("Notebook")
    await become(page, "Boris")
    await page.get_by_role("link").click()
    await expect(page.get_by_test_id("toast")).to_have_text("You are not in Notebook")
    assert len(page.context.pages) == 1


async def test_the_bot_may_be_kept_from_posting(screen, sandbox, ada):
    channel = await sandbox.add_channel(ada, "Notebook")
    page = await screen.open(ada, channel)
    info = await panel(page)
    await info.get_by_test_id("member").filter(has_text="Sandbox bot").click()
    await page.get_by_role("menuitem", name="Forbid posting").click()
    await expect(info.get_by_test_id("member").filter(has_text="Sandbox bot")).to_contain_text("may not post")
    status, _ = await sandbox.method("sendMessage", chat_id=channel, text="x")
    assert status == 400
