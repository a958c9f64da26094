"""What names in functions are known to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from convexity_compiler.cli import pipeline
from convexity_compiler.config import load_config
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import Handle, Query
from convexity_compiler.summary.expressions import Call

if TYPE_CHECKING:
    from pathlib import Path

    from convexity_compiler.rules.usage.values import Value

HEADER = """\
from typing import Any

from ._generated import server as s
from ._generated.server import ActionCtx, DatabaseWriter, MutationCtx, QueryCtx

Either = MutationCtx
"""


def shown(root: Path, parameters: str, *body: str) -> Value | None:
    """The value of what the function gives to ``show``."""
    lines = "".join(f"    {line}\n" for line in body)
    path = root / "convex" / "module.py"
    path.parent.mkdir()
    path.write_text(f"{HEADER}\n\nasync def function({parameters}) -> None:\n{lines}")
    (use,) = functions(pipeline.load(load_config(root)))
    calls = [place.node for place in use.places if isinstance(place.node, Call)]
    (show,) = [call for call in calls if getattr(call.function, "id", None) == "show"]
    return use.scope.value(show.arguments[0])


@pytest.mark.parametrize(
    ("parameters", "kinds"),
    [
        ("ctx: QueryCtx", {"query"}),
        ("ctx: 'MutationCtx'", {"mutation"}),
        ("ctx: s.ActionCtx", {"action"}),
        ("ctx: Either", {"mutation"}),
        ("ctx: QueryCtx | MutationCtx", {"query", "mutation"}),
        ("ctx", set()),
    ],
)
def test_contexts_are_known_by_their_types(
    tmp_path: Path, parameters: str, kinds: set[str]
) -> None:
    value = shown(tmp_path, parameters, "show(ctx)")

    assert isinstance(value, Handle)
    assert value.kinds == kinds


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (["show(ctx.db.system)"], ("db", "system")),
        (["db = ctx.db", "system = db.system", "show(system)"], ("db", "system")),
        (["if (db := ctx.db):", "    show(db)"], ("db",)),
        (["show(ctx.with_options())"], ("options",)),
        (["same = ctx", "async def inner() -> None:", "    show(same.storage)"], ("storage",)),
        (["ctx = ctx", "show(ctx.scheduler)"], ("scheduler",)),
    ],
)
def test_parts_of_contexts(tmp_path: Path, body: list[str], path: tuple[str, ...]) -> None:
    value = shown(tmp_path, "ctx: MutationCtx", *body)

    assert isinstance(value, Handle)
    assert value.path == path


def test_a_database_is_a_part_of_an_unknown_context(tmp_path: Path) -> None:
    value = shown(tmp_path, "db: DatabaseWriter", "show(db)")

    assert value == Handle(frozenset(), ("db",))


@pytest.mark.parametrize(
    ("body", "methods", "is_exact"),
    [
        (["show(ctx.db.query('a').order('desc'))"], ("order",), True),
        (
            ["q = ctx.db.query('a')", "show(q.with_index('i').eq('f', 1))"],
            ("with_index", "eq"),
            True,
        ),
        (["q = ctx.db.query('a')", "q = q.order('desc')", "show(q)"], (), False),
    ],
)
def test_queries(tmp_path: Path, body: list[str], methods: tuple[str, ...], is_exact: bool) -> None:
    value = shown(tmp_path, "ctx: QueryCtx", *body)

    assert isinstance(value, Query)
    assert (value.table, value.methods, value.is_exact) == ("a", methods, is_exact)


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ("ctx: Any", ["show(ctx.db)"]),
        ("session", ["show(session.db)"]),
        ("ctx: QueryCtx, other: Any", ["ctx = other", "show(ctx.db)"]),
        ("ctx: QueryCtx", ["show(ctx.db.query('a').first())"]),
        ("ctx: QueryCtx", ["show(ctx.db.unknown)"]),
        ("ctx: QueryCtx", ["q = ctx.db.query('a')", "q = ctx.db.query('b')", "show(q)"]),
        ("ctx: QueryCtx", ["for ctx in []:", "    show(ctx.db)"]),
        ("ctx: QueryCtx", ["q = q", "show(q)"]),
    ],
)
def test_what_is_not_certain_is_not_known(tmp_path: Path, parameters: str, body: list[str]) -> None:
    assert shown(tmp_path, parameters, *body) is None
