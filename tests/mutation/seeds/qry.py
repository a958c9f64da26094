"""Mistakes in queries."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import seed
from tests.mutation.seeding import TRANSACTIONS, database_calls, in_bodies
from tests.mutation.source import Change, Changes, Source

_ENDS = ("collect", "take", "first", "unique")


def _tables(project: Project) -> list[str]:
    return [name for name in project.tables if name.isidentifier()]


def _chains(source: Source) -> Iterator[tuple[ast.Call, ast.Attribute, ast.Call]]:
    """Yield ``q.with_index(...)...`` chains: last call, its method and the call of the index."""
    for call, method in source.method_calls(*_ENDS):
        for node in ast.walk(method.value):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "with_index"
            ):
                yield call, method, node
                break


@seed("filter-on-query")
def filtered(_: Project, source: Source) -> Iterator[Changes]:
    for _call, method, _index in _chains(source):
        end = source.end(method.value)
        yield [Change(end, end, '.filter(lambda q: q.eq(q.field("x"), 1))')]


@seed("filter-on-query")
def filtered_table(_: Project, source: Source) -> Iterator[Changes]:
    for call in database_calls(source, "query"):
        end = source.end(call)
        yield [Change(end, end, '.filter(lambda q: q.gt(q.field("_creationTime"), 1))')]


@seed("python-operator-in-filter")
def and_in_filter(_: Project, source: Source) -> Iterator[Changes]:
    for call in database_calls(source, "query"):
        end = source.end(call)
        text = '.filter(lambda q: q.eq(q.field("a"), 1) and q.eq(q.field("b"), 2))'
        yield [Change(end, end, text)]


@seed("unbounded-collect")
def everything(project: Project, source: Source) -> Iterator[Changes]:
    for table in _tables(project)[:1]:
        yield from in_bodies(
            source, TRANSACTIONS, f'everything = await ctx.db.query("{table}").collect()'
        )


@seed("unknown-table")
def no_such_table(_: Project, source: Source) -> Iterator[Changes]:
    for call in database_calls(source, "query"):
        if isinstance(call.args[0], ast.Constant):
            yield [source.replace(call.args[0], f'"{call.args[0].value!s}x"')]


@seed("unknown-index")
def no_such_index(_: Project, source: Source) -> Iterator[Changes]:
    for call, _method in source.method_calls("with_index"):
        if isinstance(call.args[0], ast.Constant):
            yield [source.replace(call.args[0], f'"{call.args[0].value!s}x"')]


@seed("unknown-index")
def no_such_search_index(_: Project, source: Source) -> Iterator[Changes]:
    for call, _method in source.method_calls("with_search_index"):
        yield [source.replace(call.args[0], '"search_nothing"')]


def _ranges(project: Project, text: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for table in project.tables.values():
        for index in table.indexes:
            if index.kind == "index" and len(index.fields) > 1:
                first, second = index.fields[:2]
                begin = f'await ctx.db.query("{table.name}").with_index("{index.name}")'
                rest = text.format(first=first, second=second)
                yield f"found = {begin}{rest}.first()", table.name, index.fields


@seed("index-fields-out-of-order")
def second_field_first(project: Project, source: Source) -> Iterator[Changes]:
    for text, _table, _fields in _ranges(project, '.eq("{second}", 1).eq("{first}", 1)'):
        yield from in_bodies(source, TRANSACTIONS, text)


@seed("field-not-in-index")
def other_field(project: Project, source: Source) -> Iterator[Changes]:
    for text, _table, _fields in _ranges(project, '.eq("{first}", 1).eq("elsewhere", 1)'):
        yield from in_bodies(source, TRANSACTIONS, text)


@seed("invalid-index-range")
def bound_twice(project: Project, source: Source) -> Iterator[Changes]:
    for text, _table, _fields in _ranges(project, '.gt("{first}", 1).gte("{first}", 2)'):
        yield from in_bodies(source, TRANSACTIONS, text)


@seed("invalid-index-range")
def equality_behind_bound(project: Project, source: Source) -> Iterator[Changes]:
    for text, _table, _fields in _ranges(project, '.gt("{first}", 1).eq("{second}", 2)'):
        yield from in_bodies(source, TRANSACTIONS, text)


@seed("delete-on-query")
def delete_all(project: Project, source: Source) -> Iterator[Changes]:
    for table in _tables(project)[:1]:
        yield from in_bodies(source, ("mutation",), f'await ctx.db.query("{table}").delete()')


@seed("unconsumed-query")
def dropped(project: Project, source: Source) -> Iterator[Changes]:
    for table in _tables(project)[:1]:
        yield from in_bodies(source, TRANSACTIONS, f'ctx.db.query("{table}").order("desc")')


@seed("iterate-collected")
def loop_over_taken(project: Project, source: Source) -> Iterator[Changes]:
    for table in _tables(project)[:1]:
        text = f'for row in await ctx.db.query("{table}").collect():\n        print(row)'
        yield from in_bodies(source, TRANSACTIONS, text)


@seed("count-by-collect")
def length(project: Project, source: Source) -> Iterator[Changes]:
    for table in _tables(project)[:1]:
        text = f'count = len(await ctx.db.query("{table}").collect())'
        yield from in_bodies(source, TRANSACTIONS, text)


@seed("system-table-via-db")
def files_by_db(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, TRANSACTIONS, 'files = await ctx.db.query("_storage").take(5)')


@seed("system-table-via-db")
def jobs_by_db(_: Project, source: Source) -> Iterator[Changes]:
    text = 'async for job in ctx.db.query("_scheduled_functions"):\n        print(job)'
    yield from in_bodies(source, TRANSACTIONS, text)
