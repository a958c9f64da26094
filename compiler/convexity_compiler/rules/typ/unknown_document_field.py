"""TYP009."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link import types as t
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.local_types import local_types, present
from convexity_compiler.rules.usage.tables import listed
from convexity_compiler.span import Span
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.local_types import LocalTypes
    from convexity_compiler.rules.usage.places import Place
    from convexity_compiler.summary.node import Node

_METHODS = frozenset({"get", "pop", "setdefault"})
"""Methods of a dict that take a key first."""
_ATTRIBUTES = frozenset(dir(dict))
"""What every dict has behind a dot."""


class UnknownDocumentField(Rule):
    """A function reads a field that documents of the table do not have.

    ## What it does

    Compares `document["field"]` and `document.get("field")` with the table, wherever it is known
    what a name holds: documents that were read, elements of what was collected, arguments and
    results that are objects, and parameters with an annotation. Of a union one member that has the
    field is enough. It also finds `document.field`: documents and objects are dicts.

    ## Why is this bad?

    `document["nmae"]` raises KeyError when the function is called, `.get("nmae")` is always None,
    and `document.name` raises AttributeError.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(users=define_table(name=v.string()))


    # convex/users.py
    @query(args={}, returns=v.array(v.string()))
    async def names(ctx: QueryCtx) -> list[str]:
        return [user["nmae"] for user in await ctx.db.query("users").take(10)]
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(users=define_table(name=v.string()))


    # convex/users.py
    @query(args={}, returns=v.array(v.string()))
    async def names(ctx: QueryCtx) -> list[str]:
        return [user["name"] for user in await ctx.db.query("users").take(10)]
    ```

    ## Fix safety

    The fix of `document.field` writes `document["field"]` where there is such a field, and is safe.
    The other writes the nearest name of a field. It is unsafe: another field may be meant.

    ## References

    - Convex guidelines, *Typescript guidelines*: types of documents come from the schema.
    """

    name = "unknown-document-field"
    code = "TYP009"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every access with a literal key, and at every attribute of a dict."""
        for use in functions(project):
            types = local_types(use)
            yield from self._attributes(project, use, types)
            candidates = (*use.nodes_of(e.Subscript), *(place.node for place in use.calls))
            accesses = [access for node in candidates if (access := _access(node))]
            added = _added_keys(use) if accesses else set()
            for value, key in accesses:
                objects = _objects(types, value)
                if objects is None or key.value in added or _has(objects, str(key.value)):
                    continue
                fields = _described(objects)
                nearest = next(iter(difflib.get_close_matches(str(key.value), fields[1], n=1)), "")
                edit = replace_text(project, use.module, key.span, f'"{nearest}"')
                yield self.finding(
                    project,
                    Location(use.module, key.span),
                    f"{fields[0]} has no field `{key.value!s}`",
                    label=f"did you mean `{nearest}`?" if nearest else "",
                    help=f"its fields are {listed(fields[1])}",
                    fix=Fix(title=f'use "{nearest}"', applicability="unsafe", edits=(edit,))
                    if nearest
                    else None,
                )

    def _attributes(
        self, project: LinkedProject, use: FunctionUse, types: LocalTypes
    ) -> Iterator[Diagnostic]:
        for place in use.attributes:
            node = place.node
            if not isinstance(node, e.Attribute) or node.name in _ATTRIBUTES:
                continue
            objects = _objects(types, node.value)
            if objects is None:
                continue
            fields = _described(objects)
            owner = node.value.id if isinstance(node.value, e.Name) else "..."
            fix = _subscript(project, use.module, place, node) if node.name in fields[1] else None
            yield self.finding(
                project,
                Location(use.module, node.name_span),
                f"{fields[0]} is a dict, and has no attribute `{node.name}`",
                help=f'write `{owner}["{node.name}"]`'
                if fix
                else f"its fields are {listed(fields[1])}",
                fix=fix,
            )


def _subscript(project: LinkedProject, module: str, place: Place, node: e.Attribute) -> Fix | None:
    """Return the fix of an attribute that is a field; None where it is called or split."""
    line, column, *end = node.name_span
    dot = Span(line, column - 1, *end)
    is_called = isinstance(place.parent, e.Call) and place.parent.function is node
    if is_called or not project.text_of(Location(module, dot)).startswith("."):
        return None
    text = f'["{node.name}"]'
    edit = replace_text(project, module, dot, text)
    return Fix(title=f"use `{text}`", applicability="safe", edits=(edit,))


def _access(node: Node) -> tuple[e.Expr, e.Constant] | None:
    match node:
        case e.Subscript(value=value, index=e.Constant(value=str()) as key):
            return value, key
        case e.Call(
            function=e.Attribute(value=value, name=name), arguments=(e.Constant() as key, *_)
        ) if name in _METHODS and isinstance(key.value, str):
            return value, key
        case _:
            return None


def _added_keys(use: FunctionUse) -> set[str]:
    """Keys that the function itself writes."""
    return {
        target.index.value
        for node in use.nodes_of(s.Assign)
        for target in node.targets
        if isinstance(target, e.Subscript)
        and isinstance(target.index, e.Constant)
        and isinstance(target.index.value, str)
    }


def _objects(types: LocalTypes, expression: e.Expr) -> list[t.TypedDictType] | None:
    """The objects that an expression may be; None unless all are known."""
    model = types.of(expression)
    members = present(model) if model is not None else []
    objects = [member for member in members if isinstance(member, t.TypedDictType)]
    return objects if objects and len(objects) == len(members) else None


def _has(objects: list[t.TypedDictType], name: str) -> bool:
    return any(field.name == name for member in objects for field in member.fields)


def _described(objects: list[t.TypedDictType]) -> tuple[str, list[str]]:
    """Name and fields of objects."""
    fields = dict.fromkeys(field.name for member in objects for field in member.fields)
    names = " | ".join(t.type_text(member) for member in objects)
    return "the object" if "object" in names else f"`{names}`", list(fields)
