"""Worker processes that cannot begin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from convexity.functions.registration import action
from convexity.processes.pool import WorkerPool
from convexity.values import v

from tests.functions.harness import deployed


class Jobs:
    @action(args={}, returns=v.null(), runtime="process")
    async def job(ctx: Any) -> None: ...


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (
            "import os; os._exit(9)",
            "No process could be started for m.js:job: it exited with code 9.",
        ),
        ("import missing_library", "Uncaught ModuleNotFoundError: No module named"),
    ],
)
async def test_a_project_that_cannot_be_imported_there(
    tmp_path: Path, module: str, message: str
) -> None:
    (tmp_path / "functions.py").write_text(module)
    pool = WorkerPool(tmp_path, 1)
    async with deployed(tmp_path / "data", Jobs, processes=pool) as deployment:
        assert message in await deployment.error("m:job")
    await pool.close()
