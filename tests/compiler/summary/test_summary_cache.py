import json
import os
import time
from pathlib import Path

import pytest
from convexity_compiler.discover import ModuleFile
from convexity_compiler.summary.cache import STALE_AFTER_SECONDS, SummaryCache, toolchain_key
from convexity_compiler.summary.load import load_summaries
from convexity_compiler.summary.model import ModuleSummary
from convexity_compiler.summary.sources import read_sources

SOURCE = '''\
from x import y

@query(args={"ä": v.string()})
async def f(ctx, a: int = 2**70) -> None:
    """Text."""
    for row in await ctx.db.query("t").take(10):
        print(row, b"bytes", 0xffffffffffffffffffff)

    def inner(): ...
'''


def module_file(folder: Path, source: str = SOURCE, name: str = "m") -> ModuleFile:
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    return ModuleFile(path=path.name, module=name, file=path)


def facts(module: ModuleSummary) -> object:
    return (
        module.path,
        module.text,
        module.imports,
        module.assignments,
        [
            (f.name, f.span, f.parameters, f.decorators, f.docstring, f.returns, f.statements[:1])
            for f in module.functions
        ],
    )


def entries(cache: Path) -> list[Path]:
    return [path for path in (cache / toolchain_key()).iterdir() if not path.name.startswith(".")]


def test_cached_summary_equals_the_fresh_one(tmp_path: Path) -> None:
    file = module_file(tmp_path)
    cache = SummaryCache(tmp_path / "cache")
    fresh = load_summaries(read_sources([file], {}), cache)["m"]
    assert len(entries(tmp_path / "cache")) == 1
    cached = load_summaries(read_sources([file], {}), cache)["m"]
    assert cached is not fresh
    assert (
        facts(cached) == facts(fresh) == facts(load_summaries(read_sources([file], {}), None)["m"])
    )


def test_cached_summary_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = module_file(tmp_path)
    cache = SummaryCache(tmp_path / "cache")
    load_summaries(read_sources([file], {}), cache)

    def refuse(text: str) -> None:
        raise AssertionError("parsed again")

    monkeypatch.setattr("convexity_compiler.summary.load.build_trees", refuse)
    assert load_summaries(read_sources([file], {}), cache)["m"].functions[0].name == "f"


def test_changed_module_is_read_again(tmp_path: Path) -> None:
    cache = SummaryCache(tmp_path / "cache")
    load_summaries(read_sources([module_file(tmp_path)], {}), cache)
    changed = load_summaries(read_sources([module_file(tmp_path, "def g(): ...")], {}), cache)["m"]
    assert [function.name for function in changed.functions] == ["g"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"string", b"strinG"),
        lambda content: b"\x00" * len(content),
        lambda content: content + b"\n[]",
        lambda content: json.dumps({"functions": 1}).encode(),
    ],
)
def test_damaged_entries_are_made_again(tmp_path: Path, damage: object) -> None:
    file = module_file(tmp_path)
    cache = SummaryCache(tmp_path / "cache")
    fresh = facts(load_summaries(read_sources([file], {}), cache)["m"])
    (entry,) = entries(tmp_path / "cache")
    whole = entry.read_bytes()
    entry.write_bytes(damage(whole))  # type: ignore[operator]
    assert facts(load_summaries(read_sources([file], {}), cache)["m"]) == fresh
    assert entry.read_bytes() == whole


def test_unusable_cache_folder_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    cache = SummaryCache(tmp_path / "cache")
    assert (
        load_summaries(read_sources([module_file(tmp_path)], {}), cache)["m"].functions[0].name
        == "f"
    )


def test_old_entries_are_pruned_and_used_ones_kept(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cache = SummaryCache(folder)
    load_summaries(read_sources([module_file(tmp_path, "a = 1")], {}), cache)
    (first,) = entries(folder)
    other = folder / "cpython-30-0123"
    other.mkdir()
    (other / "entry").write_text("")
    old = time.time() - STALE_AFTER_SECONDS - 60
    os.utime(first, (old, old))
    os.utime(other / "entry", (old, old))
    kept = module_file(tmp_path, "b = 1", "kept")
    load_summaries(read_sources([kept], {}), cache)
    assert first not in entries(folder)
    assert not other.exists()
    (second,) = entries(folder)
    os.utime(second, (old, old))
    load_summaries(read_sources([kept, module_file(tmp_path, "c = 1", "new")], {}), cache)
    assert second in entries(folder)


def test_cache_folder_is_ignored_by_git(tmp_path: Path) -> None:
    load_summaries(read_sources([module_file(tmp_path)], {}), SummaryCache(tmp_path / "cache"))
    assert (tmp_path / "cache/.gitignore").read_text() == "*\n"


def test_unreadable_module_is_a_problem(tmp_path: Path) -> None:
    missing = ModuleFile(path="gone.py", module="gone", file=tmp_path / "gone.py")
    problem = load_summaries(read_sources([missing], {}), None)["gone"].problem
    assert problem is not None
    assert problem.kind == "unreadable"
    assert "No such file" in problem.message


def test_many_modules_are_parsed_by_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convexity_compiler.summary.load.PARALLEL_CHARACTERS", 10)
    files = [module_file(tmp_path, f"def f{n}(): return {n}\n", f"m{n}") for n in range(40)]
    files.append(module_file(tmp_path, "def broken(:", "broken"))
    cache = SummaryCache(tmp_path / "cache")
    for _ in range(2):
        summaries = load_summaries(read_sources(files, {}), cache)
        assert list(summaries) == [file.module for file in files]
        assert summaries["m7"].functions[0].name == "f7"
        assert len(summaries["m7"].functions[0].statements) == 1
        assert summaries["broken"].problem is not None
