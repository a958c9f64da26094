"""Names of functions and arguments on either side of the wire."""

from __future__ import annotations

import keyword
from typing import Any

from convexity.errors import DefinitionError


def wire_argument(parameter: str, /) -> str:
    """Wire name of a Python parameter: ``from_`` is ``from``, as for any keyword; others stay."""
    stripped = parameter.removesuffix("_")
    return stripped if keyword.iskeyword(stripped) else parameter


def python_parameter(argument: str, /) -> str:
    """Python parameter of a wire argument, the inverse of :func:`wire_argument`."""
    return f"{argument}_" if keyword.iskeyword(argument) else argument


def to_wire_arguments(keywords: dict[str, Any], /) -> dict[str, Any]:
    """Keyword arguments of a Python call under their wire names."""
    return {wire_argument(name): value for name, value in keywords.items()}


def to_python_parameters(arguments: dict[str, Any], /) -> dict[str, Any]:
    """Wire arguments under the names of the handler's parameters."""
    return {python_parameter(name): value for name, value in arguments.items()}


def split_path(path: str, /) -> tuple[str, str]:
    """Module and function of a wire path; ``messages/access:h`` is ``("messages/access", "h")``.

    A path without a colon means the function ``default`` of that module (wire-protocol 2.5).
    """
    module, separator, function = path.rpartition(":")
    if not separator:
        module, function = path, "default"
    return module.removesuffix(".js"), function


def canonical_path(path: str, /) -> str:
    """The one spelling of a path that registries use: no ``.js``, always with a function name."""
    module, function = split_path(path)
    return f"{module}:{function}"


def is_system_path(path: str, /) -> bool:
    """Whether a path names a system function, which only admins can call (wire-protocol 2.5)."""
    return path.startswith("_system/")


def public_path(path: str, /) -> str:
    """A path as "could not find" messages show it; a default export shows its module only."""
    module, function = split_path(path)
    return module if function == "default" else f"{module}:{function}"


def display_path(path: str, /) -> str:
    """A path as the official tools show it: ``messages/access.js:h`` (wire-protocol 2.5)."""
    module, function = split_path(path)
    return f"{module}.js:{function}"


def display_name(name: str, /) -> str:
    """Like :func:`display_path`, for a function that may be of another component.

    ``counter;lib:add`` is shown as ``counter;lib.js:add``.
    """
    component, separator, path = name.rpartition(";")
    return f"{component}{separator}{display_path(path)}"


def check_wire_name(name: str, /) -> str:
    """``name`` if it may name a function on the wire, else :class:`DefinitionError`."""
    if not name.isidentifier() or not name.isascii() or len(name) > 64:
        raise DefinitionError(
            f"name={name!r} cannot name a function: use letters, digits and underscores, "
            "not starting with a digit, at most 64 characters"
        )
    return name
