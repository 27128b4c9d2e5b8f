"""What an article is brought with again and again is written once: each write costs every poll of a feed."""

from sqlite_raw import bare, opened, sql
from storekeeping import article, take_in


async def test_an_alias_that_is_there_or_another_articles_key_is_not_written_again(path):
    async with opened(path) as store:
        war = article("War", aliases=("Peace", "War", "guid"))
        await take_in(store, "Peace", war)
        sql(path, "DELETE FROM alias WHERE key IN ('Peace', 'War')")
        with bare(path) as other:
            before = other.execute("PRAGMA data_version").fetchone()
            await take_in(store, war, war)
            assert other.execute("PRAGMA data_version").fetchone() == before
        assert sql(path, "SELECT key FROM alias") == [("guid",)]
