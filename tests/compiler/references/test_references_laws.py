"""Laws that hold for the generated package of any project."""

from __future__ import annotations

import ast
import keyword
import subprocess
import sys
from pathlib import Path

import pytest
from convexity.values import Int64, v
from convexity_compiler.emit.names import GeneratedNameError
from convexity_compiler.emit.references import emit_references
from convexity_compiler.emit.typescript import emit_typescript
from convexity_compiler.ir import ModuleIR, ProjectIR
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.compiler.emit_backend.projects import function, index, project, table

names = st.one_of(
    st.from_regex(r"[a-z][a-z0-9_]{0,28}[a-z0-9]", fullmatch=True),
    st.sampled_from(["list", "type", "str", "Id", "Any", "table", "builtins", "typing", "api"]),
)
module_names = names.filter(lambda name: not keyword.iskeyword(name))
literals = st.one_of(
    st.text(max_size=12), st.booleans(), st.integers(-9, 9), st.builds(Int64, st.integers(-9, 9))
)
scalars = st.one_of(
    st.sampled_from([v.null(), v.number(), v.int64(), v.boolean(), v.string(), v.bytes(), v.any()]),
    names.map(v.id),
    st.lists(literals, min_size=2, max_size=4).map(lambda values: v.literal(*values)),
)


def objects(validators):
    fields = st.one_of(validators, validators.map(v.optional))
    return st.dictionaries(names, fields, max_size=4).map(v.object)


def containers(validators):
    return st.one_of(
        validators.map(v.array),
        validators.map(lambda value: v.record(v.string(), value)),
        st.lists(validators, min_size=1, max_size=3).map(lambda members: v.union(*members)),
        objects(validators),
    )


validators = st.recursive(scalars, containers, max_leaves=8)
docstrings = st.none() | st.text(alphabet='ab "\\\n\t#', max_size=30) | st.text(max_size=20)


@st.composite
def tables(draw):
    name = draw(names)
    shape = draw(objects(validators))
    fields = tuple(draw(st.permutations(list(shape.fields)))[:2])
    indexes = (index(name, "by_fields", *fields),) if fields else ()
    return table(name, shape, *indexes)


@st.composite
def modules(draw):
    path = "/".join(draw(st.lists(module_names, min_size=1, max_size=2)))
    functions = tuple(
        function(
            f"{path}:{name}",
            args=draw(objects(validators)),
            returns=draw(validators),
            docstring=draw(docstrings),
            kind=draw(st.sampled_from(["query", "mutation", "action"])),
            visibility=draw(st.sampled_from(["public", "internal"])),
        )
        for name in draw(st.lists(module_names, min_size=1, max_size=2, unique=True))
    )
    return ModuleIR(path=path, functions=functions)


@st.composite
def projects(draw) -> ProjectIR:
    return project(
        *draw(st.lists(modules(), max_size=2, unique_by=lambda module: module.path)),
        tables=draw(st.lists(tables(), max_size=2, unique_by=lambda item: item.name)),
    )


def emitted(ir: ProjectIR) -> dict[str, str]:
    try:
        return emit_references(ir)
    except GeneratedNameError:
        assume(False)
        raise


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(projects())
def test_any_project_gives_python_and_always_the_same(ir: ProjectIR) -> None:
    files = emitted(ir)
    for path, text in files.items():
        ast.parse(text, path)
    assert emit_references(ir) == files
    assert emit_typescript(ir) == emit_typescript(ir)


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(projects())
def test_any_project_gives_what_ruff_would_format_alike(tmp_path: Path, ir: ProjectIR) -> None:
    for path, text in emitted(ir).items():
        target = tmp_path / "case" / path.replace("/", "__")
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
    run = subprocess.run(
        [
            *(sys.executable, "-m", "ruff", "format", "--diff", "--isolated", "--no-cache"),
            *("--config", "line-length = 100", tmp_path / "case"),
        ],
        capture_output=True,
        text=True,
    )
    for path in (tmp_path / "case").iterdir():
        path.unlink()
    if run.returncode:
        pytest.fail(run.stdout + run.stderr)
