"""Telegram's updates in, our messages out: what python-telegram-bot calls for each command and each press."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    CallbackQuery,
    ReplyParameters,
    Update,
)
from telegram import Message as Received
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import Application, CallbackQueryHandler, ChatMemberHandler, ContextTypes, MessageHandler, filters

from bot.commands import start
from bot.commands.answering import answer, press
from bot.commands.calls import Call, read_call
from bot.commands.desk import Ask, Desk, Pressed
from bot.commands.membership import Host
from bot.commands.quota import Quota
from bot.commands.reading import chat_of, is_private, place_of, speaker_of
from bot.commands.table import COMMANDS
from bot.render import words
from bot.render.guidance import sentence, too_many_questions
from bot.render.links import ADDED
from bot.render.message import Message
from bot.transport.outgoing import Capabilities, deliver
from bot.transport.verdicts import UNKNOWN_CHAT_TRIES, OutOfReach, cannot_be_edited, shows_it_already, verdict_of
from storage import StoreUnavailable

_log = logging.getLogger(__name__)

_PRESS_SECONDS = 8.0  # Telegram takes an answer to a press for about 15 s
PATIENCE = 1.0
_TYPING_SECONDS = 4.5  # Bot API, sendChatAction: it shows for 5 s
_LONGEST_TOAST = 200  # Bot API, answerCallbackQuery
_SERVICE = (
    filters.StatusUpdate.MIGRATE | filters.StatusUpdate.FORUM_TOPIC_REOPENED | filters.StatusUpdate.NEW_CHAT_TITLE
)


def add_handlers(
    application: "Application[Any, Any, Any, Any, Any, Any]",
    *,
    desk: Callable[[], Desk],
    clock: Callable[[], datetime],
    capabilities: Capabilities,
    patience: float = PATIENCE,
) -> None:
    """Let the application answer commands, presses, blocks and moves. `desk` and `clock` are asked for each of them.

    Who waits longer than `patience` for an answer sees that there is something to come.
    """
    front = Front(desk, clock, capabilities, patience=patience)
    # Only new messages: an edited command is not answered a second time.
    new = filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST
    application.add_handler(MessageHandler(new & filters.TEXT, front.on_message))
    application.add_handler(MessageHandler(new & _SERVICE, front.on_service))
    application.add_handler(CallbackQueryHandler(front.on_press))
    application.add_handler(ChatMemberHandler(front.on_membership))


async def set_menu(bot: Bot) -> None:
    """Show our commands in Telegram's menu: in groups each only to those who may say it."""
    everything = [BotCommand(command.name, command.description) for command in COMMANDS]
    for_all = [BotCommand(command.name, command.description) for command in COMMANDS if not command.changes]
    await bot.set_my_commands(everything)
    await bot.set_my_commands(for_all, scope=BotCommandScopeAllGroupChats())
    await bot.set_my_commands(everything, scope=BotCommandScopeAllChatAdministrators())


@dataclass(frozen=True, slots=True)
class Front:
    """Where people meet the bot. No failure leaves here: it is logged with its chat, and the person is told."""

    desk: Callable[[], Desk]
    clock: Callable[[], datetime]
    capabilities: Capabilities
    quota: Quota = field(default_factory=Quota)
    patience: float = PATIENCE
    """For so many seconds an answer may be awaited without a sign of it."""

    async def on_message(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer a command, or words in a private chat."""
        message = update.message or update.channel_post
        if message is None or message.text is None:
            return
        desk = self.desk()
        call = read_call(message.text, desk.username, private=is_private(message))
        if call is None or _is_said_for_another_reason(message, call):
            return
        ask = self._ask(message, call.text, speaker_of(message))
        if not self._has_room(ask):
            if self.quota.tells(ask.chat.id, ask.now):
                await self._reply(message, too_many_questions(desk.username))
            return
        self._count(ask)
        async with self._typing(message):
            said = await _answered(call, ask, desk)
        await self._reply(message, said)

    async def on_press(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Do what a button says; tell the one who pressed exactly once."""
        query = update.callback_query
        if query is None:
            return
        message = query.message if isinstance(query.message, Received) else None
        if message is None or query.data is None:
            await _tell(query, words.TOO_OLD)
            return
        ask = self._ask(message, query.data, query.from_user.id)
        if not self._has_room(ask):
            await _tell(query, words.SLOWLY)
            return
        pressed = await _pressed(ask, self.desk())
        await _tell(query, pressed.toast)
        if pressed.message is not None:
            self._count(ask)
            await self._show(message, pressed.message, new=pressed.new)

    async def on_membership(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Note who has blocked the bot and who has let it back in, where it was added and where it may write."""
        change = update.my_chat_member
        if change is None:
            return
        await _noted(change.chat.id, self._host(change.get_bot()).changed(change))

    async def on_service(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Note what became of a chat: it moved, its topic was reopened, it has another title."""
        message = update.effective_message
        if message is None:
            return
        await _noted(message.chat_id, self._host(message.get_bot()).served(message))

    @asynccontextmanager
    async def _typing(self, message: Received) -> AsyncIterator[None]:
        """Let people see that there is something to come, where it takes long."""
        task = asyncio.create_task(self._keep_typing(message))
        try:
            yield
        finally:
            task.cancel()

    async def _keep_typing(self, message: Received) -> None:
        await asyncio.sleep(self.patience)
        with suppress(TelegramError):  # it is no answer
            while True:
                await message.get_bot().send_chat_action(
                    message.chat_id, ChatAction.TYPING, message_thread_id=place_of(message).thread or None
                )
                await asyncio.sleep(_TYPING_SECONDS)

    def _has_room(self, ask: Ask) -> bool:
        """Whether an answer may be given: in private always, Telegram's own limit is wide enough."""
        return ask.private or self.quota.has_room(ask.chat.id, ask.speaker, ask.now)

    def _count(self, ask: Ask) -> None:
        if not ask.private:
            self.quota.count(ask.chat.id, ask.speaker, ask.now)

    def _host(self, bot: Bot) -> Host:
        return Host(self.desk(), bot, self.capabilities, self.clock())

    def _ask(self, message: Received, text: str, speaker: int) -> Ask:
        place = place_of(message)
        return Ask(place=place, text=text, now=self.clock(), chat=chat_of(message.chat, place.bot), speaker=speaker)

    async def _reply(self, message: Received, said: Message) -> None:
        """Answer a message; if the answer cannot be sent as it is, at least say so."""
        try:
            await self._send(message, said, reply=True)
        except (BadRequest, Forbidden) as error:
            if self._is_out_of_reach(message, error):
                return
            _log.exception("the answer was refused", extra={"chat": message.chat_id})
            await self._apologise(message)
        except TelegramError as error:
            # Perhaps it arrived: a second copy, or an apology under it, would only confuse.
            _log.warning("the answer was not sent", extra={"chat": message.chat_id, "error": str(error)})

    async def _apologise(self, message: Received) -> None:
        try:
            await self._send(message, sentence(words.FAILED), reply=True)
        except TelegramError as error:
            _log.warning("not even the apology was sent", extra={"chat": message.chat_id, "error": str(error)})

    async def _show(self, message: Received, said: Message, *, new: bool) -> None:
        """Put `said` in the place of the pressed message, or below it."""
        try:
            if new or not message.is_accessible or not await self._edit(message, said):
                await self._send(message, said)
        except (BadRequest, Forbidden) as error:
            if not self._is_out_of_reach(message, error):
                _log.exception("what was pressed for was refused", extra={"chat": message.chat_id})
        except TelegramError as error:
            _log.warning("what was pressed for was not shown", extra={"chat": message.chat_id, "error": str(error)})

    def _is_out_of_reach(self, message: Received, error: TelegramError) -> bool:
        """Whether nothing at all can be written there now: no fault of what was to be said."""
        if not isinstance(verdict_of(error, self.clock(), UNKNOWN_CHAT_TRIES), OutOfReach):
            return False
        _log.info("not answered", extra={"chat": message.chat_id, "error": str(error)})
        return True

    async def _edit(self, message: Received, said: Message) -> bool:
        """Change the message. False: it is not there any more, or is a picture, which holds no pages."""
        call = partial(message.get_bot().edit_message_text, chat_id=message.chat_id, message_id=message.message_id)
        try:
            await deliver(call, said, self.capabilities)
        except BadRequest as error:
            if cannot_be_edited(error):
                return False
            if not shows_it_already(error):
                raise
        return True

    async def _send(self, message: Received, said: Message, *, reply: bool = False) -> None:
        """Send to where the message is; as a reply to it where others talk too."""
        to = ReplyParameters(message.message_id, allow_sending_without_reply=True)
        call = partial(
            message.get_bot().send_message,
            chat_id=message.chat_id,
            message_thread_id=place_of(message).thread or None,
            reply_parameters=to if reply and not is_private(message) else None,
        )
        await deliver(call, said, self.capabilities)
        await _noted(message.chat_id, self._host(message.get_bot()).wrote(message.chat_id))


async def _noted(chat: int, noting: Awaitable[None]) -> None:
    """Await what notes a change; a database that is away is no fault of the chat's."""
    try:
        await noting
    except StoreUnavailable as error:
        _log.warning("a change was not noted", extra={"chat": chat, "error": str(error)})


async def _answered(call: Call, ask: Ask, desk: Desk) -> Message:
    try:
        return await answer(call, ask, desk)
    except Exception:  # noqa: BLE001  a fault of ours is answered too; it is logged whole
        _log.exception("a command failed", extra={"chat": ask.place.chat, "command": call.name})
        return sentence(words.FAILED)


async def _pressed(ask: Ask, desk: Desk) -> Pressed:
    try:
        async with asyncio.timeout(_PRESS_SECONDS):
            return await press(ask, desk)
    except Exception:  # noqa: BLE001  a fault of ours is answered too; it is logged whole
        _log.exception("a press failed", extra={"chat": ask.place.chat, "press": ask.text})
        return Pressed(words.FAILED)


async def _tell(query: CallbackQuery, toast: str) -> None:
    """Answer the press, so that the button stops spinning."""
    try:
        await query.answer(toast[:_LONGEST_TOAST] or None)
    except TelegramError as error:
        _log.warning("a press was not acknowledged", extra={"person": query.from_user.id, "error": str(error)})


def _is_said_for_another_reason(message: Received, call: Call) -> bool:
    """Whether it is no question to us: passed on from elsewhere, or said by Telegram when somebody followed our link.

    Whoever is added by that link has said hello.
    """
    if is_private(message):
        return False
    return message.forward_origin is not None or (call.command is start.COMMAND and call.text == ADDED)
