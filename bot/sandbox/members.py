"""Members of a chat: their status and rights, as the Bot API shows them (ChatMember)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]

SHORTEST, LONGEST = 30, 366 * 24 * 3600  # seconds of a restriction that ends by itself
STATUSES = ("creator", "administrator", "member", "restricted", "left", "kicked")

# What a member may do (ChatPermissions).
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
# What an administrator may do (ChatMemberAdministrator), everywhere, in groups only, in channels only.
_EVERYWHERE = (
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_promote_members",
    "can_manage_video_chats",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
_IN_GROUPS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")
_IN_CHANNELS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
ADMIN_RIGHTS = frozenset({*_EVERYWHERE, *_IN_GROUPS, *_IN_CHANNELS, "is_anonymous"})
# Rights that an administrator does not get unless they are named.
_NOT_BY_ITSELF = frozenset({"can_promote_members"})


@dataclass(frozen=True, slots=True)
class Member:
    """One member's state. `rights`: by name, an administrator's or a restricted member's; a missing one is no."""

    status: str = "left"
    rights: Json = field(default_factory=dict)
    anonymous: bool = False  # posts as the group
    title: str = ""
    inside: bool = True  # of a restricted one: still in the chat
    until: int = 0

    @property
    def present(self) -> bool:
        if self.status == "restricted":
            return self.inside
        return self.status in {"creator", "administrator", "member"}

    @property
    def admin(self) -> bool:
        return self.status in {"creator", "administrator"}

    def at(self, now: int) -> Member:
        """Give what is left of it at `now` (seconds since 1970): a restriction or a ban may end by itself."""
        if not self.until or self.until > now:
            return self
        return Member("member") if self.status == "restricted" and self.inside else Member()

    def may(self, right: str, permissions: Json) -> bool:
        """Whether a right is this member's; `permissions` are what the chat lets ordinary members do."""
        if self.status == "creator":
            return True
        if self.status == "administrator":
            return right in PERMISSIONS_ONLY or bool(self.rights.get(right))
        if not self.present or not permissions.get(right):
            return False
        return self.status == "member" or bool(self.rights.get(right))

    def as_json(self, user: Json, kind: str) -> Json:
        """Give the ChatMember; `kind` is the chat's, which decides what rights there are."""
        shown: Json = {"user": user, "status": self.status}
        titled = {"custom_title": self.title} if self.title else {}
        match self.status:
            case "creator":
                return {**shown, "is_anonymous": self.anonymous, **titled}
            case "administrator":
                more = _IN_CHANNELS if kind == "channel" else _IN_GROUPS
                rights = {right: bool(self.rights.get(right)) for right in (*_EVERYWHERE, *more)}
                return {**shown, "can_be_edited": False, "is_anonymous": self.anonymous, **rights, **titled}
            case "restricted":
                rights = {right: bool(self.rights.get(right)) for right in PERMISSIONS}
                return {**shown, "is_member": self.inside, **rights, "until_date": self.until}
            case "kicked":
                return {**shown, "until_date": self.until}
        return shown


# What concerns ordinary members alone: an administrator of a group may always write.
PERMISSIONS_ONLY = frozenset(right for right in PERMISSIONS if right not in ADMIN_RIGHTS)


def lasting(member: Member, now: int) -> Member:
    """Less than half a minute, or more than a year, is for ever (Bot API, restrictChatMember)."""
    return member if SHORTEST <= member.until - now <= LONGEST else replace(member, until=0)


def member_of(status: str, rights: Json | None = None, **more: Any) -> Member:
    """Make a member. An administrator has every right but promoting unless `rights` say otherwise.

    Raises ValueError for an unknown status or right.
    """
    if status not in STATUSES:
        raise ValueError(f"unknown status {status!r}; there are {', '.join(STATUSES)}")
    given = {} if rights is None else {name: bool(value) for name, value in rights.items()}
    known = ADMIN_RIGHTS if status == "administrator" else frozenset(PERMISSIONS)
    if unknown := given.keys() - known:
        raise ValueError(f"a {status} has no right {', '.join(sorted(unknown))}")
    if status == "administrator":
        usual = {right: right not in _NOT_BY_ITSELF for right in ADMIN_RIGHTS - {"is_anonymous"}}
        return Member(status, {**usual, **given, "can_manage_chat": True}, **more)
    return Member(status, given, **more)
