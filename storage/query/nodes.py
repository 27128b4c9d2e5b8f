"""What a query is made of: a tree of values, each knowing its canonical text, its meaning and its needs."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from storage.models import Article
from storage.query import dates
from storage.query.filing import Frequency, Need, Needs, rarest
from storage.text.terms import ArticleTerms, variants


class Node(ABC):
    """A part of a query. `text` is its canonical text."""

    __slots__ = ()

    @property
    @abstractmethod
    def text(self) -> str:
        """The canonical text of this part alone."""

    @abstractmethod
    def matches(self, terms: ArticleTerms, article: Article, now: datetime) -> bool:
        """Whether the article is wanted. `terms` are the article's."""

    def needs(self, frequency: Frequency) -> Needs:  # noqa: ARG002  parts that have a choice use it
        """What an article must have and not have to be wanted, as far as that can be said (`Needs.decide`)."""
        return Needs(decide=False)


@dataclass(frozen=True, slots=True)
class All(Node):
    """Every article."""

    @property
    def text(self) -> str:
        return "*"

    def matches(self, terms: ArticleTerms, article: Article, now: datetime) -> bool:  # noqa: ARG002  whatever it is
        return True

    def needs(self, frequency: Frequency) -> Needs:  # noqa: ARG002  there is no choice
        return Needs()


@dataclass(frozen=True, slots=True)
class Words(Node):
    """A word, or several in a row: one of `variants` stands in a section of the article, term after term."""

    raw: str
    """The surfaces, a blank between them."""
    title: bool = False
    """In the title only."""
    variants: frozenset[tuple[str, ...]] = field(init=False, repr=False, compare=False)
    """The terms to look for, in each language that comes into question. All have the same number of terms."""
    _terms: frozenset[str] = field(init=False, repr=False, compare=False)
    """The variants of a single word."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "variants", variants(self.raw))
        singles = frozenset(variant[0] for variant in self.variants if len(variant) == 1)
        object.__setattr__(self, "_terms", singles)

    @property
    def text(self) -> str:
        text = f'"{self.raw}"' if " " in self.raw else self.raw
        return f"title:{text}" if self.title else text

    def matches(self, terms: ArticleTerms, article: Article, now: datetime) -> bool:  # noqa: ARG002  the words alone decide
        known = terms.title_terms if self.title else terms.terms
        if self._terms:
            return not known.isdisjoint(self._terms)
        sequence = terms.title if self.title else terms.sequence
        return any(known.issuperset(variant) and _stands_in(variant, sequence) for variant in self.variants)

    def needs(self, frequency: Frequency) -> Needs:  # noqa: ARG002  there is no choice
        return _one((" ".join(variant) for variant in self.variants), title=self.title)


@dataclass(frozen=True, slots=True)
class Prefix(Node):
    """The beginning of a word: one of the article's terms or folded forms begins with it."""

    prefix: str
    """Folded; three characters or more."""
    title: bool = False
    """In the title only."""

    @property
    def text(self) -> str:
        return f"title:{self.prefix}*" if self.title else f"{self.prefix}*"

    def matches(self, terms: ArticleTerms, article: Article, now: datetime) -> bool:  # noqa: ARG002  the words alone decide
        return f" {self.prefix}" in (terms.title_beginnings if self.title else terms.beginnings)

    def needs(self, frequency: Frequency) -> Needs:  # noqa: ARG002  there is no choice
        return _one([f"^{self.prefix}"], title=self.title)


@dataclass(frozen=True, slots=True)
class Facet(Node):
    """A source, a topic or a language."""

    term: str
    """As in `ArticleTerms.facets`: `source:name`, `topic:name`, `lang:hy`."""

    @property
    def text(self) -> str:
        return self.term

    def matches(self, terms: ArticleTerms, article: Article, now: datetime) -> bool:  # noqa: ARG002  the facets alone decide
        return self.term in terms.facets

    def needs(self, frequency: Frequency) -> Needs:  # noqa: ARG002  there is no choice
        return _one([self.term])


@dataclass(frozen=True, slots=True)
class After(Node):
    """Published at this moment or later."""

    when: dates.When

    @property
    def text(self) -> str:
        return f"after:{dates.written(self.when)}"

    def moment(self, now: datetime) -> datetime:
        """Where the time begins."""
        return dates.moment(self.when, now)

    def matches(self, terms: ArticleTerms, article: Article, now: datetime) -> bool:  # noqa: ARG002  the time alone decides
        return article.published >= self.moment(now)


@dataclass(frozen=True, slots=True)
class Before(Node):
    """Published earlier than this moment."""

    when: dates.When

    @property
    def text(self) -> str:
        return f"before:{dates.written(self.when)}"

    def moment(self, now: datetime) -> datetime:
        """Where the time ends."""
        return dates.moment(self.when, now)

    def matches(self, terms: ArticleTerms, article: Article, now: datetime) -> bool:  # noqa: ARG002  the time alone decides
        return article.published < self.moment(now)


@dataclass(frozen=True, slots=True)
class Not(Node):
    """Without what the child matches, which is no Not, no Or and not All."""

    child: Node

    @property
    def text(self) -> str:
        return f"-({self.child.text})" if isinstance(self.child, And) else f"-{self.child.text}"

    def matches(self, terms: ArticleTerms, article: Article, now: datetime) -> bool:
        return not self.child.matches(terms, article, now)

    def needs(self, frequency: Frequency) -> Needs:
        sole = self.child.needs(frequency).sole
        return Needs(none=(sole,)) if sole else Needs(decide=False)


@dataclass(frozen=True, slots=True)
class And(Node):
    """All of two or more, in canonical order; none is an And. One at least is no Not; All only stands beside Nots."""

    children: tuple[Node, ...]

    @property
    def text(self) -> str:
        return " ".join(child.text for child in self.children)

    def matches(self, terms: ArticleTerms, article: Article, now: datetime) -> bool:
        return all(child.matches(terms, article, now) for child in self.children)

    def needs(self, frequency: Frequency) -> Needs:
        parts = [child.needs(frequency) for child in self.children]
        every = tuple(need for part in parts for need in part.every)
        none = tuple(need for part in parts for need in part.none)
        return Needs(every, none, all(part.decide for part in parts))


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Any of two or more, in canonical order; none is an Or, a Not or All."""

    children: tuple[Node, ...]

    @property
    def text(self) -> str:
        return " OR ".join(f"({child.text})" if isinstance(child, And) else child.text for child in self.children)

    def matches(self, terms: ArticleTerms, article: Article, now: datetime) -> bool:
        return any(child.matches(terms, article, now) for child in self.children)

    def needs(self, frequency: Frequency) -> Needs:
        parts = [child.needs(frequency) for child in self.children]
        if not all(part.every for part in parts):
            return Needs(decide=False)
        either = (rarest(part.every, frequency) for part in parts)
        return Needs((Need().union(*either),), decide=all(part.sole for part in parts))


def conjunction(nodes: Iterable[Node]) -> Node | None:
    """All of the nodes, in canonical form; None when there are none."""
    parts = {part for node in nodes for part in (node.children if isinstance(node, And) else (node,))}
    if any(not isinstance(part, (All, Not)) for part in parts):
        parts.discard(All())
    return _joined(And, parts)


def disjunction(nodes: Iterable[Node]) -> Node | None:
    """Any of the nodes, in canonical form; None when there are none."""
    parts = {part for node in nodes for part in (node.children if isinstance(node, Or) else (node,))}
    return All() if All() in parts else _joined(Or, parts)


def negation(node: Node) -> Node:
    """What the node does not want, in canonical form; the node is not All."""
    if isinstance(node, Not):
        return node.child
    if isinstance(node, Or):
        return conjunction(map(negation, node.children)) or node
    if isinstance(node, And):
        limits = [child for child in node.children if not isinstance(child, All)]
        if all(isinstance(child, Not) for child in limits):
            return disjunction(map(negation, limits)) or node
    return Not(node)


def positive(node: Node) -> bool:
    """Whether the node says what is wanted, rather than only what is not."""
    if isinstance(node, And):
        return any(positive(child) for child in node.children)
    return not isinstance(node, Not)


def walk(node: Node) -> Iterator[Node]:
    """The node and every part of it, in the order of the canonical text."""
    yield node
    children = node.children if isinstance(node, (And, Or)) else (node.child,) if isinstance(node, Not) else ()
    for child in children:
        yield from walk(child)


def wanted_words(node: Node) -> Iterator[Words | Prefix]:
    """The words, phrases and prefixes that are looked for: not those within an exclusion."""
    if isinstance(node, (Words, Prefix)):
        yield node
    if isinstance(node, (And, Or)):
        for child in node.children:
            yield from wanted_words(child)


def _one(features: Iterable[str], *, title: bool = False) -> Needs:
    """The need of one of these features, and of nothing else."""
    return Needs((Need(f"title:{feature}" if title else feature for feature in features),))


def _joined(kind: type[And] | type[Or], parts: set[Node]) -> Node | None:
    ordered = tuple(sorted(parts, key=lambda part: (_rank(part), part.text.replace('"', ""))))
    if len(ordered) < 2:
        return next(iter(ordered), None)
    return kind(ordered)


def _rank(node: Node) -> int:
    """Words come first, then what narrows them, exclusions last."""
    order = (All, Words, Prefix, Or, And, Facet, After, Before, Not)
    return order.index(type(node))


def _stands_in(phrase: tuple[str, ...], sequence: tuple[str, ...]) -> bool:
    start = -1
    for _ in range(sequence.count(phrase[0])):
        start = sequence.index(phrase[0], start + 1)
        if sequence[start : start + len(phrase)] == phrase:
            return True
    return False
