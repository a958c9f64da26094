"""CTX008."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.capabilities import ATTRIBUTES
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.tables import listed, nearest_name
from convexity_compiler.rules.usage.values import Handle
from convexity_compiler.summary.expressions import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_ALL: Final = frozenset().union(*ATTRIBUTES.values())


class UnknownCtxAttribute(Rule):
    """A context is asked for something that no context has.

    ## What it does

    Compares the attributes of `ctx` with what contexts offer. What another kind of function has is
    left to the rules about it: `db-in-action`, `scheduler-in-query`, `run-not-allowed`,
    `vector-search-outside-action`.

    ## Why is this bad?

    The access fails with an `AttributeError`.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.runQuery(internal.messages.load)
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.run_query(internal.messages.load)
    ```

    ## Fix safety

    The fix writes the nearest name of an attribute. It is unsafe: another one may be meant.

    ## References

    - [The language, section 4](../reference/language.md#4-public-names):
      `QueryCtx`, `MutationCtx` and `ActionCtx`.
    """

    name = "unknown-ctx-attribute"
    code = "CTX008"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the attributes of every context whose kind is known."""
        for use in functions(project):
            for place in use.places:
                if not isinstance(place.node, Attribute) or place.node.name in _ALL:
                    continue
                name = place.node.name
                owner = use.scope.value(place.node.value)
                if (
                    not isinstance(owner, Handle)
                    or owner.path
                    or not owner.kinds
                    or name.startswith("_")
                ):
                    continue
                known = frozenset().union(*(ATTRIBUTES[kind] for kind in owner.kinds))
                words = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()
                nearest = nearest_name(words, sorted(known))
                yield self.finding(
                    project,
                    Location(use.module, place.node.name_span),
                    f"the context has no attribute `{name}`",
                    label=f"did you mean `{nearest}`?" if nearest else "",
                    help=f"it has {listed(sorted(known))}",
                    fix=_fix(project, use.module, place.node, nearest) if nearest else None,
                )


def _fix(project: LinkedProject, module: str, attribute: Attribute, name: str) -> Fix:
    edit = replace_text(project, module, attribute.name_span, name)
    return Fix(title=f"use `{name}`", applicability="unsafe", edits=(edit,))
