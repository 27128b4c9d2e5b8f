"""What tests do with the chat page, and where they find things on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page
    from sandbox import Sandbox

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
USUAL = {"locale": "en-GB", "timezone_id": "Asia/Yerevan", "reduced_motion": "reduce"}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
KEYBOARD = {
    "inline_keyboard": [[{"text": "Undo", "callback_data": "undo"}, {"text": "Site", "url": "https://x.example/"}]]
}


class Screen:
    """Windows of one browser on one sandbox; `complaints` are the browser's."""

    def __init__(self, browser: Browser, sandbox: Sandbox) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._sandbox = sandbox
        self._contexts: list[Any] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for context in self._contexts:
            await context.close()

    async def open(self, person: int, chat: int | None = None, thread: int | None = None, **look: Any) -> Page:
        """Open a window as somebody, in a chat, in a topic."""
        context = await self._browser.new_context(**{**USUAL, **look})
        self._contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        parts = [part for part in (person, chat, thread) if part is not None]
        await page.goto(f"{self._sandbox.page}#{'/'.join(map(str, parts))}")
        await expect(page.locator("#list .entry")).not_to_have_count(0)
        return page

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


async def send(sandbox: Sandbox, text: str, chat: int = 1001, **more: Any) -> int:
    """Let the bot send a message; give its id."""
    status, body = await sandbox.method("sendMessage", chat_id=chat, text=text, parse_mode="HTML", **more)
    assert status == 200, body
    return body["result"]["message_id"]


def bubbles(page: Page, sender: str) -> Locator:
    """The messages of "bot" or of a "person"."""
    return page.locator(f'[data-testid="message"][data-from="{sender}"]')


def chats(page: Page, title: str) -> Locator:
    return page.get_by_test_id("chat").filter(has_text=title)


async def say(page: Page, text: str) -> None:
    await page.get_by_test_id("input").fill(text)
    await page.get_by_test_id("input").press("Enter")


async def become(page: Page, name: str) -> None:
    """Be somebody else, by the switch above the list."""
    await page.get_by_test_id("me").click()
    await page.get_by_test_id("person").filter(has_text=name).click()


async def choose(page: Page, message: Locator, item: str) -> None:
    """Choose from what can be done with a message."""
    await message.click(button="right")
    await page.get_by_role("menuitem", name=item).click()


async def surely(page: Page) -> None:
    """Answer the question that comes before what cannot be taken back."""
    await page.get_by_role("menuitem", name="Yes, for good").click()


async def panel(page: Page) -> Locator:
    """Open what stands behind the chat."""
    await page.get_by_test_id("info").click()
    return page.get_by_role("complementary", name="Chat info")
