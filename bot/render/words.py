"""What the bot says, in English. Only how commands are explained stands elsewhere: in their own files."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from storage import Cadence, Pictures, Quiet

_HOURS_FROM_UTC = re.compile(r"Etc/GMT([+-])([1-9]\d?)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

EVERYTHING = "everything"
UNTITLED = "Untitled"
_THERE = "that address"

LATEST = "Latest news"
NOTHING_MORE = "There is nothing more here."
NOTHING_YET = "There is no news yet. It will show up here as it comes."
URGENT = "❗ Urgent: "
HEADLINE_ONLY = "Only the headline is known so far."
RELATED = "Related"
MATCHED = "matched: "
HOURLY_DIGEST = "Hourly digest"
DAILY_DIGEST = "Daily digest"
WEEKLY_DIGEST = "Weekly digest"

BEST_FIRST = "best first"
SORT_BEST = "★ Best first"
SORT_NEWEST = "🕒 Newest first"
BETTER = "◂ Better"
MORE = "More ▸"
NEWER = "◂ Newer"
OLDER = "Older ▸"
BACK_TO_OLDER = "◂ Older"
ON_TO_NEWER = "Newer ▸"
READ = "Read"
OPEN = "Open"
FULL_TEXT = "Full text"
FOLLOW = "🔔 Follow"
FOLLOW_AGAIN = "🔔 Follow again"
FOLLOW_ALL = "🔔 Follow everything"
IN_A_CHANNEL = "📢 In a channel"
ADD_TO_GROUP = "➕ Add me to a group"
OPEN_LATEST = "📰 Latest news"
UNDO = "Undo"

NOW = "The newest so far"
NO_EXAMPLE = "Nothing matches yet. What comes will be sent here."
FOLLOWS_NOTHING = "Nothing is followed here yet."
HOW_TO_FOLLOW = "Follow a search with /subscribe, for example"
HOW_TO_END = "/unsubscribe and the number ends one."
HOW_TO_END_THERE = "A button below ends one."
WHICH_TO_END = "Which one should end?"

WHERE_TO_FOLLOW = "Choose the channel that is to follow"
NO_CHANNEL = "You have no channel where I may post. Make me an administrator of it, with the right to post messages."
ADMINS_ONLY = "Only administrators choose what comes to this chat, and when."
ADMINS_OF_CHANNEL_ONLY = "Only administrators of that channel who may post there choose what comes to it."
CANNOT_POST = "I may not post there. Make me an administrator of that channel, with the right to post messages."
CANNOT_TELL = "Telegram does not tell me who may do that right now. Please try again in a minute."
NO_CHANNEL_BUT_GROUP = "That is no channel. In a group, say it in the group."
CHANNELS_IN_PRIVATE = "Channels are managed in my private chat: say it there."
NOT_YOURS = "Only who asked, or an administrator, may press this. Ask for yourself!"
SLOWLY = "Slowly, please: too many questions in a minute."

CANNOT_READ = "I cannot read this query:"
TRY_THIS = "Try this:"
NOTHING_FOUND = "Nothing found for"
WITH_FEWER_WORDS = "There is something with fewer words:"
HOW_TO_SEARCH = "Send words after /search, or just send the words:"
HOW_TO_OPEN = "Send the number or some words of the title after /article:"

TOO_OLD = "This button is too old."
GONE = "This article is no longer kept."
PREVIEWED = "This is a preview: the article is not published."
MORE_GONE = "These headlines are no longer kept. The newest: /latest"
FOLLOWED_ALREADY = "This is followed already."
ENDED = "Not followed any more."
ENDED_ALREADY = "This is not followed any more."
TRY_LATER = "I cannot reach the news right now. Please try again in a minute."
FAILED = "Sorry, something went wrong. Please try again."

GREETING = "Hello! I bring you the news."
GREETING_ASK = "Send me a few words and I will find the news about them."
GREETING_FOLLOW = "Follow any search with /subscribe, and each new headline comes to you by itself."
GREETING_HELP = "All I can do: /help"

GROUP_GREETING = "Hello! I bring news to this chat."
GROUP_ADMINS = "Administrators choose what: /subscribe and a search, for example"
GROUP_READERS = "Everybody may ask: /latest, /search and words, /help"

NO_ADDRESS = (
    "That is no address that I can read. Send it as it stands in your browser: /subscribe https://example.org/news"
)
ONE_ADDRESS = "Please send the address alone, without other words: /subscribe https://example.org/news"
ADDRESS_TOO_LONG = "That address is too long: I take 2,000 characters at most."
ADMINS_ADD_FEEDS = "I do not know that feed yet, and only those who run me add new ones. What you can follow: /sources"
HOLDS_A_LOGIN = (
    "Your message holds a password. I show it to nobody, but what I fetch with it all who use me can find. "
    "You may want to delete the message."
)
IF_AN_ADDRESS = "If you mean the address of a site, send it with https:// before it."
AN_ADDRESS = "That is an address. To follow what is published there, send /subscribe and the address."

SOURCES = "Sources"
FAILING = "failing"
FOLLOWED_MARK = "✓ followed here"
FAILING_MARK = "⚠️"
ENDED_MARK = "⛔"
PAUSED_MARK = "⏸"
PAUSED = "paused by you"
FAILING_SINCE = "fails since "
FAILS_NOW = f"{FAILING_MARK} It does not work at present. I keep trying."
PAUSED_NOW = f"{PAUSED_MARK} Those who run me have paused it: nothing new comes from it for now."
ALL_WELL = "All feeds work."
NO_FEEDS = "There are no feeds yet."
HOW_TO_CHOOSE_SOURCE = "🔔 and a number follows one. To find some by name: /sources and a word."
HOW_TO_ADD = "Is one missing? Send /subscribe and the address of its site."

CADENCES = {
    Cadence.INSTANT: "At once",
    Cadence.HOURLY: "Hourly",
    Cadence.DAILY: "Daily",
    Cadence.WEEKLY: "Weekly",
}
MARK = "✓ "
HOW_IT_COMES = "How news comes here"
BUTTONS_CHANGE_ALL = "The buttons change all of it:"
THEN_CHOOSE = "Below the answer you choose how often it comes."
WHOLE_CHAT = "This is for all topics of this chat."
TIME_OF_WHOLE_CHAT = "The time is for all topics of this chat."
NEXT = "Next: "
HELD_UP = ", when it is no longer muted or quiet"
NO_ZONE = "Not your time? Send your city:"
ZONE_EXAMPLE = "/timezone Yerevan"
DIGEST_EXPECTED = "How often should news come, and when? For example:"
DIGEST_EXAMPLES = ("/digest daily 8:00", "/digest weekly monday 9:00", "/digest hourly", "/digest off")

QUIET_WAITS_SAYS = "Nothing comes then. What waits comes when they end."
QUIET_SILENT_SAYS = "News comes then, too, but without a sound."
NOT_QUIET = "No quiet hours: news comes at any time."
QUIET_OFFER = "Choose some, or say which:"
QUIET_EXPECTED = "From when to when should it be quiet? For example:"
QUIET_EXAMPLES = ("/quiet 23-7", "/quiet 22:30-07:15 silent", "/quiet off")
QUIET_WAITS = "News waits"
QUIET_SILENT = "No sound"
QUIET_OFF = "No quiet hours"

ZONE_EXPECTED = "Send a city, a country or the hours from UTC, for example:"
ZONE_EXAMPLES = ("/timezone Yerevan", "/timezone America/New_York", "/timezone UTC+4")
ZONE_NEAREST = "Else send a large city near you, or the hours from UTC:"
ZONE_USE = "Digests and quiet hours go by it."
WHICH_ZONE = "There are several times there. Where are you?"

NOT_MUTED = "News comes here. For how long should it wait?"
MUTE_SAYS = "What comes meanwhile waits, and comes then. I still answer."
MUTE_EXPECTED = "For how long should news wait, or until when? For example:"
MUTE_EXAMPLES = ("/mute 8h", "/mute 2d", "/mute until 8:00", "/mute off")
MUTE_TOO_LONG = "News can wait for 30 days at most. /unsubscribe ends what should not come at all."
MUTE_SPANS = ((60, "1 hour"), (8 * 60, "8 hours"), (24 * 60, "1 day"), (7 * 24 * 60, "1 week"))
MUTED_UNTIL = "Muted until "
MUTED_LINE = "muted until "
UNMUTE = "🔔 Unmute"
UNMUTED = "Not muted: news comes here."

PICTURES = {Pictures.PREVIEW: "Preview", Pictures.PHOTO: "Photo", Pictures.NONE: "None"}
PICTURES_SAY = {
    Pictures.PREVIEW: "An article's picture comes as a large preview of its link.",
    Pictures.PHOTO: "An article's picture comes as a photo, with the headline below it.",
    Pictures.NONE: "Articles come without pictures.",
}
PICTURES_EXPECTED = "How should pictures come? One of these:"
PICTURES_EXAMPLES = ("/pictures preview", "/pictures photo", "/pictures none")

URGENT_WAYS = {True: "At once", False: "With the rest"}
URGENT_SAYS = {
    True: "Urgent news comes at once, also between digests and in quiet hours.",
    False: "Urgent news waits for digests and quiet hours, like all other news.",
}
URGENT_LINE = {
    True: "Urgent news comes at once, though: /urgent",
    False: "Urgent news need not wait: /urgent",
}
URGENT_CHOSEN = "urgent news at once"
URGENT_EXPECTED = "Should urgent news come at once? One of these:"
URGENT_EXAMPLES = ("/urgent on", "/urgent off")

ASK = "Ask"
FOLLOW_THEM = "Follow"
WHEN_AND_HOW = "When and how it comes"
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
    ("armenia sort:best", "what fits best first, in /search alone"),
)
WHAT_YOU_SEARCH = "What you can search, you can follow with /subscribe."
IN_COMPANY = (
    "Add me to groups and channels, too: their administrators choose what comes there. In a forum each topic follows "
    "its own. What a channel follows you tell me in private:"
)
CHANNEL_EXAMPLE = "/subscribe @channel economy"


STATS_CHATS = "Chats"
STATS_FOLLOWED = "Followed"
STATS_ARTICLES = "Articles"
STATS_MESSAGES = "Messages"


def stats_chats(private: str, groups: str, channels: str) -> str:
    """How many chats there are of each kind."""
    return f"{private} private, {groups} group{_s(groups)}, {channels} channel{_s(channels)}"


def stats_paused(count: str) -> str:
    """How many chats take nothing now; their reasons follow."""
    return f"{count} paused, among them:"


def stats_followed(subscriptions: str, queries: str) -> str:
    """What is followed."""
    searches = f"{queries} different search{'' if queries == '1' else 'es'}"
    return f"{subscriptions} subscription{_s(subscriptions)} to {searches}"


def stats_articles(articles: str, published: str) -> str:
    """What there is to read."""
    return f"{articles}, {published} of them from the last 24 hours"


def stats_unannounced(count: str) -> str:
    """What has come and is not announced yet."""
    return f"{count} about to be announced"


def stats_feeds(polled: str, failing: str) -> str:
    """How many feeds are asked for news; `failing` is empty when all of them answer."""
    return f"{polled} feed{_s(polled)} polled" + (f", {failing} of them failing: /sources failing" if failing else "")


def stats_sent(day: str, hour: str) -> str:
    """How many messages with news were sent."""
    return f"{day} sent in 24 hours, {hour} in the last hour"


def stats_due(count: str, wait: str) -> str:
    """Who waits for news now."""
    return f"{count} due now, the first for {wait}"


def stats_refused(count: str) -> str:
    """What Telegram would not take; the reasons follow."""
    return f"{count} refused in 7 days, among the last:"


def stats_paid(messages: str, stars: str) -> str:
    """What was paid for today."""
    return f"{messages} paid for today (UTC), {stars} Stars"


def day(moment: datetime) -> str:
    """A date: 16 Jul 2025."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def day_of_year(moment: datetime) -> str:
    """A date near today: 16 Jul."""
    return f"{moment.day} {_MONTHS[moment.month - 1]}"


def hour_of_day(moment: datetime) -> str:
    """The hour that has begun on a date near today: 16 Jul, 14:00."""
    return f"{day_of_year(moment)}, {moment:%H}:00"


def minute(moment: datetime) -> str:
    """A moment in UTC: 16 Jul 2025, 14:30 UTC."""
    utc = moment.astimezone(UTC)
    return f"{day(utc)}, {utc:%H:%M} UTC"


def clock(minutes: int) -> str:
    """A time of day, from minutes after midnight: 08:00."""
    return "{:02}:{:02}".format(*divmod(minutes, 60))


def moment(local: datetime, today: date, zone: str) -> str:
    """A moment of a zone in which it is `today`: tomorrow, 08:00 (Asia/Yerevan)."""
    match local.date() - today:
        case timedelta(days=0):
            named = "today"
        case timedelta(days=1):
            named = "tomorrow"
        case _:
            named = f"{WEEKDAYS[local.weekday()][:3]} {local.day} {_MONTHS[local.month - 1]}"
    return f"{named}, {local:%H:%M} ({zone})"


def zone(name: str) -> str:
    """A zone as people read it: America/New York; UTC+4."""
    if hours := _HOURS_FROM_UTC.fullmatch(name):
        # The names have it the other way round.
        return f"UTC{'+' if hours[1] == '-' else '-'}{hours[2]}"
    return name.removeprefix("Etc/").replace("_", " ")


def time_there(local: datetime) -> str:
    """What time it is in a zone."""
    return f"It is {local:%H:%M} there, {WEEKDAYS[local.weekday()]}."


def no_zone(name: str, local: datetime) -> str:
    """When a chat has chosen no time zone: the operator's, and the time in it."""
    return f"No time zone is chosen here. I take {name}, where it is {local:%H:%M}."


def unknown_zone(said: str) -> str:
    """The answer to a time zone that there is not."""
    return f"I do not know a place “{said}”."


def nearest_zones(said: str) -> str:
    """The same, with those that are named alike below it."""
    return f"{unknown_zone(said)} Did you mean one of these?"


def zone_label(name: str, local: datetime) -> str:
    """A zone on a button, by its city alone, and the time there."""
    return f"{name.rpartition('/')[2]} · {local:%H:%M}"


def all_come(cadence: Cadence) -> str:
    """The heading when everything comes in one way."""
    return f"All that is followed here comes {_spoken(cadence)}"


def comes(cadence: Cadence, minute: int, weekday: int) -> str:
    """How often something comes."""
    match cadence:
        case Cadence.INSTANT:
            return "Each headline comes as soon as it is known."
        case Cadence.HOURLY:
            return "Every hour on the hour, all in one message."
        case Cadence.DAILY:
            return f"Every day at {clock(minute)}, all in one message."
        case Cadence.WEEKLY:
            return f"Every {WEEKDAYS[weekday]} at {clock(minute)}, all in one message."


def from_now_on(cadence: Cadence) -> str:
    """The notice when it has been changed how something comes."""
    return f"{CADENCES[cadence]} from now on."


def how_often(cadence: Cadence) -> str:
    """The same behind something that is followed; nothing for what comes at once."""
    return "" if cadence is Cadence.INSTANT else f" – {_spoken(cadence)}"


def and_more_followed(count: int) -> str:
    """What else is followed, where not all is shown."""
    return f"… and {count:,} more: /subscriptions"


def daily_line(minute: int) -> str:
    """When daily digests come, in a line of a chat's times."""
    return f"daily {clock(minute)}"


def weekly_line(minute: int, weekday: int) -> str:
    """When weekly ones come, in a line of a chat's times."""
    return f"weekly {WEEKDAYS[weekday]} {clock(minute)}"


def hours(start: int, end: int) -> str:
    """Hours of the day, from minutes after midnight."""
    return f"{clock(start)}–{clock(end)}"


def quiet_line(quiet: Quiet) -> str:
    """The quiet hours, in a line of a chat's times."""
    return f"quiet {hours(quiet.start, quiet.end)}{', no sound' if quiet.silent else ''}"


def quiet_from(quiet: Quiet) -> str:
    """The quiet hours, as a heading."""
    return f"Quiet from {clock(quiet.start)} to {clock(quiet.end)}"


def found(total: int, *, more: bool) -> str:
    """How many articles there are in all; `more`: or more than these."""
    return f"{total:,}{'+' if more else ''} found"


def did_you_mean(query: str) -> str:
    """The offer of another spelling."""
    return f"Did you mean: {query}?"


def look_for(query: str) -> str:
    """The offer of another query."""
    return f"🔎 {query}"


def new_headlines(count: int) -> str:
    """The heading of several pushed headlines."""
    return f"{count:,} new headline{_s(count)}"


def and_more(count: int) -> str:
    """What did not fit, where no button says it."""
    return f"… and {count:,} more."


def open_more(count: int) -> str:
    """The button that opens what did not fit."""
    return f"{count:,} more ▸"


def more_headlines(count: int) -> str:
    """The heading of what did not fit."""
    return f"{count:,} more headline{_s(count)}"


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


def by(names: Sequence[str], others: int = 0) -> str:
    """Who wrote something: Ann Lee, Jo Day and 3 others; at least one is named."""
    listed = [*names, f"{others:,} other{_s(others)}"] if others else list(names)
    return f"{', '.join(listed[:-1])} and {listed[-1]}" if len(listed) > 1 else listed[0]


def withdrawn_by(source: str) -> str:
    """What is left of an article in the messages that showed it."""
    return f"Withdrawn by {source}"


def too_many(most: int) -> str:
    """The answer to /subscribe when no more can be followed."""
    return f"This chat follows {most:,} searches, and no more are allowed. End one with /unsubscribe first."


def no_source(said: str) -> str:
    """The answer to /sources when there are none; `said`: the words that none has."""
    if not said:
        return "There are no sources yet."
    return f"I know no source called “{said}”. All that I know: /sources"


def in_trouble(count: int) -> str:
    """The button that shows which feeds need somebody to look at them."""
    return f"{FAILING_MARK} {count:,} in trouble"


def troubled(found: int, count: int) -> str:
    """The heading of the feeds that need somebody to look at them."""
    return f"{found:,} of {count:,} feed{_s(count)} in trouble"


def after_tries(tries: int, why: str) -> str:
    """How often a feed did not answer, and what was wrong last."""
    return f", {tries:,} tr{'y' if tries == 1 else 'ies'}{_because(why)}"


def ended(why: str) -> str:
    """A feed will bring nothing more."""
    return f"ended{_because(why)}"


def fails(source: str, why: str) -> str:
    """To whoever added a feed: it has failed for a day."""
    return f"{FAILING_MARK} {source} has not worked for a day{_because(why)}. I keep trying."


def fail(count: int) -> str:
    """To whoever added several; which follow."""
    return f"{FAILING_MARK} {count:,} sources have not worked for a day. I keep trying:"


def ends(source: str, why: str) -> str:
    """To whoever added a feed: it will bring nothing more."""
    return f"{ENDED_MARK} {source} has ended{_because(why)}. Nothing more will come from it."


def end(count: int) -> str:
    """To whoever added several; which follow."""
    return f"{ENDED_MARK} {count:,} sources have ended. Nothing more will come from them:"


def works_again(source: str, _why: str = "") -> str:
    """To whoever was told that a feed fails."""
    return f"✓ {source} works again."


def work_again(count: int) -> str:
    """To whoever was told that several fail; which follow."""
    return f"✓ {count:,} sources work again:"


def not_allowed(host: str) -> str:
    """The answer to an address that is not fetched; `host` is empty when it cannot be told, as in the next ones."""
    return f"I may not look at {host or _THERE}: I read public addresses of the web alone, http and https."


def unreachable(host: str) -> str:
    """The answer to an address where nothing is answered."""
    says = "does not answer, or says that there is no such page"
    return f"{host or _THERE} {says}. Please check the address, or try again later."


def no_feed(host: str) -> str:
    """The answer to an address where there is something else."""
    return (
        f"I find no feed at {host or _THERE}. Send the address of its feed, often called RSS or Atom, or of a page "
        "that names it."
    )


def not_now(host: str) -> str:
    """The answer when nothing is fetched for a while."""
    return f"I cannot look at {host or _THERE} right now. Please try again in a few minutes."


def too_many_feeds(most: int) -> str:
    """The answer when no more feeds may be added from a chat."""
    return (
        f"{most:,} new feed{_s(most)} {'has' if most == 1 else 'have'} been added from this chat, and no more are "
        "allowed. What I know already you can follow: /sources"
    )


def address_not_followed(host: str) -> str:
    """The answer to /unsubscribe with the address of something that is not followed."""
    return f"What is published at {host or _THERE} is not followed here. What is: /subscriptions"


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


def no_such_chat(name: str) -> str:
    """The answer to a command about a channel that cannot be found."""
    return f"There is no public channel @{name}, or I cannot see it."


def too_many_questions(link: str) -> str:
    """The one notice in a chat that asks too much."""
    return f"Those were many questions for one minute. I go on in a moment, or at once in private: {link}"


def may_post(title: str) -> str:
    """To whoever made the bot an administrator of a channel."""
    return f"I may post in {title} now. Choose what it follows:"


def how_to_choose(username: str) -> str:
    """How a channel is managed; `username` is the channel's, if it has one."""
    by_name = f"\n• or /subscribe @{username} and a search;" if username else ""
    return (
        f"• send me a search, and press “{IN_A_CHANNEL}” below what it finds;{by_name}"
        "\n• /subscriptions shows what it follows."
    )


def promoted(title: str) -> str:
    """To whoever made the bot an administrator of a group."""
    return (
        f"I am an administrator of {title} now. I can bring news without it. Telegram shows me all that is written "
        "there from now on; I read nothing but what is said to me."
    )


def may_not_write(title: str) -> str:
    """To whoever set the chat up."""
    return f"I may not write in {title}. What it follows waits, and comes as soon as I may."


def may_write_again(title: str) -> str:
    """To whoever set the chat up."""
    return f"I may write in {title} again. What has come meanwhile is on its way."


def removed(title: str) -> str:
    """To whoever set the chat up."""
    return f"I am no longer in {title}. What it follows is kept, and goes on when I am back."


def topic_closed(title: str) -> str:
    """To whoever set the chat up."""
    return f"A topic of {title} that follows news is closed. What comes for it waits until it is reopened."


def topic_gone(title: str) -> str:
    """To whoever set the chat up."""
    return f"A topic of {title} that followed news is gone. Follow it in another topic, with /subscribe there."


def _because(why: str) -> str:
    return f": {why}" if why else ""


def _spoken(cadence: Cadence) -> str:
    return CADENCES[cadence].casefold()


def _about(times: float) -> str:
    if times < 1.5:
        return "one"
    rounded = round(times, -1) if times >= 100 else round(times)
    return f"{rounded:,.0f}"


def _s(count: int | str) -> str:
    return "" if count in {1, "1"} else "s"
