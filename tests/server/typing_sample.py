"""User code as type checkers see it.

Both checkers report ignores that are not needed, so each ignore below marks a mistake that they
must refuse, and every other line is one that they must accept. It is checked, never imported.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict, assert_type

from convexity.functions.contexts import ActionCtx, MutationCtx, QueryCtx
from convexity.functions.registration import action, http_action, mutation, query
from convexity.server import (
    ActionCaller,
    HttpAction,
    MutationCaller,
    MutationReference,
    PaginationOptions,
    PaginationResult,
    QueryCaller,
    RegisteredQuery,
    ScheduledFunctions,
    TransactionLimits,
    action_reference,
    cron_jobs,
    define_app,
    define_auth,
    define_component,
    define_schema,
    define_table,
    http_router,
    mutation_reference,
    oidc_provider,
    query_reference,
)
from convexity.values import Id, Table, v
from starlette.requests import Request
from starlette.responses import Response


class ChannelsDoc(TypedDict):
    _id: Id[Channels]
    _creationTime: float
    name: str


class Channels(Table[ChannelsDoc]): ...


class internal:
    class index:
        @query_reference("index:count")
        @staticmethod
        def count(*, channel_id: Id[Channels], title: str | None = None) -> float:
            """Count something."""
            raise NotImplementedError

        @mutation_reference("index:send")
        @staticmethod
        def send(*, body: str, ref: str = "", self: str = "") -> Id[Channels]:
            raise NotImplementedError

        @action_reference("index:think")
        @staticmethod
        def think(*, opts: PaginationOptions) -> PaginationResult[ChannelsDoc]:
            raise NotImplementedError


schema = define_schema(
    channels=define_table(name=v.string()).index("by_name", ["name"]),
    results=define_table(v.union(v.object(a=v.null()), v.object({"b": v.int64()}))),
)
by_mapping = define_schema({"channels": define_table({"name": v.string()})})
not_a_table = define_schema(channels=v.string())  # type: ignore[call-overload]
not_fields = define_table(name="string")  # type: ignore[call-overload]
define_table(a=v.string()).index("by_a", "a")  # type: ignore[arg-type]


async def helper(ctx: QueryCtx, title: str | None) -> float:
    count = await ctx.run_query(internal.index.count, channel_id=Id("x"), title=title)
    assert_type(count, float)
    return count


@query(args={}, returns=v.number())
async def reads(ctx: QueryCtx) -> float:
    await ctx.run_query(internal.index.count, channel="x")  # type: ignore[call-arg]
    await ctx.run_query(internal.index.count, channel_id=1)  # type: ignore[arg-type]
    await ctx.run_query(internal.index.send, body="x")  # type: ignore[arg-type]
    await ctx.run_mutation(internal.index.send, body="x")  # type: ignore[attr-defined]
    ctx.db = ctx.db  # type: ignore[misc]
    identity = await ctx.auth.get_user_identity()
    if identity is not None:
        assert_type(identity["subject"], str)
    return await helper(ctx, None)


assert_type(reads, RegisteredQuery[[], float])
reads()  # type: ignore[operator]


@query(args={}, returns=v.null())  # type: ignore[arg-type]
def not_async(ctx: QueryCtx) -> None: ...


@query(args={})  # type: ignore[call-arg]
async def without_returns(ctx: QueryCtx) -> None: ...


@mutation(args={"body": v.string()}, returns=v.null())
async def writes(ctx: MutationCtx, body: str) -> None:
    await helper(ctx, body)
    sent = await ctx.run_mutation(internal.index.send, body=body, ref="r", self="s")
    assert_type(sent, Id[Channels])
    await ctx.run_mutation(internal.index.send)  # type: ignore[call-arg]
    await ctx.run_action(internal.index.think)  # type: ignore[attr-defined]
    limited = ctx.with_options(transaction_limits=TransactionLimits(documents_written=5))
    assert_type(limited, MutationCaller)
    await limited.run_mutation(internal.index.send, body=body)
    await limited.db.get(sent)  # type: ignore[attr-defined]
    later = await ctx.scheduler.run_after(0, internal.index.send, body=body)
    assert_type(later, Id[ScheduledFunctions])
    await ctx.scheduler.run_after(timedelta(seconds=1), internal.index.send, body=body)
    await ctx.scheduler.run_after(5000, internal.index.send, body=body)  # type: ignore[arg-type]
    await ctx.scheduler.run_after(0, internal.index.count, channel_id=Id("x"))  # type: ignore[arg-type]
    await ctx.scheduler.run_at(datetime.now(UTC), internal.index.send, body=body)
    await ctx.scheduler.cancel(later)
    await ctx.scheduler.cancel(sent)  # type: ignore[arg-type]
    metrics = await ctx.meta.get_transaction_metrics()
    assert_type(metrics.documents_read.remaining, int)


@action(args={}, returns=v.null(), runtime="process")
async def acts(ctx: ActionCtx) -> None:
    page = await ctx.run_action(internal.index.think, opts={"numItems": 10, "cursor": None})
    assert_type(page["page"], list[ChannelsDoc])
    await ctx.run_action(internal.index.think, opts={"numItems": "10", "cursor": None})  # type: ignore[typeddict-item]
    await ctx.db.get(Id("x"))  # type: ignore[attr-defined]
    await takes_callers(ctx, ctx, ctx)
    url = await ctx.storage.get_url(Id("x"))
    assert_type(url, str | None)


async def takes_callers(a: QueryCaller, b: MutationCaller, c: ActionCaller) -> None: ...


@http_action
async def answers(ctx: ActionCtx, request: Request) -> Response:
    return Response(await request.body())


http = http_router()
http.route(path="/x", method="GET", handler=answers)
assert_type(http.route(path_prefix="/x/", method="POST")(answers), HttpAction)
http.route(path="/x", method="FETCH", handler=answers)  # type: ignore[call-overload]
http.route(path="/x", path_prefix="/x/", method="GET", handler=answers)  # type: ignore[call-overload]

crons = cron_jobs()
crons.interval("often", timedelta(hours=1), internal.index.send, body="x")
crons.interval("often", 3600, internal.index.send, body="x")  # type: ignore[arg-type]
crons.cron("mondays", "0 16 * * 1", internal.index.send)  # type: ignore[call-arg]

app = define_app(env={"MODEL": v.optional(v.string())})
app.use(define_component("agent"), name="first")
auth = define_auth(oidc_provider(domain="https://x", application_id="y"))


async def generic(ctx: MutationCaller, ref: MutationReference[..., Any]) -> None:
    await ctx.run_mutation(ref, anything=1)
