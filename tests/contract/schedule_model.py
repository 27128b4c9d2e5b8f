"""What should happen under random schedules, in plain values: who is owed what, who got what, and what is excused.

A box is what a mailbox should be. It lives on through moves; a merged one points to the box it became part of. Nothing
here asks the store: the test tells what it did, and what a chat received.
"""

from dataclasses import dataclass, field
from datetime import datetime

from storage import Article, Claim, Owed, Query, Subscription
from storage.text.terms import article_terms


@dataclass(eq=False)
class Followed:
    """A subscription: where it began, and what it is still owed: article -> position."""

    cursor: int
    pending: dict[int, int] = field(default_factory=dict)


@dataclass(eq=False)
class Box:
    """One mailbox: what it follows, what it got, what it may get again or out of order."""

    follows: dict[str, Followed] = field(default_factory=dict)
    got: set[int] = field(default_factory=set)
    last: int = 0
    again: set[int] = field(default_factory=set)
    """Articles that may come twice: a message of theirs was killed, or its answer never came."""
    late: set[int] = field(default_factory=set)
    """Positions that may come after newer ones."""
    shut: bool = False
    """Its thread is gone, as far as anybody knows."""
    merged: "Box | None" = None

    def pending(self) -> dict[int, int]:
        return {article: at for one in self.follows.values() for article, at in one.pending.items()}

    def has(self, article: int) -> None:
        """The article needs to come no more."""
        self.got.add(article)
        for one in self.follows.values():
            one.pending.pop(article, None)

    def counted(self, through: int) -> None:
        """A message said how many more there are up to this position: they need not come."""
        for one in self.follows.values():
            one.pending = {article: at for article, at in one.pending.items() if at > through}

    def receive(self, article: int, position: int) -> None:
        """A message brought the article. Raises AssertionError when it should not have."""
        assert article not in self.got or article in self.again, f"article {article} came twice"
        late = position in self.late or article in self.again
        assert position > self.last or late, f"position {position} came after {self.last}"
        self.last = max(self.last, position)
        self.has(article)


@dataclass(eq=False)
class Flight:
    """A claim in somebody's hands, what it was owed, and how its message ended: "" while it was not sent."""

    claim: Claim
    box: Box
    owed: Owed | None = None
    sent: str = ""
    retry: datetime | None = None
    """When its chat is to be tried again, if it was not allowed."""

    def articles(self) -> dict[int, int]:
        """Article -> position of what it carries."""
        return {one.article.id: one.position for one in self.owed.articles} if self.owed else {}


def home(box: Box) -> Box:
    """The box that this one is part of by now."""
    while box.merged:
        box = box.merged
    return box


class World:
    """All boxes by place (chat, thread), the articles as they are, the queue, and the matches that were given."""

    def __init__(self) -> None:
        self.boxes: dict[tuple[int, int], Box] = {}
        self.paused: set[int] = set()
        self.retries: dict[int, datetime] = {}
        """When a paused chat is to be tried again, if it is."""
        self.articles: dict[int, Article] = {}
        self.queue: list[int] = []
        self.matched: set[tuple[str, int]] = set()
        self.flights: list[Flight] = []

    def subscribed(self, place: tuple[int, int], one: Subscription) -> None:
        self.resumed(place[0])
        self.reopened(place)
        self.boxes.setdefault(place, Box()).follows.setdefault(one.query, Followed(one.cursor))

    def pause(self, chat: int, retry: datetime | None = None) -> None:
        self.paused.add(chat)
        self.retries.pop(chat, None)
        if retry:
            self.retries[chat] = retry

    def resumed(self, chat: int) -> None:
        self.paused.discard(chat)
        self.retries.pop(chat, None)

    def reopened(self, place: tuple[int, int]) -> None:
        if place in self.boxes:
            self.boxes[place].shut = False

    def arrived(self, article: Article) -> None:
        """It is new, or was corrected: what no longer matches need not come, or late if it does again."""
        self.articles[article.id] = article
        if article.id not in self.queue:
            self.queue.append(article.id)
        for box in self.boxes.values():
            for query, one in box.follows.items():
                if article.id in one.pending and not wants(query, article):
                    box.late.add(one.pending.pop(article.id))

    def announced(self, positions: tuple[int, ...]) -> None:
        for position in positions:
            article = self.articles[self.queue.pop(0)]
            self._match(article, position)

    def _match(self, article: Article, position: int) -> None:
        waiting = [
            (box, query, one)
            for box in self.boxes.values()
            for query, one in box.follows.items()
            if position > one.cursor and wants(query, article) and (query, article.id) not in self.matched
        ]
        for box, query, one in waiting:
            self.matched.add((query, article.id))
            if article.id not in box.got:
                one.pending[article.id] = position

    def moved(self, chat: int, to: int) -> None:
        if chat == to:
            return
        for place in [place for place in self.boxes if place[0] == chat]:
            box, target = self.boxes.pop(place), (to, place[1])
            if target in self.boxes:
                self._merge(box, self.boxes[target])
            else:
                self.boxes[target] = box
        self.resumed(chat)

    def _merge(self, box: Box, target: Box) -> None:
        flying = {each: self._flying(each) for each in (box, target)}
        # What one has in flight and the other has, or has in flight too, cannot be called back.
        target.again |= box.again | (flying[box].keys() & (target.got | flying[target].keys()))
        target.again |= flying[target].keys() & box.got
        target.last = max(box.last, target.last)
        target.late |= box.late | set(flying[box].values()) | set(flying[target].values())
        for query, one in box.follows.items():
            target.follows.setdefault(query, one).pending |= one.pending
        newest = max([target.last, *flying[box].values(), *flying[target].values()])
        target.late |= {at for one in target.follows.values() for at in one.pending.values() if at <= newest}
        for article in target.got | box.got:
            target.has(article)
        box.merged = target

    def _flying(self, box: Box) -> dict[int, int]:
        """What the box has in flight and has not received or seen refused: article -> position."""
        return {
            article: at
            for flight in self.flights
            if home(flight.box) is box and flight.sent in {"", "refused"}
            for article, at in flight.articles().items()
        }

    def excuse(self, flight: Flight) -> None:
        """Nobody will know whether the flight's message came: it may come again."""
        box = home(flight.box)
        box.again |= flight.articles().keys()
        box.late |= set(flight.articles().values())

    def owing(self) -> dict[tuple[int, int], dict[int, int]]:
        """What is still to come to whom, paused chats and shut places left out."""
        return {
            place: box.pending()
            for place, box in self.boxes.items()
            if box.pending() and place[0] not in self.paused and not box.shut
        }


def wants(query: str, article: Article) -> bool:
    return Query.parse(query).matches_terms(article_terms(article), article, article.arrived)
