"""Several headlines, or several subscriptions, as one message."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import zip_longest
from typing import NamedTuple

from bot.render import words
from bot.render.article import card
from bot.render.buttons import (
    ChangeCadence,
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
from bot.render.message import Button, Message, Row, in_rows, rows
from bot.render.pieces import SEPARATOR, headline, marked, matched, question, question_label, title_of
from bot.render.text import Text, bold, text
from bot.render.timing import cadence_row
from storage import EVERYTHING, Article, Chat, Context, OwedArticle, Page, Pictures, Query, Question, Sort, Subscription


class Lengths(NamedTuple):
    """Of a headline's parts, at the most."""

    title: int  # units
    link: int  # bytes; many long ones together are refused


# Results: 10 headlines of 200 + 150 units fit any page.
USUAL = Lengths(200, 500)
# Of these, the last fits any list: 20 headlines of 40 + 130 units, without links.
_LENGTHS = (USUAL, Lengths(100, 200), Lengths(40, 0))
_MOST_PUSHED = 20
_SUBSCRIPTIONS_SHOWN = 10

Said = Callable[[Sequence[OwedArticle], Lengths], Text]
"""What is said of the articles that a message shows."""
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
    owed: Sequence[OwedArticle],
    more: int = 0,
    key: int = 0,
    username: str = "",
    pictures: Pictures = Pictures.PREVIEW,
) -> tuple[Message, tuple[OwedArticle, ...]]:
    """What a mailbox is owed as one message, and what of it is shown. The rest and `more` are counted in it.

    Shown are the first ones in the order given; a button opens the others, under this key. `username`: as for `opener`,
    and for that button. A list has no pictures, whatever the chat has chosen. Raises ValueError when nothing is owed.
    """
    if not owed:
        raise ValueError("a push needs at least one article")
    if len(owed) == 1 and more == 0:
        return card(owed[0].article, owed[0].queries, username, pictures), tuple(owed)
    return counted(owed, more, key, username, partial(_pushed_list, len(owed) + more, username))


def pushed_as_it_is_now(  # noqa: PLR0913  as `pushed`, and what it was sent as
    shown: Sequence[OwedArticle],
    more: int = 0,
    key: int = 0,
    username: str = "",
    *,
    preview: bool = True,
    caption: bool = False,
) -> Message:
    """A message of `pushed` again, with what it has shown as that is now: all of it, and `more` counted as before.

    Where titles have become longer than a message holds, all are cut shorter. `preview`: a card may have one.
    `caption`: as for `card`. Raises ValueError when nothing is shown.
    """
    if not shown:
        raise ValueError("a push shows at least one article")
    if len(shown) == 1 and more == 0:
        pictures = Pictures.PREVIEW if preview else Pictures.NONE
        return card(shown[0].article, shown[0].queries, username, pictures, caption=caption)
    return counted_as_it_is_now(shown, more, key, username, partial(_pushed_list, len(shown) + more, username))


def counted(
    owed: Sequence[OwedArticle], more: int, key: int, username: str, said: Said
) -> tuple[Message, tuple[OwedArticle, ...]]:
    """What is said of as many of the first ones as a message can show, and a button that opens the others and `more`.

    Returns what is shown, too. `key`, `username`: as for `pushed`.
    """
    shown = tuple(owed[:_MOST_PUSHED])
    while not (message := _with_more(_whole(said, shown, USUAL), len(owed) - len(shown) + more, key, username)):
        shown = shown[:-1]
    return message, shown


def counted_as_it_is_now(shown: Sequence[OwedArticle], more: int, key: int, username: str, said: Said) -> Message:
    """A message of `counted` again, with all that it has shown, the titles cut as short as it takes."""
    for lengths in _LENGTHS:
        whole = _whole(said, shown, lengths)
        if message := _with_more(whole, more, key, username):
            return message
    return Message(whole, rows(_open_more(more, key, username)))


def plainly(shown: Sequence[OwedArticle], username: str, lengths: Lengths) -> Text:
    """The headlines one after another. `username`: as for `opener`."""
    return _headlines([one.article for one in shown], username, lengths)


def more_pushed(page: Page, key: int, username: str = "") -> Message:
    """A page of what the push with this key counted, at most 10 headlines, the oldest first as in the push.

    `username`: as for `opener`.
    """
    heading = "🔔 " + bold(words.more_headlines(page.total))
    found = _headlines(page.articles, username) if page.articles else text(words.NOTHING_MORE)
    older = (button(words.BACK_TO_OLDER, OpenMore(key, page.older)),) if page.older else ()
    newer = (button(words.ON_TO_NEWER, OpenMore(key, page.newer)),) if page.newer else ()
    return Message(heading + "\n\n" + found, rows((*older, *newer)))


def subscriptions(  # noqa: PLR0913  a list has so many sides
    followed: Sequence[Subscription],
    shown: OpenSubscriptions,
    *,
    private: bool,
    channels: Sequence[Chat] = (),
    how_to_end: str = words.HOW_TO_END,
    times: Text | None = None,
) -> Message:
    """A page of what a place follows: numbered, or (`shown.choosing`) as buttons of which each ends one.

    Below it, when it comes (`times`); what is followed in `channels` may be opened.
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
    lines = Text.joined(
        "\n", (f"{number}. " + question(one.query) + words.how_often(one.cadence) for number, one in part)
    )
    removers = [button(f"✕ {number}", Unfollow(one.id, here)) for number, one in part]
    buttons = rows(*in_rows(removers), turn, *channel_rows(channels, OpenSubscriptions()))
    return Message(Text.joined("\n\n", (heading, lines, times or Text(), how_to_end)), buttons)


def where_to_follow(query: Query, query_id: int, channels: Sequence[Chat]) -> Message:
    """The channels in which this query may be followed, each as a button."""
    if not channels:
        return Message(text(words.NO_CHANNEL))
    return Message(f"{words.WHERE_TO_FOLLOW} " + question(query.text), rows(*channel_rows(channels, Follow(query_id))))


def subscribed(  # noqa: PLR0913  an answer has so many sides
    subscription: Subscription,
    newest: Sequence[Article],
    rate: float,
    *,
    new: bool,
    source: str = "",
    hint: str = "",
    comes: Text | None = None,
    username: str = "",
) -> Message:
    """The answer to /subscribe: what is followed, what to expect (`rate`: articles a day), the newest, and Undo.

    `source`: the title of the source that this is; `hint`: what else may have been meant, said when there is nothing.
    Buttons change how often it comes; `comes` says when, if not at once. `username`: as for `opener`.
    """
    named = bold(title_of(source)) + SEPARATOR if title_of(source) else Text()
    heading = f"🔔 {words.following(new=new)} " + named + question(subscription.query) + f"\n{words.per_day(rate)}"
    nothing = Text.joined("\n", (words.NO_EXAMPLE, hint))
    examples = bold(words.NOW) + "\n\n" + _headlines(newest, username) if newest else nothing
    often = cadence_row(subscription.cadence, lambda cadence: ChangeCadence(subscription.id, cadence, new))
    undo = (button(words.UNDO, Undo(subscription.id)),) if new else ()
    return Message(Text.joined("\n\n", (Text.joined("\n", (heading, comes or Text())), examples)), rows(often, undo))


def unsubscribed(query: str, query_id: int, *, undone: bool = False) -> Message:
    """The answer when a subscription has ended."""
    heading = f"🔕 {words.not_following(undone=undone)} " + question(query)
    return Message(heading, ((button(words.FOLLOW_AGAIN, Follow(query_id)),),))


def nothing_to_time() -> Message:
    """The answer to /digest where nothing is followed."""
    return Message(_follows_nothing() + f"\n{words.THEN_CHOOSE}")


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


def _headlines(articles: Sequence[Article], username: str = "", lengths: Lengths = USUAL) -> Text:
    return Text.joined("\n\n", (_headline(one, username, lengths) for one in articles))


def _headline(article: Article, username: str, lengths: Lengths = USUAL) -> Text:
    return headline(article, longest_title=lengths.title, longest_link=lengths.link, username=username)


def _open_more(more: int, key: int, username: str) -> Row:
    if not more:
        return ()
    label = words.open_more(more)
    # Where others read along each opens it for themselves.
    return (Button(label, url=more_link(username, key)) if username else button(label, OpenMore(key)),)


def _pushed_list(count: int, username: str, shown: Sequence[OwedArticle], lengths: Lengths) -> Text:
    heading = "🔔 " + bold(words.new_headlines(count))
    return Text.joined("\n\n", (heading, plainly(shown, username, lengths)))


def _whole(said: Said, shown: Sequence[OwedArticle], lengths: Lengths) -> Text:
    queries = tuple(dict.fromkeys(query for one in shown for query in one.queries))
    return Text.joined("\n\n", (said(shown, lengths), matched(queries)))


def _with_more(whole: Text, more: int, key: int, username: str) -> Message | None:
    """The message with a button that opens so many more; None when it does not fit, with these counted in words."""
    instead = words.and_more(more) if more else ""
    if not Text.joined("\n\n", (whole, instead)).fits:
        return None
    return Message(whole, rows(_open_more(more, key, username)), without_links=instead)


def _turn_subscriptions(here: OpenSubscriptions, last: int) -> Row:
    back = (button("◂", OpenSubscriptions(here.page - 1, here.choosing)),) if here.page > 0 else ()
    on = (button("▸", OpenSubscriptions(here.page + 1, here.choosing)),) if here.page < last else ()
    return (*back, *on)
