"""TYP010."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link import types as t
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.local_types import local_types, present
from convexity_compiler.span import Span
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.local_types import LocalTypes


class OptionalFieldSubscript(Rule):
    """A field that may be absent is read as if it were there.

    ## What it does

    Finds `document["field"]` for fields that are optional in the table, or in another object whose
    type is known. Where the function asks for the field in another way, with `in` or `.get(...)`,
    sets it itself, or catches exceptions, it says nothing.

    ## Why is this bad?

    Documents without the field raise KeyError, and type checkers do not see it.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string(), age=v.optional(v.number())),
    )


    # convex/users.py
    @query(args={}, returns=v.array(v.nullable(v.number())))
    async def ages(ctx: QueryCtx) -> list[float | None]:
        return [user["age"] for user in await ctx.db.query("users").take(10)]
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string(), age=v.optional(v.number())),
    )


    # convex/users.py
    @query(args={}, returns=v.array(v.nullable(v.number())))
    async def ages(ctx: QueryCtx) -> list[float | None]:
        return [user.get("age") for user in await ctx.db.query("users").take(10)]
    ```

    ## Fix safety

    The fix writes `.get(...)`. It is unsafe: what follows then has to do with None.

    ## References

    - [The language, *Absent, null, default*](../reference/language.md#absent-null-default).
    """

    name = "optional-field-subscript"
    code = "TYP010"
    category = "suspicious"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every field that is read."""
        for use in functions(project):
            types = local_types(use)
            found = [
                node
                for node in use.nodes_of(e.Subscript)
                if isinstance(node.index, e.Constant) and isinstance(node.index.value, str)
            ]
            if not found or any(node.handlers for node in use.nodes_of(s.Try)):
                continue
            asked = _asked(use)
            for node in found:
                name = str(node.index.value) if isinstance(node.index, e.Constant) else ""
                if name in asked or not _may_be_absent(types, node.value, name):
                    continue
                span = Span(*node.value.span[2:], *node.span[2:])
                is_plain = project.text_of(Location(use.module, span)) == f'["{name}"]'
                edit = replace_text(project, use.module, span, f'.get("{name}")')
                yield self.finding(
                    project,
                    Location(use.module, node.index.span),
                    f"`{name}` may be absent",
                    help=f'read it with `.get("{name}")`, or test `"{name}" in ...` first',
                    fix=Fix(title=f'use `.get("{name}")`', applicability="unsafe", edits=(edit,))
                    if is_plain
                    else None,
                )


def _asked(use: FunctionUse) -> set[str]:
    """Fields for which the function is prepared, in one way or another."""
    found: set[str] = set()
    for node in use.nodes:
        match node:
            case e.Compare(left=e.Constant(value=str(name)), operators=("in" | "not in", *_)):
                found.add(name)
            case e.Call(
                function=e.Attribute(name="get" | "pop" | "setdefault"),
                arguments=(e.Constant(value=str(name)), *_),
            ):
                found.add(name)
            case s.Assign(targets=targets) | s.Delete(targets=targets):
                for target in targets:
                    index = target.index if isinstance(target, e.Subscript) else None
                    if isinstance(index, e.Constant) and isinstance(index.value, str):
                        found.add(index.value)
            case _:
                pass
    return found


def _may_be_absent(types: LocalTypes, owner: e.Expr, name: str) -> bool:
    """Whether a field is optional in every object that an expression may be."""
    model = types.of(owner)
    members = present(model) if model is not None else []
    fields = [
        next((field for field in member.fields if field.name == name), None)
        if isinstance(member, t.TypedDictType)
        else None
        for member in members
    ]
    return bool(fields) and all(field is not None and not field.required for field in fields)
