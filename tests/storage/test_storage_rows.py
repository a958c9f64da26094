"""What functions see of the rows behind files, and how deletions nest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from convexity.functions.registration import action, mutation, query
from convexity.storage.database import read
from convexity.storage.rows import rows_in_state
from convexity.values import v

from tests.functions.harness import api, deployed


class Functions:
    @action(args={}, returns=v.id("_storage"))
    async def store(ctx: Any) -> Any:
        return await ctx.storage.store(b"content", content_type="text/plain")

    @query(args={"table": v.string()}, returns=v.any())
    async def rows(ctx: Any, table: str) -> Any:
        return await ctx.db.system.query(table).collect()

    @query(args={"document": v.string()}, returns=v.any())
    async def row(ctx: Any, document: str) -> Any:
        return await ctx.db.system.get(document)

    @mutation(args={"document": v.string()}, returns=v.null())
    async def delete_row(ctx: Any, document: str) -> None:
        await ctx.db.delete(document)

    @mutation(args={"file": v.id("_storage")}, returns=v.null())
    async def delete_and_fail(ctx: Any, file: str) -> None:
        await ctx.storage.delete(file)
        raise ValueError("no")

    @mutation(args={"file": v.id("_storage")}, returns=v.array(v.boolean()))
    async def delete_twice(ctx: Any, file: str) -> list[bool]:
        """Whether the file is there after a nested deletion that failed, and after one."""
        try:
            await ctx.run_mutation(api.m.delete_and_fail, file=file)
        except ValueError:
            before = await ctx.storage.get_url(file)
        await ctx.storage.delete(file)
        after = await ctx.storage.get_url(file)
        return [before is not None, after is not None]

    @mutation(args={"file": v.id("_storage")}, returns=v.array(v.number()))
    async def cost(ctx: Any, file: str) -> list[float]:
        """Documents that an address reads."""
        await ctx.storage.get_url(file)
        metrics = await ctx.meta.get_transaction_metrics()
        return [float(metrics.documents_read.used), float(metrics.database_queries.used)]


async def test_a_row_has_its_public_fields_alone(tmp_path: Path):
    async with deployed(tmp_path, Functions) as deployment:
        file = await deployment.value("m:store")

        row = await deployment.value("m:row", document=file)

        assert set(row) == {"_id", "_creationTime", "sha256", "size", "contentType"}
        assert await deployment.value("m:rows", table="_storage") == [row]


async def test_the_runtimes_own_rows_are_hidden(tmp_path: Path):
    async with deployed(tmp_path, Functions) as deployment:
        await deployment.value("m:store")
        calls = deployment.runner.calls
        root = calls.databases()[0]
        (own,) = await read(root, lambda transaction: rows_in_state(transaction, "stored", b""))
        hidden = own.document["_id"]

        assert "cannot read" in await deployment.error("m:rows", table="_files")
        assert "cannot read" in await deployment.error("m:row", document=hidden)
        assert "cannot read" in await deployment.error("m:delete_row", document=hidden)


async def test_functions_do_not_write_the_rows_of_files(tmp_path: Path):
    async with deployed(tmp_path, Functions) as deployment:
        file = await deployment.value("m:store")

        assert "only db.system reads" in await deployment.error("m:delete_row", document=file)


async def test_a_deletion_rolls_back_with_the_nested_mutation(tmp_path: Path):
    async with deployed(tmp_path, Functions) as deployment:
        file = await deployment.value("m:store")

        assert await deployment.value("m:delete_twice", file=file) == [True, False]
        assert await deployment.value("m:rows", table="_storage") == []


async def test_an_address_costs_one_read(tmp_path: Path):
    async with deployed(tmp_path, Functions) as deployment:
        file = await deployment.value("m:store")

        assert await deployment.value("m:cost", file=file) == [1, 1]
