"""Random mutations and subscriptions over several sockets, against a model.

The model applies the mutations in the order of their commit times. Whatever a client holds after a
transition must be what the model gives for its queries at the transition's time; that transitions
are contiguous, and that nothing is sent twice, the client checks itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.backends import Server, serve
from tests.support.engines import postgres_url, sqlite_only
from tests.sync.sync_client import SyncClient, sync_client, to_ts

SOCKETS = 3
KEYS = st.sampled_from(["k0", "k1", "k2", "k3"])
OWNERS = st.sampled_from(["ada", "bob", "cy"])

MUTATIONS = st.one_of(
    st.fixed_dictionaries({"key": KEYS, "owner": OWNERS, "rank": st.integers(0, 3).map(float)}).map(
        lambda args: ("items:put", args)
    ),
    st.fixed_dictionaries({"key": KEYS}).map(lambda args: ("items:drop", args)),
    st.fixed_dictionaries({"first": KEYS, "second": KEYS}).map(
        lambda args: ("items:exchange", args)
    ),
    st.just(("items:refuse", {"data": "no"})),
)
QUERIES = st.one_of(
    st.fixed_dictionaries({"owner": OWNERS}).map(lambda args: ("items:of_owner", args)),
    st.fixed_dictionaries({"key": KEYS}).map(lambda args: ("items:rank", args)),
    st.just(("items:sum_of_all", {})),
)
STEPS = st.tuples(
    st.integers(0, SOCKETS - 1),
    st.one_of(
        st.tuples(st.just("mutation"), MUTATIONS),
        st.tuples(st.just("add"), QUERIES),
        st.tuples(st.just("remove"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.none()),
    ),
)

State = dict[str, tuple[str, float]]


def apply(state: State, path: str, args: dict[str, Any]) -> State:
    after = dict(state)
    match path:
        case "items:put":
            after[args["key"]] = (args["owner"], args["rank"])
        case "items:drop":
            after.pop(args["key"], None)
        case "items:exchange":
            first, second = args["first"], args["second"]
            if first in state and second in state:
                after[first] = (state[second][0], state[first][1])
                after[second] = (state[first][0], state[second][1])
    return after


def ask(state: State, path: str, args: dict[str, Any]) -> Any:
    match path:
        case "items:of_owner":
            found = [
                {"key": key, "rank": rank}
                for key, (owner, rank) in state.items()
                if owner == args["owner"]
            ]
            return sorted(found, key=lambda item: (item["rank"], item["key"]))
        case "items:rank":
            return state[args["key"]][1] if args["key"] in state else None
        case _:
            return sum(rank for _, rank in state.values())


def normal(path: str, value: Any) -> Any:
    """Items of equal rank come in the order of their insertion, which the model does not keep."""
    if path != "items:of_owner":
        return value
    return sorted(value, key=lambda item: (item["rank"], item["key"]))


def try_steps(count: int) -> Any:
    """Try ``count`` sequences of steps."""
    tried = settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    return lambda test: given(steps=st.lists(STEPS, min_size=1, max_size=40))(tried(test))


@pytest.fixture(scope="module", params=[pytest.param("sqlite", marks=sqlite_only), "postgres"])
def cluster(
    live_dist: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[list[Server]]:
    """A process for each socket, all on one database."""
    path = tmp_path_factory.mktemp("cluster") / "app.db"
    database = f"sqlite:///{path}" if request.param == "sqlite" else postgres_url(path)
    with ExitStack() as stack:
        yield [stack.enter_context(serve(live_dist, DATABASE_URL=database)) for _ in range(SOCKETS)]


@try_steps(30)
async def test_every_client_sees_the_states_in_order(live: Server, steps: list) -> None:
    await take(steps, [live.port] * SOCKETS)


@try_steps(15)
async def test_clients_of_several_processes_see_the_states_in_order(
    cluster: list[Server], steps: list
) -> None:
    await take(steps, [server.port for server in cluster])


async def take(steps: list, ports: list[int]) -> None:
    """Take the steps with a socket on each port, then compare what each saw with the model."""
    room = uuid.uuid4().hex
    sent: dict[tuple[int, int], tuple[str, dict[str, Any]]] = {}
    queries: list[dict[int, tuple[str, dict[str, Any]]]] = [{} for _ in range(SOCKETS)]
    active: list[list[int]] = [[] for _ in range(SOCKETS)]
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(sync_client(port)) for port in ports]
        for number, (kind, detail) in steps:
            client = clients[number]
            if kind == "mutation":
                path, args = detail
                request = await client.request("mutation", path, room=room, **args)
                sent[number, request] = detail
            elif kind == "add":
                path, args = detail
                query_id = len(queries[number])
                queries[number][query_id] = detail
                active[number].append(query_id)
                await client.add(query_id, path, room=room, **args)
            elif kind == "remove" and active[number]:
                place = detail % len(active[number])
                await client.remove(active[number].pop(place))
            elif kind == "wait":
                await client.catch_up()
        for number, request in sent:
            await clients[number].response(request)
        # After a last write, whatever is asked anew must know of everything before it.
        last = ("items:put", {"key": "k0", "owner": "ada", "rank": 0.0})
        request = await clients[0].request("mutation", last[0], room=room, **last[1])
        await clients[0].response(request)
        sent[0, request] = last
        for number, client in enumerate(clients):
            active[number].append(len(queries[number]))
            queries[number][active[number][-1]] = ("items:sum_of_all", {})
            await client.add(active[number][-1], "items:sum_of_all", room=room)
            await client.catch_up()
    commits = sorted(
        (to_ts(clients[number].responses[request]["ts"]), detail)
        for (number, request), detail in sent.items()
        if clients[number].responses[request]["success"]
    )
    for client, known in zip(clients, queries, strict=True):
        check(client, known, commits)
    for client, left in zip(clients, active, strict=True):
        assert set(client.results) == set(left)


def check(
    client: SyncClient,
    queries: dict[int, tuple[str, dict[str, Any]]],
    commits: list[tuple[int, tuple[str, dict[str, Any]]]],
) -> None:
    """Compare each transition with the model at its time."""
    state: State = {}
    ahead = iter(commits)
    following = next(ahead, None)
    for ts, results in client.transitions:
        while following is not None and following[0] <= ts:
            state = apply(state, *following[1])
            following = next(ahead, None)
        for query_id, result in results.items():
            path, args = queries[query_id]
            assert normal(path, result["value"]) == ask(state, path, args)
    assert following is None
