"""Functions, tables and indexes in words, for hovers and the details of completions."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from convexity.values.validators import flatten

from convexity_compiler.link.agreement import annotation_text
from convexity_compiler.link.platform import with_system_fields
from convexity_compiler.lsp.queries import CREATION_TIME
from convexity_compiler.lsp.targets import (
    ComponentFunctionTarget,
    FieldTarget,
    FunctionTarget,
    IndexTarget,
    ModuleTarget,
    RuleTarget,
    TableTarget,
)
from convexity_compiler.rules.documentation import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.link.model import LinkedFunction, LinkedIndex, LinkedTable
    from convexity_compiler.link.project import LinkedProject
    from convexity_compiler.lsp.targets import Target


def describe(project: LinkedProject, target: Target) -> str:
    """Return what a target is, as Markdown."""
    match target:
        case FunctionTarget(function=function):
            return _function(project, function)
        case ComponentFunctionTarget(component=component, function=function):
            return _function(component, function)
        case ModuleTarget(module=module):
            return _module(project, module)
        case TableTarget(table=table):
            return _table(table)
        case IndexTarget(table=table, index=index):
            return f"{index_line(index)}\n\nof table `{table.name}`"
        case FieldTarget(table=table, name=name):
            return f"field `{name}` of table `{table.name}`: `{field_type(table, name)}`"
        case RuleTarget(rule=rule):
            return page(rule)
        case _:
            assert_never(target)


def kind_of(function: LinkedFunction) -> str:
    """Return ``mutation``, ``internal query``..."""
    kind = function.kind.replace("_", " ")
    return kind if function.visibility == "public" else f"internal {kind}"


def signature(project: LinkedProject, function: LinkedFunction) -> str:
    """Return how a function is called by reference: ``(*, author: str) -> None``."""
    parameters = ", ".join(_parameters(project, function))
    returns = function.definition.returns
    if returns is not None:
        result = project.modules[function.module].source(returns.span)
    elif function.returns is not None and function.returns.validator is not None:
        result = annotation_text(function.returns.validator)
    else:
        result = "Any"
    return f"({'*, ' if parameters else ''}{parameters}) -> {result}"


def index_line(index: LinkedIndex) -> str:
    """Return the kind, name and fields of an index, as Markdown."""
    fields = (*index.fields, CREATION_TIME) if index.kind == "index" else index.fields
    listed = ", ".join(f"`{field}`" for field in fields)
    kind = "index" if index.kind == "index" else f"{index.kind} index"
    filters = ", ".join(f"`{field}`" for field in index.filter_fields)
    return f"{kind} `{index.name}` on {listed}" + (f", filtered by {filters}" if filters else "")


def field_type(table: LinkedTable, name: str) -> str:
    """Return the annotation of a field of a table's documents; "" when it is not known."""
    return next((text for field, _, text in _fields(table) if field == name), "")


def _parameters(project: LinkedProject, function: LinkedFunction) -> Iterator[str]:
    """The arguments as keyword parameters: as annotated, else as the validators say."""
    source = project.modules[function.module].source
    validators = getattr(function.args.validator, "fields", {}) if function.args else {}
    for name, validator in validators.items():
        linked = function.parameter(name)
        annotation = default = None
        if linked is not None and not linked.is_unpacked:
            annotation, default = linked.parameter.annotation, linked.parameter.default
        text = annotation_text(validator) if annotation is None else source(annotation.span)
        if default is not None:
            yield f"{name}: {text} = {source(default.span)}"
        else:
            yield f"{name}: {text}" + (" = ..." if validator.is_optional else "")


def _function(project: LinkedProject, function: LinkedFunction) -> str:
    code = (
        f"# {kind_of(function)} {function.path}\n"
        f"async def {function.name}{signature(project, function)}"
    )
    text = f"```python\n{code}\n```"
    docstring = function.definition.docstring
    return f"{text}\n\n{docstring.strip()}" if docstring else text


def _module(project: LinkedProject, module: str) -> str:
    text = f"module `{project.path_of(module)}`"
    docstring = project.modules[module].docstring
    return f"{text}\n\n{docstring.strip()}" if docstring else text


def _table(table: LinkedTable) -> str:
    lines = [f"# table {table.name}"]
    for name, is_optional, annotation in _fields(table):
        lines.append(f"{name}: {f'NotRequired[{annotation}]' if is_optional else annotation}")
    text = "```python\n" + "\n".join(lines) + "\n```"
    indexes = "".join(f"\n- {index_line(index)}" for index in table.indexes)
    return f"{text}\n{indexes}" if indexes else text


def _fields(table: LinkedTable) -> Iterator[tuple[str, bool, str]]:
    """Name, whether it may be absent, and annotation of each field, system fields included."""
    validator = table.document.validator
    if validator is None:
        return
    merged: dict[str, list[Validator]] = {}
    members = flatten(with_system_fields(table.name, validator))
    for member in members:
        for name, field in getattr(member, "fields", {}).items():
            merged.setdefault(name, []).append(field)
    for name, alternatives in merged.items():
        is_optional = len(alternatives) < len(members) or any(
            entry.is_optional for entry in alternatives
        )
        texts = dict.fromkeys(annotation_text(entry) for entry in alternatives)
        yield name, is_optional, " | ".join(texts)
