"""``convexity.testing`` on a project with components."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.components.projects import components_project, packages_of
from tests.support.backends import run_cli

PROGRAM = """
import asyncio

from convexity.testing import convexity_test


async def main() -> None:
    from convex._generated.api import api, components

    async with convexity_test() as t:
        assert await t.mutation(api.posts.view, title="a") == 10
        assert await t.query(components.views.lib.get, name="a") == 10
        await t.mutation(api.letters.send, text="later")
        assert await t.query(api.letters.received) == []
        ran = await t.finish_scheduled_functions()
        assert [row["name"] for row in ran] == ["letters.js:deliver"], ran
        assert await t.query(api.letters.received) == ["later"]
        response = await t.fetch("/stats/views/add?name=a", method="POST")
        assert response.text == "20.0", response.text
    async with convexity_test() as t:
        assert await t.query(components.views.lib.get, name="a") == 0
    print("done")


asyncio.run(main())
"""


def test_components_run_in_tests(tmp_path: Path) -> None:
    project = components_project(tmp_path / "project")
    run_cli("codegen", folder=project, PYTHONPATH=packages_of(project))
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=project,
        env={**os.environ, "PYTHONPATH": packages_of(project)},
        capture_output=True,
        text=True,
    )
    assert run.stdout == "done\n", run.stdout + run.stderr
