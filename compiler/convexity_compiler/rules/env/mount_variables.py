"""What ``app.use(component, env={...})`` gives, held against what the component declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convexity.values import ValidationError
from convexity.values.validators import required

from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.link.model import (
        FieldSource,
        LinkedComponent,
        LinkedProject,
        Location,
    )


class MountProblem(NamedTuple):
    """A variable that a component would not start with."""

    location: Location
    message: str
    help: str


def mount_problems(project: LinkedProject) -> Iterator[MountProblem]:
    """Yield what is wrong with the environments of mounts; values known at run time are not."""
    for mount in project.mounts:
        component = project.components.project(mount.source)
        app = None if component is None else component.app
        if mount.variables is None or component is None or app is None:
            continue
        if component.focused(app.location.module).unresolved:
            continue  # What it declares is not known, which is reported there.
        declared = {name: entry.validator for name, entry in app.environment.items()}
        for name, given in mount.variables.items():
            if name in declared:
                yield from _value_problems(mount, given, declared[name])
            else:
                known = ", ".join(f"`{other}`" for other in declared)
                yield MountProblem(
                    given.key,
                    f"component `{mount.name}` declares no variable `{name}`",
                    (f"it declares {known}" if known else "leave it out")
                    + f"; or add `{name}` to `define_component(..., env={{...}})`",
                )
        for name, validator in declared.items():
            is_given = name in mount.variables and not _is_none(mount.variables[name])
            if not is_given and validator is not None and not validator.is_optional:
                yield MountProblem(
                    mount.location,
                    f"component `{mount.name}` is not given its variable `{name}`",
                    f'add `env={{"{name}": ...}}` to this call, or declare it as optional in '
                    "`define_component`: `v.optional(v.string())`",
                )


def _value_problems(
    mount: LinkedComponent, given: FieldSource, validator: Validator | None
) -> Iterator[MountProblem]:
    value = given.expression
    if validator is None or not isinstance(value, e.Constant) or _is_none(given):
        return
    location = given.value or given.key
    if not isinstance(value.value, str):
        plain = value.value.decode("latin-1") if isinstance(value.value, bytes) else value.value
        yield MountProblem(
            location,
            f"the value of `{given.name}` of component `{mount.name}` is not text",
            f'write it as text: `"{plain}"`',
        )
        return
    try:
        required(validator).validate(value.value)
    except ValidationError:
        yield MountProblem(
            location,
            f"the value of `{given.name}` is not as component `{mount.name}` declares it",
            f"it must match `{required(validator)!r}`",
        )


def _is_none(given: FieldSource) -> bool:
    return isinstance(given.expression, e.Constant) and given.expression.value is None
