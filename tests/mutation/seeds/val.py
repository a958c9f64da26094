"""Mistakes in validators."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import seed
from tests.mutation.seeding import fields_of, validator_calls
from tests.mutation.source import Changes, Source


@seed("not-a-validator")
def a_type(_: Project, source: Source) -> Iterator[Changes]:
    for call, _method in validator_calls(source, "string", "number", "boolean"):
        yield [source.replace(call, "str")]


@seed("not-a-validator")
def uncalled(_: Project, source: Source) -> Iterator[Changes]:
    for call, method in validator_calls(source, "string", "number", "boolean"):
        yield [source.replace(call, source.segment(method))]


@seed("unknown-validator")
def other_name(_: Project, source: Source) -> Iterator[Changes]:
    for _call, method in validator_calls(source, "string", "number", "boolean"):
        yield [source.attribute(method, "text")]


@seed("unknown-validator")
def list_for_array(_: Project, source: Source) -> Iterator[Changes]:
    for _call, method in validator_calls(source, "array"):
        yield [source.attribute(method, "list")]


@seed("deprecated-bigint")
def bigint(_: Project, source: Source) -> Iterator[Changes]:
    for _call, method in validator_calls(source, "int64", "number"):
        yield [source.attribute(method, "bigint")]


@seed("unknown-table-id")
def id_of_no_table(_: Project, source: Source) -> Iterator[Changes]:
    for call, _method in validator_calls(source, "id"):
        if isinstance(call.args[0], ast.Constant):
            yield [source.replace(call.args[0], f'"{call.args[0].value!s}x"')]


@seed("misplaced-optional")
def optional_element(_: Project, source: Source) -> Iterator[Changes]:
    for call, method in validator_calls(source, "array", "nullable"):
        if isinstance(call.args[0], ast.Call) and isinstance(method.value, ast.Name):
            yield source.wrap(call.args[0], f"{method.value.id}.optional(", ")")


@seed("misplaced-optional")
def optional_result(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        returns = entry.keyword("returns")
        if returns is not None and source.segment(returns).startswith("v."):
            yield source.wrap(returns, "v.optional(", ")")


@seed("invalid-field-name")
def dollar(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        for key, _value in fields_of(entry):
            yield [source.replace(key, f'"${key.value!s}"')]


@seed("invalid-field-name")
def field_of_object(_: Project, source: Source) -> Iterator[Changes]:
    for call, method in validator_calls(source, "object"):
        maker = source.segment(method.value)
        yield [source.call(call, [f'{{"$kind": {maker}.any(), "b": {maker}.any()}}'])]
