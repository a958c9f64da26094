"""Other forms of validators and of what decorators are given."""

from __future__ import annotations

import ast

from tests.mutation.project import Project
from tests.mutation.registry import disguise
from tests.mutation.source import Change, Changes, Source, last_name

_WITH_FIELDS = ("object", "define_table", "define_schema")


@disguise
def fields_in_mapping(_: Project, source: Source) -> Changes:
    """``v.object({"x": ...})`` for ``v.object(x=...)``."""
    changes: Changes = []
    for call in source.find(ast.Call):
        if last_name(call.func) not in _WITH_FIELDS or call.args or not call.keywords:
            continue
        if any(word.arg is None or word.arg == "schema_validation" for word in call.keywords):
            continue
        opening = source.end(call.func) + 1
        changes.append(Change(opening, opening, "{"))
        for word in call.keywords:
            start = source.start(word)
            value = source.start(word.value)
            while source.text[value - 1] == "(":
                value -= 1
            changes.append(Change(start, value, f'"{word.arg}": '))
        changes.append(Change(source.end(call) - 1, source.end(call) - 1, "}"))
    return changes


@disguise
def fields_as_keywords(_: Project, source: Source) -> Changes:
    """``v.object(x=...)`` for ``v.object({"x": ...})``."""
    changes: Changes = []
    for call in source.find(ast.Call):
        mapping = call.args[0] if len(call.args) == 1 else None
        if last_name(call.func) not in _WITH_FIELDS or not isinstance(mapping, ast.Dict):
            continue
        keys = [key.value if isinstance(key, ast.Constant) else None for key in mapping.keys]
        if not all(isinstance(key, str) and key.isidentifier() for key in keys):
            continue
        if {"from", "class"} & set(keys) or call.keywords:
            continue
        start, end = source.start(mapping), source.end(mapping)
        changes += [Change(start, start + 1, ""), Change(end - 1, end, "")]
        for key, value in zip(mapping.keys, mapping.values, strict=True):
            assert isinstance(key, ast.Constant)
            changes.append(Change(source.start(key), source.start(value), f"{key.value!s}="))
    return changes


@disguise
def named_validators(_: Project, source: Source) -> Changes:
    """Module constants for what ``args`` and ``returns`` are given."""
    changes: Changes = []
    for entry in source.registrations:
        place = source.start(entry.function)
        for word in entry.decorator.keywords:
            if word.arg in ("args", "returns") and not isinstance(word.value, ast.Name):
                name = f"{entry.function.name.upper()}_{word.arg.upper()}"
                text = f"{name} = {source.segment(word.value)}\n\n\n"
                changes += [Change(place, place, text), source.replace(word.value, name)]
    return changes


@disguise
def args_as_object(_: Project, source: Source) -> Changes:
    """``args=v.object({...})`` for ``args={...}``."""
    changes: Changes = []
    for entry in source.registrations:
        fields = entry.keyword("args")
        maker = next(
            (
                source.segment(node.func.value)
                for node in ast.walk(entry.decorator)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("string", "number", "null", "boolean", "array", "object")
                and isinstance(node.func.value, ast.Name)
            ),
            None,
        )
        if isinstance(fields, ast.Dict) and maker is not None:
            changes += source.wrap(fields, f"{maker}.object(", ")")
    return changes


@disguise
def quoted_annotations(_: Project, source: Source) -> Changes:
    """Annotations of functions as strings."""
    changes: Changes = []
    for function in source.find(ast.AsyncFunctionDef):
        arguments = [*function.args.args, *function.args.kwonlyargs]
        for annotation in [*(argument.annotation for argument in arguments), function.returns]:
            if annotation is None or isinstance(annotation, ast.Constant):
                continue
            text = source.segment(annotation)
            if '"' not in text and "\n" not in text:
                changes.append(source.replace(annotation, f'"{text}"'))
    return changes
