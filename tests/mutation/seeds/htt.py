"""Mistakes in routes, jobs, files and the environment."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import seed
from tests.mutation.seeding import TRANSACTIONS, appended, in_bodies
from tests.mutation.source import Change, Changes, Source, last_name


def _routes(source: Source, *keywords: str) -> Iterator[tuple[ast.Call, ast.keyword]]:
    for call, _method in source.method_calls("route"):
        for word in call.keywords:
            if word.arg in keywords:
                yield call, word


@seed("path-without-slash")
def relative_path(_: Project, source: Source) -> Iterator[Changes]:
    for _call, word in _routes(source, "path"):
        yield [source.replace(word.value, '"hooks/incoming"')]


@seed("path-without-slash")
def open_prefix(_: Project, source: Source) -> Iterator[Changes]:
    for _call, word in _routes(source, "path_prefix", "path"):
        yield [source.replace(word, 'path_prefix="/files"')]


@seed("ambiguous-route-path")
def both_paths(_: Project, source: Source) -> Iterator[Changes]:
    for _call, word in _routes(source, "path"):
        end = source.end(word)
        yield [Change(end, end, ', path_prefix="/all/"')]


@seed("ambiguous-route-path")
def no_path(_: Project, source: Source) -> Iterator[Changes]:
    for call, word in _routes(source, "path", "path_prefix"):
        yield [source.call(call, source.arguments(call, without=word.arg or ""))]


@seed("duplicate-route")
def same_route(_: Project, source: Source) -> Iterator[Changes]:
    for call, method in source.method_calls("route"):
        handlers = [
            function.name
            for function in source.find(ast.AsyncFunctionDef)
            if any(last_name(entry) == "http_action" for entry in function.decorator_list)
        ]
        if handlers:
            given = ", ".join(source.arguments(call, without="handler"))
            yield appended(source, f"{source.segment(method)}({given}, handler={handlers[0]})")


@seed("invalid-method")
def lower_case(_: Project, source: Source) -> Iterator[Changes]:
    for _call, word in _routes(source, "method"):
        yield [source.replace(word.value, source.segment(word.value).lower())]


@seed("invalid-method")
def head(_: Project, source: Source) -> Iterator[Changes]:
    for _call, word in _routes(source, "method"):
        yield [source.replace(word.value, '"HEAD"')]


@seed("handler-not-http-action")
def plain_handler(_: Project, source: Source) -> Iterator[Changes]:
    for call, _method in source.method_calls("route"):
        function = source.parents[call]
        if isinstance(function, ast.AsyncFunctionDef):
            entry = function.decorator_list[-1]
            line = source.text.rindex("\n", 0, source.start(entry))
            yield [Change(line, source.end(entry), "")]


@seed("unrouted-http-action")
def no_route(_: Project, source: Source) -> Iterator[Changes]:
    for call, _method in source.method_calls("route"):
        if isinstance(source.parents[call], ast.AsyncFunctionDef):
            line = source.text.rindex("\n", 0, source.start(call))
            yield [Change(line, source.end(call), "")]


def _jobs(source: Source, *methods: str) -> Iterator[ast.Call]:
    for call, method in source.method_calls(*methods):
        if isinstance(method.value, ast.Name) and method.value.id == "crons":
            yield call


@seed("disallowed-cron-helper")
def daily(_: Project, source: Source) -> Iterator[Changes]:
    for call in _jobs(source, "interval", "cron"):
        texts = [source.segment(call.args[0]), "6", "30", *source.arguments(call)[2:]]
        yield [source.attribute(call.func, "daily"), source.call(call, texts)]  # type: ignore[arg-type]


@seed("disallowed-cron-helper")
def hourly(_: Project, source: Source) -> Iterator[Changes]:
    for call in _jobs(source, "interval", "cron"):
        texts = [source.segment(call.args[0]), "15", *source.arguments(call)[2:]]
        yield [source.attribute(call.func, "hourly"), source.call(call, texts)]  # type: ignore[arg-type]


@seed("duplicate-cron-name")
def same_job(_: Project, source: Source) -> Iterator[Changes]:
    for call in _jobs(source, "interval", "cron"):
        yield appended(source, source.segment(call))


@seed("invalid-cron-name")
def foreign_letters(_: Project, source: Source) -> Iterator[Changes]:
    for call in _jobs(source, "interval", "cron"):
        yield [source.replace(call.args[0], '"aufr\\u00e4umen"')]


@seed("invalid-interval")
def negative(_: Project, source: Source) -> Iterator[Changes]:
    for call in _jobs(source, "interval"):
        made = call.args[1]
        if isinstance(made, ast.Call):
            yield [source.call(made, ["seconds=-5"])]


@seed("invalid-interval")
def zero(_: Project, source: Source) -> Iterator[Changes]:
    for call in _jobs(source, "interval"):
        made = call.args[1]
        if isinstance(made, ast.Call):
            yield [source.call(made, ["minutes=0"])]


@seed("invalid-cron-expression")
def no_such_hour(_: Project, source: Source) -> Iterator[Changes]:
    for call in _jobs(source, "cron"):
        yield [source.replace(call.args[1], '"0 25 * * *"')]


@seed("invalid-cron-expression")
def four_fields(_: Project, source: Source) -> Iterator[Changes]:
    for call in _jobs(source, "cron"):
        yield [source.replace(call.args[1], '"0 5 * *"')]


@seed("cron-target-invalid")
def job_without_arguments(_: Project, source: Source) -> Iterator[Changes]:
    for call in _jobs(source, "interval", "cron"):
        yield [source.call(call, [*source.arguments(call), "surplus=1"])]


@seed("deprecated-storage-metadata")
def metadata(_: Project, source: Source) -> Iterator[Changes]:
    text = (
        'async for file in ctx.db.system.query("_storage"): '
        'about = await ctx.storage.get_metadata(file["_id"])'
    )
    yield from in_bodies(source, TRANSACTIONS, text)


@seed("raw-environment-access")
def environ(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(
        source, ("query", "mutation", "action"), 'mode = os.environ["MODE"]', "import os"
    )


@seed("raw-environment-access")
def getenv(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(
        source, ("query", "mutation", "action"), 'mode = getenv("MODE")', "from os import getenv"
    )


@seed("hardcoded-secret")
def key_of_vendor(_: Project, source: Source) -> Iterator[Changes]:
    text = 'key = "ghp_q8Zr2LmN5vT7wXyB3cD6fG9hJ1kP4sQ0aE8u"'
    yield from in_bodies(source, ("query", "mutation", "action"), text)


@seed("hardcoded-secret")
def named_secret(_: Project, source: Source) -> Iterator[Changes]:
    text = 'api_token = "9fK2mQ7xV4bN8sL1pR6tW3yZ0cH5dG"'
    yield from in_bodies(source, ("query", "mutation", "action"), text)
