"""What programs post is read alike, here when it is short and in another process when it is long."""

import json

import pytest
import pytest_asyncio

from bot.intake.parsing.given import GivenError
from bot.intake.processes.workers import Workers
from bot.intake.programs.bodies import SHORT, Bodies
from bot.intake.programs.posted import MOST_ARTICLES, TooManyError, read_articles, read_correction

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one process serves all

LONG = " " * SHORT
FERRY = {
    "source": "The Bell",
    "id": "42",
    "title": "  The ferry\nis back ",
    "body": "It sails.\nAgain.",
    "topics": ["Sea", "Ships"],
    "authors": "Ada",
    "urgent": True,
    "published": "2025-07-16T09:34:00+04:00",
    "preview_to": -1001234567890,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers():
    async with Workers() as workers:
        yield workers


def outcome_of(read, *args, **kwargs):
    """What it gives, or the error that it raises."""
    try:
        return read(*args, **kwargs)
    except (GivenError, TooManyError) as error:
        return type(error), str(error)


async def outcome_here(reading):
    try:
        return await reading
    except (GivenError, TooManyError) as error:
        return type(error), str(error)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (json.dumps(FERRY) + LONG, False),
        (json.dumps([FERRY, {"title": ""}, 7, {**FERRY, "body": "word " * SHORT}]), False),
        (json.dumps({"articles": [FERRY] * 1_000}), False),
        ("\n".join([json.dumps(FERRY), "{", LONG, "null", json.dumps({"title": "Ֆ" * 2_000})]), True),
        (json.dumps([0] * (MOST_ARTICLES + 1)) + LONG, False),
        ("1\n" * SHORT, True),
        ("[" * 2 * SHORT, False),
        ("{" + LONG, False),
        (LONG * 2, True),
    ],
    ids=["one", "some wrong", "a thousand", "lines", "too many", "too many lines", "deep", "broken", "nothing"],
)
async def test_a_long_body_says_what_it_would_say_if_it_were_short(workers, text, lines):
    data = text.encode()
    assert len(data) > SHORT
    told = await outcome_here(Bodies(workers).articles(data, lines=lines))
    expected = outcome_of(read_articles, data, lines=lines)
    assert told == (tuple(expected) if isinstance(expected, list) else expected)


@pytest.mark.parametrize(
    "correction",
    [
        {"title": "The ferry is late", "urgent": False},
        {"topics": ["Sea"], "publish_at": "2025-07-16"},
        {"id": "43"},
        [1],
    ],
)
async def test_so_does_a_long_correction(workers, correction):
    data = (json.dumps(correction) + LONG).encode()
    expected = outcome_of(read_correction, data)
    assert await outcome_here(Bodies(workers).correction(data)) == expected
    assert expected == outcome_of(read_correction, json.dumps(correction).encode())


async def test_only_what_is_long_takes_a_process():
    data = json.dumps([FERRY]).encode()
    async with Workers() as workers:
        bodies = Bodies(workers)
        short = await bodies.articles(data, lines=False)
        assert workers.pids == ()
        assert await bodies.articles(data + LONG.encode(), lines=False) == tuple(short)
        assert len(workers.pids) == 1
