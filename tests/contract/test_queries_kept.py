"""The port Queries: queries under a short id."""

import pytest

from storage import EVERYTHING, NotFound, Query


async def test_a_kept_query_comes_back(store):
    query = Query.parse('"peace treaty" armenia OR azerbaijan -football lang:en after:2025-07-01')
    assert await store.queries.get(await store.queries.keep(query)) == query


async def test_equal_queries_have_one_id(store, open_again):
    first = await store.queries.keep(Query.parse("peace  Armenia"))
    assert await (await open_again()).queries.keep(Query.parse("armenia PEACE")) == first
    assert await store.queries.keep(EVERYTHING) != first


@pytest.mark.parametrize("number", [0, 1, -1, 2**63, 10**25])
async def test_an_id_never_given_is_not_found(store, number):
    with pytest.raises(NotFound, match=f"query {number}"):
        await store.queries.get(number)
