"""Comparison of compiled with imported definitions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from convexity.errors import DriftError
from convexity.functions.registration import query
from convexity.functions.registry import Function
from convexity.server import SchemaDefinition, define_schema, define_table
from convexity.server.deployed import DeployedComponent
from convexity.server.drift import check_drift
from convexity.values import v
from convexity.values.validators import integral_number

from tests.functions.harness import SCHEMA, compiled


@query(args={"n": v.number()}, returns=v.null())
async def handler(ctx: Any, n: float) -> None: ...


FUNCTION = compiled("m", handler)


def declared(**changes: Any) -> SchemaDefinition:
    tables = {
        "notes": define_table(text=v.string(), owner=v.optional(v.string())).index(
            "by_owner", ["owner"]
        )
    }
    return define_schema(tables | changes)


def check(definition: SchemaDefinition | None, *functions: Function) -> None:
    application = DeployedComponent(
        path="", app=None, schema=SCHEMA, definition=definition, functions=functions
    )
    check_drift([application])


def differences(definition: SchemaDefinition | None, *functions: Function) -> str:
    with pytest.raises(DriftError) as raised:
        check(definition, *functions)
    return str(raised.value)


def test_equal_definitions_agree() -> None:
    check(declared(), FUNCTION)


def test_integral_numbers_are_numbers() -> None:
    integral = replace(FUNCTION, args=v.object(n=integral_number()))
    check(declared(), integral)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "mutation"}, "m:handler: kind is 'query', compiled as 'mutation'"),
        ({"visibility": "internal"}, "visibility is 'public', compiled as 'internal'"),
        ({"path": "m:other"}, "name is 'handler', compiled as 'other'"),
        ({"args": v.object()}, "args is v.object({'n': v.number()}), compiled as v.object({})"),
        ({"returns": v.any()}, "returns is v.null(), compiled as v.any()"),
        ({"registered": None}, "m:handler is a function, but its module has None"),
    ],
)
def test_functions_that_differ_are_named(change: dict[str, Any], message: str) -> None:
    assert message in differences(declared(), replace(FUNCTION, **change))


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (None, "table 'notes' was compiled, but the schema does not declare it"),
        (declared(more=define_table()), "table 'more' is declared, but was not compiled"),
        (declared(notes=define_table(text=v.string())), "table 'notes': documents are v.object("),
        (
            declared(
                notes=define_table(text=v.string(), owner=v.optional(v.string())).index(
                    "by_owner", ["text"]
                )
            ),
            "index 'by_owner' is (('text',), False), compiled as (('owner',), False)",
        ),
        (
            declared(
                notes=define_table(text=v.string(), owner=v.optional(v.string()))
                .index("by_owner", ["owner"])
                .search_index("search", search_field="text")
            ),
            "table 'notes': search index 'search' is ('text', (), False), compiled as missing",
        ),
        (
            define_schema(dict(declared().tables), schema_validation=False),
            "schema_validation is False, compiled as True",
        ),
    ],
)
def test_tables_that_differ_are_named(definition: SchemaDefinition | None, message: str) -> None:
    assert message in differences(definition)


def test_every_difference_is_listed() -> None:
    text = differences(None, replace(FUNCTION, kind="mutation", returns=v.any()))
    assert text.count("\n  - ") == 3
