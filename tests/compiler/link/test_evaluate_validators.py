from pathlib import Path
from textwrap import dedent

import pytest
from convexity.values import Int64, Validator, v
from convexity_compiler.link.model import Unresolved

from tests.compiler.projects import HEADER, link_files, link_module

SCHEMA = """\
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(
    users=define_table(name=v.string(), email=v.optional(v.string())),
    results=define_table(
        v.union(
            v.object(kind=v.literal("error"), message=v.string()),
            v.object(kind=v.literal("success"), value=v.number()),
        )
    ),
)
"""
SHARED = """\
from convexity.values import v

NAME = v.string()
USER = {"name": NAME, "age": v.number()}
ROLES = ("admin", "member")

def page(item, *, limit=None, extra={}):
    fields = {"items": v.array(item)} | extra
    return v.object(fields)

def role(*names): return v.union(*[v.literal(name) for name in names])
"""
USER_DOC = v.object(
    _id=v.id("users"), _creationTime=v.number(), name=v.string(), email=v.optional(v.string())
)


def returned(root: Path, expression: str, before: str = "") -> Validator | Unresolved:
    """Evaluate ``returns=expression`` in a project with a schema and a shared module."""
    module = f"""\
{HEADER}
import datetime
import convexity.values as values
from convexity.server import pagination_opts_validator, pagination_result_validator
from typing import TYPE_CHECKING
from . import shared
from .schema import schema
from .shared import USER, page, role as make_role
if TYPE_CHECKING:
    from .shared import NAME as STATIC_NAME
{dedent(before)}
@query(args={{}}, returns={expression})
async def f(ctx: QueryCtx): ...
"""
    project = link_files(root, {"m.py": module, "schema.py": SCHEMA, "shared.py": SHARED})
    assert project.modules["m"].problem is None, project.modules["m"].problem
    returns = project.functions[0].returns
    assert returns is not None
    if returns.validator is None:
        assert project.unresolved
        return project.unresolved[0]
    assert project.unresolved == ()
    return returns.validator


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("v.string()", v.string()),
        ("values.v.string()", v.string()),
        ("v.array(v.id('users'))", v.array(v.id("users"))),
        ("v.object({'a': v.int64(), 'b': v.null()})", v.object(a=v.int64(), b=v.null())),
        ("v.object(a=v.any(), b=v.boolean())", v.object(a=v.any(), b=v.boolean())),
        (
            "v.object({'a': v.bytes(), **USER})",
            v.object(a=v.bytes(), name=v.string(), age=v.number()),
        ),
        ("v.object(USER | {'b': v.null()})", v.object(name=v.string(), age=v.number(), b=v.null())),
        ("v.object(**USER)", v.object(name=v.string(), age=v.number())),
        ("shared.NAME", v.string()),
        ("v.union(v.literal('a', 'b'), v.null())", v.union(v.literal("a", "b"), v.null())),
        (
            "v.union(*[v.literal(x) for x in shared.ROLES])",
            v.union(v.literal("admin"), v.literal("member")),
        ),
        (
            "v.object({f'is_{x}': v.boolean() for x in shared.ROLES if x != 'admin'})",
            v.object(is_member=v.boolean()),
        ),
        (
            "v.object({name: v.string() for name in ['a', 'b']})",
            v.object(a=v.string(), b=v.string()),
        ),
        (
            "v.nullable(v.record(v.string(), v.number()))",
            v.nullable(v.record(v.string(), v.number())),
        ),
        ("v.string() if len(shared.ROLES) == 2 else v.null()", v.string()),
        ("v.string() if not shared.ROLES else v.null()", v.null()),
        ("page(v.string())", v.object(items=v.array(v.string()))),
        (
            "page(item=v.null(), extra={'n': v.number()})",
            v.object(items=v.array(v.null()), n=v.number()),
        ),
        (
            "shared.page(make_role('x', *shared.ROLES))",
            v.object(
                items=v.array(v.union(v.literal("x"), v.literal("admin"), v.literal("member")))
            ),
        ),
        ("schema.doc('users')", USER_DOC),
        ("v.array(schema.doc('users').omit('email'))", v.array(USER_DOC.omit("email"))),
        ("v.object(schema.doc('users').fields)", USER_DOC),
        (
            "schema.doc('users').partial().pick('name').extend({'x': v.null()})",
            v.object(name=v.optional(v.string()), x=v.null()),
        ),
        (
            "schema.tables['users'].validator",
            v.object(name=v.string(), email=v.optional(v.string())),
        ),
        ("schema.id('users')", v.id("users")),
        ("schema.doc('_storage').pick('sha256')", v.object(sha256=v.string())),
        (
            "schema.doc('results')",
            v.union(
                v.object(
                    _id=v.id("results"),
                    _creationTime=v.number(),
                    kind=v.literal("error"),
                    message=v.string(),
                ),
                v.object(
                    _id=v.id("results"),
                    _creationTime=v.number(),
                    kind=v.literal("success"),
                    value=v.number(),
                ),
            ),
        ),
        (
            "pagination_result_validator(schema.doc('users')).pick('page')",
            v.object(page=v.array(USER_DOC)),
        ),
        ("v.literal(-1)", v.literal(-1)),
        ("v.literal(values.Int64(3))", v.literal(Int64(3))),
        ("v.literal('a' 'b')", v.literal("ab")),
        ("v.literal('-'.join(shared.ROLES).upper())", v.literal("ADMIN-MEMBER")),
        ("USER['name']", v.string()),
        ("v.object(dict(USER, z=v.null()))", v.object(name=v.string(), age=v.number(), z=v.null())),
        (
            "v.object({k: v.optional(x) for k, x in USER.items()})",
            v.object(name=v.optional(v.string()), age=v.optional(v.number())),
        ),
        (
            "pagination_opts_validator",
            v.object(
                numItems=v.number(),
                cursor=v.nullable(v.string()),
                endCursor=v.optional(v.nullable(v.string())),
                id=v.optional(v.number()),
                maximumRowsRead=v.optional(v.number()),
                maximumBytesRead=v.optional(v.number()),
            ),
        ),
    ],
)
def test_expressions_that_are_evaluated(
    tmp_path: Path, expression: str, expected: Validator
) -> None:
    assert returned(tmp_path, expression) == expected


@pytest.mark.parametrize(
    ("before", "expression", "expected"),
    [
        (
            "first, (second, *rest) = v.null(), (v.string(), v.number(), v.any())",
            "v.union(first, second, *rest)",
            v.union(v.null(), v.string(), v.number(), v.any()),
        ),
        ("validate = v", "validate.string()", v.string()),
        ("text = v.string", "text()", v.string()),
        ("a = b = v.null()", "v.union(a, b)", v.union(v.null(), v.null())),
        ("X: Validator = v.null()", "X", v.null()),
        (
            "def deep(n, x): return x if n == 0 else v.array(deep(n - 1, x))",
            "deep(3, v.null())",
            v.array(v.array(v.array(v.null()))),
        ),
        (
            "def pick(flag):\n    if flag:\n        return v.string()\n    return v.null()",
            "pick(True)",
            v.string(),
        ),
        (
            "from functools import cache\n@cache\ndef made(): return v.string()",
            "made()",
            v.string(),
        ),
        ("def kw(**fields): return v.object(fields)", "kw(a=v.null())", v.object(a=v.null())),
        (
            "def default(x=v.null(), /, *, y): return v.union(x, y)",
            "default(y=v.any())",
            v.union(v.null(), v.any()),
        ),
        (
            "from .schema import schema as s\nfrom . import schema as module",
            "module.schema.id('users')",
            v.id("users"),
        ),
        ("v.unused_is_not_called = 1", "v.string()", None),
    ],
)
def test_names_and_helpers(
    tmp_path: Path, before: str, expression: str, expected: Validator | None
) -> None:
    found = returned(tmp_path, expression, before)
    if expected is not None:
        assert found == expected


@pytest.mark.parametrize(
    ("before", "expression", "kind", "source", "words"),
    [
        ("", "v.strin()", "unknown_validator", "v.strin", "did you mean `string`"),
        ("", "v.map(v.string())", "unknown_validator", "v.map", "does not exist"),
        ("", "v.string", "uncalled_validator", "v.string", "makes a validator"),
        ("", "v.array(v.number)", "uncalled_validator", "v.number", "makes a validator"),
        ("", "str", "not_a_validator", "str", "the type `str`"),
        ("", "v.object(a=int)", "not_a_validator", "int", "the type `int`"),
        ("", "v.object({'a': v.null(), 'b': None})", "not_a_validator", "None", "None"),
        ("", "None", "not_a_validator", "None", "not a validator"),
        ("", "{'a': v.null()}", "not_a_validator", "{'a': v.null()}", "dict"),
        (
            "",
            "v.array(v.optional(v.null()))",
            "invalid_call",
            "v.array(v.optional(v.null()))",
            "optional",
        ),
        ("", "v.id()", "invalid_call", "v.id()", "missing"),
        ("", "v.object({'$a': v.null()})", "invalid_call", "v.object({'$a': v.null()})", "$a"),
        ("", "v.literal(None)", "invalid_call", "v.literal(None)", "v.null()"),
        ("", "undefined_name", "undefined", "undefined_name", "not defined"),
        ("", "shared.NAMES", "undefined", "shared.NAMES", "no `NAMES`"),
        ("from .shared import gone", "gone", "undefined", "gone", "has no `gone`"),
        ("", "schema.doc('user')", "undefined", "'user'", "did you mean `users`"),
        ("", "STATIC_NAME", "undefined", "STATIC_NAME", "type checkers only"),
        (
            "",
            "v.literal(datetime.datetime.now().isoformat())",
            "opaque",
            "datetime.datetime.now()",
            "not evaluated",
        ),
        (
            "import os",
            "v.string() if os.environ else v.null()",
            "opaque",
            "os.environ",
            "before run time",
        ),
        ("X = v.null()\nX = v.string()", "X", "opaque", "X", "more than once"),
        ("if True:\n    X = v.null()", "X", "opaque", "X", "conditionally"),
        (
            "try:\n    X = v.null()\nexcept E:\n    X = v.any()",
            "X",
            "opaque",
            "X",
            "more than once",
        ),
        ("D = {'a': v.null()}\nD['b'] = v.any()", "v.object(D)", "opaque", "D", "changed after"),
        ("D = {'a': v.null()}\nD.update(b=v.any())", "v.object(D)", "opaque", "D", "changed after"),
        ("for X in [v.null()]: pass", "X", "opaque", "X", "conditionally"),
        ("def f2(x): return f2(x)", "f2(v.null())", "opaque", "f2(x)", "calls itself"),
        ("async def f2(): return v.null()", "f2()", "opaque", "f2()", "asynchronous"),
        ("@decorated\ndef f2(): return v.null()", "f2()", "opaque", "f2()", "decorated"),
        (
            "def f2():\n    print(1)\n    return v.null()",
            "f2()",
            "opaque",
            "print(1)",
            "more than a helper",
        ),
        ("def f2(a): return v.null()", "f2()", "opaque", "f2()", "lacks the argument `a`"),
        ("def f2(a): return v.null()", "f2(1, b=2)", "opaque", "f2(1, b=2)", "does not take `b`"),
        ("A = v.array(B)\nB = v.array(A)", "A", "cycle", "A", "A → B → A"),
        (
            "",
            "v.union(*[v.literal(x) for x in range(10**9)])",
            "opaque",
            "range(10**9)",
            "too many",
        ),
        ("", "v.literal('a' * 10**9)", "opaque", "'a' * 10**9", "too large"),
        ("", "v.literal(2 ** 2 ** 30)", "opaque", "2 ** 2 ** 30", "too large"),
        (
            "X = [1]" + "".join(f"\nX{n} = X{n - 1 if n else ''} * 10" for n in range(9)),
            "v.literal(*X8)",
            "opaque",
            "X3 * 10",
            "too large",
        ),
        ("", "v.literal(1 / 0)", "opaque", "1 / 0", "division by zero"),
        ("", "USER['missing']", "opaque", "USER['missing']", "no such element"),
        ("", "(lambda: v.null())()", "opaque", "lambda: v.null()", "not a static expression"),
        ("a, b = v.null(), v.null(), v.null()", "a", "opaque", None, "3 elements where 2"),
        ("", "[v.null() for _ in [1] async for _ in x]", "opaque", None, "asynchronous"),
        ("", "f'{v}'", "opaque", None, "not a constant"),
        pytest.param(
            "",
            f"v.literal(f'{{0x{'f' * 5000}}}')",
            "opaque",
            None,
            "too many digits",
            id="digits of an f-string",
        ),
    ],
)
def test_what_is_not_evaluated_says_where_and_why(
    tmp_path: Path, before: str, expression: str, kind: str, source: str | None, words: str
) -> None:
    found = returned(tmp_path, expression, before)
    assert isinstance(found, Unresolved), found
    assert found.kind == kind
    assert words in found.reason
    assert found.accepted
    if source is not None:
        assert found.source == source


def test_every_field_that_fails_is_noted_and_the_rest_is_known(tmp_path: Path) -> None:
    project = link_module(
        tmp_path,
        """
        @query(args={"a": v.strng(), "b": v.null(), "c": int}, returns=v.null())
        async def f(ctx: QueryCtx, a, b, c): ...
        """,
    )
    assert [entry.source for entry in project.unresolved] == ["v.strng", "int"]
    args = project.functions[0].args
    assert args is not None
    assert args.validator is None
    assert [field.name for field in args.fields] == ["a", "b", "c"]
    assert all(entry.what == "args of `f`" for entry in project.unresolved)


def test_fields_know_where_they_are_written(tmp_path: Path) -> None:
    project = link_module(
        tmp_path,
        """
        from .shared import USER
        MORE = {"x": v.null()}
        @query(args={"a": v.string(), **USER} | MORE, returns=v.null())
        async def f(ctx: QueryCtx, a, name, age, x): ...
        """,
        shared=SHARED,
    )
    args = project.functions[0].args
    assert args is not None
    places = {
        field.name: (
            field.key.module,
            project.text_of(field.key),
            field.value and project.text_of(field.value),
        )
        for field in args.fields
    }
    assert places == {
        "a": ("m", '"a"', "v.string()"),
        "name": ("shared", '"name"', "NAME"),
        "age": ("shared", '"age"', "v.number()"),
        "x": ("m", '"x"', "v.null()"),
    }


def test_uses_of_validators_are_noted_with_position_and_result(tmp_path: Path) -> None:
    project = link_module(
        tmp_path,
        """
        UNUSED = v.bigint()
        @query(args={"a": v.optional(v.bigint())}, returns=v.array(v.id("users")))
        async def f(ctx: QueryCtx, a=None): ...
        """,
    )
    uses = [(use.name, project.text_of(use.location), use.parent) for use in project.validator_uses]
    assert uses == [
        ("bigint", "v.bigint()", None),
        ("optional", "v.optional(v.bigint())", "args"),
        ("bigint", "v.bigint()", "optional"),
        ("array", 'v.array(v.id("users"))', "returns"),
        ("id", 'v.id("users")', "array"),
    ]
    assert project.validator_uses[4].validator == v.id("users")


def test_failure_of_a_shared_constant_is_noted_once(tmp_path: Path) -> None:
    project = link_module(
        tmp_path,
        """
        BROKEN = v.array(v.nothing())
        @query(args={"a": BROKEN}, returns=BROKEN)
        async def f(ctx: QueryCtx, a): ...
        @query(args={"a": BROKEN}, returns=BROKEN)
        async def g(ctx: QueryCtx, a): ...
        """,
    )
    (only,) = project.unresolved
    assert only.source == "v.nothing"
