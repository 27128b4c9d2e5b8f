"""Every engine the contract is held on. A test that asks for `store` or `open_again` runs once on each."""

from contextlib import AsyncExitStack

import pytest

from storage import open_store

ENGINES = {"sqlite": lambda folder: f"sqlite:///{folder}/contract.sqlite"}


@pytest.fixture(params=ENGINES, scope="session")
def engine_url(request):
    """Makes the address of an empty database; an engine of files puts it into the folder."""
    return ENGINES[request.param]


@pytest.fixture
async def open_again(engine_url, tmp_path):
    """Opens a store on the test's database, each time another one, as another process would."""
    async with AsyncExitStack() as stack:
        yield lambda: stack.enter_async_context(open_store(engine_url(tmp_path)))


@pytest.fixture
async def store(open_again):
    return await open_again()
