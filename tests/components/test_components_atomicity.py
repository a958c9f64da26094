"""Transactions across components: what fails is undone alone, and whole."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from convexity.functions.references import ComponentTree
from convexity.functions.registration import mutation, query
from convexity.values import ConvexError, v
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.components.deployments import deployed_components, value_in
from tests.functions.harness import Deployment, api

components = ComponentTree()
MOUNTS: dict[str, list[str]] = {"": ["a", "b"], "a": ["inner"], "b": [], "a/inner": []}


@mutation(args={"steps": v.any()}, returns=v.null())
async def run(ctx: Any, steps: Any) -> None:
    """Write, call and fail, as told."""
    for step in steps:
        match step["do"]:
            case "write":
                await ctx.db.insert("notes", {"text": step["text"]})
            case "fail":
                raise ConvexError(step["text"])
            case "call":
                mount = step["mount"]
                target = api.m.run if mount is None else getattr(components, mount).m.run
                try:
                    await ctx.run_mutation(target, steps=step["steps"])
                except ConvexError:
                    if not step["catch"]:
                        raise


@query(args={}, returns=v.array(v.string()))
async def texts(ctx: Any) -> list[str]:
    return [note["text"] for note in await ctx.db.query("notes").collect()]


class ModelError(Exception):
    pass


def model(component: str, steps: list[dict[str, Any]], state: dict[str, list[str]]) -> None:
    """What the steps do to the texts of each component."""
    for step in steps:
        if step["do"] == "write":
            state[component].append(step["text"])
        elif step["do"] == "fail":
            raise ModelError
        else:
            mount = step["mount"]
            target = component if mount is None else f"{component}/{mount}".lstrip("/")
            before = {path: list(found) for path, found in state.items()}
            try:
                model(target, step["steps"], state)
            except ModelError:
                state.update(before)
                if not step["catch"]:
                    raise


def steps_of(component: str, depth: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    text = st.sampled_from("abc")
    write = st.fixed_dictionaries({"do": st.just("write"), "text": text})
    fail = st.fixed_dictionaries({"do": st.just("fail"), "text": text})
    choices = [write, write, fail]
    if depth:
        for mount in (None, *MOUNTS[component]):
            target = component if mount is None else f"{component}/{mount}".lstrip("/")
            call = st.fixed_dictionaries(
                {
                    "do": st.just("call"),
                    "mount": st.just(mount),
                    "steps": steps_of(target, depth - 1),
                    "catch": st.booleans(),
                }
            )
            choices += [call, call]
    return st.lists(st.one_of(choices), max_size=4)


@given(programs=st.lists(steps_of("", 3), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
async def test_what_fails_is_undone_and_nothing_else(programs: list[Any]) -> None:
    functions = {path: [run, texts] for path in MOUNTS}
    with tempfile.TemporaryDirectory() as folder:
        async with deployed_components(Path(folder), functions) as running:
            expected: dict[str, list[str]] = {path: [] for path in MOUNTS}
            for program in programs:
                before = {path: list(found) for path, found in expected.items()}
                result = await running.run("m:run", steps=program)
                try:
                    model("", program, expected)
                    assert result.error is None
                except ModelError:
                    expected = before
                    assert result.error is not None
            assert await all_texts(running) == expected


async def all_texts(running: Deployment) -> dict[str, list[str]]:
    return {path: await value_in(running, path, "m:texts") for path in MOUNTS}


async def test_limits_are_those_of_the_whole_transaction(tmp_path: Path) -> None:
    @query(args={}, returns=v.number())
    async def reads(ctx: Any) -> float:
        await ctx.db.query("notes").collect()
        if (await ctx.meta.get_function_metadata()).component_path == "":
            await ctx.run_query(components.a.m.reads)
        metrics = await ctx.meta.get_transaction_metrics()
        return float(metrics.documents_read.used)

    functions = {"": [run, reads], "a": [run, reads]}
    async with deployed_components(tmp_path, functions) as running:
        writes = [{"do": "write", "text": "x"}] * 3
        await running.value("m:run", steps=[{"do": "call", "mount": "a", "steps": writes}, *writes])
        assert await running.value("m:reads") == 6
