"""What link knows of generated names is what codegen writes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from convexity_compiler.emit.references import emit_references
from convexity_compiler.link.agreement import agrees
from convexity_compiler.pipeline import compile_project, load_project
from convexity_compiler.rules.gen.generated_imports import NAMES

from tests.rules.test_sound_projects import projects


def exported(text: str) -> set[str]:
    """The names in ``__all__`` of a module."""
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign) and "__all__" in ast.unparse(statement.targets[0]):
            return set(ast.literal_eval(statement.value))
    return set()


@pytest.mark.parametrize("root", projects(), ids=lambda root: root.name)
def test_names_are_those_that_codegen_writes(root: Path) -> None:
    project = load_project(root)
    folder = f"{project.config.functions}/_generated"

    files = emit_references(compile_project(project))

    assert project.generated.is_complete
    assert project.generated.names == exported(files[f"{folder}/data_model.pyi"])
    for module, names in NAMES.items():
        assert names == exported(files[f"{folder}/{module}.pyi"])


@pytest.mark.parametrize("root", projects(), ids=lambda root: root.name)
def test_types_of_documents_agree_with_their_validators(root: Path) -> None:
    project = load_project(root)
    for table in project.schema.tables.values() if project.schema else ():
        validator = table.document.validator
        assert validator is not None
        marker = next(
            name for name in project.generated.names if project.generated.table(name) == table.name
        )
        fields = project.generated.get(f"{marker}Fields")
        assert fields is not None
        assert agrees(fields, validator) is None
