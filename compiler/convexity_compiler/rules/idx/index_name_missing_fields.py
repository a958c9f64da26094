"""IDX001."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.writing.index_renames import rename_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class IndexNameMissingFields(Rule):
    """The name of an index does not name its fields.

    ## What it does

    Compares an index's name with its fields, in order and without regard to case and underscores. A
    trailing `Id` may be left out, and the path to a nested field: `by_channel` on `channelId` is
    fine, and so is `by_city` on `address.city`.

    ## Why is this bad?

    At the place of a query, the name is all that tells which fields the range takes and in which
    order.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(channel=v.string(), author=v.string()).index(
            "by_channel", ["channel", "author"]
        ),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(channel=v.string(), author=v.string()).index(
            "by_channel_and_author", ["channel", "author"]
        ),
    )
    ```

    ## Fix safety

    The fix renames the index, in the schema and in every query, also through constants. It is
    unsafe: the backend builds the index anew.

    ## References

    - Convex guidelines, *Schema guidelines*: "Always include all index fields in the index name";
      their chat sample has `by_channel` on `channelId`.
    """

    name = "index-name-missing-fields"
    code = "IDX001"
    category = "style"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at all database indexes."""
        for table in project.tables:
            for index in table.indexes:
                fields = tuple(field for field in index.fields if not field.startswith("_"))
                missing = _missing_fields(index.name, fields)
                if index.kind != "index" or not missing:
                    continue
                name = _expected_name(fields)
                listed = " and ".join(f"`{field}`" for field in missing)
                yield self.finding(
                    project,
                    index.name_location,
                    f"index `{index.name}` does not name its field{'s'[: len(missing) > 1]}"
                    f" {listed}",
                    help=f"call it `{name}`, here and in queries",
                    fix=rename_index(project, table, index, name),
                )


def _missing_fields(name: str, fields: tuple[str, ...]) -> list[str]:
    """Return the fields that do not occur in the name, in the order of the index."""
    rest = _normalised(name)
    missing = []
    for field in fields:
        last = field.rpartition(".")[2]
        for spelling in (field, _without_id(field), last, _without_id(last)):
            normalised = _normalised(spelling)
            position = rest.find(normalised)
            if position != -1:
                rest = rest[position + len(normalised) :]
                break
        else:
            missing.append(field)
    return missing


def _expected_name(fields: tuple[str, ...]) -> str:
    return "by_" + "_and_".join(field.replace(".", "_") for field in fields)


def _without_id(field: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(_ids?|Ids?|ID)$", "", field)


def _normalised(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
