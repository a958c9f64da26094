"""SEC006."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.results import awaited_call
from convexity_compiler.rules.walk import nodes
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse

_FIELD: Final = "subject"
_INSTEAD: Final = "tokenIdentifier"


class SubjectAsIdentity(Rule):
    """A user is told apart by the subject of the token alone.

    ## What it does

    Finds `identity["subject"]` and `identity.get("subject")` of what `ctx.auth.get_user_identity()`
    returns, in projects whose auth_config.py names several providers.

    ## Why is this bad?

    The subject is unique for one issuer: with a second one, two users may have the same, and one
    gets the data of the other. `tokenIdentifier` holds issuer and subject.

    ## Example

    ```python
    # convex/auth_config.py
    from convexity.server import define_auth, oidc_provider

    auth = define_auth(
        oidc_provider(domain="login.example.com", application_id="app"),
        oidc_provider(domain="partner.example.com", application_id="app"),
    )


    # convex/users.py
    @query(args={}, returns=v.nullable(v.string()))
    async def me(ctx: QueryCtx) -> str | None:
        identity = await ctx.auth.get_user_identity()
        return None if identity is None else identity["subject"]
    ```

    ## Use instead

    ```python
    # convex/auth_config.py
    from convexity.server import define_auth, oidc_provider

    auth = define_auth(
        oidc_provider(domain="login.example.com", application_id="app"),
        oidc_provider(domain="partner.example.com", application_id="app"),
    )


    # convex/users.py
    @query(args={}, returns=v.nullable(v.string()))
    async def me(ctx: QueryCtx) -> str | None:
        identity = await ctx.auth.get_user_identity()
        return None if identity is None else identity["tokenIdentifier"]
    ```

    ## Fix safety

    The fix reads `tokenIdentifier`, and is unsafe: what is stored already has to follow.

    ## References

    - Convex docs, *Auth in functions*: `tokenIdentifier` is unique across providers.
    """

    name = "subject-as-identity"
    code = "SEC006"
    words = frozenset({"get_user_identity"})
    category = "security"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what is read of identities."""
        if project.auth is None or project.auth.providers < 2:
            return
        for use in functions(project):
            calls = {
                id(site.call)
                for site in use.context_calls
                if site.owner.path == ("auth",) and site.method.name == "get_user_identity"
            }
            if not calls:
                continue
            for node in nodes(use.function):
                key = _key(node, use, calls)
                if key is not None:
                    edit = replace_text(project, use.module, key.span, f'"{_INSTEAD}"')
                    yield self.finding(
                        project,
                        Location(use.module, key.span),
                        "the subject is unique for one issuer only",
                        help=f"tell users apart by `{_INSTEAD}`",
                        fix=Fix(title=f"use `{_INSTEAD}`", applicability="unsafe", edits=(edit,)),
                    )


def _key(node: object, use: FunctionUse, calls: set[int]) -> e.Expr | None:
    match node:
        case e.Subscript(value=owner, index=e.Constant(value=field) as key):
            pass
        case e.Call(
            function=e.Attribute(value=owner, name="get"),
            arguments=(e.Constant(value=field) as key, *_),
        ):
            pass
        case _:
            return None
    if field != _FIELD:
        return None
    return key if id(awaited_call(use, owner)) in calls else None
