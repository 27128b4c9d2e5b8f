"""Embargoes are kept as JSON, which a version that knows more or less of articles may have written."""

import json

from sqlite_raw import opened, sql
from storekeeping import HOUR, NOON, article

from storage import Embargo

HELD = Embargo(article("Peace", key="k", topics=("world",), authors=("Ani",), urgent=True), NOON + HOUR)


async def test_what_this_version_does_not_know_is_left_out_and_what_it_knows_beyond_is_as_usual(path):
    async with opened(path) as store:
        await store.embargoes.put(HELD)
        [(text,)] = sql(path, "SELECT article FROM embargo")
        values = json.loads(text) | {"mood": "hopeful", "places": ["Yerevan"]}
        del values["urgent"], values["aliases"], values["image"]
        sql(path, "UPDATE embargo SET article = ?", json.dumps(values))
        kept = await store.embargoes.get("herald", "k")
        plain = article("Peace", key="k", topics=("world",), authors=("Ani",))
        assert kept == Embargo(plain, NOON + HOUR)
        assert hash(kept)
