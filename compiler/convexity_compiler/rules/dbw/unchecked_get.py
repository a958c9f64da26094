"""DBW010."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import Handle, Query
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.places import Place

_USES: Final = ("subscripted", "receiver")
"""What fails with None."""


class UncheckedGet(Rule):
    """A document that may not be there is used without a look.

    ## What it does

    Finds results of `ctx.db.get`, `first` and `unique` whose fields are read, in place or through a
    variable that nothing ever tests, passes on or returns.

    ## Why is this bad?

    The result is None where there is no document, and `None["name"]` raises TypeError.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string(), age=v.optional(v.number())),
    )


    # convex/users.py
    @query(args={"id": v.id("users")}, returns=v.string())
    async def name(ctx: QueryCtx, id: Id[Users]) -> str:
        user = await ctx.db.get(id)
        return user["name"]
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string(), age=v.optional(v.number())),
    )


    # convex/users.py
    @query(args={"id": v.id("users")}, returns=v.string())
    async def name(ctx: QueryCtx, id: Id[Users]) -> str:
        user = await ctx.db.get(id)
        if user is None:
            raise ConvexError("there is no such user")
        return user["name"]
    ```

    ## References

    - Convex guidelines, *Examples*: what `db.get` gives is tested, and `Channel not found` thrown.
    """

    name = "unchecked-get"
    code = "DBW010"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the results of reads."""
        for use in functions(project):
            results = [place for place in use.awaits if _is_result(use, place.node)]
            reported: set[str] = set()
            for place in results:
                if place.role in _USES:
                    yield self._found(project, use, place)
            held = _held(use, {id(place.node) for place in results})
            for place in use.names if held else ():
                name = place.node.id if isinstance(place.node, e.Name) else ""
                if name in held and name not in reported and place.role in _USES:
                    reported.add(name)
                    yield self._found(project, use, place)

    def _found(self, project: LinkedProject, use: FunctionUse, place: Place) -> Diagnostic:
        return self.finding(
            project,
            Location(use.module, place.node.span),
            "nothing has tested whether there is such a document",
            help="test it for None first: `if ... is None: raise ConvexError(...)`",
        )


def _is_result(use: FunctionUse, node: e.Expr) -> bool:
    """Whether an expression awaits one document."""
    if not isinstance(node, e.Await) or not isinstance(node.value, e.Call):
        return False
    method = node.value.function
    if not isinstance(method, e.Attribute):
        return False
    owner = use.scope.value(method.value)
    if isinstance(owner, Query):
        return method.name in ("first", "unique")
    return isinstance(owner, Handle) and owner.path[:1] == ("db",) and method.name == "get"


def _held(use: FunctionUse, results: set[int]) -> set[str]:
    """Names of variables that hold such a result and that are only ever taken apart."""
    names = {
        name for name, bound in use.bindings.items() if len(bound) == 1 and id(bound[0]) in results
    }
    for place in use.names if names else ():
        if isinstance(place.node, e.Name) and place.node.id in names:
            is_target = isinstance(place.parent, s.Assign) and place.node in place.parent.targets
            if place.role not in _USES and not is_target:
                names.discard(place.node.id)
    return names
