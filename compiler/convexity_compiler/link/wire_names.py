"""Names of arguments, functions and components outside Python: on the wire, or behind a dot."""

import keyword

from convexity.values.names import identifier_problem


def wire_name(parameter: str) -> str:
    """Wire name of a parameter: ``from_`` is argument ``from`` (language.md section 1)."""
    stripped = parameter.removesuffix("_")
    return stripped if keyword.iskeyword(stripped) else parameter


def name_problem(name: str) -> str | None:
    """What keeps a name from following ``api.`` or ``components.``; None for a good one."""
    if name.startswith("_"):
        return "begins with an underscore"
    if keyword.iskeyword(name):
        return "is a keyword of Python"
    return identifier_problem(name)
