"""What can go wrong in the store, in words an operator or a reader can act on. No driver's error crosses this door.

StorageError
    StoreUnavailable    the database cannot be reached, read or written now; try again later
    SchemaError         the database was made by a newer Newscrier, or is not one of ours
NotFound                there is no such article, query, subscription or list (any more)
TooMany                 a place follows as much as it may
QueryError              a question is not in the query language; says where and what was expected
"""


class StorageError(Exception):
    """The database itself failed; what was asked for may be right."""


class StoreUnavailable(StorageError):  # noqa: N818  "unavailable" already says it is an error
    """The database cannot be reached, read or written now. Nothing was changed; try again later."""


class SchemaError(StorageError):
    """The database's schema is not one this version can work with."""


class NotFound(LookupError):  # noqa: N818  named after what happened
    """There is no `kind` with this id, or it is no longer kept."""

    def __init__(self, kind: str, id_: int) -> None:
        super().__init__(f"there is no {kind} {id_}")
        self.kind = kind
        self.id = id_


class TooMany(ValueError):  # noqa: N818  named after what happened
    """No more than `most` of `kind` are allowed here."""

    def __init__(self, kind: str, most: int) -> None:
        super().__init__(f"no more than {most} {kind}s are allowed here")
        self.kind = kind
        self.most = most


class QueryError(ValueError):
    """`text` is not a query: at `position` (0-based, in code points) something else was expected.

    `hint` is a whole query that would work, where one can be offered.
    """

    def __init__(self, text: str, position: int, expected: str, hint: str = "") -> None:
        super().__init__(f"at character {position + 1} of {text!r}: expected {expected}")
        self.text = text
        self.position = position
        self.expected = expected
        self.hint = hint
