"""The real python-telegram-bot, with its own transport, talks to the sandbox and understands it."""

import asyncio
from datetime import timedelta

import pytest
from sandbox_http import ADA, TOKEN, running, until
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter


@pytest.fixture
async def world():
    async with running() as world:
        yield world


@pytest.fixture
async def bot(world):
    async with Bot(TOKEN, base_url=f"{world.url}/bot") as bot:
        yield bot


async def test_python_telegram_bot_reads_the_answers(world, bot):
    assert (bot.bot.username, bot.bot.can_join_groups) == ("sandbox_bot", True)
    await world.do("send", {"person": ADA, "text": "/start hello"})
    [update] = await bot.get_updates(allowed_updates=Update.ALL_TYPES)
    assert update.message.parse_entities() == {update.message.entities[0]: "/start"}
    assert update.effective_user.first_name == "Ada"
    message = await bot.send_message(
        ADA,
        '<b>Hi</b> <tg-time unix="1700000000" format="wDT">then</tg-time>',
        parse_mode="HTML",
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Open", callback_data="open")]]),
        reply_to_message_id=update.message.message_id,
    )
    assert [entity.type for entity in message.entities] == ["bold", "date_time"]
    assert (message.link_preview_options.is_disabled, message.reply_to_message.text) == (True, "/start hello")
    await world.do("press", {"person": ADA, "message_id": message.message_id, "data": "open"})
    [update] = await bot.get_updates(offset=update.update_id + 1)
    assert await update.callback_query.answer("ok")
    edited = await update.callback_query.edit_message_text("new")
    assert (edited.text, edited.reply_markup) == ("new", None)
    assert (await bot.get_chat(ADA)).first_name == "Ada"
    assert await bot.set_my_commands([("latest", "The newest")])
    assert [command.command for command in await bot.get_my_commands()] == ["latest"]
    assert (await bot.get_webhook_info()).url == ""


async def test_python_telegram_bot_knows_the_refusals(world, bot, monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # as the library will have it: no warning about integers
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(5, "x")
    await world.do("block", {"person": ADA})
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(ADA, "x")
    await world.do("faults", [{"kind": "429", "retry_after": 3, "times": 1}])
    with pytest.raises(RetryAfter) as caught:
        await bot.get_me()
    assert caught.value.retry_after == timedelta(seconds=3)
    await world.do("revoke", {})
    with pytest.raises(InvalidToken):
        await bot.get_me()


async def test_python_telegram_bot_hears_of_another_poller(world, bot):
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await until(world.polling)
    newer = asyncio.create_task(world.updates(timeout=30))
    with pytest.raises(Conflict):
        await poll
    newer.cancel()
