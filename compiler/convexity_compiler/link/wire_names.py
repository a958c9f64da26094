"""Names of arguments on the wire."""

import keyword


def wire_name(parameter: str) -> str:
    """Wire name of a parameter: ``from_`` is argument ``from`` (language.md section 1)."""
    stripped = parameter.removesuffix("_")
    return stripped if keyword.iskeyword(stripped) else parameter
