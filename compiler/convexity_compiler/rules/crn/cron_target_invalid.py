"""CRN007."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from convexity.values import ObjectValidator, ValidationError

from convexity_compiler.config import did_you_mean
from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.symbols import Defined
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.writing.references import reference_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Applicability, Diagnostic
    from convexity_compiler.link.model import (
        LinkedCron,
        LinkedFunction,
        LinkedProject,
        Location,
        ReferencePath,
    )


class CronTargetInvalid(Rule):
    """A cron job runs what it cannot run.

    ## What it does

    Checks that the target of a job is a reference, through `internal` or `api`, to a mutation or
    an action of the project, and that the job passes the arguments that it takes.

    ## Why is this bad?

    The job would never run.

    ## Example

    ```python
    # convex/crons.py
    from datetime import timedelta

    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    crons.interval("tidy", timedelta(hours=2), internal.tasks.tydi)


    # convex/tasks.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...
    ```

    ## Use instead

    ```python
    # convex/crons.py
    from datetime import timedelta

    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    crons.interval("tidy", timedelta(hours=2), internal.tasks.tidy)


    # convex/tasks.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...
    ```

    ## Fix safety

    The fix writes the reference to a function that is passed itself, or whose visibility is
    another, and is safe: the job could not be registered. The nearest reference, where there is no
    function of the name, is unsafe.

    ## References

    - Convex guidelines, *Cron guidelines*: "Both cron methods take in a FunctionReference. Do NOT
      try to pass the function directly into one of these methods".
    """

    name = "cron-target-invalid"
    code = "CRN007"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the target of every job that has one."""
        for job in project.crons:
            if job.method not in ("interval", "cron") or job.reference_location is None:
                continue  # of the helpers, whose arguments stand elsewhere, CRN001 speaks
            if job.reference is None:
                yield self.finding(
                    project,
                    job.reference_location,
                    f"`{project.text_of(job.reference_location)}` is not a reference",
                    help="pass `internal.<module>.<function>`, also for functions of this module",
                    fix=_fix_function(project, job, job.reference_location),
                )
            elif job.reference.root == "components":
                yield from self._check_component(project, job.reference, job.reference_location)
            else:
                yield from self._check_target(project, job, job.reference, job.reference_location)

    def _check_component(
        self, project: LinkedProject, reference: ReferencePath, place: Location
    ) -> Iterator[Diagnostic]:
        """Look at a target in a component, as far as that can be found."""
        component = None if reference.mount is None else project.component(reference.mount)
        if component is None:
            return
        spelling = ".".join((reference.root, *reference.parts))
        target = project.component_function(reference)
        if target is None:
            yield self.finding(
                project,
                place,
                f"there is no public function `{spelling}`",
                help="a reference is `components`, the name of the component, the module and the"
                " function",
            )
        elif target.kind == "query":
            yield self.finding(
                project,
                place,
                f"`{spelling}` is a query, and cron jobs run mutations and actions",
            )

    def _check_target(
        self, project: LinkedProject, job: LinkedCron, reference: ReferencePath, place: Location
    ) -> Iterator[Diagnostic]:
        spelling = ".".join((reference.root, *reference.parts))
        visibility = "public" if reference.root == "api" else "internal"
        target = job.function or project.function(reference)
        if target is None or target.visibility != visibility:
            nearest, meant = _nearest(project, reference, spelling) or (None, None)
            is_exact = nearest is not None and nearest.partition(".")[2] == ".".join(
                reference.parts
            )
            yield self.finding(
                project,
                place,
                f"there is no {visibility} function `{spelling}`",
                label=f"did you mean `{nearest}`?" if nearest else "",
                help="a reference is `internal` or `api`, the module and the function",
                fix=_fix(project, place, meant, "safe" if is_exact else "unsafe")
                if meant
                else None,
            )
        elif target.kind == "query":
            yield self.finding(
                project,
                place,
                f"`{spelling}` is a query, and cron jobs run mutations and actions",
                help="call the query from an action, and run that",
                labels=(label_at(project, target.location, "defined here"),),
            )
        else:
            yield from self._check_arguments(project, job, target, spelling)

    def _check_arguments(
        self, project: LinkedProject, job: LinkedCron, target: LinkedFunction, spelling: str
    ) -> Iterator[Diagnostic]:
        from convexity.values.validation import validate

        args = None if target.args is None else target.args.validator
        if not isinstance(args, ObjectValidator) or job.args is None:
            return
        defined = (label_at(project, target.location, "defined here"),)
        missing = [
            name
            for name, field in args.fields.items()
            if not field.is_optional and name not in job.args
        ]
        if missing:
            yield self.finding(
                project,
                job.location,
                f"`{spelling}` needs {', '.join(f'`{name}`' for name in missing)}",
                help="pass the arguments of the function as keywords of the job",
                labels=defined,
            )
        for name, value in job.args.items():
            field = args.fields.get(name)
            place = job.arg_locations[name]
            if field is None:
                nearest = did_you_mean(name, args.fields)
                yield self.finding(
                    project,
                    place,
                    f"`{spelling}` takes no argument `{name}`{nearest}",
                    help="remove it, or declare it in `args` of the function",
                    labels=defined,
                )
                continue
            try:
                validate(field, value)
            except ValidationError as error:
                yield self.finding(
                    project,
                    place,
                    f"`{name}` does not fit `args` of `{spelling}`",
                    label=" ".join(str(error).split()),
                    help="pass a value that the validator lets through",
                    labels=defined,
                )


def _nearest(
    project: LinkedProject, reference: ReferencePath, spelling: str
) -> tuple[str, LinkedFunction] | None:
    """Return the reference that may be meant, of the other visibility first."""
    known = {}
    for function in project.whole.functions:
        root = "api" if function.visibility == "public" else "internal"
        known[".".join((root, *function.module.split("/"), function.name))] = function
    exact = [name for name in known if name.partition(".")[2] == ".".join(reference.parts)]
    nearest = next(iter(exact or difflib.get_close_matches(spelling, known, n=1)), None)
    return (nearest, known[nearest]) if nearest else None


def _fix_function(project: LinkedProject, job: LinkedCron, place: Location) -> Fix | None:
    """Return the fix for a registered function that is passed itself."""
    for argument in job.call.arguments:
        if argument.span == place.span:
            symbol = project.resolver.symbol(place.module, argument)
            if isinstance(symbol, Defined) and not symbol.attributes:
                target = project.handler(symbol.module, symbol.name)
                return _fix(project, place, target, "safe") if target else None
    return None


def _fix(
    project: LinkedProject, place: Location, target: LinkedFunction, applicability: Applicability
) -> Fix | None:
    written = reference_text(project, place.module, target)
    if written is None:
        return None
    text, imports = written
    edit = replace_text(project, place.module, place.span, text)
    return Fix(title=f"use `{text}`", applicability=applicability, edits=(edit, *imports))
