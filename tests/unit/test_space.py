"""Room on the disk, with a disk and a clock by the door."""

import logging
from pathlib import Path

import pytest

from bot.intake.space import LEAST_FREE, Space


class Disk:
    """A disk that fills up, and a clock that goes on by a second whenever it is looked at."""

    def __init__(self, *free: int | None) -> None:
        self._free = list(free)
        self.looks = 0
        self.now = 0.0
        self.space = Space(Path("/news"), lambda: self.now, free=self.look)

    def look(self, folder: Path) -> int:
        assert folder == Path("/news")
        self.looks += 1
        free = self._free.pop(0)
        if free is None:
            message = "gone"
            raise OSError(message)
        return free

    def answers(self, times: int) -> list[bool]:
        answers = []
        for _ in range(times):
            answers.append(self.space.has_room())
            self.now += 1
        return answers


@pytest.mark.parametrize(
    ("free", "answers"),
    [
        ((LEAST_FREE,), [True]),
        ((LEAST_FREE - 1,), [False]),
        ((0, LEAST_FREE, LEAST_FREE + LEAST_FREE // 20, LEAST_FREE), [False, False, True, True]),
        ((None,), [True]),
        ((0, None), [False, True]),
    ],
)
def test_what_is_free_decides(free, answers):
    assert Disk(*free).answers(len(answers)) == answers


def test_it_is_looked_at_once_a_second():
    disk = Disk(0, LEAST_FREE * 2)
    assert [disk.space.has_room() for _ in range(5)] == [False] * 5
    assert disk.looks == 1
    disk.now = 0.99
    assert not disk.space.has_room()
    disk.now = 1.0
    assert disk.space.has_room()
    assert disk.looks == 2


def test_it_is_said_once_that_intake_pauses_and_once_that_it_goes_on(caplog):
    caplog.set_level(logging.INFO)
    Disk(LEAST_FREE, 1, 2, 3, LEAST_FREE * 2, LEAST_FREE * 2, 4).answers(7)
    assert [(record.levelname, "less than 200 MB" in record.getMessage()) for record in caplog.records] == [
        ("WARNING", True),
        ("INFO", False),
        ("WARNING", True),
    ]


def test_a_real_disk(tmp_path):
    assert Space(tmp_path, lambda: 0.0, least=1).has_room()
    full = Space(tmp_path, lambda: 0.0, least=10**18)
    assert not full.has_room()
    assert str(tmp_path) in full.shortage
    assert Space(tmp_path / "not" / "there", lambda: 0.0).has_room()
