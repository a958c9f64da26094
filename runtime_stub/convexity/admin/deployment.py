"""System functions that tell of the deployment: functions, schema, addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from convexity.admin.system_functions import Deployed, SystemFunctions
from convexity.functions.names import display_path, split_path
from convexity.values.json_form import validator_to_json
from convexity.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity.database.tables import SearchIndex, Table, VectorIndex
    from convexity.functions.contexts import QueryCtx
    from convexity.functions.registry import Function
    from convexity.server.http_router import Route

FUNCTIONS: Final = SystemFunctions()

_ROUTES_MODULE: Final = "http"


@FUNCTIONS.query("_system/cli/modules:apiSpec")
async def api_spec(ctx: QueryCtx, deployed: Deployed) -> list[dict[str, Any]]:
    """Every function and route (wire-protocol 9.3): by module, in order of definition."""
    del ctx
    modules: dict[str, list[dict[str, Any]]] = {}
    for function in deployed.functions:
        modules.setdefault(split_path(function.path)[0], []).append(_described(function))
    if deployed.routes:
        modules.setdefault(_ROUTES_MODULE, []).extend(map(_described_route, deployed.routes))
    return [entry for _, entries in sorted(modules.items()) for entry in entries]


@FUNCTIONS.query("_system/frontend/getSchemas")
async def get_schemas(ctx: QueryCtx, deployed: Deployed) -> dict[str, str]:
    """The schema as JSON text; without one, nothing."""
    del ctx
    return {"active": schema_json(deployed)} if deployed.has_schema else {}


@FUNCTIONS.query("_system/cli/convexUrl:cloudUrl")
async def cloud_url(ctx: QueryCtx, deployed: Deployed) -> str:
    """Where clients reach the functions."""
    del ctx
    return deployed.cloud_url


@FUNCTIONS.query("_system/cli/convexUrl:siteUrl")
async def site_url(ctx: QueryCtx, deployed: Deployed) -> str:
    """Where HTTP actions are reached."""
    del ctx
    return deployed.site_url


@FUNCTIONS.query("_system/frontend/convexCloudUrl")
async def frontend_cloud_url(ctx: QueryCtx, deployed: Deployed) -> str:
    """Where clients reach the functions."""
    del ctx
    return deployed.cloud_url


@FUNCTIONS.query("_system/frontend/convexSiteUrl")
async def frontend_site_url(ctx: QueryCtx, deployed: Deployed) -> str:
    """Where HTTP actions are reached."""
    del ctx
    return deployed.site_url


@FUNCTIONS.query("_system/frontend/getVersion")
async def get_version(ctx: QueryCtx, deployed: Deployed) -> str:
    """The version of the server."""
    del ctx, deployed
    return VERSION


@FUNCTIONS.query("_system/frontend/components:list")
async def list_components(ctx: QueryCtx, deployed: Deployed) -> list[dict[str, Any]]:
    """The mounted components by path; the application itself is not listed."""
    del ctx
    return [
        {"id": path, "name": path.rpartition("/")[2], "path": path, "args": dict(env)}
        for path, env in sorted(deployed.components.items())
    ]


def schema_json(deployed: Deployed) -> str:
    """The schema as wire-protocol 9.4 describes it."""
    tables = sorted(deployed.schema.tables, key=lambda table: table.name)
    document = {
        "tables": [_described_table(table) for table in tables],
        "schemaValidation": deployed.schema.schema_validation,
    }
    return orjson.dumps(document).decode()


def _described(function: Function) -> dict[str, Any]:
    return {
        "identifier": display_path(function.path),
        "functionType": function.kind.capitalize(),
        "visibility": {"kind": function.visibility},
        "args": validator_to_json(function.args),
        "returns": validator_to_json(function.returns),
    }


def _described_route(route: Route) -> dict[str, Any]:
    return {"functionType": "HttpAction", "method": route.method, "path": route.pattern}


def _described_table(table: Table) -> dict[str, Any]:
    declared = [index for index in table.indexes if index.name != "by_creation_time"]
    by_stage = {
        staged: sorted(
            (
                {"indexDescriptor": index.name, "fields": [*index.fields, "_creationTime"]}
                for index in declared
                if index.staged is staged
            ),
            key=_name,
        )
        for staged in (False, True)
    }
    return {
        "tableName": table.name,
        "indexes": by_stage[False],
        "stagedDbIndexes": by_stage[True],
        "searchIndexes": _search(table.search_indexes, staged=False),
        "stagedSearchIndexes": _search(table.search_indexes, staged=True),
        "vectorIndexes": _vector(table.vector_indexes, staged=False),
        "stagedVectorIndexes": _vector(table.vector_indexes, staged=True),
        "documentType": validator_to_json(table.validator),
    }


def _search(indexes: Iterable[SearchIndex], *, staged: bool) -> list[dict[str, Any]]:
    described = (
        {
            "indexDescriptor": index.name,
            "searchField": index.search_field,
            "filterFields": sorted(index.filter_fields),
        }
        for index in indexes
        if index.staged is staged
    )
    return sorted(described, key=_name)


def _vector(indexes: Iterable[VectorIndex], *, staged: bool) -> list[dict[str, Any]]:
    described = (
        {
            "indexDescriptor": index.name,
            "vectorField": index.vector_field,
            "dimensions": index.dimensions,
            "dimension": None,
            "filterFields": sorted(index.filter_fields),
        }
        for index in indexes
        if index.staged is staged
    )
    return sorted(described, key=_name)


def _name(described: dict[str, Any]) -> str:
    return str(described["indexDescriptor"])
