"""What the index holds of an article: when that changes, the number of the rules must, so that it is made anew."""

from datetime import UTC, datetime
from hashlib import sha256

from storage import Article, Source
from storage.sqlite.index import document
from storage.text.terms import article_terms
from storage.text.version import RULES

DIGESTS = {2: "7ef7752053311caa"}
"""The number of the rules -> what is held of the article below."""


def test_another_document_has_another_number():
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    article = Article(
        id=1,
        source=Source("herald", "The Velmora Herald"),
        key="k",
        title="Peace talks: all of it, and more",
        published=noon,
        arrived=noon,
        newest=1,
        body="They met at the end of the day. What was said of it is not known to us.",
        topics=("Politics: abroad",),
        language="en",
    )
    digest = sha256(document(article_terms(article)).encode()).hexdigest()[:16]
    assert DIGESTS[RULES] == digest, "the index holds something else: raise RULES and note the new digest"
