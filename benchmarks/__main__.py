"""Run the benchmarks and print their tables: ``python -m benchmarks [NAME]...``, default all."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable

from benchmarks import (
    cached_reads,
    check,
    codegen,
    delivery,
    http_api,
    postgres,
    search,
    subscription_memory,
    vectors,
)

BENCHMARKS: dict[str, tuple[Callable[[], object], ...]] = {
    "http": (http_api.run,),
    "postgres": (postgres.run,),
    "live": (
        delivery.one_query,
        delivery.many_queries,
        cached_reads.run,
        subscription_memory.run,
    ),
    "codegen": (codegen.run,),
    "check": (check.run,),
    "search": (search.run,),
    "vectors": (vectors.run,),
}
"""What measures, by name, and returns what to print."""


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    parser = argparse.ArgumentParser(description="Measure convexity against its peers.")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME")
    names = parser.parse_args().names or list(BENCHMARKS)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{python}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    for name in names:
        for measure in BENCHMARKS[name]:
            print(f"\n{measure()}", flush=True)


if __name__ == "__main__":
    main()
