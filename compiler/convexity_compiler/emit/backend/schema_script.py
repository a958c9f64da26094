"""The SQL scripts that create the storage of the application and of components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.emit.backend.ddl import schema_statements
from convexity_compiler.emit.backend.rendering import render

if TYPE_CHECKING:
    from convexity_compiler.emit.backend.ddl import Dialect
    from convexity_compiler.ir import ComponentIR

_DATABASES: Final[dict[Dialect, str]] = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def schema_script(component: ComponentIR, dialect: Dialect) -> str:
    """Return the text of ``schema.<dialect>.sql``."""
    return render(
        "schema.sql",
        database=_DATABASES[dialect],
        statements=schema_statements(component, dialect),
    )
