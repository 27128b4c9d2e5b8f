"""What each change of the bot's membership comes to, as the real library reads it."""

import pytest
from telegram import ChatMember

from bot.commands.membership import Change, change_of
from bot.sandbox.members import member_of
from storage import ChatKind

ME = {"id": 1, "is_bot": True, "first_name": "News"}
KINDS = {ChatKind.PRIVATE: "private", ChatKind.GROUP: "supergroup", ChatKind.CHANNEL: "channel"}
LEFT, KICKED, MEMBER, ADMIN = (member_of(status) for status in ("left", "kicked", "member", "administrator"))
NO_POSTS = member_of("administrator", {"can_post_messages": False})
MUTE = member_of("restricted", {})
HEARD = member_of("restricted", {"can_send_messages": True})
GONE = member_of("restricted", {"can_send_messages": True}, inside=False)


def read(member, kind):
    return ChatMember.de_json(member.as_json(ME, KINDS[kind]), None)


@pytest.mark.parametrize(
    ("kind", "old", "new", "change"),
    [
        (ChatKind.PRIVATE, MEMBER, KICKED, Change.REMOVED),
        (ChatKind.PRIVATE, KICKED, MEMBER, Change.ADDED),
        (ChatKind.GROUP, LEFT, MEMBER, Change.ADDED),
        (ChatKind.GROUP, KICKED, ADMIN, Change.ADDED),
        (ChatKind.GROUP, LEFT, HEARD, Change.ADDED),
        (ChatKind.GROUP, GONE, HEARD, Change.ADDED),
        (ChatKind.GROUP, LEFT, MUTE, Change.MUTED),
        (ChatKind.GROUP, MEMBER, MUTE, Change.MUTED),
        (ChatKind.GROUP, ADMIN, MUTE, Change.MUTED),
        (ChatKind.GROUP, MUTE, HEARD, Change.UNMUTED),
        (ChatKind.GROUP, MUTE, MEMBER, Change.UNMUTED),
        (ChatKind.GROUP, MUTE, ADMIN, Change.UNMUTED),
        (ChatKind.GROUP, MEMBER, ADMIN, Change.PROMOTED),
        (ChatKind.GROUP, HEARD, ADMIN, Change.PROMOTED),
        (ChatKind.GROUP, ADMIN, MEMBER, Change.NOTHING),
        (ChatKind.GROUP, ADMIN, ADMIN, Change.NOTHING),
        (ChatKind.GROUP, MEMBER, HEARD, Change.NOTHING),
        (ChatKind.GROUP, MUTE, MUTE, Change.NOTHING),
        (ChatKind.GROUP, MEMBER, LEFT, Change.REMOVED),
        (ChatKind.GROUP, MUTE, KICKED, Change.REMOVED),
        (ChatKind.GROUP, HEARD, GONE, Change.REMOVED),
        (ChatKind.GROUP, LEFT, KICKED, Change.NOTHING),
        (ChatKind.GROUP, GONE, LEFT, Change.NOTHING),
        (ChatKind.CHANNEL, LEFT, ADMIN, Change.ADDED),
        (ChatKind.CHANNEL, LEFT, NO_POSTS, Change.MUTED),
        (ChatKind.CHANNEL, NO_POSTS, ADMIN, Change.UNMUTED),
        (ChatKind.CHANNEL, ADMIN, NO_POSTS, Change.MUTED),
        (ChatKind.CHANNEL, ADMIN, ADMIN, Change.NOTHING),
        (ChatKind.CHANNEL, ADMIN, LEFT, Change.REMOVED),
        (ChatKind.CHANNEL, NO_POSTS, KICKED, Change.REMOVED),
    ],
)
def test_what_a_change_comes_to(kind, old, new, change):
    assert change_of(read(old, kind), read(new, kind), kind) is change
