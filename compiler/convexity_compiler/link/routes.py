"""Routes of ``http.py``, in both forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.declarations import (
    Receiver,
    declaring_calls,
    declaring_decorators,
)
from convexity_compiler.link.model import LinkedRoute, Location
from convexity_compiler.link.symbols import Defined
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.link.model import LinkedFunction
    from convexity_compiler.link.special_files import Built
    from convexity_compiler.summary.model import ModuleSummary

    HttpActions: TypeAlias = Callable[[str, str], LinkedFunction | None]

_MODULE: Final = "http"
_ACCEPTED: Final = 'write a string, such as `"/echo"`'


def link_routes(
    evaluator: Evaluator, module: ModuleSummary, router: Built, actions: HttpActions
) -> tuple[LinkedRoute, ...]:
    """Return the routes that a module declares on the router, in order of their places.

    Only those of http.py count; those of other modules are noted. ``actions`` looks up the HTTP
    action that a name of a module is.
    """
    reader = _Routes(evaluator, actions)
    receiver = Receiver(_MODULE, router.name, ("route",), "route")
    routes = [reader.route(call, None) for call in declaring_calls(evaluator, module, receiver)]
    for function, decorator in declaring_decorators(evaluator, module, receiver):
        action = actions(_MODULE, function.name)
        if action is not None and decorator in action.decorators_below:
            action = None  # the decorator meets the bare handler, which is no HTTP action yet
        routes.append(reader.route(decorator, action))
    return tuple(sorted(routes, key=lambda route: route.location.span))


class _Routes:
    def __init__(self, evaluator: Evaluator, actions: HttpActions) -> None:
        self._evaluator = evaluator
        self._actions = actions

    def route(self, call: e.Call, decorated: LinkedFunction | None) -> LinkedRoute:
        """Return the route of one call; ``decorated`` is the action below a decorator."""
        path, path_node, path_known = self._text(call, "path")
        prefix, prefix_node, prefix_known = self._text(call, "path_prefix")
        method, method_node, method_known = self._text(call, "method")
        is_spelled = self._is_spelled(call)
        handler = call.keyword("handler")
        action = decorated
        if handler is not None:
            symbol = self._evaluator.resolver.symbol(_MODULE, handler.value)
            if isinstance(symbol, Defined):
                action = self._actions(symbol.module, symbol.name)
        return LinkedRoute(
            method=method,
            path=path,
            path_prefix=prefix,
            handler=action,
            handler_expression=None if handler is None else handler.value,
            location=Location(_MODULE, call.span),
            path_location=_place(path_node or prefix_node),
            method_location=_place(method_node),
            is_resolved=is_spelled and path_known and prefix_known and method_known,
        )

    def _is_spelled(self, call: e.Call) -> bool:
        """Whether all arguments are keywords that are written out; notes those that are not."""
        extra = [*call.arguments, *(entry for entry in call.keywords if entry.name is None)]
        for node in extra:
            self._evaluator.findings.note(
                _MODULE,
                node,
                "is no keyword argument that is written out",
                what="route",
                accepted='write `path="/echo", method="POST"`',
            )
        return not extra

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
    return None if node is None else Location(_MODULE, node.span)
