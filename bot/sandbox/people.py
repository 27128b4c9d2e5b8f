"""Somebody with Telegram, and what stands for nobody in particular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

# Telegram's own accounts, which stand in `from` where there is no person (Bot API, Message.sender_chat).
ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL: Json = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
TELEGRAM: Json = {"id": 777000, "is_bot": False, "first_name": "Telegram"}


@dataclass(slots=True)
class Person:
    """Somebody with Telegram, or another bot. Their private chat with the bot has their id."""

    id: int
    first_name: str
    language_code: str = "en"
    started: bool = True  # False: never pressed Start, so the bot may not write first
    blocked: bool = False  # has blocked the bot
    deactivated: bool = False  # has deleted the account
    username: str = ""
    is_bot: bool = False

    def check_account(self) -> None:
        """Raises ValueError for somebody who has deleted their account."""
        if self.deactivated:
            raise ValueError(f"person {self.id} has no account any more")

    def user(self) -> Json:
        username = {"username": self.username} if self.username else {}
        if self.is_bot:
            return {"id": self.id, "is_bot": True, "first_name": self.first_name, **username}
        language = {"language_code": self.language_code}
        return {"id": self.id, "is_bot": False, "first_name": self.first_name, **username, **language}

    def as_json(self) -> Json:
        states = {"started": self.started, "blocked": self.blocked, "deactivated": self.deactivated}
        return {**self.user(), **states}
