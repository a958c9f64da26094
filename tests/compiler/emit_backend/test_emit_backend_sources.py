"""The generated Python: formatted, linted, typed, importable, and nothing but the IR in it."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from convexity.values import Int64, Validator, v
from convexity.values.validators import integral_number
from convexity_compiler.emit.backend import BuildError, emit_backend
from convexity_compiler.emit.backend.literals import markdown_text, yaml_string
from convexity_compiler.ir import ModuleIR, ProjectIR
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compiler.emit_backend.projects import CHAT, ODD, function, project
from tests.support.backends import REPOSITORY

PROJECTS = {"chat": CHAT, "odd": ODD, "empty": project()}


def write(files: dict[str, str], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def run(*arguments: str | Path, cwd: Path) -> None:
    process = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.fixture(params=PROJECTS)
def files(request: pytest.FixtureRequest) -> dict[str, str]:
    return emit_backend(PROJECTS[request.param])


def test_the_files_are_those_of_the_contract(files: dict[str, str]):
    assert set(files) - {"models.py"} == {
        "main.py",
        "tables.py",
        "functions.py",
        "schema.sqlite.sql",
        "schema.postgres.sql",
        "requirements.txt",
        "Dockerfile",
        "compose.yaml",
        "compose.postgres.yaml",
        "README.md",
        ".dockerignore",
    }
    for text in files.values():
        assert text.endswith("\n")
        assert not text.endswith("\n\n")


def test_ruff_would_change_nothing(files: dict[str, str], tmp_path: Path):
    folder = write({path: text for path, text in files.items() if path.endswith(".py")}, tmp_path)
    config = f"--config={REPOSITORY / 'pyproject.toml'}"
    ruff = [sys.executable, "-m", "ruff"]
    run(*ruff, "format", "--diff", "--no-cache", config, folder, cwd=REPOSITORY)
    run(*ruff, "check", "--no-cache", config, folder, cwd=REPOSITORY)


def test_equal_projects_give_equal_bytes_whatever_the_hash_seed():
    code = (
        "import json; from convexity_compiler.emit.backend import emit_backend;"
        "from tests.compiler.emit_backend.projects import CHAT, ODD;"
        "print(json.dumps([emit_backend(CHAT), emit_backend(ODD)]))"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=REPOSITORY,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY), "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert json.loads(outputs[0]) == [emit_backend(CHAT), emit_backend(ODD)]
    assert outputs[0] == outputs[1]


def test_a_project_without_public_functions_has_no_models():
    assert "models.py" not in emit_backend(project())
    assert "models" not in emit_backend(project())["main.py"]


def test_internal_functions_are_registered_but_no_operations():
    files = emit_backend(CHAT)
    assert '"index:generate_response"' in files["functions.py"]
    assert "generate_response" not in files["main.py"]
    assert "GenerateResponse" not in files["models.py"]


def test_an_operation_has_the_words_of_the_docstring():
    main = emit_backend(CHAT)["main.py"]
    assert 'summary="List the 10 most recent messages."' in main
    assert 'description="Newest first."' in main


def test_the_module_of_models_can_be_imported(tmp_path: Path):
    for name in ("chat", "odd"):
        path = write(emit_backend(PROJECTS[name]), tmp_path / name) / "models.py"
        spec = importlib.util.spec_from_file_location(f"models_of_{name}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)


def test_objects_of_a_union_are_told_apart_by_their_tag():
    tagged = v.union(v.object(kind=v.literal("a")), v.object(kind=v.literal("b"), n=v.null()))
    untagged = v.union(v.object(kind=v.literal("a")), v.object(kind=v.string()))
    nullable = v.union(v.null(), v.object(kind=v.literal("a")), v.object(kind=v.literal("b")))
    assert 'Field(discriminator="kind")' in models_of(tagged)
    assert "discriminator" not in models_of(untagged)
    assert "discriminator" not in models_of(nullable)


def models_of(returns: Validator) -> str:
    module = ModuleIR(path="m", functions=(function("m:f", returns=returns),))
    return emit_backend(project(module))["models.py"]


NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from("\"'\\{}%#\n\r\t$`;-/*\0\u2028\u2019\ud800"), st.characters()
    ),
    max_size=120,
)


def strings(source: str) -> list[str]:
    """All string constants of a module, docstrings apart."""
    tree = ast.parse(source)
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@settings(max_examples=40, deadline=None)
@given(text=NASTY)
def test_no_text_leaves_its_literal(text: str):
    """Texts of a project come out of the generated modules as they went in, and nothing else."""
    args = v.object(kind=v.literal(text))
    nasty = project(
        ModuleIR(path="m", functions=(function("m:f", args=args, docstring=text),)), name=text
    )
    plain = project(
        ModuleIR(path="m", functions=(function("m:f", args=v.object(kind=v.literal("x"))),)),
        name="x",
    )
    files, expected = emit_backend(nasty), emit_backend(plain)
    assert text in strings(files["main.py"])
    assert text in strings(files["functions.py"])
    assert text in strings(files["models.py"])
    for path in ("functions.py", "models.py"):
        assert without_strings(files[path]) == without_strings(expected[path])
    for path in ("Dockerfile", "compose.yaml", "requirements.txt", "tables.py"):
        assert files[path] == expected[path]


def without_strings(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


@given(text=st.text())
def test_a_yaml_scalar_is_one_line_between_quotes(text: str):
    scalar = yaml_string(text)
    assert json.loads(scalar) == text
    assert "\n" not in scalar


@given(text=st.text())
def test_markdown_text_has_no_markup(text: str):
    shown = markdown_text(text)
    assert "\n" not in shown
    assert not shown.replace("\\#", "").startswith("#")
    assert "`" not in shown.replace("\\`", "")


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("json", "hide a module"),
        ("convexity", "hide a module"),
        ("src/tables", "hide a module"),
        ("models", "hide a module"),
        ("my-convex", "Python can import"),
    ],
)
def test_a_functions_folder_whose_name_is_in_the_way(folder: str, says: str):
    with pytest.raises(BuildError, match=says):
        emit_backend(replace(CHAT, functions_folder=folder))


def test_the_functions_folder_may_lie_deeper():
    assert (
        "import backend.index\n"
        in emit_backend(replace(CHAT, functions_folder="src/backend"))["functions.py"]
    )


def test_the_projects_requirements_follow_those_of_the_runtime():
    lines = emit_backend(CHAT)["requirements.txt"].splitlines()
    assert lines[-1] == "openai>=2.0"
    assert "uvicorn[standard]>=0.54" in lines
    for compiler_only in ("jinja2", "libcst", "mypy", "sqlglot", "click"):
        assert not [line for line in lines if line.startswith(compiler_only)]


def test_the_requirements_are_those_of_the_package():
    declared = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    lines = emit_backend(project())["requirements.txt"].splitlines()[1:]
    assert set(lines) <= set(declared["dependencies"])


def test_declared_variables_reach_the_container():
    for name in ("compose.yaml", "compose.postgres.yaml"):
        compose = emit_backend(ODD)[name]
        assert '      "MODEL_NAME":' in compose.splitlines()
        assert "      STORAGE_URL:" in compose.splitlines()
        services = yaml.safe_load(compose)["services"]
        assert services["backend"]["environment"]["MODEL_NAME"] is None


def test_processes_that_share_a_postgresql_server_are_composed():
    compose = yaml.safe_load(emit_backend(ODD)["compose.postgres.yaml"])
    assert set(compose["services"]) == {"postgres", "backend", "proxy"}
    backend = compose["services"]["backend"]
    assert backend["environment"]["DATABASE_URL"].startswith("postgresql://")
    assert "ports" not in backend


def test_the_container_keeps_internal_errors_from_clients():
    files = emit_backend(ODD)
    assert "ENV CONVEXITY_REDACT_ERRORS=1 " in files["Dockerfile"]
    redact = "CONVEXITY_REDACT_ERRORS: ${CONVEXITY_REDACT_ERRORS:-1}"
    assert redact in [line.strip() for line in files["compose.yaml"].splitlines()]


def test_the_registry_evaluates_to_the_validators_of_the_ir(tmp_path: Path):
    """What ``functions.py`` and ``tables.py`` say about validators is what the IR says."""
    for ir in (CHAT, ODD):
        assert evaluated(ir) == {
            function.path: (function.args, function.returns) for function in ir.functions
        }


def evaluated(ir: ProjectIR) -> dict[str, object]:
    tree = ast.parse(emit_backend(ir)["functions.py"])
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Function":
            parts = {
                keyword.arg: ast.unparse(keyword.value)
                for keyword in node.keywords
                if keyword.arg in ("path", "args", "returns")
            }
            names = {"v": v, "Int64": Int64, "integral_number": integral_number}
            values = {name: eval(source, names) for name, source in parts.items()}
            found[values["path"]] = (values["args"], values["returns"])
    return found
