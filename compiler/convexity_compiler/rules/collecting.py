"""Rules about the project as a whole that look at each module only once."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, TypeAlias

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

Fact: TypeAlias = "str | int | list[Fact] | None"
"""Something that is known of a module; JSON has a form for it."""


class CollectingRule(Rule):
    """A rule that collects facts of every module, and draws its conclusions from all of them.

    The facts of modules that have not changed are kept.
    """

    scope = "project"

    @abstractmethod
    def collect(self, project: LinkedProject) -> Iterable[Fact]:
        """Yield the facts of the module that the lists of ``project`` are about."""

    @abstractmethod
    def conclude(
        self, project: LinkedProject, facts: Mapping[str, Sequence[Fact]]
    ) -> Iterator[Diagnostic]:
        """Yield the findings of the whole project; ``facts`` are those of each module, in order.

        Whatever else is looked up in ``project`` should be a part of the schema: modules are not
        read anew.
        """

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Collect the facts of all modules, and draw the conclusions."""
        facts = {
            module.module: list(self.collect(project.focused(module.module)))
            for module in project.own_modules
        }
        yield from self.conclude(project, facts)
