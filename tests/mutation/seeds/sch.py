"""Mistakes in tables and indexes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import seed
from tests.mutation.seeding import has_validators, index_calls, is_file
from tests.mutation.source import Change, Changes, Source, last_name


def _table_named(source: Source, name: str) -> Iterator[Changes]:
    for call in source.find(ast.Call):
        if last_name(call.func) == "define_schema" and is_file(source, "schema"):
            text = f'**{{"{name}": define_table(x=v.string())}}'
            if "define_table" not in source.text or not has_validators(source):
                continue
            if call.keywords:
                yield [source.call(call, [*source.arguments(call), text])]
            elif isinstance(call.args[0], ast.Dict):
                end = source.end(call.args[0]) - 1
                yield [Change(end, end, f', "{name}": define_table(x=v.string())')]


@seed("invalid-table-name")
def dashed(_: Project, source: Source) -> Iterator[Changes]:
    yield from _table_named(source, "audit-log")


@seed("invalid-table-name")
def too_long(_: Project, source: Source) -> Iterator[Changes]:
    yield from _table_named(source, "t" * 65)


@seed("reserved-table-name")
def underscored(_: Project, source: Source) -> Iterator[Changes]:
    yield from _table_named(source, "_audit")


@seed("invalid-table-shape")
def table_of_strings(_: Project, source: Source) -> Iterator[Changes]:
    for call in source.find(ast.Call):
        if last_name(call.func) == "define_table" and has_validators(source):
            yield [source.call(call, ["v.string()"])]


@seed("invalid-table-shape")
def union_with_null(_: Project, source: Source) -> Iterator[Changes]:
    for call in source.find(ast.Call):
        if last_name(call.func) == "define_table" and has_validators(source):
            yield [source.call(call, ["v.union(v.object({}), v.null())"])]


@seed("declared-system-field")
def own_id(_: Project, source: Source) -> Iterator[Changes]:
    for call in source.find(ast.Call):
        if last_name(call.func) == "define_table" and call.keywords and has_validators(source):
            yield [source.call(call, ["_id=v.string()", *source.arguments(call)])]


@seed("declared-system-field")
def own_creation_time(_: Project, source: Source) -> Iterator[Changes]:
    for call in source.find(ast.Call):
        if last_name(call.func) == "define_table" and call.keywords and has_validators(source):
            yield [source.call(call, [*source.arguments(call), "_creationTime=v.number()"])]


def _named(source: Source, name: str) -> Iterator[Changes]:
    for call in index_calls(source):
        yield [source.replace(call.args[0], f'"{name}"')]


@seed("index-name-missing-fields")
def other_words(_: Project, source: Source) -> Iterator[Changes]:
    yield from _named(source, "by_something_else")


@seed("reserved-index-name")
def by_id(_: Project, source: Source) -> Iterator[Changes]:
    yield from _named(source, "by_id")


@seed("reserved-index-name")
def by_creation_time(_: Project, source: Source) -> Iterator[Changes]:
    yield from _named(source, "by_creation_time")


@seed("invalid-index-name")
def dotted(_: Project, source: Source) -> Iterator[Changes]:
    yield from _named(source, "by.field")


@seed("duplicate-index-name")
def same_name(_: Project, source: Source) -> Iterator[Changes]:
    for call in index_calls(source):
        end = source.end(call)
        yield [Change(end, end, f".index({source.segment(call.args[0])}, [])")]


@seed("duplicate-index-fields")
def same_fields(_: Project, source: Source) -> Iterator[Changes]:
    for call in index_calls(source):
        end = source.end(call)
        yield [Change(end, end, f'.index("by_other", {source.segment(call.args[1])})')]


@seed("redundant-prefix-index")
def prefix(_: Project, source: Source) -> Iterator[Changes]:
    for call in index_calls(source):
        fields = call.args[1]
        assert isinstance(fields, ast.List)
        first = fields.elts[0]
        if len(fields.elts) > 1 and isinstance(first, ast.Constant):
            end = source.end(call)
            name = str(first.value).replace(".", "_")
            yield [Change(end, end, f'.index("by_{name}", ["{first.value!s}"])')]


@seed("unknown-index-field")
def no_such_field(_: Project, source: Source) -> Iterator[Changes]:
    for call in index_calls(source):
        fields = call.args[1]
        assert isinstance(fields, ast.List)
        first = fields.elts[0]
        assert isinstance(first, ast.Constant)
        yield [source.replace(first, f'"{first.value!s}x"')]


@seed("unknown-index-field")
def no_such_search_field(_: Project, source: Source) -> Iterator[Changes]:
    for call, _method in source.method_calls("search_index"):
        for word in call.keywords:
            if word.arg == "search_field":
                yield [source.replace(word.value, '"nowhere"')]


def _behind_table(source: Source, text: str) -> Iterator[Changes]:
    for call in source.find(ast.Call):
        if last_name(call.func) == "define_table":
            end = source.end(call)
            yield [Change(end, end, text)]


def _in_table(source: Source, field: str, index: str) -> Iterator[Changes]:
    for call in source.find(ast.Call):
        if last_name(call.func) == "define_table" and call.keywords and has_validators(source):
            made = source.call(call, [*source.arguments(call), field])
            yield [Change(made.start, made.end, made.text + index)]


def _fields(source: Source, text: str) -> Iterator[Changes]:
    for call in index_calls(source):
        yield [source.replace(call.args[1], text)]


@seed("empty-index")
def no_fields(_: Project, source: Source) -> Iterator[Changes]:
    yield from _fields(source, "[]")


@seed("repeated-index-field")
def first_twice(_: Project, source: Source) -> Iterator[Changes]:
    for call in index_calls(source):
        fields = call.args[1]
        assert isinstance(fields, ast.List)
        first = source.segment(fields.elts[0])
        yield [source.replace(fields, f"[{first}, {first}]")]


@seed("id-in-index")
def indexed_id(_: Project, source: Source) -> Iterator[Changes]:
    yield from _fields(source, '["_id"]')


@seed("creation-time-in-index")
def indexed_time(_: Project, source: Source) -> Iterator[Changes]:
    for call in index_calls(source):
        fields = call.args[1]
        assert isinstance(fields, ast.List)
        end = source.end(fields) - 1
        yield [Change(end, end, ', "_creationTime"')]


@seed("reserved-field-in-index")
def indexed_private(_: Project, source: Source) -> Iterator[Changes]:
    yield from _fields(source, '["_private"]')


@seed("too-many-index-fields")
def seventeen(_: Project, source: Source) -> Iterator[Changes]:
    names = ", ".join(f'"f{number}"' for number in range(17))
    yield from _fields(source, f"[{names}]")


@seed("too-many-indexes")
def sixty_five(_: Project, source: Source) -> Iterator[Changes]:
    text = "".join(f'.index("by_f{number}", ["f{number}"])' for number in range(66))
    yield from _behind_table(source, text)


@seed("too-many-search-indexes")
def five_searches(_: Project, source: Source) -> Iterator[Changes]:
    text = "".join(f'.search_index("s{number}", search_field="f{number}")' for number in range(6))
    yield from _behind_table(source, text)


@seed("search-field-not-string")
def searched_number(_: Project, source: Source) -> Iterator[Changes]:
    yield from _in_table(source, "size=v.number()", '.search_index("s", search_field="size")')


@seed("duplicate-search-field")
def searched_twice(_: Project, source: Source) -> Iterator[Changes]:
    text = '.search_index("s1", search_field="text").search_index("s2", search_field="text")'
    yield from _in_table(source, "text=v.string()", text)


@seed("vector-field-not-floats")
def vector_of_text(_: Project, source: Source) -> Iterator[Changes]:
    text = '.vector_index("near", vector_field="text", dimensions=64)'
    yield from _in_table(source, "text=v.string()", text)


@seed("vector-dimensions-out-of-range")
def one_dimension(_: Project, source: Source) -> Iterator[Changes]:
    text = '.vector_index("near", vector_field="place", dimensions=1)'
    yield from _in_table(source, "place=v.array(v.number())", text)


@seed("duplicate-vector-field")
def two_vectors(_: Project, source: Source) -> Iterator[Changes]:
    one = '.vector_index("{}", vector_field="place", dimensions=64)'
    text = one.format("near") + one.format("far")
    yield from _in_table(source, "place=v.array(v.number())", text)


@seed("unused-index")
def needless_index(_: Project, source: Source) -> Iterator[Changes]:
    yield from _in_table(source, "colour=v.string()", '.index("by_colour", ["colour"])')


@seed("staged-index-queried")
def staged(_: Project, source: Source) -> Iterator[Changes]:
    for call in index_calls(source):
        yield [source.call(call, [*source.arguments(call), "staged=True"])]


@seed("generated-name-clash")
def same_in_camel_case(project: Project, source: Source) -> Iterator[Changes]:
    names = [name for name in project.tables if name.isidentifier()]
    for name in names[:1]:
        yield from _table_named(source, "".join(part.capitalize() for part in name.split("_")))
