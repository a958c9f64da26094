"""Building validators: structure, repr, equality, and the refusal of misuse."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from convexity.values import Int64, ObjectValidator, UnionValidator, Validator, v
from convexity.values.agreement import agree
from convexity.values.json_form import validator_from_json, validator_to_json
from convexity.values.opaque import OpaqueValidator
from convexity.values.validators import accepts_null, integral_number
from hypothesis import given

from tests.values.strategies import validators

PERSON = v.object(name=v.string(), age=v.optional(v.number()), id=v.id("people"))


def json_text(validator: Validator) -> str:
    """The JSON form as text: in Python, True and 1.0 are equal, in JSON they are not."""
    return json.dumps(validator_to_json(validator))


def evaluate(source: str) -> object:
    return eval(source, {"v": v, "Int64": Int64})


@given(validators)
def test_repr_is_source_for_the_same_validator(validator):
    again = evaluate(repr(validator))
    assert repr(again) == repr(validator)
    assert agree(again, validator)


@given(validators)
def test_json_form_round_trip(validator):
    tree = validator_to_json(validator)
    assert validator_to_json(validator_from_json(tree)) == tree
    assert agree(validator, validator_from_json(tree))


@given(validators)
def test_copies_are_equal(validator):
    for other in (copy.deepcopy(validator), pickle.loads(pickle.dumps(validator))):
        assert other == validator
        assert hash(other) == hash(validator)


@given(validators, validators)
def test_equal_validators_agree_and_have_one_hash(left, right):
    if left == right:
        assert hash(left) == hash(right)
        assert agree(left, right)
    assert agree(left, right) == (json_text(left) == json_text(right))


def test_json_form_of_every_kind():
    validator = v.object(
        z=v.nullable(v.int64()),
        a=v.optional(v.record(v.id("users"), v.array(v.bytes()))),
        m=v.union(v.literal(1), v.literal("x"), v.literal(Int64(1)), v.boolean(), v.any()),
    )
    assert list(validator_to_json(validator)["value"]) == ["a", "m", "z"]
    assert validator_to_json(validator)["value"] == {
        "a": {
            "fieldType": {
                "type": "record",
                "keys": {"type": "id", "tableName": "users"},
                "values": {
                    "fieldType": {"type": "array", "value": {"type": "bytes"}},
                    "optional": False,
                },
            },
            "optional": True,
        },
        "m": {
            "fieldType": {
                "type": "union",
                "value": [
                    {"type": "literal", "value": 1.0},
                    {"type": "literal", "value": "x"},
                    {"type": "literal", "value": {"$integer": "AQAAAAAAAAA="}},
                    {"type": "boolean"},
                    {"type": "any"},
                ],
            },
            "optional": False,
        },
        "z": {
            "fieldType": {"type": "union", "value": [{"type": "bigint"}, {"type": "null"}]},
            "optional": False,
        },
    }
    assert validator_to_json(integral_number()) == {"type": "number"}


@pytest.mark.parametrize(
    "tree",
    [None, {}, {"type": "set"}, {"type": "id"}, {"type": "union", "value": {}}, {"type": "array"}],
)
def test_json_that_is_no_validator(tree):
    with pytest.raises(ValueError, match=r"validator|lacks"):
        validator_from_json(tree)


def test_literals_are_equal_only_with_the_same_type():
    literals = [v.literal(value) for value in (1, True, 1.0, Int64(1), "1", 0.0, -0.0)]
    assert len(set(literals)) == len(literals)
    assert agree(v.literal(1), v.literal(1.0))
    assert not agree(v.literal(1), v.literal(Int64(1)))
    assert not agree(v.literal(1), v.literal(True))


def test_the_order_of_fields_is_kept_but_does_not_count():
    left, right = v.object(a=v.string(), b=v.null()), v.object(b=v.null(), a=v.string())
    assert list(left.fields) == ["a", "b"]
    assert left == right
    assert hash(left) == hash(right)
    assert v.union(v.string(), v.null()) != v.union(v.null(), v.string())


def test_validators_are_immutable():
    with pytest.raises(AttributeError):
        v.array(v.string()).element = v.null()
    with pytest.raises(TypeError):
        PERSON.fields["name"] = v.null()
    fields = {"a": v.string()}
    validator = v.object(fields)
    fields["b"] = v.null()
    assert list(validator.fields) == ["a"]


def test_integral_numbers_differ_but_agree():
    assert v.number() != integral_number()
    assert agree(v.number(), integral_number())
    assert repr(integral_number()) == "v.number()"


def test_object_methods():
    assert list(PERSON.pick("id", "name").fields) == ["name", "id"]
    assert list(PERSON.omit("id").fields) == ["name", "age"]
    assert all(field.is_optional for field in PERSON.partial().fields.values())
    assert PERSON.partial().fields["age"] == PERSON.fields["age"]
    extended = PERSON.extend({"name": v.null(), "more": v.any()})
    assert extended.fields["name"] == v.null()
    assert list(extended.fields) == ["name", "age", "id", "more"]
    with pytest.raises(ValueError, match=r"\.omit\('nmae'\): there is no such field; .* 'name'"):
        PERSON.omit("nmae")


def test_union_methods_act_on_every_member():
    ok = v.object(kind=v.literal("ok"), at=v.number())
    failed = v.object(kind=v.literal("failed"), at=v.number(), error=v.string())
    union = v.union(ok, v.union(failed))
    assert union.omit("at") == v.union(ok.omit("at"), failed.omit("at"))
    assert union.pick("kind", "error") == v.union(ok.pick("kind"), failed.pick("kind", "error"))
    assert union.partial() == v.union(ok.partial(), failed.partial())
    assert union.extend({"x": v.null()}).members[1] == failed.extend({"x": v.null()})
    with pytest.raises(ValueError, match="there is no such field"):
        union.omit("nothing")
    with pytest.raises(TypeError, match=r"objects as members, but v\.null\(\) is none"):
        v.nullable(ok).omit("at")


def test_the_three_forms_of_object():
    assert v.object({"a": v.string()}) == v.object(a=v.string())
    assert v.object({"from": v.string(), "class": v.null()}).fields["from"] == v.string()
    assert v.object() == v.object({})
    assert list(v.object(fields=v.null(), self=v.null()).fields) == ["fields", "self"]


def test_other_constructors():
    assert v.nullable(v.string()) == v.union(v.string(), v.null())
    assert v.literal("a", "b") == v.union(v.literal("a"), v.literal("b"))
    assert v.optional(v.optional(v.string())) == v.optional(v.string())
    assert v.bigint() == v.int64()
    assert isinstance(v.literal("a", "b"), UnionValidator)
    assert v.id("no_such_table").table_name == "no_such_table"


def test_accepts_null():
    assert accepts_null(v.optional(v.union(v.string(), v.nullable(v.number()))))
    assert accepts_null(v.any())
    assert not accepts_null(v.optional(v.string()))


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: v.array(v.optional(v.string())), ValueError, r"use v\.nullable\(v\.string\(\)\)"),
        (lambda: v.union(v.optional(v.null())), ValueError, "a member of v.union.. cannot be opt"),
        (lambda: v.record(v.string(), v.optional(v.null())), ValueError, "the value of v.record"),
        (lambda: v.record(v.literal("a", "b"), v.null()), ValueError, r"use v\.object\(\)"),
        (lambda: v.record(v.number(), v.null()), ValueError, "the key of v.record"),
        (lambda: v.union(), ValueError, "at least one member"),
        (lambda: v.array(str), TypeError, "must be a validator, not the class str"),
        (lambda: v.array(v.string), TypeError, r"call it: v\.string\(\)"),
        (lambda: v.object(a="x"), TypeError, r"field 'a' .* write v\.literal\('x'\)"),
        (lambda: v.object(a=None), TypeError, r"write v\.null\(\)"),
        (lambda: v.object(a={"b": v.null()}), TypeError, r"wrap the fields in v\.object"),
        (lambda: v.object(PERSON), TypeError, "already a validator"),
        (lambda: v.object({"a": v.null()}, b=v.null()), TypeError, "not both"),
        (lambda: v.object(5), TypeError, "takes a mapping"),
        (lambda: v.object({5: v.null()}), TypeError, "field name .* must be a string"),
        (lambda: v.object({"a-b": v.null()}), ValueError, r"use v\.record\(\)"),
        (lambda: v.object({"": v.null()}), ValueError, "is empty"),
        (lambda: v.object({"$a": v.null()}), ValueError, "reserved"),
        (lambda: v.object({"__": v.null()}), ValueError, "underscores only"),
        (lambda: v.object({"é": v.null()}), ValueError, "only ASCII"),
        (lambda: v.object({"a" * 65: v.null()}), ValueError, "longer than 64"),
        (lambda: v.id("a b"), ValueError, "the table name may hold only"),
        (lambda: v.id(5), TypeError, "takes the name of a table"),
        (lambda: v.literal(None), TypeError, r"write v\.null\(\)"),
        (lambda: v.literal(b"a"), TypeError, "takes a string, number"),
        (lambda: v.literal(float("nan")), ValueError, "finite"),
        (lambda: v.literal(2**53 + 1), ValueError, r"v\.literal\(Int64\(9007199254740993\)\)"),
        (lambda: Int64(2**63), ValueError, "out of range for int64"),
    ],
)
def test_misuse_is_refused_with_the_way_out(build, error, message):
    with pytest.raises(error, match=message):
        build()


def test_opaque_validators_agree_with_anything():
    opaque = OpaqueValidator("MessagesDoc")
    assert repr(opaque) == "v.object(MessagesDoc)"
    assert isinstance(opaque, ObjectValidator)
    assert opaque.omit("_id").partial().extend({"a": v.null()}) == opaque
    assert agree(v.array(v.union(PERSON, v.null())), v.array(v.union(opaque, v.null())))
    assert not agree(v.array(PERSON), v.optional(opaque))
    assert OpaqueValidator("Other") != opaque
    assert copy.deepcopy(opaque) == opaque
    assert pickle.loads(pickle.dumps(opaque)) == opaque
    for use in (lambda: opaque.fields, lambda: opaque.validate({}), lambda: {**opaque.fields}):
        with pytest.raises(TypeError, match=r"start from the schema instead"):
            use()
    with pytest.raises(AttributeError):
        _ = opaque.nothing
    with pytest.raises(ValueError, match="has no JSON form"):
        validator_to_json(opaque)
