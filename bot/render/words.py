"""What the bot says, in English. Only how commands are explained stands elsewhere: in their own files."""

from datetime import UTC, datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
COUNTED_TO = 1_000  # beyond, the store does not count

EVERYTHING = "everything"
UNTITLED = "Untitled"

LATEST = "Latest news"
NOTHING_MORE = "There is nothing more here."
NOTHING_YET = "There is no news yet. It will show up here as it comes."
HEADLINE_ONLY = "Only the headline is known so far."
RELATED = "Related"
MATCHED = "matched: "
MORE_AT_LATEST = "See /latest"

NEWER = "◂ Newer"
OLDER = "Older ▸"
READ = "Read"
FULL_TEXT = "Full text"
FOLLOW = "🔔 Follow"
FOLLOW_AGAIN = "🔔 Follow again"
FOLLOW_ALL = "🔔 Follow everything"
OPEN_LATEST = "📰 Latest news"
UNDO = "Undo"

NOW = "The newest so far"
NO_EXAMPLE = "Nothing matches yet. What comes will be sent here."
FOLLOWS_NOTHING = "Nothing is followed here yet."
HOW_TO_FOLLOW = "Follow a search with /subscribe, for example"
HOW_TO_END = "/unsubscribe and the number ends one."
WHICH_TO_END = "Which one should end?"

CANNOT_READ = "I cannot read this query:"
TRY_THIS = "Try this:"
NOTHING_FOUND = "Nothing found for"
WITH_FEWER_WORDS = "There is something with fewer words:"
HOW_TO_SEARCH = "Send words after /search, or just send the words:"
HOW_TO_OPEN = "Send the number or some words of the title after /article:"

TOO_OLD = "This button is too old."
GONE = "This article is no longer kept."
FOLLOWED_ALREADY = "This is followed already."
ENDED = "Not followed any more."
ENDED_ALREADY = "This is not followed any more."
TRY_LATER = "I cannot reach the news right now. Please try again in a minute."
FAILED = "Sorry, something went wrong. Please try again."

GREETING = "Hello! I bring you the news."
GREETING_ASK = "Send me a few words and I will find the news about them."
GREETING_FOLLOW = "Follow any search with /subscribe, and each new headline comes to you by itself."
GREETING_HELP = "All I can do: /help"

COMMANDS = "What I can do"
LANGUAGE = "How to ask"
EXAMPLE_QUERIES = ("election", '"peace treaty" -football', "topic:economy")
QUERY_EXAMPLES = (
    ("armenia peace", "both words"),
    ('"peace treaty"', "next to each other"),
    ("yerevan OR baku", "one of them"),
    ("armenia -football", "without a word"),
    ("econom*", "how a word begins"),
    ("title:election", "in the title"),
    ("source:name topic:economy lang:hy", "where from, about what, in which language"),
    ("after:2025-07-01 before:2025-07-16", "when"),
    ("after:7d", "in the last seven days"),
)
WHAT_YOU_SEARCH = "What you can search, you can follow with /subscribe."


def day(moment: datetime) -> str:
    """A date: 16 Jul 2025."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def minute(moment: datetime) -> str:
    """A moment in UTC: 16 Jul 2025, 14:30 UTC."""
    utc = moment.astimezone(UTC)
    return f"{day(utc)}, {utc:%H:%M} UTC"


def found(total: int) -> str:
    """How many articles there are in all."""
    return f"more than {COUNTED_TO:,} found" if total > COUNTED_TO else f"{total:,} found"


def new_headlines(count: int) -> str:
    """The heading of several pushed headlines."""
    return f"{count:,} new headline{_s(count)}"


def and_more(count: int) -> str:
    """What did not fit."""
    return f"… and {count:,} more."


def per_day(rate: float) -> str:
    """How much news to expect, from articles a day."""
    for times, unit in ((rate, "day"), (7 * rate, "week"), (30 * rate, "month")):
        if times >= 0.75:
            return f"About {_about(times)} a {unit}."
    return "None in the last 30 days." if rate == 0 else "Less than one a month."


def following(*, new: bool) -> str:
    """The beginning of the answer to /subscribe."""
    return "Now following" if new else "Already following"


def not_following(*, undone: bool) -> str:
    """The beginning of the answer when a subscription has ended."""
    return "Undone. Not following" if undone else "No longer following"


def follows(count: int, *, private: bool) -> str:
    """The heading of the list of subscriptions."""
    return f"{'You follow' if private else 'This chat follows'} {count:,} search{'' if count == 1 else 'es'}"


def too_many(most: int) -> str:
    """The answer to /subscribe when no more can be followed."""
    return f"This chat follows {most:,} searches, and no more are allowed. End one with /unsubscribe first."


def not_followed(number: str) -> str:
    """The answer to /unsubscribe with something that is not followed."""
    return f"{number} is not followed here."


def no_article(number: int) -> str:
    """The answer when there is no article with this number."""
    return f"There is no article {number}, or it is no longer kept."


def expected(what: str, position: int) -> str:
    """What is wrong with a query; `position` counts from 0."""
    return f"At character {position + 1:,} I expected {what}."


def unknown_command(name: str, nearest: str) -> str:
    """The hint after a command we do not have."""
    hint = f"Did you mean /{nearest}? " if nearest else ""
    return f"I do not know /{name}. {hint}All I can do: /help"


def page(number: int) -> str:
    """A page of an article; `number` counts from 1."""
    return f"Page {number:,}"


def page_of(number: int, count: int) -> str:
    """Which page this is."""
    return f"Page {number:,} of {count:,}"


def _about(times: float) -> str:
    if times < 1.5:
        return "one"
    rounded = round(times, -1) if times >= 100 else round(times)
    return f"{rounded:,.0f}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
