"""Exporting and importing documents: exact round trips, all or nothing, and no traps."""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from convexity.values.ids import decode_id, encode_id

from tests.support.backends import ADMIN_KEY, Server, run_cli, serve

ADMIN = {"Authorization": f"Convex {ADMIN_KEY}"}
NAN = {"$float": base64.b64encode(struct.pack("<d", float("nan"))).decode()}
MINUS_ZERO = {"$float": base64.b64encode(struct.pack("<d", -0.0)).decode()}
INFINITY = {"$float": base64.b64encode(struct.pack("<d", float("inf"))).decode()}
SMALLEST = {"$integer": base64.b64encode(struct.pack("<q", -(2**63))).decode()}
BYTES = {"$bytes": base64.b64encode(bytes(range(256))).decode()}
SAMPLES: list[Any] = [
    *(None, True, 1.0, 0.1, 5e-324, 1.7976931348623157e308, NAN, MINUS_ZERO, INFINITY),
    *(SMALLEST, BYTES, "", "\u2028\x00\U0001f600", [[], {}, [SMALLEST]], {"a": {"b": NAN}}),
]


def own_data(folder: Path) -> dict[str, str]:
    """Settings of a backend that shares nothing with another one."""
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
        "STORAGE_URL": f"file:///{folder / 'files'}",
    }


@pytest.fixture(scope="module")
def target(administration_dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A backend whose documents every test may replace."""
    with serve(administration_dist, **own_data(tmp_path_factory.mktemp("target"))) as server:
        server.client.headers.update(ADMIN)
        yield server


@pytest.fixture(scope="module")
def source(administration_dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A backend that holds every kind of value."""
    with serve(administration_dist, **own_data(tmp_path_factory.mktemp("source"))) as server:
        server.client.headers.update(ADMIN)
        for number in range(3):
            server.call("mutation", "messages:send", channel=f"c{number}", body="hello")
        for kept in range(2):
            call(
                server,
                "mutation",
                "_system/frontend/addDocument",
                table="samples",
                documents=[{"value": value} for value in SAMPLES[kept::2]],
            )
        yield server


def call(server: Server, kind: str, path: str, **args: Any) -> Any:
    body = {"path": path, "args": args, "format": "convex_encoded_json"}
    answer = server.client.post(f"/api/{kind}", json=body).json()
    assert answer["status"] == "success", answer
    return answer["value"]


def documents(server: Server, table: str) -> list[dict[str, Any]]:
    return list(call(server, "query", "_system/frontend/listTableScan", table=table, limit=30_000))


def exported(server: Server) -> bytes:
    return server.client.get("/api/export/zip").raise_for_status().content


def import_file(server: Server, content: bytes, **query: str) -> httpx.Response:
    return server.client.post("/api/import", params=query, content=content)


def import_lines(server: Server, table: str, *rows: object, **query: str) -> httpx.Response:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    return import_file(server, content, format="jsonl", tableName=table, **query)


def refusal(answer: httpx.Response) -> str:
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "ImportFailed"
    message: str = answer.json()["message"]
    assert message.startswith("Nothing was imported.\n")
    return message.partition("\n")[2]


def test_a_round_trip_is_exact(source: Server, target: Server) -> None:
    content = exported(source)
    answer = import_file(target, content, mode="replaceAll")
    assert answer.is_success, (answer.text, target.log.read_text()[-3000:])
    assert answer.json()["numWritten"] == 6 + len(SAMPLES) + len(documents(source, "_storage"))
    for table in ("channels", "messages", "samples"):
        assert documents(target, table) == documents(source, table)
    shown = [json.dumps(row["value"]) for row in documents(target, "samples")]
    assert sorted(shown) == sorted(json.dumps(sample) for sample in SAMPLES)
    first, second = (zipfile.ZipFile(io.BytesIO(text)) for text in (content, exported(target)))
    assert first.namelist() == second.namelist()
    assert first.namelist()[0] == "_tables/documents.jsonl"
    assert all(first.read(name) == second.read(name) for name in first.namelist())
    assert json.loads(first.read("_tables/documents.jsonl").splitlines()[0]) == {
        "name": "channels",
        "id": 10001,
    }


def test_stored_files_come_along(source: Server, target: Server) -> None:
    contents = {"text/plain": "a\x00b" * 200_000, None: ""}
    kept = {
        source.call("action", "messages:keep", text=text, contentType=content_type): text
        for content_type, text in contents.items()
    }
    content = exported(source)
    for _ in range(2):  # the second time they replace those of the first
        answer = import_file(target, content, mode="replaceAll")
        assert answer.is_success, answer.text
        assert documents(target, "_storage") == documents(source, "_storage")
        for file, text in kept.items():
            url = target.call("query", "messages:address", file=file)
            assert httpx.get(url).text == text
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert {f"_storage/{file}" for file in kept} <= set(names)
    assert "there are documents in" in refusal(import_file(target, content))
    first = next(iter(kept))
    wrong = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(wrong, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, b"x" * len(data) if name == f"_storage/{first}" else data)
    assert "SHA-256 digest" in refusal(import_file(target, wrong.getvalue(), mode="replaceAll"))
    for line in (b"{}", b'{"_id":"nonsense"}', forged(content, "contentType", "a\r\nx: y")):
        rows = io.BytesIO()
        with zipfile.ZipFile(rows, "w") as new:
            new.writestr("_storage/documents.jsonl", line)
        assert "documents.jsonl:1 describes no file" in refusal(
            import_file(target, rows.getvalue(), mode="replaceAll")
        )
    assert documents(target, "_storage") == documents(source, "_storage")
    for file in kept:
        assert httpx.get(target.call("query", "messages:address", file=file)).is_success


def forged(content: bytes, field: str, value: str) -> bytes:
    """The row of a file with another value in a field."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        row = json.loads(archive.read("_storage/documents.jsonl").splitlines()[0])
    return json.dumps({**row, field: value}).encode()


def test_imported_documents_are_like_any_others(source: Server, target: Server) -> None:
    import_file(target, exported(source), mode="replaceAll")
    newest = target.call("query", "messages:newest")
    assert newest == source.call("query", "messages:newest")
    target.call("mutation", "messages:send", channel="new", body="after the import")
    rows = target.call("query", "messages:newest")
    assert [row["body"] for row in rows] == ["after the import", *(r["body"] for r in newest)]
    assert rows[0]["_creationTime"] > rows[1]["_creationTime"]


def test_modes_say_what_happens_to_documents_that_are_there(target: Server) -> None:
    import_lines(target, "channels", {"name": "old"}, mode="replace")
    assert "there are documents in channels" in refusal(
        import_lines(target, "channels", {"name": "new"})
    )
    names = lambda: [row["name"] for row in documents(target, "channels")]  # noqa: E731
    assert names() == ["old"]
    import_lines(target, "channels", {"name": "new"}, mode="append")
    assert names() == ["new", "old"]
    answer = import_lines(target, "channels", {"name": "a"}, {"name": "b"}, mode="replace")
    assert answer.json() == {"numWritten": 2, "numDeleted": 2}
    assert names() == ["b", "a"]
    answer = import_lines(target, "samples", {"value": 1}, mode="replaceAll")
    assert answer.json()["numDeleted"] >= 2
    assert names() == []


def test_nothing_is_imported_if_a_document_cannot_be(target: Server) -> None:
    import_lines(target, "channels", {"name": "kept"}, mode="replace")
    other = documents(target, "channels")[0]["_id"]
    rows: list[object] = [
        {"name": "fine"},
        {"name": 1},
        {"name": "x", "_id": "nonsense"},
        {"name": "x", "_creationTime": 1e300},
        {"name": "x", "extra": True},
        [],
        {"$integer": "AQAAAAAAAAA="},
        {"name": "x", "_other": 1},
    ]
    lines = refusal(import_lines(target, "channels", *rows, mode="replace")).splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"line {n}" for n in range(2, 9)]
    assert "'nonsense' is no id" in lines[1]
    assert "_creationTime is 1e+300" in lines[2]
    assert [row["name"] for row in documents(target, "channels")] == ["kept"]
    message = {"channel": other, "body": "x", "_id": other}
    assert "belongs to another table than 'messages'" in refusal(
        import_lines(target, "messages", message, mode="replace")
    )
    twice = {"name": "x", "_id": other}
    assert "there is a document" in refusal(import_lines(target, "channels", twice, mode="append"))
    many = [{"name": 1}] * 2000
    lines = refusal(import_lines(target, "channels", *many, mode="append")).splitlines()
    assert (len(lines), lines[-1]) == (21, "... and at least 980 more")


def test_csv_is_read_as_the_table_wants_it(target: Server) -> None:
    import_lines(target, "channels", {"name": "c"}, mode="replace")
    channel = documents(target, "channels")[0]["_id"]
    text = (
        f'\ufeffchannel,body,likes\r\n{channel},"a, ""b""\nc",9007199254740993\r\n{channel},5,\r\n'
    )
    query = {"format": "csv", "tableName": "messages", "mode": "replace"}
    assert import_file(target, text.encode(), **query).json()["numWritten"] == 2
    second, first = documents(target, "messages")
    likes = {"$integer": base64.b64encode(struct.pack("<q", 9007199254740993)).decode()}
    assert (first["body"], first["likes"]) == ('a, "b"\nc', likes)
    assert second["body"] == "5"
    assert "likes" not in second
    for wrong, reason in (
        (f"channel,body,likes\n{channel},x,many\n", "column 'likes': 'many' is no int64"),
        (f"channel,body\n{channel},x,y\n", "more cells"),
        (f"channel,body\n{channel}\n", "fewer cells"),
        ("channel,channel\n", "must name each column, once"),
    ):
        assert reason in refusal(import_file(target, wrong.encode(), **query))
    assert len(documents(target, "messages")) == 2


def test_json_arrays_and_lines_take_plain_integers(target: Server) -> None:
    import_lines(target, "channels", {"name": "c"}, mode="replace")
    channel = documents(target, "channels")[0]["_id"]
    rows = json.dumps([{"channel": channel, "body": "x", "likes": 5}]).encode()
    query = {"format": "json", "tableName": "messages", "mode": "replace"}
    assert import_file(target, rows, **query).json()["numWritten"] == 1
    assert documents(target, "messages")[0]["likes"] == {"$integer": "BQAAAAAAAAA="}
    for wrong, reason in ((b"{}", "JSON array"), (b"[", "no JSON"), (b"[1]", "document 1: it is")):
        assert reason in refusal(import_file(target, wrong, **query))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../channels/documents.jsonl", "leads out of the zip file"),
        ("/channels/documents.jsonl", "leads out of the zip file"),
        ("..\\channels\\documents.jsonl", "leads out of the zip file"),
        ("channels/documents.json", "is not understood"),
        ("channels/deep/documents.jsonl", "is not understood"),
        ("{{ 7*7 }}/documents.jsonl", "is not understood"),
        ("missing/documents.jsonl", "there is no table 'missing'"),
        ("_scheduled_functions/documents.jsonl", "there is no table '_scheduled_functions'"),
        ("_environment_variables/documents.jsonl", "there is no table"),
    ],
)
def test_names_in_zip_files_lead_nowhere_else(target: Server, name: str, reason: str) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("channels/documents.jsonl", '{"name": "x"}\n')
        archive.writestr(zipfile.ZipInfo(name), '{"name": "x"}\n')
    before = documents(target, "channels")
    assert reason in refusal(import_file(target, content.getvalue(), mode="replace"))
    assert documents(target, "channels") == before


def test_bombs_and_damaged_files_are_refused(target: Server) -> None:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("samples/documents.jsonl", "w") as file,
    ):
        for _ in range(300):
            file.write(b'{"value":null}\n' * 70_000)
    assert "would grow" in refusal(import_file(target, content.getvalue(), mode="replace"))
    long_line = io.BytesIO()
    with zipfile.ZipFile(long_line, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("samples/documents.jsonl", b'"' + b"x" * 2**24)
    assert "samples/documents.jsonl:1: the line is longer than 8 MiB" in refusal(
        import_file(target, long_line.getvalue(), mode="replace")
    )
    assert "no zip file" in refusal(import_file(target, b"PK nonsense", mode="replace"))
    good = io.BytesIO()
    with zipfile.ZipFile(good, "w") as archive:
        archive.writestr("samples/documents.jsonl", b'{"value": "abcdef"}\n')
    damaged = good.getvalue().replace(b"abcdef", b"abcdeF")
    assert "is damaged" in refusal(import_file(target, damaged, mode="replace"))


NUMBERS = {"channels": 10_003, "messages": 10_001, "samples": 10_009}
"""Other numbers than those of a database of the fixture project, two of them exchanged."""


def elsewhere(content: bytes, numbers: dict[str, int]) -> bytes:
    """An export as a database in which tables have other numbers would have made it."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        listed = [json.loads(row) for row in old.read("_tables/documents.jsonl").splitlines()]
        here = {row["id"]: row["name"] for row in listed}

        def changed(found: re.Match[str]) -> str:
            number, internal = decode_id(found[0])
            return encode_id(numbers[here[number]], internal) if number in here else found[0]

        for name in old.namelist():
            text = old.read(name)
            if name == "_tables/documents.jsonl":
                text = b"".join(
                    json.dumps({"name": table, "id": numbers[table]}).encode() + b"\n"
                    for table in here.values()
                )
            elif name.endswith(".jsonl"):
                text = re.sub(r"\b[0-9a-z]{32}\b", changed, text.decode()).encode()
            new.writestr(name, text)
    return made.getvalue()


def test_ids_are_kept_where_tables_have_other_numbers(
    source: Server, administration_dist: Path, tmp_path: Path
) -> None:
    original = exported(source)
    content = elsewhere(original, NUMBERS)
    data = own_data(tmp_path)
    with serve(administration_dist, **data) as first, serve(administration_dist, **data) as second:
        for server in (first, second):
            server.client.headers.update(ADMIN)
        first.call("mutation", "messages:send", channel="old", body="of the old number")
        watched = documents(second, "channels")
        refused = refusal(import_file(first, content, mode="append"))
        assert "table 'channels' has number 10001 here and 10003 in the file" in refused
        only = without(content, "messages/", "samples/")
        assert "table 'messages' stays and may hold ids of 'channels'" in refusal(
            import_file(first, only, mode="replace")
        )
        assert documents(first, "channels") == watched
        answer = import_file(first, content, mode="replaceAll")
        assert answer.is_success, (answer.text, first.log.read_text()[-3000:])
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            lines = archive.read("messages/documents.jsonl").splitlines()
        for server in (first, second):
            rows = documents(server, "messages")[::-1]
            assert rows[: len(lines)] == [json.loads(line) for line in lines]
            assert server.call("mutation", "messages:send", channel="c0", body="after")
        assert {decode_id(row["_id"]).table_number for row in documents(second, "messages")} == {
            NUMBERS["messages"]
        }
        assert [row["name"] for row in documents(first, "channels")[-3:]] == ["c2", "c1", "c0"]
        again = exported(second)
    with serve(administration_dist, **data) as restarted:
        restarted.client.headers.update(ADMIN)
        assert zip_texts(exported(restarted)) == zip_texts(again)
        # And back to the numbers of before.
        assert import_file(restarted, original, mode="replaceAll").is_success
        assert zip_texts(exported(restarted)) == zip_texts(original)


@pytest.mark.parametrize("number", [0, -1, 540, 10_000, 2**32 - 1, 2**70, "x"])
def test_numbers_that_no_table_has_are_refused(target: Server, number: int | str) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        row = json.dumps({"name": "channels", "id": number})
        archive.writestr("_tables/documents.jsonl", row)
        archive.writestr("channels/documents.jsonl", "")
    refused = refusal(import_file(target, content.getvalue(), mode="replaceAll"))
    assert "no tables have such numbers" in refused or "documents.jsonl:1 has no name" in refused


def without(content: bytes, *folders: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            if not name.startswith(folders):
                new.writestr(name, old.read(name))
    return made.getvalue()


def zip_texts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_only_admins_export_and_import(administration: Server) -> None:
    assert administration.client.get("/api/export/zip").status_code == 403
    assert administration.client.post("/api/import", content=b"").status_code == 403
    assert administration.client.get("/api/table_sizes").status_code == 403


def test_requests_that_make_no_sense_are_explained(target: Server) -> None:
    for query, status, code in (
        ({"format": "xml"}, 400, "BadQueryArgs"),
        ({"format": "csv"}, 400, "BadQueryArgs"),
        ({"format": "zip", "tableName": "samples"}, 400, "BadQueryArgs"),
        ({"mode": "merge"}, 400, "BadQueryArgs"),
        ({"format": "csv", "tableName": "missing"}, 404, "TableNotFound"),
    ):
        answer = import_file(target, b"", **query)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert target.client.get("/api/export/zip?tableName=missing").status_code == 404


def test_the_command_shows_exports_and_imports(
    source: Server, target: Server, administration_dist: Path, tmp_path: Path
) -> None:
    def data(server: Server, *arguments: str, check: bool = True) -> Any:
        options = ("--url", server.url, "--admin-key", ADMIN_KEY)
        return run_cli("data", *arguments, *options, folder=administration_dist.parent, check=check)

    assert [line.split() for line in data(source).stdout.splitlines()] == [
        ["channels", "3"],
        ["messages", "3"],
        ["samples", str(len(SAMPLES))],
    ]
    header, rule, *rows = data(source, "channels", "--order", "asc").stdout.splitlines()
    assert header.split() == ["_id", "name", "_creationTime"]
    assert set(rule) == {"-", " "}
    assert [row.split()[1] for row in rows] == ["c0", "c1", "c2"]
    lines = data(source, "samples", "--format", "jsonl", "--limit", "4").stdout.splitlines()
    assert [json.loads(line) for line in lines] == documents(source, "samples")[:4]
    assert json.loads(data(source, "channels", "--format", "json").stdout) == documents(
        source, "channels"
    )
    unknown = data(source, "missing", check=False)
    assert unknown.returncode == 2
    assert "there is no table 'missing' in the schema" in unknown.stderr
    file = tmp_path / "all.zip"
    assert data(source, "export", "--path", str(file)).stderr.startswith(f"Wrote {file}, ")
    assert not list(tmp_path.glob(".*"))
    imported = data(target, "import", str(file), "--replace-all", "--yes")
    written = 6 + len(SAMPLES) + len(documents(source, "_storage"))
    assert imported.stderr.startswith(f"Imported {written} documents")
    assert documents(target, "messages") == documents(source, "messages")
    (tmp_path / "more.csv").write_text("name\nfrom csv\n")
    data(target, "import", str(tmp_path / "more.csv"), "--table", "channels", "--append")
    assert documents(target, "channels")[0]["name"] == "from csv"
    refused = data(target, "import", str(file), check=False)
    assert refused.returncode == 2
    assert "there are documents in" in refused.stderr
    kept = data(target, "delete", "x", "channels", "--yes", check=False)
    assert kept.returncode == 2
    assert 'There is no table "x"' in kept.stderr
    for name, reason in (("channels", "it appears in the schema"), ("x", "There is no table")):
        kept = data(target, "delete", name, check=False)
        assert reason in kept.stderr
        assert "for good?" not in kept.stderr
    more = str(tmp_path / "more.csv")
    for arguments in (["channels", more], ["channels", "--table", more]):
        swapped = data(target, "import", *arguments, check=False)
        assert swapped.returncode == 2
        assert f"convexity data import {more} --table channels" in swapped.stderr
    named = data(target, "import", str(file), "--component", "likes", check=False)
    assert "leave --component out" in named.stderr
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe")
    unread = data(target, "import", str(tmp_path / "binary.csv"), "--table=channels", check=False)
    assert "line 1: 'utf-8' codec can't decode" in unread.stderr
