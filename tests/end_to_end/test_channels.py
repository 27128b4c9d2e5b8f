"""The bot in channels: managed from a private chat, by name or by choice, and what its readers get."""

import pytest
from newsroom import news
from sandbox import button, labels

from bot.render import words


@pytest.fixture
async def bot(newsroom):
    await newsroom.publish(news("The ferry is back", "It was blue once."), push="none")
    return await newsroom.start()


@pytest.fixture
async def ada(sandbox, bot):  # noqa: ARG001  the bot must be there
    """Who runs the channels, and has started the bot."""
    ada = await sandbox.add_person("Ada")
    await sandbox.ask(ada, "/start")
    return ada


@pytest.fixture
async def boris(sandbox, bot):  # noqa: ARG001  the bot must be there
    boris = await sandbox.add_person("Boris")
    await sandbox.ask(boris, "/start")
    return boris


@pytest.fixture
async def channel(sandbox, ada, boris):
    """A private channel of Ada's that Boris reads; she has just been told how it is managed."""
    after = await sandbox.last()
    channel = await sandbox.add_channel(ada, "Harbour", members=[boris])
    await sandbox.wait_for(chat=ada, after=after)
    return channel


async def pressed(sandbox, person, message, label, kind="sent"):
    """Press a button; give the message that comes of it, new or edited."""
    after = await sandbox.last()
    await sandbox.press_button(person, message, label)
    [record] = await sandbox.wait_for(kind=kind, chat=message["chat"]["id"], after=after)
    return record["message"]


async def test_whoever_lets_it_post_is_told_in_private_how_to_choose(sandbox, ada, channel):
    told = (await sandbox.messages(chat=ada, kind="sent"))[-1]["message"]
    assert told["text"].startswith(words.may_post("Harbour"))
    followed = await pressed(sandbox, ada, told, words.FOLLOW_ALL)
    assert followed["text"].startswith(f"📢 Harbour\n🔔 {words.following(new=True)} {words.EVERYTHING}")
    assert await sandbox.messages(chat=channel, kind="sent") == []


async def test_who_starts_it_later_finds_their_channels(sandbox, bot):
    dora = await sandbox.add_person("Dora", started=False)
    channel = await sandbox.add_channel(dora, "Harbour")
    await bot.said("a chat was not told")
    welcome = await sandbox.ask(dora, "/start")
    nothing = await pressed(sandbox, dora, welcome, "📢 Harbour", "edited")
    assert nothing["text"].startswith(f"📢 Harbour\n{words.FOLLOWS_NOTHING}\n{words.how_to_choose('')}")
    followed = await pressed(sandbox, dora, nothing, words.FOLLOW_ALL)
    assert followed["chat"]["id"] != channel
    assert followed["text"].startswith("📢 Harbour\n🔔 ")


async def test_a_private_channel_is_chosen_below_what_is_found(sandbox, newsroom, ada, boris, channel):
    found = await sandbox.ask(ada, "ferry")
    assert labels(found) == [words.FOLLOW, words.IN_A_CHANNEL]
    assert labels(await sandbox.ask(boris, "ferry")) == [words.FOLLOW]
    choice = await pressed(sandbox, ada, found, words.IN_A_CHANNEL)
    assert labels(choice) == ["📢 Harbour"]
    followed = await pressed(sandbox, ada, choice, "📢 Harbour")
    assert followed["text"].startswith(f"📢 Harbour\n🔔 {words.following(new=True)} ferry")
    after = await sandbox.last()
    await newsroom.publish(news("Another ferry", "It is red."))
    [push] = await sandbox.wait_for(chat=channel, after=after)
    assert push["message"]["text"].startswith("Another ferry\n")
    assert button(push["message"], words.FULL_TEXT)["url"] == "https://t.me/sandbox_bot?start=a_2"
    assert words.FOLLOWS_NOTHING in (await sandbox.ask(ada, "/subscriptions"))["text"]


async def test_what_a_channel_follows_is_listed_and_ended_from_private(sandbox, ada, channel):  # noqa: ARG001  it is there
    found = await sandbox.ask(ada, "ferry")
    choice = await pressed(sandbox, ada, found, words.IN_A_CHANNEL)
    await pressed(sandbox, ada, choice, "📢 Harbour")
    own = await sandbox.ask(ada, "/subscriptions")
    assert labels(own) == ["📢 Harbour"]
    listed = await pressed(sandbox, ada, own, "📢 Harbour", "edited")
    assert listed["text"].startswith("📢 Harbour\nThis chat follows 1 search")
    left = await pressed(sandbox, ada, listed, "✕ 1", "edited")
    assert words.FOLLOWS_NOTHING in left["text"]


async def test_a_public_channel_is_managed_by_its_name(sandbox, newsroom, ada, boris):
    after = await sandbox.last()
    channel = await sandbox.add_channel(ada, "Port", username="port_news")
    await sandbox.promote(channel, boris)
    await sandbox.wait_for(chat=ada, after=after)
    for person in (ada, boris):  # whoever let the bot in or not: whoever runs the channel
        followed = await sandbox.ask(person, "/subscribe @Port_News ferry")
        assert followed["text"].startswith("📢 Port\n🔔 ")
    await sandbox.ask(boris, "/unsubscribe @port_news 1")
    listed = await sandbox.ask(boris, "/subscriptions @port_news")
    assert listed["text"].startswith(f"📢 Port\n{words.FOLLOWS_NOTHING}")
    await sandbox.ask(boris, "/subscribe @port_news")
    after = await sandbox.last()
    await newsroom.publish(news("Soup"))
    [push] = await sandbox.wait_for(chat=channel, after=after)
    assert push["message"]["text"].startswith("Soup\n")


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("/subscribe @port_news", words.ADMINS_OF_CHANNEL_ONLY),
        ("/unsubscribe @port_news 1", words.ADMINS_OF_CHANNEL_ONLY),
        ("/subscriptions @port_news", words.ADMINS_OF_CHANNEL_ONLY),
        ("/subscribe @nowhere_at_all", words.no_such_chat("nowhere_at_all")),
        ("/subscribe @quay_news", words.CANNOT_POST),
        ("/subscribe @dock_talk", words.NO_CHANNEL_BUT_GROUP),
    ],
)
async def test_who_may_not_is_told_why(sandbox, ada, boris, said, answered):
    await sandbox.add_channel(ada, "Port", username="port_news", members=[boris])
    await sandbox.add_channel(boris, "Quay", username="quay_news", bot="none")
    await sandbox.add_group(boris, "Dock", username="dock_talk")
    assert (await sandbox.ask(boris, said))["text"] == answered


@pytest.mark.parametrize("method", ["getChat", "getChatMember"])
async def test_what_telegram_does_not_tell_is_not_made_up(sandbox, ada, method):
    after = await sandbox.last()
    await sandbox.add_channel(ada, "Port", username="port_news")
    await sandbox.wait_for(chat=ada, after=after)
    await sandbox.faults({"kind": "500", "method": method, "times": 1})
    assert (await sandbox.ask(ada, "/subscribe @port_news"))["text"] == words.CANNOT_TELL
    assert words.following(new=True) in (await sandbox.ask(ada, "/subscribe @port_news"))["text"]


async def test_rights_are_asked_for_at_each_press(sandbox, ada, boris, channel):
    await sandbox.promote(channel, boris, by=ada)
    found = await sandbox.ask(ada, "ferry")
    choice = await pressed(sandbox, ada, found, words.IN_A_CHANNEL)
    followed = await pressed(sandbox, ada, choice, "📢 Harbour")
    stolen = button(followed, words.UNDO)["callback_data"]
    own = await sandbox.ask(boris, "/help")
    await sandbox.demote(channel, boris)
    after = await sandbox.last()
    await sandbox.press(boris, own["message_id"], stolen)
    [record] = await sandbox.wait_for(kind="answered", chat=boris, after=after)
    assert record["text"] == words.ADMINS_OF_CHANNEL_ONLY
    await sandbox.promote(channel, rights={"can_post_messages": False})
    assert await sandbox.toast(ada, followed, words.UNDO) == words.CANNOT_POST


async def test_who_runs_a_channel_no_more_learns_nothing_of_it(sandbox, ada, boris):
    channel = await sandbox.add_channel(ada, "Harbour", members=[boris], bot="none")
    await sandbox.promote(channel, boris, rights={"can_promote_members": True})
    after = await sandbox.last()
    await sandbox.promote(channel, by=boris)
    await sandbox.wait_for(chat=boris, after=after)
    assert labels(await sandbox.ask(boris, "/subscriptions")) == ["📢 Harbour"]
    found = await sandbox.ask(boris, "ferry")
    await sandbox.kick(channel, boris)
    assert labels(await sandbox.ask(boris, "/subscriptions")) == []
    assert (await pressed(sandbox, boris, found, words.IN_A_CHANNEL))["text"] == words.NO_CHANNEL


async def test_an_administrator_who_may_not_post_changes_nothing(sandbox, ada, boris):
    channel = await sandbox.add_channel(ada, "Port", username="port_news")
    await sandbox.promote(channel, boris, rights={"can_post_messages": False})
    assert (await sandbox.ask(boris, "/subscribe @port_news"))["text"] == words.ADMINS_OF_CHANNEL_ONLY


async def test_a_post_is_a_question_too(sandbox, ada, boris, channel):
    found = await sandbox.ask(ada, "/search ferry", chat=channel)
    assert "/article_" not in found["text"]  # which readers could not say here
    assert "https://t.me/sandbox_bot?start=a_1" in [entity.get("url") for entity in found["entities"]]
    # Its readers can turn nothing and change nothing; who posts there can.
    assert await sandbox.toast(boris, found, words.FOLLOW) == words.ADMINS_ONLY
    followed = await pressed(sandbox, ada, found, words.FOLLOW)
    assert words.following(new=True) in followed["text"]
    assert await sandbox.toast(boris, followed, words.UNDO) == words.ADMINS_ONLY


async def test_a_post_that_is_passed_on_to_the_discussion_is_answered_in_the_channel_alone(sandbox, ada, channel):
    group = await sandbox.add_group(ada, "Discussion")
    await sandbox.wait_for(chat=group)
    await sandbox.link(channel, group)
    await sandbox.ask(ada, "/latest", chat=channel)
    await sandbox.ask(ada, "/help", chat=group)
    posts = [record["message"]["text"] for record in await sandbox.messages(chat=group, kind="sent")]
    assert [text for text in posts if words.LATEST in text] == []


async def test_channels_are_managed_in_private_not_in_groups(sandbox, ada, channel):  # noqa: ARG001  it is there
    group = await sandbox.add_group(ada, "Talk")
    await sandbox.wait_for(chat=group)
    said = await sandbox.ask(ada, "/subscribe @port_news ferry", chat=group)
    assert said["text"] == words.CHANNELS_IN_PRIVATE


async def test_a_channel_that_takes_the_right_away_waits(sandbox, newsroom, ada, channel):
    welcome = (await sandbox.messages(chat=ada, kind="sent"))[-1]["message"]
    await pressed(sandbox, ada, welcome, words.FOLLOW_ALL)
    after = await sandbox.last()
    await sandbox.promote(channel, rights={"can_post_messages": False})
    [told] = await sandbox.wait_for(chat=ada, after=after)
    assert told["message"]["text"] == words.may_not_write("Harbour")
    assert labels(await sandbox.ask(ada, "ferry")) == [words.FOLLOW]  # there is none to choose
    await newsroom.publish(news("Soup"))
    await sandbox.promote(channel)
    [push] = await sandbox.wait_for(chat=channel, after=after)
    assert push["message"]["text"].startswith("Soup\n")
    await sandbox.kick(channel)
    told = (await sandbox.wait_for(4, chat=ada, after=after))[-1]
    assert told["message"]["text"] == words.removed("Harbour")
