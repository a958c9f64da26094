"""The Jinja environment of the templates in ``convexity_templates``."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=PackageLoader("convexity_templates", "references"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)


def render(template: str, **values: object) -> str:
    """Render a template of ``convexity_templates/references``, named without ``.jinja``."""
    return _ENVIRONMENT.get_template(f"{template}.jinja").render(values)
