"""AGT007."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.agt.agents import agents, is_empty
from convexity_compiler.rules.base import Rule
from convexity_compiler.summary.expressions import Constant, DictItem, Keyword
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.expressions import Expr

_MODELS: Final = ("text_embedding", "embedding_model")
_SWITCH: Final = frozenset({"vector_search", "vectorSearch"})


class VectorSearchWithoutEmbedding(Rule):
    """An agent searches by meaning, and has no model for it.

    ## What it does

    Finds agents whose `context_options` switch `vector_search` on, and that have no
    `text_embedding`.

    ## Why is this bad?

    Text is compared by its embedding, which nothing makes: the search fails.

    ## Example

    ```python
    from convexity.components.agent import Agent

    from ._generated.api import components

    support = Agent(
        components.agent,
        name="support",
        context_options={"search_options": {"vector_search": True}},
    )
    ```

    ## Use instead

    ```python
    from convexity.components.agent import Agent

    from ._generated.api import components

    support = Agent(
        components.agent,
        name="support",
        text_embedding="openai:text-embedding-3-small",
        context_options={"search_options": {"vector_search": True}},
    )
    ```

    ## References

    - Agent component, *Configuring the context of messages*.
    """

    name = "vector-search-without-embedding"
    code = "AGT007"
    words = frozenset({"agent"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the options of every agent."""
        for made in agents(project):
            options = made.option("context_options")
            if (
                options is None
                or not made.has_all_options
                or not all(is_empty(made.option(name)) for name in _MODELS)
            ):
                continue
            switch = _switch(options)
            if switch is not None:
                yield self.finding(
                    project,
                    Location(made.module, switch.span),
                    "the agent has no model that makes embeddings to search by",
                    help="give it one with `text_embedding=...`",
                )


def _switch(options: Expr) -> Expr | None:
    for node in walk(options):
        match node:
            case Keyword(name=name, value=Constant(value=True) as value) if name in _SWITCH:
                return value
            case DictItem(key=Constant(value=name), value=Constant(value=True) as value) if (
                name in _SWITCH
            ):
                return value
            case _:
                pass
    return None
