"""VAL002."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from convexity_compiler.config import did_you_mean
from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, Location


_COUNTERPARTS = {
    "bool": "v.boolean()",
    "date": "v.number()` with milliseconds since 1970",
    "datetime": "v.number()` with milliseconds since 1970",
    "dict": "v.record(key, value)",
    "either": "v.union(...)",
    "enum": "v.literal(...)",
    "float": "v.number()",
    "float64": "v.number()",
    "int": "v.number()",
    "integer": "v.number()",
    "list": "v.array(element)",
    "map": "v.record(key, value)",
    "none": "v.null()",
    "set": "v.array(element)",
    "str": "v.string()",
    "text": "v.string()",
    "tuple": "v.array(element)",
    "undefined": "v.optional(...)",
}
_SAME_ARGUMENTS = frozenset(
    {"bool", "dict", "either", "enum", "float", "float64", "list", "map", "none", "set", "str"}
    | {"text"}
)
"""Those whose counterparts take the same arguments."""
_GUESSED = frozenset({"date", "datetime", "int", "integer", "tuple", "undefined"})
"""Those whose counterparts may not be what is meant."""
_CONSTRUCTORS = (
    "any",
    "array",
    "boolean",
    "bytes",
    "id",
    "int64",
    "literal",
    "null",
    "nullable",
    "number",
    "object",
    "optional",
    "record",
    "string",
    "union",
)


class UnknownValidator(Rule):
    """`v` has no such constructor.

    ## What it does

    Finds names such as `v.map`, `v.set`, `v.list` and `v.int`.

    ## Why is this bad?

    The module fails when it is imported.

    ## Example

    ```python
    @query(args={"scores": v.map(v.string(), v.number())}, returns=v.null())
    async def rank(ctx: QueryCtx, scores: dict[str, float]) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"scores": v.record(v.string(), v.number())}, returns=v.null())
    async def rank(ctx: QueryCtx, scores: dict[str, float]) -> None: ...
    ```

    ## Fix safety

    The fix writes the counterpart where it takes the same arguments, and is safe: the module cannot
    be imported without it. `v.int` becomes `v.number`, and other names the nearest one; that is
    unsafe, because another validator may be meant.

    ## References

    - Convex guidelines, *Validator guidelines*: "`v.map()` and `v.set()` are not supported".
    """

    name = "unknown-validator"
    code = "VAL002"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Report what linking met."""
        for failure in project.unresolved:
            if failure.kind != "unknown_validator":
                continue
            constructor = failure.source.partition("(")[0].strip()
            name = constructor.rpartition(".")[2]
            counterpart = _COUNTERPARTS.get(name)
            if counterpart:
                remedy = f"use `{counterpart}" + ("" if "` " in counterpart else "`")
            else:
                remedy = did_you_mean(name, _CONSTRUCTORS).removeprefix("; ")
            yield self.finding(
                project,
                failure.location,
                f"there is no validator `{constructor}`",
                fix=_fix(project, failure.location, constructor),
                help=remedy or f"the validators are {', '.join(_CONSTRUCTORS)}",
            )


def _fix(project: LinkedProject, place: Location, constructor: str) -> Fix | None:
    name = constructor.rpartition(".")[2]
    counterpart = _COUNTERPARTS.get(name, "v.").removeprefix("v.").partition("(")[0]
    nearest = next(iter(difflib.get_close_matches(name, _CONSTRUCTORS, n=1)), None)
    known = counterpart if name in _SAME_ARGUMENTS or name in _GUESSED else nearest
    if known is None or "\n" in constructor:
        return None
    line, column = place.span[:2]
    column += len(constructor)
    span = Span(line, column - len(name), line, column)
    return Fix(
        title=f"use `{known}`",
        applicability="safe" if name in _SAME_ARGUMENTS else "unsafe",
        edits=(replace_text(project, place.module, span, known),),
    )
