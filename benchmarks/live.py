"""Live queries: what a commit costs, what a cached read costs, what a subscription holds."""

from __future__ import annotations

from benchmarks import cached_reads, delivery, subscription_memory


def run() -> str:
    """Measure all of it; return the tables."""
    tables = (
        delivery.one_query(),
        delivery.many_queries(),
        cached_reads.run(),
        subscription_memory.run(),
    )
    return "\n\n".join(map(str, tables))
