"""What is each engine's own. The short words of tests/contract/storekeeping.py are used here too."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))


@pytest.fixture
def path(tmp_path):
    """Where a SQLite database may be."""
    return tmp_path / "engine.sqlite"
