"""What was sent is edited when its articles are corrected or withdrawn."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from newsroom import news
from sandbox import labels

from bot.render import words
from storage import EVERYTHING, Delivery, NewArticle, Outcome, Place, Settlement

BELL = words.withdrawn_by("The Bell")
TITLES = ("Apricot", "Banana", "Cherry")
BLOCKED = {"kind": "error", "status": 403, "description": "Forbidden: bot was blocked by the user"}


@pytest.fixture
async def ada(sandbox):
    return await sandbox.add_person("Ada")


def fruit(title, key, body="", **more):
    return news(title, body, id=key, **more)


async def pushed(sandbox, newsroom, chats, *articles, **settings):
    """Let the chats get these as one message each; give the bot, and chat -> message."""
    await newsroom.follow(chats)
    await newsroom.publish(*articles)
    bot = await newsroom.start(**settings)
    return bot, {chat: (await sandbox.wait_for(chat=chat))[0]["message"] for chat in chats}


async def withdraw(newsroom, number):
    async with newsroom.store() as store:
        assert await store.articles.withdraw(number)


async def edited(sandbox, chat, after=0, count=1):
    """The chat's message as it was edited last."""
    return (await sandbox.wait_for(count, kind="edited", chat=chat, after=after))[-1]["message"]


async def test_a_correction_edits_a_card_and_its_buttons_stay(sandbox, newsroom, ada):
    _, sent = await pushed(sandbox, newsroom, [ada], fruit("Apricot", "a", link="https://example.org/a"))
    await newsroom.publish(fruit("Apricots", "a", "They are ripe. All of them.", link="https://example.org/b"))
    message = await edited(sandbox, ada)
    assert message["message_id"] == sent[ada]["message_id"]
    assert message["text"].startswith("Apricots\n")
    assert "They are ripe." in message["text"]
    assert (labels(sent[ada]), labels(message)) == ([words.READ], [words.READ, words.FULL_TEXT])
    assert message["link_preview_options"]["url"] == "https://example.org/b"
    # Corrected again.
    await newsroom.publish(fruit("Apricot jam", "a"))
    assert (await edited(sandbox, ada, count=2))["text"].startswith("Apricot jam\n")
    assert len(await sandbox.messages(chat=ada, kind="sent")) == 1


@pytest.mark.parametrize("kind", ["private", "group"])
async def test_in_a_list_one_entry_is_edited_and_another_withdrawn(sandbox, newsroom, ada, kind):
    chat = ada if kind == "private" else await sandbox.add_group(ada)
    await sandbox.method("deleteWebhook", drop_pending_updates=True)
    _, sent = await pushed(sandbox, newsroom, [chat], *(fruit(title, title) for title in TITLES))
    await newsroom.publish(fruit("Bananas", "Banana"))
    before, after = sent[chat]["text"], (await edited(sandbox, chat))["text"]
    assert after == before.replace("Banana", "Bananas")
    await withdraw(newsroom, 1)
    message = await edited(sandbox, chat, count=2)
    assert re.fullmatch(rf".*\n\n{BELL}\n\nBananas\n.*\n\nCherry\n[^\n]*", message["text"])
    code, output = await newsroom.run("deliveries", "--chat", str(chat))
    assert code == 0
    assert re.search(rf"{chat} +{message['message_id']} +1 2 3 +1 +sent +withdrawn ", output), output


async def test_a_card_says_that_it_was_withdrawn_and_shows_the_article_when_it_is_back(sandbox, newsroom, ada):
    await pushed(sandbox, newsroom, [ada], fruit("Apricot", "a", "It is ripe.", link="https://example.org/a"))
    await withdraw(newsroom, 1)
    message = await edited(sandbox, ada)
    assert (message["text"], labels(message)) == (BELL, [])
    await newsroom.publish(fruit("Apricot again", "a"))
    message = await edited(sandbox, ada, count=2)
    assert message["text"].startswith("Apricot again\n")
    assert labels(message) == [words.READ, words.FULL_TEXT]


async def test_where_an_operator_wants_it_a_withdrawn_card_is_deleted_and_a_list_marked(sandbox, newsroom, ada):
    bob = await sandbox.add_person("Bob")
    await newsroom.follow([bob], "apricot")
    await pushed(sandbox, newsroom, [ada], fruit("Apricot", "a"), fruit("Banana", "b"), withdrawn="delete")
    [card] = await sandbox.wait_for(chat=bob)
    await withdraw(newsroom, 1)
    [deleted] = await sandbox.wait_for(kind="deleted", chat=bob)
    assert deleted["message"]["message_id"] == card["message"]["message_id"]
    assert BELL in (await edited(sandbox, ada))["text"]
    _, output = await newsroom.run("deliveries", "--article", "1")
    assert re.search(rf"{bob} .* deleted ", output), output
    assert re.search(rf"{ada} .* withdrawn ", output), output


async def test_what_may_not_be_deleted_is_marked(sandbox, newsroom, ada):
    await pushed(sandbox, newsroom, [ada], fruit("Apricot", "a"), withdrawn="delete")
    refused = {"kind": "error", "status": 400, "description": "Bad Request: message can't be deleted for everyone"}
    await sandbox.faults({**refused, "method": "deleteMessage"})
    await withdraw(newsroom, 1)
    assert (await edited(sandbox, ada))["text"] == BELL


async def test_chats_out_of_reach_and_failures_stop_no_other_edit(sandbox, newsroom, ada):
    people = [ada, *await sandbox.add_people(6)]
    blocked, throttled, broken, gone, same, moved = people[1:]
    await pushed(sandbox, newsroom, people, fruit("Apricot", "a"))
    await sandbox.delete(gone, (await sandbox.messages(chat=gone, kind="sent"))[0]["message"]["message_id"])
    edit = {"method": "editMessageText", "times": 1}
    not_modified = "Bad Request: message is not modified: the new content is the same as the current content"
    upgraded = "Bad Request: group chat was upgraded to a supergroup chat"
    refused = {**edit, "kind": "error", "status": 400}
    await sandbox.faults(
        {**edit, "kind": "429", "retry_after": 1, "chat": throttled},
        {**edit, "kind": "502", "chat": broken},
        {**BLOCKED, "method": "editMessageText", "chat": blocked},
        {**refused, "description": not_modified, "chat": same},
        {**refused, "description": upgraded, "parameters": {"migrate_to_chat_id": -100}, "chat": moved},
    )
    await newsroom.publish(fruit("Apricots", "a"))
    for chat in (ada, throttled, broken):
        assert (await edited(sandbox, chat))["text"].startswith("Apricots\n")
    await newsroom.publish(fruit("Apricot jam", "a"))
    assert (await edited(sandbox, same))["text"].startswith("Apricot jam\n")
    assert {record["chat"] for record in await sandbox.messages(kind="edited")} <= {ada, throttled, broken, same, moved}


async def test_a_kill_in_the_midst_loses_no_edit(sandbox, newsroom):
    people = await sandbox.add_people(30)
    bot, _ = await pushed(sandbox, newsroom, people, fruit("Apricot", "a"))
    await sandbox.settings(latency=0.3)
    await newsroom.publish(fruit("Apricots", "a"))
    await sandbox.wait_for(5, kind="edited")
    await bot.kill()
    killed = {record["chat"] for record in await sandbox.messages(kind="edited")}
    assert len(killed) < len(people)
    await sandbox.settings(latency=0)
    await newsroom.publish(fruit("Apricot jam", "a"))
    await newsroom.start()
    async with asyncio.timeout(60):
        for chat in people:
            last = 0
            while True:
                records = await sandbox.wait_for(kind="edited", chat=chat, after=last)
                if records[-1]["message"]["text"].startswith("Apricot jam\n"):
                    break
                last = records[-1]["seq"]


async def test_what_a_restart_finds_to_be_edited_is_edited_and_what_it_counted_stays_counted(sandbox, newsroom, ada):
    articles = [fruit(f"Apricot {number:02}", str(number)) for number in range(1, 24)]
    await newsroom.follow([ada])
    await newsroom.publish(*articles)
    async with newsroom.store() as store:
        now = datetime.now(UTC)
        lease = await store.leases.gain("announcer", now=now, duration=timedelta(seconds=5))
        await store.log.announce(lease, now=now, limit=30)
        await store.leases.release(lease)
    bot = await newsroom.start()
    [sent] = await sandbox.wait_for(chat=ada)
    assert await bot.stop() == 0
    long = "Apricot " * 40
    await newsroom.publish(*(fruit(f"{long}{number:02}", str(number)) for number in range(1, 24)))
    await newsroom.start()
    message = await edited(sandbox, ada)
    assert message["text"].count("/article_") == 20
    assert labels(message) == labels(sent["message"]) == [words.open_more(3)]


async def test_what_is_older_than_is_to_be_kept_is_cleared_away_and_the_rest_told(newsroom, ada):
    now = datetime.now(UTC)
    for days in (9, 7):
        await delivered(newsroom, ada, f"Day {days}", now - timedelta(days=days))
    _, output = await newsroom.run("deliveries", "--chat", str(ada))
    assert len(output.splitlines()) == 3
    bot = await newsroom.start(keep_days="8")
    await bot.said("cleared away")
    _, output = await newsroom.run("deliveries", "--chat", str(ada))
    [_, line] = output.splitlines()
    assert line.startswith(f"{now - timedelta(days=7):%Y-%m-%d}")
    assert (await newsroom.run("deliveries", "--article", "1"))[1] == "nothing was delivered, or it is no longer kept"
    assert (await newsroom.run("deliveries"))[0] == 2
    assert (await newsroom.run("deliveries", "--chat", "1", "--limit", "9" * 20))[0] == 2


async def delivered(newsroom, chat, title, now):
    """Let the chat have been given an article at that time, past the bot."""
    second = timedelta(seconds=1)
    article = NewArticle("bell", title, title, now)
    async with newsroom.store() as store:
        await store.subscriptions.add(Place(newsroom.bot, chat), EVERYTHING, now=now)
        await store.articles.add([article], arrived=now, push_since=now - second)
        lease = await store.leases.gain("announcer", now=now, duration=second)
        await store.log.announce(lease, now=now, limit=9)
        while await store.log.wake(lease, now=now, limit=9):
            pass
        await store.leases.release(lease)
        [claim] = await store.mailboxes.claim(newsroom.bot, now=now, lease=second, limit=9)
        [owed] = await store.mailboxes.owed([claim], now=now)
        positions = tuple(one.position for one in owed.articles)
        sent = Delivery(positions, Outcome.SENT, now, message=positions[0])
        assert await store.mailboxes.settle(Settlement(claim, owed.cursors, (sent,)), now=now)
