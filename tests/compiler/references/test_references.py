"""The generated package, file by file."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest
from convexity.values import v
from convexity_compiler.emit.names import GeneratedNameError
from convexity_compiler.emit.references import emit_references, package_markers
from convexity_compiler.ir import ModuleIR, MountIR, ProjectIR

from tests.compiler.emit_backend.projects import function, index, project, table

USERS = table("users", v.object(name=v.string()), index("users", "by_name", "name"))
ONE = project(ModuleIR(path="m", functions=(function("m:f"),)), tables=(USERS,))


def stub(ir: ProjectIR, name: str) -> str:
    return emit_references(ir)[f"convex/_generated/{name}"]


def module(*functions) -> ModuleIR:
    return ModuleIR(path=functions[0].module, functions=functions)


def signature(**changes) -> str:
    """Stub of a single function, from its decorator on."""
    text = stub(project(module(function("m:f", **changes)), tables=(USERS,)), "_api/m.pyi")
    return text[text.index("    @query_reference") :]


def test_a_function_is_a_decorated_signature_with_its_docstring() -> None:
    assert signature(
        args=v.object(user=v.id("users"), limit=v.optional(v.number())),
        returns=v.array(v.string()),
        docstring='Say it.\n\n    Twice \\ and """.\n    ',
    ) == (
        '    @query_reference("m:f")\n'
        "    @staticmethod\n"
        "    def f(*, user: Id[Users], limit: float | None = None) -> list[str]:\n"
        '        """Say it.\n'
        "\n"
        '        Twice \\\\ and \\"\\"\\".\n'
        '        """\n'
    )


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"from": v.string()}, "from_: str"),
        ({"a": v.optional(v.string())}, "a: str | None = None"),
        ({"a": v.optional(v.nullable(v.string()))}, "a: str | Unset | None = UNSET"),
        ({"a": v.optional(v.any())}, "a: Any = UNSET"),
        ({"a": v.object(x=v.null())}, "a: MFArgsA"),
    ],
)
def test_parameters(argument, expected: str) -> None:
    assert f"def f(*, {expected}) -> None: ..." in signature(args=v.object(argument))


def test_two_arguments_for_one_parameter_are_an_error() -> None:
    with pytest.raises(GeneratedNameError, match="`from` and `from_` of m:f"):
        signature(args=v.object({"from": v.string(), "from_": v.string()}))


def test_results_take_the_types_of_documents() -> None:
    document = v.object(_creationTime=v.number(), name=v.string(), _id=v.id("users"))
    assert "-> list[UsersDoc | None]: ..." in signature(returns=v.array(v.nullable(document)))


def test_types_of_functions_are_exported_by_the_data_model() -> None:
    ir = project(module(function("m:f", returns=v.object(x=v.null()))))
    assert "class MFResult(TypedDict):\n    x: None" in stub(ir, "_api/m.pyi")
    assert "from ._api.m import MFResult" in stub(ir, "data_model.pyi")
    assert '    "MFResult",\n' in stub(ir, "data_model.pyi")


def test_a_change_to_one_function_changes_one_stub() -> None:
    functions = (function("a:f", args=v.object(x=v.string())), function("a:g"))
    other = module(function("b/c:h", returns=v.array(v.string())))
    before = emit_references(project(module(*functions), other, tables=(USERS,)))
    changed = (replace(functions[0], args=v.object(y=v.number())), functions[1])
    after = emit_references(project(module(*changed), other, tables=(USERS,)))
    assert before.keys() == after.keys()
    differing = [path for path, text in after.items() if text != before[path]]
    assert differing == ["convex/_generated/_api/a.pyi"]


def test_modules_do_not_grow_with_the_functions() -> None:
    def modules(ir: ProjectIR) -> dict[str, str]:
        return {path: text for path, text in emit_references(ir).items() if path.endswith(".py")}

    many = tuple(module(function(f"m{number}:f")) for number in range(30))
    assert modules(project(*many, tables=(USERS,))) == modules(ONE)


def test_folders_are_nested_classes() -> None:
    ir = project(
        module(function("top:f")),
        module(function("a/b:g")),
        module(function("a/c/d:h", visibility="internal")),
    )
    text = stub(ir, "api.pyi")
    assert "    top = _generated.top.api\n\n    class a:\n        b = _generated.a.b.api\n" in text
    assert "    class a:\n        class c:\n            d = _generated.a.c.d.internal\n" in text
    assert "from . import b as b\nfrom . import c as c\n" in stub(ir, "_api/a/__init__.pyi")


def test_a_module_beside_a_folder_of_its_name_is_an_error() -> None:
    with pytest.raises(GeneratedNameError, match=r"`api\.a`.*a\.py and the folder a/"):
        emit_references(project(module(function("a:f")), module(function("a/b:f"))))


def test_components_that_cannot_be_found_are_references() -> None:
    missing = MountIR(
        name="mailPool",
        source="mail.workpool",
        is_local=False,
        http_prefix=None,
        component=None,
    )
    ir = replace(ONE, components=(missing,))
    assert "    mailPool: ComponentReference\n" in stub(ir, "api.pyi")


def test_a_single_table_has_no_overloads() -> None:
    reader = stub(ONE, "server.pyi").partition("class DatabaseReader")[2]
    assert "@overload" not in reader
    assert 'def query(self, table: Literal["users"], /) -> UsersQuery: ...' in reader


def test_without_tables_documents_may_be_anything() -> None:
    text = stub(project(), "server.pyi")
    assert "def query(self, table: str, /) -> Query[dict[str, Any]]: ..." in text


def test_an_index_offers_its_fields_in_order() -> None:
    by = index("logs", "by_a_and_b", "a", "b.c")
    logs = table(
        "logs", v.object(a=v.string(), b=v.optional(v.object(c=v.union(v.null(), v.string())))), by
    )
    text = stub(project(tables=(logs,)), "server.pyi")
    assert 'def eq(self, field: Literal["a"], value: str, /) -> LogsByAAndB_1: ...' in text
    assert 'self, field: Literal["b.c"], value: str | Unset | None, /' in text.replace(
        "\n        ", " "
    ).replace("( self", "(self")
    assert "-> LogsByAAndB_2: ..." in text
    assert "-> LogsByAAndB_2_upper: ..." in text


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (["a_b", "aB"], "`AB` in _generated/data_model .* table `a_b` and table `aB`"),
        (["storage"], "`Storage` .* `Storage` of convexity and table `storage`"),
    ],
)
def test_tables_of_one_name_are_an_error(tables: list[str], message: str) -> None:
    with pytest.raises(GeneratedNameError, match=message):
        emit_references(project(tables=[table(name, v.object({})) for name in tables]))


@pytest.mark.parametrize("name", ["table", "any", "literal", "auth", "database_reader", "env"])
def test_a_table_may_be_called_like_what_the_stubs_import(name: str) -> None:
    ir = project(tables=[table(name, v.object(x=v.optional(v.literal("a")), y=v.any()))])
    for path, text in emit_references(ir).items():
        ast.parse(text, path)
    assert f'table: Literal["{name}"]' in stub(ir, "server.pyi").replace("typing.", "")


def test_package_markers_cover_every_folder() -> None:
    ir = replace(ONE, functions_folder="src/convex", python_modules=("a/b/c.py", "d.py"))
    assert sorted(package_markers(ir)) == [
        "src/convex/__init__.py",
        "src/convex/a/__init__.py",
        "src/convex/a/b/__init__.py",
    ]
