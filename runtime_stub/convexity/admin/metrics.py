"""Metrics of a backend in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from convexity.functions.names import display_path

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from convexity.functions.executions import Execution
    from convexity.functions.registry import FunctionKind
    from convexity.sync.query_cache import QueryCache

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST.encode()
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
_DELAYS: Final = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 3600)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counts what one process does: functions, queries that are answered again, commits."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._calls = Counter(
            "convexity_function_calls",
            "Functions that ended, run for clients or by the scheduler",
            ("function", "kind", "outcome"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "convexity_function_duration_seconds",
            "How long functions took, waiting included",
            ("function", "kind"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._children: dict[tuple[str, FunctionKind, bool], tuple[Counter, Histogram]] = {}
        """The two above, of functions that ended before."""
        self._delay = Histogram(
            "convexity_scheduled_function_delay_seconds",
            "How long after their time scheduled functions began",
            buckets=_DELAYS,
            registry=self._registry,
        )
        self._group_size = Histogram(
            "convexity_commit_transactions",
            "Transactions that one commit made durable",
            buckets=_SIZES,
            registry=self._registry,
        )
        self._group_seconds = Histogram(
            "convexity_commit_duration_seconds",
            "How long it took to make a commit durable",
            buckets=_SECONDS,
            registry=self._registry,
        )

    def watch_queries(self, queries: QueryCache) -> None:
        """Tell of the results of queries, as they are whenever somebody asks."""
        self._registry.register(_Queries(queries))

    def executed(self, execution: Execution) -> None:
        """Count a function that ended."""
        key = (execution.path, execution.kind, execution.error is None)
        children = self._children.get(key)
        if children is None:
            children = self._children[key] = self._labelled(*key)
        calls, seconds = children
        calls.inc()
        seconds.observe(execution.seconds)
        if execution.delay is not None:
            self._delay.observe(execution.delay)

    def _labelled(
        self, path: str, kind: FunctionKind, is_success: bool
    ) -> tuple[Counter, Histogram]:
        shown = path if " " in path else display_path(path)
        calls = self._calls.labels(shown, kind, "success" if is_success else "error")
        return calls, self._seconds.labels(shown, kind)

    def committed(self, transactions: int, seconds: float) -> None:
        """Count a commit."""
        self._group_size.observe(transactions)
        self._group_seconds.observe(seconds)

    def text(self) -> bytes:
        """All metrics."""
        return generate_latest(self._registry)


class _Queries(Collector):
    """Reads the state of the shared results."""

    def __init__(self, queries: QueryCache) -> None:
        self._queries = queries

    def collect(self) -> Iterator[Metric]:
        queries = self._queries
        yield GaugeMetricFamily(
            "convexity_subscribed_results",
            "Results of queries that sockets are subscribed to, shared ones counted once",
            value=queries.watched,
        )
        yield GaugeMetricFamily(
            "convexity_cached_result_bytes",
            "About how much memory the results take that nobody is subscribed to",
            value=queries.idle_size,
        )
        yield CounterMetricFamily(
            "convexity_query_runs", "Queries that were run", value=queries.runs
        )
        yield CounterMetricFamily(
            "convexity_query_cache_hits",
            "Queries that were answered by a result at hand",
            value=queries.hits,
        )
