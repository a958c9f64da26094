"""The public surface under mypy --strict and pyright: right code passes, mistakes do not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLE = Path(__file__).with_name("typing_sample.py")
PYRIGHT = REPOSITORY / "tests" / "clients" / "node_modules" / ".bin" / "pyright"


def check(*command: str) -> str:
    """Complaints of a type checker about the sample; empty for none."""
    finished = subprocess.run(
        [*command, str(SAMPLE)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    return "" if finished.returncode == 0 else finished.stdout + finished.stderr


def test_mypy_accepts_what_is_right_and_nothing_else() -> None:
    assert check(sys.executable, "-m", "mypy", "--strict") == ""


@pytest.mark.skipif(not PYRIGHT.exists(), reason="npm install in tests/clients")
def test_pyright_accepts_what_is_right_and_nothing_else() -> None:
    assert check(str(PYRIGHT), "--pythonpath", sys.executable) == ""
