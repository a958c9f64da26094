"""Decorators: what they accept, keep and refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict, Unpack

import pytest
from convexity.errors import DefinitionError
from convexity.functions.registration import (
    RegisteredAction,
    RegisteredMutation,
    RegisteredQuery,
    action,
    http_action,
    internal_action,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from convexity.functions.registry import Function
from convexity.values import v

from tests.functions.harness import compiled

REGISTRATIONS: list[tuple[Any, type, str, str]] = [
    (query, RegisteredQuery, "query", "public"),
    (internal_query, RegisteredQuery, "query", "internal"),
    (mutation, RegisteredMutation, "mutation", "public"),
    (internal_mutation, RegisteredMutation, "mutation", "internal"),
    (action, RegisteredAction, "action", "public"),
    (internal_action, RegisteredAction, "action", "internal"),
]


@pytest.mark.parametrize(("decorator", "cls", "kind", "visibility"), REGISTRATIONS)
def test_what_is_registered(decorator: Any, cls: Any, kind: str, visibility: str) -> None:
    async def handler(ctx: Any, a: str) -> None: ...

    registered: Any = decorator(args={"a": v.string()}, returns=v.null())(handler)
    assert type(registered) is cls
    assert registered.handler is handler
    assert (registered.kind, registered.visibility) == (kind, visibility)
    assert registered.args == v.object(a=v.string())
    assert registered.returns == v.null()
    assert registered.name == "handler"
    assert registered.runtime == "server"


async def test_registered_functions_are_not_called() -> None:
    @mutation(args={}, returns=v.number())
    async def send(ctx: Any) -> float:
        return 1.0

    uncheckable: Any = send
    with pytest.raises(TypeError, match=r"ctx\.run_mutation\(api\.<module>\.send"):
        uncheckable(None)
    assert await send.handler(None) == 1.0


def test_handlers_may_take_the_rest_as_one() -> None:
    class Fields(TypedDict):
        a: str

    @query(args=v.object(a=v.string()), returns=v.null())
    async def handler(ctx: Any, **fields: Unpack[Fields]) -> None: ...

    assert handler.args == v.object(a=v.string())


def test_args_of_generated_types_are_left_to_the_compiler() -> None:
    class MessagesFields(TypedDict): ...

    MessagesFields.__convexity_generated__ = True  # type: ignore[attr-defined]

    @query(args=v.object(MessagesFields), returns=v.null())
    async def handler(ctx: Any, content: str) -> None: ...

    assert handler.args.kind == "opaque"


NULL = v.null()


def registering(
    handler: Callable[..., Any], args: Any, returns: Any = NULL, name: str | None = None
) -> Callable[[], object]:
    return lambda: query(args=args, returns=returns, name=name)(handler)


async def nothing() -> None: ...
async def only_ctx(ctx: Any) -> None: ...
async def takes_a(ctx: Any, a: str) -> None: ...
async def positional_only(ctx: Any, a: str, /) -> None: ...
async def takes_from(ctx: Any, from_: str) -> None: ...
def not_async(ctx: Any) -> None: ...


registered_once = query(args={}, returns=v.null())(only_ctx)

MISTAKES: list[tuple[Callable[[], object], str]] = [
    (registering(nothing, {}), "needs a first parameter `ctx`"),
    (registering(not_async, {}), "write `async def not_async`"),
    (registering(only_ctx, {"a": v.string()}), "no parameter `a` for its argument 'a'"),
    (registering(only_ctx, {"from": v.string()}), "no parameter `from_` for its argument 'from'"),
    (registering(takes_a, {}), "add 'a' to args or remove the parameter"),
    (registering(takes_from, {"from_": v.string()}), "'from_'"),
    (registering(takes_a, {"a": v.optional(v.string())}), "`a` of takes_a() needs a default"),
    (registering(positional_only, {"a": v.string()}), "must be usable as a keyword"),
    (registering(only_ctx, None), "args of only_ctx() must be a mapping"),
    (registering(only_ctx, {}, returns=None), "must be a validator such as v.null()"),
    (registering(only_ctx, {}, name="a-b"), "name='a-b' cannot name a function"),
    (registering(only_ctx, {}, name="x" * 65), "at most 64 characters"),
    (registering(registered_once, {}), "is registered twice"),  # type: ignore[arg-type]
    (lambda: http_action(not_async), "must be a coroutine function"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("declare", "message"), MISTAKES)
def test_mistakes_are_named(declare: Callable[[], object], message: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        declare()
    assert message in str(raised.value)


def test_the_registry_takes_registered_functions() -> None:
    assert isinstance(compiled("m", registered_once), Function)
