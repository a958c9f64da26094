"""What a check finds does not depend on what was checked before, nor on how."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from convexity_compiler.config import Config, load_config
from convexity_compiler.diagnostics.model import Diagnostic
from convexity_compiler.incremental import workers
from convexity_compiler.session import CheckSession
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SERVER = (
    "from ._generated.server import QueryCtx, MutationCtx, query, mutation, internal_mutation\n"
)
HEAD = f"from convexity.values import v\n{SERVER}"
SCHEMA = """\
from convexity.server import define_schema, define_table
from convexity.values import v

from .shared import FIELDS

schema = define_schema(
    rows=define_table(name=v.string()).index("by_name", ["name"]),
    notes=define_table(FIELDS),
)
"""
READ = """\
@query(args={}, returns=v.array(v.any()))
async def listed(ctx: QueryCtx) -> list[object]:
    return list(await ctx.db.query("rows").with_index("by_name").eq("name", "a").take(10))
"""
WRITE = """\
@internal_mutation(args={"name": v.string()}, returns=v.null())
async def add(ctx: MutationCtx, name: str) -> None:
    await ctx.db.insert("rows", {"name": name})
"""
RUN = """\
from ._generated.api import internal

@mutation(args={}, returns=v.null())
async def start(ctx: MutationCtx) -> None:
    await ctx.scheduler.run_after(0, internal.writes.add, name="a")
"""

VARIANTS: dict[str, tuple[str | None, ...]] = {
    "schema.py": (
        SCHEMA,
        SCHEMA.replace("by_name", "name_index"),
        SCHEMA.replace("rows=", "lines="),
        SCHEMA.replace("FIELDS)", "unknown())"),
        "schema = (",
        None,
    ),
    "shared.py": (
        'from convexity.values import v\nFIELDS = {"text": v.string()}\n',
        'from convexity.values import v\nFIELDS = {"text": v.bigint(), "owner": v.id("rows")}\n',
        'from convexity.values import v\nFIELDS = {"text": str, "_x": v.strin()}\n',
        "from .other import FIELDS\n\n\ndef helper(): ...\n",
        None,
    ),
    "other.py": (
        "from .shared import FIELDS\n",
        'from convexity.values import v\nFIELDS = {"a": v.optional(v.optional(v.any()))}\n',
        None,
    ),
    "reads.py": (
        HEAD + READ,
        "# one line down\n" + HEAD + READ,
        HEAD + READ.replace('"rows"', '"raws"'),
        HEAD + READ.replace(".take(10)", ".collect()  # convexity: ignore[unbounded-collect] few"),
        HEAD + READ + READ.replace("listed", "later").replace('"by_name"', '"by_text"'),
        HEAD + "from .shared import FIELDS\n" + READ.replace("args={}", "args=FIELDS"),
        "# convexity: file-ignore[missing-await] nothing to see\n",
        None,
    ),
    "writes.py": (
        HEAD + WRITE,
        HEAD + WRITE.replace("internal_mutation", "mutation"),
        HEAD + WRITE.replace('"name": v.string()', '"text": v.string()').replace("name:", "text:"),
        HEAD + WRITE.replace("v.string()", "v.strin()"),
        HEAD + WRITE.replace("async def add", "async def put"),
        None,
    ),
    "runs.py": (
        HEAD + RUN,
        HEAD + RUN.replace("writes.add", "writes.ad"),
        HEAD + "from .shared import FIELDS\n" + RUN.replace("args={}", "args=FIELDS"),
        HEAD + "from . import reads, shared\n" + RUN.replace("args={}", "args=shared.FIELDS"),
        None,
    ),
    "http.py": (
        None,
        "from convexity.server import http_router\nhttp = http_router()\n"
        "http.route(path='/a', method='GET', handler=None)\n",
        "from convexity.server import http_router\nrouter = http_router()\n",
    ),
    "crons.py": (
        None,
        "from datetime import timedelta\nfrom convexity.server import cron_jobs\n"
        "from ._generated.api import internal\ncrons = cron_jobs()\n"
        "crons.interval('tidy', timedelta(hours=1), internal.writes.add, name='a')\n",
    ),
    "deep/er.py": (
        None,
        "from ..http import http\nhttp.route(path='/b', method='GET')\n",
        "from ..shared import FIELDS as SHARED\nfrom .. import writes\nwrites.add\n",
    ),
    "deep/__init__.py": (None, "from ..writes import add\n", "from .er import *\n"),
}
"""What each file may hold; None for no file."""


def write(root: Path, name: str, text: str | None) -> None:
    path = root / "convex" / name
    if text is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def fresh(config: Config) -> tuple[Diagnostic, ...]:
    return CheckSession(config.root, config, use_cache=False, processes=1).check().examined


def first_project(root: Path) -> Config:
    (root / "convex").mkdir(parents=True)
    for name, variants in VARIANTS.items():
        write(root, name, variants[0])
    return replace(load_config(root), profile="all")


EDITS = st.sampled_from(
    [(name, index) for name, variants in VARIANTS.items() for index in range(len(variants))]
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.lists(st.lists(EDITS, min_size=1, max_size=2), min_size=1, max_size=6))
def test_a_check_after_edits_finds_what_a_first_check_finds(
    steps: list[list[tuple[str, int]]],
) -> None:
    with TemporaryDirectory() as folder:
        config = first_project(Path(folder).resolve() / "project")
        editor = CheckSession(config.root, config, use_cache=False, processes=1)
        editor.check()
        CheckSession(config.root, config, processes=1).check()
        for edits in steps:
            for name, index in edits:
                write(config.root, name, VARIANTS[name][index])
            expected = fresh(config)
            assert editor.check().examined == expected
            assert CheckSession(config.root, config, processes=1).check().examined == expected


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A project with findings in all of its modules."""
    config = first_project(tmp_path_factory.mktemp("findings") / "project")
    for name, variants in VARIANTS.items():
        write(config.root, name, variants[2] if len(variants) > 2 else variants[1])
    return config


def test_several_processes_find_what_one_finds(config: Config) -> None:
    found = [
        CheckSession(config.root, config, use_cache=False, processes=processes).check().examined
        for processes in (1, 2, 3)
    ]
    assert found[0]
    assert found[0] == found[1] == found[2]


def test_a_large_project_is_checked_in_parts(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = fresh(config)
    monkeypatch.setattr(workers, "LARGEST_PART_BYTES", 1)
    session = CheckSession(config.root, config, use_cache=False, processes=2)
    assert session.check().examined == expected


@pytest.mark.parametrize("part_bytes", [1, workers.LARGEST_PART_BYTES])
def test_a_process_that_fails_is_done_without(
    config: Config, monkeypatch: pytest.MonkeyPatch, part_bytes: int
) -> None:
    monkeypatch.setattr(workers, "LARGEST_PART_BYTES", part_bytes)
    import os

    from convexity_compiler.rules import engine

    parent = os.getpid()
    check_module = engine.check_module

    def fail_in_children(*arguments: object) -> object:
        if os.getpid() != parent:
            raise MemoryError
        return check_module(*arguments)  # type: ignore[arg-type]

    expected = fresh(config)
    monkeypatch.setattr(engine, "check_module", fail_in_children)
    session = CheckSession(config.root, config, use_cache=False, processes=2)
    assert session.check().examined == expected


def test_settings_count_at_once(config: Config) -> None:
    CheckSession(config.root, config, processes=1).check()
    for changed in (
        replace(config, ignore=("unknown-validator",)),
        replace(config, severity={"unknown-validator": "warning"}),
        replace(config, per_file_ignores={"convex/shared.py": ("unknown-validator",)}),
        replace(config, profile="guidelines"),
    ):
        found = CheckSession(config.root, changed, processes=1).check().examined
        assert found == fresh(changed) != fresh(config)


def test_an_installed_package_counts_at_once(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    (config.root / "pyproject.toml").write_text(
        '[project]\nname = "a"\nversion = "1"\ndependencies = []\n', encoding="utf-8"
    )
    settings = load_config(config.root)
    write(config.root, "imports.py", "import surely_nowhere\n")

    def unresolved() -> bool:
        result = CheckSession(config.root, settings, processes=1).check()
        return "unresolved-import" in {entry.rule for entry in result.findings}

    try:
        assert unresolved()
        library = config.root.parent / "library"
        library.mkdir()
        (library / "surely_nowhere.py").touch()
        monkeypatch.syspath_prepend(str(library))
        assert not unresolved()
    finally:
        write(config.root, "imports.py", None)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"shared", b"shores"),
        lambda content: b"\x00" * len(content),
        lambda content: b"{}",
        lambda content: content + b"]",
    ],
)
def test_a_damaged_cache_is_made_again(config: Config, damage: object) -> None:
    expected = CheckSession(config.root, config, processes=1).check().examined
    states = list((config.cache_path / "checks").iterdir())
    assert states
    for path in states:
        path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert CheckSession(config.root, config, processes=1).check().examined == expected


def test_a_cache_that_cannot_be_written_is_done_without(config: Config) -> None:
    expected = fresh(config)
    shutil.rmtree(config.cache_path, ignore_errors=True)
    config.cache_path.parent.mkdir(parents=True, exist_ok=True)
    config.cache_path.write_text("no folder")
    try:
        for _ in range(2):
            assert CheckSession(config.root, config, processes=1).check().examined == expected
    finally:
        config.cache_path.unlink()
