"""Types for front ends, checked with the npm client and ``tsc --strict``."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from convexity.values import Int64, v
from convexity_compiler.emit.typescript import emit_typescript
from convexity_compiler.emit.typescript.types import TypeScriptPrinter
from convexity_compiler.ir import ModuleIR

from tests.compiler.emit_backend.projects import CHAT, function, project, table
from tests.compiler.references.checked_projects import NODE_PROGRAMS, copy_and_generate

FRONT_END = """\
import { ConvexHttpClient } from "convex/browser";
import type { FunctionReference, PaginationOptions, PaginationResult } from "convex/server";
import { api, internal } from "./convex/_generated/api.js";
import type { Doc, Id, TableNames } from "./convex/_generated/dataModel.js";

type Paginated = FunctionReference<
  "query",
  "public",
  { paginationOpts: PaginationOptions },
  PaginationResult<Doc<"users">>
>;
const client = new ConvexHttpClient("http://127.0.0.1:3210");

export async function right(user: Id<"users">): Promise<string[]> {
  const names: string[] = await client.query(api.shadows.list, {});
  const pages: Paginated = api.shadows.pages;
  const found: (Doc<"users"> | null)[] = await client.query(api.shadows.many, { ids: [user] });
  const serial: bigint | undefined = found[0]?.serial;
  const picture: Id<"_storage"> | undefined = found[0]?.picture;
  const result: Doc<"results"> = { ...system, kind: "error", message: "", code: 1 };
  const text: string = await client.query(api.shadows.type, { from: "x", type: undefined });
  const table: TableNames = "project_members";
  await client.query(api.messages.access.status, { deep: { name: "x" } });
  return [...names, String([pages, serial, picture, result, table, internal.index.tidy]), text];
}

const system = { _id: "x" as Id<"results">, _creationTime: 0 };

export async function wrong(user: Id<"users">): Promise<void> {
  // @ts-expect-error an argument of another name
  await client.query(api.shadows.many, { id: [user] });
  // @ts-expect-error text for an id
  await client.query(api.shadows.many, { ids: ["x"] });
  // @ts-expect-error the id of another table
  await client.query(api.shadows.many, { ids: ["x" as Id<"events">] });
  // @ts-expect-error a mutation through query
  await client.query(api.index.write, { userId: user, others: [] });
  // @ts-expect-error an internal function
  api.index.tidy;
  // @ts-expect-error a result of another type
  const names: number[] = await client.query(api.shadows.list, {});
  // @ts-expect-error a table that does not exist
  const id: Id<"nobody"> = user;
}
"""


@pytest.mark.skipif(not (NODE_PROGRAMS / "tsc").exists(), reason="npm install in tests/clients")
def test_a_front_end_is_checked(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    copy_and_generate("features", root)
    (root / "node_modules").symlink_to(NODE_PROGRAMS.parent)
    (root / "package.json").write_text('{"type": "module"}')
    (root / "app.ts").write_text(FRONT_END)
    options = {
        "strict": True,
        "noEmit": True,
        "module": "nodenext",
        "target": "es2022",
        "lib": ["es2022", "dom"],
        "skipLibCheck": False,
        "types": [],
    }
    (root / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": options, "files": ["app.ts"]})
    )
    run = subprocess.run([NODE_PROGRAMS / "tsc"], cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


@pytest.mark.skipif(not (NODE_PROGRAMS / "tsc").exists(), reason="npm install in tests/clients")
def test_node_imports_the_references_without_a_warning(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    copy_and_generate("features", root)
    (root / "node_modules").symlink_to(NODE_PROGRAMS.parent)
    (root / "client.mjs").write_text(
        'import { api } from "./convex/_generated/api.js";\nconsole.log(typeof api);\n'
    )

    run = subprocess.run(["node", "client.mjs"], cwd=root, capture_output=True, text=True)

    assert (run.stdout, run.stderr) == ("object\n", "")


@pytest.mark.parametrize(
    ("validator", "expected"),
    [
        (v.int64(), "bigint"),
        (v.literal('"\n'), '"\\"\\n"'),
        (v.literal(Int64(5)), "5n"),
        (v.literal(True, 1, 2.5), "true | 1 | 2.5"),
        (v.bytes(), "ArrayBuffer"),
        (v.record(v.string(), v.array(v.id("a"))), 'Record<string, Array<Id<"a">>>'),
        (v.object({"x": v.optional(v.null()), "class": v.any()}), "{ x?: null; class: any }"),
        (v.union(v.string(), v.null(), v.string()), "string | null"),
    ],
    ids=repr,
)
def test_types(validator, expected: str) -> None:
    assert TypeScriptPrinter({}).type(validator) == expected


def test_documents_are_named_and_imported() -> None:
    users = table("users", v.object(name=v.string()))
    document = v.object(name=v.string(), _id=v.id("users"), _creationTime=v.number())
    item = function("m:f", returns=v.array(document))
    text = emit_typescript(project(ModuleIR(path="m", functions=(item,)), tables=(users,)))
    api = text["convex/_generated/api.d.ts"]
    assert 'f: FunctionReference<"query", "public", {}, Array<Doc<"users">>>;' in api
    assert 'import type { Doc } from "./dataModel.js";' in api


def test_a_docstring_cannot_end_its_comment() -> None:
    item = function("m:f", docstring="Evil */ text\nand more")
    text = emit_typescript(project(ModuleIR(path="m", functions=(item,))))
    assert "     * Evil *\\/ text\n     * and more\n     */" in text["convex/_generated/api.d.ts"]


def test_files_say_that_they_are_generated() -> None:
    for text in emit_typescript(CHAT).values():
        assert "Generated by `convexity codegen`" in text.splitlines()[text[0] == "{"]
