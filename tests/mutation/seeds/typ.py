"""Mistakes in annotations and results."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import seed
from tests.mutation.seeding import argument, fields_of, imported
from tests.mutation.source import Change, Changes, Registration, Source, last_name


def _typed(source: Source, *validators: str) -> Iterator[tuple[Registration, ast.arg, ast.expr]]:
    for entry in source.registrations:
        for key, value in fields_of(entry):
            parameter = argument(entry, str(key.value))
            if (
                parameter is not None
                and parameter.annotation is not None
                and isinstance(value, ast.Call)
                and last_name(value.func) in validators
            ):
                yield entry, parameter, parameter.annotation


@seed("arg-annotation-mismatch")
def bytes_for_text(_: Project, source: Source) -> Iterator[Changes]:
    for _entry, _parameter, annotation in _typed(source, "string", "number", "boolean"):
        yield [source.replace(annotation, "bytes")]


@seed("str-for-id")
def text_for_id(_: Project, source: Source) -> Iterator[Changes]:
    for _entry, _parameter, annotation in _typed(source, "id"):
        yield [source.replace(annotation, "str")]


@seed("return-annotation-mismatch")
def other_result(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        if entry.function.returns is not None and entry.keyword("returns"):
            yield [source.replace(entry.function.returns, "bytes")]


@seed("return-annotation-mismatch")
def nothing(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        returns = entry.keyword("returns")
        if (
            entry.function.returns is not None
            and isinstance(returns, ast.Call)
            and last_name(returns.func) in ("string", "number", "array", "id", "boolean")
        ):
            yield [source.replace(entry.function.returns, "None")]


@seed("missing-annotation")
def no_result(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        if entry.function.returns is not None:
            start = source.text.rindex("->", 0, source.start(entry.function.returns))
            yield [Change(start, source.end(entry.function.returns), "")]


@seed("missing-annotation")
def no_parameter(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        for parameter in entry.arguments:
            yield [source.replace(parameter, parameter.arg)]


@seed("return-value-mismatch")
def number_for_text(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        returns = entry.keyword("returns")
        if isinstance(returns, ast.Call) and last_name(returns.func) in ("array", "string", "id"):
            for node in ast.walk(entry.function):
                if isinstance(node, ast.Return) and node.value is not None:
                    yield [source.replace(node.value, "3.5")]


@seed("implicit-none-return")
def forgotten_return(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        returns = entry.keyword("returns")
        last = entry.function.body[-1]
        if (
            isinstance(returns, ast.Call)
            and last_name(returns.func) in ("array", "string", "id", "number", "boolean")
            and isinstance(last, ast.Return)
            and last.value is not None
            and len(entry.body) > 1
        ):
            yield [Change(source.start(last), source.start(last.value), "result = ")]


@seed("implicit-none-return")
def result_of_nothing(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        returns = entry.keyword("returns")
        if isinstance(returns, ast.Call) and last_name(returns.func) == "null":
            end = source.end(entry.function)
            if source.is_alone(entry.body[0]):
                yield [Change(end, end, '\n    return {"ok": True}')]


@seed("unknown-generated-name")
def no_such_type(_: Project, source: Source) -> Iterator[Changes]:
    for node in source.find(ast.ImportFrom):
        if node.level and node.module == "_generated.data_model":
            text = source.segment(node)
            name = node.names[0].name
            yield [source.replace(node, text.replace(name, f"{name}x, {name}", 1))]


@seed("private-generated-import")
def private_module(_: Project, source: Source) -> Iterator[Changes]:
    for node in source.find(ast.ImportFrom):
        if node.level and node.module == "_generated.api":
            text = source.segment(node)
            yield [source.replace(node, text.replace("_generated.api", "_generated._api"))]


@seed("private-generated-import")
def private_name(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        dots = "." * source.path.count("/")
        yield [*imported(source, f"from {dots}_generated._data_model import hidden")]


@seed("private-generated-import")
def private_package(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        dots = "." * source.path.count("/")
        yield [*imported(source, f"from {dots}_generated import _api as hidden")]


@seed("private-generated-import")
def private_server(_: Project, source: Source) -> Iterator[Changes]:
    if source.registrations:
        dots = "." * source.path.count("/")
        yield [*imported(source, f"from {dots}_generated._server import Anything as Hidden")]
