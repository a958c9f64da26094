"""SCH013."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import ObjectValidator
from convexity.values.validators import flatten

from convexity_compiler.link.declared_types import objects_inside
from convexity_compiler.link.generated_types import marker_name
from convexity_compiler.link.platform import SYSTEM_TABLES
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.type_names import Place, pascal_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, LinkedTable, Location

_TAKEN: Final = frozenset(
    {"Id"} | {f"{marker_name(table)}{suffix}" for table in SYSTEM_TABLES for suffix in ("", "Doc")}
)
"""Names of `_generated.data_model` that convexity itself needs."""
_SUFFIXES: Final = ("Fields", "Patch", "Doc")


class GeneratedNameClash(Rule):
    """Two tables, or a table and convexity, would give a generated type the same name.

    ## What it does

    Compares the names of the types that follow from the tables and their indexes: `Users`,
    `UsersDoc`, `UsersFields`, `UsersPatch` and those of nested objects and members of unions, and
    the stages of queries in `_generated.server`.

    ## Why is this bad?

    The types cannot be generated.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        chat_rooms=define_table(name=v.string()),
        chatRooms=define_table(name=v.string()),
        ChatRooms=define_table(name=v.string()),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        chat_rooms=define_table(name=v.string()),
        archived_rooms=define_table(name=v.string()),
    )
    ```

    ## References

    - [The language, *Names of generated
      types*](../reference/language.md#3-names-of-generated-types).
    """

    name = "generated-name-clash"
    code = "SCH013"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Collect the names of all types, each with what it stands for."""
        meanings: dict[str, tuple[str, object, Location | None]] = {
            name: (f"`{name}` of convexity", None, None) for name in _TAKEN
        }
        for table in project.tables:
            reported = False
            for name, meaning, key, location in (*_types(table), *_stages(table)):
                known = meanings.setdefault(name, (meaning, key, location))
                if (known[0], known[1]) == (meaning, key) or reported:
                    continue
                reported = True
                yield self.finding(
                    project,
                    location,
                    f"the type `{name}` would stand for both {known[0]} and {meaning}",
                    help="rename one of them",
                    labels=(label_at(project, known[2], "the other"),) if known[2] else (),
                )


def _types(table: LinkedTable) -> Iterator[tuple[str, str, object, Location]]:
    """Yield name, meaning, identity and place of the types of a table's documents."""
    place = Place(marker_name(table.name), table.name)
    whole = (f"table `{table.name}`", table.name, table.name_location)
    for suffix in ("", *_SUFFIXES):
        yield f"{place.name}{suffix}", *whole
    validator = table.document.validator
    members = flatten(validator) if validator is not None else ()
    for member, member_place in zip(members, place.members(members), strict=True):
        if not isinstance(member, ObjectValidator):
            continue
        if member_place is not place:
            for suffix in _SUFFIXES:
                yield f"{member_place.name}{suffix}", *whole
        for name, shape in objects_inside(member, member_place, {}):
            yield name, f"an object in table `{table.name}`", shape, table.name_location


def _stages(table: LinkedTable) -> Iterator[tuple[str, str, object, Location]]:
    """Yield the same for the classes of its queries, which have a module of their own."""
    marker = marker_name(table.name)
    prefix = "_generated.server."
    yield f"{prefix}{marker}Query", f"queries of table `{table.name}`", None, table.name_location
    for index in table.indexes:
        meaning = f"index `{index.name}` of table `{table.name}`"
        yield f"{prefix}{marker}{pascal_case(index.name)}", meaning, None, index.name_location
