"""Other names for the same things."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import disguise
from tests.mutation.source import Change, Changes, Function, Source


def _annotation_texts(source: Source) -> str:
    return " ".join(node.value for node in source.find(ast.Constant) if isinstance(node.value, str))


def _renamable(project: Project, source: Source) -> dict[str, list[ast.Name]]:
    """Names that mean one thing in the whole module and are used in it alone, with their uses."""
    uses: dict[str, list[ast.Name]] = {}
    bound = {argument.arg for argument in source.find(ast.arg)}
    bound |= {node.name for node in source.find(ast.AsyncFunctionDef)}
    bound |= {node.name for node in source.find(ast.FunctionDef)}
    bound |= {node.name for node in source.find(ast.ClassDef)}
    bound |= project.taken_from(source)
    for name in source.find(ast.Name):
        uses.setdefault(name.id, []).append(name)
        if not isinstance(name.ctx, ast.Load):
            bound.add(name.id)
    texts = _annotation_texts(source)
    return {name: names for name, names in uses.items() if name not in bound and name not in texts}


def _imports(source: Source) -> Iterator[ast.ImportFrom]:
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module != "__future__":
            yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in source.segment(node.test):
            yield from (inner for inner in node.body if isinstance(inner, ast.ImportFrom))


@disguise
def import_alias(project: Project, source: Source) -> Changes:
    """``from m import name as its_name``."""
    if source.path.endswith("__init__.py"):
        return []
    uses = _renamable(project, source)
    changes: Changes = []
    for statement in _imports(source):
        for alias in statement.names:
            if alias.asname is None and alias.name in uses:
                start = source._offset(alias.lineno, alias.col_offset)
                end = start + len(alias.name)
                changes.append(Change(end, end, f" as its_{alias.name}"))
                changes += [source.replace(use, f"its_{alias.name}") for use in uses[alias.name]]
    return changes


@disguise
def module_alias(project: Project, source: Source) -> Changes:
    """``from . import m as the_m`` and ``the_m.name``."""
    if source.path.endswith("__init__.py"):
        return []
    uses = _renamable(project, source)
    changes: Changes = []
    for statement in _imports(source):
        names = {alias.name for alias in statement.names}
        platform = statement.level == 0 and statement.module in (
            "convexity.server",
            "convexity.values",
        )
        generated = statement.level and (statement.module or "").startswith("_generated.")
        if not (platform or generated) or not names <= uses.keys():
            continue
        if any(alias.asname for alias in statement.names) or statement.module is None:
            continue
        package, _, module = statement.module.rpartition(".")
        dots = "." * statement.level
        name = f"the_{package}_{module}"
        changes.append(source.replace(statement, f"from {dots}{package} import {module} as {name}"))
        for member in names:
            changes += [source.replace(use, f"{name}.{member}") for use in uses[member]]
    return changes


@disguise
def renamed_context(_: Project, source: Source) -> Changes:
    """Another name for ``ctx``."""
    changes: Changes = []
    for function in source.functions_with_ctx():
        nested = [node for node in ast.walk(function) if isinstance(node, Function | ast.Lambda)]
        parameters = [argument.arg for node in nested for argument in node.args.args]
        if parameters.count("ctx") > 1:
            continue
        start = source.start(function.args.args[0])
        changes.append(Change(start, start + len("ctx"), "c"))
        changes += [
            source.replace(node, "c")
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and node.id == "ctx"
        ]
    return changes


@disguise
def database_variable(_: Project, source: Source) -> Changes:
    """``db = ctx.db`` at the top of a function."""
    changes: Changes = []
    for function in source.functions_with_ctx():
        uses = [
            node
            for statement in function.body
            for node in ast.walk(statement)
            if isinstance(node, ast.Attribute)
            and node.attr == "db"
            and isinstance(node.value, ast.Name)
            and node.value.id == "ctx"
        ]
        first = next(
            (
                s
                for s in function.body
                if not isinstance(s, ast.Expr) or s.lineno > function.body[0].lineno
            ),
            function.body[-1],
        )
        if not uses or not source.is_alone(first) or first.lineno == function.lineno:
            continue
        place = source.start(first)
        changes.append(Change(place, place, f"database = ctx.db\n{source.indentation(first)}"))
        changes += [source.replace(use, "database") for use in uses]
    return changes


@disguise
def named_strings(_: Project, source: Source) -> Changes:
    """Module constants for the strings that calls are given."""
    names: dict[str, str] = {}
    changes: Changes = []
    for call in source.find(ast.Call):
        if not isinstance(call.func, ast.Attribute):
            continue
        given = [*call.args, *(word.value for word in call.keywords)]
        for argument in given:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                name = names.setdefault(argument.value, f"TEXT_{len(names)}")
                changes.append(source.replace(argument, name))
    if not changes:
        return []
    place = source.after_imports()
    lines = [f"{name}: typing.Final = {value!r}" for value, name in names.items()]
    changes.append(Change(place, place, "\n\n" + "\n".join(lines) + "\n"))
    place = source.after_future()
    changes.append(Change(place, place, "\nimport typing\n"))
    return changes
