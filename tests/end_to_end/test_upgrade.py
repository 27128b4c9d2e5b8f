"""A database of an earlier version, opened by this one."""

import shutil
from pathlib import Path

FIXTURE = Path(__file__).parents[1] / "fixtures" / "0.2.0.sqlite"


async def test_an_earlier_database_is_brought_up_to_date_while_the_bot_runs(sandbox, newsroom):
    ada = await sandbox.add_person("Ada")
    shutil.copy(FIXTURE, newsroom.database.removeprefix("sqlite:///"))
    bot = await newsroom.start()
    await bot.said("the old one serves until then")
    await bot.said("the index is made anew steps=")
    # Beginnings of three letters are found in the new index alone.
    found = await sandbox.ask(ada, "/search foo*")
    assert "Peace and football" in found["text"]
    await sandbox.ask(ada, "/subscribe переговоры")
    assert await bot.stop() == 0
    again = await newsroom.start()
    assert "Подписан мирный договор" in (await sandbox.ask(ada, "/search договорами"))["text"]
    assert "made anew" not in again.output
