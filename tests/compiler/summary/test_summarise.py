import ast
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.model import ModuleSummary
from convexity_compiler.summary.node import Node
from convexity_compiler.summary.summarise import summarise
from convexity_compiler.summary.walk import children, walk_statements

from tests.compiler.projects import source_at


def summary(text: str) -> ModuleSummary:
    return summarise(dedent(text).encode(), "m.py")


def everything_below(node: Node) -> list[Node]:
    found = [node]
    for child in children(node):
        found += everything_below(child)
    return found


def test_functions_with_their_parts() -> None:
    module = summary('''
        @cached
        @query(args={})
        async def f(ctx: QueryCtx, /, a: int = 1, *rest, b, c=2, **more) -> None:
            """Say hello.

            Twice.
            """
            return None
    ''')
    (function,) = module.functions
    assert (function.name, function.is_async, function.placement) == ("f", True, "module")
    assert function.docstring == "Say hello.\n\nTwice."
    assert [(entry.name, entry.kind) for entry in function.parameters] == [
        ("ctx", "positional_only"),
        ("a", "positional"),
        ("rest", "var_positional"),
        ("b", "keyword_only"),
        ("c", "keyword_only"),
        ("more", "var_keyword"),
    ]
    assert [entry.default is not None for entry in function.parameters] == [
        False, True, False, False, True, False,
    ]  # fmt: skip
    assert source_at(module, function.name_span) == "f"
    assert source_at(module, function.parameters[1].span) == "a: int = 1"
    assert source_at(module, function.decorators[0].span) == "cached"
    assert source_at(module, function.span).startswith("@cached")
    assert [type(entry) for entry in function.statements] == [s.Return]


@pytest.mark.parametrize(
    ("text", "placement"),
    [
        ("def f(): pass", "module"),
        ("if x:\n    def f(): pass", "conditional"),
        ("try:\n    def f(): pass\nexcept E:\n    pass", "conditional"),
        ("for x in y:\n    def f(): pass", "conditional"),
        ("while x:\n    def f(): pass", "conditional"),
        ("with x:\n    def f(): pass", "conditional"),
        ("match x:\n    case 1:\n        def f(): pass", "conditional"),
        ("if TYPE_CHECKING:\n    def f(): pass", "type_checking"),
        ("if typing.TYPE_CHECKING:\n    def f(): pass", "type_checking"),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    def f(): pass", "conditional"),
        ("class C:\n    def f(): pass", "class"),
        ("def outer():\n    def f(): pass", "function"),
        ("def outer():\n    if x:\n        def f(): pass", "function"),
    ],
)
def test_placement(text: str, placement: str) -> None:
    found = {function.name: function.placement for function in summary(text).functions}
    assert found["f"] == placement


def test_nested_definitions_know_their_place_and_are_in_the_body() -> None:
    module = summary("""
        def outer():
            def inner(): return 1
            class Local: pass
    """)
    assert [function.qualified_name for function in module.functions] == ["outer", "outer.inner"]
    first, second = module.functions[0].statements
    assert isinstance(first, s.FunctionDefinition)
    assert first.function is module.functions[1]
    assert isinstance(second, s.ClassDefinition)
    assert second.definition.placement == "function"


def test_generators_are_recognised_in_their_own_body_only() -> None:
    module = summary("""
        def a(): yield 1
        def b():
            def c(): yield 2
        def d(): return (x for x in y)
        def e(): return lambda: (yield)
    """)
    assert {f.name: f.is_generator for f in module.functions} == {
        "a": True, "b": False, "c": True, "d": False, "e": False,
    }  # fmt: skip


def test_imports_with_scope_and_names() -> None:
    module = summary("""
        from __future__ import annotations
        import a.b
        import a.b as c
        from . import d
        from ..e.f import g as h, i
        from j import *
        if TYPE_CHECKING:
            from k import L
        def f():
            import m
    """)
    found = [(x.module, x.level, x.name, x.bound, x.scope) for x in module.imports]
    assert found == [
        ("__future__", 0, "annotations", "annotations", "module"),
        ("a.b", 0, None, "a", "module"),
        ("a.b", 0, None, "c", "module"),
        ("", 1, "d", "d", "module"),
        ("e.f", 2, "g", "h", "module"),
        ("e.f", 2, "i", "i", "module"),
        ("j", 0, "*", "*", "module"),
        ("k", 0, "L", "L", "type_checking"),
        ("m", 0, None, "m", "function"),
    ]
    assert module.future_annotations


def test_classes_with_their_fields() -> None:
    module = summary("""
        class Profile(Base[int], TypedDict, total=False):
            '''A profile.'''
            name: str
            age: float = 1
            plain = 2
            def method(self): ...
    """)
    (definition,) = module.classes
    assert [field.name for field in definition.fields] == ["name", "age", "plain"]
    assert [field.annotation is None for field in definition.fields] == [False, False, True]
    assert [name for name, _ in definition.keywords] == ["total"]
    assert [method.name for method in definition.methods] == ["method"]
    assert source_at(module, definition.name_span) == "Profile"


def test_spans_count_characters_not_bytes() -> None:
    module = summary("x = ['ä😀', query] # ü\ny = f('é', w.z)\n")
    first, second = module.assignments
    assert isinstance(first.statement.value, e.List)
    assert source_at(module, first.statement.value.span) == "['ä😀', query]"
    assert source_at(module, first.statement.value.elements[1].span) == "query"
    call = second.statement.value
    assert isinstance(call, e.Call)
    attribute = call.arguments[1]
    assert isinstance(attribute, e.Attribute)
    assert source_at(module, attribute.name_span) == "z"


def test_source_is_the_text_of_a_span() -> None:
    module = summary("value = call(\n    'ä',\n    2,\n)\n")
    value = module.assignments[0].statement.value
    assert value is not None
    span = value.span
    assert module.source(span) == source_at(module, span) == "call(\n    'ä',\n    2,\n)"


@pytest.mark.parametrize(
    "text",
    ["None", "True", "-1", "1.5", "1e400", "'x'", "b'\\x00\\xff'", "2**70", str(2**70), "'\\ud800'",
     "0x" + "f" * 5000],
)  # fmt: skip
def test_constants_keep_value_and_type(text: str) -> None:
    value = summary(f"x = [{text}]").assignments[0].statement.value
    assert isinstance(value, e.List)
    found = value.elements[0]
    expected = ast.parse(text, mode="eval").body
    if isinstance(expected, ast.Constant):
        assert isinstance(found, e.Constant)
        assert type(found.value) is type(expected.value)
        assert found.value == expected.value


@pytest.mark.parametrize(
    "text",
    [
        "a.b(c, *d, e=f, **g)[h]", "[a, *b]", "(a, b)", "{a: b, **c}", "{a, b}", "not a", "a | b",
        "a and b or c", "a < b is not c not in d", "a if b else c", "f'{a!r:>{b}} c'", "await a",
        "(a := b)", "lambda a, *b, c=d: e", "[a for b in c if d for e in f]", "{a: b for c in d}",
        "(a async for b in c)", "a[b:c:d]", "(yield a)", "1j", "...", "a @ b // c",
    ],
)  # fmt: skip
def test_every_expression_keeps_every_name(text: str) -> None:
    module = summary(f"async def f():\n    x = {text}\n")
    (statement,) = module.functions[0].statements
    assert isinstance(statement, s.Assign)
    assert statement.value is not None
    names = {node.id for node in everything_below(statement.value) if isinstance(node, e.Name)}
    wanted = {
        node.id for node in ast.walk(ast.parse(f"async def f():\n x = {text}"))
        if isinstance(node, ast.Name) and node.id != "x"
    }  # fmt: skip
    assert wanted == names
    assert source_at(module, statement.value.span) in (text, text[1:-1])


def test_every_statement_is_kept() -> None:
    module = summary("""
        async def f():
            global g
            a: int = 1
            b += 2
            for c in d:
                if e: break
                else: continue
            async for h in i: pass
            while j: k()
            with l as m: n()
            async with o as p, q: r()
            try: t()
            except* (U, V) as w: x()
            else: y()
            finally: z()
            match aa:
                case {"b": bb, **rest} if cc: dd()
                case _: pass
            del ee
            assert ff, gg
            raise hh from ii
            return jj
    """)
    statements = list(walk_statements(module.functions[0].statements))
    assert {type(entry).__name__ for entry in statements} == {
        "Scope", "Assign", "For", "If", "Jump", "While", "With", "Try", "Match", "Delete",
        "Assert", "Raise", "Return", "Evaluate",
    }  # fmt: skip
    match = next(entry for entry in statements if isinstance(entry, s.Match))
    assert match.cases[0].names == ("rest", "bb") or match.cases[0].names == ("bb", "rest")
    assert [case.is_irrefutable for case in match.cases] == [False, True]


def test_top_level_statements_are_flattened_with_their_placement() -> None:
    module = summary("""
        call()
        if test():
            other()
            for x in items(): third()
        with opened() as handle: pass
    """)
    found = [
        (module.source(entry.statement.span), entry.placement)
        for entry in module.statements
        if isinstance(entry.statement, s.Evaluate)
    ]
    assert found == [
        ("call()", "module"),
        ("test()", "module"),
        ("other()", "conditional"),
        ("items()", "conditional"),
        ("third()", "conditional"),
        ("opened()", "module"),
    ]
    bound = [module.source(entry.span) for entry in module.assignments]
    assert bound == ["x", "handle"]


def test_comments_to_convexity_are_kept() -> None:
    module = summary("""
        x = 1  # convexity: ignore[unknown-index] on purpose
        # an ordinary comment
        # convexity: disable[star-import]
        y = "# convexity: ignore[not-a-comment]"
    """)
    assert [(c.span.line, c.own_line) for c in module.comments] == [(2, False), (4, True)]
    assert module.comments[0].text == "# convexity: ignore[unknown-index] on purpose"
    assert source_at(module, module.comments[0].span) == module.comments[0].text


@pytest.mark.parametrize(
    ("source", "kind", "line", "column", "words"),
    [
        (b"def f(:\n", "syntax", 1, 7, "invalid syntax"),
        (b"x = 1\n  y = 2\n", "syntax", 2, 2, "unexpected indent"),
        (b"x = (\n", "syntax", 1, 5, "never closed"),
        (b"x = '''abc\n", "syntax", 1, 5, "unterminated"),
        (b"return = 1", "syntax", 1, 8, "invalid syntax"),
        (b"x = 1\ny = 'a\0b'\n", "encoding", 2, 7, "null character"),
        (b"x = 1\ny = '\xff'\n", "encoding", 2, 6, "0xff"),
        (b"# coding: nonsense\n", "encoding", 1, 1, "nonsense"),
        (b"# coding: rot13\nx = 1\n", "encoding", 1, 1, "rot13"),
        (b"x = " + b"(" * 250 + b")" * 250, "syntax", 1, 205, "too many nested parentheses"),
        (b"x = " + b"-" * 100_000 + b"1", "depth", 1, 1, "deeply"),
        (b"x = " + b"+".join([b"1"] * 50_000), "depth", 1, 1, "deeply"),
    ],
)
def test_what_cannot_be_parsed_is_a_problem_with_a_place(
    source: bytes, kind: str, line: int, column: int, words: str
) -> None:
    module = summarise(source, "m.py")
    assert module.problem is not None
    assert (module.problem.kind, module.problem.span[:2]) == (kind, (line, column))
    assert words in module.problem.message
    assert module.functions == ()
    assert module.problem.span[:2] < module.problem.span[2:] or kind in ("encoding", "depth")


@pytest.mark.parametrize(
    "source",
    [
        b"\xef\xbb\xbfname = '\xc3\xa4'\n",
        b"# -*- coding: latin-1 -*-\nname = '\xe4'\n",
        b"name = '\xc3\xa4'\r\nother = 1\r\n",
        b"name = '\xc3\xa4'\rother = 1",
    ],
)
def test_encodings_and_line_ends(source: bytes) -> None:
    module = summarise(source, "m.py")
    assert module.problem is None
    value = module.assignments[0].statement.value
    assert isinstance(value, e.Constant)
    assert value.value == "ä"
    assert "\r" not in module.text


def test_warnings_of_the_parser_are_silent(recwarn: pytest.WarningsRecorder) -> None:
    assert summary("x = '\\d'\ny = 1 is 1\n").problem is None
    assert list(recwarn) == []


def test_the_standard_library_can_be_summarised() -> None:
    folder = Path(ast.__file__).parent
    for path in sorted(folder.glob("*.py"))[::8]:
        source = path.read_bytes()
        module = summarise(source, path.name)
        assert module.problem is None, path
        tree = ast.parse(source)
        expected = sum(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree)
        )
        assert len(module.functions) == expected
        for function in module.functions:
            assert source_at(module, function.name_span) == function.name


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the type statement is new in Python 3.12")
def test_type_statements() -> None:
    (binding,) = summary("type Name = str | None").assignments
    assert binding.statement.is_type_statement
