"""Which calls share a result, and until when."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from convexity.admin.environment import Change, update
from convexity.auth.identity import ADMIN, ANONYMOUS, Identity
from convexity.backend import Backend
from convexity.functions.environment import Env
from convexity.functions.meta import RequestMetadata
from convexity.functions.references import ReferenceChain
from convexity.functions.registration import internal_query, mutation, query
from convexity.sync import query_set, requests, session
from convexity.sync.query_cache import QueryCache
from convexity.sync.query_result import question
from convexity.values import ConvexError, v

from tests.sync.in_process import backend, served
from tests.sync.sync_client import sync_client

MEBIBYTE = 2**20

api = ReferenceChain()
ran: Counter[str] = Counter()
env = Env(lambda: {"GREETING": v.string()})
began = asyncio.Event()
gate = asyncio.Event()


class Functions:
    @mutation(args={"text": v.string(), "owner": v.string()}, returns=v.id("notes"))
    async def add(ctx: Any, text: str, owner: str) -> str:
        return await ctx.db.insert("notes", {"text": text, "owner": owner})

    @mutation(args={"text": v.string()}, returns=v.null())
    async def holds(ctx: Any, text: str) -> None:
        await gate.wait()

    @query(args={"owner": v.string()}, returns=v.array(v.string()))
    async def texts(ctx: Any, owner: str) -> list[str]:
        ran["texts"] += 1
        found = await ctx.db.query("notes").with_index("by_owner").eq("owner", owner).collect()
        return [note["text"] for note in found]

    @query(args={"salt": v.number()}, returns=v.number())
    async def everything(ctx: Any, salt: float) -> float:
        found = await ctx.db.query("notes").collect()
        await asyncio.sleep(0)
        return float(len(found))

    @query(args={}, returns=v.nullable(v.string()))
    async def who(ctx: Any) -> str | None:
        ran["who"] += 1
        identity = await ctx.auth.get_user_identity()
        return None if identity is None else identity["subject"]

    @query(args={}, returns=v.number())
    async def now(ctx: Any) -> float:
        ran["now"] += 1
        return ctx.now().timestamp()

    @query(args={}, returns=v.string())
    async def greeting(ctx: Any) -> str:
        ran["greeting"] += 1
        return env.GREETING

    @query(args={}, returns=v.nullable(v.string()))
    async def who_by_nested_query(ctx: Any) -> str | None:
        return await ctx.run_query(api.m.who)

    @query(args={}, returns=v.null())
    async def fails(ctx: Any) -> None:
        ran["fails"] += 1
        await ctx.db.query("notes").collect()
        raise ConvexError("no")

    @query(args={}, returns=v.null())
    async def waits(ctx: Any) -> None:
        ran["waits"] += 1
        began.set()
        await gate.wait()

    @internal_query(args={}, returns=v.string())
    async def hidden(ctx: Any) -> str:
        ran["hidden"] += 1
        return "secret"


@pytest.fixture
async def inside(tmp_path: Path):
    ran.clear()
    began.clear()
    gate.clear()
    async with backend(tmp_path, Functions) as started:
        yield started


def user(name: str) -> Identity:
    subject = {"tokenIdentifier": f"i|{name}", "subject": name, "issuer": "i"}
    return Identity(kind="user", user=subject)


async def ask(inside: Backend, path: str, identity: Identity = ANONYMOUS, **args: Any) -> Any:
    asked = question(path, args)
    result = await inside.queries.answer(asked, identity, RequestMetadata(request_id="0" * 16))
    if result.function.error is not None:
        return result.function.error.message
    return json.loads(result.function.result_json("json"))


async def add(inside: Backend, text: str, owner: str) -> None:
    await inside.runner.run("m:add", {"text": text, "owner": owner}, identity=ANONYMOUS)


async def test_a_result_holds_until_a_commit_touches_what_was_read(inside: Backend) -> None:
    for _ in range(3):
        assert await ask(inside, "m:texts", owner="ada") == []
    await add(inside, "b", "bob")
    assert await ask(inside, "m:texts", owner="ada") == []
    assert ran["texts"] == 1
    await add(inside, "a", "ada")
    assert await ask(inside, "m:texts", owner="ada") == ["a"]
    assert ran["texts"] == 2


async def test_all_identities_share_what_does_not_depend_on_them(inside: Backend) -> None:
    for identity in (ANONYMOUS, user("ada"), user("bob"), ADMIN):
        await ask(inside, "m:texts", identity, owner="ada")
    assert ran["texts"] == 1


@pytest.mark.parametrize("path", ["m:who", "m:who_by_nested_query"])
async def test_each_identity_has_its_own_result_of_what_does(inside: Backend, path: str) -> None:
    for _ in range(2):
        for identity, expected in ((ANONYMOUS, None), (user("ada"), "ada"), (user("bob"), "bob")):
            assert await ask(inside, path, identity) == expected
    assert ran["who"] == 3
    answers = await asyncio.gather(*(ask(inside, path, user(name)) for name in "abcdefgh"))
    assert answers == list("abcdefgh")


async def test_identities_that_ask_at_once_are_not_confused(inside: Backend) -> None:
    names = [f"user{number % 5}" for number in range(50)]
    answers = await asyncio.gather(*(ask(inside, "m:who", user(name)) for name in names))
    assert answers == names


async def test_what_depends_on_the_time_is_not_kept(inside: Backend) -> None:
    first, second = await ask(inside, "m:now"), await ask(inside, "m:now")
    assert second > first
    assert ran["now"] == 2


async def test_what_depends_on_a_variable_holds_as_long_as_it(inside: Backend) -> None:
    for greeting in ("hello", "salve"):
        await update(inside, [Change("GREETING", greeting)])
        for _ in range(2):
            assert await ask(inside, "m:greeting") == greeting
        await update(inside, [Change("OTHER", greeting)])
        assert await ask(inside, "m:greeting") == greeting
    assert ran["greeting"] == 2


async def test_a_failure_holds_too(inside: Backend) -> None:
    for _ in range(2):
        assert await ask(inside, "m:fails") == "Uncaught ConvexError: no"
    assert ran["fails"] == 1
    await add(inside, "a", "ada")
    await ask(inside, "m:fails")
    assert ran["fails"] == 2


async def test_an_internal_query_stays_hidden_after_an_admin_asked(inside: Backend) -> None:
    assert await ask(inside, "m:hidden", ADMIN) == "secret"
    assert "Could not find public function" in await ask(inside, "m:hidden")
    assert await ask(inside, "m:hidden", ADMIN) == "secret"
    assert ran["hidden"] == 1


async def test_those_who_ask_at_once_share_a_run(inside: Backend) -> None:
    asking = [asyncio.create_task(ask(inside, "m:waits")) for _ in range(20)]
    await began.wait()
    asking[0].cancel()
    gate.set()
    assert await asyncio.gather(*asking[1:]) == [None] * 19
    assert ran["waits"] == 1


async def test_results_that_nobody_watches_are_bounded(inside: Backend) -> None:
    small = QueryCache(inside.runner, inside.engine, capacity=20_000)
    request = RequestMetadata(request_id="0" * 16)
    for _ in range(2):
        for number in range(20):
            await small.answer(question("m:texts", {"owner": f"o{number}"}), ANONYMOUS, request)
    assert ran["texts"] == 40
    await small.answer(question("m:texts", {"owner": "o19"}), ANONYMOUS, request)
    assert ran["texts"] == 40
    await small.close()


async def test_questions_count_as_well_as_results(inside: Backend) -> None:
    small = QueryCache(inside.runner, inside.engine, capacity=2 * MEBIBYTE)
    request = RequestMetadata(request_id="0" * 16)
    asked = [question("m:texts", {"owner": f"{number:0{MEBIBYTE // 32}}"}) for number in range(70)]
    for one in (*asked, *asked, asked[-1]):
        await small.answer(one, ANONYMOUS, request)
    assert ran["texts"] == 140
    await small.close()


async def test_a_large_question_drives_out_nothing(inside: Backend) -> None:
    small = QueryCache(inside.runner, inside.engine, capacity=2 * MEBIBYTE)
    request = RequestMetadata(request_id="0" * 16)
    short = question("m:who", {})
    large = question("m:texts", {"owner": "0" * (MEBIBYTE // 4)})
    for one in (short, large, large, large, short):
        await small.answer(one, ANONYMOUS, request)
    assert (ran["who"], ran["texts"]) == (1, 3)
    await small.close()


async def test_a_commit_reruns_what_it_concerns_once(inside: Backend) -> None:
    """However many sockets watch it, and however many other queries they watch."""
    async with served(inside) as port, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(sync_client(port)) for _ in range(20)]
        for client in clients:
            await client.add(0, "m:texts", owner="ada")
            await client.at_query_set(await client.add(1, "m:texts", owner="bob"))
        assert ran["texts"] == 2
        await add(inside, "a", "ada")
        for client in clients:
            await client.until(lambda client=client: client.value(0) == ["a"])
        assert ran["texts"] == 3


async def test_a_quiet_socket_gets_pings(inside: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "HEARTBEAT_INTERVAL", 0.05)
    async with served(inside) as port, sync_client(port) as client:
        await client.until(lambda: client.messages.count({"type": "Ping"}) >= 3)
        assert all(message["type"] == "Ping" for message in client.messages)


class Clock:
    """Tells the time that a test sets."""

    now = 1_000_000.0

    def time(self) -> float:
        return self.now


async def test_an_expired_token_gets_nothing_more(
    inside: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a function run nor a result sent, and others who watch the same go on."""
    clock = Clock()
    ada = replace(user("ada"), expires_at=clock.now + 60)

    async def identify(*_: object) -> Identity:
        return ada

    monkeypatch.setattr(session, "time", clock)
    monkeypatch.setattr(session, "identify", identify)
    async with served(inside) as port, AsyncExitStack() as stack:
        watching, writing, changing, other = [
            await stack.enter_async_context(sync_client(port)) for _ in range(4)
        ]
        for client in (watching, writing, changing):
            await client.authenticate("User", value="token")
        for client in (watching, changing, other):
            await client.at_query_set(await client.add(0, "m:texts", owner="ada"))
        clock.now += 61
        await writing.request("mutation", "m:add", text="late", owner="ada")
        await changing.add(1, "m:who")
        await add(inside, "new", "ada")
        for client in (watching, writing, changing):
            assert await client.close_code() == 1000
            assert client.messages[-1] == {
                "type": "AuthError",
                "error": "Convex token identity expired",
                "baseVersion": client.version["identity"],
                "authUpdateAttempted": False,
            }
        assert watching.value(0) == changing.value(0) == []
        assert 1 not in changing.results
        await other.until(lambda: other.value(0) == ["new"])


async def test_a_token_is_watched_although_nothing_happens(
    inside: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def identify(*_: object) -> Identity:
        return replace(user("ada"), expires_at=time.time() + 0.3)

    monkeypatch.setattr(session, "identify", identify)
    async with served(inside) as port, sync_client(port) as client:
        await client.authenticate("User", value="token")
        assert await client.close_code() == 1000
        assert client.messages[-1]["type"] == "AuthError"


async def test_a_socket_may_not_subscribe_without_end(
    inside: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_set, "MAX_QUERIES_PER_SOCKET", 2)
    async with served(inside) as port, sync_client(port) as client:
        await client.add(0, "m:who")
        await client.at_query_set(await client.add(1, "m:texts", owner="ada"))
        await client.remove(0)
        await client.at_query_set(await client.add(2, "m:texts", owner="bob"))
        await client.add(3, "m:texts", owner="eve")
        assert await client.close_code() == 1000
        assert client.messages[-1]["type"] == "FatalError"
        assert "a client may be subscribed to 2 queries" in client.messages[-1]["error"]


async def test_what_a_socket_lets_wait_is_bounded(
    inside: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MAX_PENDING_MUTATION_SIZE_PER_SOCKET", 20_000)
    async with served(inside) as port, sync_client(port) as client:
        for number in range(4):
            answer = await client.call("mutation", "m:add", text="x" * 9_000, owner=str(number))
            assert answer["success"]
        for _ in range(3):
            await client.request("mutation", "m:holds", text="x" * 9_000)
        assert await client.close_code() == 1013
        gate.set()


@pytest.mark.parametrize("free_attempts", [0, 2])
async def test_many_queries_of_a_socket_agree_amid_commits(
    inside: Backend, monkeypatch: pytest.MonkeyPatch, free_attempts: int
) -> None:
    """Each commit changes all of them; there are more than can run at once."""
    monkeypatch.setattr(query_set, "_FREE_ATTEMPTS", free_attempts)
    queries, commits = 40, 30
    async with served(inside) as port, sync_client(port) as client:
        for number in range(queries):
            await client.add(number, "m:everything", salt=float(number))
        for number in range(commits):
            await add(inside, str(number), "ada")
        await client.until(
            lambda: (
                len(client.results) == queries
                and all(client.value(number) == commits for number in range(queries))
            )
        )
    for _, results in client.transitions:
        assert len({result["value"] for result in results.values()}) <= 1
