"""What the shop sells."""

import typing as t

from convexity.values import ConvexError
from convexity.values import v as validate

from . import schema as tables
from ._generated import data_model
from ._generated import server as convex
from .lib.money import Amount, amount
from .types import ProductId

Product: t.TypeAlias = data_model.ProductsDoc
WarehouseId: t.TypeAlias = data_model.Id[data_model.Warehouses]

_product = tables.schema.doc("products")
_by_id = {"product": validate.id("products")}
_shelf = {**_by_id, "warehouse": validate.id("warehouses")}


async def _require(ctx: convex.QueryCtx, product: ProductId) -> Product:
    found = await ctx.db.get(product)
    if found is None:
        raise ConvexError("no such product")
    return found


@convex.query(args=_by_id, returns=_product)
async def show(ctx: convex.QueryCtx, product: ProductId) -> Product:
    """One product."""
    return await _require(ctx, product)


@convex.query(args={"sku": validate.string()}, returns=validate.nullable(_product))
async def find(ctx: convex.QueryCtx, sku: str) -> Product | None:
    """The product with a number, if there is one."""
    return await ctx.db.query("products").with_index("by_sku").eq("sku", sku.upper()).unique()


@convex.query(args={"prefix": validate.string()}, returns=validate.array(_product))
async def starting_with(ctx: convex.QueryCtx, prefix: str) -> list[Product]:
    """Products whose numbers begin with a text."""
    numbers = ctx.db.query("products").with_index("by_sku")
    return await numbers.gte("sku", prefix).lt("sku", f"{prefix}\uffff").take(25)


@convex.query(args=_by_id, returns=validate.number())
async def available(ctx: convex.QueryCtx, product: ProductId) -> float:
    """How many pieces there are in all warehouses."""
    return sum((await _require(ctx, product))["stock"].values())


@convex.query(args={}, returns=validate.array(tables.schema.doc("warehouses")))
async def warehouses(ctx: convex.QueryCtx) -> list[data_model.WarehousesDoc]:
    """Where the shop keeps its products."""
    return await ctx.db.query("warehouses").take(50)


@convex.internal_mutation(
    args={"sku": validate.string(), "price": amount}, returns=validate.id("products")
)
async def offer(ctx: convex.MutationCtx, sku: str, price: Amount) -> ProductId:
    """Add a product that no warehouse has yet."""
    same = ctx.db.query("products").with_index("by_sku").eq("sku", sku.upper())
    if await same.first() is not None:
        raise ConvexError({"code": "taken", "sku": sku})
    return await ctx.db.insert("products", {"sku": sku.upper(), "price": price, "stock": {}})


@convex.internal_mutation(args={**_by_id, "price": amount}, returns=validate.null())
async def reprice(ctx: convex.MutationCtx, product: ProductId, price: Amount) -> None:
    """Give a product another price in the same currency."""
    found = await _require(ctx, product)
    if found["price"]["currency"] != price["currency"]:
        raise ConvexError("the currency of a product stays")
    await ctx.db.patch(product, {"price": price})


@convex.internal_mutation(args={"city": validate.string()}, returns=validate.id("warehouses"))
async def open_warehouse(ctx: convex.MutationCtx, city: str) -> WarehouseId:
    """Begin to keep products in a city."""
    return await ctx.db.insert("warehouses", {"city": city})


@convex.internal_mutation(args={**_shelf, "pieces": validate.number()}, returns=validate.number())
async def restock(
    ctx: convex.MutationCtx, product: ProductId, warehouse: WarehouseId, pieces: float
) -> float:
    """Add pieces to a warehouse, or take some away; returns how many it has then."""
    found = await _require(ctx, product)
    left = found["stock"].get(warehouse, 0) + pieces
    if left < 0:
        raise ConvexError({"code": "sold_out", "missing": -left})
    await ctx.db.patch(product, {"stock": {**found["stock"], warehouse: left}})
    return left


@convex.internal_mutation(args=_by_id, returns=validate.boolean())
async def withdraw(ctx: convex.MutationCtx, product: ProductId) -> bool:
    """Stop selling a product; returns whether there was one."""
    if (found := await ctx.db.get(product)) is None:
        return False
    await ctx.db.delete(found["_id"])
    return True
