"""Projects whose generated code goes through the type checkers that users run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from convexity_compiler.emit import writer
from convexity_compiler.emit.references import emit_references, package_markers
from convexity_compiler.emit.typescript import emit_typescript
from convexity_compiler.ir import ProjectIR
from convexity_compiler.pipeline import compile_project, load_project

REPOSITORY = Path(__file__).resolve().parents[3]
FIXTURES = REPOSITORY / "tests" / "fixtures" / "typing"
NODE_PROGRAMS = REPOSITORY / "tests" / "clients" / "node_modules" / ".bin"

needs_pyright = pytest.mark.skipif(
    not (NODE_PROGRAMS / "pyright").exists(), reason="npm install in tests/clients"
)

Findings = dict[tuple[str, int], str]
"""Messages by file below the project root and line."""


def copy_and_generate(fixture: str, target: Path) -> ProjectIR:
    """Copy a fixture to ``target`` and write its ``_generated`` with the whole compiler."""
    shutil.copytree(FIXTURES / fixture, target, dirs_exist_ok=True)
    ir = compile_project(load_project(target))
    generate(ir, target)
    return ir


def generate(ir: ProjectIR, target: Path) -> writer.Plan:
    """Write everything that ``codegen`` writes."""
    files = emit_references(ir) | emit_typescript(ir)
    planned = writer.plan(target, files, seeds=package_markers(ir))
    writer.apply(planned)
    return planned


def mypy_findings(root: Path, folder: str = "convex") -> Findings:
    """Errors of ``mypy --strict`` over the functions folder."""
    config = root / "mypy.ini"
    paths = [REPOSITORY / folder for folder in ("runtime_stub", "compiler")]
    config.write_text(f"[mypy]\nstrict = True\nmypy_path = {':'.join(map(str, paths))}\n")
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--config-file",
            config,
            "--no-error-summary",
            "--hide-error-codes",
            folder,
        ],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert run.returncode in (0, 1), run.stdout + run.stderr
    found = re.findall(r"^([^:\n]+):(\d+): error: (.*)$", run.stdout, re.MULTILINE)
    return {(path, int(line)): message for path, line, message in found}


def pyright_findings(root: Path, folder: str = "convex", exclude: Sequence[str] = ()) -> Findings:
    """Errors of pyright over the functions folder, in its standard mode, but for what matches a
    pattern of ``exclude``."""
    settings = {
        "include": [folder],
        "exclude": list(exclude),
        "extraPaths": [str(REPOSITORY / "runtime_stub")],
        "pythonVersion": "3.11",
    }
    (root / "pyrightconfig.json").write_text(json.dumps(settings))
    run = subprocess.run(
        [NODE_PROGRAMS / "pyright", "--outputjson", "--pythonpath", sys.executable],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert run.returncode in (0, 1), run.stdout + run.stderr
    return {
        (Path(item["file"]).relative_to(root).as_posix(), item["range"]["start"]["line"] + 1): (
            item["message"]
        )
        for item in json.loads(run.stdout)["generalDiagnostics"]
        if item["severity"] in ("error", "warning")
    }


def ruff(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ruff, with its own defaults but for the length of lines, over the generated files."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "ruff", *arguments),
            *("--isolated", "--config", "line-length = 100", "convex/_generated"),
        ],
        cwd=root,
        capture_output=True,
        text=True,
    )
