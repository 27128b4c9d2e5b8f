"""What Telegram does wrong, and what a person does to the bot: the panel of a private chat."""

import re

import aiohttp
import pytest
import pytest_asyncio
from looking import bubbles, chats, panel, send, surely
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def page(screen, ada):
    return await screen.open(ada)


async def test_a_person_blocks_the_bot_and_takes_it_back(page, sandbox, ada):
    info = await panel(page)
    await page.get_by_test_id("block").click()
    await expect(page.get_by_test_id("block")).to_have_text("Unblock the bot")
    await expect(page.get_by_test_id("silence")).to_contain_text("You have blocked the bot")
    status, body = await sandbox.method("sendMessage", chat_id=ada, text="x")
    assert (status, body["description"]) == (403, "Forbidden: bot was blocked by the user")
    await page.get_by_test_id("restart").click()
    await expect(bubbles(page, "person")).to_contain_text("/start")
    await expect(page.get_by_test_id("block")).to_have_text("Block the bot")
    await info.get_by_role("button", name="Delete the account of Ada").click()
    await surely(page)
    await expect(info).to_contain_text("This account is deleted.")
    [person] = await sandbox.people()
    assert (person["blocked"], person["deactivated"]) == (False, True)


async def test_who_writes_elsewhere_has_unblocked_the_bot(page, sandbox, ada):
    await sandbox.block(ada)
    await expect(page.get_by_test_id("silence")).to_contain_text("You have blocked the bot")
    await sandbox.say(ada, "I am back")
    await expect(page.get_by_test_id("silence")).to_be_hidden()
    await expect(page.get_by_test_id("input")).to_be_visible()


async def inject(info, what, often, where="this chat"):
    for label, words in (("What", what), ("Where", where), ("How often", often)):
        await info.get_by_role("combobox", name=label, exact=True).select_option(words)
    await info.get_by_role("button", name="Let it happen").click()


async def test_429_with_its_seconds(page, sandbox, ada, boris):
    info = await panel(page)
    await info.get_by_label("Seconds").fill("7")
    await inject(info, what="Too many requests (429)", often="once")
    faults = info.get_by_test_id("faults")
    await expect(faults).to_contain_text("retry after 7 s")
    await send(sandbox, "to somebody else", chat=boris)
    status, body = await sandbox.method("sendMessage", chat_id=ada, text="x")
    assert (status, body["parameters"]) == (429, {"retry_after": 7})
    assert (await sandbox.method("sendMessage", chat_id=ada, text="x"))[0] == 200


async def test_faults_last_until_they_are_cleared(page, sandbox, boris):
    info = await panel(page)
    await inject(info, what="Server error (500)", where="everywhere", often="until cleared")
    await inject(info, what="Slow answers", often="three times")
    faults = info.get_by_test_id("faults").get_by_role("listitem")
    await expect(faults).to_have_text(
        [re.compile("Server error.*everywhere, until cleared"), re.compile("Slow answers.*, 3 more times")]
    )
    for _ in range(4):
        assert (await sandbox.method("sendMessage", chat_id=boris, text="x"))[0] == 500
    await info.get_by_role("button", name="Clear all faults").click()
    await expect(faults).to_have_count(0)
    assert (await sandbox.method("sendMessage", chat_id=boris, text="x"))[0] == 200


async def test_a_taken_message_whose_answer_is_lost(page, sandbox, ada):
    info = await panel(page)
    await inject(info, what="Taken, but the answer is lost", often="once")
    await expect(info.get_by_test_id("faults")).to_contain_text("the answer is lost")
    with pytest.raises(aiohttp.ClientError):
        await sandbox.method("sendMessage", chat_id=ada, text="Twice?")
    await expect(bubbles(page, "bot")).to_contain_text("Twice?")


async def test_a_chat_is_deleted_for_good(page, sandbox, ada):
    chat = await sandbox.add_channel(ada, "Notebook")
    await page.goto(f"{sandbox.page}#{ada}/{chat}")
    info = await panel(page)
    await info.get_by_role("button", name="Delete the chat").click()
    await page.get_by_role("menuitem", name="No").click()
    await expect(chats(page, "Notebook")).to_have_count(1)
    await info.get_by_role("button", name="Delete the chat").click()
    await surely(page)
    await expect(chats(page, "Notebook")).to_have_count(0)
    assert (await sandbox.method("sendMessage", chat_id=chat, text="x"))[0] == 403


async def test_what_is_typed_in_the_panel_outlives_news(page, sandbox, ada):
    chat = await sandbox.add_group(ada, "Circle", forum=True)
    await page.goto(f"{sandbox.page}#{ada}/{chat}/0")
    info = await panel(page)
    field = info.get_by_label("New topic")
    await field.fill("Spo")
    await sandbox.promote(chat)
    await expect(info.get_by_test_id("member").filter(has_text="Sandbox bot")).to_contain_text("administrator")
    await expect(field).to_have_value("Spo")
    await expect(field).to_be_focused()
