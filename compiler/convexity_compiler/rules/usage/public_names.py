"""The public names of the packages that functions import (language.md section 4).

The compiler does not import the server package; a test compares these with ``__all__``.
"""

from __future__ import annotations

from typing import Final

PUBLIC: Final[dict[str, frozenset[str]]] = {
    "convexity.server": frozenset(
        [
            "ActionCaller",
            "ActionMeta",
            "ActionReference",
            "Args",
            "ArgumentValidationError",
            "Auth",
            "AuthConfig",
            "AuthProvider",
            "Blob",
            "ComponentDefinition",
            "ComponentReference",
            "ConvexityError",
            "Crons",
            "Delay",
            "DocumentNotFoundError",
            "FilterBuilder",
            "FilterExpression",
            "FunctionHandle",
            "FunctionMetadata",
            "FunctionReference",
            "HttpAction",
            "HttpRouter",
            "InvalidCursorError",
            "InvalidIdError",
            "Method",
            "MutationCaller",
            "MutationMeta",
            "MutationReference",
            "NotUniqueError",
            "OrderedQuery",
            "PaginationOptions",
            "PaginationResult",
            "Query",
            "QueryCaller",
            "QueryMeta",
            "QueryReference",
            "RegisteredAction",
            "RegisteredFunction",
            "RegisteredMutation",
            "RegisteredQuery",
            "RemoteFunctionError",
            "RequestMetadata",
            "ReturnsValidationError",
            "ScheduledFunctionState",
            "ScheduledFunctions",
            "ScheduledFunctionsDoc",
            "Scheduler",
            "SchemaDefinition",
            "SchemaValidationError",
            "Storage",
            "StorageActionWriter",
            "StorageDoc",
            "StorageReader",
            "StorageWriter",
            "TableDefinition",
            "TransactionLimitError",
            "TransactionLimits",
            "TransactionMetric",
            "TransactionMetrics",
            "UserIdentity",
            "VectorSearchResult",
            "action_reference",
            "create_function_handle",
            "cron_jobs",
            "custom_jwt_provider",
            "define_app",
            "define_auth",
            "define_component",
            "define_schema",
            "define_table",
            "http_router",
            "mutation_reference",
            "oidc_provider",
            "pagination_opts_validator",
            "pagination_result_validator",
            "query_reference",
        ]
    ),
    "convexity.values": frozenset(
        [
            "ArrayValidator",
            "ConvexError",
            "Fields",
            "Id",
            "IdValidator",
            "Int64",
            "LiteralValidator",
            "ObjectValidator",
            "OptionalValidator",
            "RecordValidator",
            "Table",
            "UNSET",
            "UnionValidator",
            "Unset",
            "ValidationError",
            "Validator",
            "Value",
            "from_millis",
            "to_millis",
            "v",
        ]
    ),
}
"""Names by module."""
GENERATED: Final = frozenset(
    {"query", "mutation", "action", "internal_query", "internal_mutation", "internal_action"}
    | {"http_action", "QueryCtx", "MutationCtx", "ActionCtx", "DatabaseReader", "DatabaseWriter"}
    | {"env"}
)
"""Names that each project has in its own ``_generated.server``."""
