from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from convexity_compiler.cli import main

from tests.compiler.cli.cli_support import Run

SCHEMA = """\
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(
    messages=define_table(author=v.string(), content=v.string()).index("by_author", ["author"]),
)
"""
MESSAGES = """\
from convexity.values import v

from ._generated.data_model import MessagesDoc
from ._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from .schema import schema


@query(args={"author": v.string()}, returns=v.array(schema.doc("messages")))
async def by_author(ctx: QueryCtx, author: str) -> list[MessagesDoc]:
    return await ctx.db.query("messages").with_index("by_author").eq("author", author).take(10)


@mutation(args={"author": v.string(), "content": v.string()}, returns=v.null())
async def send(ctx: MutationCtx, author: str, content: str) -> None:
    await ctx.db.insert("messages", {"author": author, "content": content})


@internal_mutation(args={}, returns=v.null())
async def tidy(ctx: MutationCtx) -> None:
    print("tidied")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound project, with the working directory in it."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "chat"\n\n[tool.convexity]\n')
    functions = tmp_path / "convex"
    functions.mkdir()
    (functions / "schema.py").write_text(SCHEMA)
    (functions / "messages.py").write_text(MESSAGES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


BARE = """\
from convexity.values import v

from ._generated.server import QueryCtx, query

EMPTY = v.null()


@query  # no validators
async def ping(ctx: QueryCtx) -> None: ...
"""


@pytest.fixture
def broken(project: Path) -> Path:
    """The project with a finding of bare-registration, which has a fix."""
    (project / "convex" / "ping.py").write_text(BARE)
    return project


@pytest.fixture
def run() -> Run:
    """Run the command line in this process; stdout and stderr are kept apart."""

    def invoke(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, catch_exceptions=False)

    return invoke


@pytest.fixture(autouse=True)
def _no_address_of_another_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that a test started within this process leaves its addresses behind."""
    for name in ("CONVEX_CLOUD_URL", "CONVEX_SITE_URL"):
        monkeypatch.delenv(name, raising=False)
