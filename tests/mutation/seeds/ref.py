"""Mistakes in references and awaiting."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import seed
from tests.mutation.seeding import TRANSACTIONS, in_bodies
from tests.mutation.source import Change, Changes, Source

_RUNS = ("run_query", "run_mutation", "run_action")


def _references(source: Source, *methods: str) -> Iterator[tuple[ast.Call, ast.Attribute]]:
    """Yield calls with the reference they are given."""
    for call, _method in source.method_calls(*methods):
        for value in call.args[:2]:
            text = source.segment(value)
            if isinstance(value, ast.Attribute) and ("internal." in text or "api." in text):
                yield call, value


@seed("unknown-reference")
def no_such_function(_: Project, source: Source) -> Iterator[Changes]:
    for _call, reference in _references(source, *_RUNS, "run_after", "run_at", "interval", "cron"):
        yield [source.attribute(reference, f"{reference.attr}x")]


@seed("wrong-visibility-reference")
def other_root(_: Project, source: Source) -> Iterator[Changes]:
    for _call, reference in _references(source, *_RUNS, "run_after", "run_at"):
        text = source.segment(reference)
        other = text.replace("internal.", "api.") if "internal" in text else f"internal{text[3:]}"
        if text.startswith("api.internal."):  # `api` is the module
            yield [source.replace(reference, other)]
        elif "import api" in source.text or "import internal" in source.text:
            place = source.after_future()
            dots = "." * source.path.count("/")
            added = f"\nfrom {dots}_generated.api import api, internal\n"
            yield [Change(place, place, added), source.replace(reference, other)]


@seed("function-passed-directly")
def the_function(_: Project, source: Source) -> Iterator[Changes]:
    own = {entry.function.name for entry in source.registrations}
    for _call, reference in _references(source, *_RUNS, "run_after", "run_at"):
        if reference.attr in own:
            yield [source.replace(reference, reference.attr)]


@seed("kind-mismatch")
def other_kind(_: Project, source: Source) -> Iterator[Changes]:
    for call, _reference in _references(source, "run_mutation", "run_query"):
        assert isinstance(call.func, ast.Attribute)
        if any(
            "ActionCtx" in source.segment(function)
            for function in source.find(ast.AsyncFunctionDef)
            if any(node is call for node in ast.walk(function))
        ):
            other = "run_query" if call.func.attr == "run_mutation" else "run_mutation"
            yield [source.attribute(call.func, other)]


@seed("kind-mismatch")
def scheduled_query(project: Project, source: Source) -> Iterator[Changes]:
    for function in project.linked.functions:
        if function.kind == "query":
            root = "api" if function.visibility == "public" else "internal"
            path = function.path.replace("/", ".").replace(":", ".")
            dots = "." * source.path.count("/")
            yield from in_bodies(
                source,
                ("mutation",),
                f"await ctx.scheduler.run_after(0, {root}.{path})",
                f"from {dots}_generated.api import {root}",
            )


@seed("call-args-mismatch")
def surplus_argument(_: Project, source: Source) -> Iterator[Changes]:
    for call, _reference in _references(source, *_RUNS, "run_after", "run_at"):
        yield [source.call(call, [*source.arguments(call), "surplus=1"])]


@seed("call-args-mismatch")
def missing_argument(_: Project, source: Source) -> Iterator[Changes]:
    for call, _reference in _references(source, *_RUNS, "run_after", "run_at"):
        if call.keywords:
            yield [source.call(call, map(source.segment, call.args))]


@seed("direct-call")
def called(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        if entry.kind in TRANSACTIONS and len(entry.function.args.args) == 1:
            text = f"other = await {entry.function.name}(ctx)"
            yield from in_bodies(source, TRANSACTIONS, text)


def _awaited(source: Source, *methods: str) -> Iterator[ast.Await]:
    for node in source.find(ast.Await):
        call = node.value
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr in methods
            and isinstance(source.parents[node], ast.Expr)
        ):
            yield node


@seed("missing-await")
def dropped_write(_: Project, source: Source) -> Iterator[Changes]:
    for node in _awaited(source, "insert", "patch", "delete", "replace"):
        yield [Change(source.start(node), source.start(node.value), "")]


@seed("missing-await")
def dropped_schedule(_: Project, source: Source) -> Iterator[Changes]:
    for node in _awaited(source, "run_after", "run_at", "cancel", "run_mutation"):
        yield [Change(source.start(node), source.start(node.value), "")]


@seed("awaited-builder")
def no_end(_: Project, source: Source) -> Iterator[Changes]:
    for call, method in source.method_calls("first", "unique", "take", "collect"):
        parent = source.parents[call]
        if isinstance(parent, ast.Await):
            yield [source.replace(call, source.segment(method.value))]


@seed("sync-loop-over-query")
def plain_loop(_: Project, source: Source) -> Iterator[Changes]:
    for node in source.find(ast.AsyncFor):
        start = source.start(node)
        yield [Change(start, start + len("async "), "")]


@seed("sync-loop-over-query")
def plain_comprehension(_: Project, source: Source) -> Iterator[Changes]:
    for node in source.find(ast.ListComp):
        if node.generators[0].is_async:
            text = source.segment(node)
            yield [source.replace(node, text.replace("async for", "for"))]
