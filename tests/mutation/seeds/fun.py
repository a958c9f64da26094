"""Mistakes in registrations."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import seed
from tests.mutation.seeding import appended, argument, fields_of, without_keyword
from tests.mutation.source import Change, Changes, Source, last_name


@seed("missing-args-validator")
def no_args(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        if entry.keyword("args"):
            yield [without_keyword(source, entry.decorator, "args")]


@seed("missing-returns-validator")
def no_returns(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        if entry.keyword("returns"):
            yield [without_keyword(source, entry.decorator, "returns")]


@seed("bare-registration")
def bare(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        yield [source.replace(entry.decorator, source.segment(entry.decorator.func))]


@seed("sync-handler")
def not_async(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        start = source.keyword_start(entry.function)
        if not any(isinstance(node, ast.Await | ast.AsyncFor) for node in ast.walk(entry.function)):
            yield [Change(start, start + len("async "), "")]


@seed("sync-handler")
def not_async_and_empty(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        start = source.keyword_start(entry.function)
        body = Change(source.start(entry.function.body[0]), source.end(entry.function), "...")
        yield [Change(start, start + len("async "), ""), body]


@seed("missing-ctx-parameter")
def no_context(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        parameters = entry.function.args.args
        if entry.function.args.defaults or entry.function.args.kwarg or not parameters:
            continue
        end = source.start(parameters[1]) if len(parameters) > 1 else source.end(parameters[0])
        body = Change(source.start(entry.function.body[0]), source.end(entry.function), "...")
        yield [Change(source.start(parameters[0]), end, ""), body]


@seed("args-signature-mismatch")
def renamed_parameter(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        for key, _value in fields_of(entry):
            parameter = argument(entry, str(key.value))
            if parameter is not None:
                start = source.start(parameter)
                yield [Change(start, start + len(parameter.arg), f"{parameter.arg}_x")]


@seed("args-signature-mismatch")
def renamed_field(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        for key, _value in fields_of(entry):
            yield [source.replace(key, f'"{key.value!s}Other"')]


@seed("optional-arg-without-default")
def no_default(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        given = entry.function.args.defaults
        if not given or entry.function.args.kwonlyargs:
            continue
        optional = {
            key.value
            for key, value in fields_of(entry)
            if isinstance(value, ast.Call) and last_name(value.func) == "optional"
        }
        behind = entry.function.args.args[-len(given) :]
        if {parameter.arg for parameter in behind} <= optional:
            yield [
                Change(source.end(parameter), source.end(default), "")
                for parameter, default in zip(behind, given, strict=True)
            ]


@seed("default-on-required-arg")
def needless_default(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        known = {key.value for key, _value in fields_of(entry)}
        parameters = entry.function.args.args[1:]
        if parameters and not entry.function.args.defaults and parameters[-1].arg in known:
            end = source.end(parameters[-1])
            yield [Change(end, end, " = None")]


@seed("variadic-handler")
def any_keywords(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        parameters = entry.function.args.args
        if not entry.function.args.kwarg and parameters:
            last = entry.arguments[-1] if entry.arguments else parameters[-1]
            if not entry.function.args.defaults and not entry.function.args.kwonlyargs:
                yield [Change(source.end(last), source.end(last), ", **more: object")]


@seed("duplicate-function-name")
def twice(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        yield appended(source, source.segment(entry.function))


@seed("invalid-function-name")
def private_name(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        if not any(word.arg == "name" for word in entry.decorator.keywords):
            yield [source.rename(entry.function, f"_{entry.function.name}")]


@seed("invalid-function-name")
def long_name(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        if not any(word.arg == "name" for word in entry.decorator.keywords):
            yield [source.rename(entry.function, f"{entry.function.name}{'x' * 70}")]


@seed("conflicting-registration")
def two_registrars(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        place = source.start(entry.function)
        others = {other.registrar for other in source.registrations} - {entry.registrar}
        for other in source.registrations:
            if other.registrar in others:
                text = f"@{source.segment(other.decorator.func)}(args={{}}, returns=None)\n"
                yield [Change(place, place, text)]
                break


@seed("registration-through-api")
def through_api(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        if "import internal\n" in source.text:
            yield [source.replace(entry.decorator.func, f"internal.{entry.kind}")]
