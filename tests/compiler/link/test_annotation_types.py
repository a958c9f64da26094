from pathlib import Path
from textwrap import dedent

import pytest
from convexity.values import Validator, v
from convexity_compiler.link import types as t
from convexity_compiler.link.agreement import Mismatch, agrees
from convexity_compiler.link.project import LinkedProject

from tests.compiler.projects import HEADER, link_files

SCHEMA = """\
from convexity.server import define_schema, define_table
from convexity.values import Int64, v

schema = define_schema(
    versions=define_table(number=v.literal(1, Int64(2), 2.5, True)),
    users=define_table(name=v.string(), age=v.optional(v.number())),
    project_members=define_table(user=v.id("users"), role=v.literal("admin", "guest")),
    results=define_table(v.union(v.object(ok=v.literal(True)), v.object(error=v.string()))),
)
"""
SHAPES = """\
from __future__ import annotations
from typing import Generic, Literal, NotRequired, Required, TypedDict, TypeVar
T = TypeVar("T")
Role = Literal["admin", "guest"]
class Base(TypedDict):
    name: str
class User(Base, total=False):
    age: float
    role: Required[Role]
class Page(TypedDict, Generic[T]):
    items: list[T]
class UserPage(Page[User]):
    next: NotRequired[str | None]
class Tree(TypedDict):
    children: list[Tree]
class Plain:
    x: int
Functional = TypedDict("Functional", {"from": str, "to": NotRequired[float]}, total=True)
class Bad(TypedDict):
    n: int
    s: set[str]
"""


def linked(
    root: Path, annotation: str, returns: str = "v.any()", before: str = ""
) -> LinkedProject:
    module = f"""\
{HEADER}
import typing, datetime
import typing as ty
from typing import (
    Annotated, Any, Callable, Dict, List, Literal, NewType, NotRequired, Optional, TYPE_CHECKING,
    TypeAlias, TypedDict, TypeVar, Union,
)
from typing_extensions import TypedDict as ExtendedDict
from convexity.server import PaginationOptions, PaginationResult, StorageDoc
from convexity.values import UNSET, Int64, Unset, Value
from ._generated import data_model
from ._generated.data_model import (
    Id, ProjectMembers, ProjectMembersDoc, ProjectMembersFields, ResultsDoc, Storage, Users,
    UsersDoc, UsersFields, UsersPatch, SomethingGenerated, VersionsDoc
)
from .schema import schema
from .shapes import Functional, Page, Plain, Role, Tree, User, UserPage, Bad
from . import shapes
{dedent(before)}
@query(args={{}}, returns={returns})
async def f(ctx: QueryCtx) -> {annotation}: ...
"""
    files = {"m.py": module, "schema.py": SCHEMA, "shapes.py": SHAPES}
    project = link_files(root, files)
    assert project.modules["m"].problem is None, project.modules["m"].problem
    return project


def text_of(root: Path, annotation: str, before: str = "") -> str:
    return t.type_text(linked(root, annotation, before=before).functions[0].return_annotation.type)


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        ("None", "None"),
        ("'None'", "None"),
        ("str | None", "str | None"),
        ("None | 'str' | str", "str | None"),
        ("Optional[int]", "int | None"),
        ("typing.Union[str, Union[int, None]]", "str | int | None"),
        ("list[dict[str, list[bytes]]]", "list[dict[str, list[bytes]]]"),
        ("List[Dict[str, bool]]", "list[dict[str, bool]]"),
        ("list", "list"),
        ("dict", "dict"),
        ("ty.Any", "Any"),
        ("object", "object"),
        ("Int64 | Value | Unset", "Int64 | Value | Unset"),
        ("Literal['a', 1, True, None]", "Literal['a', 1, True, None]"),
        ("Literal[-1]", "Literal[-1]"),
        ("Literal['a'] | str | Literal['b']", "Literal['a', 'b'] | str"),
        ("Role", "Literal['admin', 'guest']"),
        ("Literal[Role, 'x']", "Literal['admin', 'guest', 'x']"),
        ("Annotated[str, 'note']", "str"),
        ("Id[Users]", "Id[Users]"),
        ("Id['Users']", "Id[Users]"),
        ("'Id[Users] | None'", "Id[Users] | None"),
        ("data_model.Id[data_model.ProjectMembers]", "Id[ProjectMembers]"),
        ("User", "User"),
        ("shapes.User", "User"),
        ("datetime.datetime", "datetime.datetime"),
        ("set[str]", "set[str]"),
        ("Plain", "Plain"),
    ],
)
def test_meaning_as_text(tmp_path: Path, annotation: str, text: str) -> None:
    assert text_of(tmp_path, annotation) == text


@pytest.mark.parametrize(
    ("before", "annotation", "text"),
    [
        ("Name: TypeAlias = 'str | None'", "Name", "str | None"),
        ("Name = str | None", "list[Name]", "list[str | None]"),
        ("E = TypeVar('E')\nMaybe = E | None", "Maybe[int]", "int | None"),
        ("UserName = NewType('UserName', str)", "UserName", "str"),
        (
            "if TYPE_CHECKING:\n    from .shapes import Role as R\nelse:\n    R = None",
            "R",
            "Literal['admin', 'guest']",
        ),
        ("class Local(TypedDict):\n    a: str", "Local", "Local"),
        ("class Local(ExtendedDict):\n    a: str", "Local", "Local"),
    ],
)
def test_aliases(tmp_path: Path, before: str, annotation: str, text: str) -> None:
    assert text_of(tmp_path, annotation, before) == text


@pytest.mark.parametrize(
    "annotation",
    ["undefined", "SomethingGenerated", "os.PathLike", "f()", "'not an expression ('", "Callable"],
)
def test_what_is_not_known_agrees_with_everything(tmp_path: Path, annotation: str) -> None:
    found = linked(tmp_path, annotation).functions[0].return_annotation.type
    if annotation != "Callable":
        assert isinstance(found, t.Unknown)
        assert agrees(found, v.string()) is None


def keys(model: t.TypeModel) -> dict[str, tuple[str, bool]]:
    assert isinstance(model, t.TypedDictType)
    return {field.name: (t.type_text(field.type), field.required) for field in model.fields}


@pytest.mark.parametrize(
    ("annotation", "fields"),
    [
        (
            "User",
            {
                "name": ("str", True),
                "age": ("float", False),
                "role": ("Literal['admin', 'guest']", True),
            },
        ),
        ("Page[str]", {"items": ("list[str]", True)}),
        ("UserPage", {"items": ("list[User]", True), "next": ("str | None", False)}),
        ("Tree", {"children": ("list[Tree]", True)}),
        ("Functional", {"from": ("str", True), "to": ("float", False)}),
        (
            "UsersDoc",
            {
                "_id": ("Id[Users]", True),
                "_creationTime": ("float", True),
                "name": ("str", True),
                "age": ("float", False),
            },
        ),
        ("UsersFields", {"name": ("str", True), "age": ("float", False)}),
        ("UsersPatch", {"name": ("str", False), "age": ("float | Unset", False)}),
        (
            "ProjectMembersFields",
            {"user": ("Id[Users]", True), "role": ("Literal['admin', 'guest']", True)},
        ),
        (
            "StorageDoc",
            {
                "_id": ("Id[Storage]", True),
                "_creationTime": ("float", True),
                "contentType": ("str | None", False),
                "sha256": ("str", True),
                "size": ("float", True),
            },
        ),
    ],
)
def test_typed_dicts(tmp_path: Path, annotation: str, fields: object) -> None:
    assert keys(linked(tmp_path, annotation).functions[0].return_annotation.type) == fields


AGREEING = [
    ("None", "v.null()"),
    ("bool", "v.boolean()"),
    ("str", "v.string()"),
    ("bytes", "v.bytes()"),
    ("float", "v.number()"),
    ("int", "v.number()"),
    ("Int64", "v.int64()"),
    ("int", "v.int64()"),
    ("Any", "v.any()"),
    ("object", "v.any()"),
    ("Value", "v.any()"),
    ("Id[Users]", "v.id('users')"),
    ("Id[Storage]", "v.id('_storage')"),
    ("Literal['a', 'b']", "v.literal('b', 'a')"),
    ("Literal['a'] | Literal['b']", "v.union(v.literal('a'), v.literal('b'))"),
    ("Literal[1]", "v.literal(1)"),
    ("float", "v.literal(1.5)"),
    ("Literal[1, 2, True] | float", "v.literal(1, Int64(2), 2.5, True)"),
    ("PaginationResult[VersionsDoc]", "pagination_result_validator(schema.doc('versions'))"),
    ("list[VersionsDoc | None]", "v.array(v.nullable(schema.doc('versions')))"),
    ("list[str]", "v.array(v.string())"),
    ("dict[str, int]", "v.record(v.string(), v.number())"),
    ("str | int | None", "v.union(v.null(), v.union(v.number(), v.string()))"),
    ("Optional[Id[Users]]", "v.nullable(v.id('users'))"),
    (
        "User",
        "v.object(role=v.literal('guest', 'admin'), name=v.string(), age=v.optional(v.number()))",
    ),
    ("UsersDoc", "schema.doc('users')"),
    ("list[ProjectMembersDoc]", "v.array(schema.doc('project_members'))"),
    ("ResultsDoc | None", "v.nullable(schema.doc('results'))"),
    ("PaginationResult[UsersDoc]", "pagination_result_validator(schema.doc('users'))"),
    ("PaginationOptions", "pagination_opts_validator"),
    (
        "UserPage",
        "v.object(items=v.array(v.object(User)), next=v.optional(v.nullable(v.string())))",
    ),
    ("Functional", "v.object({'from': v.string(), 'to': v.optional(v.number())})"),
]
CONTRADICTING = [
    ("str", "v.null()", ()),
    ("None", "v.string()", ()),
    ("str", "v.id('users')", ()),
    ("Id[ProjectMembers]", "v.id('users')", ()),
    ("float", "v.int64()", ()),
    ("Int64", "v.number()", ()),
    ("bool", "v.number()", ()),
    ("Any", "v.string()", ()),
    ("str", "v.any()", ()),
    ("Literal['a']", "v.literal('a', 'b')", ()),
    ("Literal['a', 'b', 'c']", "v.literal('a', 'b')", ()),
    ("Literal[True]", "v.literal(1)", ()),
    ("Literal[1]", "v.literal(1, True)", ()),
    ("Literal[1, True]", "v.literal(1)", ()),
    ("Literal[1]", "v.literal(True)", ()),
    ("str", "v.literal('a')", ()),
    ("str | None", "v.string()", ()),
    ("str", "v.nullable(v.string())", ()),
    ("list[str]", "v.array(v.number())", ("[]",)),
    ("list", "v.array(v.number())", ()),
    ("dict", "v.record(v.string(), v.number())", ()),
    ("dict[str, str]", "v.record(v.string(), v.number())", ("[]",)),
    ("dict[int, str]", "v.record(v.string(), v.string())", ("(key)",)),
    ("dict[str, str]", "v.object(a=v.string())", ()),
    ("tuple[str]", "v.array(v.string())", ()),
    ("datetime.datetime", "v.number()", ()),
    ("Plain", "v.object(x=v.number())", ()),
    ("User", "v.object(name=v.string())", ("age",)),
    (
        "User",
        "v.object(name=v.string(), age=v.number(), role=v.literal('admin', 'guest'))",
        ("age",),
    ),
    (
        "User",
        "v.object(name=v.string(), role=v.literal('admin'), age=v.optional(v.number()))",
        ("role",),
    ),
    (
        "User",
        "v.object(name=v.string(), role=v.literal('admin', 'guest'), age=v.optional(v.number()),"
        " x=v.any())",
        ("x",),
    ),
    ("shapes.Bad", "v.object(n=v.number(), s=v.array(v.string()))", ("n",)),
    (
        "list[UsersDoc] | None",
        "v.nullable(v.array(schema.doc('users').extend({'name': v.null()})))",
        ("[]", "name"),
    ),
]


@pytest.mark.parametrize(("annotation", "validator"), AGREEING)
def test_agreement(tmp_path: Path, annotation: str, validator: str) -> None:
    assert compared(tmp_path, annotation, validator) is None


@pytest.mark.parametrize(("annotation", "validator", "path"), CONTRADICTING)
def test_contradiction(
    tmp_path: Path, annotation: str, validator: str, path: tuple[str, ...]
) -> None:
    mismatch = compared(tmp_path, annotation, validator)
    assert mismatch is not None
    assert mismatch.path == path
    assert mismatch.reason


def compared(root: Path, annotation: str, validator: str) -> Mismatch | None:
    before = "from convexity.server import pagination_opts_validator, pagination_result_validator"
    project = linked(root, annotation, validator, before)
    assert project.unresolved == ()
    function = project.functions[0]
    assert function.returns is not None
    assert function.returns.validator is not None
    return agrees(function.return_annotation.type, function.returns.validator)


@pytest.mark.parametrize(
    ("names", "validator", "agreeing"),
    [
        (("str", "None"), v.optional(v.string()), True),
        (("str",), v.optional(v.string()), True),
        (("None",), v.optional(v.string()), False),
        (("str", "None", "Unset"), v.optional(v.nullable(v.string())), True),
        (("str", "Unset"), v.optional(v.nullable(v.string())), False),
        (("str", "Unset"), v.optional(v.string()), False),
        (("float", "None"), v.optional(v.string()), False),
        (("str", "None"), v.string(), False),
    ],
)
def test_optional_arguments(
    names: tuple[t.PrimitiveName, ...], validator: Validator, agreeing: bool
) -> None:
    model = t.union_of([t.Primitive(name) for name in names])
    assert (agrees(model, validator) is None) == agreeing


def test_expected_annotation_is_printed(tmp_path: Path) -> None:
    mismatch = compared(tmp_path, "list[str]", "v.array(v.nullable(v.id('project_members')))")
    assert mismatch is not None
    assert mismatch.expected == "Id[ProjectMembers] | None"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (
            "v.object(User)",
            v.object(
                name=v.string(),
                age=v.optional(v.number()),
                role=v.union(v.literal("admin"), v.literal("guest")),
            ),
        ),
        ("v.object(UsersFields)", v.object(name=v.string(), age=v.optional(v.number()))),
        (
            "v.array(v.object(shapes.UserPage)).element.fields['next']",
            v.optional(v.union(v.string(), v.null())),
        ),
        ("v.object(Functional)", v.object({"from": v.string(), "to": v.optional(v.number())})),
        ("v.object(Page[str])", v.object(items=v.array(v.string()))),
    ],
)
def test_validators_of_typed_dicts(tmp_path: Path, expression: str, expected: Validator) -> None:
    project = linked(
        tmp_path,
        "Any",
        f"v.union({expression})" if "next" not in expression else f"v.object(x={expression})",
    )
    assert project.unresolved == ()
    returns = project.functions[0].returns
    assert returns is not None
    wanted = v.union(expected) if "next" not in expression else v.object(x=expected)
    assert returns.validator == wanted


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("v.object(Bad)", "say `float`, or `Int64`"),
        ("v.object(Tree)", "limit the depth, or say `Any`"),
        ("v.object(Plain)", "give the fields as keywords, or a TypedDict"),
        ("v.object(str)", "give the fields as keywords, or a TypedDict"),
        ("v.object(Users)", "give the fields as keywords, or a TypedDict"),
        ("v.object(SomethingGenerated)", "give the fields as keywords, or a TypedDict"),
        ("User", "write `v.object(User)` if it is a TypedDict"),
    ],
)
def test_types_without_a_validator(tmp_path: Path, expression: str, words: str) -> None:
    project = linked(tmp_path, "Any", expression)
    (entry,) = project.unresolved
    assert entry.accepted == words
    assert entry.kind == "not_a_validator"
