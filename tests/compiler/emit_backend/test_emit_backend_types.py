"""The generated Python under ``mypy --strict``, in a backend that the whole compiler made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.backends import FIXTURES, build_project


def test_a_compiled_backend_is_typed(tmp_path: Path):
    dist = build_project(FIXTURES / "wire", tmp_path / "wire")
    modules = ["main.py", "functions.py", "tables.py", "models.py"]
    process = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--explicit-package-bases", *modules],
        cwd=dist,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stdout
