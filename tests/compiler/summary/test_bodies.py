"""Bodies of functions that are dropped, and come back when somebody asks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from convexity_compiler.discover import ModuleFile
from convexity_compiler.summary.lazy import LazyModules
from convexity_compiler.summary.sources import read_sources
from convexity_compiler.summary.statements import ClassDefinition, FunctionDefinition
from convexity_compiler.summary.summarise import summarise

SOURCE = b'''\
from x import y

@query(args={"a": v.string()})
async def f(ctx, a: int = 2**70) -> None:
    """Text."""
    for row in await ctx.db.query("t").take(10):
        print(row, b"bytes", 0xffffffffffffffffffff)

    def inner():
        yield row

    class Inner:
        def method(self): return inner

def g(): return f
'''


def test_a_released_body_is_the_same_again() -> None:
    module = summarise(SOURCE, "m.py")
    before = [function.statements for function in module.functions]
    module.release()
    after = [function.statements for function in module.functions]
    assert [function.name for function in module.functions] == ["f", "inner", "method", "g"]
    assert [function.is_generator for function in module.functions] == [False, True, False, False]
    for former, latter in zip(before, after, strict=True):
        assert former is not latter
    assert before[0][0] == after[0][0]
    assert before[1:] == after[1:]


def test_a_released_body_refers_to_the_definitions_of_its_module() -> None:
    module = summarise(SOURCE, "m.py")
    module.release()
    _, function, definition = module.functions[0].statements
    assert isinstance(function, FunctionDefinition)
    assert isinstance(definition, ClassDefinition)
    assert function.function is module.functions[1]
    assert definition.definition is module.classes[0]
    assert definition.definition.methods == (module.functions[2],)


def test_a_body_that_is_asked_for_far_down_the_stack_comes_back() -> None:
    deep = "[" * 90 + "]" * 90
    module = summarise(f"def f(): return {deep}\n".encode(), "m.py")
    before = module.functions[0].statements
    module.release()

    def below(depth: int) -> object:
        return module.functions[0].statements if depth == 0 else below(depth - 1)

    frames = len(list(_frames()))
    assert below(sys.getrecursionlimit() - frames - 40) == before


def _frames() -> list[object]:
    frame, found = sys._getframe(), list[object]()
    while frame.f_back is not None:
        frame = frame.f_back
        found.append(frame)
    return found


@pytest.mark.parametrize("name", ["gone.py", "folder.py"])
def test_an_unreadable_module_is_a_problem(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.py").mkdir()
    file = ModuleFile(path=name, module=name.removesuffix(".py"), file=tmp_path / name)
    problem = LazyModules(read_sources([file], {}), {})[file.module].problem
    assert problem is not None
    assert problem.kind == "unreadable"
