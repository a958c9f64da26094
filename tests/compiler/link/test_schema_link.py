from pathlib import Path
from textwrap import dedent

import pytest
from convexity.database.system_tables import PUBLIC_SYSTEM_TABLES
from convexity.server import pagination_opts_validator, pagination_result_validator
from convexity.values import v
from convexity_compiler.link.platform import (
    PAGINATION_OPTIONS,
    SYSTEM_TABLES,
    pagination_result,
)
from convexity_compiler.link.project import LinkedProject

from tests.compiler.projects import link_files

HEADER = (
    "from convexity.server import define_schema, define_table\nfrom convexity.values import v\n"
)


def linked(root: Path, text: str, **others: str) -> LinkedProject:
    files = {f"{name}.py": HEADER + dedent(other) for name, other in others.items()}
    return link_files(root, {"schema.py": HEADER + dedent(text), **files})


def test_tables_with_every_kind_of_index(tmp_path: Path) -> None:
    project = linked(
        tmp_path,
        """
        DIMENSIONS = 1536
        BY = ["author", "profile.age"]
        schema = define_schema(
            messages=define_table(
                author=v.id("users"),
                body=v.string(),
                embedding=v.array(v.number()),
                profile=v.object(age=v.number()),
            )
            .index("by_author", ["author"])
            .index("by_author_and_age", BY, staged=True)
            .search_index("search_body", search_field="body", filter_fields=["author"])
            .vector_index("by_embedding", vector_field="embedding", dimensions=DIMENSIONS),
            users=define_table(name=v.string()),
        )
        """,
    )
    schema = project.schema
    assert schema is not None
    assert schema.is_complete
    assert [*schema.tables] == ["messages", "users"]
    table = schema.tables["messages"]
    assert [
        (i.kind, i.name, i.fields, i.filter_fields, i.dimensions, i.staged) for i in table.indexes
    ] == [
        ("index", "by_author", ("author",), (), None, False),
        ("index", "by_author_and_age", ("author", "profile.age"), (), None, True),
        ("search", "search_body", ("body",), ("author",), None, False),
        ("vector", "by_embedding", ("embedding",), (), 1536, False),
    ]
    first, second, search, vector = table.indexes
    assert project.text_of(first.location) == 'index("by_author", ["author"])'
    assert project.text_of(first.name_location) == '"by_author"'
    assert [project.text_of(place) for place in first.field_locations] == ['"author"']
    assert [project.text_of(place) for place in second.field_locations] == ["BY", "BY"]
    assert [project.text_of(place) for place in search.filter_locations] == ['"author"']
    assert vector.dimensions_location is not None
    assert project.text_of(vector.dimensions_location) == "DIMENSIONS"
    assert project.text_of(table.name_location) == "messages"
    assert project.text_of(table.document.location).startswith("define_table(")
    assert [field.name for field in table.document.fields] == [
        "author",
        "body",
        "embedding",
        "profile",
    ]
    assert table.index("by_author") is first


@pytest.mark.parametrize(
    "text",
    [
        "schema = define_schema(t=define_table(a=v.string()))",
        "schema = define_schema({'t': define_table({'a': v.string()})})",
        "schema = define_schema(**{'t': define_table(v.object(a=v.string()))})",
        "TABLES = {'t': define_table(a=v.string())}\nschema = define_schema(TABLES)",
        "TABLES = {'t': define_table(a=v.string())}\nschema = define_schema({**TABLES})",
        "t = define_table(a=v.string())\nschema = define_schema(t=t)",
        "schema = define_schema({name: define_table(a=v.string()) for name in ['t']})",
        "from typing import TypedDict\nclass T(TypedDict):\n    a: str\n"
        "schema = define_schema(t=define_table(T))",
        "from .tables import t\nschema = define_schema(t=t)",
        "from . import tables\nschema = define_schema(t=tables.t)",
        "from .tables import make\nschema = define_schema(t=make('a'))",
        "import convexity.server as cs\nschema = cs.define_schema(t=cs.define_table(a=v.string()))",
    ],
)
def test_forms_of_a_schema(tmp_path: Path, text: str) -> None:
    tables = (
        "t = define_table(a=v.string())\ndef make(name): return define_table({name: v.string()})"
    )
    project = linked(tmp_path, text, tables=tables)
    assert project.unresolved == ()
    assert project.schema is not None
    assert project.schema.tables["t"].document.validator == v.object(a=v.string())


def test_validation_can_be_switched_off(tmp_path: Path) -> None:
    project = linked(tmp_path, "schema = define_schema(schema_validation=False)")
    assert project.schema is not None
    assert not project.schema.schema_validation
    assert project.schema.tables == {}


def test_what_fails_in_a_schema_leaves_the_rest(tmp_path: Path) -> None:
    project = linked(
        tmp_path,
        """
        import os
        schema = define_schema(
            good=define_table(a=v.string()),
            half=define_table(a=v.strin()).index("by_a", ["a"]),
            bad=os.environ["TABLE"],
            odd=define_table(a=v.string()).index(os.name, ["a"]).index("by_a", ["a"]),
            value=v.string(),
        )
        """,
    )
    schema = project.schema
    assert schema is not None
    assert not schema.is_complete
    assert [*schema.tables] == ["good", "half", "odd"]
    assert schema.tables["half"].document.validator is None
    assert [index.name for index in schema.tables["half"].indexes] == ["by_a"]
    assert not schema.tables["odd"].is_complete
    assert [index.name for index in schema.tables["odd"].indexes] == ["by_a"]
    assert len(project.unresolved) == 4


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        (".index()", "lacks the name"),
        (".index('by_a')", "lacks the fields"),
        (".index('by_a', 'a')", "must be a list of strings"),
        (".index('by_a', [1])", "must be a list of strings"),
        (".index(1, ['a'])", "must be a string"),
        (".search_index('s')", "lacks `search_field=`"),
        (".vector_index('s', vector_field='a')", "lacks `dimensions=`"),
        (".vector_index('s', vector_field='a', dimensions='x')", "must be an integer"),
        (".indx('by_a', ['a'])", "tables have no such method"),
    ],
)
def test_wrong_indexes_are_noted(tmp_path: Path, chain: str, words: str) -> None:
    project = linked(tmp_path, f"schema = define_schema(t=define_table(a=v.string()){chain})")
    (entry,) = project.unresolved
    assert words in entry.reason


@pytest.mark.parametrize(
    ("text", "found", "candidate"),
    [
        ("schema = define_schema()", True, "schema"),
        ("tables = define_schema()", False, "tables"),
        ("define_schema()", False, None),
        ("schema = 1", False, None),
    ],
)
def test_the_schema_must_be_exported_as_schema(
    tmp_path: Path, text: str, found: bool, candidate: str | None
) -> None:
    project = linked(tmp_path, text)
    (export,) = project.special_exports
    assert (export.module, export.name, export.constructor) == ("schema", "schema", "define_schema")
    assert (export.found, export.candidate_name) == (found, candidate)
    assert (project.schema is not None) == found


def test_schemas_elsewhere_are_noted(tmp_path: Path) -> None:
    project = linked(tmp_path, "schema = define_schema()", other="mine = define_schema()")
    found = [
        (entry.constructor, entry.location.module, entry.target) for entry in project.constructions
    ]
    assert found == [("define_schema", "other", "mine"), ("define_schema", "schema", "schema")]


def test_typed_dicts_of_the_schema_may_name_tables(tmp_path: Path) -> None:
    project = linked(
        tmp_path,
        """
        from typing import NotRequired, TypedDict
        from ._generated.data_model import Id, Users
        class Message(TypedDict):
            author: Id[Users]
            reply: NotRequired["Id[Users] | None"]
        schema = define_schema(messages=define_table(Message), users=define_table(name=v.string()))
        """,
    )
    assert project.unresolved == ()
    assert project.schema is not None
    assert project.schema.tables["messages"].document.validator == v.object(
        author=v.id("users"), reply=v.optional(v.union(v.id("users"), v.null()))
    )


def test_supplied_validators_are_those_of_the_runtime() -> None:
    assert pagination_opts_validator == PAGINATION_OPTIONS
    assert pagination_result_validator(v.string()) == pagination_result(v.string())
    runtime = {table.name: table.validator for table in PUBLIC_SYSTEM_TABLES}
    assert runtime == SYSTEM_TABLES
