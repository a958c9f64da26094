"""IDX015."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.idx.field_kinds import kinds_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


_SEARCHABLE: Final = frozenset({"string", "any", "opaque"})
"""Kinds of fields that may hold text."""


class SearchFieldNotString(Rule):
    """A search index is on a field that is no string.

    ## What it does

    Compares the search field of `.search_index(...)` with the fields of the table.

    ## Why is this bad?

    There is no text to search. The schema is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(size=v.number()).search_index("search_size", search_field="size"),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string()).search_index("search_text", search_field="text"),
    )
    ```

    ## References

    - Convex, *Full text search*: a search field is of type string.
    """

    name = "search-field-not-string"
    code = "IDX015"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at all search indexes."""
        for table in project.tables:
            for index in table.indexes:
                if index.kind != "search":
                    continue
                kinds = kinds_at(table.document.validator, index.fields[0])
                if kinds and not kinds & _SEARCHABLE:
                    yield self.finding(
                        project,
                        index.field_locations[0],
                        f"`{index.fields[0]}` is no string, and cannot be searched",
                        help="name a field that is `v.string()`",
                        labels=(label_at(project, table.name_location, "the table"),),
                    )
