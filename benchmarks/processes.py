"""What a process and its descendants hold and use. Linux alone tells."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def memory(pid: int) -> int:
    """Bytes that a process and its descendants hold; pages that they share count once."""
    return sum(_memory(one) for one in _tree(pid))


def cpu_seconds(pid: int) -> float:
    """Processor time that a process and its descendants have used so far."""
    return sum(_cpu_ticks(one) for one in _tree(pid)) / os.sysconf("SC_CLK_TCK")


def _tree(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [
            child for thread in threads for child in (thread / "children").read_text().split()
        ]
    except OSError:
        return
    for child in children:
        yield from _tree(int(child))


def _memory(pid: int) -> int:
    """Bytes that a process holds, its part of shared pages included; 0 once it has ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            lines = file.read().splitlines()
    except OSError:
        return 0
    kilobytes = next((line.split()[1] for line in lines if line.startswith("Pss:")), "0")
    return int(kilobytes) * 1024


def _cpu_ticks(pid: int) -> int:
    """Ticks in user and kernel mode, fields 14 and 15 of proc(5); 0 once it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0
    fields = text.rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
