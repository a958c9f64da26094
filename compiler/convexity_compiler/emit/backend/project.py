"""Everything the compiler writes for one backend."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from convexity_compiler.emit.backend.components import emit_components
from convexity_compiler.emit.backend.ddl import DIALECTS
from convexity_compiler.emit.backend.errors import BuildError
from convexity_compiler.emit.backend.functions import emit_functions
from convexity_compiler.emit.backend.models import emit_models
from convexity_compiler.emit.backend.rendering import render
from convexity_compiler.emit.backend.requirements import RUNTIME_REQUIREMENTS
from convexity_compiler.emit.backend.reserved import RESERVED_PACKAGES
from convexity_compiler.emit.backend.schema_script import schema_script
from convexity_compiler.emit.backend.tables import emit_tables

if TYPE_CHECKING:
    from convexity_compiler.ir import ProjectIR

_STORAGE = (
    "STORAGE_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
)
"""Variables that say where files lie; a container gets those that are set where it is started."""


def emit_backend(project: ProjectIR) -> dict[str, str]:
    """Return the generated files of a backend: text by path relative to its folder.

    The result depends on the IR alone. The user's modules and the runtime are not part of it;
    :func:`~convexity_compiler.emit.backend.build.build_dist` adds them.

    Raises:
        BuildError: the functions folder has a name that the backend needs for itself, or a
            component cannot be found.

    """
    package = package_name(project)
    models, operations = emit_models(project)
    variables = [variable.name for variable in project.environment]
    files = {
        "main.py": render(
            "main.py",
            project=project.name,
            operations=operations,
            components=bool(project.components),
        ),
        "tables.py": emit_tables(project),
        "functions.py": emit_functions(project, package),
        "requirements.txt": render(
            "requirements.txt",
            runtime=RUNTIME_REQUIREMENTS,
            project=[" ".join(requirement.split()) for requirement in project.dependencies],
        ),
        "Dockerfile": render("Dockerfile"),
        ".dockerignore": render("dockerignore"),
        **{
            name: render(name, environment=variables, storage=_STORAGE)
            for name in ("compose.yaml", "compose.postgres.yaml")
        },
        "README.md": render(
            "README.md", project=project.name, package=package, environment=variables
        ),
    }
    if operations:
        files["models.py"] = models
    for dialect in DIALECTS:
        files[f"schema.{dialect}.sql"] = schema_script(project, dialect)
    return files | emit_components(project, package)


def package_name(project: ProjectIR) -> str:
    """Return the package under which a backend imports the user's modules.

    Raises:
        BuildError: the name cannot be imported, or hides a module that the backend imports.

    """
    name = PurePosixPath(project.functions_folder).name
    if not name.isidentifier() or name in RESERVED_PACKAGES:
        reason = "is not a name that Python can import"
        if name.isidentifier():
            reason = "would hide a module of that name that the backend imports"
        raise BuildError(
            f"functions folder {project.functions_folder!r}: {name!r} {reason}. Rename the folder "
            'and set `functions = "..."` under [tool.convexity] in pyproject.toml.'
        )
    return name
