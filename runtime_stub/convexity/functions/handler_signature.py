"""Agreement of a handler's parameters with the ``args`` of its registration."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from convexity.errors import DefinitionError
from convexity.functions.names import python_parameter, wire_argument
from convexity.values import ObjectValidator

_BY_KEYWORD = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def check_handler(handler: Callable[..., Any], args: ObjectValidator) -> None:
    """Check that the handler can be called with any arguments that ``args`` accepts.

    The fields of a generated type are unknown at run time; the compiler has checked those.

    Raises:
        DefinitionError: ``ctx`` is missing, a parameter and an argument have no counterpart, or an
            optional argument has no default.
    """
    name = handler.__name__
    parameters = list(inspect.signature(handler).parameters.values())
    if not parameters or parameters[0].kind not in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    ):
        raise DefinitionError(f"{name}() needs a first parameter `ctx`")
    accepted: dict[str, inspect.Parameter] = {}
    takes_rest = False
    for parameter in parameters[1:]:
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            takes_rest = True
        elif parameter.kind in _BY_KEYWORD:
            accepted[wire_argument(parameter.name)] = parameter
        else:
            raise DefinitionError(
                f"parameter `{parameter.name}` of {name}() must be usable as a keyword: "
                "arguments arrive by name"
            )
    if args.kind == "opaque":
        return
    for argument, validator in args.fields.items():
        parameter_name = python_parameter(argument)
        given = accepted.get(argument)
        if given is None:
            if not takes_rest:
                raise DefinitionError(
                    f"{name}() has no parameter `{parameter_name}` for its argument {argument!r}"
                )
        elif validator.is_optional and given.default is inspect.Parameter.empty:
            raise DefinitionError(
                f"parameter `{parameter_name}` of {name}() needs a default: its argument "
                f"{argument!r} is optional and may be absent"
            )
    for argument, parameter in accepted.items():
        if argument not in args.fields and parameter.default is inspect.Parameter.empty:
            raise DefinitionError(
                f"parameter `{parameter.name}` of {name}() is missing in args: add "
                f"{argument!r} to args or remove the parameter"
            )
