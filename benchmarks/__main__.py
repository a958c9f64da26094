"""Run the benchmarks and print their tables: ``python -m benchmarks [NAME]...``, default all."""

from __future__ import annotations

import argparse
import os
import platform
from importlib import import_module

BENCHMARKS: dict[str, tuple[str, ...]] = {
    "http": ("http_api.run",),
    "postgres": ("postgres.run",),
    "live": (
        "delivery.one_query",
        "delivery.many_queries",
        "cached_reads.run",
        "subscription_memory.run",
    ),
    "codegen": ("codegen.run",),
    "check": ("check.run",),
    "search": ("search.run",),
    "vectors": ("vectors.run",),
}
"""Functions that measure, by name, and return what to print. Their modules are imported when they
are asked for: libraries of the one take memory from the other."""


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    parser = argparse.ArgumentParser(description="Measure convexity against its peers.")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME")
    names = parser.parse_args().names or list(BENCHMARKS)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{python}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    for name in names:
        for measure in BENCHMARKS[name]:
            module, _, function = measure.partition(".")
            print(f"\n{getattr(import_module(f'benchmarks.{module}'), function)()}", flush=True)


if __name__ == "__main__":
    main()
