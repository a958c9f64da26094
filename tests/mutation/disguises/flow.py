"""The same statements in other places."""

from __future__ import annotations

import ast

from tests.mutation.project import Project
from tests.mutation.registry import disguise
from tests.mutation.source import Change, Changes, Function, Registration, Source, has_docstring

_CLOSED = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.JoinedStr)


def _awaits(source: Source) -> list[ast.Await]:
    return [
        node
        for node in source.find(ast.Await)
        if not source.within(node, *_CLOSED) and not source.within(node, ast.Await)
    ]


@disguise
def walrus(_: Project, source: Source) -> Changes:
    """``(found := await ...)``."""
    changes: Changes = []
    for number, node in enumerate(_awaits(source)):
        changes += source.wrap(node, f"(awaited_{number} := ", ")")
    return changes


@disguise
def gathered(_: Project, source: Source) -> Changes:
    """``(await asyncio.gather(...))[0]``."""
    nodes = [
        node
        for node in _awaits(source)
        if isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr != "gather"
    ]
    if not nodes:
        return []
    place = source.after_future()
    changes = [Change(place, place, "\nimport asyncio as aio\n")]
    for node in nodes:
        start, end = source.start(node), source.end(node)
        changes.append(Change(start, start + len("await"), "(await aio.gather("))
        changes.append(Change(end, end, "))[0]"))
    return changes


@disguise
def query_variable(_: Project, source: Source) -> Changes:
    """A variable for ``ctx.db.query(...)`` before the range and the rest."""
    changes: Changes = []
    kinds = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return, ast.AsyncFor, ast.For)
    for number, (call, method) in enumerate(source.method_calls("query")):
        statement = source.statement(call)
        is_database = isinstance(method.value, ast.Attribute) and method.value.attr == "db"
        in_body = isinstance(statement, ast.For | ast.AsyncFor) and not any(
            node is call for node in ast.walk(statement.iter)
        )
        if (
            is_database
            and isinstance(statement, kinds)
            and not in_body
            and source.is_alone(statement)
            and not source.within(call, *_CLOSED)
            and source.within(statement, ast.AsyncFunctionDef)
        ):
            place = source.start(statement)
            text = f"rows_{number} = {source.segment(call)}\n{source.indentation(statement)}"
            changes += [Change(place, place, text), source.replace(call, f"rows_{number}")]
    return changes


def _bodies(source: Source) -> list[Registration]:
    """Functions whose bodies can be moved: no text of several lines but the docstring."""
    return [
        entry
        for entry in source.registrations
        if entry.body[0] is not entry.function.body[0] or not has_docstring(entry.function)
        if source.is_alone(entry.body[0])
        and entry.body[0].lineno > entry.function.lineno
        and '"""' not in source.text[source.start(entry.body[0]) : source.end(entry.function)]
    ]


def _indented(source: Source, entry: Registration) -> str:
    text = source.text[source.line_start(entry.body[0]) : source.end(entry.function)]
    return "\n".join(f"    {line}" if line.strip() else line for line in text.split("\n"))


def _is_plain(function: Function) -> bool:
    return function.args.vararg is None and not function.args.posonlyargs


@disguise
def in_helper(_: Project, source: Source) -> Changes:
    """The body in a helper that is given all arguments."""
    changes: Changes = []
    for entry in _bodies(source):
        function = entry.function
        if not function.args.args or function.returns is None or not _is_plain(function):
            continue
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        helper = f"{function.name}_for_all"
        body = source.text[source.line_start(entry.body[0]) : source.end(function)]
        given = [function.args.args[0].arg]
        given += [f"{argument.arg}={argument.arg}" for argument in entry.arguments]
        if function.args.kwarg is not None:
            given.append(f"**{function.args.kwarg.arg}")
        header = source.text[source.keyword_start(function) : source.line_start(function.body[0])]
        header = header.replace(function.name, helper, 1)
        place = source.start(function)
        changes.append(Change(place, place, f"{header}{body}\n\n\n"))
        word = "" if source.segment(function.returns) == "None" else "return "
        call = f"{word}await {helper}({', '.join(given)})"
        changes.append(Change(source.start(entry.body[0]), source.end(function), call))
    return changes


@disguise
def in_nested_function(_: Project, source: Source) -> Changes:
    """The body in a function within the function."""
    changes: Changes = []
    for entry in _bodies(source):
        function = entry.function
        if not isinstance(function, ast.AsyncFunctionDef) or function.returns is None:
            continue
        stored = {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        }
        if stored & {argument.arg for argument in entry.arguments}:
            continue
        result = source.segment(function.returns)
        word = "" if result == "None" else "return "
        text = (
            f"    async def inner() -> {result}:\n{_indented(source, entry)}\n\n"
            f"    {word}await inner()"
        )
        changes.append(Change(source.line_start(entry.body[0]), source.end(function), text))
    return changes


@disguise
def in_try(_: Project, source: Source) -> Changes:
    """The body under ``try`` and ``finally``."""
    return [
        Change(
            source.line_start(entry.body[0]),
            source.end(entry.function),
            f"    try:\n{_indented(source, entry)}\n    finally:\n        pass",
        )
        for entry in _bodies(source)
    ]
