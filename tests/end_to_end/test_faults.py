"""A Telegram on a bad day: everybody gets everything, and who must wait holds no other."""

from random import Random

from newsroom import news

ONCE, TWICE, BROKEN, CUT_BEFORE, CUT_AFTER, CLEAN = (10, 5, 10, 5, 5, 15)


def in_parts(chats, *sizes):
    """Split the chats into parts of these sizes."""
    chats = iter(chats)
    return [[next(chats) for _ in range(size)] for size in sizes]


def faults(kind, chats, times=1):
    return [{"kind": kind, "method": "sendMessage", "chat": chat, "times": times} for chat in chats]


async def test_fifty_chats_on_a_bad_day(sandbox, newsroom):
    crowd = await sandbox.add_people(50)
    mixed = Random(4).sample(crowd, len(crowd))  # noqa: S311  no secret
    once, twice, broken, cut_before, cut_after, _clean = in_parts(
        mixed, ONCE, TWICE, BROKEN, CUT_BEFORE, CUT_AFTER, CLEAN
    )
    await newsroom.follow(crowd)
    bot = await newsroom.start()
    await sandbox.faults(
        *faults("429", once),
        *faults("429", twice, times=2),
        *faults("500", broken),
        *faults("reset_before", cut_before),
        *faults("reset_after", cut_after),
    )
    await newsroom.publish(news("A bad day"))
    await sandbox.wait_for(50 + CUT_AFTER)
    assert await bot.stop() == 0

    given = [record["chat"] for record in await sandbox.messages(kind="sent")]
    assert sorted(given) == sorted([*crowd, *cut_after])
    assert (await sandbox.requests())["methods"]["sendMessage"]["429"] == ONCE + 2 * TWICE


async def test_a_long_429_of_one_chat_holds_no_other(sandbox, newsroom):
    ada, *others = await sandbox.add_people(21)
    await newsroom.follow([ada, *others])
    await newsroom.start()
    await sandbox.faults({"kind": "429", "method": "sendMessage", "chat": ada, "retry_after": 30})
    for title in ("First", "Second"):
        after = await sandbox.last()
        await newsroom.publish(news(title))
        records = await sandbox.wait_for(len(others), after=after, within=25)
        assert sorted(record["chat"] for record in records) == others
    assert (await sandbox.requests())["methods"]["sendMessage"] == {"200": 40, "429": 1}
