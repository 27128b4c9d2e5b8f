"""What should happen under random schedules, in plain values: who is owed what, who got what, and what is excused.

A box is what a mailbox should be. It lives on through moves; a merged one points to the box it became part of. Nothing
here asks the store: the test tells what it did, and what a chat received.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from storage import Article, Cadence, Claim, Owed, OwedArticle, Query, Subscription
from storage.text.terms import article_terms


@dataclass(eq=False)
class Followed:
    """A subscription: delivered through where, and what it is still owed: article -> position."""

    id: int
    cursor: int
    pending: dict[int, int] = field(default_factory=dict)
    formers: "list[tuple[Box, int]]" = field(default_factory=list)
    """Boxes that had it before: what they were given up to this position counts as given to it."""

    def given_elsewhere(self, article: int) -> bool:
        return any(article in home(box).recorded and home(box).recorded[article] <= at for box, at in self.formers)


@dataclass(eq=False)
class Box:
    """One mailbox: what it follows, what it got, what it may get again or out of order."""

    follows: dict[str, Followed] = field(default_factory=dict)
    got: set[int] = field(default_factory=set)
    recorded: dict[int, int] = field(default_factory=dict)
    """Article -> the lowest position at which a settlement said that it was given, or refused."""
    last: int = 0
    again: set[int] = field(default_factory=set)
    """Articles that may come twice: a message of theirs was killed, or its answer never came."""
    late: set[int] = field(default_factory=set)
    """Positions that may come after newer ones."""
    shut: bool = False
    """Its thread is gone, as far as anybody knows."""
    merged: "Box | None" = None

    def pending(self) -> dict[int, int]:
        return {
            article: at
            for one in self.follows.values()
            for article, at in one.pending.items()
            if not one.given_elsewhere(article)
        }

    def has(self, article: int) -> None:
        """The article needs to come no more."""
        self.got.add(article)
        for one in self.follows.values():
            one.pending.pop(article, None)

    def record(self, given: Sequence[OwedArticle]) -> None:
        """A settlement said that these were given, or refused."""
        for one in given:
            self.recorded[one.article.id] = min(one.position, self.recorded.get(one.article.id, one.position))

    def receive(self, article: int, position: int, *, ahead: bool = False) -> None:
        """A message brought the article, `ahead` of what is older. Raises AssertionError when it should not have."""
        assert article not in self.got or article in self.again, f"article {article} came twice"
        late = position in self.late or article in self.again or ahead
        assert position > self.last or late, f"position {position} came after {self.last}"
        if not ahead:
            self.last = max(self.last, position)
        self.has(article)


@dataclass(eq=False)
class Flight:
    """A claim in somebody's hands, what it was owed, and how its message ended: "" while it was not sent."""

    claim: Claim
    box: Box
    owed: Owed | None = None
    sent: str = ""
    shown: int = 0
    """How many its message showed; it counted the others."""
    retry: datetime | None = None
    """When its chat is to be tried again, if it was not allowed."""

    def articles(self) -> dict[int, int]:
        """Article -> position of what it carries."""
        return {one.article.id: one.position for one in (*self.owed.articles, *self.owed.urgent)} if self.owed else {}


def home(box: Box) -> Box:
    """The box that this one is part of by now."""
    while box.merged:
        box = box.merged
    return box


Spot = tuple[int, int, Cadence]
"""Where a box is: chat, thread and cadence."""


class World:
    """All boxes, the articles as they are, the queue, the matches that were given, and what messages counted."""

    def __init__(self) -> None:
        self.boxes: dict[Spot, Box] = {}
        self.head = 0
        self.counted: dict[int, Sequence[OwedArticle]] = {}
        """Key -> what its message counted without showing it."""
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
        box = self.boxes.setdefault((*place, one.cadence), Box())
        box.follows.setdefault(one.query, Followed(one.id, one.cursor))

    def pause(self, chat: int, retry: datetime | None = None) -> None:
        self.paused.add(chat)
        self.retries.pop(chat, None)
        if retry:
            self.retries[chat] = retry

    def resumed(self, chat: int) -> None:
        self.paused.discard(chat)
        self.retries.pop(chat, None)

    def reopened(self, place: tuple[int, int]) -> None:
        for box in self.at(*place):
            box.shut = False

    def at(self, chat: int, thread: int) -> list[Box]:
        """The boxes of a place, whatever their cadence."""
        return [box for spot, box in self.boxes.items() if spot[:2] == (chat, thread)]

    def followed(self) -> list[tuple[Spot, str]]:
        """Everything that is followed anywhere."""
        return [(spot, query) for spot, box in self.boxes.items() for query in box.follows]

    def arrived(self, article: Article) -> None:
        """It is new, or was corrected: what no longer matches need not come, or late if it does again.

        What was withdrawn is back, and as good as new.
        """
        if article.id in self.articles and self.articles[article.id].withdrawn:
            self.matched = {(query, one) for query, one in self.matched if one != article.id}
        self.articles[article.id] = article
        if article.id not in self.queue:
            self.queue.append(article.id)
        for box in self.boxes.values():
            for query, one in box.follows.items():
                if article.id in one.pending and not wants(query, article):
                    box.late.add(one.pending.pop(article.id))

    def withdrawn(self, article: int) -> None:
        """It need not come; should it be back, it may come late."""
        self.articles[article] = replace(self.articles[article], withdrawn=True)
        if article in self.queue:
            self.queue.remove(article)
        for box in self.boxes.values():
            box.late |= {one.pending.pop(article) for one in box.follows.values() if article in one.pending}

    def announced(self, positions: tuple[int, ...]) -> None:
        for position in positions:
            article = self.articles[self.queue.pop(0)]
            self._match(article, position)
            self.head = position

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
        for spot in [spot for spot in self.boxes if spot[0] == chat]:
            box, target = self.boxes.pop(spot), (to, *spot[1:])
            if target in self.boxes:
                self._merge(box, self.boxes[target])
                continue
            if known := self.at(to, spot[1]):
                box.shut = known[0].shut
            self.boxes[target] = box
        self.resumed(chat)

    def changed(self, spot: Spot, query: str, cadence: Cadence) -> int:
        """A subscription goes to the box of this cadence. Returns the id of the one that should be left."""
        box = self.boxes[spot]
        if cadence == spot[2]:
            return box.follows[query].id
        target = self.boxes.setdefault((*spot[:2], cadence), Box(shut=box.shut))
        one, twin = box.follows.pop(query), target.follows.get(query)
        newest = max([target.last, *self._in_hands(target)])
        if twin is None or one.cursor < twin.cursor:
            one.formers = [former for former in one.formers if home(former[0]) is not target]
            one.formers.append((box, twin.cursor if twin else self.head))
            one.pending |= twin.pending if twin else {}
            target.follows[query] = one
            for article in target.got:
                target.has(article)
        target.late |= box.late | self._in_hands(box)
        target.late |= {at for each in target.follows.values() for at in each.pending.values() if at <= newest}
        return target.follows[query].id

    def _in_hands(self, box: Box) -> set[int]:
        """The positions of what somebody has claimed and not settled."""
        return {at for flight in self.flights if home(flight.box) is box for at in flight.articles().values()}

    def _merge(self, box: Box, target: Box) -> None:
        flying = {each: self._flying(each) for each in (box, target)}
        # What one has in flight and the other has, or has in flight too, cannot be called back.
        target.again |= box.again | (flying[box].keys() & (target.got | flying[target].keys()))
        target.again |= flying[target].keys() & box.got
        target.last = max(box.last, target.last)
        target.late |= box.late | set(flying[box].values()) | set(flying[target].values())
        for article, at in box.recorded.items():
            target.recorded[article] = min(at, target.recorded.get(article, at))
        for query, one in box.follows.items():
            twin = target.follows.get(query, one)
            left = one if one.cursor < twin.cursor else twin
            left.pending = one.pending | twin.pending
            target.follows[query] = left
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

    def settled(self, flight: Flight) -> None:
        """Its message was taken: cursors rise, over nothing but what it showed or counted."""
        home(flight.box).record(flight.owed.articles[: flight.shown])
        named = flight.articles()
        for box in self.boxes.values():
            for one in box.follows.values():
                cursor = flight.owed.cursors.get(one.id, 0)
                passed = [article for article, at in one.pending.items() if at <= cursor]
                lost = [article for article in passed if article not in named and not one.given_elsewhere(article)]
                assert not lost, f"passed over: {lost}"
                one.cursor = max(one.cursor, cursor)
                for article in passed:
                    del one.pending[article]

    def excuse(self, flight: Flight) -> None:
        """Nobody will know whether the flight's message came: it may come again."""
        box = home(flight.box)
        box.again |= flight.articles().keys()
        box.late |= set(flight.articles().values())

    def owing(self) -> dict[Spot, dict[int, int]]:
        """What is still to come to whom, paused chats and shut places left out."""
        return {
            place: box.pending()
            for place, box in self.boxes.items()
            if box.pending() and place[0] not in self.paused and not box.shut
        }


def wants(query: str, article: Article) -> bool:
    return Query.parse(query).matches_terms(article_terms(article), article, article.arrived)
