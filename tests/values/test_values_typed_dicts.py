"""Validators derived from TypedDicts at run time."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, NotRequired, Required, TypedDict, TypeVar

import pytest
import typing_extensions
from convexity.values import Id, Int64, Table, Unset, Value, v
from convexity.values.opaque import OpaqueValidator

T = TypeVar("T")
U = TypeVar("U")


class Users(Table[Any]):
    __table_name__ = "users"


class Nameless(Table[Any]):
    pass


class MessagesDoc(TypedDict):
    """As _generated.data_model declares it at run time."""


MessagesDoc.__convexity_generated__ = True


class Address(TypedDict):
    city: str
    zip: NotRequired[str | None]


class Everything(TypedDict):
    a: None
    b: bool
    c: float
    d: Int64
    e: str
    f: bytes
    g: Any
    h: object
    i: Value
    j: Id[Users]
    k: Literal["x", 1, None]
    l: list[Address]  # noqa: E741
    m: dict[Id[Users], float]
    n: Address | None
    o: MessagesDoc
    p: Annotated[str, "note"]
    q: NotRequired[Literal["only"]]


class Loose(TypedDict, total=False):
    a: str
    b: Required[float]


class Derived(Loose):
    c: bool
    d: NotRequired[bool]


class Page(TypedDict, Generic[T]):
    items: list[T]
    next: T | None


class Tagged(Page[T], Generic[T, U]):
    tag: U


class UserPage(Page[Id[Users]]):
    total: float


class Holder(TypedDict):
    page: Page[str]


class Closed(typing_extensions.TypedDict, closed=True):
    a: typing_extensions.ReadOnly[str]
    b: typing_extensions.NotRequired[float]


def test_every_annotation():
    address = v.object(city=v.string(), zip=v.optional(v.nullable(v.string())))
    assert v.object(Everything) == v.object(
        {
            "a": v.null(),
            "b": v.boolean(),
            "c": v.number(),
            "d": v.int64(),
            "e": v.string(),
            "f": v.bytes(),
            "g": v.any(),
            "h": v.any(),
            "i": v.any(),
            "j": v.id("users"),
            "k": v.union(v.literal("x"), v.literal(1), v.null()),
            "l": v.array(address),
            "m": v.record(v.id("users"), v.number()),
            "n": v.union(address, v.null()),
            "o": OpaqueValidator("MessagesDoc"),
            "p": v.string(),
            "q": v.optional(v.literal("only")),
        }
    )


def test_totality_and_inheritance():
    assert v.object(Loose) == v.object(a=v.optional(v.string()), b=v.number())
    assert v.object(Derived) == v.object(
        a=v.optional(v.string()), b=v.number(), c=v.boolean(), d=v.optional(v.boolean())
    )


def test_generics():
    page = v.object(items=v.array(v.string()), next=v.nullable(v.string()))
    assert v.object(Page[str]) == page
    assert v.object(Holder) == v.object(page=page)
    assert v.object(Tagged[str, float]) == page.extend({"tag": v.number()})
    assert v.object(UserPage) == v.object(
        items=v.array(v.id("users")), next=v.nullable(v.id("users")), total=v.number()
    )


def test_typing_extensions():
    assert v.object(Closed) == v.object(a=v.string(), b=v.optional(v.number()))


def test_generated_types_are_opaque():
    assert v.object(MessagesDoc) == OpaqueValidator("MessagesDoc")


class HoldsInt(TypedDict):
    n: int


class HoldsBareList(TypedDict):
    n: list


class HoldsSet(TypedDict):
    n: set[str]


class HoldsUnset(TypedDict):
    n: str | Unset


class HoldsNameless(TypedDict):
    n: Id[Nameless]


class HoldsUndefined(TypedDict):
    n: OnlyForTypeCheckers  # noqa: F821


@pytest.mark.parametrize(
    ("shape", "error", "message"),
    [
        (HoldsInt, ValueError, r"HoldsInt\.n: there is no validator for int; say float"),
        (HoldsBareList, ValueError, r"say what it holds: list\[str\]"),
        (HoldsSet, ValueError, r"arrays are lists"),
        (HoldsUnset, ValueError, r"use NotRequired\[\.\.\.\]"),
        (HoldsNameless, ValueError, r"Id\[Nameless\] names no table"),
        (HoldsUndefined, ValueError, r"'OnlyForTypeCheckers' .* TYPE_CHECKING"),
        (Page, ValueError, r"type variable ~T"),
        (dict, TypeError, "takes a TypedDict, and dict is none"),
        (Users, TypeError, "takes a TypedDict, and Users is none"),
    ],
)
def test_refusals_name_field_and_way_out(shape, error, message):
    with pytest.raises(error, match=message):
        v.object(shape)
