"""The generated SQL, run in SQLite."""

from __future__ import annotations

import apsw
import pytest
from convexity_compiler.emit.backend import emit_backend
from sqlglot import exp, parse

from tests.compiler.emit_backend.projects import CHAT, ODD

DOCUMENT = (
    '{"_creationTime":1.5,"_id":"m1","authorId":"u1","channelId":"c1","content":"it\'s \\u00fc"}'
)


@pytest.fixture
def database() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.execute(emit_backend(CHAT)["schema.sqlite.sql"])
    return connection


def columns(connection: apsw.Connection, table: str) -> dict[str, str]:
    rows = connection.execute("select name, type from pragma_table_info(?)", (table,))
    return dict(rows.fetchall())


def test_the_storage_is_that_of_the_runtime(database: apsw.Connection):
    row_store = {"position": "INTEGER", "_id": "TEXT", "_creationTime": "REAL", "doc": "TEXT"}
    assert columns(database, "messages__documents") == row_store
    assert columns(database, "messages__by_channel") == {"key": "BLOB", "position": "INTEGER"}
    sql = database.execute(
        "select sql from sqlite_schema where name = 'messages__by_channel'"
    ).fetchall()
    assert sql[0][0].endswith("WITHOUT ROWID")


def test_the_script_may_be_run_again(database: apsw.Connection):
    database.execute(
        "insert into messages__documents (_id, _creationTime, doc) values (?, ?, ?)",
        ("m1", 1.5, DOCUMENT),
    )
    database.execute(emit_backend(CHAT)["schema.sqlite.sql"])
    assert database.execute("select count(*) from messages").fetchall() == [(1,)]


def test_a_view_shows_the_fields(database: apsw.Connection):
    database.execute(
        "insert into messages__documents (_id, _creationTime, doc) values (?, ?, ?)",
        ("m1", 1.5, DOCUMENT),
    )
    cursor = database.execute("select * from messages")
    names = [name for name, _ in cursor.get_description()]
    assert names == ["_id", "_creationTime", "channelId", "authorId", "content"]
    assert cursor.fetchall() == [("m1", 1.5, "c1", "u1", "it's ü")]


def test_the_view_of_a_union_has_the_fields_of_all_members():
    connection = apsw.Connection(":memory:")
    connection.execute(emit_backend(ODD)["schema.sqlite.sql"])
    documents = [
        ("a1", '{"_creationTime":1.0,"_id":"a1","common":"x","kind":"a","number":2.0}'),
        (
            "b1",
            '{"_creationTime":1.0,"_id":"b1","common":true,"kind":"b",'
            '"order":{"$integer":"AQAAAAAAAAA="}}',
        ),
    ]
    for identifier, text in documents:
        connection.execute(
            "insert into odd_table__documents (_id, _creationTime, doc) values (?, 1.0, ?)",
            (identifier, text),
        )
    rows = connection.execute(
        'select kind, number, common, "order" from odd_table order by _id'
    ).fetchall()
    assert rows == [
        ("a", 2.0, '"x"', None),
        ("b", None, "true", '{"$integer":"AQAAAAAAAAA="}'),
    ]


@pytest.mark.parametrize("project", [CHAT, ODD], ids=["chat", "odd"])
def test_both_databases_get_the_same_objects(project):
    def names(dialect: str) -> list[str]:
        script = emit_backend(project)[f"schema.{dialect}.sql"].replace("WITHOUT ROWID", "")
        return [
            f"{statement.key} {table.name}"
            for statement in parse(script, dialect=dialect)
            if isinstance(statement, exp.Create)
            for table in [statement.find(exp.Table)]
        ]

    assert names("sqlite") == names("postgres")
