"""Pictures as chats have chosen them: a photo with the headline below it, a large preview, none."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web
from newsroom import news
from sandbox import labels

from bot.render import words
from storage import ChatSettings, Pictures, Place

GIF = b"GIF89a\x1e\x00\x14\x00\0\0\0"  # 30 x 20, as its head says
LINK = "https://example.org/ferry"


class Gallery:
    """A web server with one picture; `fetched` counts who came for it."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.fetched = 0

    async def answer(self, _request):
        self.fetched += 1
        return web.Response(status=self.status, body=GIF, content_type="image/gif")


@asynccontextmanager
async def opened():
    gallery = Gallery()
    app = web.Application()
    app.router.add_get("/ferry.gif", gallery.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gallery.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ferry.gif"
    try:
        yield gallery
    finally:
        await runner.cleanup()


@pytest.fixture
async def gallery():
    async with opened() as gallery:
        yield gallery


@pytest.fixture
async def ada(sandbox):
    return await sandbox.add_person("Ada")


async def choose(newsroom, chats, pictures):
    """Let the chats follow everything, and be shown pictures like this."""
    await newsroom.follow(chats)
    async with newsroom.store() as store:
        for chat in chats:
            chosen = ChatSettings(pictures=pictures)
            await store.chats.change_settings(newsroom.bot, chat, chosen, now=datetime.now(UTC))


def ferry(title="The ferry is back", **more):
    return news(title, "It was blue once. " * 60, **{"link": LINK, "id": title, **more})


async def pushes(sandbox, chat, count=1):
    return [record["message"] for record in await sandbox.wait_for(count, chat=chat)]


async def test_each_chat_is_shown_the_picture_as_it_has_chosen(sandbox, newsroom, gallery):
    chats = dict(zip(Pictures, await sandbox.add_people(3), strict=True))
    for pictures, chat in chats.items():
        await choose(newsroom, [chat], pictures)
    await newsroom.start()
    await newsroom.publish(ferry(image=gallery.url))
    said = {pictures: (await pushes(sandbox, chat))[0] for pictures, chat in chats.items()}
    photo = said[Pictures.PHOTO]
    assert photo["photo"][-1]["width"] == 30
    assert photo["caption"].startswith("The ferry is back\n")
    assert labels(photo) == [words.READ, words.FULL_TEXT]
    preview = {"url": LINK, "prefer_large_media": True}
    assert said[Pictures.PREVIEW]["link_preview_options"] == preview
    assert said[Pictures.NONE]["link_preview_options"] == {"is_disabled": True}
    assert said[Pictures.PREVIEW]["text"] == said[Pictures.NONE]["text"]
    assert gallery.fetched == 1


async def test_a_picture_is_fetched_once_for_all_chats(sandbox, newsroom, gallery, ada):
    bob = await sandbox.add_person("Bob")
    await choose(newsroom, [ada], Pictures.PHOTO)
    await newsroom.start()
    await newsroom.publish(ferry(image=gallery.url))
    [first] = await pushes(sandbox, ada)
    await choose(newsroom, [bob], Pictures.PHOTO)
    await newsroom.publish(ferry("The ferry is late", image=gallery.url))
    [second] = await pushes(sandbox, bob)
    [_, third] = await pushes(sandbox, ada, 2)
    assert second["photo"] == third["photo"] == first["photo"]
    assert gallery.fetched == 1


async def test_an_article_without_a_picture_and_a_list_are_words(sandbox, newsroom, gallery, ada):
    await choose(newsroom, [ada], Pictures.PHOTO)
    await newsroom.publish(ferry("One", image=gallery.url), ferry("Two", image=gallery.url))
    await newsroom.start()
    [listed] = await pushes(sandbox, ada)
    assert listed["link_preview_options"] == {"is_disabled": True}
    await newsroom.publish(ferry("Three"))
    [_, card] = await pushes(sandbox, ada, 2)
    assert card["link_preview_options"] == {"url": LINK, "prefer_large_media": True}
    assert gallery.fetched == 0


async def test_a_picture_that_cannot_be_fetched_costs_nobody_the_headline(sandbox, newsroom, gallery, ada):
    await choose(newsroom, [ada], Pictures.PHOTO)
    await newsroom.start()
    gallery.status = 404
    await newsroom.publish(ferry(image=gallery.url))
    [card] = await pushes(sandbox, ada)
    assert card["text"].startswith("The ferry is back\n")
    assert card["link_preview_options"] == {"url": LINK, "prefer_large_media": True}
    # It is not tried again with the next article.
    await newsroom.publish(ferry("The ferry is late", image=gallery.url))
    [_, late] = await pushes(sandbox, ada, 2)
    assert late["text"].startswith("The ferry is late\n")
    assert (await sandbox.requests())["methods"]["sendPhoto"] == {"400": 1}


async def test_where_no_photos_may_be_sent_words_are(sandbox, newsroom, gallery, ada):
    group = await sandbox.add_group(ada)
    await sandbox.permissions(group, can_send_messages=True, can_send_photos=False)
    await choose(newsroom, [group, ada], Pictures.PHOTO)
    await newsroom.start()
    for count, title in enumerate(("The ferry is back", "The ferry is late"), 1):
        await newsroom.publish(ferry(title, image=gallery.url))
        for chat in (group, ada):
            await pushes(sandbox, chat, count)
    assert all("text" in message for message in await pushes(sandbox, group, 2))
    assert all("photo" in message for message in await pushes(sandbox, ada, 2))
    assert (await sandbox.requests())["methods"]["sendPhoto"] == {"200": 2, "400": 1}


async def test_a_photo_that_is_not_answered_is_followed_by_words(sandbox, newsroom, gallery, ada):
    bob = await sandbox.add_person("Bob")
    await choose(newsroom, [ada, bob], Pictures.PHOTO)
    await newsroom.start()
    kinds = {ada: "500", bob: "reset_after"}
    await sandbox.faults(*({"kind": kind, "method": "sendPhoto", "chat": chat} for chat, kind in kinds.items()))
    await newsroom.publish(ferry(image=gallery.url))
    [card] = await pushes(sandbox, ada)
    [photo, again] = await pushes(sandbox, bob, 2)
    assert "photo" in photo
    assert card["text"] == again["text"]


async def test_the_full_text_is_opened_below_the_photo(sandbox, newsroom, gallery, ada):
    await choose(newsroom, [ada], Pictures.PHOTO)
    await newsroom.start()
    await newsroom.publish(ferry(image=gallery.url))
    [photo] = await pushes(sandbox, ada)
    await sandbox.press_button(ada, photo, words.FULL_TEXT)
    [_, page] = await pushes(sandbox, ada, 2)
    assert page["text"].startswith("The ferry is back\n")
    assert "It was blue once." in page["text"]


async def test_a_correction_edits_the_caption(sandbox, newsroom, gallery, ada):
    await choose(newsroom, [ada], Pictures.PHOTO)
    await newsroom.start()
    await newsroom.publish(ferry(image=gallery.url, id="a"))
    [photo] = await pushes(sandbox, ada)
    await newsroom.publish(ferry("The ferry is blue", image=gallery.url, id="a"))
    [edit] = await sandbox.wait_for(kind="edited", chat=ada)
    assert edit["message"]["message_id"] == photo["message_id"]
    assert edit["message"]["caption"].startswith("The ferry is blue\n")


async def test_a_correction_of_words_keeps_what_the_chat_has_chosen(sandbox, newsroom, ada):
    bob = await sandbox.add_person("Bob")
    await choose(newsroom, [ada], Pictures.NONE)
    await choose(newsroom, [bob], Pictures.PHOTO)
    await newsroom.start()
    await newsroom.publish(ferry(id="a"))
    sent = {chat: (await pushes(sandbox, chat))[0] for chat in (ada, bob)}
    # A picture that comes with the correction has no place in what was sent as words.
    await newsroom.publish(ferry("The ferry is blue", id="a", image="http://127.0.0.1:1/ferry.gif"))
    for chat, before in sent.items():
        [edit] = await sandbox.wait_for(kind="edited", chat=chat)
        assert edit["message"]["text"].startswith("The ferry is blue\n")
        assert edit["message"]["link_preview_options"] == before["link_preview_options"]


async def test_an_account_that_was_deleted_follows_nothing_any_more(sandbox, newsroom, ada):
    bob = await sandbox.add_person("Bob")
    await newsroom.follow([ada, bob])
    bot = await newsroom.start()
    await sandbox.deactivate(ada)
    await newsroom.publish(ferry())
    await pushes(sandbox, bob)
    await bot.said("a deleted account follows nothing any more")
    async with newsroom.store() as store:
        assert await store.subscriptions.all(Place(newsroom.bot, ada)) == []
        assert len(await store.subscriptions.all(Place(newsroom.bot, bob))) == 1
