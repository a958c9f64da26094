"""Types for front ends that use the npm client: ``api.d.ts``, ``api.js``, ``dataModel.d.ts``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from convexity.values import ObjectValidator
from convexity.values.validators import IdValidator, NumberValidator, flatten

from convexity_compiler.emit.header import with_header
from convexity_compiler.emit.rendering import Renderer
from convexity_compiler.emit.typescript.types import TypeScriptPrinter, comment, key, string

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity.values import Validator

    from convexity_compiler.ir import FunctionIR, ProjectIR, TableIR

__all__ = ["emit_typescript"]

_render = Renderer("typescript")
_SERVER_TYPES = ("FunctionReference", "PaginationOptions", "PaginationResult")
_DATA_TYPES = ("Doc", "Id")


@dataclass(slots=True)
class _Node:
    """A key of ``api``: a folder or module with members, or a function with a type."""

    name: str
    type: str = ""
    comment: list[str] = field(default_factory=list)
    members: list[_Node] = field(default_factory=list)


def emit_typescript(ir: ProjectIR) -> dict[str, str]:
    """Print the files.

    Args:
        ir: The project.

    Returns:
        The text of each file by its path relative to the project root, with slashes.

    """
    folder = ir.functions_folder
    bodies = {
        "dataModel.d.ts": _data_model(ir.tables),
        "api.js": _render("api.js"),
        "api.d.ts": _api(ir),
    }
    return {
        f"{folder}/_generated/{path}": with_header(text, source=folder, comment="//")
        for path, text in bodies.items()
    }


def _data_model(tables: Iterable[TableIR]) -> str:
    printer = TypeScriptPrinter(documents={})
    documents = {
        key(table.name): " | ".join(
            printer.fields(document, indent=2)
            if isinstance(document, ObjectValidator)
            else printer.type(document)
            for document in _documents(table)
        )
        for table in tables
    }
    return _render("dataModel.d.ts", tables=documents)


def _documents(table: TableIR) -> list[Validator]:
    """What the table's documents may be, with system fields."""
    system = {"_id": IdValidator(table.name), "_creationTime": NumberValidator()}
    return [
        ObjectValidator({**system, **member.fields})
        if isinstance(member, ObjectValidator)
        else member
        for member in flatten(table.validator)
    ]


def _api(ir: ProjectIR) -> str:
    documents = {
        document: table.name
        for table in ir.tables
        for document in _documents(table)
        if isinstance(document, ObjectValidator) and len(flatten(table.validator)) == 1
    }
    printer = TypeScriptPrinter(documents)
    roots = {
        "api": _tree(printer, (item for item in ir.functions if item.visibility == "public")),
        "internal": _tree(
            printer, (item for item in ir.functions if item.visibility == "internal")
        ),
    }
    used = {*printer.used, *(["FunctionReference"] if ir.functions else [])}
    return _render(
        "api.d.ts",
        roots=roots,
        server_types=[name for name in _SERVER_TYPES if name in used],
        data_types=[name for name in _DATA_TYPES if name in used],
    )


def _tree(printer: TypeScriptPrinter, functions: Iterable[FunctionIR]) -> list[_Node]:
    root = _Node("")
    for item in functions:
        node = root
        parts = item.module.split("/")
        for part in parts:
            found = next((member for member in node.members if member.name == part), None)
            if found is None:
                found = _Node(part)
                node.members.append(found)
            node = found
        indent = 2 * (len(parts) + 1)
        node.members.append(
            _Node(item.name, _reference(printer, item, indent), comment(item.docstring))
        )
    return root.members


def _reference(printer: TypeScriptPrinter, item: FunctionIR, indent: int) -> str:
    inner = indent + 2
    parts = [
        string(item.kind),
        string(item.visibility),
        printer.fields(item.args, indent=inner),
        printer.type(item.returns, indent=inner),
    ]
    flat = f"FunctionReference<{', '.join(parts)}>"
    if "\n" not in flat and indent + len(item.name) + len(flat) < 98:
        return flat
    lines = ",\n".join(" " * inner + part for part in parts)
    return f"FunctionReference<\n{lines}\n{' ' * indent}>"
