"""``data_model.py`` and ``.pyi``: every generated type under one roof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.emit.imports import Imports, exported_names
from convexity_compiler.emit.layout import Atom, Labelled, dictionary, layout
from convexity_compiler.emit.literals import python_literal
from convexity_compiler.emit.names import NameTable
from convexity_compiler.emit.references.rendering import render
from convexity_compiler.emit.references.tables import SYSTEM_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.emit.references.modules import ModuleStub
    from convexity_compiler.emit.types import KnownTypes

_TABLES: Final = "_TABLES"


def data_model_stub(known: KnownTypes, modules: Mapping[str, ModuleStub]) -> str:
    """Print the stub, which exports types from where they are defined.

    Types of tables and of functions are defined in separate stubs, and those of functions once
    per module, so that a change to one function leaves the rest of the project as it was.

    Raises:
        GeneratedNameError: functions of two modules have types of the same name.

    """
    imports = Imports()
    names = NameTable("_generated/data_model", {})
    for name in SYSTEM_TYPES:
        imports.name("convexity.server", name)
    imports.name("convexity.values", "Id")
    for name in known.names:
        imports.name(known.module, name)
    for path, stub in modules.items():
        for name in stub.types:
            names.claim(name, f"a type of module `{path}`")
            imports.name(f"._api.{path.replace('/', '.')}", name)
    exported = [python_literal(name) for name in exported_names(imports.used)]
    return render("data_model.pyi", imports=imports.text(), exported=exported)


def data_model_module(markers: Mapping[str, str]) -> str:
    """Print the module, in which types are placeholders; only markers know their tables."""
    tables = {marker: Atom(python_literal(table)) for table, marker in markers.items()}
    assignment = Labelled(f"{_TABLES} = ", dictionary(dict(sorted(tables.items()))))
    return render("data_model.py", tables=layout(assignment))
