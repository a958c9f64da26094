"""What seeds share."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.source import Change, Changes, Registration, Source, last_name

READERS = ("query",)
TRANSACTIONS = ("query", "mutation")


def imported(source: Source, text: str) -> Changes:
    """Add an import."""
    if not text:
        return []
    place = source.after_future()
    return [Change(place, place, f"\n{text}\n")]


def in_bodies(
    source: Source, kinds: tuple[str, ...], text: str, imports: str = ""
) -> Iterator[Changes]:
    """Put a statement before the others of each registered function of some kinds."""
    for entry in source.registrations:
        first = entry.body[0]
        if entry.keyword("runtime") is not None:
            continue
        if entry.kind in kinds and source.is_alone(first) and first.lineno > entry.function.lineno:
            place = source.start(first)
            statement = Change(place, place, f"{text}\n{source.indentation(first)}")
            yield [*imported(source, imports), statement]


def appended(source: Source, text: str, imports: str = "") -> Changes:
    """Put statements at the end of a module."""
    place = len(source.text)
    return [*imported(source, imports), Change(place, place, f"\n\n{text}\n")]


def without_keyword(source: Source, call: ast.Call, name: str) -> Change:
    """Take an argument from a call."""
    return source.call(call, source.arguments(call, without=name))


def database_calls(source: Source, *names: str) -> Iterator[ast.Call]:
    """Yield the calls of methods of a database: ``ctx.db.insert``."""
    for call, method in source.method_calls(*names):
        if isinstance(method.value, ast.Attribute) and method.value.attr == "db":
            yield call


def validator_calls(source: Source, *names: str) -> Iterator[tuple[ast.Call, ast.Attribute]]:
    """Yield the calls of constructors of validators: ``v.string()``."""
    for call, method in source.method_calls(*names):
        if isinstance(method.value, ast.Name) and method.value.id in ("v", "validate"):
            yield call, method


def fields_of(entry: Registration) -> Iterator[tuple[ast.Constant, ast.expr]]:
    """Yield names and validators of arguments that are written in the decorator."""
    args = entry.keyword("args")
    if isinstance(args, ast.Dict):
        for key, value in zip(args.keys, args.values, strict=True):
            if isinstance(key, ast.Constant):
                yield key, value


def argument(entry: Registration, name: str) -> ast.arg | None:
    """Return a parameter of the handler."""
    return next((arg for arg in entry.arguments if arg.arg == name), None)


def tables(source: Source) -> Iterator[tuple[ast.Call, ast.expr | ast.keyword]]:
    """Yield ``define_table(...)`` with the whole chain, and what names the table."""
    for call in source.find(ast.Call):
        if last_name(call.func) == "define_schema":
            for word in call.keywords:
                if isinstance(word.value, ast.Call) and word.arg is not None:
                    yield word.value, word
            for mapping in call.args:
                if isinstance(mapping, ast.Dict):
                    for key, value in zip(mapping.keys, mapping.values, strict=True):
                        if isinstance(value, ast.Call) and isinstance(key, ast.Constant):
                            yield value, key


def index_calls(source: Source) -> Iterator[ast.Call]:
    """Yield the calls that declare an index with a literal name and fields."""
    for call, _ in source.method_calls("index"):
        if (
            len(call.args) == 2
            and isinstance(call.args[0], ast.Constant)
            and isinstance(call.args[1], ast.List)
            and all(isinstance(field, ast.Constant) for field in call.args[1].elts)
        ):
            yield call


def is_file(source: Source, name: str) -> bool:
    """Whether a module is a special file of the functions folder."""
    return source.path.count("/") == 1 and source.path.endswith(f"/{name}.py")


def has_validators(source: Source) -> bool:
    """Whether a module knows ``v`` by that name."""
    return "import v\n" in source.text or ", v\n" in source.text
