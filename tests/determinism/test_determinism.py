"""Findings and generated files are a function of the project alone."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from convexity_compiler.config import load_config
from convexity_compiler.incremental import workers
from convexity_compiler.pipeline import load_project
from convexity_compiler.rules.engine import check

from tests.support.backends import copy_project
from tests.support.corpus import CORPUS

MISTAKES = """
@query(args={"a": v.string()})
async def listed(ctx, b: int):
    rows = await ctx.db.query("nothing").filter(lambda q: q.eq(q.field("x"), 1)).collect()
    ctx.db.insert("nothing", {"x": {1, 2}})
    return rows
"""
MODULES = ("posts", "votes")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with mistakes in several modules."""
    root = copy_project(CORPUS / "forum", tmp_path_factory.mktemp("determinism") / "forum")
    for name in MODULES:
        file = root / "convex" / f"{name}.py"
        file.write_text(file.read_text() + MISTAKES)
    return root


def report(
    root: Path,
    *options: str,
    cwd: Path | None = None,
    seed: str = "0",
    cores: set[int] | None = None,
) -> bytes:
    """Return what ``check`` prints, in JSON, from a process of its own, on some cores alone."""
    command = [sys.executable, "-m", "convexity_compiler", "check", "--project", str(root)]
    run = subprocess.run(
        [*command, "--output-format", "json", *options],
        cwd=cwd or root,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=False,
        preexec_fn=None if cores is None else partial(os.sched_setaffinity, 0, cores),
    )
    assert run.returncode == 1, run.stderr
    return run.stdout


def test_cache_working_directory_and_hash_seed_make_no_difference(
    project: Path, tmp_path: Path
) -> None:
    shutil.rmtree(project / ".convexity", ignore_errors=True)
    cold = report(project)

    assert b"unknown-table" in cold
    assert report(project) == cold
    assert report(project, "--no-cache", seed="1") == cold
    assert report(project, cwd=tmp_path, seed="4242") == cold


def test_the_place_of_the_project_makes_no_difference(project: Path, tmp_path: Path) -> None:
    elsewhere = copy_project(project, tmp_path / "another name")

    assert report(elsewhere) == report(project)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_directories_makes_no_difference(
    project: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    expected = check(load_project(project, load_config(project)))
    real = os.scandir
    order = random.Random(seed)

    def shuffled(path: Any = ".") -> Iterator[os.DirEntry[str]]:
        entries = list(real(path))
        order.shuffle(entries)
        return iter(entries)

    monkeypatch.setattr(os, "scandir", shuffled)

    assert check(load_project(project, load_config(project))) == expected
    assert expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")
def test_the_number_of_cores_makes_no_difference(tmp_path: Path) -> None:
    """The project is so large that it is divided among processes where there are several cores."""
    root = copy_project(CORPUS / "hospital", tmp_path / "hospital")
    cores = sorted(os.sched_getaffinity(0))
    for file in (root / "clinic" / "wards" / "beds.py", root / "clinic" / "imaging" / "studies.py"):
        file.write_text(file.read_text() + MISTAKES)
    sizes = [path.stat().st_size for path in (root / "clinic").rglob("*.py")]
    assert sum(sizes) > workers.PARALLEL_BYTES

    alone = report(root, "--no-cache", cores={cores[0]})

    assert b"unknown-table" in alone
    assert report(root, "--no-cache", cores=set(cores[:2])) == alone


def test_generated_files_are_the_same_for_every_hash_seed_and_place(tmp_path: Path) -> None:
    texts = []
    for seed in ("0", "99"):
        root = copy_project(CORPUS / "forum", tmp_path / f"seed {seed}")
        for command in ("codegen", "build"):
            subprocess.run(
                [sys.executable, "-m", "convexity_compiler", command, "--project", str(root)],
                cwd=tmp_path,
                env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True,
                check=True,
            )
        texts.append(
            {
                path.relative_to(root).as_posix(): path.read_bytes()
                for folder in ("convex", "dist")
                for path in sorted((root / folder).rglob("*"))
                if path.is_file() and "__pycache__" not in path.parts
            }
        )

    assert texts[0]
    assert texts[0] == texts[1]
