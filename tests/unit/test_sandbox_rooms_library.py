"""The real python-telegram-bot reads what the sandbox says of groups and channels, and knows its refusals."""

import pytest
from sandbox_http import ADA, TOKEN, running
from sandbox_rooms import BORIS, add, say, set_member
from telegram import (
    Bot,
    BotCommandScopeChatAdministrators,
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberOwner,
    ChatMemberRestricted,
    MessageOriginChannel,
    Update,
)
from telegram.constants import ChatType
from telegram.error import BadRequest, ChatMigrated, Forbidden


@pytest.fixture
async def world():
    async with running() as world:
        yield world


@pytest.fixture
async def bot(world):
    async with Bot(TOKEN, base_url=f"{world.url}/bot") as bot:
        yield bot


async def updates(bot):
    """The updates that wait, confirmed. Fields that the library does not know would be in `api_kwargs`."""
    found = await bot.get_updates(allowed_updates=Update.ALL_TYPES)
    if found:
        await bot.get_updates(offset=found[-1].update_id + 1)
    assert [update.api_kwargs for update in found if update.api_kwargs] == []
    return found


async def test_the_bots_own_changes(world, bot):
    chat = await add(world)
    for member in ("administrator", "restricted", "kicked", "left"):
        await set_member(world, chat, member)
    changes = [update.my_chat_member for update in await updates(bot) if update.my_chat_member]
    assert [(type(change.old_chat_member), type(change.new_chat_member)) for change in changes] == [
        (ChatMemberLeft, ChatMemberMember),
        (ChatMemberMember, ChatMemberAdministrator),
        (ChatMemberAdministrator, ChatMemberRestricted),
        (ChatMemberRestricted, ChatMemberBanned),
        (ChatMemberBanned, ChatMemberLeft),
    ]
    assert changes[1].new_chat_member.can_pin_messages is True
    assert changes[2].new_chat_member.is_member is True
    assert all(not change.new_chat_member.api_kwargs for change in changes)


async def test_who_speaks(world, bot):
    group, channel = await add(world, bot="administrator"), await add(world, "channel")
    await world.do("chats/link", {"channel": channel, "group": group})
    await updates(bot)
    await say(world, group, "as the group", person=ADA, anonymous=True)
    await say(world, group, "as a channel", person=ADA, as_channel=channel)
    await say(world, channel, "post", person=ADA)
    anonymous, as_channel, post, forward = await updates(bot)
    assert (anonymous.effective_user.id, anonymous.effective_sender.id) == (1087968824, group)
    assert (as_channel.effective_user.id, as_channel.effective_sender.id) == (136817688, channel)
    assert (post.message, post.effective_user, post.channel_post.text) == (None, None, "post")
    assert (forward.effective_user.id, forward.message.is_automatic_forward) == (777000, True)
    assert isinstance(forward.message.forward_origin, MessageOriginChannel)


async def test_a_group_that_moves(world, bot):
    chat = await add(world, "group")
    await updates(bot)
    new = (await world.do("chats/upgrade", {"chat": chat}))["id"]
    old_told, new_told = await updates(bot)
    assert (old_told.message.chat.type, old_told.message.migrate_to_chat_id) == (ChatType.GROUP, new)
    assert (new_told.message.chat.type, new_told.message.migrate_from_chat_id) == (ChatType.SUPERGROUP, chat)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(chat, "x")
    assert caught.value.new_chat_id == new


async def test_topics(world, bot):
    forum = await add(world, forum=True, bot="administrator")
    topic = await bot.create_forum_topic(forum, "News")
    await say(world, forum, "x", thread=topic.message_thread_id)
    message = await bot.send_message(forum, "x", message_thread_id=topic.message_thread_id)
    assert (message.is_topic_message, message.chat.is_forum) == (True, True)
    assert message.reply_to_message.forum_topic_created.name == "News"
    assert await bot.close_forum_topic(forum, topic.message_thread_id)
    assert await bot.reopen_forum_topic(forum, topic.message_thread_id)
    said = [update.message for update in await updates(bot) if update.message][-4:]
    assert [bool(message.forum_topic_created) for message in said] == [True, False, False, False]
    assert {message.message_thread_id for message in said} == {topic.message_thread_id}
    assert await bot.delete_forum_topic(forum, topic.message_thread_id)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(forum, "x", message_thread_id=topic.message_thread_id)


async def test_questions_about_chats(world, bot):
    chat = await add(world, bot="administrator", username="house")
    await set_member(world, chat, "administrator", user=BORIS, anonymous=True)
    full = await bot.get_chat("@house")
    assert (full.id, full.title, full.permissions.can_send_messages) == (chat, "House", True)
    owner, boris, me = await bot.get_chat_administrators(chat)
    assert isinstance(owner, ChatMemberOwner)
    assert (boris.is_anonymous, me.user.id) == (True, bot.id)
    assert await bot.get_chat_member_count(chat) == 3
    message = await bot.send_message(chat, "x")
    assert await bot.pin_chat_message(chat, message.message_id)
    assert (await updates(bot))[-1].message.pinned_message.message_id == message.message_id
    assert (await bot.get_chat(chat)).pinned_message.text == "x"
    assert await bot.delete_messages(chat, [message.message_id])
    assert await bot.set_my_commands([("follow", "Follow")], scope=BotCommandScopeChatAdministrators(chat))
    assert await bot.leave_chat(chat)
    with pytest.raises(Forbidden, match="not a member of the supergroup chat"):
        await bot.send_message(chat, "x")
