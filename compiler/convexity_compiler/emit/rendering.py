"""The Jinja environments of the templates in ``convexity_templates``."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


class Renderer:
    """Renders the templates of one folder; all of them end in ``.jinja``."""

    def __init__(self, folder: str) -> None:
        self._environment = Environment(
            loader=PackageLoader("convexity_templates", folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )

    def __call__(self, template: str, **values: object) -> str:
        """Render a template, named without ``.jinja``."""
        return self._environment.get_template(f"{template}.jinja").render(values)
