"""The tests that stand beside an example, run as its reader would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.backends import EXAMPLES, REPOSITORY
from tests.support.plugin import PLUGIN_OPTIONS


def test_the_tests_of_the_chat_pass_and_are_typed(tmp_path: Path) -> None:
    chat = tmp_path / "chat"
    shutil.copytree(EXAMPLES / "chat", chat, ignore=shutil.ignore_patterns("react", "dist", ".*"))
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "runtime_stub")}
    for command in (["pytest", "-q", *PLUGIN_OPTIONS], ["mypy", "--strict", "tests"]):
        result = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=chat,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
