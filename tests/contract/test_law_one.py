"""Law one: an article is matched for a query exactly when search finds it, and both say what `Query.matches` says."""

from contextlib import AsyncExitStack
from datetime import timedelta
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from storekeeping import NOON, announce, examples, follow, owed

from storage import NewArticle, Query, QueryError, open_store

# Few words, so that queries hit: forms of one word, near misses, other scripts, odd characters.
WORDS = [
    *("peace", "peaceful", "Peace's", "treaty", "treaties", "government", "governments", "U.S.", "l'accord", "naïve"),
    *("мир", "мира", "Договор", "договоры", "ёлка", "елка", "йод", "правительство"),
    *("խաղաղություն", "խաղաղության", "Հայաստան", "Հայաստանում", "և", "եւ", "կառավարությունը"),
    *("barış", "Barışın", "İstanbul'da", "istanbul", "ısı", "isi", "Türkiye'nin", "anlaşma"),
    *("saqartvelo", "საქართველო", "和平", "½", "2026", "COVID-19", "ﬁnance", "x"),
]
MARKS = [" ", " ", " ", "-", ", ", ". ", " — ", "\n\n", "'", '"', "_", "\u00ad", " \u202e", " * ", ":", "(", "\ue001"]
SOURCES = ["herald", "The Tribune", "Նոր-ժամ", "a:b*c"]
TOPICS = ["Economy", "economy news", "Մշակույթ", "экономика", "top-ic"]
LANGUAGES = ["", "en", "ru", "hy", "tr", "az", "fr", "ka"]

words = st.sampled_from(WORDS)
texts = st.lists(st.tuples(words, st.sampled_from(MARKS)), max_size=8).map(lambda pairs: "".join(map("".join, pairs)))
times = st.integers(0, 400).map(lambda hours: NOON - timedelta(hours=hours, milliseconds=hours % 3 * 400))


@st.composite
def articles(draw):
    return [
        NewArticle(
            source=draw(st.sampled_from(SOURCES)),
            key=str(number),
            title=draw(texts) + draw(words),
            published=draw(times),
            body=draw(texts),
            summary=draw(texts),
            topics=tuple(draw(st.lists(st.sampled_from(TOPICS), max_size=2))),
            language=draw(st.sampled_from(LANGUAGES)),
        )
        for number in range(draw(st.integers(1, 8)))
    ]


phrases = st.lists(words, min_size=2, max_size=3).map(lambda some: '"' + " ".join(some) + '"')
prefixes = words.map(lambda word: word[:4] + "*")
titled = st.one_of(words, phrases, prefixes).map(lambda text: f"title:{text}")
facets = st.one_of(
    st.sampled_from(SOURCES).map(lambda name: f'source:"{name}"'),
    st.sampled_from(TOPICS).map(lambda name: f'topic:"{name}"'),
    st.sampled_from(LANGUAGES[1:]).map(lambda code: f"lang:{code}"),
)
dates = st.one_of(
    st.sampled_from(["after:", "before:"]).flatmap(
        lambda name: st.sampled_from(["2026-02-25", "2026-03-01", "7d", "30h", "1w"]).map(lambda when: name + when)
    )
)
leaves = st.one_of(words, words, phrases, prefixes, titled, facets, dates, st.just("*"))


def grown(parts):
    grouped = parts.map(lambda text: f"({text})")
    several = st.lists(st.one_of(parts, grouped), min_size=2, max_size=3)
    return st.one_of(
        several.map(" ".join),
        several.map(" OR ".join),
        st.tuples(parts, grouped).map(lambda pair: f"{pair[0]} -{pair[1]}"),
    )


@st.composite
def queries(draw):
    """Queries as people might type them; what is none is left out."""
    typed = draw(st.lists(st.recursive(leaves, grown, max_leaves=5), min_size=4, max_size=12))
    parsed = {}
    for text in typed:
        try:
            query = Query.parse(text)
        except QueryError:
            continue
        parsed[query.text] = query
    return list(parsed.values())


def followable(query):
    try:
        query.check_followable()
    except QueryError:
        return False
    return True


async def all_of(store):
    return (await store.articles.search(Query.parse("*"), now=NOON, limit=100)).articles


async def forward(store, query, limit):
    page = await store.articles.search(query, now=NOON, limit=limit)
    pages = [page]
    while pages[-1].older:
        pages.append(await store.articles.search(query, now=NOON, limit=limit, cursor=pages[-1].older))
    return pages


async def back(store, query, limit, last):
    pages = [last]
    while pages[0].newer:
        pages.insert(0, await store.articles.search(query, now=NOON, limit=limit, cursor=pages[0].newer))
    return pages


def joined(pages):
    return [one.id for page in pages for one in page.articles]


async def check_search(store, query, limit):
    expected = [one.id for one in await all_of(store) if query.matches(one, NOON)]
    pages = await forward(store, query, limit)
    assert joined(pages) == expected
    assert joined(await back(store, query, limit, pages[-1])) == expected
    assert {page.total for page in pages} == {len(expected)}


async def check_announced(store, followed):
    """What each chat is owed is what its query matches. The chat's number is the query's place in the list."""
    everything = await all_of(store)
    claims = await store.mailboxes.claim(1, now=NOON, lease=timedelta(minutes=1), limit=100)
    owing = {one.mailbox.place.chat: await owed(store, one) for one in claims}
    for chat, query in enumerate(followed):
        got = [] if chat not in owing else [one.article.id for one in owing[chat].articles]
        assert sorted(got) == sorted(one.id for one in everything if query.matches(one, NOON)), query.text


async def law_one(url, news, asked, limit, corrections):
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(url))
        followed = [query for query in asked if followable(query)]
        for chat, query in enumerate(followed):
            await follow(store, query.text, chat=chat, bot=1)
        await store.articles.add(news, arrived=NOON, push_since=NOON - timedelta(days=999))
        await store.articles.add(corrections, arrived=NOON, push_since=NOON - timedelta(days=999))
        await announce(store)
        lease = await store.leases.gain("announcer", now=NOON, duration=timedelta(minutes=1))
        assert not await store.log.wake(lease, now=NOON, limit=1000)
        for query in asked:
            note(query.text)
            await check_search(store, query, limit)
        await check_announced(store, followed)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(articles(), queries(), st.integers(1, 4), st.data())
async def test_search_and_announcer_find_exactly_what_the_query_matches(engine_url, news, asked, limit, data):
    corrected = data.draw(st.lists(st.sampled_from(news), max_size=2), label="corrected")
    corrections = [
        NewArticle(source=one.source, key=one.key, title=data.draw(texts) + "мир", published=one.published)
        for one in corrected
    ]
    with TemporaryDirectory() as folder:
        await law_one(engine_url(folder), news, asked, limit, corrections)
