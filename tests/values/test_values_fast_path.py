"""The fast path gives what the reference path gives, for every validator and value."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from convexity.values import Int64, ValidationError, v
from convexity.values.compiled import compile_validator, converted, dumps, loads
from convexity.values.encoding import EncodingError, decode_value, encode_value
from convexity.values.validation import validate
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.values.strategies import TABLE_NUMBERS, cases, nearly_matching, same, validators, values

TABLES = st.sampled_from([None, TABLE_NUMBERS])


def outcome(action: Callable[[], Any]) -> tuple[str, Any]:
    try:
        return "value", action()
    except (ValidationError, EncodingError) as error:
        return type(error).__name__, (str(error), error.path)


def assert_same_outcome(fast: Callable[[], Any], reference: Callable[[], Any]) -> None:
    fast_kind, fast_result = outcome(fast)
    kind, result = outcome(reference)
    assert fast_kind == kind, (fast_result, result)
    assert same(fast_result, result) if kind == "value" else fast_result == result


@settings(max_examples=300)
@given(cases(), TABLES)
def test_validate_equals_the_reference(case, tables):
    validator, value = case
    compiled = compile_validator(validator, tables)
    assert_same_outcome(
        lambda: compiled.validate(value),
        lambda: validate(validator, value, table_numbers=tables),
    )


def wire_tree(value: Any) -> Any:
    """What a careless client might send for a value: numbers without a point, unknown objects."""
    try:
        return encode_value(value)
    except EncodingError:
        return json.loads(json.dumps(value, default=repr, skipkeys=True))


@settings(max_examples=300)
@given(cases(), TABLES, st.booleans())
def test_decode_equals_the_reference(case, tables, with_integers):
    validator, value = case
    tree = wire_tree(value)
    if with_integers:
        tree = json.loads(json.dumps(tree), parse_float=lambda text: int(float(text)))
    compiled = compile_validator(validator, tables)
    assert_same_outcome(
        lambda: compiled.decode(tree),
        lambda: validate(validator, decode_value(tree), table_numbers=tables),
    )


@settings(max_examples=300)
@given(cases())
def test_validation_is_idempotent_and_survives_the_wire(case):
    validator, value = case
    compiled = compile_validator(validator, TABLE_NUMBERS)
    kind, result = outcome(lambda: compiled.validate(value))
    if kind != "value":
        return
    assert same(compiled.validate(result), result)
    assert encode_value(compiled.decode(json.loads(compiled.encode(result)))) == encode_value(
        result
    )


@given(validators.flatmap(lambda validator: st.tuples(st.just(validator), values)))
@settings(max_examples=300)
def test_unrelated_values_equal_the_reference(case):
    validator, value = case
    compiled = compile_validator(validator, TABLE_NUMBERS)
    assert_same_outcome(
        lambda: compiled.validate(value),
        lambda: validate(validator, value, table_numbers=TABLE_NUMBERS),
    )


@given(st.data())
def test_results_share_nothing_with_the_input(data):
    validator = v.object(tags=v.array(v.string()), more=v.any(), open=v.record(v.string(), v.any()))
    value = data.draw(nearly_matching(validator, odds=10**6))
    compiled = compile_validator(validator, None)
    kind, result = outcome(lambda: compiled.validate(value))
    if kind == "value":
        assert result is not value
        assert result["tags"] is not value["tags"]
        assert result["open"] is not value["open"]
        if isinstance(value["more"], list | dict):
            assert result["more"] is not value["more"]


@given(values)
def test_dumps_and_loads_round_trip(value):
    text = dumps(value)
    assert same(loads(text), value)
    assert same(loads(text.decode()), value)


@given(values)
def test_dumps_writes_the_canonical_encoding(value):
    assert json.loads(dumps(value)) == encode_value(value)
    assert dumps(value) == dumps(loads(dumps(value)))


def test_dumps_sorts_keys_and_keeps_the_decimal_point():
    assert dumps({"b": 1.0, "a": [2, Int64(1), -0.0]}) == (
        b'{"a":[2.0,{"$integer":"AQAAAAAAAAA="},{"$float":"AAAAAAAAAIA="}],"b":1.0}'
    )


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"a": (1,)}, {"$a": 1.0}, {"é": 1.0}])
def test_dumps_refuses_what_is_no_value(value):
    with pytest.raises(EncodingError):
        dumps(value)


@given(values, st.sampled_from(["convex_encoded_json", "json", "export_json"]))
def test_every_format_can_be_made_of_the_encoded_one(value, wanted):
    reference = orjson.dumps(encode_value(value, wanted), option=orjson.OPT_SORT_KEYS)
    assert converted(dumps(value), wanted) == reference


def test_output_formats():
    compiled = compile_validator(v.any(), None)
    value = compiled.validate({"n": 1, "i": Int64(5), "b": b"\0\x10\x83", "x": float("inf")})
    assert compiled.encode_json(value, "json") == b'{"b":"ABCD","i":"5","n":1.0,"x":"Infinity"}'
    assert compiled.encode_json(value, "export_json") == (
        b'{"b":{"$bytes":"ABCD"},"i":5,"n":1.0,"x":{"$float":"AAAAAAAA8H8="}}'
    )
    assert compiled.encode_json(value, "convex_encoded_json") == compiled.encode(value)


def test_deep_validators_obey_the_nesting_limit():
    validator, value = v.number(), 1.0
    for _ in range(65):
        validator, value = v.array(validator), [value]
    with pytest.raises(ValidationError, match="nested deeper than 64 levels"):
        compile_validator(validator, None).validate(value)
    with pytest.raises(EncodingError, match="nested deeper than 64 levels"):
        compile_validator(validator, None).decode(value)
    assert compile_validator(validator.element, None).validate(value[0]) == value[0]
