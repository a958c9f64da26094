"""ENV002."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.link.special_files import CONFIG
from convexity_compiler.records import replace
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import append_item
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.tables import listed, nearest_name
from convexity_compiler.rules.walk import top_level_nodes
from convexity_compiler.rules.writing.names import VALUES, Names, UnwritableError
from convexity_compiler.summary.expressions import Attribute, Call, Dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedApp, LinkedProject
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import ModuleSummary

_ENV: Final = "_generated.server.env"
BUILT_IN: Final = ("CONVEX_CLOUD_URL", "CONVEX_SITE_URL")
"""Variables that every backend has."""


class UndeclaredVariable(Rule):
    """A variable of the environment is read that the project does not declare.

    ## What it does

    Compares `env.NAME` with the variables that `define_app(env={...})` declares in
    convex_config.py; without that file, with the built-in ones. Projects whose declarations cannot
    be read as a whole are left alone.

    ## Why is this bad?

    The access fails when it is made, and the type checker does not know the name.

    ## Example

    ```python
    # convex/convex_config.py
    from convexity.server import define_app

    app = define_app(env={"REGION": v.string()})


    # convex/places.py
    from ._generated.server import env


    @query(args={}, returns=v.string())
    async def region(ctx: QueryCtx) -> str:
        return env.REGOIN
    ```

    ## Use instead

    ```python
    # convex/convex_config.py
    from convexity.server import define_app

    app = define_app(env={"REGION": v.string()})


    # convex/places.py
    from ._generated.server import env


    @query(args={}, returns=v.string())
    async def region(ctx: QueryCtx) -> str:
        return env.REGION
    ```

    ## Fix safety

    The fix declares the variable as a string where convex_config.py has a literal `env={...}`. It
    is unsafe: the name may be a slip.

    ## References

    - [The language, *Time and environment*](../reference/language.md#time-and-environment).
    """

    name = "undeclared-variable"
    code = "ENV002"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every module that knows ``env``."""
        if not any(map(_knows_env, project.own_modules)):
            return
        facts = project.facts(CONFIG.module)
        if facts is not None and (project.app is None or facts.unresolved):
            return
        for use in functions(project):
            if _knows_env(project.modules[use.module]):
                for place in use.places:
                    name = use.scope.qualified_name(place.node)
                    yield from self._found(project, use.module, place.node, name)
        for module in project.own_modules:
            if _knows_env(module):
                for node in top_level_nodes(module):
                    if isinstance(node, Attribute):
                        name = project.resolver.qualified_name(module.module, node)
                        yield from self._found(project, module.module, node, name)

    def _found(
        self, project: LinkedProject, module: str, node: Expr, qualified: str | None
    ) -> Iterator[Diagnostic]:
        prefix, _, name = (qualified or "").rpartition(".")
        declared = project.app.environment if project.app is not None else {}
        if prefix == _ENV and name not in (*BUILT_IN, *declared):
            yield self._undeclared(project, Location(module, node.span), name, project.app)

    def _undeclared(
        self, project: LinkedProject, place: Location, name: str, app: LinkedApp | None
    ) -> Diagnostic:
        if app is None:
            return self.finding(
                project,
                place,
                f"the project declares no variable `{name}`",
                help=f"declare it in {project.config.functions}/{CONFIG.module}.py:"
                f' `app = define_app(env={{"{name}": v.string()}})`',
            )
        nearest = nearest_name(name, app.environment)
        return self.finding(
            project,
            place,
            f"the project declares no variable `{name}`",
            label=f"did you mean `{nearest}`?" if nearest else "",
            help=f"declared are {listed((*app.environment, *BUILT_IN))}",
            labels=(label_at(project, app.location, "declare it here"),),
            fix=_fix(project, app, name) if nearest is None else None,
        )


def _fix(project: LinkedProject, app: LinkedApp, name: str) -> Fix | None:
    """Return the declaration of a variable, where others are declared in a literal."""
    module = app.location.module
    for entry in project.modules[module].assignments:
        made = entry.statement.value
        declared = made.keyword("env") if isinstance(made, Call) else None
        if declared is None or not isinstance(declared.value, Dict):
            continue
        names = Names(project, module)
        try:
            item = f'"{name}": {names.name(VALUES, "v")}.string()'
        except UnwritableError:
            return None
        edit = replace(append_item(project, module, declared.value, item), shared=True)
        return Fix(title=f"declare `{name}`", applicability="unsafe", edits=(edit, *names.edits))
    return None


def _knows_env(module: ModuleSummary) -> bool:
    return "env" in module.text
