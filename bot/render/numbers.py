"""How the bot is doing, as a message for its admins."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.render import words
from bot.render.message import Message
from bot.render.text import Text, bold, text
from bot.render.units import cut, one_line
from storage import ChatKind, Stats

_LONGEST_REASON = 120  # units
_REASONS_SHOWN = 5
_MESSAGES_A_STAR = 10  # Bot API, allow_paid_broadcast


def stats_page(stats: Stats, paid: int | None = None) -> Message:
    """What `/stats` answers. `paid`: how many of today's messages were paid for; None: nothing is ever paid for."""
    chats = stats.chats
    parts = (
        _part(
            words.STATS_CHATS,
            words.stats_chats(*(counted(chats.get(kind, 0)) for kind in ChatKind)),
            words.stats_paused(counted(sum(stats.paused.values()))) if stats.paused else "",
            _reasons(stats.paused),
        ),
        _part(words.STATS_FOLLOWED, words.stats_followed(counted(stats.subscriptions), counted(stats.queries))),
        _part(
            words.STATS_ARTICLES,
            words.stats_articles(counted(stats.articles), counted(stats.published)),
            words.stats_unannounced(counted(stats.unannounced)) if stats.unannounced else "",
            words.stats_feeds(counted(stats.feeds), counted(stats.failing) if stats.failing else "")
            if stats.feeds
            else "",
        ),
        _part(
            words.STATS_MESSAGES,
            words.stats_sent(counted(stats.sent_in_day), counted(stats.sent_in_hour)),
            words.stats_due(counted(stats.due), waited(stats.wait)),
            words.stats_refused(counted(stats.refused)) if stats.refused else "",
            _reasons(refused_for(stats)),
            "" if paid is None else words.stats_paid(counted(paid), f"{paid / _MESSAGES_A_STAR:,.1f}"),
        ),
    )
    return Message(Text.joined("\n\n", parts))


def counted(number: int) -> str:
    """A number of `Stats`, which counts no farther than it is quick."""
    return f"{number:,}+" if number == Stats.COUNTED else f"{number:,}"


def waited(wait: timedelta) -> str:
    """A time somebody has waited, in its two largest units."""
    minutes, seconds = divmod(int(wait.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    first = next((at for at, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number) or "0 s"


def refused_for(stats: Stats) -> dict[str, int]:
    """Reason -> how many of the last refusals had it, the commonest first."""
    return dict(Counter(one.reason for one in stats.refusals).most_common())


def _reasons(reasons: Mapping[str, int]) -> str:
    shown = list(reasons.items())[:_REASONS_SHOWN]
    return "\n".join(f"• {counted(number)} × {cut(one_line(reason), _LONGEST_REASON)}" for reason, number in shown)


def _part(heading: str, *lines: str) -> Text:
    said: Iterable[str] = filter(None, lines)
    return bold(heading) + "\n" + text("\n".join(said))
