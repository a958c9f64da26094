"""The endpoints below ``/api/app_metrics`` (wire-protocol 9.1)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import orjson

from convexity.admin.app_metrics import MAX_BUCKETS, Window
from convexity.http.admin_access import query_parameter, require_admin, required_component
from convexity.http.endpoints import Answer, Endpoint
from convexity.http.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope

    from convexity.backend import Backend

_PREFIX: Final = "/api/app_metrics/"
_COUNTED: Final = ("invocations", "errors")


def app_metrics_endpoints(backend: Backend) -> dict[str, Endpoint]:
    """Endpoints by path."""

    def get(work: Callable[[Backend, Scope, Window], Any]) -> Endpoint:
        async def handle(scope: Scope, _receive: Receive) -> Answer:
            await require_admin(scope, backend)
            return Answer(orjson.dumps(work(backend, scope, _window(scope))))

        return Endpoint({"GET": handle})

    return {
        f"{_PREFIX}udf_rate": get(_rate),
        f"{_PREFIX}latency_percentiles": get(_latency),
        f"{_PREFIX}failure_percentage_top_k": get(
            lambda backend, _scope, window: backend.app_metrics.failures(window)
        ),
        f"{_PREFIX}scheduled_job_lag": get(
            lambda backend, _scope, window: backend.app_metrics.lag(window)
        ),
    }


def _rate(backend: Backend, scope: Scope, window: Window) -> Any:
    metric = query_parameter(scope, "metric")
    if metric not in _COUNTED:
        raise _refused(f"`metric` must be one of {', '.join(_COUNTED)}: others are not counted.")
    return backend.app_metrics.rate(window, _path(backend, scope), metric)


def _latency(backend: Backend, scope: Scope, window: Window) -> Any:
    try:
        percentiles = orjson.loads(query_parameter(scope, "percentiles") or "[50,90,95,99]")
    except orjson.JSONDecodeError:
        percentiles = None
    if (
        not isinstance(percentiles, list)
        or len(percentiles) > 100
        or not all(type(p) is int and 0 < p <= 100 for p in percentiles)
    ):
        raise _refused("`percentiles` must be an array of whole numbers up to 100.")
    return backend.app_metrics.latency(window, _path(backend, scope), percentiles)


def _path(backend: Backend, scope: Scope) -> str:
    """The function that a request names, as its runs are noted."""
    path = query_parameter(scope, "path")
    if not path:
        raise _refused("`path` is missing: name a function, such as `messages:list`.")
    component = required_component(backend, query_parameter(scope, "componentPath"))
    return path if component.is_application else f"{component.path};{path}"


def _window(scope: Scope) -> Window:
    """``{"start": time, "end": time, "num_buckets": n}``; times as Convex's server writes them."""
    try:
        given = orjson.loads(query_parameter(scope, "window"))
        start, end = _seconds(given["start"]), _seconds(given["end"])
        buckets = int(given["num_buckets"])
    except (ValueError, KeyError, TypeError, OverflowError):
        raise _refused(
            '`window` must be {"start", "end", "num_buckets"}, with times as '
            '{"secs_since_epoch", "nanos_since_epoch"}.'
        ) from None
    if not (math.isfinite(start) and math.isfinite(end) and start < end):
        raise _refused("`window` must end after it starts.")
    if not 1 <= buckets <= MAX_BUCKETS:
        raise _refused(f"`num_buckets` must be from 1 to {MAX_BUCKETS}.")
    return Window(start, end, buckets)


def _seconds(time: Any) -> float:
    return float(time["secs_since_epoch"]) + float(time.get("nanos_since_epoch", 0)) / 1e9


def _refused(reason: str) -> RequestError:
    return RequestError(400, "BadQueryArgs", reason)
