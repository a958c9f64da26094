"""``define_schema`` and ``define_table``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from convexity.errors import DefinitionError
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(
    channels=define_table(name=v.string()),
    messages=define_table(
        channelId=v.id("channels"),
        content=v.string(),
        embedding=v.optional(v.array(v.number())),
        author=v.object(name=v.string()),
    )
    .index("by_channel", ["channelId"])
    .index("by_author_name", ["author.name"])
    .search_index("search_content", search_field="content", filter_fields=["channelId"])
    .vector_index("by_embedding", vector_field="embedding", dimensions=8),
    results=define_table(
        v.union(
            v.object(kind=v.literal("ok"), value=v.number()),
            v.object(kind=v.literal("error"), message=v.string()),
        )
    ).index("by_message", ["message"]),
)


def test_documents_have_their_system_fields_first() -> None:
    document = schema.doc("channels")
    assert document == v.object(_id=v.id("channels"), _creationTime=v.number(), name=v.string())
    assert list(document.fields) == ["_id", "_creationTime", "name"]  # type: ignore[union-attr]


def test_every_member_of_a_union_has_system_fields() -> None:
    document = schema.doc("results")
    value = {"_id": "k" * 32, "_creationTime": 1.0, "kind": "error", "message": "no"}
    with pytest.raises(ValueError, match="_id"):
        document.validate({**value, "_id": 1})
    assert repr(document).count("_creationTime") == 2


@pytest.mark.parametrize("table", ["_storage", "_scheduled_functions"])
def test_system_tables_have_documents_and_ids(table: str) -> None:
    assert "'_creationTime'" in repr(schema.doc(table))
    assert schema.id(table) == v.id(table)


def test_the_three_forms_of_a_table_are_equal() -> None:
    fields = {"name": v.string()}
    forms = [define_table(name=v.string()), define_table(fields), define_table(v.object(fields))]
    assert len({form.validator for form in forms}) == 1


def test_tables_by_mapping() -> None:
    by_mapping = define_schema({"channels": define_table(name=v.string())})
    assert by_mapping.doc("channels") == schema.doc("channels")
    assert not define_schema({}, schema_validation=False).schema_validation


def indexed(name: str, fields: list[str]) -> Callable[[], Any]:
    return lambda: define_table(a=v.string(), n=v.number()).index(name, fields)


MISTAKES: list[tuple[Callable[[], Any], str]] = [
    (lambda: define_table(_id=v.string()), "'_id' is added to every document"),
    (lambda: define_table(_creationTime=v.number()), "'_creationTime' is added"),
    (lambda: define_table(_secret=v.string()), "starts with an underscore"),
    (lambda: define_table(v.string()), "are objects"),  # type: ignore[call-overload]
    (lambda: define_table(v.union(v.object(), v.string())), "are objects"),
    (lambda: define_schema(_t=define_table()), "starts with an underscore"),
    (lambda: define_schema({"a-b": define_table()}), "the table name 'a-b'"),
    (lambda: define_schema({"x" * 65: define_table()}), "longer than 64"),
    (lambda: define_schema(t=v.string()), "must be a define_table"),  # type: ignore[call-overload]
    (lambda: schema.doc("nothing"), "no table 'nothing'; its tables are 'channels'"),
    (lambda: schema.id("nothing"), "no table 'nothing'"),
    (indexed("by_id", ["a"]), "reserved"),
    (indexed("by_creation_time", ["a"]), "reserved"),
    (indexed("_x", ["a"]), "reserved"),
    (indexed("by a", ["a"]), "the index name 'by a'"),
    (indexed("by_none", []), "name at least one"),
    (indexed("by_id_field", ["_id"]), "load a document by its id"),
    (indexed("by_time", ["_creationTime"]), "appended to every index"),
    (indexed("by_x", ["_x"]), "reserved"),
    (indexed("by_b", ["b"]), "which no document of the table has; the fields are 'a', 'n'"),
    (indexed("by_a_and_a", ["a", "a"]), "lists a field twice"),
    (indexed("by_many", ["a"] * 17), "at most 16"),
    (
        lambda: define_table(a=v.string()).index("by_a", ["a"]).index("by_a", ["a"]),
        "two indexes called 'by_a'",
    ),
    (
        lambda: define_table(a=v.string()).index("by_a", ["a"]).index("again", ["a"]),
        "same fields as 'by_a'",
    ),
    (
        lambda: (
            define_table(a=v.string()).index("by_a", ["a"]).search_index("by_a", search_field="a")
        ),
        "two indexes called 'by_a'",
    ),
    (
        lambda: define_table(n=v.number()).search_index("s", search_field="n"),
        "must be a v.string()",
    ),
    (
        lambda: define_table(n=v.number()).vector_index("e", vector_field="n", dimensions=8),
        "v.array(v.number())",
    ),
    (
        lambda: define_table(n=v.array(v.number())).vector_index(
            "e", vector_field="n", dimensions=1
        ),
        "from 2 to 4096",
    ),
]


@pytest.mark.parametrize(("declare", "message"), MISTAKES)
def test_mistakes_are_named(declare: Callable[[], Any], message: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        declare()
    assert message in str(raised.value)


def test_a_table_has_at_most_64_indexes() -> None:
    table = define_table({f"f{n}": v.string() for n in range(65)})
    for number in range(64):
        table.index(f"by_f{number}", [f"f{number}"])
    with pytest.raises(DefinitionError, match="at most 64"):
        table.index("by_f64", ["f64"])
