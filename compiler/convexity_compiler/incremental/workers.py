"""Checking modules in several processes."""

from __future__ import annotations

import json
import os
import select
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, Self, TypeAlias

from convexity_compiler.incremental.state import ModuleResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convexity_compiler.summary.sources import Source

PARALLEL_BYTES: Final = 100_000
"""Amount of source from which another process pays (about 25 modules)."""
LARGEST_PART_BYTES: Final = 500_000
"""Amount of source after which a process ends and gives back its memory (about 120 modules)."""
MOST_PROCESSES: Final = 8
_CHUNK_BYTES: Final = 1 << 20


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
    """Divide modules so that all processes have about the same to do.

    Where one part each would take too much memory there are several for each process.
    """
    size = sum(source.size for source in sources)
    rounds = -(-size // (LARGEST_PART_BYTES * processes))
    parts = max(1, min(processes * rounds, len(sources))) if processes > 1 else 1
    found: list[list[str]] = [[] for _ in range(parts)]
    sizes = [0] * parts
    for source in sorted(sources, key=lambda source: (-source.size, source.file.module)):
        least = sizes.index(min(sizes))
        found[least].append(source.file.module)
        sizes[least] += source.size
    return found


Work: TypeAlias = "Callable[[list[str]], dict[str, ModuleResult]]"


def run_shares(parts: Sequence[list[str]], work: Work, processes: int) -> dict[str, ModuleResult]:
    """Do the work for each part, that many at a time.

    Where there are no more parts than processes, the first is done here. Else each has a process of
    its own, whose memory is given back with its end. A process that fails is done without: its part
    is worked on here.
    """
    own, others = (parts[:1], parts[1:]) if len(parts) <= processes else ([], parts)
    with _Processes(work) as running:
        waiting = list(reversed(others))
        while waiting and len(running) < processes - len(own):
            running.start(waiting.pop())
        found: dict[str, ModuleResult] = {}
        for part in own:
            found |= work(part)
        while running:
            part, answer = running.next_answer()
            if waiting:
                running.start(waiting.pop())
            found |= work(part) if answer is None else answer
    return found


class _Processes:
    """Copies of this process, each at work on a part."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._running: dict[int, _Running] = {}
        """By the end of the pipe that its answer comes out of."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for those that are left, when this process gives up."""
        while self:
            self.next_answer()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, part: list[str]) -> None:
        """Fork a process for a part."""
        out, into = os.pipe()
        process = os.fork()
        if process:
            os.close(into)
            self._running[out] = _Running(process, part, bytearray())
            return
        status = 1
        with suppress(BaseException):  # whatever happens, this process must not go on as its parent
            os.close(out)
            with os.fdopen(into, "wb") as stream:
                answer = {path: result.to_list() for path, result in self._work(part).items()}
                stream.write(json.dumps(answer, separators=(",", ":")).encode("ascii"))
            status = 0
        os._exit(status)

    def next_answer(self) -> tuple[list[str], dict[str, ModuleResult] | None]:
        """Wait for the end of a process; return its part with its answer, None when it failed."""
        while True:
            for pipe in select.select(self._running, (), ())[0]:
                chunk = os.read(pipe, _CHUNK_BYTES)
                if chunk:
                    self._running[pipe].content.extend(chunk)
                else:
                    os.close(pipe)
                    return _answer(self._running.pop(pipe))


class _Running(NamedTuple):
    process: int
    part: list[str]
    content: bytearray
    """What it has answered so far."""


def _answer(ended: _Running) -> tuple[list[str], dict[str, ModuleResult] | None]:
    _, status = os.waitpid(ended.process, 0)
    if status != 0:
        return ended.part, None
    answer = json.loads(ended.content)
    return ended.part, {path: ModuleResult.from_list(values) for path, values in answer.items()}
