"""Routes of ``http.py``, in both forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeGuard

from convexity_compiler.link.model import LinkedRoute, Location
from convexity_compiler.link.symbols import Defined
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.link.model import LinkedFunction
    from convexity_compiler.link.special_files import Built
    from convexity_compiler.summary.model import ModuleSummary

_MODULE: Final = "http"
_ACCEPTED: Final = 'write a string, such as `"/echo"`'


def link_routes(
    evaluator: Evaluator,
    module: ModuleSummary,
    router: Built,
    actions: Mapping[tuple[str, str], LinkedFunction],
) -> tuple[LinkedRoute, ...]:
    """Return the routes of a router in order of their places.

    ``actions`` are the HTTP actions by module and name of their function.
    """
    reader = _Routes(evaluator, router, actions)
    routes = []
    for binding in module.statements:
        call = getattr(binding.statement, "value", None)
        if reader.is_route(call):
            routes.append(reader.route(call, None))
    for function in module.functions:
        routes.extend(
            reader.route(decorator, actions.get((_MODULE, function.name)))
            for decorator in function.decorators
            if isinstance(decorator, e.Call) and reader.is_route(decorator)
        )
    return tuple(sorted(routes, key=lambda route: route.location.span))


class _Routes:
    def __init__(
        self,
        evaluator: Evaluator,
        router: Built,
        actions: Mapping[tuple[str, str], LinkedFunction],
    ) -> None:
        self._evaluator = evaluator
        self._actions = actions
        self._name = router.name

    def is_route(self, call: object) -> TypeGuard[e.Call]:
        """Whether an expression is ``http.route(...)``."""
        return (
            isinstance(call, e.Call)
            and isinstance(call.function, e.Attribute)
            and call.function.name == "route"
            and self._evaluator.resolver.symbol(_MODULE, call.function.value)
            == Defined(_MODULE, self._name)
        )

    def route(self, call: e.Call, decorated: LinkedFunction | None) -> LinkedRoute:
        """Return the route of one call; ``decorated`` is the action below a decorator."""
        path, path_node, path_known = self._text(call, "path")
        prefix, prefix_node, prefix_known = self._text(call, "path_prefix")
        method, method_node, method_known = self._text(call, "method")
        handler = call.keyword("handler")
        action = decorated
        if handler is not None:
            symbol = self._evaluator.resolver.symbol(_MODULE, handler.value)
            if isinstance(symbol, Defined):
                action = self._actions.get((symbol.module, symbol.name))
        return LinkedRoute(
            method=method,
            path=path,
            path_prefix=prefix,
            handler=action,
            handler_expression=None if handler is None else handler.value,
            location=Location(module=_MODULE, span=call.span),
            path_location=_place(path_node or prefix_node),
            method_location=_place(method_node),
            is_resolved=path_known and prefix_known and method_known,
        )

    def _text(self, call: e.Call, name: str) -> tuple[str | None, e.Expr | None, bool]:
        """Value and place of a keyword, and whether the value is known if it is given."""
        given = call.keyword(name)
        if given is None:
            return None, None, True
        found = self._evaluator.try_evaluate(given.value, _MODULE, f"{name} of a route")
        value = None if found is None else found[0]
        if found is not None and not isinstance(value, str):
            self._evaluator.findings.note(
                _MODULE,
                given.value,
                f"the {name} of a route must be a string",
                what=f"{name} of a route",
                kind="invalid_call",
                accepted=_ACCEPTED,
            )
        return (value, given.value, True) if isinstance(value, str) else (None, given.value, False)


def _place(node: e.Expr | None) -> Location | None:
    return None if node is None else Location(module=_MODULE, span=node.span)
