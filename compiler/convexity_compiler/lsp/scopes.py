"""What names mean at a place of a text that may be newer than what is known of its module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from convexity_compiler.link.model import Location, ReferencePath
from convexity_compiler.lsp.tokens import tokens
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Attribute, Expr, Name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.link.project import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse

_NOWHERE: Final = Span(1, 1, 1, 1)
_ROOTS: Final[tuple[Literal["api", "internal", "components"], ...]] = (
    "api",
    "internal",
    "components",
)


def function_around(
    project: LinkedProject, module: str, text: str, offset: int
) -> FunctionUse | None:
    """Return the function whose body the offset lies in, as it was when the module last parsed.

    It is found by its name, so that it does not matter how the text around it has changed.
    """
    known = {use.function.name: use for use in functions(project) if use.module == module}
    line_start = text.rfind("\n", 0, offset) + 1
    line = text[line_start:offset]
    limit = len(line) - len(line.lstrip())
    found = [token for token in tokens(text) if token.start < offset]
    for position in range(len(found) - 2, -1, -1):
        if found[position].text != "def" or found[position].kind != "name":
            continue
        start = text.rfind("\n", 0, found[position].start) + 1
        header = text[start : found[position].start]
        indentation = len(header) - len(header.lstrip())
        if indentation < limit or start == line_start:
            use = known.get(found[position + 1].text)
            if use is not None:
                return use
            limit = indentation
    return None


def reference_at(
    project: LinkedProject, module: str, text: str, offset: int, names: Sequence[str]
) -> ReferencePath | None:
    """Return the reference that a chain of names spells at a place.

    In a module that never parsed, ``api``, ``internal`` and ``components`` are taken at their word.
    """
    chain = _expression(names)
    use = function_around(project, module, text, offset)
    if use is not None:
        found = use.scope.reference(chain)
        if found is not None:
            return found
    if module in project.modules and project.modules[module].problem is None:
        return project.resolver.reference(module, chain)
    for root in _ROOTS:
        if names[0] == root:
            return ReferencePath(
                root=root, parts=tuple(names[1:]), location=Location(module, _NOWHERE)
            )
    return None


def symbol_at(
    project: LinkedProject, module: str, text: str, offset: int, names: Sequence[str]
) -> str | None:
    """Return the dotted origin of a chain of names (see ``Resolver.qualified_name``)."""
    if module not in project.modules:
        return None
    chain = _expression(names)
    use = function_around(project, module, text, offset)
    if use is not None:
        return use.scope.qualified_name(chain)
    return project.resolver.qualified_name(module, chain)


def _expression(names: Sequence[str]) -> Expr:
    chain: Expr = Name(_NOWHERE, names[0])
    for name in names[1:]:
        chain = Attribute(_NOWHERE, chain, name)
    return chain
