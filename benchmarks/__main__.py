"""Run the benchmarks and print their tables: ``python -m benchmarks [NAME]...``, default all."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable

from benchmarks import check, codegen, http_api, live, search, vectors

BENCHMARKS: dict[str, Callable[[], object]] = {
    "http": http_api.run,
    "live": live.run,
    "codegen": codegen.run,
    "check": check.run,
    "search": search.run,
    "vectors": vectors.run,
}
"""What measures, by name, and returns what to print."""


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    parser = argparse.ArgumentParser(description="Measure convexity against its peers.")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME")
    names = parser.parse_args().names or list(BENCHMARKS)
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
    for name in names:
        print(f"\n{BENCHMARKS[name]()}", flush=True)


if __name__ == "__main__":
    main()
