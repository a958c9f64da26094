"""Putting ``dist/`` in place: all of it or nothing, and never the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from convexity_compiler.emit.backend import BuildError, build_dist

from tests.compiler.emit_backend.projects import CHAT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "convex"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__pycache__" / "index.cpython-311.pyc").write_bytes(b"x")
    (folder / "index.py").write_text("# mine\n")
    (folder / "deep").mkdir()
    (folder / "deep" / "data.txt").write_text("kept")
    return folder.parent


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_build_holds_the_users_modules_and_the_runtime(root: Path):
    build_dist(root, CHAT, root / "dist")
    built = files(root / "dist")
    assert built["convex/index.py"] == b"# mine\n"
    assert built["convex/deep/data.txt"] == b"kept"
    assert "convexity/backend.py" in built
    assert "convexity/database/sqlite/system.sql" in built
    assert not [path for path in built if "__pycache__" in path or "convexity_compiler" in path]
    assert {path.name for path in root.iterdir()} == {"convex", "dist"}


def test_an_equal_build_has_equal_bytes(root: Path):
    build_dist(root, CHAT, root / "one")
    build_dist(root, CHAT, root / "two")
    assert files(root / "one") == files(root / "two")


def test_a_new_build_drops_old_files_and_keeps_the_data(root: Path):
    dist = root / "dist"
    build_dist(root, CHAT, dist)
    (dist / "data").mkdir()
    (dist / "data" / "app.db").write_text("precious")
    (dist / "stale.py").write_text("")
    (root / "convex" / "deep" / "data.txt").unlink()
    build_dist(root, CHAT, dist)
    built = files(dist)
    assert built["data/app.db"] == b"precious"
    assert "stale.py" not in built
    assert "convex/deep/data.txt" not in built
    assert {path.name for path in root.iterdir()} == {"convex", "dist"}


def test_a_new_build_keeps_what_no_build_wrote(root: Path):
    dist = root / "dist"
    build_dist(root, CHAT, dist)
    (dist / ".env").write_text("SECRET=1")
    (dist / "own.db").write_text("precious")
    (dist / "own.db-wal").write_text("precious too")
    (dist / "certificates").mkdir()
    (dist / "certificates" / "key.pem").write_text("key")
    build_dist(root, CHAT, dist)
    built = files(dist)
    assert built[".env"] == b"SECRET=1"
    assert built["own.db"] == b"precious"
    assert built["own.db-wal"] == b"precious too"
    assert built["certificates/key.pem"] == b"key"
    assert {path.name for path in root.iterdir()} == {"convex", "dist"}


def test_a_link_to_the_output_folder_stays_a_link(root: Path):
    (root / "elsewhere").mkdir()
    (root / "dist").symlink_to("elsewhere")
    for _ in range(2):
        build_dist(root, CHAT, root / "dist")
    assert (root / "dist").is_symlink()
    assert (root / "elsewhere" / "main.py").exists()


def test_the_root_of_the_file_system_is_no_output_folder(root: Path):
    with pytest.raises(BuildError, match="cannot be the output folder"):
        build_dist(root, CHAT, Path("/"))


def test_a_failed_build_leaves_the_old_one(root: Path):
    dist = root / "dist"
    build_dist(root, CHAT, dist)
    before = files(dist)
    with pytest.raises(BuildError, match="hide a module"):
        build_dist(root, replace(CHAT, functions_folder="json"), dist)
    with pytest.raises(BuildError, match="cannot write"):
        build_dist(root, replace(CHAT, functions_folder="missing"), dist)
    assert files(dist) == before
    assert {path.name for path in root.iterdir()} == {"convex", "dist"}


@pytest.mark.parametrize("stopped", ["before the new one was in place", "before the data moved"])
def test_an_interrupted_replacement_is_finished(root: Path, stopped: str):
    dist, previous = root / "dist", root / ".dist.previous"
    build_dist(root, CHAT, dist)
    (dist / "data").mkdir()
    (dist / "data" / "app.db").write_text("precious")
    dist.rename(previous)
    if stopped == "before the data moved":
        build_dist(root, CHAT, root / "other")
        (root / "other").rename(dist)
    build_dist(root, CHAT, dist)
    assert (dist / "data" / "app.db").read_text() == "precious"
    assert not previous.exists()


def test_data_in_two_places_is_left_to_the_user(root: Path):
    dist, previous = root / "dist", root / ".dist.previous"
    for folder in (dist, previous):
        build_dist(root, CHAT, folder)
        (folder / "data").mkdir()
    with pytest.raises(BuildError, match="data in"):
        build_dist(root, CHAT, dist)
    assert (dist / "data").exists()
    assert (previous / "data").exists()


def test_a_folder_of_somebody_else_is_not_replaced(root: Path):
    with pytest.raises(BuildError, match="no build wrote"):
        build_dist(root, CHAT, root / "convex")
    assert (root / "convex" / "index.py").exists()


def test_a_file_is_not_replaced(root: Path):
    (root / "dist").write_text("mine")
    with pytest.raises(BuildError, match="is a file"):
        build_dist(root, CHAT, root / "dist")
    assert (root / "dist").read_text() == "mine"
