"""CTX017."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.ctx_members import IDENTITY_KEYS, snake_case
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.results import awaited_call
from convexity_compiler.span import Span
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.node import Node

_TWINS: Final = {snake_case(key): key for key in IDENTITY_KEYS}


class UnknownIdentityKey(Rule):
    """An identity is read by attribute, or by a key that is spelled as in Python.

    ## What it does

    Looks at what is read of the result of `ctx.auth.get_user_identity()`: fields as attributes, and
    keys such as `token_identifier`. Claims of the provider's own are left alone.

    ## Why is this bad?

    An identity is a dict with the keys of Convex: the attribute fails, and the key is never there.

    ## Example

    ```python
    @query(args={}, returns=v.nullable(v.string()))
    async def me(ctx: QueryCtx) -> str | None:
        identity = await ctx.auth.get_user_identity()
        return None if identity is None else identity["token_identifier"]
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.nullable(v.string()))
    async def me(ctx: QueryCtx) -> str | None:
        identity = await ctx.auth.get_user_identity()
        return None if identity is None else identity["tokenIdentifier"]
    ```

    ## Fix safety

    The fix writes the key, and is safe.

    ## References

    - [The language, section 4](../reference/language.md#4-public-names): `UserIdentity`.
    """

    name = "unknown-identity-key"
    code = "CTX017"
    words = frozenset({"get_user_identity"})
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what is read of identities."""
        for use in functions(project):
            calls = {
                id(site.written)
                for site in use.context_calls
                if site.owner.path == ("auth",) and site.method.name == "get_user_identity"
            }
            for node in use.nodes if calls else ():
                found = _wrong(node, use, calls)
                if found is not None:
                    span, key, text = found
                    edit = replace_text(project, use.module, span, text)
                    yield self.finding(
                        project,
                        Location(use.module, span),
                        "an identity is a dict with the keys of Convex",
                        label=f'write `identity["{key}"]`',
                        fix=Fix(title=f'use "{key}"', applicability="safe", edits=(edit,)),
                    )


def _wrong(node: Node, use: FunctionUse, calls: set[int]) -> tuple[Span, str, str] | None:
    """Return the place, the key that is meant, and what to write there."""
    match node:
        case e.Attribute(value=owner, name=name) if name in _TWINS or name in IDENTITY_KEYS:
            key = _TWINS.get(name, name)
            span, text = Span(*owner.span[2:], *node.span[2:]), f'["{key}"]'
        case (
            e.Subscript(value=owner, index=e.Constant(value=str(name)) as field)
            | e.Call(
                function=e.Attribute(value=owner, name="get"),
                arguments=(e.Constant(value=str(name)) as field, *_),
            )
        ) if name in _TWINS and name not in IDENTITY_KEYS:
            key = _TWINS[name]
            span, text = field.span, f'"{key}"'
        case _:
            return None
    return (span, key, text) if id(awaited_call(use, owner)) in calls else None
