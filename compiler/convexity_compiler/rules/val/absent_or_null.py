"""VAL012."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import OptionalValidator
from convexity.values.validators import flatten

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class AbsentOrNull(Rule):
    """A field may be absent, and may be null.

    ## What it does

    Finds `v.optional(...)` of something that lets null through. As all rules of severity `info`, it
    runs only when it is selected, or in the profile `all`.

    ## Why is this bad?

    There are two ways to say that nothing is there, and `document.get(...)` shows both as None.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["absent-or-null"]

    # convex/messages.py
    @query(args={"value": v.optional(v.nullable(v.string()))}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["absent-or-null"]

    # convex/messages.py
    @query(args={"value": v.optional(v.string())}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## References

    - [The language, *Absent, null, default*](../reference/language.md#absent-null-default).
    """

    name = "absent-or-null"
    code = "VAL012"
    category = "pedantic"
    severity = "info"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every optional field."""
        for use in project.validator_uses:
            validator = use.validator
            if use.name != "optional" or not isinstance(validator, OptionalValidator):
                continue
            if any(member.kind == "null" for member in flatten(validator.inner)):
                yield self.finding(
                    project,
                    use.location,
                    "this may be absent, and it may be null",
                    help="choose one; arguments tell them apart with `UNSET`",
                )
