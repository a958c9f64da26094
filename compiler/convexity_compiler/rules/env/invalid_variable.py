"""ENV003."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from convexity.values import LiteralValidator, OptionalValidator, UnionValidator
from convexity.values.names import identifier_problem

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.env.mount_variables import mount_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_RESERVED: Final = re.compile(r"CONVEX_")
_TEXTS: Final = frozenset({"string", "any", "id"})
"""Kinds of validators that text can pass."""


class InvalidVariable(Rule):
    """A variable of the environment is declared, or given to a component, as it cannot be.

    ## What it does

    Looks at the names and validators in `define_app(env={...})`: names have letters, digits and
    underscores and do not begin with `CONVEX_`; validators let some text through. Compares what
    `app.use(component, env={...})` gives with what the component declares.

    ## Why is this bad?

    Names that begin with `CONVEX_` belong to the backend, and others cannot be read as `env.NAME`.
    Variables are text: a number is never let through, and reading it always fails. A backend does
    not start with a component that lacks a variable, or is given one that it does not declare.

    ## Example

    ```python
    # convex/convex_config.py
    from convexity.server import define_app

    app = define_app(env={"LIMIT": v.number()})
    ```

    ## Use instead

    ```python
    # convex/convex_config.py
    from convexity.server import define_app

    app = define_app(env={"LIMIT": v.string()})
    ```

    ## References

    - Convex docs, *Environment variables*: `EnvironmentVariableNameInvalid`, `EnvVarNameForbidden`.
    """

    name = "invalid-variable"
    code = "ENV003"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the declared variables, and at those given to components."""
        for location, message, way_out in mount_problems(project):
            yield self.finding(project, location, message, help=way_out)
        app = project.app
        if app is None or all(
            app.location.module != module.module for module in project.own_modules
        ):
            return
        for variable in app.environment.values():
            problem = identifier_problem(variable.name)
            if problem is not None:
                yield self.finding(
                    project,
                    variable.location,
                    f"the name of the variable {problem}",
                    help="use letters, digits and underscores: `MODEL_NAME`",
                )
            elif _RESERVED.match(variable.name):
                yield self.finding(
                    project,
                    variable.location,
                    f"`{variable.name}` begins with `CONVEX_`, which belongs to the backend",
                    help=f"call it `{variable.name.removeprefix('CONVEX_')}`",
                )
            elif variable.validator is not None and not _lets_text_through(variable.validator):
                yield self.finding(
                    project,
                    variable.location,
                    f"no text passes the validator of `{variable.name}`",
                    help="declare it with `v.string()` or literals of text, and convert it where it"
                    " is read",
                )


def _lets_text_through(validator: Validator) -> bool:
    match validator:
        case OptionalValidator(inner=inner):
            return _lets_text_through(inner)
        case UnionValidator(members=members):
            return any(_lets_text_through(member) for member in members)
        case LiteralValidator(value=value):
            return isinstance(value, str)
        case _:
            return validator.kind in _TEXTS
