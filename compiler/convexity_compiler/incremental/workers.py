"""Checking modules in several processes."""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from convexity_compiler.incremental.state import ModuleResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convexity_compiler.summary.sources import Source

PARALLEL_BYTES: Final = 100_000
"""Amount of source from which another process pays (about 25 modules)."""
MOST_PROCESSES: Final = 8


def usable_processes(sources: Sequence[Source]) -> int:
    """Return how many processes to check modules in: one where starting others does not pay.

    A process with threads cannot be forked safely.
    """
    if not hasattr(os, "fork") or sys.platform == "darwin" or threading.active_count() > 1:
        return 1
    size = sum(source.size for source in sources)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores or 1, size // PARALLEL_BYTES + 1, MOST_PROCESSES))


def shares(sources: Sequence[Source], processes: int) -> list[list[str]]:
    """Divide modules so that all processes have about the same to do."""
    found: list[list[str]] = [[] for _ in range(processes)]
    sizes = [0] * processes
    for source in sorted(sources, key=lambda source: (-source.size, source.file.module)):
        least = sizes.index(min(sizes))
        found[least].append(source.file.module)
        sizes[least] += source.size
    return found


Work: TypeAlias = "Callable[[list[str]], dict[str, ModuleResult]]"


def run_shares(parts: Sequence[list[str]], work: Work) -> dict[str, ModuleResult]:
    """Do the work for each part, all but the first in processes of their own.

    A process that fails is done without: its part is worked on here.
    """
    running = [(part, *_start(part, work)) for part in parts[1:]]
    try:
        found = work(parts[0])
    finally:
        answers = [(part, _answer(process, pipe)) for part, process, pipe in running]
    for part, answer in answers:
        found |= work(part) if answer is None else answer
    return found


def _start(part: list[str], work: Work) -> tuple[int, int]:
    """Fork; return the process and the end of a pipe that its answer comes out of."""
    out, into = os.pipe()
    process = os.fork()
    if process:
        os.close(into)
        return process, out
    status = 1
    with suppress(BaseException):  # whatever happens, this process must not go on as its parent
        os.close(out)
        with os.fdopen(into, "wb") as stream:
            answer = {path: result.to_list() for path, result in work(part).items()}
            stream.write(json.dumps(answer, separators=(",", ":")).encode("ascii"))
        status = 0
    os._exit(status)


def _answer(process: int, pipe: int) -> dict[str, ModuleResult] | None:
    with os.fdopen(pipe, "rb") as stream:
        content = stream.read()
    _, status = os.waitpid(process, 0)
    if status != 0:
        return None
    return {path: ModuleResult.from_list(values) for path, values in json.loads(content).items()}
