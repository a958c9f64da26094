"""Wall times and memory of whole processes, as medians of runs that take turns."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.processes import memory

_SAMPLE_SECONDS: Final = 0.01


def nothing() -> None:
    """Prepare a run by leaving all as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program that is measured; it must succeed."""

    arguments: Sequence[str]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    """Added to the environment."""
    prepare: Callable[[], object] = nothing
    """Called before each run, and not measured."""

    def seconds(self) -> float:
        """Run it once and return its wall time; raise RuntimeError when it fails."""
        self.prepare()
        start = time.perf_counter()
        process = self._start()
        output, _ = process.communicate()
        elapsed = time.perf_counter() - start
        self._require_success(process, output)
        return elapsed

    def peak_memory(self) -> int:
        """Run it once and return the most bytes that it and its children hold at a time.

        Pages that processes share count once. Linux alone tells; raises RuntimeError elsewhere.
        """
        if not sys.platform.startswith("linux"):
            raise RuntimeError("the memory of a process and its children is known on Linux only")
        self.prepare()
        process = self._start()
        peak = 0
        while process.poll() is None:
            peak = max(peak, memory(process.pid))
            time.sleep(_SAMPLE_SECONDS)
        output, _ = process.communicate()
        self._require_success(process, output)
        return peak

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.arguments,
            cwd=self.folder,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _require_success(self, process: subprocess.Popen[str], output: str) -> None:
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(self.arguments)}:\n{output[-2000:]}")


def convexity(folder: Path, *arguments: str, prepare: Callable[[], object] = nothing) -> Command:
    """Return a command of convexity."""
    program = [sys.executable, "-m", "convexity_compiler", *arguments]
    return Command(arguments=program, folder=folder, prepare=prepare)


def medians(commands: Sequence[Command], rounds: int) -> list[float]:
    """Return the median wall time of each command in seconds; in each round all take a turn."""
    turns = [[command.seconds() for command in commands] for _ in range(rounds)]
    return [sorted(times)[rounds // 2] for times in zip(*turns, strict=True)]
