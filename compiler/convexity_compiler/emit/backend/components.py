"""The generated package ``components``: what the application mounts, however deep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.emit.backend.ddl import DIALECTS
from convexity_compiler.emit.backend.errors import BuildError
from convexity_compiler.emit.backend.functions import emit_functions
from convexity_compiler.emit.backend.names import NameScope
from convexity_compiler.emit.backend.rendering import render
from convexity_compiler.emit.backend.schema_script import schema_script
from convexity_compiler.emit.backend.tables import emit_tables, tuple_display
from convexity_compiler.emit.imports import Imports
from convexity_compiler.emit.layout import Atom, Labelled, Node, Text, call

if TYPE_CHECKING:
    from convexity_compiler.ir import ComponentIR, MountIR, ProjectIR

FOLDER = "components"


def emit_components(project: ProjectIR, package: str) -> dict[str, str]:
    """Return the files of ``components`` by path relative to the backend; none without components.

    ``package`` is the name under which the backend imports the user's modules.

    Raises:
        BuildError: a component cannot be found.

    """
    mounts = list(project.mounted())
    if not mounts:
        return {}
    imports = Imports()
    imports.name("convexity.server.deployed", "DeployedComponent")
    scope = NameScope(("COMPONENTS", "DeployedComponent"))
    files: dict[str, str] = {}
    nodes: list[Node] = []
    for mount in mounts:
        component = _found(mount)
        folder = f"{FOLDER}/{component.path}"
        files[f"{folder}/__init__.py"] = render("component_package.py", path=component.path)
        imported = import_path(project, mount, package)
        files[f"{folder}/functions.py"] = emit_functions(component, imported)
        files[f"{folder}/tables.py"] = emit_tables(component)
        for dialect in DIALECTS:
            files[f"{folder}/schema.{dialect}.sql"] = schema_script(component, dialect)
        nodes.append(_deployed(mount, component, imports, scope))
    return {
        f"{FOLDER}/__init__.py": render(
            "components.py", imports=imports.text(), components=tuple_display(nodes)
        ),
        **files,
    }


def import_path(project: ProjectIR, mount: MountIR, package: str) -> str:
    """Return the dotted path under which a backend imports the modules of a component."""
    folder = _found(mount).functions_folder
    if mount.is_local:
        folder = f"{package}{folder.removeprefix(project.functions_folder)}"
    return folder.replace("/", ".")


def _found(mount: MountIR) -> ComponentIR:
    if mount.component is None:
        raise BuildError(
            f"component {mount.name!r}: `{mount.source}` cannot be found, or uses itself. Install "
            "the package that has it where the compiler is installed, or correct the import in "
            "convex_config.py."
        )
    return mount.component


def _deployed(mount: MountIR, component: ComponentIR, imports: Imports, scope: NameScope) -> Node:
    stem, package = component.path.replace("/", "_"), f".{component.path.replace('/', '.')}"
    functions, tables = scope.claim(f"{stem}_functions"), scope.claim(f"{stem}_tables")
    # Relative imports: tests import several backends under other names.
    imports.name(package, f"functions as {functions}")
    imports.name(package, f"tables as {tables}")
    parts = {
        "app": f"{functions}.APP",
        "schema": f"{tables}.SCHEMA",
        "definition": f"{functions}.DEFINITION",
        "functions": f"{functions}.FUNCTIONS",
        "crons": f"{functions}.CRONS",
        "jobs": f"{functions}.JOBS",
        "router": f"{functions}.ROUTER",
        "routes": f"{functions}.ROUTES",
    }
    prefix = mount.http_prefix
    return call(
        "DeployedComponent",
        Labelled("path=", Text(component.path)),
        *(Labelled(f"{name}=", Atom(value)) for name, value in parts.items()),
        *([] if prefix is None else [Labelled("http_prefix=", Text(prefix))]),
    )
