"""The public names of the server side; user code and generated code import them from here."""

from convexity.auth.identity import UserIdentity
from convexity.auth.providers import (
    AuthConfig,
    AuthProvider,
    custom_jwt_provider,
    define_auth,
    oidc_provider,
)
from convexity.database.filters import FilterBuilder, FilterExpression
from convexity.database.limits import TransactionLimits, TransactionMetric, TransactionMetrics
from convexity.database.pagination import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.database.query import OrderedQuery, Query
from convexity.database.system_tables import (
    ScheduledFunctions,
    ScheduledFunctionsDoc,
    ScheduledFunctionState,
    Storage,
    StorageDoc,
)
from convexity.errors import (
    ArgumentValidationError,
    ConvexityError,
    DocumentNotFoundError,
    InvalidCursorError,
    InvalidIdError,
    NotUniqueError,
    RemoteFunctionError,
    ReturnsValidationError,
    SchemaValidationError,
    TransactionLimitError,
)
from convexity.functions.auth import Auth
from convexity.functions.callers import ActionCaller, MutationCaller, QueryCaller
from convexity.functions.handles import FunctionHandle, create_function_handle
from convexity.functions.meta import (
    ActionMeta,
    FunctionMetadata,
    MutationMeta,
    QueryMeta,
    RequestMetadata,
)
from convexity.functions.references import (
    ActionReference,
    ComponentReference,
    FunctionReference,
    MutationReference,
    QueryReference,
    action_reference,
    mutation_reference,
    query_reference,
)
from convexity.functions.registration import (
    Args,
    HttpAction,
    RegisteredAction,
    RegisteredFunction,
    RegisteredMutation,
    RegisteredQuery,
)
from convexity.functions.scheduling import Delay, Scheduler
from convexity.functions.storage import (
    Blob,
    StorageActionWriter,
    StorageReader,
    StorageWriter,
)
from convexity.server.components import ComponentDefinition, define_app, define_component
from convexity.server.cron_jobs import Crons, cron_jobs
from convexity.server.http_router import HttpRouter, Method, http_router
from convexity.server.schema import (
    SchemaDefinition,
    TableDefinition,
    define_schema,
    define_table,
)
from convexity.server.vector_search import VectorSearchResult

__all__ = [
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
