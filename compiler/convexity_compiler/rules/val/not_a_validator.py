"""VAL001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_after, replace_text
from convexity_compiler.rules.writing.names import VALUES, imported_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, Location


_WITHOUT_ARGUMENTS = frozenset({"any", "boolean", "bytes", "int64", "null", "number", "string"})
_TYPES = {
    "str": "v.string()",
    "float": "v.number()",
    "int": "v.number()",
    "bool": "v.boolean()",
    "bytes": "v.bytes()",
    "None": "v.null()",
    "list": "v.array(...)",
    "dict": "v.object(...)",
    "Any": "v.any()",
}


class NotAValidator(Rule):
    """A value stands where a validator is due.

    ## What it does

    Finds types, values and constructors that are not called, such as `str`, `None` and `v.string`.

    ## Why is this bad?

    Validators are objects that check and describe values at run time; a type cannot do that.

    ## Example

    ```python
    @query(args={"name": v.string}, returns=v.null())
    async def greet(ctx: QueryCtx, name: str) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"name": v.string()}, returns=v.null())
    async def greet(ctx: QueryCtx, name: str) -> None: ...
    ```

    ## Fix safety

    The fix adds the parentheses of constructors without arguments, and writes the validator of a
    type without parts, `v.string()` for `str`. Both are safe: the module cannot be imported as it
    is.

    ## References

    - Convex guidelines, *Validators*.
    """

    name = "not-a-validator"
    code = "VAL001"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Report what linking met."""
        for failure in project.unresolved:
            source = " ".join(failure.source.split())
            if failure.kind == "uncalled_validator":
                fix = None
                if source.rpartition(".")[2] in _WITHOUT_ARGUMENTS:
                    edit = insert_after(
                        project, failure.location.module, failure.location.span, "()"
                    )
                    fix = Fix(title="call it", applicability="safe", edits=(edit,))
                yield self.finding(
                    project,
                    failure.location,
                    f"`{source}` is a constructor, not a validator",
                    help=f"call it: `{source}()`" if fix else "call it with what it validates",
                    fix=fix,
                )
            elif failure.kind == "not_a_validator":
                known = _TYPES.get(source)
                writable = known and "..." not in known
                yield self.finding(
                    project,
                    failure.location,
                    f"`{source}` is not a validator",
                    help=f"write `{known}`" if known else failure.accepted,
                    fix=_fix(project, failure.location, known) if known and writable else None,
                )


def _fix(project: LinkedProject, place: Location, validator: str) -> Fix | None:
    found = imported_name(project, place.module, VALUES, "v")
    if found is None:
        return None
    name, imports = found
    text = f"{name}{validator.removeprefix('v')}"
    edit = replace_text(project, place.module, place.span, text)
    return Fix(title=f"write `{text}`", applicability="safe", edits=(edit, *imports))
