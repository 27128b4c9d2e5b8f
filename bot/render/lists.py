"""Several headlines, or several subscriptions, as one message."""

from collections.abc import Callable, Sequence
from itertools import zip_longest

from bot.render import words
from bot.render.article import card
from bot.render.buttons import (
    Choose,
    Follow,
    OpenMore,
    OpenPage,
    OpenSubscriptions,
    Undo,
    Unfollow,
    button,
    channel_rows,
)
from bot.render.links import more_link
from bot.render.message import Button, Message, Row, rows
from bot.render.pieces import SEPARATOR, headline, marked, matched, question, question_label
from bot.render.text import Text, bold, text
from storage import EVERYTHING, Article, Chat, Context, OwedArticle, Page, Query, Question, Sort, Subscription

# Results: 10 headlines of 200 + 150 units fit any page.
_LONGEST_TITLE = 200  # units
_LONGEST_LINK = 500  # bytes; many long ones together are refused
_MOST_PUSHED = 20
_SUBSCRIPTIONS_SHOWN = 10
_REMOVE_BUTTONS_IN_A_ROW = 5

Offer = tuple[Query, int]
"""A query that may be meant, and its id."""


def results(  # noqa: PLR0913  a page has so many sides
    page: Page,
    question: Question,
    query_id: int,
    ways: Sequence[Follow | Choose] = (),
    *,
    username: str = "",
    contexts: Sequence[Context | None] = (),
) -> Message:
    """A page of what the question finds, at most 10 headlines, with buttons that turn the page and that follow it.

    `ways`: those in which it may be followed. `username`: as for `opener`. `contexts`: one for each article; the last
    ones are left out when a message cannot hold all.
    """
    heading = _results_heading(page, question) + "\n\n"
    lines = [marked(one) if one else Text() for one in contexts]
    while not (said := heading + _found(page.articles, username, lines)).fits and any(lines):
        lines.pop()
    follow = tuple(button(words.FOLLOW if isinstance(way, Follow) else words.IN_A_CHANNEL, way) for way in ways)
    return Message(said, rows((*_turn(page, question, query_id), *_sorted_otherwise(page, question, query_id)), follow))


def pushed(
    owed: Sequence[OwedArticle], more: int = 0, key: int = 0, username: str = ""
) -> tuple[Message, tuple[OwedArticle, ...]]:
    """What a mailbox is owed as one message, and what of it is shown. The rest and `more` are counted in it.

    Shown are the first ones in the order given; a button opens the others, under this key. `username`: as for `opener`,
    and for that button. Raises ValueError when nothing is owed.
    """
    if not owed:
        raise ValueError("a push needs at least one article")
    if len(owed) == 1 and more == 0:
        return card(owed[0].article, owed[0].queries, username), tuple(owed)
    heading = "🔔 " + bold(words.new_headlines(len(owed) + more))
    return counted(owed, more, key, username, lambda shown: Text.joined("\n\n", (heading, plainly(shown, username))))


def counted(
    owed: Sequence[OwedArticle], more: int, key: int, username: str, said: Callable[[Sequence[OwedArticle]], Text]
) -> tuple[Message, tuple[OwedArticle, ...]]:
    """What is said of as many of the first ones as a message can show, and a button that opens the others and `more`.

    Returns what is shown, too. `key`, `username`: as for `pushed`.
    """
    shown = tuple(owed[:_MOST_PUSHED])
    while True:
        left = len(owed) - len(shown) + more
        whole = Text.joined("\n\n", (said(shown), _matched(shown)))
        instead = words.and_more(left) if left else ""
        if Text.joined("\n\n", (whole, instead)).fits:
            return Message(whole, rows(_open_more(left, key, username)), without_links=instead), shown
        shown = shown[:-1]


def plainly(shown: Sequence[OwedArticle], username: str) -> Text:
    """The headlines one after another. `username`: as for `opener`."""
    return _headlines([one.article for one in shown], username)


def more_pushed(page: Page, key: int, username: str = "") -> Message:
    """A page of what the push with this key counted, at most 10 headlines, the oldest first as in the push.

    `username`: as for `opener`.
    """
    heading = "🔔 " + bold(words.more_headlines(page.total))
    found = _headlines(page.articles, username) if page.articles else text(words.NOTHING_MORE)
    older = (button(words.BACK_TO_OLDER, OpenMore(key, page.older)),) if page.older else ()
    newer = (button(words.ON_TO_NEWER, OpenMore(key, page.newer)),) if page.newer else ()
    return Message(heading + "\n\n" + found, rows((*older, *newer)))


def subscriptions(
    followed: Sequence[Subscription],
    shown: OpenSubscriptions,
    *,
    private: bool,
    channels: Sequence[Chat] = (),
    how_to_end: str = words.HOW_TO_END,
) -> Message:
    """A page of what a place follows: numbered, or (`shown.choosing`) as buttons of which each ends one.

    Below it, what is followed in `channels` may be opened.
    """
    if not followed:
        return Message(_follows_nothing(), rows(*channel_rows(channels, OpenSubscriptions())))
    last = (len(followed) - 1) // _SUBSCRIPTIONS_SHOWN
    page = min(max(shown.page, 0), last)
    first = page * _SUBSCRIPTIONS_SHOWN
    part = list(enumerate(followed, 1))[first : first + _SUBSCRIPTIONS_SHOWN]
    here = OpenSubscriptions(page, shown.choosing)
    turn = _turn_subscriptions(here, last)
    if here.choosing:
        chosen = ((button(f"✕ {question_label(one.query)}", Unfollow(one.id, here)),) for _, one in part)
        return Message(bold(words.WHICH_TO_END), rows(*chosen, turn, *channel_rows(channels, here)))
    heading = bold(words.follows(len(followed), private=private))
    lines = Text.joined("\n", (f"{number}. " + question(one.query) for number, one in part))
    removers = [button(f"✕ {number}", Unfollow(one.id, here)) for number, one in part]
    buttons = rows(*_in_rows(removers), turn, *channel_rows(channels, OpenSubscriptions()))
    return Message(Text.joined("\n\n", (heading, lines, how_to_end)), buttons)


def where_to_follow(query: Query, query_id: int, channels: Sequence[Chat]) -> Message:
    """The channels in which this query may be followed, each as a button."""
    if not channels:
        return Message(text(words.NO_CHANNEL))
    return Message(f"{words.WHERE_TO_FOLLOW} " + question(query.text), rows(*channel_rows(channels, Follow(query_id))))


def subscribed(
    subscription: Subscription, newest: Sequence[Article], rate: float, *, new: bool, username: str = ""
) -> Message:
    """The answer to /subscribe: what is followed, what to expect (`rate`: articles a day), the newest, and Undo.

    `username`: as for `opener`.
    """
    heading = f"🔔 {words.following(new=new)} " + question(subscription.query) + f"\n{words.per_day(rate)}"
    examples = bold(words.NOW) + "\n\n" + _headlines(newest, username) if newest else text(words.NO_EXAMPLE)
    undo = (button(words.UNDO, Undo(subscription.id)),) if new else ()
    return Message(heading + "\n\n" + examples, rows(undo))


def unsubscribed(query: str, query_id: int, *, undone: bool = False) -> Message:
    """The answer when a subscription has ended."""
    heading = f"🔕 {words.not_following(undone=undone)} " + question(query)
    return Message(heading, ((button(words.FOLLOW_AGAIN, Follow(query_id)),),))


def _follows_nothing() -> Text:
    example = question(words.EXAMPLE_QUERIES[0])
    return words.FOLLOWS_NOTHING + "\n" + Text.joined(" ", (words.HOW_TO_FOLLOW, example))


def nothing_found(query: Query, spelled: Offer | None = None, wider: Offer | None = None) -> Message:
    """The answer when a query finds nothing: the same in other letters, or with fewer words, where that finds some.

    With both to choose from each button explains itself.
    """
    if query == EVERYTHING:
        return Message(text(words.NOTHING_YET))
    said = f"{words.NOTHING_FOUND} " + question(query.text)
    if wider and not spelled:
        said += f"\n{words.WITH_FEWER_WORDS}"
    return Message(said, rows(_offer(words.did_you_mean, spelled), _offer(words.look_for, wider)))


def _offer(label: Callable[[str], str], offer: Offer | None) -> Row:
    return (button(label(question_label(offer[0].text)), OpenPage(offer[1])),) if offer else ()


def _results_heading(page: Page, asked: Question) -> Text:
    if asked.query == EVERYTHING and asked.sort is Sort.NEWEST:
        return "📰 " + bold(words.LATEST)
    order = SEPARATOR + words.BEST_FIRST if asked.sort is Sort.BEST else ""
    return "🔎 " + question(asked.query.text) + f"{SEPARATOR}{words.found(page.total, more=page.more)}{order}"


def _turn(page: Page, asked: Question, query_id: int) -> Row:
    back, on = (words.NEWER, words.OLDER) if asked.sort is Sort.NEWEST else (words.BETTER, words.MORE)
    newer = (button(back, OpenPage(query_id, page.newer, asked.sort)),) if page.newer else ()
    older = (button(on, OpenPage(query_id, page.older, asked.sort)),) if page.older else ()
    return (*newer, *older)


def _sorted_otherwise(page: Page, asked: Question, query_id: int) -> Row:
    """The same in the other order, where that is another."""
    if not asked.query.leaves or page.total < 2:
        return ()
    if asked.sort is Sort.BEST:
        return (button(words.SORT_NEWEST, OpenPage(query_id)),)
    return (button(words.SORT_BEST, OpenPage(query_id, sort=Sort.BEST)),)


def _found(articles: Sequence[Article], username: str, lines: Sequence[Text]) -> Text:
    if not articles:
        return text(words.NOTHING_MORE)
    return Text.joined(
        "\n\n",
        (
            Text.joined("\n", parts)
            for parts in zip_longest((_headline(one, username) for one in articles), lines, fillvalue=Text())
        ),
    )


def _headlines(articles: Sequence[Article], username: str = "") -> Text:
    return Text.joined("\n\n", (_headline(one, username) for one in articles))


def _headline(article: Article, username: str) -> Text:
    return headline(article, longest_title=_LONGEST_TITLE, longest_link=_LONGEST_LINK, username=username)


def _open_more(more: int, key: int, username: str) -> Row:
    if not more:
        return ()
    label = words.open_more(more)
    # Where others read along each opens it for themselves.
    return (Button(label, url=more_link(username, key)) if username else button(label, OpenMore(key)),)


def _matched(shown: Sequence[OwedArticle]) -> Text:
    return matched(tuple(dict.fromkeys(query for one in shown for query in one.queries)))


def _turn_subscriptions(here: OpenSubscriptions, last: int) -> Row:
    back = (button("◂", OpenSubscriptions(here.page - 1, here.choosing)),) if here.page > 0 else ()
    on = (button("▸", OpenSubscriptions(here.page + 1, here.choosing)),) if here.page < last else ()
    return (*back, *on)


def _in_rows(buttons: Sequence[Button]) -> list[Row]:
    return [
        tuple(buttons[start : start + _REMOVE_BUTTONS_IN_A_ROW])
        for start in range(0, len(buttons), _REMOVE_BUTTONS_IN_A_ROW)
    ]
