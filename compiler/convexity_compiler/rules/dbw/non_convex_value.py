"""DBW012."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.local_types import local_types, present
from convexity_compiler.rules.usage.sinks import sinks
from convexity_compiler.rules.writing.names import VALUES, Names, UnwritableError
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.local_types import LocalTypes
    from convexity_compiler.rules.usage.non_values import NonValue

_ATOMS = (e.Name, e.Attribute, e.Call, e.Subscript)
"""Expressions that a method call can follow without parentheses."""


class NonConvexValue(Rule):
    """Something is stored, sent or returned that is no Convex value.

    ## What it does

    Finds `datetime`, `timedelta`, `Decimal`, `UUID`, `Path`, sets, tuples, members of enumerations,
    dataclasses and the like in documents, in the arguments of other functions, in index ranges, in
    `ConvexError`, and in results.

    ## Why is this bad?

    Values are null, booleans, numbers, strings, bytes, lists and dicts. Anything else is refused
    when it is stored or sent.

    ## Example

    ```python
    @mutation(args={"text": v.string()}, returns=v.null())
    async def send(ctx: MutationCtx, text: str) -> None:
        await ctx.db.insert("messages", {"text": text, "sentAt": ctx.now()})
    ```

    ## Use instead

    ```python
    from convexity.values import to_millis


    @mutation(args={"text": v.string()}, returns=v.null())
    async def send(ctx: MutationCtx, text: str) -> None:
        await ctx.db.insert("messages", {"text": text, "sentAt": to_millis(ctx.now())})
    ```

    ## Fix safety

    The fix converts the value where there is a usual way. It is unsafe: another form may be what
    readers of the value expect.

    ## References

    - Convex guidelines, *Validator guidelines*: the table of types.
    - [The language, *Time and environment*](../reference/language.md#time-and-environment).
    """

    name = "non-convex-value"
    code = "DBW012"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every value that leaves a function."""
        for use in functions(project):
            types = local_types(use)
            for sink in sinks(use, types):
                found = _non_value(types, sink)
                if found is None:
                    continue
                yield self.finding(
                    project,
                    Location(use.module, sink.span),
                    f"a `{found.name}` is no Convex value",
                    help=f"convert it: `{found.conversion.format('value')}`"
                    if found.conversion
                    else "convert it to numbers, strings, lists or dicts",
                    fix=_fix(project, use.module, sink, found),
                )


def _non_value(types: LocalTypes, expression: e.Expr) -> NonValue | None:
    model = types.of(expression)
    members = present(model) if model is not None else []
    found = [types.non_value(member) for member in members]
    return found[0] if found and None not in found else None


def _fix(project: LinkedProject, module: str, value: e.Expr, found: NonValue) -> Fix | None:
    source = project.text_of(Location(module, value.span))
    conversion = found.conversion
    if not conversion or conversion.startswith("asdict(") or "\n" in source:
        return None
    if conversion.startswith("{}") and not isinstance(value, _ATOMS):
        source = f"({source})"
    names = Names(project, module)
    try:
        function = conversion.partition("(")[0]
        if function == "to_millis":
            conversion = conversion.replace(function, names.name(VALUES, function))
        elif not conversion.startswith("{}"):
            names.builtin(function)
    except UnwritableError:
        return None
    text = conversion.format(source)
    edit = replace_text(project, module, value.span, text)
    title = f"use `{text}`" if len(text) <= _SHORT else "convert it"
    return Fix(title=title, applicability="unsafe", edits=(edit, *names.edits))


_SHORT = 60
"""Longest text that the title of a fix shows."""
