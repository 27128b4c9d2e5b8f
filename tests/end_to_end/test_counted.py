"""More headlines than a message shows: what it counts is opened by its button or its link, after a restart too."""

from datetime import UTC, datetime, timedelta

import pytest
from newsroom import news
from sandbox import button, labels

from bot.render import words

TITLES = [f"Apricot {number:02}" for number in range(1, 31)]
COUNTED = TITLES[20:]


@pytest.fixture
async def ada(sandbox):
    return await sandbox.add_person("Ada")


def titles(message):
    return [title for title in TITLES if title in message["text"]]


async def owe(newsroom, chat, published):
    """Let the chat be owed these, all announced, before the bot starts."""
    await newsroom.follow([chat])
    await newsroom.publish(*map(news, published))
    now = datetime.now(UTC)
    async with newsroom.store() as store:
        lease = await store.leases.gain("announcer", now=now, duration=timedelta(seconds=5))
        await store.log.announce(lease, now=now, limit=len(published))
        await store.leases.release(lease)


async def turned(sandbox, person, message, label, kind="edited"):
    """Press the button; give the message that comes of it."""
    after = await sandbox.last()
    await sandbox.press_button(person, message, label)
    [record] = await sandbox.wait_for(kind=kind, chat=message["chat"]["id"], after=after)
    return record["message"]


async def test_in_private_a_button_opens_what_was_counted_below_the_push_also_after_a_restart(sandbox, newsroom, ada):
    await owe(newsroom, ada, TITLES)
    bot = await newsroom.start()
    [push] = await sandbox.wait_for(chat=ada)
    push = push["message"]
    assert titles(push) == TITLES[:20]
    assert words.and_more(10) not in push["text"]
    assert labels(push) == [words.open_more(10)]
    assert await bot.stop() == 0
    await newsroom.start()
    first = await turned(sandbox, ada, push, words.open_more(10), kind="sent")
    assert first["message_id"] != push["message_id"]
    assert first["text"].startswith(f"🔔 {words.more_headlines(10)}")
    assert (titles(first), labels(first)) == (COUNTED[:7], [words.ON_TO_NEWER])
    last = await turned(sandbox, ada, first, words.ON_TO_NEWER)
    assert (titles(last), labels(last)) == (COUNTED[7:], [words.BACK_TO_OLDER])
    # An operator takes one back.
    code, output = await newsroom.run("withdraw", "/article_21", "99", "21")
    assert (code, "1 withdrawn" in output, "article 99" in output) == (1, True, True), output
    assert "article 21" not in output, output
    again = await turned(sandbox, ada, push, words.open_more(10), kind="sent")
    assert titles(again) == COUNTED[1:8]
    assert words.no_article(21) in (await sandbox.ask(ada, "/article 21"))["text"]
    assert (await newsroom.run("withdraw", "x"))[0] == 2


@pytest.mark.parametrize("kind", ["group", "channel"])
async def test_elsewhere_a_link_opens_it_in_each_readers_own_chat(sandbox, newsroom, ada, kind):
    boris = await sandbox.add_person("Boris")
    found = sandbox.add_group if kind == "group" else sandbox.add_channel
    chat = await found(ada, "Harbour", members=[boris])
    await owe(newsroom, chat, TITLES[:22])
    bot = await newsroom.start()
    # A group is greeted, too, before or after.
    sent = await sandbox.wait_for(2 if kind == "group" else 1, chat=chat)
    [push] = [one["message"] for one in sent if "headlines" in one["message"]["text"]]
    link = button(push, words.open_more(2))["url"]
    address, _, payload = link.partition("?start=")
    assert address == "https://t.me/sandbox_bot"
    assert await bot.stop() == 0
    await newsroom.start()
    opened = await sandbox.ask(boris, f"/start {payload}")
    assert opened["chat"]["id"] == boris
    assert (titles(opened), labels(opened)) == (TITLES[20:22], [])
    unknown = await sandbox.ask(boris, f"/start {payload[:-3]}")
    assert unknown["text"] == words.MORE_GONE
