"""Other queries made of a query."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from storage.query.nodes import All, And, Facet, Node, Not, Or, Prefix, Words, conjunction, disjunction, walk
from storage.query.query import Query

Leaf = Words | Prefix | Facet
_SOURCE = "source:"


def titled(query: Query) -> Query:
    """The query with every word that it looks for in the title."""
    return _rewritten(query, lambda leaf: leaf if isinstance(leaf, Facet) else replace(leaf, title=True))


def respelled(query: Query, spelling: Mapping[str, str]) -> Query:
    """The query with other spellings of some of the words that it looks for."""

    def spelled(leaf: Leaf) -> Leaf:
        if not isinstance(leaf, Words):
            return leaf
        return Words(" ".join(spelling.get(word, word) for word in leaf.raw.split(" ")), leaf.title)

    return _rewritten(query, spelled)


def sources(query: Query) -> tuple[str, ...]:
    """The names of the sources that it asks for: not those that it leaves out."""
    return tuple(name for node in _leaves(query.node) if isinstance(node, Facet) and (name := _source(node)))


def resourced(query: Query, other: Mapping[str, str]) -> Query:
    """The query asking for other sources in the place of some; what it leaves out it leaves out as before."""

    def asked(leaf: Leaf) -> Leaf:
        name = _source(leaf) if isinstance(leaf, Facet) else ""
        return Facet(_SOURCE + other[name]) if name in other else leaf

    return _rewritten(query, asked)


def left_out(query: Query) -> frozenset[str]:
    """The names of the sources that it leaves out."""
    nots = (node.child for node in walk(query.node) if isinstance(node, Not))
    return frozenset(name for child in nots if isinstance(child, Facet) and (name := _source(child)))


def let_in(query: Query, source: str) -> Query:
    """The query that does not leave the source out."""
    node = _without(query.node, Not(Facet(_SOURCE + source))) or All()
    return Query(node.text, node)


def single_words(query: Query) -> Iterator[str]:
    """Each word that it looks for, those of phrases too."""
    for leaf in query.leaves:
        if isinstance(leaf, Words):
            yield from leaf.raw.split(" ")


def _source(facet: Facet) -> str:
    return facet.term.removeprefix(_SOURCE) if facet.term.startswith(_SOURCE) else ""


def _leaves(node: Node) -> Iterator[Node]:
    """What it looks for, not what it excludes."""
    for child in node.children if isinstance(node, (And, Or)) else ():
        yield from _leaves(child)
    if not isinstance(node, (And, Or)):
        yield node


def _without(node: Node, part: Node) -> Node | None:
    """The node without this part; None: nothing is left."""
    match node:
        case And(children):
            return conjunction(left for child in children if (left := _without(child, part)))
        case Or(children):
            return disjunction(left for child in children if (left := _without(child, part)))
    return None if node == part else node


def _rewritten(query: Query, change: Callable[[Leaf], Leaf]) -> Query:
    node = _changed(query.node, change) or All()
    return Query(node.text, node)


def _changed(node: Node, change: Callable[[Leaf], Leaf]) -> Node | None:
    match node:
        case Words() | Prefix() | Facet():
            return change(node)
        case And(children):
            return conjunction(part for child in children if (part := _changed(child, change)))
        case Or(children):
            return disjunction(part for child in children if (part := _changed(child, change)))
    return node
