"""``convexity watch`` and ``codegen --watch`` as processes: a round at every change."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.compiler.cli.cli_support import Run

SECONDS = 90.0


class Watching:
    """The process and what it says, on stdout and stderr."""

    def __init__(self, project: Path, *command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "convexity_compiler", *command],
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def round(self) -> str:
        """Return what was said up to the end of a round."""
        said = ""
        while "Waiting for changes." not in said:
            try:
                said += self._lines.get(timeout=SECONDS)
            except queue.Empty:
                pytest.fail(f"the round does not end; so far: {said}")
        return said

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=SECONDS)


def test_watch_checks_and_generates_at_every_change(project: Path) -> None:
    module = project / "convex" / "messages.py"
    sound = module.read_text()
    stub = project / "convex" / "_generated" / "_api" / "messages.pyi"
    with Watching(project, "watch") as watching:
        assert "All checks passed." in watching.round()
        generated = stub.read_text()

        module.write_text(sound + "\n\nvalues = (1, 2\n")
        assert "(syntax-error, PRJ001)" in watching.round()
        assert stub.read_text() == generated

        (project / "pyproject.toml").write_text("[tool.convexity]\nfunction = 1\n")
        assert "did you mean `functions`?" in watching.round()
        (project / "pyproject.toml").write_text("[tool.convexity]\n")
        watching.round()

        module.write_text(sound.replace("    return", "    # read them\n    return"))
        assert "All checks passed." in watching.round()

        assert watching.stop() == 0


def test_codegen_writes_at_every_change(project: Path) -> None:
    module = project / "convex" / "messages.py"
    stub = project / "convex" / "_generated" / "_api" / "later.pyi"
    with Watching(project, "codegen", "--watch") as watching:
        assert "files written" in watching.round()
        assert not stub.exists()

        module.with_name("later.py").write_text(module.read_text())
        assert "files written" in watching.round()
        assert stub.exists()

        assert watching.stop() == 0


def test_watching_and_comparing_exclude_each_other(project: Path, run: Run) -> None:
    result = run("codegen", "--watch", "--check")

    assert result.exit_code == 2
    assert "--watch writes files" in result.stderr
