"""The printer from validators to annotations."""

from __future__ import annotations

import pytest
from convexity.values import Int64, Validator, v
from convexity.values.validators import integral_number
from convexity_compiler.emit.imports import Imports
from convexity_compiler.emit.layout import LINE_LENGTH, layout, one_line
from convexity_compiler.emit.names import GeneratedNameError, NameTable
from convexity_compiler.emit.types import KnownTypes, TypePrinter
from convexity_compiler.type_names import Place, pascal_case

ADDRESS = v.object(street=v.string())
JOIN = v.object(type=v.literal("user-join"), at=v.number())
LEAVE = v.object(type=v.literal("leave"))


def printer(shadowed: frozenset[str] = frozenset()) -> TypePrinter:
    known = KnownTypes(
        module="..data",
        markers={"users": "Users"},
        objects={ADDRESS: "UsersAddress"},
        unions={frozenset({JOIN, LEAVE}): "EventsDoc"},
        names=("Users", "UsersAddress", "EventsDoc"),
    )
    return TypePrinter(Imports(shadowed), NameTable("a module", {}), known)


def annotation(validator: Validator, **options: frozenset[str]) -> str:
    return one_line(printer(**options).annotation(validator, Place("X", "x")))


@pytest.mark.parametrize(
    ("validator", "expected"),
    [
        (v.null(), "None"),
        (v.boolean(), "bool"),
        (v.string(), "str"),
        (v.bytes(), "bytes"),
        (v.number(), "float"),
        (integral_number(), "int"),
        (v.int64(), "Int64"),
        (v.any(), "Any"),
        (v.id("users"), "Id[Users]"),
        (v.id("_storage"), "Id[Storage]"),
        (v.id("unknown"), "Id[Any]"),
        (v.literal("a\n'"), 'Literal["a\\n\'"]'),
        (v.literal("b", 1, True), 'Literal["b", 1, True]'),
        (v.literal(Int64(3)), "Literal[3]"),
        (v.literal(2.5), "float"),
        (v.union(v.literal("a"), v.number(), v.literal("b")), 'Literal["a", "b"] | float'),
        (v.array(v.array(v.string())), "list[list[str]]"),
        (v.record(v.id("users"), v.null()), "dict[Id[Users], None]"),
        (v.union(v.null(), v.string(), v.union(v.string(), v.bytes())), "str | bytes | None"),
        (v.union(v.string(), v.any()), "Any"),
        (v.object(x=v.string()), "X"),
        (v.array(v.object(x=v.string())), "list[XItem]"),
        (v.record(v.string(), v.object(x=v.string())), "dict[str, XValue]"),
        (v.nullable(v.object(x=v.string())), "X | None"),
        (v.nullable(ADDRESS), "UsersAddress | None"),
        (v.union(JOIN, LEAVE, v.null()), "EventsDoc | None"),
        (v.union(JOIN, v.object(a=v.null())), "XUserJoin | X2"),
        (v.union(JOIN, JOIN.extend({"more": v.null()})), "X1 | X2"),
    ],
    ids=repr,
)
def test_annotation(validator: Validator, expected: str) -> None:
    assert annotation(validator) == expected


def test_a_shadowed_name_is_written_through_its_module() -> None:
    everything = v.array(v.union(v.id("users"), v.literal("a")))
    shadowed = frozenset({"list", "Literal", "Id", "Users"})
    expected = 'builtins.list[convexity.values.Id[data.Users] | typing.Literal["a"]]'
    assert annotation(everything, shadowed=shadowed) == expected
    assert annotation(v.array(v.null()), shadowed=frozenset({"list", "builtins"})) == (
        "_builtins.list[None]"
    )


def test_imports_are_complete_and_sorted() -> None:
    imports = Imports(frozenset({"list", "Doc"}))
    for module, name in [
        ("..data", "Users10"),
        ("..data", "Users9"),
        ("typing", "Any"),
        ("convexity.values", "UNSET"),
        ("convexity.values", "Id"),
        ("..data", "Doc"),
    ]:
        imports.name(module, name)
    imports.builtin("list")
    assert imports.text() == (
        "import builtins\n"
        "from typing import Any\n\n"
        "from convexity.values import UNSET, Id\n\n"
        "from .. import data\n"
        "from ..data import Users9, Users10"
    )


def test_nested_types_are_declared_before_they_are_used() -> None:
    target = printer()
    inner = v.object(z=v.optional(v.number()))
    target.annotation(v.object(a=v.array(inner), b=ADDRESS), Place("T", "t"))
    assert target.declarations == [
        "class TAItem(TypedDict):\n    z: NotRequired[float]",
        "class T(TypedDict):\n    a: list[TAItem]\n    b: UsersAddress",
    ]


@pytest.mark.parametrize("key", ["class", "str", "__private"])
def test_a_key_that_no_class_body_can_hold_takes_the_functional_form(key: str) -> None:
    target = printer()
    target.annotation(v.object({key: v.optional(v.string())}), Place("T", "t"))
    (declaration,) = target.declarations
    assert declaration == f'T = TypedDict("T", {{"{key}": NotRequired[str]}})'


def test_one_name_for_two_shapes_is_an_error_that_names_both() -> None:
    target = printer()
    target.annotation(v.object(a=v.object(b_c=v.object(x=v.null()))), Place("T", "t"))
    with pytest.raises(GeneratedNameError, match=r"`TABC`.*`t\.a\.b_c` and `t\.a_b\.c`; rename"):
        target.annotation(v.object(a_b=v.object(c=v.object(y=v.null()))), Place("T", "t"))


def test_a_long_annotation_opens_its_brackets() -> None:
    literals = v.literal(*(f"value number {number}" for number in range(8)))
    node = printer().annotation(v.nullable(literals), Place("X", "x"))
    text = layout(node, column=10)
    assert text.startswith('(\n    Literal[\n        "value number 0",\n')
    assert text.endswith("    ]\n    | None\n)")
    assert all(len(line) <= LINE_LENGTH for line in text.splitlines())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("project_members",), "ProjectMembers"),
        (("messages/access", "loadContext"), "MessagesAccessLoadContext"),
        (("_x__y2",), "XY2"),
        (("2fa",), "_2fa"),
    ],
)
def test_pascal_case(words: tuple[str, ...], expected: str) -> None:
    assert pascal_case(*words) == expected
