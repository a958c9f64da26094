"""What the parts of a context offer, and how it is called (language.md section 4).

The compiler does not import the runtime; a test compares these tables with its classes.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

ANY: Final = None
"""Any keywords, or any number of arguments."""


class Shape(NamedTuple):
    """How a method is called."""

    least: int
    """Number of positional arguments that it needs."""
    most: int | None
    """Number of positional arguments that it takes; None for any number."""
    form: str
    """A right call, for the reader."""
    keywords: frozenset[str] | None = frozenset()
    """Keyword arguments that it takes; None for any."""
    note: str = ""
    """What else to change, for who calls it otherwise: the end of a sentence."""


_READS: Final = {
    "get": Shape(1, 1, "ctx.db.get(document_id)"),
    "normalize_id": Shape(2, 2, 'ctx.db.normalize_id("table", text)'),
    "query": Shape(1, 1, 'ctx.db.query("table")'),
}
_RUN: Final = "ctx.{}(api.module.function, name=value)"
_RUNS: Final = {
    name: Shape(1, ANY, _RUN.format(name), ANY)
    for name in ("run_query", "run_mutation", "run_action")
}
_QUERY: Final = "query"
_BOUND: Final = '.with_index("name").{}("field", value)'

QUERY_PATH: Final = (_QUERY,)
"""Key of the methods of queries."""
METHODS: Final[dict[tuple[str, ...], dict[str, Shape]]] = {
    ("db",): {
        **_READS,
        "get_many": Shape(1, 1, "ctx.db.get_many(document_ids)"),
        "insert": Shape(2, 2, 'ctx.db.insert("table", {"field": value})'),
        "patch": Shape(2, 2, 'ctx.db.patch(document_id, {"field": value})'),
        "replace": Shape(2, 2, 'ctx.db.replace(document_id, {"field": value})'),
        "delete": Shape(1, 1, "ctx.db.delete(document_id)"),
    },
    ("db", "system"): {
        name: shape._replace(form=shape.form.replace("ctx.db", "ctx.db.system"))
        for name, shape in _READS.items()
    },
    ("scheduler",): {
        "run_after": Shape(
            2,
            ANY,
            "ctx.scheduler.run_after(timedelta(...), internal.module.function, name=value)",
            ANY,
        ),
        "run_at": Shape(
            2, ANY, "ctx.scheduler.run_at(when, internal.module.function, name=value)", ANY
        ),
        "cancel": Shape(1, 1, "ctx.scheduler.cancel(scheduled_id)"),
    },
    ("auth",): {"get_user_identity": Shape(0, 0, "ctx.auth.get_user_identity()")},
    ("storage",): {
        "get_url": Shape(1, 1, "ctx.storage.get_url(storage_id)"),
        "generate_upload_url": Shape(0, 0, "ctx.storage.generate_upload_url()"),
        "delete": Shape(1, 1, "ctx.storage.delete(storage_id)"),
        "store": Shape(
            1, 1, "ctx.storage.store(data, content_type=...)", frozenset({"content_type", "sha256"})
        ),
        "get": Shape(1, 1, "ctx.storage.get(storage_id)"),
    },
    ("meta",): {
        name: Shape(0, 0, f"ctx.meta.{name}()")
        for name in ("get_transaction_metrics", "get_function_metadata", "get_request_metadata")
    },
    ("options",): _RUNS,
    QUERY_PATH: {
        "with_index": Shape(1, 1, '.with_index("name").eq("field", value)'),
        "with_search_index": Shape(1, 1, '.with_search_index("name").search("field", text)'),
        "search": Shape(2, 2, '.with_search_index("name").search("field", text)'),
        **{name: Shape(2, 2, _BOUND.format(name)) for name in ("eq", "gt", "gte", "lt", "lte")},
        "order": Shape(1, 1, '.order("desc")'),
        "filter": Shape(1, 1, ".filter(lambda q: ...)"),
        "collect": Shape(0, 0, ".collect()"),
        "first": Shape(0, 0, ".first()"),
        "take": Shape(1, 1, ".take(10)"),
        "unique": Shape(0, 0, ".unique()"),
        "paginate": Shape(
            1,
            1,
            ".paginate(paginationOpts)",
            note=", and let the function take `paginationOpts: PaginationOptions`, in `args` "
            "`pagination_opts_validator`: size and cursor of the page are in it",
        ),
    },
}
"""Methods by the path of the part; those that only some kinds of contexts have are among them."""
OTHERS: Final[dict[tuple[str, ...], frozenset[str]]] = {("db",): frozenset({"system"})}
"""Attributes that are no methods."""

IDENTITY_KEYS: Final = frozenset(
    {"tokenIdentifier", "subject", "issuer", "name", "givenName", "familyName", "nickname"}
    | {"preferredUsername", "profileUrl", "pictureUrl", "websiteUrl", "email", "emailVerified"}
    | {"gender", "birthday", "timezone", "language", "phoneNumber", "phoneNumberVerified"}
    | {"address", "updatedAt"}
)
"""Keys of ``UserIdentity``."""


@cache
def members(path: tuple[str, ...]) -> frozenset[str]:
    """Return all attributes of a part; none for what is not in the tables."""
    return frozenset(METHODS.get(path, ())) | OTHERS.get(path, frozenset())


def snake_case(name: str) -> str:
    """Return the Python spelling of a name of TypeScript."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()
