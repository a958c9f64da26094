"""What rules say about one module."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.rules.collecting import Fact


class ModuleReport(NamedTuple):
    """What the rules have to say about one module."""

    findings: tuple[Diagnostic, ...]
    """As the rules put them, whether comments silence them or not."""
    facts: Mapping[str, Sequence[Fact]]
    """What rules about the project keep of it, by name of the rule."""
