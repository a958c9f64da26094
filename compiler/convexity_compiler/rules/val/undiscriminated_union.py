"""VAL011."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from convexity.values import LiteralValidator, ObjectValidator, UnionValidator, Validator
from convexity.values.validators import flatten

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UndiscriminatedUnion(Rule):
    """The members of a union of objects have nothing that tells them apart.

    ## What it does

    Finds unions of two and more objects without a field that is a different `v.literal(...)` in
    each of them. As all rules of severity `info`, it runs only when it is selected, or in the
    profile `all`.

    ## Why is this bad?

    A reader of the value, and a type checker, has to guess which member it is.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["undiscriminated-union"]

    # convex/messages.py
    either = v.union(v.object({"a": v.string()}), v.object({"b": v.string()}))


    @query(args={"value": either}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["undiscriminated-union"]

    # convex/messages.py
    @query(args={"value": v.union(
        v.object({"kind": v.literal("a"), "a": v.string()}),
        v.object({"kind": v.literal("b"), "b": v.string()}),
    )}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## References

    - Convex guidelines, *Validators*: the sample of a discriminated union.
    """

    name = "undiscriminated-union"
    code = "VAL011"
    category = "style"
    severity = "info"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every union."""
        for use in project.validator_uses:
            if use.name != "union" or not isinstance(use.validator, UnionValidator):
                continue
            objects = [m for m in flatten(use.validator) if isinstance(m, ObjectValidator)]
            if len(objects) > 1 and not any(
                _discriminates([entry.fields.get(name) for entry in objects])
                for name in objects[0].fields
            ):
                yield self.finding(
                    project,
                    use.location,
                    "nothing tells the objects of this union apart",
                    help='give each a literal of its own: `kind=v.literal("...")`',
                )


def _discriminates(fields: Sequence[Validator | None]) -> bool:
    """Whether a field has literals in all members, and no value in two of them."""
    seen: set[tuple[type, object]] = set()
    for field in fields:
        options = () if field is None else flatten(field)
        values = {
            (type(option.value), option.value)
            for option in options
            if isinstance(option, LiteralValidator)
        }
        if not values or len(values) < len(options) or values & seen:
            return False
        seen |= values
    return True
