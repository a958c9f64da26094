"""The checker against ESLint with the Convex plugin, each on the same project in its language.

Each runs the rules that it recommends, ESLint once without types and once with them; one row has
every rule of ours but that on access control, which the plugin leaves off too.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks import keystrokes
from benchmarks.eslint import CACHE, eslint, set_up
from benchmarks.generate_project import FUNCTIONS_PER_MODULE, generate_project
from benchmarks.generate_typescript import generate_typescript
from benchmarks.table import Table
from benchmarks.timing import convexity, medians

MODULES: Final = 200
MANY_MODULES: Final = 1000
ROUNDS: Final = 5
MEGABYTE: Final = 1_000_000
_EDITED: Final = "area7"
_EVERY_RULE: Final = ("--profile", "all", "--ignore", "missing-access-control")


def run() -> Table:
    """Measure both at each moment, in turns; return the table."""
    table = Table(
        f"{MODULES} modules, {MODULES * FUNCTIONS_PER_MODULE:,} functions, whole process, seconds,"
        f" medians of {ROUNDS} runs",
        ("", "check", "ESLint", "ESLint, typed", "ESLint / check", "typed / check"),
    )
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = _projects(Path(name) / "few", MODULES)
        _add_moments(table, ours, theirs)
        _add_start_up(table, ours, theirs)
        milliseconds = keystrokes.measure(ours, ours / "convex" / f"{_EDITED}.py") * 1000
        table.add("keystroke to diagnostics in the editor", f"{milliseconds:.0f} ms", *[""] * 4)
        ours, theirs = _projects(Path(name) / "many", MANY_MODULES)
        _add_many(table, ours, theirs)
    return table


def _projects(folder: Path, modules: int) -> tuple[Path, Path]:
    """Write the project in both languages."""
    ours = generate_project(folder / "python", modules)
    convexity(ours, "codegen").seconds()
    theirs = generate_typescript(folder / "typescript", modules)
    set_up(theirs)
    return ours, theirs


def _add_moments(table: Table, ours: Path, theirs: Path) -> None:
    cold = medians(
        [
            convexity(ours, "check", prepare=lambda: _forget(ours)),
            eslint(theirs, "convex"),
            eslint(theirs, "convex", typed=True),
        ],
        ROUNDS,
    )
    table.add("cold", *_cells(cold))
    every_rule = convexity(ours, "check", *_EVERY_RULE, prepare=lambda: _forget(ours))
    table.add("cold, every rule of ours", *_cells([*medians([every_rule], ROUNDS), *cold[1:]]))
    for moment, prepare in (("warm, nothing changed", _nothing), ("warm, one file changed", _edit)):
        warm = medians(
            [
                convexity(ours, "check", prepare=prepare(ours / "convex" / f"{_EDITED}.py", "#")),
                *(
                    eslint(
                        theirs,
                        "--cache",
                        f"--cache-location={CACHE}{typed}",
                        "convex",
                        typed=typed,
                        prepare=prepare(theirs / "convex" / f"{_EDITED}.ts", "//"),
                    )
                    for typed in (False, True)
                ),
            ],
            ROUNDS,
        )
        table.add(moment, *_cells(warm))


def _add_start_up(table: Table, ours: Path, theirs: Path) -> None:
    for arguments in (["--help"], ["explain", "unknown-index"]):
        spent = medians([convexity(ours, *arguments), eslint(theirs, "--help")], ROUNDS)
        ratio = f"{spent[1] / spent[0]:.1f}x"
        times = [f"{seconds:.2f}" for seconds in spent]
        table.add(f"`{' '.join(arguments)}`, against `--help`", *times, "", ratio, "")


def _add_many(table: Table, ours: Path, theirs: Path) -> None:
    """Rows of a project so large that memory counts."""
    check = convexity(ours, "check", prepare=lambda: _forget(ours))
    peer = eslint(theirs, "convex")
    title = f"{MANY_MODULES:,} modules, cold"
    seconds = medians([check, peer], ROUNDS)
    table.add(title, *_pair(seconds, "{:.2f}"))
    memory = [command.peak_memory() / MEGABYTE for command in (check, peer)]
    table.add(f"{title}, peak memory of all processes", *_pair(memory, "{:.0f} MB"))


def _forget(project: Path) -> None:
    shutil.rmtree(project / ".convexity", ignore_errors=True)


def _nothing(path: Path, comment: str) -> Callable[[], None]:  # noqa: ARG001
    return lambda: None


def _edit(path: Path, comment: str) -> Callable[[], None]:
    """Return what makes a module another one, each time it is called."""
    source = path.read_text(encoding="utf-8")
    edits = iter(range(1_000_000))

    def edit() -> None:
        path.write_text(f"{source}{comment} {next(edits)}\n", encoding="utf-8")

    return edit


def _cells(seconds: list[float]) -> tuple[str, ...]:
    ours, *theirs = seconds
    return (*(f"{entry:.2f}" for entry in seconds), *(f"{entry / ours:.1f}x" for entry in theirs))


def _pair(numbers: list[float], form: str) -> tuple[str, ...]:
    ours, theirs = numbers
    return form.format(ours), form.format(theirs), "", f"{theirs / ours:.1f}x", ""
