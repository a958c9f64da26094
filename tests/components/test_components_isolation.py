"""What one component can do to the documents, files and schedules of another: nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from convexity.auth.identity import ADMIN, Identity, acting_user
from convexity.functions.environment import Env
from convexity.functions.handles import FunctionHandle, create_function_handle
from convexity.functions.references import ComponentTree
from convexity.functions.registration import (
    action,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from convexity.values import ConvexError, v

from tests.components.deployments import deployed_components, error_in, value_in
from tests.functions.harness import api

components = ComponentTree()
env = Env(lambda: {"COLOUR": v.optional(v.string())})
NOTE = v.id("notes")


@mutation(args={"text": v.string()}, returns=NOTE)
async def insert(ctx: Any, text: str) -> Any:
    return await ctx.db.insert("notes", {"text": text})


@query(args={}, returns=v.array(v.string()))
async def texts(ctx: Any) -> list[str]:
    return [note["text"] for note in await ctx.db.query("notes").collect()]


@mutation(args={"note": v.string(), "what": v.string()}, returns=v.any())
async def use(ctx: Any, note: str, what: str) -> Any:
    """Do with an id whatever ``ctx.db`` lets be done."""
    match what:
        case "get":
            return await ctx.db.get(note)
        case "get_many":
            return await ctx.db.get_many([note])
        case "patch":
            return await ctx.db.patch(note, {"text": "stolen"})
        case "replace":
            return await ctx.db.replace(note, {"text": "stolen"})
        case "delete":
            return await ctx.db.delete(note)
        case "system":
            return await ctx.db.system.get(note)
        case "normalize":
            return ctx.db.normalize_id("notes", note)
        case "cancel":
            return await ctx.scheduler.cancel(note)
        case "file":
            return await ctx.storage.get_url(note)
    raise AssertionError(what)


@mutation(args={"note": NOTE}, returns=v.null())
async def takes(ctx: Any, note: str) -> None: ...


@mutation(args={}, returns=v.id("_scheduled_functions"))
async def schedule(ctx: Any) -> Any:
    return await ctx.scheduler.run_after(0, api.m.schedule)


@query(args={}, returns=v.number())
async def scheduled(ctx: Any) -> int:
    return len(await ctx.db.system.query("_scheduled_functions").collect())


@query(args={}, returns=v.array(v.any()))
async def identity(ctx: Any) -> list[Any]:
    identity = await ctx.auth.get_user_identity()
    own = None if identity is None else identity["subject"]
    metadata = await ctx.meta.get_function_metadata()
    if metadata.component_path:
        return [own]
    return [own, *await ctx.run_query(components.a.m.identity)]


@query(args={}, returns=v.any())
async def colour(ctx: Any) -> Any:
    return env.COLOUR


@internal_query(args={}, returns=v.string())
async def hidden(ctx: Any) -> str:
    return "hidden"


@query(args={"mount": v.string(), "name": v.string()}, returns=v.any())
async def call(ctx: Any, mount: str, name: str) -> Any:
    return await ctx.run_query(getattr(getattr(components, mount).m, name))


@query(args={}, returns=v.string())
async def handle_of_hidden(ctx: Any) -> str:
    return await create_function_handle(api.m.hidden)


@query(args={"mount": v.string()}, returns=v.string())
async def handle_of_foreign(ctx: Any, mount: str) -> str:
    return await create_function_handle(getattr(components, mount).m.hidden)


@query(args={"handle": v.string()}, returns=v.any())
async def run_handle(ctx: Any, handle: str) -> Any:
    run: FunctionHandle[..., Any] = FunctionHandle(handle)
    return await ctx.run_query(run)


@internal_mutation(args={"data": v.any()}, returns=v.null())
async def fail(ctx: Any, data: Any) -> None:
    raise ConvexError(data)


@mutation(args={}, returns=v.null())
async def break_down(ctx: Any) -> None:
    raise KeyError("secret of the component")


@mutation(args={}, returns=v.string())
async def survive(ctx: Any) -> str:
    try:
        await ctx.run_mutation(components.a.m.break_down)
    except KeyError:
        return "the very exception"
    except Exception as error:
        return type(error).__name__
    return "nothing"


@action(args={"text": v.string()}, returns=v.array(v.string()))
async def store(ctx: Any, text: str) -> list[str]:
    """The id of a new file, and the UUID of its bytes."""
    file = await ctx.storage.store(text.encode())
    url = await ctx.storage.get_url(file)
    return [file, url.partition("?")[0].rpartition("/")[2]]


@action(args={"file": v.string()}, returns=v.nullable(v.string()))
async def read(ctx: Any, file: str) -> str | None:
    blob = await ctx.storage.get(file)
    return None if blob is None else (await blob.read()).decode()


@mutation(args={"file": v.string(), "what": v.string()}, returns=v.any())
async def use_file(ctx: Any, file: str, what: str) -> Any:
    match what:
        case "delete":
            return await ctx.storage.delete(file)
        case "url":
            return await ctx.storage.get_url(file)
        case "metadata":
            return await ctx.storage.get_metadata(file)
        case "row":
            return await ctx.db.system.get(file)
    raise AssertionError(what)


@query(args={"cursor": v.nullable(v.string())}, returns=v.any())
async def page(ctx: Any, cursor: str | None) -> Any:
    return await ctx.db.query("notes").paginate({"numItems": 1, "cursor": cursor})


FUNCTIONS = [
    store, read, use_file, page,
    insert, texts, use, takes, schedule, scheduled, identity, colour, hidden, call,
    handle_of_hidden, handle_of_foreign, run_handle, fail, break_down, survive,
]  # fmt: skip
PATHS = ["", "a", "b", "a/inner"]


def deployment(folder: Path, **more: Any) -> Any:
    return deployed_components(folder, dict.fromkeys(PATHS, FUNCTIONS), **more)


USES = ["get", "get_many", "patch", "replace", "delete", "system", "normalize", "cancel", "file"]


async def test_ids_mean_nothing_elsewhere(tmp_path: Path) -> None:
    async with deployment(tmp_path) as running:
        notes = {path: await value_in(running, path, "m:insert", text=path) for path in PATHS}
        rows = {path: await value_in(running, path, "m:schedule") for path in PATHS}
        for owner in PATHS:
            for other in PATHS:
                if owner == other:
                    continue
                for what in USES:
                    for foreign in (notes[owner], rows[owner]):
                        arguments = {"note": foreign, "what": what}
                        result = await running.runner.run(
                            "m:use",
                            arguments,
                            identity=ADMIN,
                            component=other,
                            allow_internal=True,
                        )
                        assert result.error is not None or result.value in (None, [None]), what
                assert "Found ID from table" in await error_in(
                    running, other, "m:takes", note=notes[owner]
                ) or "does not match" in await error_in(
                    running, other, "m:takes", note=notes[owner]
                )
        for path in PATHS:
            assert await value_in(running, path, "m:texts") == [path]
            assert await value_in(running, path, "m:scheduled") == 1
            assert await value_in(running, path, "m:takes", note=notes[path]) is None


async def test_files_mean_nothing_elsewhere(tmp_path: Path) -> None:
    async with deployment(tmp_path) as running:
        files = {path: await value_in(running, path, "m:store", text=path) for path in PATHS}
        for owner in PATHS:
            for other in PATHS:
                for name in files[owner]:
                    own = owner == other
                    for what in ("url", "metadata", "row", "read", "delete"):
                        if own and what in ("delete", "row"):
                            continue
                        path = "m:read" if what == "read" else "m:use_file"
                        arguments = {"file": name, **({} if what == "read" else {"what": what})}
                        result = await running.runner.run(
                            path, arguments, identity=ADMIN, component=other, allow_internal=True
                        )
                        nothing = result.error is not None or result.value is None
                        assert nothing is not own, (what, result)
        for path in PATHS:
            assert await value_in(running, path, "m:read", file=files[path][0]) == path


async def test_cursors_mean_nothing_elsewhere(tmp_path: Path) -> None:
    async with deployment(tmp_path) as running:
        cursors = {}
        for path in PATHS:
            for text in ("first", "second"):
                await value_in(running, path, "m:insert", text=f"{text} of {path}")
            first = await value_in(running, path, "m:page", cursor=None)
            cursors[path] = first["continueCursor"]
        for owner in PATHS:
            for other in PATHS:
                if owner == other:
                    second = await value_in(running, other, "m:page", cursor=cursors[owner])
                    assert [note["text"] for note in second["page"]] == [f"second of {other}"]
                else:
                    message = await error_in(running, other, "m:page", cursor=cursors[owner])
                    assert "cursor" in message.lower()


async def test_components_do_not_learn_who_calls(tmp_path: Path) -> None:
    async with deployment(tmp_path) as running:
        ada = acting_user({"subject": "ada", "issuer": "https://x"})
        caller = Identity(kind="user", user=ada)
        result = await running.run("m:identity", identity=caller)
        assert result.value == ["ada", None]


async def test_each_mount_has_an_environment_of_its_own(tmp_path: Path) -> None:
    environments = {"a": {"COLOUR": "red"}, "b": {"COLOUR": "blue"}}
    async with deployment(tmp_path, environments=environments) as running:
        assert await value_in(running, "a", "m:colour") == "red"
        assert await value_in(running, "b", "m:colour") == "blue"
        assert await value_in(running, "a/inner", "m:colour") is None


@pytest.mark.parametrize(
    ("caller", "mount", "name", "message"),
    [
        ("", "a", "hidden", "Could not find public function for 'm:hidden'"),
        ("", "nobody", "texts", "there is no component 'nobody' in the application"),
        ("", "inner", "texts", "there is no component 'inner' in the application"),
        ("a", "b", "texts", "there is no component 'b' in component 'a'; its components are:"),
        ("a/inner", "a", "texts", "there is no component 'a' in component 'a/inner'"),
    ],
)
async def test_only_public_functions_of_own_components_can_be_called(
    tmp_path: Path, caller: str, mount: str, name: str, message: str
) -> None:
    async with deployment(tmp_path) as running:
        assert message in await error_in(running, caller, "m:call", mount=mount, name=name)


async def test_a_handle_opens_what_it_was_made_for(tmp_path: Path) -> None:
    async with deployment(tmp_path) as running:
        handles = {path: await value_in(running, path, "m:handle_of_hidden") for path in PATHS}
        assert len(set(handles.values())) == len(PATHS)
        for path in PATHS:
            for handle in handles.values():
                assert await value_in(running, path, "m:run_handle", handle=handle) == "hidden"
        message = await error_in(running, "", "m:handle_of_foreign", mount="a")
        assert "Could not find public function" in message
    async with deployment(tmp_path) as restarted:
        assert await value_in(restarted, "b", "m:run_handle", handle=handles[""]) == "hidden"
    without = {path: [run_handle] for path in PATHS if path != "a/inner"}
    async with deployed_components(tmp_path, without) as changed:
        for path in ("a", "a/inner"):
            await error_in(changed, "b", "m:run_handle", handle=handles[path])
    async with deployment(tmp_path / "other") as stranger:
        message = await error_in(stranger, "", "m:run_handle", handle=handles[""])
        assert "nor a function handle of this deployment" in message


async def test_what_is_not_meant_for_callers_stays_inside(tmp_path: Path) -> None:
    async with deployment(tmp_path) as running:
        assert await value_in(running, "", "m:survive") == "RemoteFunctionError"
