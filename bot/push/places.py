"""How many mailboxes are delivered to at once."""

from collections import Counter
from collections.abc import Callable

MOST_CLAIMED = 1_000  # many mailboxes of one chat take up no place, but memory


class Places:
    """Places for so many chats; mailboxes of one chat share one: they wait for each other."""

    def __init__(self, most: Callable[[], int], has_room: Callable[[], object]) -> None:
        """`most` says how many at present; `has_room` is called when there is room again after `free` found none."""
        self._most = most
        self._has_room = has_room
        self._chats: Counter[int] = Counter()
        self._taken = 0
        self._is_full = False

    def free(self) -> int:
        """How many more mailboxes may be claimed. When there was no room, some is made first: a claim costs a write."""
        left = self._left()
        if left <= 0:
            self._is_full = True
        return 0 if self._is_full else left

    def take(self, chat: int) -> None:
        """One more of the chat's mailboxes is delivered to."""
        self._chats[chat] += 1
        self._taken += 1

    def leave(self, chat: int) -> None:
        """A delivery to the chat has ended."""
        self._taken -= 1
        self._chats[chat] -= 1
        if not self._chats[chat]:
            del self._chats[chat]
        if self._is_full and self._left() >= self._most() / 4:
            self._is_full = False
            self._has_room()

    def _left(self) -> int:
        return min(self._most() - len(self._chats), MOST_CLAIMED - self._taken)
