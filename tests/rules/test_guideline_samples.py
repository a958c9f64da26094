"""The samples of the Convex guidelines that break their own rules, in our language.

Each is transcribed as it stands there; what the rules find in it is what the guidelines ask for.
One is left out: the undefined name of the sample on records (``users[user._id] = ...``) is for ruff
(F821) and type checkers to find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from convexity_compiler.cli import pipeline
from convexity_compiler.config import load_config
from convexity_compiler.rules import engine

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """\
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(
    channels=define_table(name=v.string()),
    users=define_table(username=v.string()),
    messages=define_table(
        channelId=v.id("channels"),
        authorId=v.optional(v.id("users")),
        author=v.string(),
        content=v.string(),
    ).index("by_channel", ["channelId"]),
)
"""
SETTINGS = """\
[project]
name = "samples"
dependencies = ["openai"]

[tool.convexity]
select = ["missing-access-control"]
"""
IMPORTS = """\
import asyncio
from typing import Any

from convexity.server import PaginationOptions, pagination_opts_validator
from convexity.values import v
from openai import OpenAI

from ._generated.api import api, components, internal
from ._generated.data_model import Id, Storage, Users
from ._generated.server import (
    ActionCtx,
    MutationCtx,
    QueryCtx,
    action,
    internal_query,
    mutation,
    query,
)
"""
WORKFLOW = """\
from convexity.components.workflow import WorkflowManager

workflow = WorkflowManager(components.workflow)


@workflow.define(args={"name": v.string()}, returns=v.null())
async def example_workflow(step, name: str) -> None: ...
"""


class Sample(NamedTuple):
    title: str
    """Its place in the guidelines."""
    source: str
    expected: frozenset[str]


SAMPLES = (
    Sample(
        "Pagination: a filter, and no returns",
        """\
@query(args={"paginationOpts": pagination_opts_validator, "author": v.string()})
async def list_with_extra_arg(ctx: QueryCtx, paginationOpts: PaginationOptions, author: str) -> Any:
    return (
        await ctx.db.query("messages")
        .filter(lambda q: q.eq(q.field("author"), author))
        .order("desc")
        .paginate(paginationOpts)
    )
""",
        frozenset({"filter-on-query", "missing-returns-validator", "missing-access-control"}),
    ),
    Sample(
        "File storage: a semicolon among the options",
        """\
@query(args={"fileId": v.id("_storage")}, returns=v.null();)
async def example_query(ctx: QueryCtx, fileId: Id[Storage]) -> None:
    print(await ctx.db.system.get(fileId))
""",
        frozenset({"syntax-error"}),
    ),
    Sample(
        "Chat: public functions that do not ask who calls them",
        """\
@mutation(args={"name": v.string()}, returns=v.id("users"))
async def create_user(ctx: MutationCtx, name: str) -> Id[Users]:
    return await ctx.db.insert("users", {"username": name})
""",
        frozenset({"missing-access-control"}),
    ),
    Sample(
        "Chat: a model client that is made when the module is imported",
        """\
openai = OpenAI()
""",
        frozenset({"env-read-at-import"}),
    ),
    Sample(
        "Workflow: a mutation without validators",
        f"""\
{WORKFLOW}

@mutation()
async def kickoff_workflow(ctx: MutationCtx) -> None:
    await workflow.start(ctx, internal.index.example_workflow, name="James")
""",
        frozenset(
            {
                "missing-args-validator",
                "missing-returns-validator",
                "missing-access-control",
            }
        ),
    ),
    Sample(
        "Workflow: a public callback",
        f"""\
{WORKFLOW}

@internal_query(args={{}}, returns=v.null())
async def nothing(ctx: QueryCtx) -> None: ...


@mutation(args={{}}, returns=v.null())
async def foo(ctx: MutationCtx) -> None:
    starter = workflow.with_options(on_complete=api.index.handle_on_complete, context="James")
    await starter.start(ctx, internal.index.example_workflow, name="James")


@mutation(args={{"workflowId": v.string(), "result": v.any(), "context": v.any()}})
async def handle_on_complete(
    ctx: MutationCtx, workflowId: str, result: Any, context: Any
) -> None:
    print(f"{{context}} result: {{result['returnValue']}}")
""",
        frozenset({"public-on-complete", "missing-returns-validator", "missing-access-control"}),
    ),
    Sample(
        "Workflow: sleeping until it is done",
        f"""\
{WORKFLOW}

@action(args={{}}, returns=v.null())
async def kickoff_workflow(ctx: ActionCtx) -> None:
    workflow_id = await workflow.start(ctx, internal.index.example_workflow, name="James")
    try:
        while True:
            status = await workflow.status(ctx, workflow_id)
            if status.kind == "inProgress":
                await asyncio.sleep(1)
                continue
            break
    finally:
        await workflow.cleanup(ctx, workflow_id)
""",
        frozenset({"polled-workflow", "missing-access-control"}),
    ),
)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.title)
def test_samples_break_the_rules(sample: Sample, tmp_path: Path) -> None:
    assert found(tmp_path, sample.source) == sample.expected


@pytest.mark.parametrize(
    ("title", "source"),
    [
        (
            "an id names its table by its type, and needs no second argument",
            """\
async def load(ctx: QueryCtx, user: Id[Users]) -> None:
    await ctx.db.get(user)
""",
        ),
        (
            "an index of channelId may be called by_channel",
            """\
async def recent(ctx: QueryCtx, channel: Any) -> Any:
    return await ctx.db.query("messages").with_index("by_channel").eq("channelId", channel).take(10)
""",
        ),
    ],
)
def test_samples_that_our_language_accepts(title: str, source: str, tmp_path: Path) -> None:
    assert found(tmp_path, source) == set(), title


def found(root: Path, source: str) -> set[str]:
    (root / "convex").mkdir()
    (root / "pyproject.toml").write_text(SETTINGS)
    (root / "convex" / "schema.py").write_text(SCHEMA)
    (root / "convex" / "index.py").write_text(f"{IMPORTS}\n\n{source}")
    return {finding.rule for finding in engine.check(pipeline.load(load_config(root)))}
