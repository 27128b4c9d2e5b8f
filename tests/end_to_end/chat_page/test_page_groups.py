"""Groups on the chat page: who speaks, as whom, what happens to the group, who sees it at all."""

import re

import pytest
from looking import KEYBOARD, become, bubbles, chats, choose, panel, say, send
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def newest(sandbox, chat, kind="received"):
    return (await sandbox.messages(chat=chat, kind=kind))[-1]["message"]


async def test_several_people_speak(screen, sandbox, ada, boris):
    chat = await sandbox.add_group(ada, "Circle", members=[boris, await sandbox.add_person("Clara", 1003)])
    page = await screen.open(ada, chat)
    await sandbox.promote(chat, boris, title="librarian")
    for text in ("One", "Two"):
        await sandbox.say(boris, text, chat=chat)
    await sandbox.say(ada, "Three", chat=chat)
    await sandbox.say(1003, "And a half", chat=chat)
    await send(sandbox, "Four", chat=chat)
    spoken = bubbles(page, "person").filter(has=page.locator(".byline"))
    await expect(spoken).to_have_count(3)
    first, second, third = await spoken.all()
    await expect(first).to_contain_text("Boris")
    await expect(first.locator(".role")).to_have_text("librarian")
    await expect(first).not_to_have_class(re.compile("follows"))
    await expect(second).to_have_class(re.compile("follows"))
    colours = [await node.locator(".name").evaluate("node => getComputedStyle(node).color") for node in (first, third)]
    assert colours[0] != colours[1]
    mine = page.locator(".mine")
    await expect(mine).to_contain_text("Three")
    await expect(mine.locator(".byline")).to_have_count(0)
    await expect(mine.get_by_test_id("ticks")).to_have_attribute("title", "The bot does not hear this")
    await expect(chats(page, "Circle")).to_contain_text("Sandbox bot: Four")


async def test_a_person_sees_only_where_they_are(screen, sandbox, ada, boris):
    chat = await sandbox.add_group(ada, "Attic", members=[boris])
    page = await screen.open(boris, chat)
    await expect(chats(page, "Attic")).to_have_count(1)
    await sandbox.remove(chat, boris)
    await expect(chats(page, "Attic")).to_have_count(0)
    await expect(page.locator("#title")).to_have_text("Sandbox bot")
    await become(page, "Ada")
    await expect(chats(page, "Attic")).to_contain_text("Ada removed Boris")


async def test_service_messages_are_told(screen, sandbox, ada, boris):
    chat = await sandbox.add_group(ada, "Circle", kind="group", bot="none")
    page = await screen.open(ada, chat)
    await sandbox.add_to_chat(chat, boris, by=boris)
    await sandbox.add_to_chat(chat)
    await sandbox.change_chat(chat, title="Square")
    await sandbox.promote(chat)
    number = await send(sandbox, "Keep this", chat=chat)
    await sandbox.method("pinChatMessage", chat_id=chat, message_id=number)
    await sandbox.remove(chat, boris, by=boris)
    await expect(page.get_by_test_id("service")).to_have_text(
        [
            "Boris joined the group",
            "Ada added Sandbox bot",
            "Ada changed the group's name to “Square”",
            "Sandbox bot pinned “Keep this”",
            "Boris left the group",
        ]
    )
    await expect(page.locator("#title")).to_have_text("Square")
    await page.get_by_test_id("pinned").click()
    await expect(bubbles(page, "bot")).to_be_focused()


async def test_an_upgraded_group_goes_on_as_a_supergroup(screen, sandbox, ada, boris):
    chat = await sandbox.add_group(ada, "Circle", kind="group", members=[boris])
    await sandbox.say(boris, "Before", chat=chat)
    page = await screen.open(ada, chat)
    await expect(page.get_by_test_id("message")).to_have_count(1)
    new = await sandbox.upgrade(chat)
    await expect(page.get_by_test_id("service").last).to_have_text("The group was upgraded to a supergroup")
    await expect(chats(page, "Circle")).to_have_count(1)
    await say(page, "After")
    await expect(page.get_by_test_id("message")).to_have_count(2)
    assert (await newest(sandbox, new))["text"] == "After"


async def test_a_command_names_the_bot(screen, sandbox, ada):
    chat = await sandbox.add_group(ada)
    commands = [{"command": "manage", "description": "For administrators"}]
    await sandbox.method("setMyCommands", commands=commands, scope={"type": "all_chat_administrators"})
    page = await screen.open(ada, chat)
    await send(sandbox, "Read /article_12", chat=chat)
    await page.get_by_test_id("command").click()
    await expect(bubbles(page, "person")).to_have_count(1)
    assert (await newest(sandbox, chat))["text"] == "/article_12@sandbox_bot"
    await page.get_by_test_id("commands").click()
    await page.get_by_role("option", name="/manage").click()
    await expect(bubbles(page, "person")).to_have_count(2)
    assert (await newest(sandbox, chat))["text"] == "/manage@sandbox_bot"


async def test_a_button_is_pressed_by_who_one_is(screen, sandbox, ada, boris):
    chat = await sandbox.add_group(ada, "Circle", members=[boris])
    page = await screen.open(ada, chat)
    await send(sandbox, "Followed", chat=chat, reply_markup=KEYBOARD)
    await become(page, "Boris")
    button = page.get_by_test_id("button").filter(has_text="Undo")
    await button.click()
    await expect(button).to_have_attribute("aria-busy", "true")
    _, body = await sandbox.method("getUpdates", offset=-1, timeout=10)
    query = body["result"][-1]["callback_query"]
    assert (query["from"]["id"], query["message"]["chat"]["id"]) == (boris, chat)


async def test_an_administrator_speaks_as_the_group_or_a_channel(screen, sandbox, ada, boris):
    chat = await sandbox.add_group(ada, "Circle", members=[boris])
    channel = await sandbox.add_channel(ada, "Notebook")
    page = await screen.open(ada, chat)
    for identity, sender, role in (("Circle (anonymous)", chat, "admin"), ("Notebook (channel)", channel, "channel")):
        await page.get_by_test_id("as").select_option(identity)
        await say(page, f"as {role}")
        # Mine, for who wrote it.
        await expect(page.locator(".mine").filter(has_text=f"as {role}")).to_have_count(1)
        assert (await newest(sandbox, chat))["sender_chat"]["id"] == sender
    await become(page, "Boris")
    await expect(page.locator(".role")).to_have_text(["admin", "channel"])
    await expect(page.locator(".name")).to_have_text(["Circle", "Notebook"])
    await expect(page.get_by_test_id("as")).to_be_hidden()


async def test_who_is_muted_cannot_write(screen, sandbox, ada, boris):
    chat = await sandbox.add_group(ada, "Circle", members=[boris])
    page = await screen.open(boris, chat)
    await expect(page.get_by_test_id("input")).to_be_visible()
    await sandbox.restrict(chat, boris)
    await expect(page.get_by_test_id("silence")).to_contain_text("An administrator does not let you write here")
    await sandbox.add_to_chat(chat, boris)
    await expect(page.get_by_test_id("input")).to_be_visible()
    await sandbox.permissions(chat, can_send_messages=False)
    await expect(page.get_by_test_id("silence")).to_contain_text("Only administrators can write here")
    await expect(page.get_by_test_id("input")).to_be_hidden()


async def test_an_administrator_deletes_what_others_wrote(screen, sandbox, ada, boris):
    chat = await sandbox.add_group(ada, "Circle", members=[boris])
    await sandbox.say(ada, "Mine", chat=chat)
    page = await screen.open(boris, chat)
    await bubbles(page, "person").click(button="right")
    await expect(page.get_by_role("menuitem")).to_have_text(["Reply", "Copy text"])
    await page.keyboard.press("Escape")
    await sandbox.say(boris, "Spam", chat=chat)
    await become(page, "Ada")
    await choose(page, bubbles(page, "person").filter(has_text="Spam"), "Delete")
    await expect(bubbles(page, "person")).to_have_count(1)


async def test_the_bot_types_in_a_group(screen, sandbox, ada):
    chat = await sandbox.add_group(ada, "Circle")
    page = await screen.open(ada, chat)
    await sandbox.method("sendChatAction", chat_id=chat, action="typing")
    await expect(page.get_by_test_id("subtitle")).to_have_text("Sandbox bot is typing …")


async def test_a_group_is_founded_on_the_page(screen, sandbox, ada, boris):
    page = await screen.open(ada)
    await page.get_by_test_id("new-chat").click()
    await page.get_by_role("menuitem", name="New group").click()
    await page.get_by_test_id("room-name").fill("Circle")
    await page.get_by_role("checkbox", name="Boris").check()
    await page.get_by_test_id("room-add").click()
    await expect(page.locator("#title")).to_have_text("Circle")
    await expect(page.get_by_test_id("subtitle")).to_have_text("3 members")
    [chat] = await sandbox.chats()
    assert (chat["type"], set(chat["members"])) == ("group", {str(ada), str(boris), sandbox.token.partition(":")[0]})


async def test_a_link_adds_the_bot_to_a_group(screen, sandbox, ada):
    chat = await sandbox.add_group(ada, "Circle", bot="none")
    page = await screen.open(ada)
    link = "https://t.me/sandbox_bot?startgroup=follow"
    await send(sandbox, "Shall I come?", reply_markup={"inline_keyboard": [[{"text": "Add", "url": link}]]})
    await page.get_by_test_id("button").click()
    await page.get_by_test_id("invite").get_by_role("button", name="Circle").click()
    await expect(page.locator("#title")).to_have_text("Circle")
    await expect(bubbles(page, "person")).to_contain_text("/start@sandbox_bot follow")
    assert (await sandbox.wait_for(kind="received", chat=chat))[0]["heard"]


async def test_the_panel_says_who_may_what(screen, sandbox, ada, boris):
    chat = await sandbox.add_group(ada, "Circle", members=[boris])
    page = await screen.open(ada, chat)
    info = await panel(page)
    member = info.get_by_test_id("member")

    async def make(name, item):
        await member.filter(has_text=name).click()
        await page.get_by_role("menuitem", name=item, exact=True).click()

    await make("Sandbox bot", "Make an administrator")
    await expect(member.filter(has_text="Sandbox bot")).to_contain_text("administrator")
    await make("Boris", "Mute")
    await expect(member.filter(has_text="Boris")).to_contain_text("muted")
    await make("Boris", "Make an anonymous administrator")
    await expect(member.filter(has_text="Boris")).to_contain_text("anonymous")
    await make("Boris", "Remove and ban")
    await expect(member.filter(has_text="Boris")).to_contain_text("banned")
    await make("Sandbox bot", "Remove")
    await expect(member.filter(has_text="Sandbox bot")).to_have_count(0)
    await expect(page.get_by_test_id("service").last).to_have_text("Ada removed Sandbox bot")
    await info.get_by_role("button", name="Add somebody").click()
    await page.get_by_role("menuitem", name="Sandbox bot").click()
    await expect(member.filter(has_text="Sandbox bot")).to_contain_text("member")
    [updates] = [(await sandbox.method("getUpdates"))[1]["result"]]
    assert [each["my_chat_member"]["new_chat_member"]["status"] for each in updates if "my_chat_member" in each] == [
        "member",
        "administrator",
        "left",
        "member",
    ]


async def test_the_panel_changes_a_group(screen, sandbox, ada, boris):
    chat = await sandbox.add_group(ada, "Circle", kind="group", members=[boris])
    page = await screen.open(ada, chat)
    info = await panel(page)
    await info.get_by_label("Name of the chat").fill("Square")
    await info.get_by_role("button", name="Rename").click()
    await expect(page.locator("#title")).to_have_text("Square")
    await info.get_by_role("button", name="Upgrade to a supergroup").click()
    await expect(info.get_by_role("checkbox", name="Topics")).to_be_visible()
    await info.get_by_role("checkbox", name="Members may write").uncheck()
    await become(page, "Boris")
    await expect(page.get_by_test_id("silence")).to_contain_text("Only administrators can write here")
    await become(page, "Ada")
    await info.get_by_role("checkbox", name="Topics").check()
    await expect(page.get_by_test_id("topic")).to_have_text([re.compile("General")])
    await info.get_by_role("button", name="Leave").click()
    await expect(page.locator("#title")).to_have_text("Sandbox bot")
    await expect(chats(page, "Square")).to_have_count(0)
