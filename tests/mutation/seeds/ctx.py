"""Mistakes with contexts and the runtime."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import seed
from tests.mutation.seeding import READERS, TRANSACTIONS, in_bodies
from tests.mutation.source import Change, Changes, Source, last_name


@seed("scheduler-in-query")
def schedule(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, READERS, "await ctx.scheduler.cancel(job)")


@seed("storage-write-outside-action")
def store(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, TRANSACTIONS, 'file = await ctx.storage.store(b"text")')


@seed("storage-write-outside-action")
def upload_url_in_query(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, READERS, "url = await ctx.storage.generate_upload_url()")


@seed("vector-search-outside-action")
def vector_search(_: Project, source: Source) -> Iterator[Changes]:
    text = 'near = await ctx.vector_search("chunks", "by_embedding", vector=[0.5], limit=3)'
    yield from in_bodies(source, TRANSACTIONS, text)


def _run(
    project: Project, source: Source, method: str, target: str, kinds: tuple[str, ...]
) -> Iterator[Changes]:
    for function in project.linked.functions:
        if function.kind == target:
            root = "api" if function.visibility == "public" else "internal"
            path = function.path.replace("/", ".").replace(":", ".")
            dots = "." * (source.path.count("/"))
            text = f"done = await ctx.{method}({root}.{path})"
            names = f"from {dots}_generated.api import {root}"
            yield from in_bodies(source, kinds, text, "" if names in source.text else names)


@seed("run-not-allowed")
def mutation_in_query(project: Project, source: Source) -> Iterator[Changes]:
    yield from _run(project, source, "run_mutation", "mutation", READERS)


@seed("run-not-allowed")
def action_in_transaction(project: Project, source: Source) -> Iterator[Changes]:
    yield from _run(project, source, "run_action", "action", TRANSACTIONS)


@seed("network-in-transaction")
def http_client(_: Project, source: Source) -> Iterator[Changes]:
    text = 'async with httpx.AsyncClient() as web:\n        print(await web.get("https://x.org"))'
    yield from in_bodies(source, TRANSACTIONS, text, "import httpx")


@seed("network-in-transaction")
def url_open(_: Project, source: Source) -> Iterator[Changes]:
    text = 'page = urlopen("https://example.org")'
    yield from in_bodies(source, TRANSACTIONS, text, "from urllib.request import urlopen")


@seed("blocking-call")
def sleep(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, ("action",), "time.sleep(1)", "import time")


@seed("blocking-call")
def open_file(_: Project, source: Source) -> Iterator[Changes]:
    text = 'with open("notes.txt") as file:\n        print(file.read())'
    yield from in_bodies(source, ("action",), text)


@seed("blocking-call")
def process(_: Project, source: Source) -> Iterator[Changes]:
    text = 'result = sp.run(["ls"], check=True)'
    yield from in_bodies(source, ("action",), text, "import subprocess as sp")


@seed("host-access-in-transaction")
def list_folder(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, TRANSACTIONS, 'names = os.listdir(".")', "import os")


@seed("host-access-in-transaction")
def thread(_: Project, source: Source) -> Iterator[Changes]:
    text = "Thread(target=print).start()"
    yield from in_bodies(source, TRANSACTIONS, text, "from threading import Thread")


@seed("unknown-ctx-attribute")
def dbs(_: Project, source: Source) -> Iterator[Changes]:
    for node in source.find(ast.Attribute):
        is_ctx = isinstance(node.value, ast.Name) and node.value.id == "ctx"
        if is_ctx and node.attr in ("db", "scheduler", "storage", "auth"):
            yield [source.attribute(node, f"{node.attr}s")]


@seed("ctx-annotation-mismatch")
def other_context(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        annotation = entry.function.args.args[0].annotation if entry.function.args.args else None
        if annotation is not None and last_name(annotation):
            others = {
                "QueryCtx": "MutationCtx",
                "MutationCtx": "ActionCtx",
                "ActionCtx": "QueryCtx",
            }
            name = others.get(last_name(annotation), "")
            if name and name in source.text:
                text = source.segment(annotation).replace(last_name(annotation), name)
                yield [source.replace(annotation, text)]


@seed("clock-in-query")
def clock(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, READERS, "started = time.time()", "import time")


@seed("clock-in-query")
def today(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, READERS, "day = Date.today()", "from datetime import date as Date")


@seed("randomness-in-query")
def chance(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, READERS, "chosen = random.random()", "import random")


@seed("randomness-in-query")
def unique_id(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, READERS, "key = str(uuid4())", "from uuid import uuid4")


@seed("sleep-in-transaction")
def async_sleep(_: Project, source: Source) -> Iterator[Changes]:
    yield from in_bodies(source, TRANSACTIONS, "await asyncio.sleep(1)", "import asyncio")


@seed("helper-capability-mismatch")
def writing_helper(project: Project, source: Source) -> Iterator[Changes]:
    table = next(iter(project.tables))
    helper = f'''


async def write_down(ctx: "MutationCtx") -> None:
    """Write."""
    await ctx.db.insert("{table}", {{}})
'''
    if "MutationCtx" not in source.text:
        return
    for changes in in_bodies(source, READERS, "await write_down(ctx)"):
        place = len(source.text)
        yield [*changes, Change(place, place, helper)]
