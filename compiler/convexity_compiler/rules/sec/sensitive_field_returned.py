"""SEC009."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from convexity.values import (
    ArrayValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
    UnionValidator,
)

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_SENSITIVE: Final = re.compile(
    r"^(password|passwd|pwd|private_?key|salt)$|(password|passwd)_?hash$|^hashed_?password$"
    r"|^(two_?factor|totp|mfa)_?secret$",
    re.IGNORECASE,
)


class SensitiveFieldReturned(Rule):
    """A public function returns what nobody may see.

    ## What it does

    Finds fields such as `password`, `passwordHash`, `salt` and `privateKey` in the `returns` of
    public functions, at any depth; documents of the schema count with all their fields.

    ## Why is this bad?

    Anyone on the internet can call the function. Even a hash is enough to guess a password at
    leisure.

    ## Example

    ```python
    @query(args={}, returns=v.array(v.object(name=v.string(), passwordHash=v.string())))
    async def users(ctx: QueryCtx) -> Any:
        return await ctx.db.query("users").take(10)
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.array(v.object(name=v.string())))
    async def users(ctx: QueryCtx) -> Any:
        return [{"name": user["name"]} for user in await ctx.db.query("users").take(10)]
    ```

    ## References

    - OWASP API Security, *Broken object property level authorization*.
    """

    name = "sensitive-field-returned"
    code = "SEC009"
    category = "security"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the results of public functions."""
        for function in project.functions:
            if function.visibility != "public" or function.returns is None:
                continue
            found = dict.fromkeys(
                name for name in _fields(function.returns.validator) if _SENSITIVE.search(name)
            )
            for name in found:
                yield self.finding(
                    project,
                    function.returns.location,
                    f"`{function.name}` returns the field `{name}` to anyone",
                    help="leave the field out of `returns`, and of what is returned:"
                    f' `.omit("{name}")`',
                )


def _fields(validator: Validator | None) -> Iterator[str]:
    match validator:
        case ObjectValidator(fields=fields):
            for name, inner in fields.items():
                yield name
                yield from _fields(inner)
        case ArrayValidator(element=inner) | OptionalValidator(inner=inner):
            yield from _fields(inner)
        case RecordValidator(value=inner):
            yield from _fields(inner)
        case UnionValidator(members=members):
            for member in members:
                yield from _fields(member)
        case _:
            pass
