"""The bot in groups and forums: who may say what, who hears the answer, what becomes of it there."""

from datetime import UTC, datetime, timedelta

import pytest
from newsroom import news
from sandbox import button

from bot.render import words

FERRY = news("The ferry is back", "It was blue once.")


@pytest.fixture
async def bot(newsroom):
    """A bot that has one article to tell of."""
    await newsroom.publish(FERRY, push="none")
    return await newsroom.start()


@pytest.fixture
async def people(sandbox):
    """Ada runs the chats, Boris is a member, Clara an administrator, Dora a stranger."""
    names = ("Ada", "Boris", "Clara", "Dora")
    return {name.lower(): await sandbox.add_person(name) for name in names}


@pytest.fixture
async def group(sandbox, people, bot):  # noqa: ARG001  the bot must be there
    """A supergroup, in which the bot has said hello."""
    chat = await sandbox.add_group(people["ada"], "Ferry friends", members=[people["boris"], people["clara"]])
    await sandbox.promote(chat, people["clara"], anonymous=True)
    await sandbox.wait_for(chat=chat)
    return chat


async def house(sandbox, people):
    """A forum in which the bot has said hello; give its id and those of its two topics."""
    forum = await sandbox.add_group(people["ada"], "House", members=[people["boris"]], forum=True)
    await sandbox.wait_for(chat=forum)
    return forum, *[await sandbox.add_topic(forum, name) for name in ("Boats", "Food")]


async def test_it_says_hello_when_it_is_added(sandbox, people, group):
    [hello] = await sandbox.wait_for(chat=group)
    assert hello["message"]["text"].startswith(words.GROUP_GREETING)
    # Once: by the link that adds it Telegram says /start, too.
    second = await sandbox.add_group(people["ada"], "Second", bot="none")
    await sandbox.add_to_chat(second, by=people["ada"], payload="new")
    await sandbox.wait_for(chat=second)
    await sandbox.ask(people["ada"], "/help", chat=second)
    assert len(await sandbox.messages(chat=second, kind="sent")) == 2


async def test_whoever_adds_it_where_members_may_not_write_is_told_so(sandbox, people, bot):  # noqa: ARG001  the bot must be there
    await sandbox.ask(people["ada"], "/start")
    chat = await sandbox.add_group(people["ada"], "Quiet", bot="none")
    await sandbox.permissions(chat, can_send_messages=False)
    after = await sandbox.last()
    await sandbox.add_to_chat(chat, by=people["ada"])
    [told] = await sandbox.wait_for(chat=people["ada"], after=after)
    assert told["message"]["text"] == words.may_not_write("Quiet")


async def test_anyone_asks_and_only_administrators_change(sandbox, people, group):
    refused = await sandbox.ask(people["boris"], "/subscribe ferry", chat=group)
    assert refused["text"] == words.ADMINS_ONLY
    found = await sandbox.ask(people["boris"], "/search ferry", chat=group)
    assert "The ferry is back" in found["text"]
    assert found["reply_to_message"]["from"]["id"] == people["boris"]
    assert await sandbox.toast(people["boris"], found, words.FOLLOW) == words.ADMINS_ONLY
    assert words.FOLLOWS_NOTHING in (await sandbox.ask(people["boris"], "/list", chat=group))["text"]
    followed = await sandbox.ask(people["ada"], "/subscribe ferry", chat=group)
    assert words.following(new=True) in followed["text"]
    assert await sandbox.toast(people["boris"], followed, words.UNDO) == words.ADMINS_ONLY
    assert "1. ferry" in (await sandbox.ask(people["boris"], "/list", chat=group))["text"]


async def test_an_anonymous_administrator_is_one(sandbox, people, group):
    followed = await sandbox.ask(people["clara"], "/subscribe ferry", chat=group, anonymous=True)
    assert words.following(new=True) in followed["text"]
    # Telegram tells by name who presses.
    assert await sandbox.toast(people["boris"], followed, words.UNDO) == words.ADMINS_ONLY
    assert await sandbox.toast(people["clara"], followed, words.UNDO) == ""
    assert words.FOLLOWS_NOTHING in (await sandbox.ask(people["boris"], "/list", chat=group))["text"]


async def test_a_member_in_the_name_of_a_channel_is_no_administrator(sandbox, people, group):
    channel = await sandbox.add_channel(people["boris"], "Boris writes", bot="none")
    said = await sandbox.ask(people["boris"], "/subscribe@sandbox_bot ferry", chat=group, as_channel=channel)
    assert said["text"] == words.ADMINS_ONLY


async def test_a_right_that_was_taken_away_is_none(sandbox, people, group):
    await sandbox.promote(group, people["boris"])
    followed = await sandbox.ask(people["boris"], "/subscribe ferry", chat=group)
    await sandbox.demote(group, people["boris"])
    assert await sandbox.toast(people["boris"], followed, words.UNDO) == words.ADMINS_ONLY


async def test_a_page_is_turned_by_whom_it_was_made_for(sandbox, newsroom, people, group):
    await newsroom.publish(*(news(f"Soup number {number}") for number in range(20)), push="none")
    first = await sandbox.ask(people["boris"], "/search soup", chat=group)
    await sandbox.add_to_chat(group, people["dora"])
    assert await sandbox.toast(people["dora"], first, words.OLDER) == words.NOT_YOURS
    page = first
    # An administrator may turn it too, and it stays whose it was.
    for person, label in ((people["boris"], words.OLDER), (people["ada"], words.NEWER), (people["boris"], words.OLDER)):
        after = await sandbox.last()
        assert await sandbox.toast(person, page, label) == ""
        [record] = await sandbox.wait_for(chat=group, kind="edited", after=after)
        page = record["message"]


async def test_what_is_said_to_others_is_left_alone(sandbox, people, group):
    other = await sandbox.add_person("Other bot", is_bot=True, username="other_bot")
    await sandbox.add_to_chat(group, other)
    await sandbox.promote(group)  # it hears everything now
    after = await sandbox.last()
    for said in ("/latest@other_bot", "hello all", "/zeppelin", "@sandbox_bot hello"):
        await sandbox.say(people["boris"], said, chat=group)
    await sandbox.ask(people["boris"], "/zeppelin@sandbox_bot", chat=group)
    [answer] = await sandbox.messages(chat=group, kind="sent", after=after)
    assert words.unknown_command("zeppelin", "") in answer["message"]["text"]


async def test_each_topic_is_a_place_of_its_own(sandbox, newsroom, people, bot):  # noqa: ARG001  the bot must be there
    forum, boats, food = await house(sandbox, people)
    for thread, query in ((boats, "ferry"), (food, "soup"), (0, "opera")):
        answer = await sandbox.ask(people["ada"], f"/subscribe {query}", chat=forum, thread=thread)
        # An answer in General is a reply, whose chain has a number that is no topic's.
        assert (answer["message_thread_id"] if answer.get("is_topic_message") else 0) == thread
    listed = await sandbox.ask(people["boris"], "/list", chat=forum, thread=food)
    assert (listed["message_thread_id"], "1. soup" in listed["text"]) == (food, True)
    after = await sandbox.last()
    await newsroom.publish(news("Soup on the ferry"))
    pushes = await sandbox.wait_for(2, chat=forum, after=after)
    assert sorted(push["message"]["message_thread_id"] for push in pushes) == [boats, food]
    await newsroom.publish(news("The opera opens", "Loud."))
    [*_, push] = await sandbox.wait_for(3, chat=forum, after=after)
    assert "message_thread_id" not in push["message"]
    link = f"https://t.me/sandbox_bot?start=a_{3}"
    assert button(push["message"], words.FULL_TEXT)["url"] == link


async def test_a_closed_topic_waits_for_itself_alone_and_goes_on_when_it_is_reopened(sandbox, newsroom, people, bot):
    await sandbox.ask(people["ada"], "/start")
    forum, boats, food = await house(sandbox, people)
    for thread in (boats, food):
        await sandbox.ask(people["ada"], "/subscribe", chat=forum, thread=thread)
    await sandbox.close_topic(forum, boats)
    after = await sandbox.last()
    await newsroom.publish(news("First"))
    [push] = await sandbox.wait_for(chat=forum, after=after)
    assert push["message"]["message_thread_id"] == food
    [told] = await sandbox.wait_for(chat=people["ada"], after=after)
    assert told["message"]["text"] == words.topic_closed("House")
    await newsroom.publish(news("Second"))
    await sandbox.wait_for(2, chat=forum, after=after)
    await bot.said(" announced ", times=2)
    await sandbox.reopen_topic(forum, boats)
    *_, last = await sandbox.wait_for(3, chat=forum, after=after)
    assert last["message"]["message_thread_id"] == boats
    assert words.new_headlines(2) in last["message"]["text"]
    assert len(await sandbox.messages(chat=people["ada"], kind="sent", after=after)) == 1


@pytest.mark.parametrize("unheard", [False, True])
async def test_a_deleted_topic_is_passed_over_and_told_of_once(sandbox, newsroom, people, bot, unheard):
    await sandbox.ask(people["ada"], "/start")
    forum, boats, food = await house(sandbox, people)
    for thread in (boats, food):
        await sandbox.ask(people["ada"], "/subscribe", chat=forum, thread=thread)
    await sandbox.delete_topic(forum, boats, unheard=unheard)
    after = await sandbox.last()
    for number in (1, 2):
        await newsroom.publish(news(f"Headline {number}"))
        await sandbox.wait_for(number, chat=forum, after=after)
    [told] = await sandbox.wait_for(chat=people["ada"], after=after)
    assert told["message"]["text"] == words.topic_gone("House")
    assert await bot.stop() == 0
    pushes = await sandbox.messages(chat=forum, kind="sent", after=after)
    assert [push["message"]["message_thread_id"] for push in pushes] == [food, food]
    assert bot.output.count("not delivered") == 1
    assert len(await sandbox.messages(chat=people["ada"], kind="sent", after=after)) == 1


async def test_a_muted_bot_waits_and_whoever_set_it_up_is_told_once(sandbox, newsroom, people, bot, group):
    await sandbox.ask(people["ada"], "/start")
    await sandbox.ask(people["ada"], "/subscribe", chat=group)
    after = await sandbox.last()
    await sandbox.permissions(group, can_send_messages=False)  # of which no bot is told
    await newsroom.publish(news("First"))
    [told] = await sandbox.wait_for(chat=people["ada"], after=after)
    assert told["message"]["text"] == words.may_not_write("Ferry friends")
    await sandbox.restrict(group)
    await newsroom.publish(news("Second"))
    await bot.said(" announced ", times=2)
    await sandbox.permissions(group, can_send_messages=True)
    await sandbox.promote(group)
    [push] = await sandbox.wait_for(chat=group, after=after)
    assert words.new_headlines(2) in push["message"]["text"]
    told = await sandbox.wait_for(2, chat=people["ada"], after=after)
    assert told[1]["message"]["text"] == words.may_write_again("Ferry friends")


async def test_a_bot_that_members_permissions_muted_goes_on_when_it_is_promoted(sandbox, newsroom, people, group):
    await sandbox.ask(people["ada"], "/start")
    await sandbox.ask(people["ada"], "/subscribe", chat=group)
    after = await sandbox.last()
    await sandbox.permissions(group, can_send_messages=False)  # of which no bot is told
    await newsroom.publish(news("First"))
    await sandbox.wait_for(chat=people["ada"], after=after)
    await sandbox.promote(group)
    [push] = await sandbox.wait_for(chat=group, after=after)
    assert push["message"]["text"].startswith("First\n")
    told = [record["message"]["text"] for record in await sandbox.wait_for(3, chat=people["ada"], after=after)]
    assert told == [word("Ferry friends") for word in (words.may_not_write, words.may_write_again, words.promoted)]


async def test_a_muted_bot_goes_on_when_a_question_can_be_answered(sandbox, newsroom, people, group):
    await sandbox.ask(people["ada"], "/start")
    await sandbox.ask(people["ada"], "/subscribe", chat=group)
    after = await sandbox.last()
    await sandbox.permissions(group, can_send_messages=False)
    await newsroom.publish(news("First"))
    await sandbox.wait_for(chat=people["ada"], after=after)
    await sandbox.permissions(group, can_send_messages=True)  # of which no bot is told either
    await sandbox.ask(people["boris"], "/help", chat=group)
    *_, push = await sandbox.wait_for(2, chat=group, after=after)
    assert push["message"]["text"].startswith("First\n")


async def test_what_becomes_of_it_is_explained_to_whoever_set_it_up(sandbox, newsroom, people, group):
    await sandbox.ask(people["ada"], "/start")
    await sandbox.ask(people["ada"], "/subscribe", chat=group)
    expected = []
    after = await sandbox.last()

    async def told(word):
        expected.append(word("Ferry friends"))
        records = await sandbox.wait_for(len(expected), chat=people["ada"], after=after)
        assert [record["message"]["text"] for record in records] == expected

    await sandbox.promote(group)
    await told(words.promoted)
    await sandbox.restrict(group)
    await told(words.may_not_write)
    await sandbox.restrict(group, rights={"can_send_messages": True})
    await told(words.may_write_again)
    await sandbox.restrict(group)
    await told(words.may_not_write)
    await sandbox.kick(group, by=people["clara"])
    await told(words.removed)
    await newsroom.publish(news("The soup is back"))
    await sandbox.add_to_chat(group)
    hello, push = [record["message"]["text"] for record in await sandbox.wait_for(2, chat=group, after=after)]
    assert {words.GROUP_GREETING, "The soup is back"} == {hello.split("\n")[0], push.split("\n")[0]}


async def test_whoever_cannot_be_told_at_once_delays_nobody(sandbox, newsroom):
    bot = await newsroom.start(messages_per_second="3")  # as many are delivered to at a time
    ada, boris = [await sandbox.add_person(name) for name in ("Ada", "Boris")]
    await sandbox.ask(ada, "/start")
    await sandbox.ask(boris, "/subscribe")
    for title in ("One", "Two", "Three"):
        chat = await sandbox.add_group(ada, title)
        await sandbox.wait_for(chat=chat)
        await sandbox.ask(ada, "/subscribe", chat=chat)
        await sandbox.permissions(chat, can_send_messages=False)
    await sandbox.faults({"kind": "429", "method": "sendMessage", "chat": ada, "retry_after": 30})
    after = await sandbox.last()
    await newsroom.publish(news("First"))
    await bot.said("not delivered", times=3)
    await newsroom.publish(news("Second"))
    await sandbox.wait_for(2, chat=boris, after=after)


async def test_who_never_started_the_bot_is_not_told(sandbox, bot):
    dora = await sandbox.add_person("Dora", started=False)
    chat = await sandbox.add_group(dora, "Quiet")
    await sandbox.wait_for(chat=chat)
    await sandbox.restrict(chat)
    await bot.said("a chat was not told")
    assert await sandbox.messages(chat=dora, kind="sent") == []


async def test_a_group_asks_twelve_times_a_minute_and_a_person_five(sandbox, people, group):
    crowd = [people["boris"], people["ada"], *(await sandbox.add_people(1))]
    await sandbox.add_to_chat(group, crowd[2])
    await sandbox.settings(limits={"per_group_per_minute": 20, "penalty": 2})
    after = await sandbox.last()
    for person in crowd:
        for _ in range(6):
            await sandbox.say(person, "/latest", chat=group)
    await sandbox.ask(people["dora"], "/help")  # whatever was said before has been read
    records = await sandbox.wait_for(13, chat=group, after=after)
    answers = [record["message"] for record in records]
    notice = words.too_many_questions("https://t.me/sandbox_bot")
    asked = [answer["reply_to_message"]["from"]["id"] for answer in answers if answer["text"] != notice]
    assert [asked.count(person) for person in crowd] == [5, 5, 2]
    assert [answer["text"] for answer in answers].count(notice) == 1
    # A press counts, too.
    found = next(answer for answer in answers if answer["text"] != notice)
    assert await sandbox.toast(people["boris"], found, words.FOLLOW) == words.SLOWLY
    assert "429" not in (await sandbox.requests())["methods"]["sendMessage"]


async def test_the_menu_shows_each_what_they_may_say(sandbox, people, group):
    def names(commands):
        return {command["command"] for command in commands}

    everything = names(await sandbox.commands(people["ada"]))
    assert names(await sandbox.commands(group, people["ada"])) == everything
    changing = {"subscribe", "unsubscribe", "digest", "quiet", "mute", "unmute", "timezone", "pictures", "urgent"}
    assert names(await sandbox.commands(group, people["boris"])) == everything - changing


async def test_where_it_may_not_write_it_tries_again(sandbox, newsroom, people):
    group = await sandbox.add_group(people["ada"])
    await newsroom.follow([group])
    async with newsroom.store() as store:
        now = datetime.now(UTC)
        await store.mailboxes.pause(newsroom.bot, group, now=now - timedelta(days=1), reason="muted", retry=now)
    await newsroom.publish(news("Soup"))
    await newsroom.start()
    records = await sandbox.wait_for(2, chat=group)
    assert {record["message"]["text"].split("\n")[0] for record in records} == {words.GROUP_GREETING, "Soup"}
