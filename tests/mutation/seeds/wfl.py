"""Mistakes in workflows and agents, each in a definition of its own."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import seed
from tests.mutation.seeding import appended, has_validators, in_bodies
from tests.mutation.source import Change, Changes, Source

_WORKFLOW = '''
workflow = WorkflowManager(components.workflow)


@workflow.define(args={{}}, returns=v.null())
async def long_work(step: WorkflowCtx) -> None:
    """Work for days."""
    {body}
'''
_AGENT = 'helper = Agent(components.agent, name="helper")'


def _workflow(source: Source, body: str, imports: str = "") -> Iterator[Changes]:
    if not source.registrations or not has_validators(source):
        return
    dots = "." * source.path.count("/")
    names = (
        "from convexity.components.workflow import WorkflowCtx, WorkflowManager\n"
        f"from {dots}_generated.api import components\n{imports}"
    )
    yield appended(source, _WORKFLOW.format(body=body), names.rstrip())


@seed("nondeterminism-in-workflow")
def workflow_clock(_: Project, source: Source) -> Iterator[Changes]:
    yield from _workflow(source, "started = time.time()", "import time")


@seed("nondeterminism-in-workflow")
def workflow_chance(_: Project, source: Source) -> Iterator[Changes]:
    yield from _workflow(source, "key = str(\n        uuid4(),\n    )", "from uuid import uuid4")


@seed("side-effect-in-workflow")
def workflow_request(_: Project, source: Source) -> Iterator[Changes]:
    yield from _workflow(source, 'page = web.get("https://example.org")', "import httpx as web")


@seed("side-effect-in-workflow")
def workflow_file(_: Project, source: Source) -> Iterator[Changes]:
    yield from _workflow(source, 'Path("x").write_text("y")', "from pathlib import Path")


@seed("database-in-workflow")
def workflow_read(project: Project, source: Source) -> Iterator[Changes]:
    table = next(iter(project.tables))
    yield from _workflow(source, f'rows = await step.db.query("{table}").take(3)')


@seed("database-in-workflow")
def workflow_schedule(_: Project, source: Source) -> Iterator[Changes]:
    yield from _workflow(source, "await step.scheduler.cancel(None)")


@seed("unawaited-step")
def dropped_step(_: Project, source: Source) -> Iterator[Changes]:
    yield from _workflow(source, "step.run_action(components.shop.orders.pack)")


@seed("unawaited-step")
def dropped_query(_: Project, source: Source) -> Iterator[Changes]:
    yield from _workflow(source, "step.run_query(\n        components.shop.orders.load,\n    )")


@seed("generation-in-transaction")
def asked_in_transaction(_: Project, source: Source) -> Iterator[Changes]:
    dots = "." * source.path.count("/")
    names = (
        f"from convexity.components.agent import Agent\nfrom {dots}_generated.api import components"
    )
    for changes in in_bodies(
        source, ("mutation",), 'said = await helper.generate_text(ctx, prompt="Hi")', names
    ):
        place = source.after_imports()
        yield [*changes, Change(place, place, f"\n\n{_AGENT}\n")]


@seed("event-loop-primitive")
def workflow_sleep(_: Project, source: Source) -> Iterator[Changes]:
    yield from _workflow(source, "await asyncio.sleep(1)", "import asyncio")


@seed("event-loop-primitive")
def workflow_task(_: Project, source: Source) -> Iterator[Changes]:
    yield from _workflow(source, "task = aio.create_task(step.sleep(3))", "import asyncio as aio")


@seed("unannotated-workflow-result")
def no_result_type(_: Project, source: Source) -> Iterator[Changes]:
    for changes in _workflow(source, "print(step)"):
        added = changes[-1]
        yield [*changes[:-1], Change(added.start, added.end, added.text.replace(" -> None", ""))]


def _using(source: Source, kinds: tuple[str, ...], text: str) -> Iterator[Changes]:
    """Use, in functions of some kinds, the workflow that is appended to their module."""
    path = source.path.split("/", 1)[1].removesuffix(".py").replace("/", ".")
    for added in _workflow(source, "print(step)"):
        dots = "." * source.path.count("/")
        names = f"from {dots}_generated.api import internal as references"
        for changes in in_bodies(source, kinds, text.format(path=path)):
            place = source.after_imports()
            yield [*added, *changes, Change(place, place, f"\n{names}\n")]


@seed("workflow-run-as-mutation")
def run_as_mutation(_: Project, source: Source) -> Iterator[Changes]:
    yield from _using(source, ("mutation",), "await ctx.run_mutation(references.{path}.long_work)")


@seed("workflow-start-in-query")
def start_in_query(_: Project, source: Source) -> Iterator[Changes]:
    yield from _using(source, ("query",), "await workflow.start(ctx, references.{path}.long_work)")


@seed("polled-workflow")
def status_in_loop(_: Project, source: Source) -> Iterator[Changes]:
    text = (
        "while True:\n        state = await workflow.status(ctx, 'x')\n"
        "        await asyncio.sleep(1)"
    )
    for changes in _using(source, ("action",), text):
        place = source.after_future()
        yield [*changes, Change(place, place, "\nimport asyncio\n")]


def _callbacks(source: Source, registrar: str, root: str) -> Iterator[Changes]:
    for entry in source.registrations:
        if entry.registrar == registrar:
            path = source.path.split("/", 1)[1].removesuffix(".py").replace("/", ".")
            dots = "." * source.path.count("/")
            name = f"callbacks.{path}.{entry.function.name}"
            text = f"await workflow.start(ctx, references.{{path}}.long_work, on_complete={name})"
            for changes in _using(source, ("mutation",), text):
                place = source.after_imports()
                names = f"\nfrom {dots}_generated.api import {root} as callbacks\n"
                yield [*changes, Change(place, place, names)]


@seed("on-complete-signature")
def other_arguments(_: Project, source: Source) -> Iterator[Changes]:
    yield from _callbacks(source, "internal_mutation", "internal")


@seed("on-complete-signature")
def other_kind_of_function(_: Project, source: Source) -> Iterator[Changes]:
    yield from _callbacks(source, "query", "api")


@seed("public-on-complete")
def public_callback(_: Project, source: Source) -> Iterator[Changes]:
    yield from _callbacks(source, "mutation", "api")
