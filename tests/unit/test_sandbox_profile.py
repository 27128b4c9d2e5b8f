"""What a bot says of itself, by raw HTTP: name, description, short description, in each language."""

import pytest
from sandbox_http import running

LONGEST = {"name": 64, "description": 512, "short_description": 120}
METHODS = {"name": "MyName", "description": "MyDescription", "short_description": "MyShortDescription"}


@pytest.fixture
async def world():
    async with running() as world:
        yield world


@pytest.mark.parametrize("what", LONGEST)
async def test_what_a_bot_says_of_itself_is_measured_and_kept_by_language(world, what):
    method = METHODS[what]
    assert await world.result(f"set{method}", **{what: "ա" * LONGEST[what], "language_code": "hy"}) is True
    assert await world.result(f"get{method}", language_code="hy") == {what: "ա" * LONGEST[what]}
    assert await world.result(f"get{method}") == {what: "Sandbox bot" if what == "name" else ""}
    too_long = await world.refusal(f"set{method}", **{what: "ա" * (LONGEST[what] + 1)})
    assert too_long == (400, f"Bad Request: bot {what.replace('_', ' ')} is too long")
    wrong = await world.refusal(f"set{method}", **{what: "x", "language_code": "eng"})
    assert wrong == (400, "Bad Request: invalid language code specified")
