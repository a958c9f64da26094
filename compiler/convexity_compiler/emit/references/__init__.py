"""The package ``_generated``: typed references to functions, documents and ids.

Its modules are thin and do not grow with the project; what they are typed as stands in stubs, one
per user module, so that a type checker looks only at what changed.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from convexity_compiler.emit.header import with_header
from convexity_compiler.emit.references.component import component_stubs
from convexity_compiler.emit.references.data_model import data_model_module, data_model_stub
from convexity_compiler.emit.references.modules import module_stub
from convexity_compiler.emit.references.rendering import render
from convexity_compiler.emit.references.server import server_stub
from convexity_compiler.emit.references.tables import table_types
from convexity_compiler.emit.references.tree import api_stub, package_stubs

if TYPE_CHECKING:
    from convexity_compiler.ir import ProjectIR

__all__ = ["emit_references", "package_markers"]


def emit_references(ir: ProjectIR) -> dict[str, str]:
    """Print the package.

    Args:
        ir: The project.

    Returns:
        The text of each file by its path relative to the project root, with slashes; a file comes
        after those that it imports.

    Raises:
        GeneratedNameError: two things of the project would have the same generated name.

    """
    tables = table_types(ir.tables)
    modules = {module.path: module_stub(module, tables.known) for module in ir.modules}
    folder = ir.functions_folder
    schema = f"{folder}/schema.py" if ir.has_schema else folder
    bodies = {
        "__init__.py": (folder, render("package.py")),
        "_tables.pyi": (schema, tables.text),
    }
    for path, stub in modules.items():
        bodies[f"_api/{path}.pyi"] = (f"{folder}/{path}.py", stub.text)
    for path, text in package_stubs(modules).items():
        bodies[f"_api/{path}"] = (folder, text)
    bodies |= {
        "api.py": (folder, render("api.py")),
        "api.pyi": (folder, api_stub(ir, modules)),
        "data_model.py": (schema, data_model_module(tables.known.markers)),
        "data_model.pyi": (folder, data_model_stub(tables.known, modules)),
        "server.py": (folder, render("server.py")),
        "server.pyi": (schema, server_stub(ir, tables.known)),
        **component_stubs(ir),
    }
    return {
        f"{folder}/_generated/{path}": with_header(text, source=source)
        for path, (source, text) in bodies.items()
    }


def package_markers(ir: ProjectIR) -> dict[str, str]:
    """Empty ``__init__.py`` files of the functions folder and its subfolders, by path.

    Relative imports resolve only in packages (``language.md`` section 1, "Packages"). They belong
    to the user: they are written where they are missing, and left alone after that.
    """
    folders = {PurePosixPath(ir.functions_folder)}
    for path in ir.python_modules:
        module = PurePosixPath(ir.functions_folder, path)
        folders.update(list(module.parents)[: path.count("/") + 1])
    return {f"{folder}/__init__.py": "" for folder in sorted(folders)}
