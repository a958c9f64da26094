"""Mistakes in writes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import seed
from tests.mutation.seeding import READERS, database_calls, in_bodies
from tests.mutation.source import Change, Changes, Source, last_name


@seed("write-in-query")
def insert_in_query(project: Project, source: Source) -> Iterator[Changes]:
    for table in list(project.tables)[:1]:
        yield from in_bodies(source, READERS, f'await ctx.db.insert("{table}", {{}})')


@seed("write-in-query")
def delete_in_query(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        for parameter in entry.arguments:
            if entry.kind == "query" and "Id[" in source.segment(parameter):
                text = f"await ctx.db.delete({parameter.arg})"
                place = source.start(entry.body[0])
                yield [Change(place, place, f"{text}\n{source.indentation(entry.body[0])}")]


@seed("db-in-action")
def read_in_action(project: Project, source: Source) -> Iterator[Changes]:
    for table in list(project.tables)[:1]:
        yield from in_bodies(source, ("action",), f'rows = await ctx.db.query("{table}").take(1)')


@seed("db-in-action")
def read_in_http_action(project: Project, source: Source) -> Iterator[Changes]:
    for function in source.find(ast.AsyncFunctionDef):
        if any(last_name(entry) == "http_action" for entry in function.decorator_list):
            first = function.body[-1]
            table = next(iter(project.tables))
            place = source.start(first)
            text = f'rows = await ctx.db.query("{table}").first()'
            yield [Change(place, place, f"{text}\n{source.indentation(first)}")]


@seed("unknown-table-write")
def insert_into_nothing(_: Project, source: Source) -> Iterator[Changes]:
    for call in database_calls(source, "insert"):
        if isinstance(call.args[0], ast.Constant):
            yield [source.replace(call.args[0], f'"{call.args[0].value!s}x"')]


def _documents(source: Source) -> Iterator[ast.Dict]:
    for call in database_calls(source, "insert"):
        document = call.args[1]
        if isinstance(document, ast.Dict) and document.keys and all(document.keys):
            yield document


@seed("document-shape-mismatch")
def unknown_field(_: Project, source: Source) -> Iterator[Changes]:
    for document in _documents(source):
        place = source.start(document) + 1
        yield [Change(place, place, '"colour": "red", ')]


@seed("document-shape-mismatch")
def missing_field(_: Project, source: Source) -> Iterator[Changes]:
    for document in _documents(source):
        yield [source.replace(document, "{}")]


@seed("document-shape-mismatch")
def wrong_type(_: Project, source: Source) -> Iterator[Changes]:
    for document in _documents(source):
        for value in document.values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield [source.replace(value, "3.5")]


@seed("system-field-write")
def given_id(_: Project, source: Source) -> Iterator[Changes]:
    for document in _documents(source):
        place = source.start(document) + 1
        yield [Change(place, place, '"_id": "x", ')]


@seed("system-field-write")
def given_time(_: Project, source: Source) -> Iterator[Changes]:
    for document in _documents(source):
        place = source.start(document) + 1
        yield [Change(place, place, '"_creationTime": 0, ')]


@seed("id-of-other-table")
def other_id(project: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        ids = [
            parameter
            for parameter in entry.arguments
            if parameter.annotation
            and "Id[" in source.segment(parameter)
            and source.segment(parameter.annotation).endswith("]")
            and "list" not in source.segment(parameter)
            and "Storage" not in source.segment(parameter)
        ]
        if ids and entry.kind in ("query", "mutation"):
            text = f"url = await ctx.storage.get_url({ids[0].arg})"
            place = source.start(entry.body[0])
            yield [Change(place, place, f"{text}\n{source.indentation(entry.body[0])}")]


@seed("non-convex-value")
def a_set(_: Project, source: Source) -> Iterator[Changes]:
    for document in _documents(source):
        for value in document.values:
            if isinstance(value, ast.List):
                yield [source.replace(value, '{"a", "b"}')]


@seed("non-convex-value")
def a_datetime(_: Project, source: Source) -> Iterator[Changes]:
    for document in _documents(source):
        for value in document.values:
            if source.segment(value) == "to_millis(ctx.now())":
                yield [source.replace(value, "ctx.now()")]


@seed("system-table-write")
def delete_job(_: Project, source: Source) -> Iterator[Changes]:
    text = 'async for job in ctx.db.system.query("_scheduled_functions"):\n'
    loop = text + '        await ctx.db.delete(job["_id"])'
    yield from in_bodies(source, ("mutation",), loop)


@seed("none-for-absent")
def none_in_patch(project: Project, source: Source) -> Iterator[Changes]:
    for name, table in project.tables.items():
        validator = table.document.validator
        for field, inner in getattr(validator, "fields", {}).items():
            accepted = getattr(inner, "inner", None)
            if (
                inner.is_optional
                and accepted is not None
                and accepted.kind in ("string", "number", "id")
            ):
                text = f'await ctx.db.insert("{name}", {{"{field}": None}})'
                yield from in_bodies(source, ("mutation",), text)


@seed("unchecked-get")
def first_unchecked(project: Project, source: Source) -> Iterator[Changes]:
    table = next(iter(project.tables))
    text = f'first = await ctx.db.query("{table}").first()\n    print(first["_id"])'
    yield from in_bodies(source, ("query", "mutation"), text)


@seed("unbounded-delete-loop")
def delete_rows(project: Project, source: Source) -> Iterator[Changes]:
    table = next(iter(project.tables))
    loop = f'async for row in ctx.db.query("{table}"):\n        await ctx.db.delete(row["_id"])'
    yield from in_bodies(source, ("mutation",), loop)


@seed("imprecise-number")
def large_number(project: Project, source: Source) -> Iterator[Changes]:
    for name, table in project.tables.items():
        for field, inner in getattr(table.document.validator, "fields", {}).items():
            if inner.kind == "number":
                text = f'await ctx.db.insert("{name}", {{"{field}": 9007199254740993}})'
                yield from in_bodies(source, ("mutation",), text)


@seed("writes-over-limit")
def many_writes(project: Project, source: Source) -> Iterator[Changes]:
    table = next(iter(project.tables))
    loop = f'for number in range(20_000):\n        await ctx.db.insert("{table}", {{}})'
    yield from in_bodies(source, ("mutation",), loop)


@seed("unknown-document-field")
def misspelt_field(project: Project, source: Source) -> Iterator[Changes]:
    table = next(iter(project.tables))
    loop = f'async for row in ctx.db.query("{table}"):\n        print(row["colour_of_it"])'
    yield from in_bodies(source, ("query", "mutation"), loop)
