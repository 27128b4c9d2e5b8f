"""A file that is dropped into a watched folder becomes a message."""


async def test_what_is_dropped_is_pushed_while_the_bot_runs_and_after(sandbox, newsroom, tmp_path):
    ada = await sandbox.add_person("Ada")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    await newsroom.follow([ada], "topic:harbour")
    bot = await newsroom.start()
    code, output = await newsroom.run("sources", "add", "./inbox", "--title", "Radio Gorvane", "--topic", "Harbour")
    assert (code, output.partition(":")[0]) == (0, "added as radio-gorvane"), output
    await bot.said("watching a folder")
    (inbox / "a.txt").write_text("The ferry is back\nIt was blue once.\n2100-01-01 09:34\n")
    [push] = await sandbox.wait_for(1, chat=ada)
    assert "The ferry is back" in push["message"]["text"]
    assert "Radio Gorvane" in push["message"]["text"]
    (inbox / "b.txt").write_text("Only a title")
    said = await bot.said("refused: ")
    assert f"{inbox}/b.txt:1: expected a dateline" in said
    assert await bot.stop() == 0
    (inbox / "c.txt").write_text("The tram is back\n2100-01-01 09:35\n")
    bot = await newsroom.start()
    [_, push] = await sandbox.wait_for(2, chat=ada)
    assert "The tram is back" in push["message"]["text"]
    assert "The ferry is back" not in push["message"]["text"]
    assert await bot.stop() == 0
