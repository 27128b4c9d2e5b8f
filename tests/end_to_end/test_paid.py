"""Paid broadcast through `newscrier run`: over 30 messages a second, and what is paid for them. Counts, not times."""

from datetime import UTC, datetime

from newsroom import news

# Telegram's free ones, and ten that a busy machine may bring too near to each other.
LIMITS = {"per_second": 40, "per_chat_per_second": 1, "paid_per_second": 1000, "penalty": 2}
PAYS = {"paid_broadcast": "true", "messages_per_second": "500"}


async def given(sandbox, newsroom, chats, title="The ferry is back"):
    """Give all of them an article; what Telegram answered, by status, and how many it was paid for in all."""
    before = await sandbox.last()
    await newsroom.publish(news(title))
    records = await sandbox.wait_for(len(chats), after=before)
    assert sorted(record["chat"] for record in records) == chats
    requests = await sandbox.requests()
    return requests["methods"]["sendMessage"], requests["paid"]


async def spent(newsroom):
    async with newsroom.store() as store:
        return await store.payments.spent(newsroom.bot, datetime.now(UTC).date())


async def test_what_is_beyond_the_free_messages_is_paid_for_up_to_the_days_budget(sandbox, newsroom):
    crowd = await sandbox.add_people(90)
    await newsroom.follow(crowd)
    await sandbox.settings(limits=LIMITS)
    bot = await newsroom.start(**PAYS, paid_stars_per_day="5")
    answers, paid = await given(sandbox, newsroom, crowd)
    assert answers == {"200": 90}
    assert await bot.stop() == 0
    # Where Telegram's seconds and ours differ, ours are never the cheaper ones.
    assert 0 < paid <= await spent(newsroom) <= 50

    # After a restart the day is the same, and what was spent is spent.
    left = 50 - await spent(newsroom)
    bot = await newsroom.start(**PAYS, paid_stars_per_day="5")
    answers, paid_again = await given(sandbox, newsroom, crowd, "The bridge is open")
    assert answers == {"200": 180}
    assert paid_again - paid <= left
    assert await bot.stop() == 0


async def test_who_has_no_stars_goes_on_with_the_free_messages_and_loses_nothing(sandbox, newsroom):
    crowd = await sandbox.add_people(80)
    await newsroom.follow(crowd)
    await sandbox.settings(limits=LIMITS | {"stars": 2})
    bot = await newsroom.start(**PAYS, paid_stars_per_day="1000")
    answers, paid = await given(sandbox, newsroom, crowd)
    assert (answers["200"], paid) == (80, 20)
    assert answers.keys() == {"200", "400"}
    assert await bot.stop() == 0
    assert bot.output.count("paid broadcast is off for an hour") == 1
    assert [outcome for _, outcome, _ in newsroom.outcomes()] == ["sent"] * 80
    assert 20 <= await spent(newsroom) <= 35
