"""Mistakes in the shape of a project."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import file_seed, seed
from tests.mutation.seeding import TRANSACTIONS, appended, imported, in_bodies, is_file
from tests.mutation.source import Change, Changes, Function, Source

_FUNCTION = '''from convexity.values import v

from {dots}_generated.server import QueryCtx, query


@query(args={{}}, returns=v.null())
async def nothing(ctx: QueryCtx) -> None:
    """Do nothing."""
'''


@seed("syntax-error", plain=True)
def open_bracket(_: Project, source: Source) -> Iterator[Changes]:
    yield appended(source, "values = (1, 2")


@seed("syntax-error", plain=True)
def no_colon(_: Project, source: Source) -> Iterator[Changes]:
    yield appended(source, "def broken()\n    pass")


@seed("syntax-error", plain=True)
def bad_indentation(_: Project, source: Source) -> Iterator[Changes]:
    yield appended(source, "if True:\npass")


@seed("syntax-error", plain=True)
def stray_word(_: Project, source: Source) -> Iterator[Changes]:
    for node in source.tree.body:
        if isinstance(node, Function):
            start = source.keyword_start(node)
            yield [Change(start, start, "public ")]


@seed("syntax-error", plain=True)
def open_text(_: Project, source: Source) -> Iterator[Changes]:
    yield appended(source, 'text = "open')


@seed("unresolvable-definition")
def computed_args(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        args = entry.keyword("args")
        if args is not None:
            yield [*imported(source, "import json"), source.replace(args, 'json.loads("{}")')]


@seed("unresolvable-definition")
def computed_returns(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        returns = entry.keyword("returns")
        if returns is not None:
            yield [source.replace(returns, 'globals()["SHAPE"]')]


@seed("unresolvable-definition")
def computed_index(_: Project, source: Source) -> Iterator[Changes]:
    for call, _method in source.method_calls("index"):
        if is_file(source, "schema") and len(call.args) == 2:
            yield [source.replace(call.args[1], 'list(input("fields"))')]


def _added(project: Project, path: str, text: str) -> dict[str, str]:
    return {f"{project.config.functions}/{path}": text}


@file_seed("reserved-module-path")
def in_system(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "_system/jobs.py", _FUNCTION.format(dots=".."))


@file_seed("reserved-module-path")
def in_deps(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "_deps/lib/jobs.py", _FUNCTION.format(dots="..."))


@file_seed("reserved-module-path")
def module_of_system(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "_system.py", _FUNCTION.format(dots="."))


@file_seed("reserved-module-path")
def deep_in_system(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "_system/a/b/c.py", "X = 1\n")


@file_seed("reserved-module-path")
def module_of_deps(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "_deps.py", "")


@file_seed("invalid-module-name")
def with_dash(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "send-mail.py", _FUNCTION.format(dots="."))


@file_seed("invalid-module-name")
def with_space(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "my jobs/mail.py", _FUNCTION.format(dots=".."))


@file_seed("invalid-module-name")
def with_digit(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "2024/report.py", _FUNCTION.format(dots=".."))


@file_seed("invalid-module-name")
def keyword(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "import.py", _FUNCTION.format(dots="."))


@file_seed("invalid-module-name")
def with_umlaut(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "aufräumen.py", _FUNCTION.format(dots="."))


@file_seed("invalid-module-name")
def with_dot(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "mail.test.py", _FUNCTION.format(dots="."))


def _modules(project: Project) -> Iterator[str]:
    for source in project.sources.values():
        if source.registrations and source.path.count("/") == 1:
            yield source.path.rpartition("/")[2].removesuffix(".py")


def _beside(project: Project, number: int, path: str) -> Iterator[dict[str, str]]:
    for name in _modules(project):
        source = project.module(f"{name}.py")
        assert source is not None
        entry = source.registrations[number % len(source.registrations)]
        if not any(word.arg == "name" for word in entry.decorator.keywords):
            text = _FUNCTION.format(dots="." * (path.count("/") + 1))
            yield _added(project, path.format(module=name, function=entry.function.name), text)


@file_seed("api-path-collision")
def module_for_first(project: Project) -> Iterator[dict[str, str]]:
    yield from _beside(project, 0, "{module}/{function}.py")


@file_seed("api-path-collision")
def module_for_last(project: Project) -> Iterator[dict[str, str]]:
    yield from _beside(project, -1, "{module}/{function}.py")


@file_seed("api-path-collision")
def module_for_second(project: Project) -> Iterator[dict[str, str]]:
    yield from _beside(project, 1, "{module}/{function}.py")


@file_seed("api-path-collision")
def package_for_first(project: Project) -> Iterator[dict[str, str]]:
    yield from _beside(project, 0, "{module}/{function}/more.py")


@file_seed("api-path-collision")
def package_for_last(project: Project) -> Iterator[dict[str, str]]:
    yield from _beside(project, -1, "{module}/{function}/deep/more.py")


@file_seed("misnamed-special-file")
def crontab(project: Project) -> Iterator[dict[str, str]]:
    text = "import convexity.server as cx\n\ncrons = cx.cron_jobs()\n"
    yield _added(project, "crontab.py", text)


@file_seed("misnamed-special-file")
def deep_routes(project: Project) -> Iterator[dict[str, str]]:
    text = "from convexity.server import (\n    http_router,\n)\n\nhttp = http_router()\n"
    yield _added(project, "web/http.py", text)


@file_seed("misnamed-special-file")
def cron(project: Project) -> Iterator[dict[str, str]]:
    text = "from convexity.server import cron_jobs\n\ncrons = cron_jobs()\n"
    yield _added(project, "cron.py", text)


@file_seed("misnamed-special-file")
def routes(project: Project) -> Iterator[dict[str, str]]:
    text = "from convexity import server\n\nhttp = server.http_router()\n"
    yield _added(project, "https.py", text)


@file_seed("misnamed-special-file")
def router(project: Project) -> Iterator[dict[str, str]]:
    text = "from convexity.server import http_router as router\n\nhttp = router()\n"
    yield _added(project, "router.py", text)


@seed("special-export-missing")
def renamed_export(_: Project, source: Source) -> Iterator[Changes]:
    for name in ("schema", "http", "crons"):
        if not is_file(source, name):
            continue
        for node in source.tree.body:
            if isinstance(node, ast.Assign) and source.segment(node.targets[0]) == name:
                yield [
                    source.replace(use, f"the_{name}")
                    for use in source.find(ast.Name)
                    if use.id == name
                ]


@seed("schema-outside-schema-file")
def second_schema(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        imports = "from convexity.server import define_schema as make_schema, define_table"
        yield appended(source, "EXTRA = make_schema(extra=define_table({}))", imports)


@seed("schema-outside-schema-file")
def schema_by_module(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        text = "EXTRA = (\n    server_kit.define_schema({})\n)"
        yield appended(source, text, "from convexity import server as server_kit")


@seed("conditional-registration")
def under_if(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        text = source.segment(entry.function).replace("\n", "\n    ")
        yield [source.replace(entry.function, f"if True:\n    {text}")]


@seed("conditional-registration")
def in_class(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        text = source.segment(entry.function).replace("\n", "\n    ")
        yield [source.replace(entry.function, f"class Functions:\n    {text}")]


@seed("conditional-registration")
def in_function(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        text = source.segment(entry.function).replace("\n", "\n    ")
        yield [source.replace(entry.function, f"def register() -> None:\n    {text}")]


@seed("import-time-call")
def request(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        yield appended(source, 'RATES = httpx.get("https://example.com").text', "import httpx")


@seed("import-time-call")
def run_loop(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        yield appended(source, "asyncio.run(\n    asyncio.sleep(0),\n)", "import asyncio")


@seed("import-time-nondeterminism")
def start_time(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        yield appended(source, "STARTED = time.time()", "import time")


@seed("import-time-nondeterminism")
def secret_of_process(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        yield appended(source, "SALT = [token_hex(8)]", "from secrets import token_hex")


@seed("impure-schema")
def year(_: Project, source: Source) -> Iterator[Changes]:
    if is_file(source, "schema"):
        yield appended(
            source, "YEAR = moment.now().year", "from datetime import datetime as moment"
        )


@seed("impure-schema")
def environment(_: Project, source: Source) -> Iterator[Changes]:
    if is_file(source, "schema"):
        yield appended(source, 'REGION = os.environ["REGION"]', "import os")


@seed("schema-import-cycle")
def helper_of_schema(project: Project, source: Source) -> Iterator[Changes]:
    schema = project.module("schema.py")
    if schema is None or source.path.count("/") != 1 or is_file(source, "schema"):
        return
    name = source.path.rpartition("/")[2].removesuffix(".py")
    if f"from .{name} import" in schema.text or f"from . import {name}" in schema.text:
        yield appended(source, "TABLES = tables.tables", "from .schema import schema as tables")


@seed("schema-import-cycle")
def package_of_schema(project: Project, source: Source) -> Iterator[Changes]:
    schema = project.module("schema.py")
    parts = source.path.removesuffix(".py").removesuffix("/__init__").split("/")[1:]
    if schema is None or not parts or f"from .{'.'.join(parts)} import" not in schema.text:
        return
    dots = "." * source.path.count("/")
    yield appended(
        source, 'DOCUMENT = tables.doc("x")', f"from {dots}schema import schema as tables"
    )


@seed("schema-import-cycle")
def module_of_schema(project: Project, source: Source) -> Iterator[Changes]:
    for changes in package_of_schema(project, source):
        dots = "." * source.path.count("/")
        text = f"\nfrom {dots} import schema as tables_module\n"
        end = Change(changes[1].start, changes[1].end, "\n\nNAMES = tables_module.schema.tables\n")
        yield [Change(changes[0].start, changes[0].end, text), end]


@seed("unresolved-import")
def other_package(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        yield imported(source, "import packagethatisnowhere")


@seed("unresolved-import")
def outside(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        dots = "." * (source.path.count("/") + 1)
        yield imported(source, f"from {dots}shared import names")


@seed("unresolved-import")
def deep_package(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        yield imported(source, "import packagethatisnowhere.deep.inside as inside")


@seed("unresolved-import")
def over_lines(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        yield imported(
            source, "from packagethatisnowhere import (\n    one,\n    two as second,\n)"
        )


@seed("import-cycle")
def each_other(project: Project, source: Source) -> Iterator[Changes]:
    for other in project.sources.values():
        name = source.path.rpartition("/")[2].removesuffix(".py")
        if (
            source.path.count("/") == other.path.count("/") == 1
            and other.registrations
            and f"from .{name} import" in other.text
            and name not in ("schema", "__init__")
        ):
            module = other.path.rpartition("/")[2].removesuffix(".py")
            yield imported(source, f"from .{module} import {other.registrations[0].function.name}")


@seed("import-cycle")
def needed_at_once(project: Project, source: Source) -> Iterator[Changes]:
    for changes in each_other(project, source):
        name = changes[0].text.split()[-1]
        place = len(source.text)
        yield [*changes, Change(place, place, f"\nKNOWN = [{name}]\n")]


@seed("dynamic-import")
def import_by_name(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(
        source, TRANSACTIONS, 'm = importlib.import_module("x")', "import importlib"
    )


@seed("dynamic-import")
def evaluated(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, TRANSACTIONS, 'three = eval("1 + 2")')


@seed("star-import")
def all_of_math(_: Project, source: Source) -> Iterator[Changes]:
    yield imported(source, "from math import *")


@seed("star-import")
def all_of_schema(project: Project, source: Source) -> Iterator[Changes]:
    if not is_file(source, "schema") and project.module("schema.py") is not None:
        yield imported(source, f"from {'.' * source.path.count('/')}schema import *")


@seed("star-import")
def all_on_condition(_: Project, source: Source) -> Iterator[Changes]:
    yield imported(source, "if True:\n    from json import *")


@seed("star-import")
def all_under_try(_: Project, source: Source) -> Iterator[Changes]:
    yield imported(source, "try:\n    from json import *\nexcept ImportError:\n    pass")


@seed("star-import")
def all_behind_text(_: Project, source: Source) -> Iterator[Changes]:
    yield imported(source, 'TEXT = "é"; from os.path import  *')


@file_seed("test-in-functions-dir")
def test_file(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "test_mail.py", _FUNCTION.format(dots="."))


@file_seed("test-in-functions-dir")
def deep_test_file(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "deep/test_mail.py", _FUNCTION.format(dots=".."))


@file_seed("test-in-functions-dir")
def configuration_of_tests(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "conftest.py", _FUNCTION.format(dots="."))


@file_seed("test-in-functions-dir")
def test_file_by_suffix(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "mail_test.py", _FUNCTION.format(dots="."))


@file_seed("test-in-functions-dir")
def test_folder(project: Project) -> Iterator[dict[str, str]]:
    yield _added(project, "tests/test_mail.py", _FUNCTION.format(dots=".."))


@seed("env-read-at-import")
def mode_at_import(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        dots = "." * source.path.count("/")
        names = f"from {dots}_generated.server import env as variables"
        yield appended(source, "SITE = variables.CONVEX_SITE_URL", names)


@seed("env-read-at-import")
def client_at_import(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        yield appended(source, "MODEL = OpenAI()", "from openai import OpenAI")


def _public(source: Source, name: str) -> Iterator[Changes]:
    for entry in source.registrations:
        first = entry.body[0]
        if entry.registrar == "mutation" and source.is_alone(first):
            body = Change(source.start(first), source.end(entry.function), 'print("done")')
            yield [source.rename(entry.function, name), body]


@seed("sensitive-public-name")
def public_deletion(_: Project, source: Source) -> Iterator[Changes]:
    yield from _public(source, "delete_all_users")


@seed("sensitive-public-name")
def public_seed(_: Project, source: Source) -> Iterator[Changes]:
    yield from _public(source, "seed")


@seed("missing-access-control")
def open_to_all(project: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        dots = "." * source.path.count("/")
        names = (
            f"from {dots}_generated.server import MutationCtx as Anyone, mutation as change\n"
            "from convexity.values import v as shape"
        )
        table = next(iter(project.tables))
        function = (
            "@change(args={}, returns=shape.null())\n"
            "async def wipe(ctx: Anyone) -> None:\n"
            f'    async for row in ctx.db.query("{table}"):\n'
            '        await ctx.db.delete(row["_id"])'
        )
        yield appended(source, function, names)


@seed("import-cycle")
def whole_module(project: Project, source: Source) -> Iterator[Changes]:
    for changes in each_other(project, source):
        module = changes[0].text.split()[1].removeprefix(".")
        place = len(source.text)
        text = f"\nDOCUMENTATION = other_module.{changes[0].text.split()[-1]}\n"
        yield [
            *imported(source, f"from . import {module} as other_module"),
            Change(place, place, text),
        ]
