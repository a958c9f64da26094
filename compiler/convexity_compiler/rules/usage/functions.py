"""Every function of a project with what it uses; worked out once, for all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, cast

from convexity_compiler.memo import Memo, cached_property
from convexity_compiler.rules.usage.body import Body
from convexity_compiler.rules.usage.local_types import forget_types
from convexity_compiler.rules.usage.scope import Scope
from convexity_compiler.rules.usage.values import Handle
from convexity_compiler.rules.walk import nodes
from convexity_compiler.summary.expressions import Attribute, Call, Name
from convexity_compiler.summary.node import Node
from convexity_compiler.summary.statements import Return
from convexity_compiler.summary.walk import walk_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.rules.usage.bindings import Binding
    from convexity_compiler.rules.usage.places import Place
    from convexity_compiler.rules.usage.values import ContextKind, Query
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import FunctionSummary, ModuleSummary

N = TypeVar("N", bound=Node)


class ContextCall(NamedTuple):
    """A call of a method of a context or of a part of it."""

    place: Place
    call: Call
    """With literals for the constants that name tables, indexes and fields."""
    method: Attribute
    owner: Handle
    written: Call


class QueryCall(NamedTuple):
    """A call of a method of a query."""

    place: Place
    call: Call
    """With literals for the constants that name tables, indexes and fields."""
    method: Attribute
    query: Query
    """The query before the call."""
    written: Call


class FunctionUse:
    """A function and what its expressions hold; functions inside it are parts of it."""

    def __init__(
        self,
        project: LinkedProject,
        module: str,
        function: FunctionSummary,
        registered: LinkedFunction | None,
    ) -> None:
        self.module = module
        self.function = function
        self.registered = registered
        """The registration, when this is a handler."""
        self.project = project.base
        """Where everything can be looked up."""

    @cached_property
    def _body(self) -> Body:
        function = self.function
        return Body(function.statements, function.parameters, is_async=function.is_async)

    @cached_property
    def scope(self) -> Scope:
        """What the names of the function hold."""
        return Scope(self.project, self.module, self.function, self.registered, self._body.bindings)

    @cached_property
    def nodes(self) -> list[Node]:
        """Every statement and expression of the body, outer before inner."""
        return list(nodes(self.function))

    def nodes_of(self, kind: type[N]) -> list[N]:
        """The statements of one kind, or all subscripts, in source order."""
        return cast("list[N]", self._body.by_kind.get(kind, []))

    @cached_property
    def returns(self) -> tuple[Return, ...]:
        """The ``return`` statements, without those of functions inside."""
        return tuple(
            statement
            for statement in walk_statements(self.function.statements)
            if isinstance(statement, Return)
        )

    @cached_property
    def kinds(self) -> frozenset[ContextKind]:
        """The kinds of functions whose context it takes; empty when not known."""
        if self.registered is not None:
            kind = self.registered.kind
            return frozenset({"action" if kind == "http_action" else kind})
        for parameter in self.function.parameters:
            value = self.scope.value(Name(parameter.span, parameter.name))
            if isinstance(value, Handle) and value.kinds and not value.path:
                return value.kinds
        return frozenset()

    @cached_property
    def bindings(self) -> dict[str, list[Binding]]:
        """All bindings of each name, in source order."""
        return self._body.bindings

    @cached_property
    def loops(self) -> dict[str, list[tuple[Expr, bool]]]:
        """What plain loop variables run through, and whether asynchronously."""
        return self._body.loops

    @cached_property
    def places(self) -> list[Place]:
        """The expressions of the body, outer before inner, in source order."""
        return self._body.places

    @cached_property
    def calls(self) -> list[Place]:
        """Those of ``places`` that are calls."""
        return self._body.calls

    @cached_property
    def attributes(self) -> list[Place]:
        """Those of ``places`` that are attributes."""
        return self._body.attributes

    @cached_property
    def names(self) -> list[Place]:
        """Those of ``places`` that are names."""
        return self._body.names

    @cached_property
    def awaits(self) -> list[Place]:
        """Those of ``places`` that are ``await``."""
        return self._body.awaits

    @cached_property
    def context_calls(self) -> list[ContextCall]:
        """Calls on the context and its parts, in source order."""
        return self._calls[0]

    @cached_property
    def query_calls(self) -> list[QueryCall]:
        """Calls on queries, builders and terminals alike."""
        return self._calls[1]

    @cached_property
    def _calls(self) -> tuple[list[ContextCall], list[QueryCall]]:
        on_contexts: list[ContextCall] = []
        on_queries: list[QueryCall] = []
        value = self.scope.value
        for place in self.calls:
            call = place.node
            if isinstance(call, Call) and isinstance(call.function, Attribute):
                method = call.function
                owner = value(method.value)
                if owner is None:
                    continue
                named = self.scope.with_names(call, method.name)
                if isinstance(owner, Handle):
                    on_contexts.append(ContextCall(place, named, method, owner, call))
                else:
                    on_queries.append(QueryCall(place, named, method, owner, call))
        return on_contexts, on_queries


_KNOWN: Final[Memo[Resolver, dict[str, tuple[FunctionUse, ...]]]] = Memo()


_LISTED: Final[Memo[LinkedProject, tuple[FunctionUse, ...]]] = Memo()


def functions(project: LinkedProject) -> tuple[FunctionUse, ...]:
    """Return the functions and methods to look at, without those inside other functions."""
    if project.base is project:
        return _list_functions(project)  # its modules are forgotten one by one
    found = _LISTED.get(project)
    if found is None:
        found = _LISTED[project] = _list_functions(project)
    return found


def _list_functions(project: LinkedProject) -> tuple[FunctionUse, ...]:
    return tuple(
        use for module in project.own_modules for use in module_functions(project, module.module)
    )


def module_functions(project: LinkedProject, module: str) -> tuple[FunctionUse, ...]:
    """Return the functions and methods of any module, without those inside other functions."""
    known = _KNOWN.setdefault(project.resolver, {})
    facts = project.facts(module)
    found = known.get(module)
    if found is None:
        registered = (
            {}
            if facts is None
            else {id(entry.definition): entry for entry in (*facts.functions, *facts.http_actions)}
        )
        found = known[module] = tuple(
            FunctionUse(project, module, function, registered.get(id(function)))
            for function in _outer_functions(project.modules[module])
        )
    return found


def forget_functions(project: LinkedProject, module: str) -> None:
    """Drop what is known of the functions of a module that has been checked.

    What is known of a function refers back to it, and no collector runs during a check.
    """
    for use in _KNOWN.setdefault(project.resolver, {}).pop(module, ()):
        forget_types(use)
        vars(use).clear()


def _outer_functions(module: ModuleSummary) -> Iterator[FunctionSummary]:
    for function in module.functions:
        if "." not in function.qualified_name or function.placement != "function":
            yield function
