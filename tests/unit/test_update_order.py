"""Updates of one chat in their order, chats side by side."""

import asyncio
from datetime import UTC, datetime

from telegram import Chat, ChatMemberLeft, ChatMemberMember, ChatMemberUpdated, Message, Update, User

from bot.commands.ordering import ChatUpdates

MOMENT = datetime(2025, 7, 16, tzinfo=UTC)


def an_update(chat, number=1):
    return Update(number, message=Message(number, MOMENT, Chat(chat, "private"), text="x"))


def let_in(chat):
    me, person = User(1, "News", is_bot=True), User(42, "Ada", is_bot=False)
    change = ChatMemberUpdated(Chat(chat, "group"), person, MOMENT, ChatMemberLeft(me), ChatMemberMember(me))
    return Update(1, my_chat_member=change)


class Work:
    """Handlers that begin when they may and end when they are told to."""

    def __init__(self, processor):
        self.processor, self.begun, self.ends, self.tasks = processor, [], {}, []

    def give(self, update, name):
        self.ends[name] = asyncio.Event()
        self.tasks.append(asyncio.create_task(self.processor.process_update(update, self._handle(name))))

    async def _handle(self, name):
        self.begun.append(name)
        await self.ends[name].wait()

    async def end(self, name):
        self.ends[name].set()
        await self.settle()

    async def settle(self):
        for _ in range(20):  # every task that can go on has gone on
            await asyncio.sleep(0)


async def test_one_chat_in_order_others_meanwhile():
    work = Work(ChatUpdates())
    for name, chat in (("a1", 1), ("a2", 1), ("b1", 2), ("a3", 1)):
        work.give(an_update(chat), name)
    await work.settle()
    assert work.begun == ["a1", "b1"]
    await work.end("a1")
    assert work.begun == ["a1", "b1", "a2"]
    await work.end("a2")
    await work.end("a3")
    await work.end("b1")
    assert work.begun == ["a1", "b1", "a2", "a3"]
    await asyncio.gather(*work.tasks)


async def test_a_chat_that_floods_takes_no_place_from_others():
    work = Work(ChatUpdates(at_once=2))
    for number in range(50):
        work.give(an_update(1), f"flood {number}")
    work.give(an_update(2), "b")
    work.give(an_update(3), "c")
    await work.settle()
    assert work.begun == ["flood 0", "b"]
    await work.end("b")
    assert work.begun == ["flood 0", "b", "c"]
    for event in work.ends.values():
        event.set()
    await asyncio.gather(*work.tasks)
    assert work.begun[3:] == [f"flood {number}" for number in range(1, 50)]


async def test_news_of_membership_takes_no_place_from_questions():
    work = Work(ChatUpdates(at_once=1))
    for chat in (-1, -2, -3):
        work.give(let_in(chat), f"let in {chat}")
    work.give(an_update(1), "a")
    work.give(an_update(-1), "in order")
    await work.settle()
    assert work.begun == ["let in -1", "let in -2", "let in -3", "a"]
    await work.end("a")
    await work.end("let in -1")
    assert work.begun[4:] == ["in order"]
    for event in work.ends.values():
        event.set()
    await asyncio.gather(*work.tasks)


async def test_a_failure_ends_nothing_but_itself():
    processor = ChatUpdates()

    async def fail():
        raise RuntimeError("out of paper")

    async def work():
        return None

    results = await asyncio.gather(
        processor.process_update(an_update(1), fail()),
        processor.process_update(an_update(1), work()),
        processor.process_update("no update of Telegram's", work()),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [RuntimeError, type(None), type(None)]


async def test_what_waits_at_the_end_is_not_begun():
    processor = ChatUpdates()
    work = Work(processor)
    for name in ("a1", "a2"):
        work.give(an_update(1), name)
    await work.settle()
    await processor.shutdown()
    await work.end("a1")
    await asyncio.gather(*work.tasks)
    assert work.begun == ["a1"]
