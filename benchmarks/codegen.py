"""Check, codegen and mypy on 200 modules with 1,600 functions: cold, warm, after one edit.

mypy is the peer: a Python team runs it on the same files at the same moments.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.generate_project import FUNCTIONS_PER_MODULE, generate_project
from benchmarks.table import Table
from benchmarks.timing import Command, convexity, medians, nothing

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
        convexity(folder, "codegen").seconds()

        def forget() -> None:
            shutil.rmtree(folder / ".convexity", ignore_errors=True)
            shutil.rmtree(folder / ".mypy_cache", ignore_errors=True)

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
            check, codegen, mypy = (
                medians([command], ROUNDS)[0]
                for command in (
                    convexity(folder, "check", prepare=prepare),
                    convexity(folder, "codegen", prepare=prepare),
                    Command(
                        arguments=[sys.executable, "-m", "mypy", "--strict", "convex"],
                        folder=folder,
                        prepare=prepare,
                    ),
                )
            )
            table.add(
                moment, f"{check:.2f}", f"{codegen:.2f}", f"{mypy:.2f}", f"{mypy / codegen:.1f}x"
            )
    return table


def add_function(module: Path, number: int) -> None:
    """Append a registered function to a module, so that its references change."""
    source = module.read_text()
    module.write_text(
        f"{source}\n\n@query(args={{}}, returns=v.number())\n"
        f"async def added_{number}(ctx: QueryCtx) -> float:\n"
        f'    """Answer {number}."""\n    return {number}\n'
    )
