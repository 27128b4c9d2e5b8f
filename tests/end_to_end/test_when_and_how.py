"""Choosing when and how news comes, by words and buttons: in private, in a group and for a channel."""

import pytest
from newsroom import news
from sandbox import labels

from bot.render import words
from storage import Cadence, ChatSettings, Pictures, Place, Quiet


@pytest.fixture
async def bot(newsroom):
    await newsroom.publish(news("The ferry is back", "It was blue once."), push="none")
    return await newsroom.start()


@pytest.fixture
async def ada(sandbox, bot):  # noqa: ARG001  the bot must be there
    ada = await sandbox.add_person("Ada")
    await sandbox.ask(ada, "/start")
    return ada


@pytest.fixture
async def boris(sandbox, bot):  # noqa: ARG001  the bot must be there
    return await sandbox.add_person("Boris")


async def pressed(sandbox, person, message, label):
    """Press a button; give the message as it is then."""
    after = await sandbox.last()
    await sandbox.press_button(person, message, label)
    [record] = await sandbox.wait_for(kind="edited", chat=message["chat"]["id"], after=after)
    assert record["message"]["message_id"] == message["message_id"]
    return record["message"]


async def kept(newsroom, chat):
    """What is kept of the chat: its settings, and how often each of its subscriptions comes."""
    async with newsroom.store() as store:
        followed = await store.subscriptions.all(Place(newsroom.bot, chat))
        return await store.chats.settings(newsroom.bot, chat), [one.cadence for one in followed]


async def test_how_often_it_comes_by_words_and_by_buttons(sandbox, newsroom, ada):
    followed = await sandbox.ask(ada, "/subscribe ferry")
    assert labels(followed) == ["✓ At once", "Hourly", "Daily", "Weekly", words.UNDO]
    daily = await pressed(sandbox, ada, followed, "Daily")
    assert "Every day at 08:00, all in one message.\nNext: " in daily["text"]
    assert labels(daily) == ["At once", "Hourly", "✓ Daily", "Weekly", words.UNDO]
    assert await sandbox.toast(ada, daily, "✓ Daily") == words.from_now_on(Cadence.DAILY)  # it is so already
    unknown = await sandbox.ask(ada, "/timezone yerevn")
    [offered] = labels(unknown)
    zone = await pressed(sandbox, ada, unknown, offered)
    assert zone["text"].startswith("🕒 Asia/Yerevan\n")
    weekly = await sandbox.ask(ada, "/digest weekly sunday 9 pm")
    assert weekly["text"].startswith("📬 All that is followed here comes weekly\nEvery Sunday at 21:00")
    assert ", 21:00 (Asia/Yerevan)\n\nUrgent" in weekly["text"]
    settings = ChatSettings(zone="Asia/Yerevan", digest_minute=21 * 60, digest_weekday=6)
    assert await kept(newsroom, ada) == (settings, [Cadence.WEEKLY])


async def test_quiet_hours_mute_and_pictures_by_words_and_by_buttons(sandbox, newsroom, ada):
    await newsroom.follow([ada])
    quiet = await sandbox.ask(ada, "/quiet 23-7")
    await pressed(sandbox, ada, quiet, words.QUIET_SILENT)
    await pressed(sandbox, ada, await sandbox.ask(ada, "/pictures"), "Photo")
    muted = await sandbox.ask(ada, "/mute 8h")
    [until] = [entity for entity in muted["entities"] if entity["type"] == "date_time"]
    settings, _ = await kept(newsroom, ada)
    assert int(settings.muted_until.timestamp()) == until["unix_time"]
    assert (settings.quiet, settings.pictures) == (Quiet(23 * 60, 7 * 60, silent=True), Pictures.PHOTO)
    listed = (await sandbox.ask(ada, "/subscriptions"))["text"]
    assert "1. everything\n\n⏰ quiet 23:00–07:00, no sound · UTC · muted until " in listed
    unmuted = await pressed(sandbox, ada, muted, words.UNMUTE)
    assert unmuted["text"] == f"🔔 {words.UNMUTED}"
    assert (await kept(newsroom, ada))[0] == ChatSettings(quiet=settings.quiet, pictures=settings.pictures)


async def test_in_a_group_administrators_choose(sandbox, newsroom, ada, boris):
    group = await sandbox.add_group(ada, "Ferry friends", members=[boris])
    await sandbox.wait_for(chat=group)
    followed = await sandbox.ask(ada, "/subscribe ferry", chat=group)
    assert await sandbox.toast(boris, followed, "Daily") == words.ADMINS_ONLY
    assert (await sandbox.ask(boris, "/digest daily", chat=group))["text"] == words.ADMINS_ONLY
    assert await kept(newsroom, group) == (ChatSettings(), [Cadence.INSTANT])
    daily = await pressed(sandbox, ada, followed, "Daily")
    assert "✓ Daily" in labels(daily)
    muted = await sandbox.ask(ada, "/mute 1w", chat=group)
    assert await sandbox.toast(boris, muted, words.UNMUTE) == words.ADMINS_ONLY
    settings, cadences = await kept(newsroom, group)
    assert settings.muted_until is not None
    assert cadences == [Cadence.DAILY]


async def test_a_channel_is_spoken_of_by_its_name(sandbox, newsroom, ada, boris):
    channel = await sandbox.add_channel(ada, "Port", username="port_news", members=[boris])
    await sandbox.wait_for(2, chat=ada)
    await sandbox.ask(ada, "/subscribe @port_news ferry")
    hourly = await sandbox.ask(ada, "/digest @port_news hourly")
    assert hourly["text"].startswith("📢 Port\n📬 All that is followed here comes hourly\n")
    weekly = await pressed(sandbox, ada, hourly, "Weekly")
    assert weekly["text"].startswith("📢 Port\n📬 All that is followed here comes weekly\n")
    await sandbox.ask(ada, "/timezone @port_news UTC+4")
    refused = await sandbox.ask(boris, "/quiet @port_news 23-7")
    assert refused["text"] == words.ADMINS_OF_CHANNEL_ONLY
    assert await kept(newsroom, channel) == (ChatSettings(zone="Etc/GMT-4"), [Cadence.WEEKLY])
    assert await kept(newsroom, ada) == (ChatSettings(), [])
    assert await sandbox.messages(chat=channel, kind="sent") == []
