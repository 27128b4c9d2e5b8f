"""Programs publish by HTTP, and monitoring looks on, while the whole bot runs."""

import re
import socket
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.render import words
from storage import NewArticle

KEY = "end-to-end-key-0123456789"
ANYWHERE = {"intake_key": KEY, "listen": "127.0.0.1:0", "metrics_listen": "127.0.0.1:0"}


class Desk:
    """A program that publishes."""

    def __init__(self, address, session):
        self._address = address
        self._session = session

    async def ask(self, method, path, said=None):
        headers = {"Authorization": f"Bearer {KEY}"}
        async with self._session.request(method, self._address + path, json=said, headers=headers) as response:
            return response.status, await response.json()

    async def post(self, title, id_, **more):
        said = {"source": "The Bell", "title": title, "id": id_, "body": "It sails again. All of it.", **more}
        status, answer = await self.ask("POST", "/articles", said)
        assert status == 200, answer
        return answer["articles"][0]


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as session:
        yield session


def address_in(line):
    return re.search(r"http://\S+", line)[0]


async def test_what_programs_say_becomes_messages(sandbox, newsroom, session):
    ada, bob = await sandbox.add_person("Ada"), await sandbox.add_person("Bob")
    await newsroom.follow([ada])
    bot = await newsroom.start(**ANYWHERE)
    metrics = address_in(await bot.said("as=NEWSCRIER_METRICS_LISTEN"))
    desk = Desk(address_in(await bot.said("as=NEWSCRIER_LISTEN")), session)
    # What is posted is pushed; corrected, its message is edited; withdrawn, the message says so.
    one = await desk.post("The ferry is back", "1")
    [sent] = await sandbox.wait_for(chat=ada)
    assert sent["message"]["text"].startswith("The ferry is back\nThe Bell")
    assert (await desk.ask("PATCH", one["path"], {"title": "The ferry sails"}))[1]["status"] == "changed"
    [edited] = await sandbox.wait_for(kind="edited", chat=ada)
    assert edited["message"]["message_id"] == sent["message"]["message_id"]
    assert edited["message"]["text"].startswith("The ferry sails\n")
    assert (await desk.ask("DELETE", one["path"]))[1]["status"] == "withdrawn"
    edited = (await sandbox.wait_for(2, kind="edited", chat=ada))[-1]
    assert edited["message"]["text"] == words.withdrawn_by("The Bell")
    # A preview is the card, for one chat alone. Why it cannot be shown is said.
    preview = {"source": "The Bell", "title": "Not yet", "body": "A draft. No more.", "preview_to": bob}
    assert (await desk.ask("POST", "/articles", preview))[1]["articles"][0]["status"] == "previewed"
    [shown] = await sandbox.wait_for(chat=bob)
    assert shown["message"]["text"].startswith("Not yet\nThe Bell")
    await sandbox.block(bob)
    for chat, why in ((404, "Telegram does not know the chat"), (bob, "the chat cannot be written to: ")):
        status, answer = await desk.ask("POST", "/articles", {**preview, "preview_to": chat})
        assert (status, answer["articles"][0]["status"]) == (400, "refused")
        assert answer["articles"][0]["reason"].startswith(why)
    # What is held comes when its time has come, and not before; what another process writes comes, too.
    at = datetime.now(UTC) + timedelta(seconds=2)
    assert (await desk.post("At last", "2", publish_at=at.isoformat()))["status"] == "held"
    [_, held] = await sandbox.wait_for(2, kind="sent", chat=ada)
    assert held["message"]["text"].startswith("At last\n")
    assert datetime.now(UTC) >= at
    async with newsroom.store() as store:
        now = datetime.now(UTC)
        await store.articles.add([NewArticle("the-bell", "id:3", "From elsewhere", now)], arrived=now)
    [_, _, elsewhere] = await sandbox.wait_for(3, kind="sent", chat=ada)
    assert elsewhere["message"]["text"].startswith("From elsewhere\n")
    async with session.get(f"{metrics}/metrics") as response:
        numbers = (await response.text()).splitlines()
    for line in ('became="new",way="post"', 'became="previewed",way="post"', 'became="new",way="embargo"'):
        assert f"newscrier_articles_total{{{line}}} 1.0" in numbers
    assert {"newscrier_telegram_answers 1.0", "newscrier_disk_has_room 1.0"} <= set(numbers)
    assert any(line.startswith("newscrier_deliveries_under_way ") for line in numbers)
    async with session.get(f"{metrics}/readyz") as response:
        assert (response.status, (await response.json())["ready"]) == (200, True)
    # Nothing of a preview is kept, and the key is in no log.
    assert await bot.stop() == 0
    assert len(await sandbox.messages(chat=bob, kind="sent")) == 1
    assert KEY not in bot.output


async def test_who_cannot_listen_to_programs_says_so_and_ends_but_monitoring_is_not_worth_that(newsroom):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        code, output = await newsroom.run("run", intake_key=KEY, listen=taken, metrics_listen=taken)
    assert code == 2
    lines = [line.partition("NEWSCRIER_")[2] for line in output.splitlines()]
    why = f"{taken} cannot be listened on: Address already in use"
    assert lines == [f"METRICS_LISTEN: {why}", f"LISTEN: {why}"]
