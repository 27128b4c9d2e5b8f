"""What has come since the last digest, as one message."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.render import words
from bot.render.lists import USUAL, Lengths, counted, counted_as_it_is_now, plainly, pushed, pushed_as_it_is_now
from bot.render.message import Message
from bot.render.pieces import SEPARATOR, topic_or_source
from bot.render.text import Text, bold
from storage import Cadence, OwedArticle, Pictures

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
    pictures: Pictures = Pictures.PREVIEW,
) -> tuple[Message, tuple[OwedArticle, ...]]:
    """What a mailbox is owed as a digest, and what of it is shown. The rest and `more` are counted in it.

    `local`: when it is given, on the chat's own clock. Shown are the first ones in the order given, those of one topic
    (of one source, where an article has no topic) together. The rest as for `pushed`; a single article is a card, too:
    it says more. Raises ValueError when nothing is owed, and KeyError for a cadence that is no digest's.
    """
    said = partial(_digest_list, _heading(cadence, local), username)
    if not owed:
        raise ValueError("a digest needs at least one article")
    if len(owed) == 1 and more == 0:
        return pushed(owed, more, key, username, pictures)
    return counted(owed, more, key, username, said)


def digest_as_it_is_now(  # noqa: PLR0913, PLR0917  likewise
    cadence: Cadence,
    local: datetime,
    shown: Sequence[OwedArticle],
    more: int = 0,
    key: int = 0,
    username: str = "",
    *,
    preview: bool = True,
    caption: bool = False,
) -> Message:
    """A message of `digest` again, with what it has shown as that is now; the rest as for `pushed_as_it_is_now`."""
    if len(shown) == 1 and more == 0:
        return pushed_as_it_is_now(shown, more, key, username, preview=preview, caption=caption)
    said = partial(_digest_list, _heading(cadence, local), username)
    return counted_as_it_is_now(shown, more, key, username, said)


def _heading(cadence: Cadence, local: datetime) -> Text:
    sign, name, moment = _HEADINGS[cadence]
    return f"{sign} " + bold(name) + SEPARATOR + moment(local)


def _digest_list(heading: Text, username: str, shown: Sequence[OwedArticle], lengths: Lengths) -> Text:
    # What titles need is not there for headings.
    grouped = _grouped(shown, username) if lengths == USUAL else plainly(shown, username, lengths)
    return Text.joined("\n\n", (heading, grouped))


def _grouped(shown: Sequence[OwedArticle], username: str) -> Text:
    """The headlines by group, the largest first, in order within."""
    groups: dict[str, list[OwedArticle]] = {}
    for one in shown:
        groups.setdefault(topic_or_source(one.article), []).append(one)
    if len(groups) in {1, len(shown)}:
        # A heading for all, or one above each, would tell nothing apart.
        return plainly(shown, username, USUAL)
    largest_first = sorted(groups.items(), key=lambda group: -len(group[1]))
    return Text.joined(
        "\n\n", (bold(f"▪️ {name}") + "\n\n" + plainly(ones, username, USUAL) for name, ones in largest_first)
    )
