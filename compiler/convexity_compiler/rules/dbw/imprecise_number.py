"""DBW013."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ObjectValidator
from convexity.values.numbers import is_exact
from convexity.values.validators import required

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.documents import written_documents
from convexity_compiler.summary.expressions import Constant, Unary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.expressions import Expr


class ImpreciseNumber(Rule):
    """A whole number is too large for a field of numbers.

    ## What it does

    Finds literals beyond 2**53 that no float is exactly, in fields of a table that are
    `v.number()`.

    ## Why is this bad?

    Numbers are floats, which cannot hold it. The write is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        files=define_table(size=v.number()),
    )


    # convex/files.py
    @mutation(args={}, returns=v.null())
    async def add(ctx: MutationCtx) -> None:
        await ctx.db.insert("files", {"size": 9007199254740993})
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        files=define_table(size=v.int64()),
    )


    # convex/files.py
    @mutation(args={}, returns=v.null())
    async def add(ctx: MutationCtx) -> None:
        await ctx.db.insert("files", {"size": 9007199254740993})
    ```

    ## References

    - `crates/value/src/numeric.rs` of get-convex/convex-backend: numbers are float64.
    """

    name = "imprecise-number"
    code = "DBW013"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the documents that are literals."""
        for document in written_documents(project):
            validator = document.table.document.validator if document.table else None
            fields = validator.fields if isinstance(validator, ObjectValidator) else {}
            for item in document.literal.items:
                name = item.key.value if isinstance(item.key, Constant) else None
                field = fields.get(name) if isinstance(name, str) else None
                value = _integer(item.value)
                if field is None or required(field).kind != "number" or value is None:
                    continue
                yield self.finding(
                    project,
                    Location(document.module, item.value.span),
                    f"no number is exactly {value}",
                    help=f"let `{name!s}` be `v.int64()`, or a string",
                )


def _integer(expression: Expr) -> int | None:
    """The integer that a literal stands for, if no float is exactly that."""
    sign = 1
    if isinstance(expression, Unary) and expression.operator == "-":
        sign, expression = -1, expression.operand
    value = expression.value if isinstance(expression, Constant) else None
    if not isinstance(value, int) or is_exact(value):
        return None
    return sign * value
