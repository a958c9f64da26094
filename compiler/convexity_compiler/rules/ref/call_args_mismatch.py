"""REF005."""

from __future__ import annotations

import difflib
from keyword import iskeyword
from typing import TYPE_CHECKING

from convexity.values import ObjectValidator, OptionalValidator

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.boundary import opaque
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.literals import misfits
from convexity_compiler.rules.usage.tables import rename_literal
from convexity_compiler.rules.usage.targets import runs, target_of
from convexity_compiler.summary.expressions import Constant, Starred

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.targets import Run, Target
    from convexity_compiler.summary.expressions import Keyword


class CallArgsMismatch(Rule):
    """The arguments of a call are not those of the function it names.

    ## What it does

    Compares the keyword arguments of `ctx.run_query`, `run_mutation`, `run_action`,
    `ctx.scheduler.run_after` and `run_at` with the `args` of the function: names, required
    arguments, and values that are literals.

    ## Why is this bad?

    The arguments are checked when the function is called, and the call fails.

    ## Example

    ```python
    @internal_mutation(args={"channel": v.string()}, returns=v.null())
    async def tidy(ctx: MutationCtx, channel: str) -> None: ...


    @mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tidy, chanel="general")
    ```

    ## Use instead

    ```python
    @internal_mutation(args={"channel": v.string()}, returns=v.null())
    async def tidy(ctx: MutationCtx, channel: str) -> None: ...


    @mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tidy, channel="general")
    ```

    ## Fix safety

    Where an argument or a field has a name that is not known, the fix writes the nearest one that
    is. It is unsafe: another one may be meant.

    ## References

    - Convex guidelines, *New function syntax*: every function has argument validators.
    """

    name = "call-args-mismatch"
    code = "REF005"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the arguments of all runs."""
        for use in functions(project):
            for run in runs(use):
                found = target_of(project, use.scope.reference(run.target))
                args = None if found is None else found.function.args
                validator = None if args is None else args.validator
                if found is not None and found.owner is not project and validator is not None:
                    validator = opaque(validator)
                if found is not None and isinstance(validator, ObjectValidator):
                    yield from self._compare(project, use.module, run, found, validator)

    def _compare(
        self,
        project: LinkedProject,
        module: str,
        run: Run,
        found: Target,
        validator: ObjectValidator,
    ) -> Iterator[Diagnostic]:
        call, target = run.site.call, found.function
        label = found.label(project, target.location, "the function")
        extra = call.arguments[run.position + 1 :]
        if any(isinstance(argument, Starred) for argument in call.arguments):
            return
        if extra:
            yield self.finding(
                project,
                Location(module, extra[0].span),
                f"`{target.name}` takes its arguments by keyword",
                help="write each argument as `name=value`; to pass a dict on, write `**values`",
                labels=label,
            )
            return
        wire_names = {entry.parameter.name: entry.wire_name for entry in target.parameters}
        given: set[str] = set()
        meant: set[str | None] = set()
        for keyword in call.keywords:
            if keyword.name is None:
                continue
            name = keyword.name
            if name not in validator.fields:
                name = wire_names.get(name, name)
            given.add(name)
            if name not in validator.fields:
                absent = [field for field in validator.fields if call.keyword(field) is None]
                nearest = next(iter(difflib.get_close_matches(name, absent, n=1)), None)
                meant.add(nearest)
                yield self.finding(
                    project,
                    Location(module, keyword.name_span),
                    f"`{target.name}` has no argument `{name}`",
                    label=f"did you mean `{nearest}`?" if nearest else "",
                    help=_listed(validator),
                    labels=label,
                    fix=_rename(project, module, keyword, nearest) if nearest else None,
                )
                continue
            field = validator.fields[name]
            if (
                isinstance(field, OptionalValidator)
                and isinstance(keyword.value, Constant)
                and keyword.value.value is None
            ):
                continue  # for an optional argument None stands for its absence
            source = target.args.field(name) if target.args else None
            for misfit in misfits(field, keyword.value):
                yield self.finding(
                    project,
                    Location(module, misfit.span),
                    f"argument `{name}` of `{target.name}`: {misfit.reason}",
                    label=f"did you mean `{misfit.suggestion}`?" if misfit.suggestion else "",
                    labels=found.label(project, source.key, "declared here") if source else label,
                    fix=rename_literal(project, Location(module, misfit.span), misfit.suggestion),
                )
        missing = [
            name
            for name, field in validator.fields.items()
            if not field.is_optional and name not in given and name not in meant
        ]
        if missing and all(keyword.name is not None for keyword in call.keywords):
            names = ", ".join(f"`{name}`" for name in missing)
            noun = "argument" if len(missing) == 1 else "arguments"
            yield self.finding(
                project,
                Location(module, run.target.span),
                f"`{target.name}` is called without its {noun} {names}",
                help=_listed(validator),
                labels=label,
            )


def _rename(project: LinkedProject, module: str, keyword: Keyword, name: str) -> Fix | None:
    if not name.isidentifier() or iskeyword(name):
        return None
    edit = replace_text(project, module, keyword.name_span, name)
    return Fix(title=f"use `{name}`", applicability="unsafe", edits=(edit,))


def _listed(validator: ObjectValidator) -> str:
    if not validator.fields:
        return "it has no arguments"
    return "its arguments are " + ", ".join(f"`{name}`" for name in validator.fields)
