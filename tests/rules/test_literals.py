"""Literals of documents and arguments against validators, as rules see them."""

from __future__ import annotations

import time

import pytest
from convexity.values import Validator, v
from convexity.values.ids import new_id
from convexity_compiler.rules.usage.literals import misfits
from convexity_compiler.span import Span
from convexity_compiler.summary.annotation_strings import parse_annotation

SHAPE = v.object(name=v.string(), size=v.optional(v.number()))
SHAPES = v.union(
    v.object(kind=v.literal("a"), size=v.number()),
    v.object(kind=v.literal("b"), name=v.string()),
)


def found(validator: Validator, source: str) -> list[str]:
    expression = parse_annotation(source, Span(1, 1, 1, 1))
    assert expression is not None
    return [misfit.reason for misfit in misfits(validator, expression)]


@pytest.mark.parametrize(
    ("validator", "source"),
    [
        (v.string(), "'x'"),
        (v.string(), "f'{x}'"),
        (v.number(), "-3"),
        (v.number(), "1.5"),
        (v.int64(), "3"),
        (v.boolean(), "True"),
        (v.bytes(), "b'x'"),
        (v.null(), "None"),
        (v.any(), "[{'a': None}]"),
        (v.nullable(v.string()), "None"),
        (v.literal("a", "b"), "'b'"),
        (v.literal(1), "1"),
        (v.array(v.number()), "[1, x, 2.5]"),
        (v.record(v.string(), v.number()), "{'a': 1, **rest}"),
        (SHAPE, "{'name': 'x'}"),
        (SHAPE, "{**rest}"),
        (SHAPE, "{key: 3}"),
        (SHAPES, "{'kind': 'a', 'size': 3}"),
        (v.number(), "x.y[0](3) or None"),
        (v.string(), "'a' if x else y"),
    ],
)
def test_what_fits_or_cannot_be_seen(validator: Validator, source: str) -> None:
    assert found(validator, source) == []


@pytest.mark.parametrize(
    ("validator", "source", "reason"),
    [
        (v.string(), "3", "expected `str`, found a number"),
        (v.number(), "True", "expected `float`, found `True`"),
        (v.number(), "f'{x}'", "expected `float`, found a string"),
        (v.int64(), "1.5", "expected `Int64`, found a number"),
        (v.boolean(), "1", "expected `bool`, found a number"),
        (v.bytes(), "'x'", "expected `bytes`, found a string"),
        (v.null(), "b''", "expected `None`, found bytes"),
        (v.optional(v.string()), "None", "expected `str`, found `None`"),
        (v.literal(1), "True", "expected `Literal[1]`, found `True`"),
        (v.literal("a", "b"), "'c'", "expected `Literal['a', 'b']`, found `'c'`"),
        (v.id("users"), "'Ann'", '"Ann" is no id'),
        (v.id("users"), "3", "expected `Id[Users]`, found a number"),
        (v.array(v.number()), "[1, 'x']", "expected `float`, found a string"),
        (v.array(v.number()), "{}", "expected `list[float]`, found a dict"),
        (v.record(v.string(), v.number()), "{'a': None}", "expected `float`, found `None`"),
        (SHAPE, "{}", "the field `name` is missing"),
        (SHAPE, "{'name': 'x', 'age': 3}", "there is no field `age`"),
        (SHAPE, "{'nmae': 'x'}", "there is no field `nmae`"),
        (SHAPE, "[]", "expected an object with `name`, `size`, found a list"),
        (SHAPES, "{'kind': 'b'}", "the field `name` is missing"),
        (SHAPES, "{'kind': 'c'}", "`kind` is `'c'`; it must be `'a'` or `'b'`"),
        (v.string(), "'a' if x else 3", "expected `str`, found a number"),
    ],
)
def test_what_does_not_fit(validator: Validator, source: str, reason: str) -> None:
    assert found(validator, source) == [reason]


def test_an_id_as_text_is_left_alone() -> None:
    assert found(v.id("users"), repr(new_id(3, time.time()))) == []
