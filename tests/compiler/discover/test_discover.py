from pathlib import Path

import pytest
from convexity_compiler.config import Config
from convexity_compiler.discover import ProjectFiles, discover


def found(root: Path, *names: str, functions: str = "convex") -> ProjectFiles:
    for name in names:
        path = root / functions / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    return discover(root, Config(root=root, functions=functions))


def test_modules_are_sorted_by_path_and_named_by_wire_path(tmp_path: Path) -> None:
    files = found(tmp_path, "messages/access.py", "b.py", "a.py", "messages.py")
    assert [file.module for file in files.modules] == ["a", "b", "messages", "messages/access"]
    assert [file.path for file in files.modules][-1] == "messages/access.py"
    assert all(file.file.is_file() for file in files.modules)


def test_generated_code_caches_and_hidden_folders_are_skipped(tmp_path: Path) -> None:
    files = found(
        tmp_path,
        "_generated/api.py",
        "sub/_generated/api.py",
        "__pycache__/x.py",
        ".hidden/x.py",
        "notes.txt",
        "stub.pyi",
        "kept.py",
    )
    assert [file.module for file in files.modules] == ["kept"]


def test_package_files_are_apart(tmp_path: Path) -> None:
    files = found(tmp_path, "__init__.py", "sub/__init__.py", "sub/a.py")
    assert [file.module for file in files.package_files] == ["__init__", "sub/__init__"]
    assert [file.module for file in files.modules] == ["sub/a"]


@pytest.mark.parametrize(
    ("name", "part", "reason"),
    [
        ("my-module.py", "my-module", "identifier"),
        ("a.b.py", "a.b", "identifier"),
        ("2nd.py", "2nd", "identifier"),
        ("class.py", "class", "keyword"),
        ("größe.py", "größe", "ASCII"),
        ("bad folder/ok.py", "bad folder", "identifier"),
    ],
)
def test_names_that_cannot_be_addressed_are_reported(
    tmp_path: Path, name: str, part: str, reason: str
) -> None:
    files = found(tmp_path, name, "good.py")
    (invalid,) = files.invalid_names
    assert (invalid.path, invalid.part) == (name, part)
    assert reason in invalid.reason
    assert [file.module for file in files.modules] == ["good"]


def test_names_of_the_framework_are_reported(tmp_path: Path) -> None:
    assert found(tmp_path, "_system/x.py", "_deps.py").reserved == ("_deps.py", "_system/x.py")


def test_functions_folder_may_have_another_name_and_depth(tmp_path: Path) -> None:
    files = found(tmp_path, "a.py", functions="src/backend")
    assert [file.module for file in files.modules] == ["a"]
    assert files.exists


def test_missing_folder_has_no_modules(tmp_path: Path) -> None:
    files = discover(tmp_path, Config(root=tmp_path))
    assert not files.exists
    assert files.modules == ()


def test_folder_that_links_to_itself_is_read_once(tmp_path: Path) -> None:
    found(tmp_path, "a/b.py")
    (tmp_path / "convex/a/loop").symlink_to(tmp_path / "convex/a", target_is_directory=True)
    files = discover(tmp_path, Config(root=tmp_path))
    assert [file.module for file in files.modules] == ["a/b"]
