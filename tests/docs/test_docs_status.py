"""What ``docs/status.md`` says of things that do not run yet; a change here changes the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docs.page_run import PageRun

FILES = {
    "schema.py": """\
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(
    notes=define_table(text=v.string()),
)
""",
    "notes.py": """\
from convexity.values import v

from ._generated.server import ActionCtx, action


@action(args={}, returns=v.null())
async def store(ctx: ActionCtx) -> None:
    await ctx.storage.store(b"content")


@action(args={}, returns=v.null(), runtime="process")
async def process(ctx: ActionCtx) -> None:
    print("in a process")
""",
}


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageRun]:
    """A backend that declares everything, served."""
    folder = tmp_path_factory.mktemp("status")
    run = PageRun(folder, folder / "mypy-cache")
    (run.root / "convex").mkdir()
    (run.root / "pyproject.toml").write_text('[project]\nname = "notes"\n\n[tool.convexity]\n')
    for name, text in FILES.items():
        (run.root / "convex" / name).write_text(text)
    run.shell("convexity build")
    assert "Success" in run.shell("mypy --strict convex")
    with run.server_stopped_at_the_end():
        run.serve("python dist/main.py")
        yield run


@pytest.mark.parametrize("name", ["store", "process"])
def test_a_call_says_that_it_is_not_available(backend: PageRun, name: str) -> None:
    assert "NotAvailableError" in backend.shell(f"convexity run notes:{name}", fails=True)


def test_postgresql_is_refused_with_a_way_out(backend: PageRun) -> None:
    printed = backend.shell("DATABASE_URL=postgresql://localhost/x python dist/main.py", fails=True)

    assert "which this version cannot use yet" in printed
