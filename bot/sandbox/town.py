"""A small town to begin with: people, and with the bot in each of them a group, a forum and a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox import rooms, topics
from bot.sandbox.members import member_of

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat
    from bot.sandbox.people import Person
    from bot.sandbox.world import World


def furnish(world: World) -> None:
    """Fill a new world. What the bot is to hear of it waits for it, as everything does until it asks for updates."""
    ada, boris, clara = (world.add_person(name, started=False) for name in ("Ada", "Boris", "Clara"))
    group = _found(world, "group", "Reading circle", [ada, boris, clara])
    _talk(world, group, [(boris, "Did anybody read about the ferry?"), (clara, "Not yet. Let's ask the bot.")])
    forum = _found(world, "supergroup", "Town hall", [boris, ada, clara], forum=True)
    rooms.set_member(world, forum, ada.id, member_of("administrator"), boris.user())
    for name, color in (("Sport", topics.COLORS[1]), ("Economy", topics.COLORS[3])):
        topics.open_topic(world, forum, {"from": boris.user()}, name, color)
    _found(world, "channel", "Ada's notebook", [ada, boris, clara])


def _found(world: World, kind: str, title: str, people: list[Person], *, forum: bool = False) -> Chat:
    """Found a chat; the first of its people owns it."""
    owner, *others = people
    chat = world.add_room(kind, title, forum=forum)
    bot = member_of("administrator" if kind == "channel" else "member")
    rooms.begin(world, chat, owner, [person.id for person in others], bot)
    return chat


def _talk(world: World, chat: Chat, said: list[tuple[Person, str]]) -> None:
    for person, text in said:
        rooms.say(world, chat, person, text)
