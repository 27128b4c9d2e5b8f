"""The port Payments: what was paid for, by bot and day."""

import asyncio

from storekeeping import BOT, DAY, NOON

TODAY, TOMORROW = NOON.date(), (NOON + DAY).date()


async def test_what_is_counted_was_spent(store, open_again):
    assert await store.payments.spent(BOT, TODAY) == 0
    await store.payments.count(BOT, TODAY, 3)
    await store.payments.count(BOT, TODAY, 39)
    assert await store.payments.spent(BOT, TODAY) == 42
    assert await (await open_again()).payments.spent(BOT, TODAY) == 42


async def test_each_bot_and_each_day_has_its_own_count(store):
    await store.payments.count(BOT, TODAY, 3)
    await store.payments.count(BOT, TOMORROW, 5)
    await store.payments.count(BOT + 1, TODAY, 7)
    counted = [(BOT, TODAY), (BOT, TOMORROW), (BOT + 1, TODAY), (BOT + 1, TOMORROW)]
    assert [await store.payments.spent(*one) for one in counted] == [3, 5, 7, 0]


async def test_what_many_count_at_once_adds_up(store, open_again):
    other = await open_again()
    await asyncio.gather(*(each.payments.count(BOT, TODAY, 1) for each in (store, other) * 20))
    assert await store.payments.spent(BOT, TODAY) == 40
