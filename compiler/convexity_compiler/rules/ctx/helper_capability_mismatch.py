"""CTX011."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.context_needs import needs_of_call
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.mentions import mentions
from convexity_compiler.rules.usage.values import Handle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.context_needs import Need
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.mentions import ProjectCall
    from convexity_compiler.rules.usage.values import ContextKind
    from convexity_compiler.summary.expressions import Expr


class HelperCapabilityMismatch(Rule):
    """A helper gets a context that lacks what it needs.

    ## What it does

    Compares the context that is passed to a helper with what the helper takes: its annotation, or,
    where it has none, what it and the helpers behind it use. A `MutationCtx` is a `QueryCtx`; an
    `ActionCtx` is neither.

    ## Why is this bad?

    The helper fails when it gets there: a query has no `insert`, an action no `db`.

    ## Example

    ```python
    async def touch(ctx, name):
        await ctx.db.insert("visits", {"name": name})


    @query(args={"name": v.string()}, returns=v.string())
    async def greet(ctx: QueryCtx, name: str) -> str:
        await touch(ctx, name)
        return f"Hello {name}"
    ```

    ## Use instead

    ```python
    async def touch(ctx: MutationCtx, name: str) -> None:
        await ctx.db.insert("visits", {"name": name})


    @mutation(args={"name": v.string()}, returns=v.string())
    async def greet(ctx: MutationCtx, name: str) -> str:
        await touch(ctx, name)
        return f"Hello {name}"
    ```

    ## References

    - [The language, *Contexts*](../reference/language.md#contexts): helpers take `QueryCtx` and
      accept a `MutationCtx`; `ActionCtx` is separate.
    """

    name = "helper-capability-mismatch"
    code = "CTX011"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the calls of helpers that get a context."""
        for use in functions(project):
            for call in mentions(project, use).calls:
                if call.call is None or project.handler(call.module, call.name) is not None:
                    continue
                arguments = (*call.call.arguments, *(entry.value for entry in call.call.keywords))
                for argument in arguments:
                    yield from self._argument(project, use, call, argument)

    def _argument(
        self, project: LinkedProject, use: FunctionUse, call: ProjectCall, argument: Expr
    ) -> Iterator[Diagnostic]:
        given = use.scope.value(argument)
        if not isinstance(given, Handle) or not given.kinds or given.path not in ((), ("db",)):
            return
        for need in needs_of_call(project, call, argument):
            if given.kinds.isdisjoint(need.kinds):
                yield self._mismatch(project, use, call, argument, given.kinds, need)
                return

    def _mismatch(
        self,
        project: LinkedProject,
        use: FunctionUse,
        call: ProjectCall,
        argument: Expr,
        given: frozenset[ContextKind],
        need: Need,
    ) -> Diagnostic:
        return self.finding(
            project,
            Location(use.module, argument.span),
            f"`{call.name}` needs the context of {_listed(need.kinds)},"
            f" and gets that of {_listed(given)}",
            help="call it where that context is: from actions through `ctx.run_query` and"
            " `ctx.run_mutation`"
            if "action" in given
            else "make this a mutation"
            if need.kinds == {"mutation"}
            else "call it from an action",
            labels=(
                *(label_at(project, place, "passed on here") for place in need.through),
                label_at(project, need.location, need.what),
            ),
        )


def _listed(kinds: frozenset[ContextKind]) -> str:
    return " or ".join(
        f"an {kind}" if kind == "action" else f"a {kind}" for kind in sorted(kinds, reverse=True)
    )
