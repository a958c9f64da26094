"""CRN009."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.crn.delays import timedelta_call, whens
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.summary.expressions import Attribute, Binary, Constant, Name
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.expressions import Call, Expr

_UNITS: Final = ("days", "seconds")
"""The first two parameters of ``timedelta``, in order."""
_MILLISECONDS: Final = re.compile(r"(^|_)(ms|millis|milliseconds|msecs?)$|Ms$|Millis$", re.ASCII)


class SuspiciousDelayUnit(Rule):
    """A delay in seconds or longer is computed as milliseconds.

    ## What it does

    Finds `* 1000` and names that end in `_ms` or `_millis` in the days, hours, minutes or seconds
    of a `timedelta` that is given to `run_after`.

    ## Why is this bad?

    Convex counts in milliseconds, and habits stay: the function runs a thousand times later.

    ## Example

    ```python
    from datetime import timedelta


    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(timedelta(seconds=60 * 1000), internal.messages.tidy)
    ```

    ## Use instead

    ```python
    from datetime import timedelta


    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(timedelta(seconds=60), internal.messages.tidy)
    ```

    ## Fix safety

    The fix gives `seconds=` as `milliseconds=`. It is unsafe: the number may be meant as it is.

    ## References

    - [The language](../reference/language.md): milliseconds exist on the wire and in documents
      only.
    """

    name = "suspicious-delay-unit"
    code = "CRN009"
    words = frozenset({"run_after", "run_at"})
    category = "suspicious"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the delays that are written as ``timedelta``."""
        for when in whens(project):
            call = timedelta_call(when.use, when.value)
            if call is None:
                continue
            given: list[tuple[str, Expr]] = [
                (keyword.name or "", keyword.value)
                for keyword in call.keywords
                if keyword.name not in ("milliseconds", "microseconds", None)
            ]
            given += zip(_UNITS, call.arguments[:2], strict=False)
            for unit, amount in given:
                if _is_in_milliseconds(when.use.scope.constant(amount)) or _is_in_milliseconds(
                    amount
                ):
                    yield self.finding(
                        project,
                        Location(when.use.module, amount.span),
                        f"milliseconds are given as {unit}",
                        help="write `timedelta(milliseconds=...)`, or leave the factor out",
                        fix=_fix(project, when.use.module, call, amount),
                    )


def _fix(project: LinkedProject, module: str, call: Call, amount: Expr) -> Fix | None:
    given = next((keyword for keyword in call.keywords if keyword.value is amount), None)
    if given is None or given.name != "seconds" or call.keyword("milliseconds") is not None:
        return None
    edit = replace_text(project, module, given.name_span, "milliseconds")
    return Fix(title="use `milliseconds`", applicability="unsafe", edits=(edit,))


def _is_in_milliseconds(amount: Expr) -> bool:
    for node in walk(amount):
        match node:
            case Binary(operator="*", left=left, right=right):
                if any(
                    isinstance(side, Constant) and side.value in (1000, 1e3)
                    for side in (left, right)
                ):
                    return not _is_divided(amount)
            case Name(id=name) | Attribute(name=name) if _MILLISECONDS.search(name):
                return not _is_divided(amount)
            case _:
                pass
    return False


def _is_divided(amount: Expr) -> bool:
    return any(isinstance(node, Binary) and node.operator in ("/", "//") for node in walk(amount))
