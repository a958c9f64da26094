"""The public names of ``convexity.server``."""

from __future__ import annotations

import importlib

import convexity.server
import pytest

PUBLIC_NAMES = [
    "Args",
    "Delay",
    "TableDefinition",
    "SchemaDefinition",
    "define_table",
    "define_schema",
    "FunctionReference",
    "QueryReference",
    "MutationReference",
    "ActionReference",
    "RegisteredFunction",
    "RegisteredQuery",
    "RegisteredMutation",
    "RegisteredAction",
    "HttpAction",
    "FunctionHandle",
    "create_function_handle",
    "QueryCaller",
    "MutationCaller",
    "ActionCaller",
    "Scheduler",
    "TransactionLimits",
    "TransactionMetric",
    "TransactionMetrics",
    "ConvexityError",
    "ArgumentValidationError",
    "ReturnsValidationError",
    "SchemaValidationError",
    "DocumentNotFoundError",
    "NotUniqueError",
    "InvalidIdError",
    "InvalidCursorError",
    "TransactionLimitError",
    "RemoteFunctionError",
    "FunctionMetadata",
    "RequestMetadata",
    "QueryMeta",
    "MutationMeta",
    "ActionMeta",
    "UserIdentity",
    "Auth",
    "Storage",
    "StorageDoc",
    "ScheduledFunctions",
    "ScheduledFunctionState",
    "ScheduledFunctionsDoc",
    "StorageReader",
    "StorageWriter",
    "StorageActionWriter",
    "Blob",
    "OrderedQuery",
    "Query",
    "FilterExpression",
    "FilterBuilder",
    "PaginationOptions",
    "PaginationResult",
    "pagination_opts_validator",
    "pagination_result_validator",
    "VectorSearchResult",
    "Method",
    "HttpRouter",
    "http_router",
    "Crons",
    "cron_jobs",
    "ComponentReference",
    "ComponentDefinition",
    "define_app",
    "define_component",
    "AuthConfig",
    "AuthProvider",
    "define_auth",
    "oidc_provider",
    "custom_jwt_provider",
]
"""Section "convexity.server" of the language reference."""

FOR_STUBS = ["action_reference", "mutation_reference", "query_reference"]
"""Decorators that generated stubs import."""


def test_exactly_the_documented_names_are_public() -> None:
    assert sorted(convexity.server.__all__) == sorted(PUBLIC_NAMES + FOR_STUBS)


@pytest.mark.parametrize("name", PUBLIC_NAMES + FOR_STUBS)
def test_every_public_name_exists(name: str) -> None:
    assert hasattr(convexity.server, name)


@pytest.mark.parametrize(
    "name",
    [n for n in PUBLIC_NAMES if isinstance(getattr(convexity.server, n), type)],
)
def test_every_public_class_says_what_it_is(name: str) -> None:
    assert (getattr(convexity.server, name).__doc__ or "").strip()


def test_the_compiler_is_not_needed() -> None:
    generated = importlib.import_module("convexity.server.generated")
    for name in ("query", "mutation", "action", "http_action", "QueryCtx", "environment"):
        assert hasattr(generated, name)
