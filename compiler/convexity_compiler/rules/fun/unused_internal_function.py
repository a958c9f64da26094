"""FUN018."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.collecting import CollectingRule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.all_references import all_references
from convexity_compiler.rules.writing.removals import lines_alone
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.collecting import Fact

_WORD: Final = re.compile(r"\w+")


class UnusedInternalFunction(CollectingRule):
    """Nothing in the project refers to an internal function.

    ## What it does

    Finds internal functions to which no reference leads: from functions, cron jobs or the top of a
    module. Where a reference is put together at run time, or passed as a whole module, it says
    nothing. As all rules of severity `info`, it runs only when it is selected, or in the profile
    `all`.

    ## Why is this bad?

    Clients cannot call it either: it is dead, or called by its name in a string.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unused-internal-function"]

    # convex/messages.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unused-internal-function"]

    # convex/messages.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def later(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tidy)
    ```

    ## Fix safety

    The fix removes the function, unless its name stands anywhere else in its module. It is unsafe:
    something outside may call it by its name.

    ## References

    - Convex best practices, *Only schedule and `ctx.run*` internal functions*.
    """

    name = "unused-internal-function"
    code = "FUN018"
    category = "suspicious"
    severity = "info"
    fixable = True

    def collect(self, project: LinkedProject) -> Iterator[Fact]:
        """Yield the references, and the internal functions with their names and places."""
        for reference in all_references(project):
            if project.function(reference) is None:
                yield ["below", "/".join(reference.parts)]
            else:
                yield ["used", reference.wire_path]
        internal = [function for function in project.functions if function.visibility == "internal"]
        if not internal:
            return
        module = project.modules[internal[0].module]
        words = Counter(_WORD.findall(module.text))
        for function in internal:
            name = function.definition.name
            lines = lines_alone(module.lines, function.definition.span)
            removed = lines if words[name] <= 1 else None
            place: list[Fact] = [*function.location.span]
            yield ["function", function.path, name, place, removed and [*removed]]

    def conclude(
        self, project: LinkedProject, facts: Mapping[str, Sequence[Fact]]
    ) -> Iterator[Diagnostic]:
        """Compare the functions with all references."""
        used: set[str] = set()
        below: set[str] = set()
        for found in facts.values():
            for fact in found:
                match fact:
                    case ["used", str(path)]:
                        used.add(path)
                    case ["below", str(path)]:
                        below.add(path)
        for module, found in facts.items():
            for fact in found:
                match fact:
                    case ["function", str(path), str(name), list(span), removed] if (
                        path not in used
                    ):
                        if not any(_is_below(path, start) for start in below):
                            yield self.finding(
                                project,
                                Location(module, Span(*span)),  # type: ignore[arg-type]  # as collected
                                f"nothing refers to `{name}`",
                                help="remove it, unless something outside calls it by its name",
                                fix=_fix(project, module, name, removed),
                            )


def _fix(project: LinkedProject, module: str, name: str, removed: Fact) -> Fix | None:
    if not isinstance(removed, list):
        return None
    edit = replace_text(project, module, Span(*removed), "")  # type: ignore[arg-type]  # as collected
    return Fix(title=f"remove `{name}`", applicability="unsafe", edits=(edit,))


def _is_below(path: str, start: str) -> bool:
    """Whether a reference that ends early may lead to a function."""
    whole = path.replace(":", "/")
    return not start or whole == start or whole.startswith(f"{start}/")
