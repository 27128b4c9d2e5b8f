"""Loading what a process needs for as long as it runs."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

GARBAGE_AFTER = 5_000
"""Objects that are made and kept until they are looked through, which takes a millisecond. With Python's own 700 it was
done all the time while feeds are polled, and found nothing."""


def loaded() -> None:
    """All is made that a process needs: it stays, and from now on garbage is looked for less often."""
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)


@contextmanager
def loading() -> Iterator[None]:
    """What is imported within stays: looking through it for garbage takes a tenth of the start, and finds none."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
