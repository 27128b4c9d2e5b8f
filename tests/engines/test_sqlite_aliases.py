"""What an article is brought with again and again is written once: each write costs every poll of a feed."""

from sqlite_raw import opened, sql
from storekeeping import article, take_in


async def test_another_articles_key_is_no_alias_again_and_again(path):
    async with opened(path) as store:
        war = article("War", aliases=("Peace", "War", "guid"))
        await take_in(store, "Peace", war)
        sql(path, "DELETE FROM alias WHERE key IN ('Peace', 'War')")
        await take_in(store, war, war)
        assert sql(path, "SELECT key FROM alias") == [("guid",)]
