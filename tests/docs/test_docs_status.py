"""What ``docs/status.md`` says of things that do not run yet; a change here changes the page."""

from __future__ import annotations

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
}


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> PageRun:
    """A backend that was built."""
    folder = tmp_path_factory.mktemp("status")
    run = PageRun(folder)
    (run.root / "convex").mkdir()
    (run.root / "pyproject.toml").write_text('[project]\nname = "notes"\n\n[tool.convexity]\n')
    for name, text in FILES.items():
        (run.root / "convex" / name).write_text(text)
    run.shell("convexity build")
    return run


def test_postgresql_is_refused_with_a_way_out(backend: PageRun) -> None:
    printed = backend.shell("DATABASE_URL=postgresql://localhost/x python dist/main.py", fails=True)

    assert "which this version cannot use yet" in printed
