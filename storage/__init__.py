"""Everything that remembers, and what finding means. The only door: nobody outside needs more than is named here."""

from storage.errors import NotFound, QueryError, SchemaError, StorageError, StoreUnavailable, TooMany
from storage.models import (
    Announced,
    Arrival,
    Article,
    Cadence,
    Change,
    Claim,
    Cursor,
    Delivery,
    Lease,
    Mailbox,
    NewArticle,
    Outcome,
    Owed,
    OwedArticle,
    Page,
    Place,
    Settlement,
    Source,
    Subscription,
)
from storage.opening import open_store
from storage.ports import Store
from storage.query import EVERYTHING, Query

__all__ = [
    "EVERYTHING",
    "Announced",
    "Arrival",
    "Article",
    "Cadence",
    "Change",
    "Claim",
    "Cursor",
    "Delivery",
    "Lease",
    "Mailbox",
    "NewArticle",
    "NotFound",
    "Outcome",
    "Owed",
    "OwedArticle",
    "Page",
    "Place",
    "Query",
    "QueryError",
    "SchemaError",
    "Settlement",
    "Source",
    "StorageError",
    "Store",
    "StoreUnavailable",
    "Subscription",
    "TooMany",
    "open_store",
]
