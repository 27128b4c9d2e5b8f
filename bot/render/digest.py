"""What has come since the last digest, as one message."""

from collections.abc import Sequence
from datetime import datetime

from bot.render import words
from bot.render.article import card
from bot.render.lists import counted, plainly
from bot.render.message import Message
from bot.render.pieces import SEPARATOR, topic_or_source
from bot.render.text import Text, bold
from storage import Cadence, OwedArticle

_HEADINGS = {
    Cadence.HOURLY: ("🕐", words.HOURLY_DIGEST, words.hour_of_day),
    Cadence.DAILY: ("☀️", words.DAILY_DIGEST, words.day_of_year),
    Cadence.WEEKLY: ("🗓", words.WEEKLY_DIGEST, words.day_of_year),
}


def digest(  # noqa: PLR0913, PLR0917  those of `pushed`, and which digest it is
    cadence: Cadence,
    local: datetime,
    owed: Sequence[OwedArticle],
    more: int = 0,
    key: int = 0,
    username: str = "",
) -> tuple[Message, tuple[OwedArticle, ...]]:
    """What a mailbox is owed as a digest, and what of it is shown. The rest and `more` are counted in it.

    `local`: when it is given, on the chat's own clock. Shown are the first ones in the order given, those of one topic
    (of one source, where an article has no topic) together. The rest as for `pushed`; a single article is a card, too:
    it says more. Raises ValueError when nothing is owed, and KeyError for a cadence that is no digest's.
    """
    sign, name, moment = _HEADINGS[cadence]
    if not owed:
        raise ValueError("a digest needs at least one article")
    if len(owed) == 1 and more == 0:
        return card(owed[0].article, owed[0].queries, username), tuple(owed)
    heading = f"{sign} " + bold(name) + SEPARATOR + moment(local)
    return counted(owed, more, key, username, lambda shown: Text.joined("\n\n", (heading, _grouped(shown, username))))


def _grouped(shown: Sequence[OwedArticle], username: str) -> Text:
    """The headlines by group, the largest first, in order within."""
    groups: dict[str, list[OwedArticle]] = {}
    for one in shown:
        groups.setdefault(topic_or_source(one.article), []).append(one)
    if len(groups) in {1, len(shown)}:
        # A heading for all, or one above each, would tell nothing apart.
        return plainly(shown, username)
    largest_first = sorted(groups.items(), key=lambda group: -len(group[1]))
    return Text.joined("\n\n", (bold(f"▪️ {name}") + "\n\n" + plainly(ones, username) for name, ones in largest_first))
