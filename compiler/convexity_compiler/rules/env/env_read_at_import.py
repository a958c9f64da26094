"""ENV004."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.special_files import SCHEMA
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.mentions import import_mentions
from convexity_compiler.rules.usage.reach import reached_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect
    from convexity_compiler.rules.usage.reach import Reached

_EFFECTS: Final[frozenset[Effect]] = frozenset({"environment", "network"})
_ENV: Final = "_generated.server.env"
_KEYS: Final = {
    "openai.OpenAI": "OPENAI_API_KEY",
    "openai.AsyncOpenAI": "OPENAI_API_KEY",
    "openai.AzureOpenAI": "AZURE_OPENAI_API_KEY",
    "openai.AsyncAzureOpenAI": "AZURE_OPENAI_API_KEY",
    "anthropic.Anthropic": "ANTHROPIC_API_KEY",
    "anthropic.AsyncAnthropic": "ANTHROPIC_API_KEY",
    "groq.Groq": "GROQ_API_KEY",
    "groq.AsyncGroq": "GROQ_API_KEY",
}
"""Variable that a client reads when it is made without a key."""


class EnvReadAtImport(Rule):
    """A variable of the environment is read when a module is imported.

    ## What it does

    Finds `env.NAME` at the top level of modules, in defaults of parameters and in functions of the
    project that are called there, and clients of models that are made there without a key, which
    they read from the environment. Conditions such as `if env.NAME:` are silent; `os.environ` is
    left to `raw-environment-access`.

    ## Why is this bad?

    A variable that is missing keeps the whole backend from starting, and with it all functions that
    do not need it. One that changes is not read again.

    ## Example

    ```python
    from ._generated.server import env

    GREETING = f"Hello from {env.CITY}"
    ```

    ## Use instead

    ```python
    from ._generated.server import env


    @query(args={}, returns=v.string())
    async def greeting(ctx: QueryCtx) -> str:
        return f"Hello from {env.CITY}"
    ```

    ## References

    - [The language, *Time and environment*](../reference/language.md#time-and-environment).
    """

    name = "env-read-at-import"
    code = "ENV004"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what every module does when it is imported."""
        for module in project.own_modules:
            if module.module == SCHEMA.module:
                continue  # impure-schema asks for more
            tests = {id(getattr(entry.statement, "value", None)) for entry in module.statements}
            mentions = import_mentions(project, module)
            for found in reached_from(project, module.module, mentions, _EFFECTS):
                variable = _variable(found)
                if variable is not None and id(found.steps[0].node) not in tests:
                    yield self.finding(
                        project,
                        found.location(),
                        f"`{variable}` is read when the module is imported",
                        help="read it in the handler, and make clients there",
                        labels=found.labels(project),
                    )


def _variable(found: Reached) -> str | None:
    mention = found.mention
    if mention.origin.startswith(f"{_ENV}."):
        return mention.origin.removeprefix(f"{_ENV}.").partition(".")[0]
    if not mention.is_construction or mention.call is None:
        return None
    if any(keyword.name in ("api_key", None) for keyword in mention.call.keywords):
        return None
    return _KEYS.get(mention.origin)
