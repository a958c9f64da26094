"""FUN011."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.wire_names import name_problem
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import append_argument, replace_text
from convexity_compiler.rules.writing.registrars import register_as

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic, Edit
    from convexity_compiler.link.model import LinkedFunction, LinkedProject

_TYPES = frozenset(
    {"bool", "bytes", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple"}
)
"""Builtins that annotations use; shadowing one breaks every annotation of the module."""


class InvalidFunctionName(Rule):
    """A function has a name that cannot be addressed.

    ## What it does

    Finds registered functions whose name is no identifier, is longer than 64 characters, begins
    with an underscore or is a Python keyword, and definitions that shadow a builtin type.

    ## Why is this bad?

    `api.module.name` must be valid Python, and names with a leading underscore belong to the
    framework. A function called `list` turns `list[str]` into an error for the rest of its module.

    ## Example

    ```python
    @query(args={}, returns=v.null())
    async def _hidden(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @internal_query(args={}, returns=v.null())
    async def hidden(ctx: QueryCtx) -> None: ...
    ```

    ## Fix safety

    The fix takes the underscore away, and makes the function internal, which is what the underscore
    says; a definition that shadows a type gets another name, and keeps its wire name. It is unsafe:
    whatever calls the function by its name must follow.

    ## References

    - `crates/convex/sync_types/src/function_name.rs` of get-convex/convex-backend.
    - [The language, *Names*](../reference/language.md#names): `name=` gives a function another
      wire name.
    """

    name = "invalid-function-name"
    code = "FUN011"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at wire names first, then at the names of definitions."""
        for function in project.functions:
            problem = name_problem(function.name)
            if problem is not None:
                yield self.finding(
                    project,
                    function.name_location,
                    f"function name `{function.name}` {problem}",
                    help=_remedy(function),
                    fix=_without_underscore(project, function),
                )
            elif function.definition.name in _TYPES:
                name = function.definition.name
                yield self.finding(
                    project,
                    function.location,
                    f"function `{name}` shadows the type `{name}` in its module",
                    help=f'call it `{name}_` and register it with `name="{name}"`',
                    fix=_renamed(project, function),
                )


def _without_underscore(project: LinkedProject, function: LinkedFunction) -> Fix | None:
    definition = function.definition
    name = definition.name.lstrip("_")
    if name == function.name or function.name != definition.name:
        return None
    if name in project.modules[function.module].words or name_problem(name) is not None:
        return None
    edits: tuple[Edit, ...] = ()
    if function.visibility == "public":
        internal = register_as(project, function, f"internal_{function.kind}")
        if internal is None:
            return None
        edits = internal.edits
    edit = replace_text(project, function.module, definition.name_span, name)
    return Fix(title=f"call it `{name}`", applicability="unsafe", edits=(edit, *edits))


def _renamed(project: LinkedProject, function: LinkedFunction) -> Fix | None:
    name = f"{function.definition.name}_"
    call = function.call
    if name in project.modules[function.module].words or call is None:
        return None
    edits = [replace_text(project, function.module, function.definition.name_span, name)]
    if call.keyword("name") is None:
        edits.append(
            append_argument(project, function.module, call, f'name="{function.definition.name}"')
        )
    return Fix(title=f"call it `{name}`", applicability="unsafe", edits=tuple(edits))


def _remedy(function: LinkedFunction) -> str:
    if function.name.startswith("_"):
        return f"remove the underscore; `@internal_{function.kind}` is what makes it private"
    return "use a letter first, then at most 63 letters, digits and underscores"
