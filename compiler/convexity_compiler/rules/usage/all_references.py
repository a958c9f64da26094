"""References to functions, wherever a project spells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary.expressions import Attribute, Name
from convexity_compiler.summary.walk import expressions, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import ReferencePath
    from convexity_compiler.link.project import LinkedProject
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.node import Node


class WrittenReference(NamedTuple):
    """A reference as it is written."""

    module: str
    chain: Expr
    """The whole of it."""
    reference: ReferencePath
    origin: str | None
    """The dotted origin of the name that it begins with: ``_generated.api.internal``."""


def all_references(project: LinkedProject) -> Iterator[ReferencePath]:
    """Yield the references in functions and at the top of modules, each as long as it is written.

    A module or a root that is passed on as a whole is a reference too, to all that is below it.
    """
    for written in written_references(project):
        yield written.reference


def written_references(project: LinkedProject) -> Iterator[WrittenReference]:
    """Yield the references with their places; see ``all_references``."""
    for use in functions(project):
        for place in use.places:
            reference = use.scope.reference(place.node) if place.role != "receiver" else None
            if reference is not None:
                origin = use.scope.qualified_name(_start(place.node))
                yield WrittenReference(use.module, place.node, reference, origin)
    for module in project.own_modules:
        statements = [
            *(entry.statement for entry in module.assignments),
            *(entry.statement for entry in module.statements),
        ]
        found = [
            node
            for statement in statements
            for expression in expressions(statement)
            for node in walk(expression)
        ]
        found += [
            node
            for function in module.functions
            for decorator in function.decorators
            for node in walk(decorator)
        ]
        for chain in _chains(found):
            reference = project.resolver.reference(module.module, chain)
            if reference is not None:
                origin = project.resolver.qualified_name(module.module, _start(chain))
                yield WrittenReference(module.module, chain, reference, origin)


def _start(chain: Expr) -> Expr:
    while isinstance(chain, Attribute):
        chain = chain.value
    return chain


def _chains(found: list[Node]) -> Iterator[Expr]:
    """Names and attributes that no further attribute follows."""
    owners = {id(node.value) for node in found if isinstance(node, Attribute)}
    for node in found:
        if isinstance(node, (Name, Attribute)) and id(node) not in owners:
            yield node
