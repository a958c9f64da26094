"""The Jinja environment of the backend templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from convexity_compiler.emit.backend.literals import markdown_text, yaml_string
from convexity_compiler.emit.layout import Labelled, Text, layout

if TYPE_CHECKING:
    from convexity_compiler.emit.layout import Node


def render(template: str, **values: Any) -> str:
    """Render a template of ``convexity_templates/backend``, named without ``.jinja``."""
    return _ENVIRONMENT.get_template(f"{template}.jinja").render(values)


def _python(value: Node | str, label: str, indent: int, *, column: int | None = None) -> str:
    """Write an expression, or a text as a string literal, behind ``label``, before a comma."""
    node = Text(value) if isinstance(value, str) else value
    return layout(Labelled(label, node), indent=indent, column=column, reserve=1)


_ENVIRONMENT = Environment(
    loader=PackageLoader("convexity_templates", "backend"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)
_ENVIRONMENT.filters.update(python=_python, yaml=yaml_string, markdown=markdown_text)
