"""Routes, cron jobs, components, identity providers: what constructs, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from convexity.errors import DefinitionError
from convexity.functions.references import ReferenceChain
from convexity.functions.registration import http_action
from convexity.server import (
    cron_jobs,
    custom_jwt_provider,
    define_app,
    define_auth,
    define_component,
    http_router,
    oidc_provider,
)
from convexity.values import v

internal: Any = ReferenceChain()


@http_action
async def answer(ctx: Any, request: Any) -> Any:
    return None


def test_routes_are_kept_in_order() -> None:
    http = http_router()
    http.route(path="/b", method="GET", handler=answer)
    decorated = http.route(path_prefix="/a/", method="POST")(answer)
    assert decorated is answer
    assert [(r.method, r.path, r.path_prefix) for r in http.routes] == [
        ("GET", "/b", None),
        ("POST", None, "/a/"),
    ]


def test_cron_jobs_are_kept_with_their_arguments() -> None:
    crons = cron_jobs()
    crons.interval("often", timedelta(hours=2), internal.jobs.clean, name="x", from_=None)
    crons.cron("mondays", "0 16 * * 1", internal.jobs.clean)
    crons.hourly("hours", 5, internal.jobs.clean)
    crons.daily("days", 6, 30, internal.jobs.clean)
    crons.weekly("weeks", "monday", 6, 30, internal.jobs.clean)
    crons.monthly("months", 1, 6, 30, internal.jobs.clean)
    assert crons.jobs[0].args == {"name": "x", "from": None}
    assert {job.function for job in crons.jobs} == {"jobs:clean"}
    assert [job.expression for job in crons.jobs] == [
        None,
        "0 16 * * 1",
        "5 * * * *",
        "30 6 * * *",
        "30 6 * * 1",
        "30 6 1 * *",
    ]


def test_components_are_mounted_by_name() -> None:
    app = define_app(env={"MODEL": v.optional(v.string())})
    agent = define_component("agent")
    app.use(agent)
    app.use(agent, name="second", env={"KEY": "x"})
    assert [mounted.name for mounted in app.mounted] == ["agent", "second"]


def test_identity_providers_keep_their_order() -> None:
    config = define_auth(
        oidc_provider(domain="https://login.example.com", application_id="app"),
        custom_jwt_provider(issuer="x", jwks="https://example.com/jwks", algorithm="ES256"),
    )
    assert [provider.kind for provider in config.providers] == ["oidc", "custom_jwt"]


def route(**arguments: Any) -> Callable[[], Any]:
    http: Any = http_router()
    return lambda: http.route(**{"method": "GET", "handler": answer} | arguments)


def interval(every: Any, *names: str) -> Callable[[], Any]:
    def declare() -> None:
        crons = cron_jobs()
        for name in names or ("job",):
            crons.interval(name, every, internal.jobs.clean)

    return declare


async def plain(ctx: Any, request: Any) -> Any:
    return None


def twice() -> None:
    http = http_router()
    http.route(path="/a", method="GET", handler=answer)
    http.route(path="/a", method="GET", handler=answer)


def mounted_twice() -> None:
    app = define_app()
    app.use(define_component("agent"))
    app.use(define_component("agent"))


jwt: Any = custom_jwt_provider
MISTAKES: list[tuple[Callable[[], Any], str]] = [
    (route(), "exactly one of path= and path_prefix="),
    (route(path="/a", path_prefix="/a/"), "exactly one"),
    (route(path="a"), "must start with a slash"),
    (route(path_prefix="/a"), "must start and end with a slash"),
    (route(path="/a", method="HEAD"), "must be one of GET"),
    (route(path="/a", handler=plain), "decorate the handler with @http_action"),
    (twice, "GET /a is declared twice"),
    (interval(5000), "must be a timedelta"),
    (interval(timedelta(milliseconds=1500)), "whole number of seconds"),
    (interval(timedelta(0)), "at least one"),
    (interval(timedelta(hours=1), "a", "a"), "two cron jobs called 'a'"),
    (interval(timedelta(hours=1), "tab\t"), "printable ASCII"),
    (lambda: cron_jobs().cron("x", "* * *", internal.jobs.clean), "must be five fields"),
    (lambda: cron_jobs().hourly("x", 60, internal.jobs.clean), "from 0 to 59"),
    (lambda: cron_jobs().weekly("x", "Monday", 1, 1, internal.jobs.clean), "one of sunday"),
    (lambda: define_app(env={"a-b": v.string()}), "environment variable name 'a-b'"),
    (lambda: define_app(env={"A": "x"}), "declared with a validator"),  # type: ignore[dict-item]
    (lambda: define_component("a b"), "the component name 'a b'"),
    (lambda: define_app().use(define_app()), "takes a component"),
    (mounted_twice, "two components are called 'agent'"),
    (lambda: define_auth("x"), "define_auth() takes"),  # type: ignore[arg-type]
    (lambda: oidc_provider(domain="", application_id="x"), "domain=''"),
    (lambda: jwt(issuer="x", jwks="x", algorithm="RS256"), "http(s) address"),
    (lambda: jwt(issuer="x", jwks="https://x", algorithm="HS256"), "'RS256' or 'ES256'"),
]


@pytest.mark.parametrize(("declare", "message"), MISTAKES)
def test_mistakes_are_named(declare: Callable[[], Any], message: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        declare()
    assert message in str(raised.value)
