"""PRJ016."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, PlacementFault


_FAULTS: dict[PlacementFault, tuple[str, str]] = {
    "conditional": (
        "under a condition",
        "move it to the top level of the module, and decide inside the handler",
    ),
    "class": ("in a class", "make it a function at the top level of the module"),
    "function": ("in a function", "move it to the top level of the module"),
    "decorated_class": ("as a class", "register an `async def` function"),
    "assignment": ("by an assignment", "write the registrar as a decorator above the handler"),
    "init_module": ("in an `__init__.py`", "move it to a module of its own"),
}


class ConditionalRegistration(Rule):
    """A registration stands where it is not seen.

    ## What it does

    Finds registrars under `if`, `try` or a loop, in classes and functions, on classes, in
    assignments, and in `__init__.py`.

    ## Why is this bad?

    The API of a project must not depend on what happens when it is imported: only functions
    decorated at the top level of a module are registered.

    ## Example

    ```python
    if DEBUG:

        @query(args={}, returns=v.null())
        async def dump(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @internal_query(args={}, returns=v.null())
    async def dump(ctx: QueryCtx) -> None: ...
    ```

    ## References

    - [The language, *Packages*](../reference/language.md#packages): functions live in no
      `__init__.py`.
    """

    name = "conditional-registration"
    code = "PRJ016"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Report what linking met."""
        for misplaced in project.misplaced:
            if misplaced.fault in _FAULTS:
                place, remedy = _FAULTS[misplaced.fault]
                yield self.finding(
                    project,
                    misplaced.location,
                    f"`{misplaced.name}` is registered {place}",
                    help=remedy,
                )
