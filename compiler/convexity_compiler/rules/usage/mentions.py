"""What functions use of the world outside, and which functions of the project they call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.link.instances import made_by
from convexity_compiler.link.symbols import Defined, External, ProjectModule
from convexity_compiler.memo import Memo
from convexity_compiler.rules.usage.body import Body
from convexity_compiler.rules.usage.outside import OUTSIDE, RESULTS, ROOTS, look_up
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary.model import FunctionSummary
from convexity_compiler.summary.statements import Assign, Evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.link.symbols import Symbol
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.outside import Match
    from convexity_compiler.rules.usage.places import Place
    from convexity_compiler.rules.usage.scope import Scope
    from convexity_compiler.summary.model import ModuleSummary, Parameter
    from convexity_compiler.summary.statements import Statement

_BUILTINS: Final = frozenset(OUTSIDE["builtins"])
_LOOKING: Final = frozenset({"isinstance", "issubclass", "cast", "type", "id", "repr", "print"})
"""Functions that do nothing with a function they are given."""


class Mention(NamedTuple):
    """A name of the table of the outside."""

    match: Match
    origin: str
    """The whole of its name: ``httpx.AsyncClient.get``."""
    node: e.Expr
    """The name as written: ``client.get``."""
    call: e.Call | None
    """The call, where it is not passed on or kept."""
    is_deferred: bool
    """Whether it stands in a plain function or lambda inside, which may run in a thread."""

    @property
    def is_called(self) -> bool:
        """Whether it is called there, and not passed on or kept."""
        return self.call is not None

    @property
    def is_construction(self) -> bool:
        """Whether it only makes an instance."""
        return self.match.is_class and self.origin == self.match.name


class ProjectCall(NamedTuple):
    """A function of the project's own that is called or passed on."""

    module: str
    name: str
    node: e.Expr
    call: e.Call | None
    """The call, where it is not only passed on."""
    is_deferred: bool

    @property
    def is_called(self) -> bool:
        """Whether it is called there, and not passed on."""
        return self.call is not None


class Mentions(NamedTuple):
    """What some code mentions, in source order."""

    outside: tuple[Mention, ...]
    calls: tuple[ProjectCall, ...]


_IMPORTS: Final[Memo[Resolver, dict[str, Mentions]]] = Memo()
_BODIES: Final[Memo[FunctionUse, Mentions]] = Memo()
_NAMES: Final[Memo[Resolver, dict[str, frozenset[str]]]] = Memo()


def mentions(project: LinkedProject, use: FunctionUse) -> Mentions:
    """Return what the body of a function mentions; worked out once, for all rules."""
    found = _BODIES.get(use)
    if found is None:
        found = _BODIES[use] = _Finder(project, use.module, use.scope).mentions(use.places)
    return found


def import_mentions(project: LinkedProject, module: ModuleSummary) -> Mentions:
    """Return what a module mentions that runs when it is imported, decorators excepted."""
    known = _IMPORTS.setdefault(project.resolver, {})
    found = known.get(module.module)
    if found is None:
        found = known[module.module] = _import_mentions(project, module)
    return found


def _import_mentions(project: LinkedProject, module: ModuleSummary) -> Mentions:
    statements: list[Statement] = [
        *(entry.statement for entry in module.assignments if entry.placement != "type_checking"),
        *(entry.statement for entry in module.statements if entry.placement != "type_checking"),
    ]
    values = [
        *(entry.default for function in module.functions for entry in _parameters(function)),
        *(field.value for entry in module.classes for field in entry.fields),
    ]
    statements += [Evaluate(value.span, value) for value in values if value is not None]
    return _Finder(project, module.module, None).mentions(
        Body(statements, (), is_async=False).places
    )


def _parameters(function: FunctionSummary) -> tuple[Parameter, ...]:
    return function.parameters if function.placement == "module" else ()


def origin(project: LinkedProject, use: FunctionUse, expression: e.Expr) -> str | None:
    """Return the dotted origin of a value from outside, through variables and instances.

    ``convexity.components.agent.Thread`` for ``await support.continue_thread(...)``.
    """
    return _Finder(project, use.module, use.scope).origin(expression)


class _Finder:
    def __init__(self, project: LinkedProject, module: str, scope: Scope | None) -> None:
        self._resolver = project.resolver
        self._module = module
        self._scope = scope
        self._telling = _telling_names(project, module)

    def mentions(self, places: Iterable[Place]) -> Mentions:
        outside: list[Mention] = []
        calls: list[ProjectCall] = []
        telling = self._telling
        for place in places:
            node, role, _, _, _ = place
            kind = type(node)
            if (kind is not e.Name and kind is not e.Attribute) or role in ("receiver", "tested"):
                continue
            root = _root(node)
            if type(root) is not e.Name:
                continue
            if root.id not in telling and self._local(root) is root:
                continue
            found = self._mention(place)
            if isinstance(found, Mention):
                outside.append(found)
            elif found is not None:
                calls.append(found)
        return Mentions(tuple(outside), tuple(calls))

    def _mention(self, place: Place) -> Mention | ProjectCall | None:
        node, parent = place.node, place.parent
        call = parent if isinstance(parent, e.Call) and parent.function is node else None
        is_deferred = place.is_nested and not place.is_async
        symbol = self._symbol(node)
        if isinstance(symbol, Defined) and not symbol.attributes and self._is_function(symbol):
            if call is None and not _is_passed_on(place):
                return None
            return ProjectCall(symbol.module, symbol.name, node, call, is_deferred)
        found = self.origin(node)
        match = None if found is None else look_up(found)
        if found is None or match is None:
            return None
        if match.is_class:
            if found == match.name and call is None:
                return None
            if found != match.name and self._scope is not None and not isinstance(symbol, Defined):
                return None  # the instance is made here, and that is found already
        if "environment" in match.leaf.effects:
            if self._begins_locally(node):
                return None  # the variable was found where it got its value
        elif _is_looked_at(place) or self._is_renamed(place):
            return None
        if match.leaf.only_without_arguments and not _is_bare_call(place):
            return None
        return Mention(match, found, node, call, is_deferred)

    def _begins_locally(self, node: e.Expr) -> bool:
        root = _root(node)
        return isinstance(root, e.Name) and self._local(root) is not root

    def _is_renamed(self, place: Place) -> bool:
        """Whether a local variable gets a function: it is found where the variable is called."""
        parent = place.parent
        return (
            isinstance(parent, Assign)
            and len(parent.targets) == 1
            and self._begins_locally(parent.targets[0])
        )

    def _local(self, name: e.Name) -> e.Expr:
        return name if self._scope is None else self._scope.constant(name)

    def _symbol(self, node: e.Expr) -> Symbol | None:
        if isinstance(node, e.Name):
            node = self._local(node)
        if self._scope is not None:
            return self._scope.symbol(node)
        return self._resolver.symbol(self._module, node)

    def _is_function(self, symbol: Defined) -> bool:
        bound = self._resolver.bound(symbol.module, symbol.name)
        return bool(bound) and isinstance(bound[-1].definition, FunctionSummary)

    def origin(self, node: e.Expr) -> str | None:
        """Return the dotted origin of what an expression holds; instances count as their class."""
        match node:
            case e.Name():
                value = self._local(node)
                return self._named(node) if value is node else self.origin(value)
            case e.Attribute(value=owner, name=name):
                found = self._named(node) if _is_chain(node) else None
                if found is None:
                    start = self.origin(owner)
                    found = None if start is None else f"{start}.{name}"
                return found
            case e.Call(function=e.Attribute(value=owner, name="with_options")):
                return self.origin(owner)
            case e.Call(function=function):
                found = self.origin(function)
                return found if found is not None and _names_class(found) else None
            case e.Await(value=e.Call(function=function)):
                return RESULTS.get(self.origin(function) or "")
            case _:
                return None

    def _named(self, node: e.Expr) -> str | None:
        symbol = self._symbol(node)
        if isinstance(symbol, External):
            return symbol.name
        if not isinstance(symbol, Defined):
            return None
        made = made_by(self._resolver, Defined(symbol.module, symbol.name))
        if made is None or not _names_class(made):
            return None
        return ".".join((made, *symbol.attributes))


def _root(node: e.Expr) -> e.Expr:
    while True:
        if isinstance(node, (e.Attribute, e.Await)):
            node = node.value
        elif isinstance(node, e.Call):
            node = node.function
        else:
            return node


def _names_class(origin: str) -> bool:
    return origin.rpartition(".")[2][:1].isupper()


def _is_chain(node: e.Expr) -> bool:
    while isinstance(node, e.Attribute):
        node = node.value
    return isinstance(node, e.Name)


def _is_passed_on(place: Place) -> bool:
    return isinstance(place.parent, (e.Call, e.Keyword)) and not _is_looked_at(place)


def _is_looked_at(place: Place) -> bool:
    parent = place.parent
    return (
        isinstance(parent, e.Call)
        and parent.function is not place.node
        and isinstance(parent.function, e.Name)
        and parent.function.id in _LOOKING
    )


def _is_bare_call(place: Place) -> bool:
    parent = place.parent
    return (
        isinstance(parent, e.Call)
        and parent.function is place.node
        and not parent.arguments
        and not parent.keywords
    )


def _telling_names(project: LinkedProject, module: str) -> frozenset[str]:
    """Return the names of a module that may lead out of it; no other chain is looked at."""
    by_module = _NAMES.setdefault(project.resolver, {})
    found = by_module.get(module)
    if found is None:
        found = by_module[module] = _BUILTINS.union(_names(project, module))
    return found


def _names(project: LinkedProject, module: str) -> Iterator[str]:
    for entry in project.modules[module].imports:
        target = project.resolver.imported_module(module, entry)
        if isinstance(target, External):
            if target.name.partition(".")[0] in ROOTS:
                yield entry.bound
        elif entry.name == "*":
            yield from _star_names(project, target)
        else:
            yield entry.bound
    for name, bindings in project.resolver.namespace(module).bindings.items():
        if any(_may_act(entry.definition) for entry in bindings):
            yield name


def _star_names(project: LinkedProject, target: ProjectModule) -> Iterator[str]:
    if target.path in project.modules:
        yield from project.resolver.namespace(target.path).bindings


def _may_act(definition: object) -> bool:
    if isinstance(definition, Assign):
        return isinstance(definition.value, (e.Call, e.Name, e.Attribute))
    return isinstance(definition, FunctionSummary)
