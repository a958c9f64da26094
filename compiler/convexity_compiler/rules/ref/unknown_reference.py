"""REF001."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.targets import spelled
from convexity_compiler.rules.writing.references import replace_reference
from convexity_compiler.summary.expressions import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, ReferencePath
    from convexity_compiler.rules.usage.functions import FunctionUse


class UnknownReference(Rule):
    """A reference names a function that does not exist.

    ## What it does

    Follows chains that begin with `api`, `internal` or `components`, through local variables too,
    and compares them with the functions of the project, and with the public functions of the
    components that it uses. References in crons.py are left to `cron-target-invalid`, and those to
    a component whose package is not installed are not looked at.

    ## Why is this bad?

    The call fails when it is made: "Could not find function".

    ## Example

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tydi)
    ```

    ## Use instead

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tidy)
    ```

    ## Fix safety

    The fix writes the nearest reference. It is unsafe: another function may be meant.

    ## References

    - Convex guidelines, *Function references*: a function in `convex/messages/access.ts` called `h`
      has the reference `api.messages.access.h`.
    """

    name = "unknown-reference"
    code = "REF001"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the references in every function."""
        for use in functions(project):
            for place in use.attributes:
                if not isinstance(place.node, Attribute) or place.role == "receiver":
                    continue
                reference = use.scope.reference(place.node)
                if reference is None:
                    continue
                if reference.mount is not None:
                    yield from self._of_component(project, use, reference, place.node)
                elif _is_unknown(project, reference):
                    yield self._unknown(project, use, reference, place.node)

    def _of_component(
        self,
        project: LinkedProject,
        use: FunctionUse,
        reference: ReferencePath,
        chain: Attribute,
    ) -> Iterator[Diagnostic]:
        app, mount = project.app, reference.mount or ""
        if app is None or not app.is_complete:
            return
        mounts = [entry.name for entry in app.components]
        place = Location(use.module, chain.span)
        if mount not in mounts:
            nearest = next(iter(difflib.get_close_matches(mount, mounts, n=1)), None)
            yield self.finding(
                project,
                place,
                f"there is no component `{mount}`",
                label=f"did you mean `components.{nearest}`?" if nearest else "",
                help="convex_config.py names the components in use: `app.use(component,"
                f' name="{mount}")`',
            )
            return
        component = project.component(mount)
        if component is None or not _is_unknown_outside(component, reference.in_component):
            return
        functions = {
            ".".join(("components", mount, *entry.module.split("/"), entry.name)): entry
            for entry in component.functions
            if entry.visibility == "public"
        }
        spelling = ".".join((reference.root, *reference.parts))
        short = [
            name
            for name, entry in functions.items()
            if reference.in_component.parts == (entry.name,)
        ]
        nearest = next(iter(short or difflib.get_close_matches(spelling, functions, n=1)), None)
        yield self.finding(
            project,
            place,
            f"there is no public function `{spelling}`",
            label=f"did you mean `{nearest}`?" if nearest else "",
            help="a reference is `components`, the name of the component, the path of the module"
            " and the function",
        )

    def _unknown(
        self,
        project: LinkedProject,
        use: FunctionUse,
        reference: ReferencePath,
        chain: Attribute,
    ) -> Diagnostic:
        known = {"".join(spelled(entry)): entry for entry in project.whole.functions}
        spelling = ".".join((reference.root, *reference.parts))
        nearest = next(iter(difflib.get_close_matches(spelling, known, n=1)), None)
        return self.finding(
            project,
            Location(use.module, chain.span),
            f"there is no function `{spelling}`",
            label=f"did you mean `{nearest}`?" if nearest else "",
            help="a reference is `api` or `internal`, the path of the module and the function",
            labels=(label_at(project, known[nearest].location, "defined here"),) if nearest else (),
            fix=replace_reference(project, use, chain, known[nearest], "unsafe")
            if nearest
            else None,
        )


def _is_unknown(project: LinkedProject, reference: ReferencePath) -> bool:
    if not reference.parts:
        return False
    for length in range(len(reference.parts), 0, -1):
        path = "/".join(reference.parts[:length])
        if length < len(reference.parts) and path in project.modules:
            module = project.modules[path]
            name = reference.parts[length]
            facts = project.facts(path)
            assert facts is not None
            misplaced = {entry.name for entry in facts.misplaced}
            return not (
                module.problem is not None
                or f"{path}:{name}" in project.by_path
                or f"{path}:{name}" in project.component_functions
                or name in misplaced
                or any(entry.location.module == path for entry in facts.unresolved)
            )
    # What is left names a module or package, or nothing at all.
    return not project.resolver.module_exists("/".join(reference.parts))


def _is_unknown_outside(component: LinkedProject, reference: ReferencePath) -> bool:
    """Whether those who use a component cannot mean anything by a reference into it."""
    if _is_unknown(component, reference):
        return True
    path = reference.wire_path
    function = None if path is None else component.by_path.get(path)
    return function is not None and function.visibility == "internal"
