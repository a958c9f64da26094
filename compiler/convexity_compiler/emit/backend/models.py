"""The generated ``models.py``, and what ``main.py`` says of each public function."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convexity.values import ObjectValidator, UnionValidator, v
from convexity.values.validators import flatten

from convexity_compiler.emit.backend.model_types import Alias, Model, ModelTypes
from convexity_compiler.emit.backend.rendering import render
from convexity_compiler.emit.backend.validators import parts_of
from convexity_compiler.emit.imports import Imports
from convexity_compiler.emit.layout import (
    Atom,
    Labelled,
    Text,
    call,
    dictionary,
    layout,
)
from convexity_compiler.emit.literals import docstring_lines
from convexity_compiler.type_names import pascal_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.ir import FunctionIR, ProjectIR, TableIR


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A public function in the API description."""

    path: str
    args: str
    """Name of the model of its arguments."""
    returns: str
    """Name of the model of its result."""
    summary: str
    description: str


def emit_models(project: ProjectIR) -> tuple[str, list[Operation]]:
    """Return the text of ``models.py`` and the operations that use it."""
    public = [function for function in project.functions if function.visibility == "public"]
    fields = {name for function in public for name in _field_names(function)}
    imports = Imports(shadowed=fields)
    documents = {_document(table): f"{pascal_case(table.name)}Doc" for table in project.tables}
    types = ModelTypes(imports, documents, reserved=fields)
    operations = [_operation(function, types) for function in public]
    sources = [_definition(definition, imports) for definition in types.definitions]
    spaced = [
        ("\n" if source.startswith("class ") or before.startswith("class ") else "") + source
        for before, source in zip(["", *sources], sources, strict=False)
    ]
    return render("models.py", imports=imports.text(), definitions=spaced), operations


def _field_names(function: FunctionIR) -> Iterator[str]:
    """Yield the names of all fields: a class that has them as members hides equal names."""
    for validator in (function.args, function.returns):
        for part in parts_of(validator):
            if isinstance(part, ObjectValidator):
                yield from part.fields


def _operation(function: FunctionIR, types: ModelTypes) -> Operation:
    name = pascal_case(function.module, function.name)
    summary, _, description = inspect.cleandoc(function.docstring or "").partition("\n\n")
    path = function.path
    return Operation(
        path=path,
        args=types.add(function.args, f"{name}Args", "request", f"Arguments of {path}."),
        returns=types.add(function.returns, f"{name}Result", "result", f"Result of {path}."),
        summary=" ".join(summary.split()),
        description=description.strip(),
    )


def _document(table: TableIR) -> Validator:
    """Return the validator of a whole document, with its system fields in every member."""
    system: dict[str, Validator] = {"_id": v.id(table.name), "_creationTime": v.number()}
    members = tuple(
        ObjectValidator({**system, **member.fields})
        for member in flatten(table.validator)
        if isinstance(member, ObjectValidator)
    )
    return members[0] if len(members) == 1 else UnionValidator(members)


def _definition(definition: Model | Alias, imports: Imports) -> str:
    if isinstance(definition, Alias):
        label = f"{definition.name}: {imports.name('typing', 'TypeAlias')} = "
        return layout(Labelled(label, definition.node))
    typed_dict = imports.name("typing_extensions", "TypedDict")
    if definition.functional:
        fields = dictionary(dict(definition.fields))
        closed = Labelled("closed=", Atom("True"))
        node = call(typed_dict, Text(definition.name), fields, closed)
        return layout(Labelled(f"{definition.name} = ", node))
    lines = [f"class {definition.name}({typed_dict}, closed=True):"]
    lines += ["    " + line for line in docstring_lines(definition.description)]
    lines += [""] if definition.fields else []
    lines += [
        "    " + layout(Labelled(f"{name}: ", node), indent=4) for name, node in definition.fields
    ]
    return "\n".join(lines)
