"""How messages look: whole ones, as Telegram gets them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.render import guidance, lists, words
from bot.render.article import article_pages, card
from bot.render.buttons import Choose, Follow, OpenSubscriptions
from bot.render.digest import digest
from storage import (
    EVERYTHING,
    Article,
    Cadence,
    Context,
    Cursor,
    OwedArticle,
    Page,
    Pictures,
    Place,
    Query,
    QueryError,
    Question,
    Sort,
    Source,
    Subscription,
)

WIRE = Source("wire", "The Wire", 1, zone="Asia/Yerevan")
MOMENT = datetime(2025, 7, 16, 14, 30, tzinfo=UTC)
SEEN = '<tg-time unix="1752676200" format="{}">16 Jul 2025, 14:30 UTC</tg-time>'
BYLINE = f'<a href="https://example.org/1?a=1&amp;b=2">The Wire</a> · {SEEN}'
PEACE = Query.parse("armenia peace")


def an_article(number=1, title="Peace <soon> & for all", **fields):
    fields = {"link": "https://example.org/1?a=1&b=2", "published": MOMENT, **fields}
    return Article(number, WIRE, str(number), title, arrived=MOMENT, newest=number, **fields)


def a_subscription(number=3, query=PEACE.text):
    return Subscription(number, Place(1, 2), query, 0, MOMENT)


def labels(message):
    return [[button.label for button in row] for row in message.buttons]


def presses(message):
    return [[button.data or button.url for button in row] for row in message.buttons]


def test_a_card():
    article = an_article(body="Long text.", summary="They  agreed\non it.")
    message = card(article, (PEACE.text, "*"))
    assert message.text.html() == (
        f"<b>Peace &lt;soon&gt; &amp; for all</b>\n{BYLINE.format('Dt')}\n\n"
        "They agreed on it.\n\n<i>matched: armenia peace</i>"
    )
    assert presses(message) == [["https://example.org/1?a=1&b=2", "a:1:0"]]
    assert labels(message) == [["Read", "Full text"]]
    assert message.preview == "https://example.org/1?a=1&b=2"


def test_what_is_urgent_says_so_on_its_card_and_in_lists():
    article = an_article(urgent=True)
    marked = "<b>❗ Urgent: Peace &lt;soon&gt; &amp; for all</b>\n"
    assert card(article).text.html().startswith(marked)
    assert article_pages(article).text.html().startswith(marked)
    owed = [OwedArticle(1, article, ("*",)), OwedArticle(2, an_article(2, "Bread"), ("*",))]
    assert lists.pushed(owed)[0].text.html().count("❗") == 1
    assert f"\n\n{marked}" in lists.pushed(owed)[0].text.html()
    assert f"\n\n{marked}" in digest(Cadence.DAILY, MOMENT, owed)[0].text.html()


PICTURE = "https://example.org/1.jpg"


@pytest.mark.parametrize(
    ("pictures", "image", "preview", "picture"),
    [
        (Pictures.PREVIEW, PICTURE, True, ""),
        (Pictures.NONE, PICTURE, False, ""),
        (Pictures.PHOTO, PICTURE, True, PICTURE),
        (Pictures.PHOTO, "", True, ""),
        (Pictures.PHOTO, "https://user:secret@example.org/1.jpg", True, ""),
        (Pictures.PHOTO, "https://localhost/1.jpg", True, ""),
    ],
)
def test_how_a_card_shows_pictures(pictures, image, preview, picture):
    message = card(an_article(image=image), pictures=pictures)
    assert (message.preview, message.large) == (("https://example.org/1?a=1&b=2", True) if preview else ("", False))
    assert message.picture == picture


def test_a_photos_card_has_a_shorter_summary_and_all_the_rest():
    article = an_article(title="t" * 300, summary="word " * 200, image=PICTURE)
    queries = (f'"{"a" * 250}"',)
    whole, below = card(article, queries), card(article, queries, pictures=Pictures.PHOTO)
    head, summary, brought_by = below.text.plain().split("\n\n")
    assert [head, brought_by] == [part for part in whole.text.plain().split("\n\n") if not part.startswith("word")]
    assert 1_000 < below.text.units <= 1_024 < whole.text.units
    assert summary.endswith("…")
    assert below == replace(card(article, queries, caption=True), picture=PICTURE)


def test_a_list_has_no_pictures():
    owed = [OwedArticle(number, an_article(number, image=PICTURE), ("*",)) for number in (1, 2)]
    message, _ = lists.pushed(owed, pictures=Pictures.PHOTO)
    assert (message.preview, message.picture, message.large) == ("", "", False)


def test_a_card_of_a_headline_alone_has_no_more_than_there_is():
    message = card(an_article(link=""), ("*",))
    assert message.text.html() == f"<b>Peace &lt;soon&gt; &amp; for all</b>\nThe Wire · {SEEN.format('Dt')}"
    assert message.buttons == ()
    assert message.preview == ""


@pytest.mark.parametrize(
    ("authors", "by"),
    [
        (("Ann Lee",), "Ann Lee"),
        (("Ann Lee", "Jo Day"), "Ann Lee and Jo Day"),
        (("Ann Lee", " ", "Jo Day", "Ann Lee", "Li"), "Ann Lee, Jo Day and Li"),
        (("Ann Lee", "Jo Day", "Li", "<b>"), "Ann Lee, Jo Day and 2 others"),
        (("Ann <Lee>\n", "שרה"), "Ann &lt;Lee&gt; and \u2068שרה\u2069"),
        (("a" * 50,), "a" * 39 + "…"),
    ],
)
def test_a_page_names_who_wrote_the_article(authors, by):
    article = an_article(link="", authors=authors)
    html = article_pages(article).text.html()
    assert html.split("\n")[:3] == ["<b>Peace &lt;soon&gt; &amp; for all</b>", by, f"The Wire · {SEEN.format('Dt')}"]
    assert card(article) == card(replace(article, authors=()))  # which is to be short


def test_a_link_telegram_would_refuse_is_left_out():
    message = card(an_article(link="https://user:secret@example.org/"))
    assert "secret" not in message.text.html()
    assert message.buttons == ()


def test_a_day_without_a_time_is_the_day_in_its_source_s_zone():
    # Midnight in Yerevan: the evening before in UTC, and further west.
    day = datetime(2025, 7, 15, 20, 0, tzinfo=UTC)
    assert card(an_article(published=day, date_only=True)).text.plain().endswith("The Wire · 16 Jul 2025")


@pytest.mark.parametrize("published", [datetime(1969, 5, 1, 10, tzinfo=UTC), datetime(2040, 5, 1, 10, tzinfo=UTC)])
def test_a_moment_beyond_telegram_s_calendar_is_plain_words(published):
    html = card(an_article(published=published)).text.html()
    assert html.endswith(f"1 May {published.year}, 10:00 UTC")


def test_a_title_from_right_to_left_cannot_turn_its_line_around():
    article = an_article(title="\u202eרשימה")
    assert card(article).text.html().startswith("<b>\u2068רשימה\u2069</b>\n")


@pytest.mark.parametrize("title", ["", " \n ", "\r"])
def test_a_title_of_nothing_has_a_name(title):
    assert card(an_article(title=title)).text.plain().startswith("Untitled\n")


def test_an_article_with_its_text_folded_and_what_is_related():
    body = "One. " * 100
    message = article_pages(an_article(body=body, summary="In short."), [an_article(2, "Other"), an_article(3, "More")])
    assert message.text.html() == (
        f"<b>Peace &lt;soon&gt; &amp; for all</b>\n{BYLINE.format('Dt')}\n\nIn short.\n\n"
        f"<blockquote expandable>{body.strip()}</blockquote>\n\n"
        "<b>Related</b>\n• Other /article_2\n• More /article_3"
    )
    assert labels(message) == [["Read"]]


def test_a_short_text_stands_open_and_alone():
    message = article_pages(an_article(body="One sentence.\n\nTwo."))
    assert message.text.html().endswith("UTC</tg-time>\n\nOne sentence.\n\nTwo.")


def test_a_headline_alone_says_so():
    assert article_pages(an_article()).text.html().endswith(f"\n\n<i>{words.HEADLINE_ONLY}</i>")


def test_a_long_article_has_pages():
    article = an_article(body="\n\n".join(f"Paragraph {number}. " + "Words. " * 60 for number in range(12)))
    first, second, last, beyond = (article_pages(article, [an_article(2)], page) for page in (0, 1, 2, 9))
    assert labels(first) == [["Page 2 ▸"], ["Read"]]
    assert labels(second) == [["◂ Page 1", "Page 3 ▸"], ["Read"]]
    assert presses(second)[0] == ["a:1:0", "a:1:2"]
    assert labels(last) == [["◂ Page 2"], ["Read"]]
    assert beyond == last
    assert "Page 1 of 3" in first.text.plain()
    assert "Related" in last.text.plain()
    assert "Related" not in first.text.plain() + second.text.plain()


def test_results():
    page = Page((an_article(1), an_article(2, "Second", link="")), 230, older=Cursor(2), newer=Cursor(1, newer=True))
    message = lists.results(page, Question(PEACE), 12, [Follow(12), Choose(12)])
    assert message.text.html() == (
        "🔎 <code>armenia peace</code> · 230 found\n\n"
        f"<b>Peace &lt;soon&gt; &amp; for all</b>\n{BYLINE.format('dt')} · /article_1\n\n"
        f"<b>Second</b>\nThe Wire · {SEEN.format('dt')} · /article_2"
    )
    assert labels(message) == [["◂ Newer", "Older ▸", "★ Best first"], ["🔔 Follow", "📢 In a channel"]]
    assert presses(message) == [["p:12:1:1", "p:12:2:0", "b:12"], ["f:12", "c:12"]]


@pytest.mark.parametrize(
    ("total", "more", "said"),
    [(1, False, "1 found"), (1_000, False, "1,000 found"), (1_000, True, "1,000+ found"), (640, True, "640+ found")],
)
def test_how_many_were_found(total, more, said):
    message = lists.results(Page((an_article(),), total, more=more), Question(PEACE), 1)
    assert message.text.plain().startswith(f"🔎 armenia peace · {said}\n")


def test_the_latest_of_everything_has_a_heading_of_its_own_and_may_be_unfollowable():
    message = lists.results(Page((an_article(),), 5), Question(EVERYTHING), 1)
    assert message.text.html().startswith("📰 <b>Latest news</b>\n\n")
    assert message.buttons == ()


def test_results_show_where_the_words_stand():
    page = Page((an_article(1), an_article(2)), 2)
    contexts = [None, Context("…of <peace> in Armenia…", ((5, 10), (15, 22)))]
    message = lists.results(page, Question(PEACE), 12, contexts=contexts)
    first, second = message.text.html().split("\n\n")[1:]
    assert first.endswith("/article_1")
    assert second.endswith("/article_2\n…of &lt;<b>peace</b>&gt; in <b>Armenia</b>…")


def test_words_in_a_row_are_bold_as_one():
    context = Context("no peace treaty, peace", ((3, 8), (9, 15), (17, 22)))
    message = lists.results(Page((an_article(1),), 1), Question(PEACE), 12, contexts=[context])
    assert message.text.html().endswith("\nno <b>peace treaty</b>, <b>peace</b>")


def test_contexts_full_of_what_was_looked_for_are_all_shown():
    page = Page(tuple(an_article(number) for number in range(1, 8)), 7)
    context = Context("a b " * 25, tuple((place, place + 1) for place in range(0, 100, 2)))
    message = lists.results(page, Question(PEACE), 12, contexts=[context] * 7)
    assert message.text.plain().count("a b a b") == 12 * 7


def test_the_context_of_a_text_from_right_to_left_stays_apart_and_without_isolates_of_its_own():
    context = Context("על \u2067שלום\u2069 היום", ((4, 8),))
    message = lists.results(Page((an_article(1),), 1), Question(PEACE), 12, contexts=[context])
    assert message.text.plain().endswith("\n\u2068על שלום היום\u2069")


def test_results_best_first():
    page = Page((an_article(1),), 80, older=Cursor(5, skip=7), newer=Cursor(5))
    message = lists.results(page, Question(PEACE, Sort.BEST), 12, [Follow(12)])
    assert message.text.plain().startswith("🔎 armenia peace · 80 found · best first\n")
    assert labels(message) == [["◂ Better", "More ▸", "🕒 Newest first"], ["🔔 Follow"]]
    assert presses(message) == [["b:12:5:0", "b:12:5:0:7", "p:12"], ["f:12"]]


@pytest.mark.parametrize(("query", "total"), [("source:x", 9), ("armenia", 1)])
def test_where_no_order_is_better_than_another_none_is_offered(query, total):
    message = lists.results(Page((an_article(1),), total), Question(Query.parse(query)), 12)
    assert message.buttons == ()


def test_a_page_that_has_become_empty_says_so():
    message = lists.results(Page((), 3, newer=Cursor(1, newer=True)), Question(PEACE), 1)
    assert message.text.plain().endswith(words.NOTHING_MORE)
    assert labels(message)[0] == ["◂ Newer", "★ Best first"]


def test_one_owed_headline_is_a_card():
    owed = [OwedArticle(1, an_article(), (PEACE.text,))]
    assert lists.pushed(owed) == (card(an_article(), (PEACE.text,)), tuple(owed))


def test_several_owed_headlines_are_one_message():
    owed = [OwedArticle(1, an_article(), ("topic:economy",)), OwedArticle(2, an_article(2, "B"), (PEACE.text, "*"))]
    message, shown = lists.pushed(owed, 3, 77)
    assert shown == tuple(owed)
    assert message.text.html() == (
        "🔔 <b>5 new headlines</b>\n\n"
        f"<b>Peace &lt;soon&gt; &amp; for all</b>\n{BYLINE.format('dt')} · /article_1\n\n"
        f"<b>B</b>\n{BYLINE.format('dt')} · /article_2\n\n"
        "<i>matched: topic:economy · armenia peace</i>"
    )
    assert (labels(message), presses(message)) == ([["3 more ▸"]], [["m:77"]])
    assert message.without_links == "… and 3 more."
    assert message.preview == ""


def test_where_others_read_along_a_link_opens_what_a_push_counted():
    message, _ = lists.pushed([OwedArticle(1, an_article(), ("*",))], 1_234, 77, "news_bot")
    assert labels(message) == [["1,234 more ▸"]]
    assert presses(message) == [["https://t.me/news_bot?start=m_77"]]


def test_a_push_that_shows_all_opens_nothing():
    owed = [OwedArticle(1, an_article(), ("*",)), OwedArticle(2, an_article(2, "B"), ("*",))]
    message, _ = lists.pushed(owed, 0, 77)
    assert (message.buttons, message.without_links) == ((), "")


def owed_about(*topics):
    """One article about each, those about nothing from The Wire."""
    return [
        OwedArticle(number, an_article(number, f"T{number}", topics=(topic, "rest") if topic else ()), ("*",))
        for number, topic in enumerate(topics, 1)
    ]


def outline(message):
    """The lines in bold."""
    return [span.text for span in message.text.spans if any(tag.name == "b" for tag in span.tags)]


EVENING = datetime(2026, 11, 26, 19, 5, tzinfo=UTC)


def test_a_digest():
    owed = owed_about("sport", "world-news", "world-news")
    message, shown = digest(Cadence.DAILY, EVENING, owed, 3, 77)
    assert shown == tuple(owed)
    assert message.text.html() == (
        "☀️ <b>Daily digest</b> · 26 Nov\n\n"
        "<b>▪️ World news</b>\n\n"
        f"<b>T2</b>\n{BYLINE.format('dt')} · /article_2\n\n"
        f"<b>T3</b>\n{BYLINE.format('dt')} · /article_3\n\n"
        "<b>▪️ Sport</b>\n\n"
        f"<b>T1</b>\n{BYLINE.format('dt')} · /article_1"
    )
    assert (labels(message), presses(message)) == ([["3 more ▸"]], [["m:77"]])


@pytest.mark.parametrize(
    ("cadence", "heading"),
    [
        (Cadence.HOURLY, "🕐 Hourly digest · 26 Nov, 19:00"),
        (Cadence.DAILY, "☀️ Daily digest · 26 Nov"),
        (Cadence.WEEKLY, "🗓 Weekly digest · 26 Nov"),
    ],
)
def test_the_heading_of_a_digest(cadence, heading):
    message, _ = digest(cadence, EVENING, owed_about("", ""))
    assert message.text.plain().split("\n\n")[0] == heading


@pytest.mark.parametrize(
    ("topics", "expected"),
    [
        (("a", "b", "b"), ["▪️ B", "T2", "T3", "▪️ A", "T1"]),
        (("a", "b", "a", "b"), ["▪️ A", "T1", "T3", "▪️ B", "T2", "T4"]),
        (("", "b", ""), ["▪️ The Wire", "T1", "T3", "▪️ B", "T2"]),
        (("a", "a"), ["T1", "T2"]),
        (("a", "b", ""), ["T1", "T2", "T3"]),
    ],
)
def test_a_digest_is_in_groups_where_these_tell_something(topics, expected):
    assert outline(digest(Cadence.DAILY, EVENING, owed_about(*topics))[0])[1:] == expected


def test_a_digest_shows_the_first_ones_and_opens_the_others_by_link_where_others_read_along():
    owed = owed_about(*(["a", "b", "c"] * 8), "d", "d")
    message, shown = digest(Cadence.WEEKLY, EVENING, owed, 4, 77, "news_bot")
    assert shown == tuple(owed[:20])
    assert len(outline(message)) == 1 + 3 + 20
    assert (labels(message), presses(message)) == ([["10 more ▸"]], [["https://t.me/news_bot?start=m_77"]])


def test_a_digest_of_one_is_a_card():
    owed = [OwedArticle(1, an_article(), (PEACE.text,))]
    assert digest(Cadence.DAILY, EVENING, owed) == (card(an_article(), (PEACE.text,)), tuple(owed))


def test_there_is_no_digest_of_nothing_nor_of_an_instant():
    with pytest.raises(ValueError, match="at least one article"):
        digest(Cadence.DAILY, EVENING, [])
    with pytest.raises(KeyError):
        digest(Cadence.INSTANT, EVENING, owed_about("a"))


def test_a_push_as_it_is_now_is_the_push_where_nothing_has_changed():
    owed = [OwedArticle(1, an_article(), (PEACE.text,)), OwedArticle(2, an_article(2, "B"), ("*",))]
    for some, more in ((owed[:1], 0), (owed[:1], 3), (owed, 0), (owed, 3)):
        for username in ("", "news_bot"):
            assert lists.pushed_as_it_is_now(some, more, 77, username) == lists.pushed(some, more, 77, username)[0]


def test_of_a_withdrawn_article_a_card_says_only_that_and_nothing_leads_to_it():
    message = lists.pushed_as_it_is_now([OwedArticle(1, an_article(body="Text.", withdrawn=True), (PEACE.text,))])
    assert (message.text.html(), message.buttons, message.preview) == ("<i>Withdrawn by The Wire</i>", (), "")


def test_of_a_withdrawn_article_in_a_list_its_entry_says_so():
    owed = [OwedArticle(1, an_article(withdrawn=True), ("*",)), OwedArticle(2, an_article(2, "B"), ("*",))]
    message = lists.pushed_as_it_is_now(owed, 3, 77)
    assert message.text.html() == (
        f"🔔 <b>5 new headlines</b>\n\n<i>Withdrawn by The Wire</i>\n\n<b>B</b>\n{BYLINE.format('dt')} · /article_2"
    )
    assert presses(message) == [["m:77"]]


def test_what_a_push_counted_comes_in_pages_the_oldest_first():
    page = Page((an_article(), an_article(2, "B")), 1_000, Cursor(41), Cursor(42, newer=True))
    message = lists.more_pushed(page, 77)
    assert message.text.html() == (
        "🔔 <b>1,000 more headlines</b>\n\n"
        f"<b>Peace &lt;soon&gt; &amp; for all</b>\n{BYLINE.format('dt')} · /article_1\n\n"
        f"<b>B</b>\n{BYLINE.format('dt')} · /article_2"
    )
    assert labels(message) == [["◂ Older", "Newer ▸"]]
    assert presses(message) == [["m:77:41:0", "m:77:42:1"]]


def test_when_nothing_is_left_of_what_a_push_counted_it_says_so():
    message = lists.more_pushed(Page((), 1), 77)
    assert message.text.plain() == f"🔔 1 more headline\n\n{words.NOTHING_MORE}"
    assert message.buttons == ()


def test_the_answer_to_subscribe():
    message = lists.subscribed(a_subscription(), [an_article()], 12.3, new=True)
    assert message.text.html() == (
        "🔔 Now following <code>armenia peace</code>\nAbout 12 a day.\n\n<b>The newest so far</b>\n\n"
        f"<b>Peace &lt;soon&gt; &amp; for all</b>\n{BYLINE.format('dt')} · /article_1"
    )
    assert labels(message) == [["✓ At once", "Hourly", "Daily", "Weekly"], ["Undo"]]
    assert presses(message) == [["d:3:0:1", "d:3:1:1", "d:3:2:1", "d:3:3:1"], ["z:3"]]


def test_what_is_followed_already_has_nothing_to_undo():
    message = lists.subscribed(a_subscription(query="*"), [], 0, new=False)
    assert message.text.html().startswith("🔔 Already following <b>everything</b>\n")
    assert presses(message) == [["d:3:0:0", "d:3:1:0", "d:3:2:0", "d:3:3:0"]]


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (12_345.6, "About 12,350 a day."),
        (12.3, "About 12 a day."),
        (1.6, "About 2 a day."),
        (1.0, "About one a day."),
        (0.5, "About 4 a week."),
        (1 / 7, "About one a week."),
        (2 / 30, "About 2 a month."),
        (1 / 30, "About one a month."),
        (1 / 90, "Less than one a month."),
        (0, "None in the last 30 days."),
    ],
)
def test_how_much_to_expect(rate, said):
    assert words.per_day(rate) == said


def test_the_list_of_subscriptions():
    followed = [a_subscription(3), a_subscription(8, "*")]
    message = lists.subscriptions(followed, OpenSubscriptions(), private=True)
    assert message.text.html().startswith(
        "<b>You follow 2 searches</b>\n\n1. <code>armenia peace</code>\n2. <b>everything</b>"
    )
    assert labels(message) == [["✕ 1", "✕ 2"]]
    assert presses(message) == [["u:3:0:0", "u:8:0:0"]]
    assert "This chat follows" in lists.subscriptions(followed, OpenSubscriptions(), private=False).text.plain()


def test_subscriptions_to_choose_from():
    followed = [a_subscription(3), a_subscription(8, "*")]
    message = lists.subscriptions(followed, OpenSubscriptions(choosing=True), private=True)
    assert labels(message) == [["✕ armenia peace"], ["✕ everything"]]
    assert presses(message) == [["u:3:0:1"], ["u:8:0:1"]]


def test_many_subscriptions_have_pages_and_keep_their_numbers():
    followed = [a_subscription(number, f"word{number}") for number in range(1, 24)]
    message = lists.subscriptions(followed, OpenSubscriptions(1), private=True)
    assert "\n11. word11\n" in message.text.plain()
    assert labels(message) == [[f"✕ {number}" for number in row] for row in (range(11, 16), range(16, 21))] + [
        ["◂", "▸"]
    ]
    assert presses(message)[-1] == ["s:0:0", "s:2:0"]
    last = lists.subscriptions(followed, OpenSubscriptions(9), private=True)
    assert labels(last) == [["✕ 21", "✕ 22", "✕ 23"], ["◂"]]


def test_nothing_found_offers_fewer_words():
    message = lists.nothing_found(PEACE, wider=(Query.parse("armenia"), 7))
    assert message.text.html().startswith("Nothing found for <code>armenia peace</code>\n")
    assert labels(message) == [["🔎 armenia"]]
    assert presses(message) == [["p:7"]]
    assert lists.nothing_found(PEACE).buttons == ()


def test_nothing_found_offers_another_spelling():
    message = lists.nothing_found(Query.parse("armnia"), (Query.parse("armenia"), 8), (Query.parse("*"), 9))
    assert message.text.plain() == "Nothing found for armnia"
    assert labels(message) == [["Did you mean: armenia?"], ["🔎 everything"]]
    assert presses(message) == [["p:8"], ["p:9"]]
    assert words.WITH_FEWER_WORDS not in lists.nothing_found(PEACE, (Query.parse("armenia"), 8)).text.plain()


@pytest.mark.parametrize(
    ("typed", "position", "place"),
    [
        ("armenia )", 8, "armenia )\n        ^"),
        ("a\tb", 3, "a b\n   ^"),
        ("中 )", 2, "中 )\n   ^"),
        ("e\u0301 )", 3, "e\u0301 )\n  ^"),
        ("x" * 30 + "(" + "y" * 30, 30, "…" + "x" * 24 + "(" + "y" * 11 + "…\n" + " " * 25 + "^"),
        ("x" * 25 + "(" + "y" * 12, 25, "x" * 25 + "(" + "y" * 12 + "\n" + " " * 25 + "^"),
        ("short", 99, "short\n     ^"),
    ],
)
def test_a_query_error_points_at_the_place(typed, position, place):
    message = guidance.query_error(QueryError(typed, position, "a word"))
    assert f"{words.CANNOT_READ}\n{place}\nAt character {position + 1} I expected a word." == message.text.plain()


def test_a_query_error_offers_its_hint():
    message = guidance.query_error(QueryError("-a<b", 0, "a word", "* -a<b"), Follow(4))
    assert message.text.html().startswith(f"{words.CANNOT_READ}\n<pre>-a&lt;b\n^</pre>\n")
    assert message.text.html().endswith("\nTry this: <code>* -a&lt;b</code>")
    assert (labels(message), presses(message)) == ([["* -a<b"]], [["f:4"]])


def test_a_hint_is_shown_as_it_is_typed():
    message = guidance.query_error(QueryError("-", 0, "a word, or * for everything", "*"), Follow(4))
    assert message.text.html().endswith("\nTry this: <code>*</code>")
    assert labels(message) == [["*"]]
