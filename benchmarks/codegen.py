"""Check, codegen and mypy on 200 modules with 1,600 functions: cold, warm, after one edit.

mypy is the peer: a Python team runs it on the same files at the same moments.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.generate_project import FUNCTIONS_PER_MODULE, generate_project
from benchmarks.table import Table

MODULES = 200
ROUNDS = 3
EDITED_MODULE = "area7.py"


def run() -> Table:
    """Measure both tools at each moment; return the table."""
    table = Table(
        f"{MODULES} modules, {MODULES * FUNCTIONS_PER_MODULE:,} functions, whole process, seconds",
        ("", "check", "codegen", "mypy --strict", "mypy / codegen"),
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate_project(folder, modules=MODULES)
        convexity(folder, "codegen")

        def forget() -> None:
            shutil.rmtree(folder / ".convexity", ignore_errors=True)
            shutil.rmtree(folder / ".mypy_cache", ignore_errors=True)

        def nothing() -> None:
            pass

        edits = 0

        def edit() -> None:
            nonlocal edits
            edits += 1
            add_function(folder / "convex" / EDITED_MODULE, edits)

        for moment, prepare in (
            ("cold", forget),
            ("warm, nothing changed", nothing),
            ("warm, one function added", edit),
        ):
            check = median(lambda: convexity(folder, "check"), prepare)
            codegen = median(lambda: convexity(folder, "codegen"), prepare)
            mypy = median(lambda: run_mypy(folder), prepare)
            table.add(
                moment, f"{check:.2f}", f"{codegen:.2f}", f"{mypy:.2f}", f"{mypy / codegen:.1f}x"
            )
    return table


def median(work: Callable[[], object], prepare: Callable[[], object]) -> float:
    """Return the median wall time of ``work`` in seconds, each run after ``prepare``."""
    times = []
    for _ in range(ROUNDS):
        prepare()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[ROUNDS // 2]


def convexity(folder: Path, command: str) -> None:
    """Run a convexity command; raise when it fails."""
    subprocess.run(
        [sys.executable, "-m", "convexity_compiler", command],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def run_mypy(folder: Path) -> None:
    """Type-check the functions folder; raise when mypy finds anything."""
    subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "convex"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def add_function(module: Path, number: int) -> None:
    """Append a registered function to a module, so that its references change."""
    source = module.read_text()
    module.write_text(
        f"{source}\n\n@query(args={{}}, returns=v.number())\n"
        f"async def added_{number}(ctx: QueryCtx) -> float:\n"
        f'    """Answer {number}."""\n    return {number}\n'
    )
