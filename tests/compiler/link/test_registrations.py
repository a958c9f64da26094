from pathlib import Path

import pytest
from convexity.values import v
from convexity_compiler.link import types as t

from tests.compiler.projects import HEADER, link_files, link_module, only_function

BODY = "(args={}, returns=v.null())\nasync def f(ctx): ...\n"


@pytest.mark.parametrize(
    ("imports", "decorator"),
    [
        ("from ._generated.server import query", "query"),
        ("from ._generated.server import query as q", "q"),
        ("from ._generated import server", "server.query"),
        ("from . import _generated", "_generated.server.query"),
        ("import convex._generated.server as cs", "cs.query"),
        ("import convex._generated.server", "convex._generated.server.query"),
        ("from convex._generated.server import query", "query"),
        ("from ._generated.server import query\nregister = query", "register"),
        ("from .helpers import query", "query"),
        ("from .helpers import *", "query"),
        ("from . import helpers", "helpers.query"),
    ],
)
def test_registrars_are_found_under_every_name(
    tmp_path: Path, imports: str, decorator: str
) -> None:
    project = link_files(
        tmp_path,
        {
            "m.py": f"from convexity.values import v\n{imports}\n@{decorator}{BODY}",
            "helpers.py": "from ._generated.server import query\n",
        },
    )
    function = only_function(project)
    assert (function.path, function.kind, function.registrar) == ("m:f", "query", "query")
    assert function.registrar_origin == "_generated.server"


@pytest.mark.parametrize(
    ("module", "imports"),
    [
        ("messages/access.py", "from .._generated.server import query"),
        ("a/b/c.py", "from ..._generated.server import query"),
        ("a/b/c.py", "from ... import _generated\nquery = _generated.server.query"),
    ],
)
def test_nested_modules(tmp_path: Path, module: str, imports: str) -> None:
    text = f"from convexity.values import v\n{imports}\n@query{BODY}"
    function = only_function(link_files(tmp_path, {module: text}))
    assert function.path == module.removesuffix(".py") + ":f"


@pytest.mark.parametrize("folder", ["backend", "src/backend"])
def test_functions_folder_with_another_name(tmp_path: Path, folder: str) -> None:
    text = (
        f"from convexity.values import v\nfrom backend._generated.server import query\n@query{BODY}"
    )
    (tmp_path / "pyproject.toml").write_text(f'[tool.convexity]\nfunctions = "{folder}"\n')
    assert only_function(link_files(tmp_path, {"m.py": text}, folder)).path == "m:f"


@pytest.mark.parametrize(
    ("registrar", "kind", "visibility"),
    [
        ("query", "query", "public"),
        ("mutation", "mutation", "public"),
        ("action", "action", "public"),
        ("internal_query", "query", "internal"),
        ("internal_mutation", "mutation", "internal"),
        ("internal_action", "action", "internal"),
    ],
)
def test_kinds(tmp_path: Path, registrar: str, kind: str, visibility: str) -> None:
    function = only_function(link_module(tmp_path, f"@{registrar}{BODY}"))
    assert (function.kind, function.visibility, function.registrar) == (kind, visibility, registrar)


def test_http_actions_are_apart(tmp_path: Path) -> None:
    project = link_module(tmp_path, "@http_action\nasync def f(ctx, request): ...\n")
    assert project.functions == ()
    (action,) = project.http_actions
    assert (action.is_http, action.call, action.definition.name) == (True, None, "f")


def test_options_of_the_decorator(tmp_path: Path) -> None:
    project = link_module(
        tmp_path,
        """
        RUNTIME = "process"
        @action(args={}, returns=v.null(), name="list", runtime=RUNTIME)
        async def list_(ctx: ActionCtx) -> None: ...
        """,
    )
    function = only_function(project)
    assert (function.path, function.name, function.runtime) == ("m:list", "list", "process")
    assert function.definition.name == "list_"
    assert project.text_of(function.name_location) == '"list"'
    assert project.text_of(function.location) == "list_"
    assert project.by_path["m:list"] is function


def test_bare_and_incomplete_registrations_are_registered(tmp_path: Path) -> None:
    project = link_module(
        tmp_path,
        """
        @query
        def f(ctx): ...
        @mutation()
        async def g(ctx): ...
        """,
    )
    first, second = project.functions
    assert first.call is None
    assert (first.args, first.returns) == (None, None)
    assert not first.definition.is_async
    assert second.call is not None
    assert second.args is None


def test_other_decorators_and_conflicts(tmp_path: Path) -> None:
    project = link_module(
        tmp_path,
        """
        @outer
        @query(args={}, returns=v.null())
        @inner(1)
        @mutation(args={}, returns=v.null())
        async def f(ctx): ...
        """,
    )
    function = only_function(project)
    module = project.modules["m"]
    assert [module.source(entry.span) for entry in function.decorators_above] == ["outer"]
    assert [module.source(entry.span) for entry in function.decorators_below] == ["inner(1)"]
    assert len(function.registrations) == 2
    assert function.kind == "query"


@pytest.mark.parametrize(
    ("text", "fault", "name"),
    [
        ("if x:\n    @query\n    async def f(ctx): ...", "conditional", "f"),
        ("class C:\n    @query\n    async def f(self): ...", "class", "f"),
        ("def make():\n    @query(args={})\n    async def f(ctx): ...", "function", "f"),
        ("@query\nclass C: ...", "decorated_class", "C"),
        ("f = query(args={}, returns=v.null())(handler)", "assignment", "f"),
        ("f = query(lambda ctx: 1)", "assignment", "f"),
        (
            "from ._generated.api import api\n@api.m.query\nasync def f(ctx): ...",
            "through_reference",
            "f",
        ),
        (
            "from ._generated.api import internal\n@internal.m.f(args={})\nasync def f(ctx): ...",
            "through_reference",
            "f",
        ),
        (
            "from ._generated.api import api\napi.m.f = query(args={})(handler)",
            "through_reference",
            "_generated.api.api.m.f",
        ),
    ],
)
def test_registrations_the_backend_would_not_see(
    tmp_path: Path, text: str, fault: str, name: str
) -> None:
    project = link_module(tmp_path, text)
    assert project.functions == ()
    assert [(entry.fault, entry.name) for entry in project.misplaced] == [(fault, name)]


def test_functions_of_package_files_are_misplaced(tmp_path: Path) -> None:
    project = link_files(tmp_path, {"__init__.py": HEADER + "@query" + BODY})
    assert [entry.fault for entry in project.misplaced] == ["init_module"]


@pytest.mark.parametrize(
    "text",
    [
        "def query(**options): ...\n@query(args={}, returns=v.null())\nasync def f(ctx): ...",
        "from elsewhere import query\n@query(args={})\nasync def f(ctx): ...",
        "@undefined\nasync def f(ctx): ...",
        "@v.query(args={})\nasync def f(ctx): ...",
    ],
)
def test_other_decorators_register_nothing(tmp_path: Path, text: str) -> None:
    project = link_files(tmp_path, {"m.py": "from convexity.values import v\n" + text})
    assert (project.functions, project.misplaced) == ((), ())


def test_context_and_parameters(tmp_path: Path) -> None:
    project = link_module(
        tmp_path,
        """
        from ._generated.data_model import Id, Users
        @query(args={"from": v.string(), "b": v.id("users")}, returns=v.null())
        async def f(ctx: QueryCtx, from_: str, *, b: Id[Users], c=1) -> None: ...
        """,
    )
    function = only_function(project)
    assert function.context is not None
    assert function.context.name == "ctx"
    assert function.context_annotation.text == "QueryCtx"
    assert [(entry.wire_name, entry.is_required) for entry in function.parameters] == [
        ("from", True),
        ("b", True),
        ("c", False),
    ]
    found = function.parameter("from")
    assert found is not None
    assert found.annotation.type == t.Primitive("str")
    assert function.return_annotation.type == t.Primitive("None")


def test_arguments_as_an_unpacked_typed_dict(tmp_path: Path) -> None:
    project = link_module(
        tmp_path,
        """
        from typing import NotRequired, TypedDict, Unpack
        class Fields(TypedDict):
            a: str
            b: NotRequired[float]
        @query(args=v.object(Fields), returns=v.null())
        async def f(ctx: QueryCtx, **fields: Unpack[Fields]) -> None: ...
        """,
    )
    function = only_function(project)
    assert function.args is not None
    assert function.args.validator == v.object(a=v.string(), b=v.optional(v.number()))
    assert [(p.wire_name, p.is_required, p.is_unpacked) for p in function.parameters] == [
        ("a", True, True),
        ("b", False, True),
    ]


def test_int_annotations_make_numbers_integral(tmp_path: Path) -> None:
    project = link_module(
        tmp_path,
        """
        from typing import TypedDict
        class Box(TypedDict):
            n: int
        @query(
            args={
                "a": v.number(), "b": v.number(), "c": v.optional(v.array(v.number())),
                "d": v.record(v.string(), v.nullable(v.number())), "e": v.object(n=v.number()),
                "f": v.union(v.number(), v.string()), "g": v.number(),
            },
            returns=v.array(v.number()),
        )
        async def f(
            ctx: QueryCtx, a: int, b: float, d: dict[str, int | None], e: Box, f: str | int,
            g: int | float, c: list[int] | None = None,
        ) -> "list[int]": ...
        """,
    )
    function = only_function(project)
    assert function.args is not None
    assert function.returns is not None
    fields = function.args.validator.fields  # type: ignore[union-attr]
    assert fields["a"].integral
    assert not fields["b"].integral
    assert fields["c"].inner.element.integral
    assert [getattr(m, "integral", None) for m in fields["d"].value.members] == [True, None]
    assert not fields["e"].fields["n"].integral
    assert fields["f"].members[0].integral
    assert not fields["g"].integral
    assert function.returns.validator.element.integral  # type: ignore[union-attr]
    assert [*fields] == ["a", "b", "c", "d", "e", "f", "g"]


def test_duplicates_are_all_listed_and_the_last_one_counts(tmp_path: Path) -> None:
    project = link_module(tmp_path, f"@query{BODY}@mutation{BODY}")
    assert [function.kind for function in project.functions] == ["query", "mutation"]
    assert project.by_path["m:f"].kind == "mutation"


def test_a_broken_module_leaves_the_others(tmp_path: Path) -> None:
    project = link_files(
        tmp_path,
        {
            "broken.py": "def f(:",
            "m.py": HEADER
            + "from .broken import x\n@query(args={}, returns=x)\nasync def f(ctx): ...",
        },
    )
    assert project.modules["broken"].problem is not None
    assert only_function(project).returns is not None
    assert project.unresolved[0].kind == "undefined"
