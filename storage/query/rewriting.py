"""Other queries made of a query."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from storage.query.nodes import All, And, Node, Or, Prefix, Words, conjunction, disjunction
from storage.query.query import Query

Leaf = Words | Prefix


def titled(query: Query) -> Query:
    """The query with every word that it looks for in the title."""
    return _rewritten(query, lambda leaf: replace(leaf, title=True))


def respelled(query: Query, spelling: Mapping[str, str]) -> Query:
    """The query with other spellings of some of the words that it looks for."""

    def spelled(leaf: Leaf) -> Leaf:
        if isinstance(leaf, Prefix):
            return leaf
        return Words(" ".join(spelling.get(word, word) for word in leaf.raw.split(" ")), leaf.title)

    return _rewritten(query, spelled)


def single_words(query: Query) -> Iterator[str]:
    """Each word that it looks for, those of phrases too."""
    for leaf in query.leaves:
        if isinstance(leaf, Words):
            yield from leaf.raw.split(" ")


def _rewritten(query: Query, change: Callable[[Leaf], Leaf]) -> Query:
    node = _changed(query.node, change) or All()
    return Query(node.text, node)


def _changed(node: Node, change: Callable[[Leaf], Leaf]) -> Node | None:
    match node:
        case Words() | Prefix():
            return change(node)
        case And(children):
            return conjunction(part for child in children if (part := _changed(child, change)))
        case Or(children):
            return disjunction(part for child in children if (part := _changed(child, change)))
    return node
