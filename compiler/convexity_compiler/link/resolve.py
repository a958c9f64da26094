"""What names mean, across modules and without importing user code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.link.model import ReferencePath
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import FunctionSummary, ModuleSummary


class Resolver:
    """Resolves names of the project's modules."""

    def __init__(self, modules: Mapping[str, ModuleSummary]) -> None:
        self._modules = modules

    def qualified_name(
        self, module: str, expression: Expr, function: FunctionSummary | None = None
    ) -> str | None:
        """Dotted origin of a name or attribute chain, through imports and aliases.

        ``time.sleep`` for ``from time import sleep as nap; nap``; ``convexity.values.v`` for
        ``from convexity.values import v as validate``; ``_generated.server.mutation`` and
        ``_generated.api.internal.index.f`` for generated names; ``messages/access.helper`` for a
        name of another module of the project; ``builtins.len`` for an unshadowed builtin. None
        for local variables, parameters of ``function`` and everything that is no plain chain.
        """
        raise NotImplementedError

    def reference(
        self, module: str, expression: Expr, function: FunctionSummary | None = None
    ) -> ReferencePath | None:
        """The ``api``, ``internal`` or ``components`` reference an expression spells."""
        raise NotImplementedError
