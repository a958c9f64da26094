"""VAL006."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.val.refused import refused
from convexity_compiler.rules.writing.strings import double_quoted
from convexity_compiler.summary.expressions import Attribute, Call, Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.expressions import Expr

_KEYS_AND_VALUES: Final = 2
"""Arguments of ``v.record``."""


class NonStringRecordKey(Rule):
    """The keys of a record are no strings.

    ## What it does

    Finds `v.record(...)` whose keys are neither `v.string()` nor `v.id(...)`, nor a union of these.

    ## Why is this bad?

    A record has open keys, and keys are strings. The validator is refused.

    ## Example

    ```python
    @query(args={"value": v.record(v.number(), v.string())}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"value": v.record(v.string(), v.string())}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Fix safety

    Where the keys are literals, the fix writes an object with these fields. It is unsafe: a record
    may lack any of its keys, an object may not.

    ## References

    - `InvalidRecordType` in get-convex/convex-backend.
    """

    name = "non-string-record-key"
    code = "VAL006"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the records that were refused."""
        failures = list(refused(project, "record"))
        if not failures:
            return
        calls = {use.location: use.call for use in project.validator_uses if use.name == "record"}
        for failure in failures:
            yield self.finding(
                project,
                failure.location,
                "the keys of a record are strings or ids",
                help="write `v.string()` for the key; a fixed set of keys is a `v.object(...)`",
                fix=_fix(project, failure.location, calls.get(failure.location)),
            )


def _fix(project: LinkedProject, place: Location, call: Call | None) -> Fix | None:
    """Write an object in place of a record of which all keys are known."""
    if call is None or len(call.arguments) != _KEYS_AND_VALUES or call.keywords:
        return None
    keys, values = call.arguments
    names = _literals(project, place.module, keys)
    if not names or not isinstance(call.function, Attribute):
        return None
    value = project.text_of(Location(place.module, values.span))
    fields = ", ".join(f"{double_quoted(name)}: {value}" for name in dict.fromkeys(names))
    span = call.function.name_span.through(call.span)
    edit = replace_text(project, place.module, span, f"object({{{fields}}})")
    return Fix(title="use `v.object`", applicability="unsafe", edits=(edit,))


def _literals(project: LinkedProject, module: str, keys: Expr) -> list[str] | None:
    """The texts of literals and unions of these, as written; None for anything else."""
    if not isinstance(keys, Call) or keys.keywords:
        return None
    origin = project.resolver.qualified_name(module, keys.function)
    if origin == "convexity.values.v.union":
        found = [_literals(project, module, member) for member in keys.arguments]
        return None if None in found else [name for names in found for name in names or ()]
    if origin != "convexity.values.v.literal" or len(keys.arguments) != 1:
        return None
    match keys.arguments[0]:
        case Constant(value=str(text)):
            return [text]
        case _:
            return None
