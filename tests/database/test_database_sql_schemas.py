"""Applications that share a PostgreSQL database, each in an SQL schema of its own."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from convexity.database.tables import Schema

from tests.support.backends import built
from tests.support.engines import IS_POSTGRES, changed_url, postgres_url, run_sql, sql_schema

pytestmark = pytest.mark.skipif(not IS_POSTGRES, reason="about PostgreSQL")

SCHEMA = """
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(notes=define_table({fields}))
"""


def compiled(folder: Path, fields: str) -> Schema:
    """The schema of a project with one table of these fields."""
    (folder / "convex").mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "app"\n[tool.convexity]\n')
    (folder / "convex" / "schema.py").write_text(SCHEMA.format(fields=fields))
    schema: Schema = runpy.run_path(str(built(folder) / "tables.py"))["SCHEMA"]
    return schema


async def deploy(url: str, schema: Schema, folder: Path) -> None:
    from convexity.database.postgres.engine import PostgresEngine

    engine = PostgresEngine(url, report=folder / "mismatches.txt")
    await engine.start(schema)
    await engine.close()


def view(name: str) -> list[str]:
    """Columns of the view of notes in an SQL schema."""
    return [
        column
        for (column,) in run_sql(
            "SELECT column_name::text FROM information_schema.columns WHERE table_schema = $1 "
            "AND table_name = 'notes' ORDER BY ordinal_position",
            name,
        )
    ]


async def test_each_has_its_own_views(tmp_path: Path) -> None:
    first, second = sql_schema(tmp_path / "first"), sql_schema(tmp_path / "second")
    shared = postgres_url(tmp_path / "first")
    own = changed_url(postgres_url(tmp_path / "second"), search_path=f"{second},{first}")
    system = ["_id", "_creationTime"]
    await deploy(shared, compiled(tmp_path / "a", "text=v.string()"), tmp_path)
    project = tmp_path / "b"
    for fields, columns in (
        ("title=v.string()", ["title"]),
        ("done=v.boolean(), title=v.string()", ["done", "title"]),
        ("done=v.boolean()", ["done"]),
    ):
        await deploy(own, compiled(project, fields), tmp_path)
        assert view(second) == [*system, *columns]
        assert view(first) == [*system, "text"]
