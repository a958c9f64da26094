"""PRJ011."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.link.special_files import SCHEMA
from convexity_compiler.link.symbols import Defined
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.mentions import import_mentions
from convexity_compiler.rules.usage.reach import reached_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect
    from convexity_compiler.summary.model import ModuleSummary

_EFFECTS: Final[frozenset[Effect]] = frozenset(
    {"blocking", "clock", "environment", "host", "network", "randomness", "run", "sleep"}
)


class ImpureSchema(Rule):
    """The schema depends on more than its source.

    ## What it does

    Finds the environment, the clock, random numbers, files and the network at the top level of
    schema.py and in the functions of the project that are called there, and registered functions
    that schema.py imports.

    ## Why is this bad?

    The schema is read without being run: types and indexes are generated from it, and the backend
    compares what it imports with what was compiled. A schema that comes out different elsewhere is
    refused.

    ## Example

    ```python
    # convex/schema.py
    import time

    from convexity.server import define_schema, define_table
    from convexity.values import v

    CREATED = time.time()
    schema = define_schema(channels=define_table(name=v.string()))
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table
    from convexity.values import v

    schema = define_schema(channels=define_table(name=v.string()))
    ```

    ## References

    - Convex refuses environment variables and imports of functions in the schema when it is pushed.
    """

    name = "impure-schema"
    code = "PRJ011"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what schema.py does and imports."""
        for module in project.own_modules:
            if module.module == SCHEMA.module:
                yield from self._schema(project, module)

    def _schema(self, project: LinkedProject, module: ModuleSummary) -> Iterator[Diagnostic]:
        mentions = import_mentions(project, module)
        for found in reached_from(project, module.module, mentions, _EFFECTS):
            yield self.finding(
                project,
                found.location(),
                f"the schema depends on {found.named()}",
                help="write the schema as a plain description; what depends on the environment"
                " belongs in functions",
                labels=found.labels(project),
            )
        for entry in module.imports:
            if entry.scope not in ("module", "conditional") or entry.name in (None, "*"):
                continue
            symbol = project.resolver.imported(module.module, entry, ())
            if isinstance(symbol, Defined) and not symbol.attributes:
                function = project.handler(symbol.module, symbol.name)
                if function is not None:
                    yield self.finding(
                        project,
                        Location(module.module, entry.span),
                        f"the schema imports the {function.kind} `{function.name}`",
                        help="import validators and constants from modules without functions",
                        labels=(label_at(project, function.location, "registered here"),),
                    )
